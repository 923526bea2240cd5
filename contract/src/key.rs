use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The most characters (Unicode scalar values) a key's name may have after trimming.
pub const NAME_MAX_CHARS: usize = 100;

/// Body of `create_key_keys_put`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutApiKeyRequest {
    /// What the user calls the key. Not unique: the uuid is the identity.
    pub name: String,
}

/// Answer of `create_key_keys_put`: the only place the whole secret ever appears. It holds no
/// name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisibleApiKeyResponse {
    /// The new key's identity.
    pub uuid: String,
    /// The whole secret. A credential: shown once and never kept.
    pub api_key: String,
}

/// One row of `list_keys_keys_get`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HiddenApiKeyResponse {
    /// The key's identity.
    pub uuid: String,
    /// What the user called the key.
    pub name: String,
    /// The masked key, to be shown as it came.
    pub api_key: String,
    /// When the key was made.
    pub created: Timestamp,
    /// When the key was last used. The documents require it and say nothing of a key that was
    /// never used: null, missing, or equal to `created` all mean never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<Timestamp>,
}

/// Why a text cannot be a key's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameFault {
    /// Nothing is left after trimming.
    Empty,
    /// More than [`NAME_MAX_CHARS`] characters after trimming.
    TooLong,
    /// It holds a control character (Unicode category Cc).
    ControlCharacter,
}

/// The name as it is kept: `text` without white space at its ends.
///
/// # Errors
/// The [`NameFault`] that forbids it.
pub fn check_name(text: &str) -> Result<&str, NameFault> {
    let name = text.trim();
    if name.is_empty() {
        return Err(NameFault::Empty);
    }
    if name.chars().any(char::is_control) {
        return Err(NameFault::ControlCharacter);
    }
    if name.chars().count() > NAME_MAX_CHARS {
        return Err(NameFault::TooLong);
    }
    Ok(name)
}

impl fmt::Display for NameFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "A name needs at least one character.",
            Self::TooLong => "A name may have at most 100 characters.",
            Self::ControlCharacter => {
                "A name may not contain line breaks, tabs or other control characters."
            }
        })
    }
}

impl std::error::Error for NameFault {}

impl fmt::Debug for VisibleApiKeyResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VisibleApiKeyResponse").field("uuid", &self.uuid).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_bounded_in_characters_not_bytes() {
        assert_eq!(check_name("  ci-bot "), Ok("ci-bot"));
        assert_eq!(check_name(" \t\n"), Err(NameFault::Empty));
        assert_eq!(check_name("a\u{7}b"), Err(NameFault::ControlCharacter));
        assert_eq!(check_name("a\nb"), Err(NameFault::ControlCharacter));
        let hundred = "鍵".repeat(NAME_MAX_CHARS);
        assert_eq!(check_name(&hundred), Ok(hundred.as_str()));
        assert_eq!(check_name(&format!("{hundred}x")), Err(NameFault::TooLong));
    }
}
