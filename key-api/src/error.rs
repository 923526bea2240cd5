//! Every answer that is not a success: a status and `{"detail": …}`.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use contract::{ErrorDetail, ErrorResponse, ValidationError};

use crate::store::StoreError;

/// Why a request is not answered as it asked.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// 400: well formed, and wrong.
    BadRequest(&'static str),
    /// 401: no bearer token at all.
    NotAuthenticated,
    /// 401: a bearer token that is unknown, expired or revoked.
    InvalidToken,
    /// 403: a page of some other site sent it.
    CrossOrigin,
    /// 404: there is no such thing, or it is somebody else's.
    NotFound(&'static str),
    /// 405: the path does not know the method.
    MethodNotAllowed,
    /// 408: the body did not come.
    BodyTimeout,
    /// 409: an earlier request with the same idempotency key is not answered yet.
    StillRunning,
    /// 409: what an earlier request with the same idempotency key made is gone.
    MadeAndDeleted,
    /// 413: the body is too large.
    BodyTooLarge,
    /// 421: the request is for a host that this server does not speak for.
    Misdirected,
    /// 422: the request does not validate.
    Invalid(Vec<ValidationError>),
    /// 429: too many passwords were guessed. The next one may be tried after this time.
    TooManyAttempts(Duration),
    /// 500, 503 or 507: the fault is here. The reason goes to the log, not to the client.
    Server(StatusCode, String),
    /// 503: the database can be read or written no more, and no waiting will change that.
    Unusable(String),
}

/// Why the server failed, riding on the response to the log.
#[derive(Clone, Debug)]
pub(crate) struct Reason(pub(crate) String);

impl ApiError {
    pub(crate) fn internal(reason: impl Into<String>) -> Self {
        Self::Server(StatusCode::INTERNAL_SERVER_ERROR, reason.into())
    }

    pub(crate) fn unavailable(reason: impl Into<String>) -> Self {
        Self::Server(StatusCode::SERVICE_UNAVAILABLE, reason.into())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::NotAuthenticated | Self::InvalidToken => StatusCode::UNAUTHORIZED,
            Self::CrossOrigin => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::StillRunning | Self::MadeAndDeleted => StatusCode::CONFLICT,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyAttempts(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Server(status, _) => *status,
            Self::Unusable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::BadRequest(text) | Self::NotFound(text) => text,
            Self::NotAuthenticated => "Not authenticated",
            Self::InvalidToken => "Invalid or expired access token",
            Self::CrossOrigin => "Requests from pages of other origins are not allowed",
            Self::MethodNotAllowed => "Method Not Allowed",
            Self::BodyTimeout => "The request body did not arrive in time",
            Self::StillRunning => {
                "An earlier request with this Idempotency-Key is not answered yet, repeat it later"
            }
            Self::MadeAndDeleted => {
                "The API key that was made with this Idempotency-Key is deleted, send a new \
                 Idempotency-Key to make another one"
            }
            Self::BodyTooLarge => "The request body is larger than 64 KiB",
            Self::Misdirected => "This server does not answer for the requested host",
            Self::Invalid(_) => "The request does not validate",
            Self::TooManyAttempts(_) => "Too many attempts to sign in, try again later",
            Self::Server(StatusCode::SERVICE_UNAVAILABLE, _) => {
                "The server is busy, try again later"
            }
            Self::Server(StatusCode::INSUFFICIENT_STORAGE, _) => {
                "The server has no space left to store this"
            }
            Self::Server(..) => "Internal Server Error",
            Self::Unusable(_) => "The server cannot use its database",
        }
    }

    /// How many seconds to wait before the request is repeated, if that may help.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::StillRunning | Self::Server(StatusCode::SERVICE_UNAVAILABLE, _) => Some(1),
            // Rounded up: a client that comes too early waits once more.
            Self::TooManyAttempts(wait) => Some((wait.as_millis().div_ceil(1000) as u64).max(1)),
            _ => None,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, text, retry_after) = (self.status(), self.text(), self.retry_after());
        let challenge = match self {
            // A scheme comes with a parameter at least (RFC 6750, section 3); whoever sent no token
            // at all is not told of an error (section 3.1).
            Self::NotAuthenticated => Some("Bearer realm=\"Key API\""),
            Self::InvalidToken => Some("Bearer realm=\"Key API\", error=\"invalid_token\""),
            _ => None,
        };
        let (body, reason) = match self {
            Self::Invalid(faults) => {
                (ErrorResponse { detail: Some(ErrorDetail::Fields(faults)) }, None)
            }
            Self::Server(_, reason) | Self::Unusable(reason) => {
                (ErrorResponse::text(text), Some(reason))
            }
            _ => (ErrorResponse::text(text), None),
        };
        let mut response = (status, Json(body)).into_response();
        if let Some(challenge) = challenge {
            let challenge = HeaderValue::from_static(challenge);
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(reason) = reason {
            response.extensions_mut().insert(Reason(reason));
        }
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let status = match error {
            StoreError::Busy => StatusCode::SERVICE_UNAVAILABLE,
            StoreError::Full => StatusCode::INSUFFICIENT_STORAGE,
            StoreError::Unusable(_) => return Self::Unusable(error.to_string()),
            StoreError::Other(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::Server(status, error.to_string())
    }
}

impl From<getrandom::Error> for ApiError {
    fn from(error: getrandom::Error) -> Self {
        Self::internal(format!("no random numbers: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_of_the_database_has_the_status_of_its_kind() {
        let sqlite = || rusqlite::Error::InvalidQuery;
        for (error, status, retry_after) in [
            (StoreError::Busy, 503, Some("1")),
            (StoreError::Full, 507, None),
            (StoreError::Unusable(sqlite()), 503, None),
            (StoreError::Other(sqlite()), 500, None),
        ] {
            let response = ApiError::from(error).into_response();
            assert_eq!(response.status().as_u16(), status);
            let sent = response.headers().get(header::RETRY_AFTER).map(HeaderValue::to_str);
            assert_eq!(sent.transpose().expect("a number"), retry_after, "{status}");
            assert!(response.extensions().get::<Reason>().is_some(), "the log has the reason");
        }
    }

    #[test]
    fn the_time_to_wait_is_in_whole_seconds_and_never_too_short() {
        for (millis, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (300_000, 300)] {
            let wait = Duration::from_millis(millis);
            assert_eq!(ApiError::TooManyAttempts(wait).retry_after(), Some(seconds), "{millis}");
        }
    }
}
