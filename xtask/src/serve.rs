//! Serving the site with a local Key API behind it.

use crate::process::{Failure, Result};
use crate::workspace::Workspace;

/// How to serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    /// The port on this machine.
    pub(crate) port: u16,
    /// Whether to use a throw-away database with something in every view.
    pub(crate) demo: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { port: 8080, demo: false }
    }
}

/// Serves.
pub(crate) fn serve(_workspace: &Workspace, _options: &Options) -> Result<()> {
    Err(Failure::new("Not there yet.", "Wait."))
}
