//! Bearer tokens (RFC 6750): who calls, and the metering of calls that an API key made.
//!
//! Both happen here, around every operation and every file, so that none can forget either of them
//! and a request that fails for its body or its path is still counted. What the guards turn away
//! before that (a request for another host, from a page of another origin, a preflight) is nobody's
//! request.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::{ApiError, Reason};
use crate::guard::BodyFault;
use crate::secret::Token;
use crate::server::App;
use crate::store::{DayUsage, KeyId, Origin, UserId};

/// Who makes a request, as the bearer token says. An operation that takes one as an argument is
/// answered with 401 if there is none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    pub(crate) user: UserId,
}

/// What the `Authorization` header of a request turned out to be.
#[derive(Clone, Copy, Debug)]
enum Authorization {
    Missing,
    Invalid,
    Valid(Caller),
}

/// Resolves the bearer token, runs the request, and counts it if the token came from a key.
pub(crate) async fn resolve_and_meter(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let (authorization, key) = match presented(request.headers()) {
        None => (Authorization::Missing, None),
        Some(token) => resolve(&app, &token).await?,
    };
    request.extensions_mut().insert(authorization);
    let mut response = match request.extensions().get::<BodyFault>() {
        Some(fault) => ApiError::from(*fault).into_response(),
        None => next.run(request).await,
    };
    let success = response.status().as_u16() < 400;
    if let Some(key) = key {
        // The operation is done and committed, so a failure to count it is not the caller's.
        if let Err(error) = meter(&app, key, success).await {
            let reason = error.into_response().extensions_mut().remove::<Reason>();
            response.extensions_mut().insert(Reason(format!(
                "not metered: {}",
                reason.map_or_else(String::new, |Reason(reason)| reason)
            )));
        }
    }
    Ok(response)
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        match parts.extensions.get() {
            Some(Authorization::Valid(caller)) => Ok(*caller),
            Some(Authorization::Invalid) => Err(ApiError::InvalidToken),
            Some(Authorization::Missing) | None => Err(ApiError::NotAuthenticated),
        }
    }
}

async fn resolve(app: &App, token: &Token) -> Result<(Authorization, Option<KeyId>), ApiError> {
    let digest = token.digest();
    let token = app.read(move |records| records.access_token(digest)).await?;
    Ok(match token {
        Some(token) if app.clock.now() < token.expires => {
            let key = match token.origin {
                Origin::Key(key) => Some(key),
                Origin::Session(_) => None,
            };
            (Authorization::Valid(Caller { user: token.user }), key)
        }
        _ => (Authorization::Invalid, None),
    })
}

async fn meter(app: &App, key: KeyId, success: bool) -> Result<(), ApiError> {
    let usage = one_request(app, success);
    app.write(move |records| records.add_usage(key, &usage)).await
}

/// One request at this moment.
pub(crate) fn one_request(app: &App, success: bool) -> DayUsage {
    DayUsage { last: app.clock.now(), successful: success.into(), failed: (!success).into() }
}

/// The token of an `Authorization: Bearer …` header. Another scheme is none at all.
fn presented(headers: &HeaderMap) -> Option<Token> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Token::presented(token.trim()))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_a_bearer_scheme_presents_a_token() {
        let token = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, HeaderValue::from_static(value));
            presented(&headers).map(|token| token.expose().to_owned())
        };
        assert_eq!(token("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(token("bearer  abc").as_deref(), Some("abc"));
        assert_eq!(token("Basic abc"), None);
        assert_eq!(token("Bearer"), None);
        assert_eq!(token(""), None);
    }
}
