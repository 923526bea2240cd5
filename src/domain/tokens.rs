//! What a sign-in yields.

use contract::Timestamp;

use super::secret::Secret;

/// Whether a text can be sent as a bearer token: visible ASCII, as RFC 6750 has it and more
/// widely. Anything else would make the browser refuse the header.
pub fn is_sendable(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_no_header_takes_is_none() {
        assert!(is_sendable("eyJhbGciOiJIUzI1NiJ9.e30.-_~+/="));
        for token in ["", "with space", "line\nbreak", "tök€n"] {
            assert!(!is_sendable(token), "{token:?}");
        }
    }
}
