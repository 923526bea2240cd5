//! The site itself, as opposed to the Key API.

use web_sys::AbortSignal;

use super::exchange::request_as;

/// How long the site may take to answer, in milliseconds.
const DEADLINE: u32 = 3_000;

/// Whether the server of this page answers, so that the page can be loaded anew.
pub async fn answers() -> bool {
    let how = [
        ("method", "HEAD".into()),
        ("cache", "no-store".into()),
        ("signal", AbortSignal::timeout_with_u32(DEADLINE).into()),
    ];
    match request_as("", &how) {
        Ok(request) => request.send().await.is_ok_and(|answer| answer.ok()),
        Err(_) => false,
    }
}
