//! Who may have an account.

use std::fmt;
use std::str::FromStr;

/// An e-mail address as an account's name: without white space at its ends and in lower case,
/// so that one person does not become two accounts by a capital letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

/// The text is not an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidEmail;

impl Email {
    /// The address in its normal form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Any text as it would be looked up: signing in with what is no address is answered like
    /// signing in with an unknown one.
    pub(crate) fn as_presented(text: &str) -> Self {
        Self(text.trim().to_lowercase())
    }
}

impl FromStr for Email {
    type Err = InvalidEmail;

    /// Only the outline is checked: the proof of an address is a mail that arrives.
    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let email = Self::as_presented(text);
        let (local, domain) = email.0.split_once('@').ok_or(InvalidEmail)?;
        let ill_formed = local.is_empty()
            || domain.is_empty()
            || domain.contains('@')
            || email.0.len() > 254
            || email.0.chars().any(|c| c.is_whitespace() || c.is_control());
        if ill_formed { Err(InvalidEmail) } else { Ok(email) }
    }
}

impl fmt::Display for InvalidEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an e-mail address")
    }
}

impl std::error::Error for InvalidEmail {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_normal_form() {
        let email: Email = " Ada@Example.COM ".parse().expect("an address");
        assert_eq!(email.as_str(), "ada@example.com");
        for wrong in ["", "ada", "@example.com", "ada@", "a b@c", "a@b@c", "a\n@b"] {
            assert_eq!(wrong.parse::<Email>(), Err(InvalidEmail), "{wrong}");
        }
    }
}
