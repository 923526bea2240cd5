//! What a sign-in yields.

use contract::Timestamp;

use super::secret::Secret;

/// The bearer token of a session and the means to renew it.
#[derive(Debug, PartialEq, Eq)]
pub struct Tokens {
    /// Sent with every call as a bearer token (RFC 6750).
    pub access: Secret,
    /// When the bearer token stops working, by the server's clock.
    pub access_expires_at: Timestamp,
    /// Exchanged for new tokens, and revoked at sign-out.
    pub refresh: Secret,
    /// When the refresh token stops working, by the server's clock.
    pub refresh_expires_at: Timestamp,
}
