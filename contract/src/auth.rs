use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Answer of `auth_token_from_key`: a bearer token that acts with an API key's rights.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTokenResponse {
    /// How the token is to be presented; "Bearer" if the server does not say (RFC 6750).
    #[serde(default = "bearer")]
    pub token_type: String,
    /// The bearer token. A credential: never shown, logged or put into a URL.
    pub access_token: String,
    /// When the token stops working.
    pub expires_at: ExpiresAt,
}

/// Answer of `auth_login` and `auth_refresh`: a bearer token and the means to renew it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessAndRefreshTokenResponse {
    /// How the token is to be presented; "Bearer" if the server does not say (RFC 6750).
    #[serde(default = "bearer")]
    pub token_type: String,
    /// The bearer token. A credential: never shown, logged or put into a URL.
    pub access_token: String,
    /// When the bearer token stops working.
    pub expires_at: ExpiresAt,
    /// Exchanged for a new pair by `auth_refresh`. A credential, good for one use.
    pub refresh_token: String,
    /// When the refresh token stops working.
    pub refresh_token_expires_at: ExpiresAt,
}

/// Body of `auth_refresh`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshTokenRequest {
    /// The refresh token of the last answer.
    pub refresh_token: String,
}

/// An expiry in Unix time. Written in seconds; read in seconds or milliseconds, which the
/// documents leave open and the size tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExpiresAt(pub i64);

impl ExpiresAt {
    /// From this number on it counts milliseconds: as seconds it would be the year 5138, as
    /// milliseconds it is 1973.
    const FIRST_MILLIS: i64 = 100_000_000_000;

    /// The instant this expiry names.
    pub const fn instant(self) -> Timestamp {
        if self.0 >= Self::FIRST_MILLIS {
            Timestamp::from_unix_millis(self.0)
        } else {
            Timestamp::from_unix_seconds(self.0)
        }
    }
}

impl From<Timestamp> for ExpiresAt {
    fn from(instant: Timestamp) -> Self {
        Self(instant.unix_seconds())
    }
}

impl fmt::Debug for AccessTokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessTokenResponse")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for AccessAndRefreshTokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessAndRefreshTokenResponse")
            .field("expires_at", &self.expires_at)
            .field("refresh_token_expires_at", &self.refresh_token_expires_at)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for RefreshTokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshTokenRequest").finish_non_exhaustive()
    }
}

fn bearer() -> String {
    "Bearer".to_owned()
}
