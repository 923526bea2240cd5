//! Everything that can be said about the code without running it.

use crate::process::{Failure, Result};
use crate::workspace::Workspace;

/// Checks.
pub(crate) fn check(_workspace: &Workspace) -> Result<()> {
    Err(Failure::new("Not there yet.", "Wait."))
}
