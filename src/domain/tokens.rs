//! What a sign-in yields.

use contract::{DAY_MILLIS, Timestamp};

use super::secret::Secret;

/// A bearer token that is good for less is either over or comes from a clock that is wrong.
const SHORTEST_LIFE: i64 = 10_000;

/// A bearer token that is good for more than a day comes from a clock that is wrong, too.
const LONGEST_LIFE: i64 = DAY_MILLIS;

/// The bearer token of a session and the means to renew it.
#[derive(Debug, PartialEq, Eq)]
pub struct Tokens {
    /// Sent with every call as a bearer token (RFC 6750).
    pub access: Secret,
    /// How long the bearer token is good for, in milliseconds from the moment it came; `None` if
    /// the API did not say it in a way that can be believed. A hint: the API's 401 is the truth.
    pub life_millis: Option<u64>,
    /// Exchanged for new tokens, and revoked at sign-out; `None` if the API gave none.
    pub refresh: Option<Secret>,
}

/// Whether a text can be sent as a bearer token: visible ASCII, as RFC 6750 has it and more
/// widely. Anything else would make the browser refuse the header.
pub fn is_sendable(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}

/// How long a token is good for that came at `now` and ends at `expires_at`, in milliseconds.
/// `None` unless it can be believed: from ten seconds to a day.
pub fn believable_life(expires_at: Timestamp, now: Timestamp) -> Option<u64> {
    let life = expires_at.unix_millis().saturating_sub(now.unix_millis());
    (SHORTEST_LIFE..=LONGEST_LIFE).contains(&life).then_some(life.unsigned_abs())
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

    #[test]
    fn only_a_believable_life_is_believed() {
        let now = Timestamp::from_unix_seconds(1_795_456_101);
        let life = |millis: i64| {
            let end = now.unix_millis().saturating_add(millis);
            believable_life(Timestamp::from_unix_millis(end), now)
        };
        assert_eq!(life(10_000), Some(10_000));
        assert_eq!(life(86_400_000), Some(86_400_000));
        for odd in [9_999, 0, -600_000, 86_400_001, i64::MAX, i64::MIN] {
            assert_eq!(life(odd), None, "{odd}");
        }
        let first = Timestamp::from_unix_millis(i64::MIN);
        assert_eq!(believable_life(Timestamp::from_unix_millis(i64::MAX), first), None);
    }
}
