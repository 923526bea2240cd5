//! A type for what must not leak.

use std::fmt;

/// A credential that the app shows once or sends, and otherwise keeps to itself.
///
/// It has no `Display`, no `Serialize`, no `Clone` and a `Debug` that tells nothing, so that it
/// cannot reach a log, a store or a list by accident. Reading it takes a call that says so.
#[derive(PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the credential into custody.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The credential itself, to be handed to the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_tells_nothing() {
        let secret = Secret::new("occ_abc".to_owned());
        assert_eq!(format!("{secret:?}"), "[redacted]");
        assert_eq!(secret.reveal(), "occ_abc");
    }
}
