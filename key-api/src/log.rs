//! One line a request, without anything secret in it.

use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// Where log lines go.
#[derive(Clone, Debug)]
pub struct Log(Sink);

#[derive(Clone, Debug)]
enum Sink {
    Stderr,
    Memory(Arc<Mutex<String>>),
}

/// The path of a file that was there, riding on the response to the log: what is the name of a file
/// of the site is nobody's secret.
#[derive(Clone, Debug)]
pub(crate) struct FilePath(pub(crate) String);

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

/// What a request asked for, as it may be logged: the pattern of its route, such as `/keys/{uuid}`,
/// or the path of a file that was there; `-` if it is neither. What else stands in a path was
/// written by somebody who may have put a key there, in whatever encoding.
pub(crate) fn loggable<'a>(route: Option<&'a str>, file: Option<&'a FilePath>) -> &'a str {
    route.or(file.map(|FilePath(path)| path.as_str())).unwrap_or("-")
}
