//! The four operations on a user's API keys.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use contract::{
    ApiKeyUsageResponse, HiddenApiKeyResponse, NameFault, VisibleApiKeyResponse, check_name,
};
use uuid::Uuid;

use crate::bearer::Caller;
use crate::body::{JsonBody, body_fault, fault};
use crate::error::ApiError;
use crate::secret::ApiKey;
use crate::server::App;
use crate::store::KeyRow;
use crate::usage;

const NO_SUCH_KEY: ApiError = ApiError::NotFound("API key not found");

/// `list_keys_keys_get`: `GET /keys/`.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Json<Vec<HiddenApiKeyResponse>>, ApiError> {
    let keys = app.read(move |records| records.keys(caller.user)).await?;
    Ok(Json(keys.into_iter().map(hidden).collect()))
}

/// `create_key_keys_put`: `PUT /keys/`.
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<VisibleApiKeyResponse>, ApiError> {
    let body = JsonBody::parse(&headers, &body)?;
    let name = check_name(body.string("name")?).map_err(name_fault)?.to_owned();
    let (uuid, key, now) = (Uuid::new_v4(), ApiKey::random()?, app.clock.now());
    app.write(move |records| {
        records.add_key(caller.user, uuid, &name, &key, now)?;
        let api_key = key.expose().to_owned();
        Ok(Json(VisibleApiKeyResponse { uuid: uuid.to_string(), api_key }))
    })
    .await
}

/// `delete_key_keys_uuid_delete`: `DELETE /keys/{uuid}`. The key and all tokens made from it
/// stop working at once.
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    uuid: Result<Path<String>, PathRejection>,
) -> Result<Json<serde_json::Value>, ApiError> {
    let uuid = parse_uuid(uuid)?;
    let deleted = app.write(move |records| records.delete_key(caller.user, uuid)).await?;
    if deleted { Ok(Json(serde_json::json!({}))) } else { Err(NO_SUCH_KEY) }
}

/// `get_key_usage_keys_uuid_usage_get`: `GET /keys/{uuid}/usage`.
pub(crate) async fn usage(
    State(app): State<Arc<App>>,
    caller: Caller,
    uuid: Result<Path<String>, PathRejection>,
) -> Result<Json<ApiKeyUsageResponse>, ApiError> {
    let uuid = parse_uuid(uuid)?;
    let now = app.clock.now();
    let kept = app.read(move |records| records.key_usage(caller.user, uuid, now)).await?;
    let kept = kept.ok_or(NO_SUCH_KEY)?;
    Ok(Json(usage::summary(&kept, app.daily_quota, now)))
}

fn hidden(key: KeyRow) -> HiddenApiKeyResponse {
    HiddenApiKeyResponse {
        uuid: key.uuid.to_string(),
        name: key.name,
        api_key: format!("{}…{}", key.prefix, key.last_four),
        created: key.created,
        // The documents require a datetime here: a key that was never used has its creation's.
        last_used: Some(key.last_used.unwrap_or(key.created)),
    }
}

fn name_fault(fault: NameFault) -> ApiError {
    let kind = match fault {
        NameFault::Empty => "string_too_short",
        NameFault::TooLong => "string_too_long",
        NameFault::ControlCharacter => "value_error",
    };
    body_fault("name", kind, &fault.to_string())
}

fn parse_uuid(path: Result<Path<String>, PathRejection>) -> Result<Uuid, ApiError> {
    path.ok().and_then(|Path(text)| Uuid::try_parse(&text).ok()).ok_or_else(|| {
        fault(&["path".into(), "uuid".into()], "uuid_parsing", "Input should be a valid UUID")
    })
}
