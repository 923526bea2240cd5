//! The four operations on a user's API keys.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use contract::{
    ApiKeyUsageResponse, HiddenApiKeyResponse, NameFault, VisibleApiKeyResponse, check_name,
};
use uuid::Uuid;

use crate::bearer::Caller;
use crate::body::{JsonBody, body_fault, fault};
use crate::error::ApiError;
use crate::idempotency::{IdempotencyKey, expiry};
use crate::secret::ApiKey;
use crate::server::App;
use crate::store::{KeyRow, Remembered};
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

/// `create_key_keys_put`: `PUT /keys/`. With an `Idempotency-Key` it may be repeated.
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    Caller { user }: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiError> {
    let idempotency_key = IdempotencyKey::presented(&headers)?;
    let fields = JsonBody::parse(&headers, &body)?;
    let name = check_name(fields.string("name")?).map_err(name_fault)?.to_owned();
    let (uuid, key, clock) = (Uuid::new_v4(), ApiKey::random()?, app.clock.clone());
    let answer = VisibleApiKeyResponse { uuid: uuid.to_string(), api_key: key.expose().to_owned() };
    let Some(idempotency_key) = idempotency_key else {
        app.write(move |records| records.add_key(user, uuid, &name, &key, clock.now())).await?;
        return Ok(Json(answer).into_response());
    };

    // Kept to the end of this function, which is after the commit.
    let digest = idempotency_key.digest();
    let _running = app.running.begin(user, digest).ok_or(ApiError::StillRunning)?;
    let answer = serde_json::to_vec(&answer)
        .map_err(|error| ApiError::internal(format!("an answer is no JSON: {error}")))?;
    let sealed = idempotency_key.seal(user, &body, &answer)?;
    let earlier = app.write(move |records| {
        let now = clock.now();
        let earlier = records.remembered(user, digest, now)?;
        if earlier.is_none() {
            let key = records.add_key(user, uuid, &name, &key, now)?;
            records.remember(user, digest, key, &sealed, now, expiry(now))?;
        }
        Ok(earlier)
    });
    let answer = match earlier.await? {
        None => answer,
        Some(Remembered::Answer(sealed)) => idempotency_key.open(user, &body, &sealed)?,
        Some(Remembered::Deleted) => return Err(ApiError::MadeAndDeleted),
    };
    Ok(([(header::CONTENT_TYPE, "application/json")], answer).into_response())
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
