//! Running every test there is.

use std::process::ExitCode;

use crate::process::{Failure, Result};
use crate::workspace::Workspace;

/// Which tests to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Selection {
    /// Every test.
    All,
    /// The tests that need no browser.
    Native,
    /// The tests of the front end inside both browsers.
    Web,
    /// The built site and the real server in a real browser.
    E2e,
}

impl Selection {
    /// Reads the name used on the command line.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "native" => Some(Self::Native),
            "web" => Some(Self::Web),
            "e2e" => Some(Self::E2e),
            _ => None,
        }
    }
}

/// Tests.
pub(crate) fn test(_workspace: &Workspace, _selection: Selection) -> Result<ExitCode> {
    Err(Failure::new("Not there yet.", "Wait."))
}
