//! From an answer's status and body to a value or an [`ApiError`]: pure, and the only reader of
//! the wire types.
//!
//! Architecture Invariant: a body that is not understood is dropped, never quoted: it may echo
//! what was sent (FastAPI's `input` does) or be a page of somebody else.

use contract::{
    AccessAndRefreshTokenResponse, ApiKeyUsageResponse, ErrorDetail, ErrorResponse,
    HiddenApiKeyResponse, LocationPart, ValidationError, VisibleApiKeyResponse,
};
use serde::de::{DeserializeOwned, IgnoredAny};

use super::error::{ApiError, FieldError};
use crate::domain::key::{ApiKey, CreatedKey, KeyId, KeyName, newest_first};
use crate::domain::secret::Secret;
use crate::domain::tokens::{Tokens, is_sendable};
use crate::domain::usage::Usage;

/// The tokens of a sign-in.
pub fn tokens(status: u16, body: &[u8]) -> Result<Tokens, ApiError> {
    let AccessAndRefreshTokenResponse {
        token_type: _,
        access_token,
        expires_at,
        refresh_token,
        refresh_token_expires_at,
    } = success(status, body)?;
    if !is_sendable(&access_token) {
        return Err(ApiError::NotAKeyApi);
    }
    Ok(Tokens {
        access: Secret::new(access_token),
        access_expires_at: expires_at.instant(),
        refresh: Secret::new(refresh_token),
        refresh_expires_at: refresh_token_expires_at.instant(),
    })
}

/// The list of keys, newest first.
pub fn keys(status: u16, body: &[u8]) -> Result<Vec<ApiKey>, ApiError> {
    let rows: Vec<HiddenApiKeyResponse> = success(status, body).map_err(nothing_to_be_missed)?;
    rows.into_iter().map(api_key).collect::<Result<_, _>>().map(newest_first)
}

/// The new key, which was asked for under `name`.
pub fn created_key(status: u16, body: &[u8], name: KeyName) -> Result<CreatedKey, ApiError> {
    let VisibleApiKeyResponse { uuid, api_key } =
        success(status, body).map_err(nothing_to_be_missed)?;
    if api_key.is_empty() {
        return Err(ApiError::NotAKeyApi);
    }
    Ok(CreatedKey { id: uuid.parse().ok(), name, secret: Secret::new(api_key) })
}

/// The usage of a key.
pub fn usage(status: u16, body: &[u8]) -> Result<Usage, ApiError> {
    success::<ApiKeyUsageResponse>(status, body).map(Usage::from)
}

/// An answer whose body says nothing more than that it worked.
pub fn done(status: u16, body: &[u8]) -> Result<(), ApiError> {
    match status {
        204 => Ok(()),
        _ => success::<IgnoredAny>(status, body).map(|_| ()),
    }
}

fn success<T: DeserializeOwned>(status: u16, body: &[u8]) -> Result<T, ApiError> {
    match status {
        200..300 => serde_json::from_slice(body).map_err(|_| ApiError::NotAKeyApi),
        _ => Err(failure(status, body)),
    }
}

fn failure(status: u16, body: &[u8]) -> ApiError {
    match status {
        401 => ApiError::Unauthorized,
        429 => ApiError::TooManyRequests,
        400..500 => match serde_json::from_slice::<ErrorResponse>(body) {
            // A proxy's page, a static host that takes no POST: not a word of a Key API.
            Err(_) => ApiError::NotAKeyApi,
            Ok(_) if status == 404 => ApiError::NotFound,
            Ok(ErrorResponse { detail: Some(ErrorDetail::Fields(faults)) }) => {
                ApiError::Invalid(faults.into_iter().map(field_error).collect())
            }
            Ok(ErrorResponse { detail: Some(ErrorDetail::Text(sentence)) }) => {
                ApiError::Refused(Some(sentence))
            }
            Ok(ErrorResponse { detail: None }) => ApiError::Refused(None),
        },
        500.. => ApiError::Server(status),
        // Redirects are not followed and 1xx never reaches a page: neither is a Key API's answer.
        ..400 => ApiError::NotAKeyApi,
    }
}

/// 404 where no single key was asked for means that the operation itself is not there.
fn nothing_to_be_missed(error: ApiError) -> ApiError {
    match error {
        ApiError::NotFound => ApiError::NotAKeyApi,
        error => error,
    }
}

fn field_error(fault: ValidationError) -> FieldError {
    let field = fault.loc.into_iter().rev().find_map(|part| match part {
        LocationPart::Field(name) => Some(name),
        LocationPart::Index(_) => None,
    });
    FieldError { field: field.unwrap_or_default(), message: fault.msg }
}

fn api_key(row: HiddenApiKeyResponse) -> Result<ApiKey, ApiError> {
    Ok(ApiKey {
        id: key_id(&row.uuid)?,
        name: row.name,
        masked: row.api_key,
        created: row.created,
        // The documents require a `last_used` of every key, so one that was never used repeats
        // the time it was made.
        last_used: row.last_used.filter(|at| *at != row.created),
    })
}

fn key_id(text: &str) -> Result<KeyId, ApiError> {
    text.parse().map_err(|_| ApiError::NotAKeyApi)
}

// Property tests draw random numbers, which their library cannot do in a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    const KEYS: &[u8] = include_bytes!("../../contract/fixtures/hidden_api_keys.json");
    const TOKENS: &[u8] = include_bytes!("../../contract/fixtures/access_and_refresh_token.json");
    const CREATED: &[u8] = include_bytes!("../../contract/fixtures/visible_api_key.json");
    const USAGE: &[u8] = include_bytes!("../../contract/fixtures/api_key_usage.json");
    const ECHO: &[u8] = include_bytes!("../../contract/fixtures/validation_error_with_input.json");

    #[test]
    fn the_documented_answers_become_values() {
        let keys = keys(200, KEYS).expect("a list");
        assert_eq!(keys[0].name, "Never used");
        assert_eq!(keys[0].last_used, None, "equal to created means never");
        assert!(keys[1].last_used.is_some());

        let tokens = tokens(200, TOKENS).expect("tokens");
        assert_eq!(tokens.access.reveal(), "access-token-of-the-fixture");

        let name = KeyName::parse("ci-bot").expect("a name");
        let created = created_key(200, CREATED, name).expect("a key");
        assert!(created.secret.reveal().starts_with("occ_TheWhole"));
        assert_eq!(created.name.as_str(), "ci-bot");

        assert_eq!(usage(200, USAGE).expect("usage").completed, 1284);
        assert_eq!(done(200, b"{}"), Ok(()));
        assert_eq!(done(204, b""), Ok(()));
    }

    #[test]
    fn each_failure_says_what_it_means() {
        let read = |status, body: &str| keys(status, body.as_bytes()).expect_err("a failure");
        let html = "<!doctype html><title>Sign in to the airport</title>";
        assert_eq!(read(200, html), ApiError::NotAKeyApi);
        assert_eq!(read(200, ""), ApiError::NotAKeyApi);
        assert_eq!(read(200, r#"{"keys": []}"#), ApiError::NotAKeyApi);
        assert_eq!(read(307, ""), ApiError::NotAKeyApi);
        assert_eq!(read(401, r#"{"detail": "Not authenticated"}"#), ApiError::Unauthorized);
        assert_eq!(read(401, html), ApiError::Unauthorized);
        assert_eq!(read(404, html), ApiError::NotAKeyApi);
        assert_eq!(read(404, r#"{"detail": "Not Found"}"#), ApiError::NotAKeyApi);
        assert_eq!(done(404, br#"{"detail": "API key not found"}"#), Err(ApiError::NotFound));
        assert_eq!(done(404, html.as_bytes()), Err(ApiError::NotAKeyApi));
        assert_eq!(read(405, html), ApiError::NotAKeyApi);
        assert_eq!(read(429, html), ApiError::TooManyRequests);
        assert_eq!(read(503, html), ApiError::Server(503));
        assert_eq!(read(403, html), ApiError::NotAKeyApi);
        assert_eq!(
            read(400, r#"{"detail": "Invalid email or password"}"#),
            ApiError::Refused(Some("Invalid email or password".to_owned())),
        );
        assert_eq!(read(422, r#"{"detail": "no"}"#), ApiError::Refused(Some("no".to_owned())));
        assert_eq!(read(422, "{}"), ApiError::Refused(None));
    }

    #[test]
    fn a_422_is_said_at_its_field_and_never_echoes_what_was_sent() {
        let error = tokens(422, ECHO).expect_err("a failure");
        assert_eq!(error.about_field("username"), Some("Field required"));
        assert_eq!(error.about_field("password"), None);
        assert!(!format!("{error:?}").contains("correct horse"));
    }

    #[test]
    fn a_secret_is_kept_whatever_the_key_is_called_and_no_secret_is_no_key() {
        let read = |body: &str| {
            let name = KeyName::parse("n").expect("a name");
            created_key(200, body.as_bytes(), name)
        };
        let odd = read(r#"{"uuid": "key_123", "api_key": "occ_x"}"#).expect("a key");
        assert_eq!((odd.id, odd.secret.reveal()), (None, "occ_x"));
        assert_eq!(read(r#"{"uuid": "u", "api_key": ""}"#), Err(ApiError::NotAKeyApi));
    }

    #[test]
    fn a_token_that_cannot_be_sent_is_no_token() {
        let tokens_body = String::from_utf8_lossy(TOKENS).replace("access-token-of", "tök€n of");
        assert_eq!(tokens(200, tokens_body.as_bytes()), Err(ApiError::NotAKeyApi));
    }

    proptest::proptest! {
        #[test]
        fn no_body_makes_it_panic(status in 100_u16..1000, body: Vec<u8>) {
            let _ = keys(status, &body);
            let _ = usage(status, &body);
            let _ = tokens(status, &body);
            let _ = done(status, &body);
        }
    }
}
