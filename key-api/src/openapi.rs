//! The API's description of itself.

use axum::http::header;
use axum::response::{IntoResponse, Response};

/// The OpenAPI document, as JSON.
pub const DOCUMENT: &str = include_str!("openapi.json");

/// `GET /openapi.json`.
pub(crate) async fn answer() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}
