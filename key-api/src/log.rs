//! One line a request, without anything secret in it.

use std::borrow::Cow;
use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use crate::secret::API_KEY_PREFIX;

/// Where log lines go.
#[derive(Clone, Debug)]
pub struct Log(Sink);

#[derive(Clone, Debug)]
enum Sink {
    Stderr,
    Memory(Arc<Mutex<String>>),
}

impl Log {
    /// Lines go to standard error.
    pub const fn stderr() -> Self {
        Self(Sink::Stderr)
    }

    /// Lines are kept, for a test to read.
    pub fn memory() -> Self {
        Self(Sink::Memory(Arc::default()))
    }

    /// Writes one line.
    pub fn line(&self, line: impl fmt::Display) {
        match &self.0 {
            // A log that nobody reads any more must not stop the server, and `eprintln!` would
            // panic.
            Sink::Stderr => drop(writeln!(std::io::stderr().lock(), "{line}")),
            Sink::Memory(lines) => {
                let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
                lines.push_str(&line.to_string());
                lines.push('\n');
            }
        }
    }

    /// The lines so far, if they are kept.
    pub fn text(&self) -> String {
        match &self.0 {
            Sink::Stderr => String::new(),
            Sink::Memory(lines) => lines.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}

/// `path` as it may be logged: an API key that somebody put into the path by mistake is cut
/// down to its prefix.
pub(crate) fn loggable(path: &str) -> Cow<'_, str> {
    if !path.contains(API_KEY_PREFIX) {
        return Cow::Borrowed(path);
    }
    let mut parts = path.split(API_KEY_PREFIX);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(API_KEY_PREFIX);
        text.push('…');
        text.push_str(part.trim_start_matches(|c: char| c.is_ascii_alphanumeric()));
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_a_path_is_not_logged() {
        assert_eq!(loggable("/keys/"), "/keys/");
        assert_eq!(loggable("/occ_Secret1/usage"), "/occ_…/usage");
        assert_eq!(loggable("/occ_a,occ_b"), "/occ_…,occ_…");
    }
}
