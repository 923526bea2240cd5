//! The programs that the local Key API is tested with. None of them is needed to work on the
//! project, so one that cannot be had is said, also at the end of the tests, and left out: by a
//! variable that the tests ask for, so that none of them passes without having run unless it was
//! said.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::apt;
use crate::process::{Failure, Result, command, find_on_path, say};
use crate::tools::Toolbox;

/// What was found, and what is not tested because something was not.
#[derive(Debug, Clone, Default)]
pub(crate) struct ServerTools {
    /// What the tests are told about each tool, by variable: where it is, or [`NONE`].
    told: Vec<(&'static str, PathBuf)>,
    not_tested: Vec<String>,
}

/// What leaves out the tests that need a tool. Without it, or a tool, they fail.
const NONE: &str = "none";

impl ServerTools {
    /// Finds the tools on this machine, or gets them from Debian and PyPI.
    pub(crate) fn find_or_fetch(toolbox: &Toolbox) -> Self {
        let mut tools = Self::default();
        let order = "That a change is on the disk before it is acknowledged, and what a disk that \
                     fails does to the Key API \
                     (every_change_is_on_the_disk_before_it_is_acknowledged and \
                     a_disk_that_is_full_or_fails_is_said_and_loses_nothing_that_was_acknowledged \
                     were not run)";
        tools.add("OCCAM_KEYS_STRACE", strace(toolbox), order);
        let description = "The Key API against its description \
                           (no_request_makes_the_server_fail_or_leave_its_description was not run)";
        tools.add("OCCAM_KEYS_SCHEMATHESIS", toolbox.schemathesis(), description);
        tools.say_what_is_missing();
        tools
    }

    fn add(&mut self, variable: &'static str, tool: Result<PathBuf>, tests: &str) {
        match tool {
            Ok(program) => self.told.push((variable, program)),
            Err(why) => {
                self.told.push((variable, NONE.into()));
                self.not_tested.push(format!("{tests}: {why}"));
            }
        }
    }

    /// Tells a command where they are, and which of them are not.
    pub(crate) fn tell(&self, command: &mut Command) {
        command.envs(self.told.iter().map(|(variable, program)| (variable, program)));
    }

    /// Says, loudly, what is not tested.
    pub(crate) fn say_what_is_missing(&self) {
        for tests in &self.not_tested {
            say(format!("NOT TESTED: {tests}"));
        }
    }
}

/// An strace that may trace here: a container can forbid it.
fn strace(toolbox: &Toolbox) -> Result<PathBuf> {
    if let Some(program) = find_on_path(&["strace"]).filter(|program| traces(program)) {
        return Ok(program);
    }
    let home = toolbox.folder().join("strace.debian");
    let program = home.join("usr/bin/strace");
    if !traces(&program) {
        say("Fetching strace for tests (under a minute, once).");
        toolbox.install(&home, |staging| apt::unpack("strace", staging))?;
    }
    if traces(&program) {
        return Ok(program);
    }
    Err(Failure::new("strace cannot trace here.", "Run the tests where ptrace is allowed."))
}

fn traces(strace: &Path) -> bool {
    let mut trial = command(strace);
    trial.args(["--daemonize", "--follow-forks", "--output=/dev/null", "--trace=fsync", "true"]);
    let status = trial.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn what_cannot_be_had_is_left_out_by_name_and_said() {
        let mut tools = ServerTools::default();
        tools.add("OCCAM_KEYS_A", Ok("/bin/a".into()), "One thing");
        tools.add("OCCAM_KEYS_B", Err(Failure::new("There is no b.", "Get one.")), "Another");
        let mut command = Command::new("c");
        tools.tell(&mut command);
        let told: Vec<_> = command
            .get_envs()
            .map(|(name, value)| (name.to_str(), value.and_then(OsStr::to_str)))
            .collect();
        let expected = [("OCCAM_KEYS_A", "/bin/a"), ("OCCAM_KEYS_B", "none")];
        assert_eq!(told, expected.map(|(name, value)| (Some(name), Some(value))));
        assert_eq!(tools.not_tested, ["Another: There is no b. Get one."]);
    }
}
