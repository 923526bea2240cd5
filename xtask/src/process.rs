//! Running other programs, and saying in words what went wrong.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The result of every step: a failure carries words for the person who ran the command.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// Why a command stopped and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    problem: String,
    remedy: String,
}

impl Failure {
    /// A failure is only useful with a remedy, so both are asked for.
    pub(crate) fn new(problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { problem: problem.into(), remedy: remedy.into() }
    }

    /// A failure to read or write `path`.
    pub(crate) fn file(doing: &str, path: &Path, error: &std::io::Error) -> Self {
        Self::new(
            format!("{doing} {} failed: {error}.", path.display()),
            "Check that the folder exists, is yours and has room, then run the command again.",
        )
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.problem, self.remedy)
    }
}

/// Tells the person at the terminal what is being done.
///
/// Progress goes to stderr, so that stdout holds results alone.
pub(crate) fn say(text: impl fmt::Display) {
    eprintln!("==> {text}");
}

/// Says each complaint, and fails if there is any with the failure that `of` so many is.
pub(crate) fn refuse(complaints: &[String], of: impl FnOnce(usize) -> Failure) -> Result<()> {
    for complaint in complaints {
        say(format!("Refused: {complaint}."));
    }
    match complaints.len() {
        0 => Ok(()),
        count => Err(of(count)),
    }
}

/// A command without the variables that `cargo run` sets for this program alone.
///
/// Left in place they would reach build scripts and make cargo rebuild crates for no reason, and
/// the library path would make another toolchain's rustc load this toolchain's libraries.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(belongs_to_cargo_run) {
            command.env_remove(name);
        }
    }
    command
}

fn belongs_to_cargo_run(name: &str) -> bool {
    name.starts_with("CARGO_PKG_")
        || name.starts_with("CARGO_MANIFEST_")
        || name == "LD_LIBRARY_PATH"
        || name == "DYLD_FALLBACK_LIBRARY_PATH"
}

/// The cargo that runs this program, with its toolchain.
pub(crate) fn cargo() -> Command {
    command(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
}

/// Runs `command` with its output shown, and fails with `what` in the sentence.
pub(crate) fn run(command: &mut Command, what: &str) -> Result<()> {
    let status = command.status().map_err(|error| not_started(command, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("{what} failed ({status})."), "The lines above say why."))
}

/// Runs `command` quietly and gives what it wrote to stdout; its stderr stays visible.
pub(crate) fn capture(command: &mut Command, what: &str) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().map_err(|error| not_started(command, &error))?;
    if !output.status.success() {
        return Err(Failure::new(
            format!("{what} failed ({}).", output.status),
            "The lines above say why.",
        ));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What a program says to a question such as `--version`, or nothing if it cannot be asked.
pub(crate) fn ask(program: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let output = command(program).args(arguments).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The failure of a program that could not be started at all.
pub(crate) fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    let program = Path::new(command.get_program()).display();
    if error.kind() == ErrorKind::NotFound {
        Failure::new(
            format!("The program `{program}` was not found."),
            format!("Install {program} or put it on PATH, then run the command again."),
        )
    } else {
        Failure::new(
            format!("The program `{program}` could not be started: {error}."),
            "Check that it may be executed, then run the command again.",
        )
    }
}

/// The first program of one of these names on PATH.
pub(crate) fn find_on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    names
        .iter()
        .flat_map(|name| {
            let file = format!("{name}{}", env::consts::EXE_SUFFIX);
            folders.iter().map(move |folder| folder.join(&file))
        })
        .find(|candidate| candidate.is_file())
}

/// PATH with `folders` in front of it.
pub(crate) fn path_with(folders: &[PathBuf]) -> Result<OsString> {
    let inherited = env::var_os("PATH").unwrap_or_default();
    let all = folders.iter().cloned().chain(env::split_paths(&inherited));
    env::join_paths(all).map_err(|error| {
        Failure::new(
            format!("PATH cannot be extended: {error}."),
            "Use a tools folder (OCCAM_KEYS_TOOLS) without a colon or quote in its name.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_named_with_a_remedy() {
        let failure = run(&mut command("no-such-program-here"), "The try")
            .expect_err("the program does not exist");
        assert_eq!(
            failure.to_string(),
            "The program `no-such-program-here` was not found. \
             Install no-such-program-here or put it on PATH, then run the command again."
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_failed_program_says_what_failed() {
        let failure = run(&mut command("false"), "The try").expect_err("it always fails");
        assert!(failure.to_string().starts_with("The try failed ("));
    }

    #[test]
    fn children_do_not_inherit_what_cargo_set_for_this_program() {
        assert!(belongs_to_cargo_run("CARGO_PKG_NAME"));
        assert!(belongs_to_cargo_run("CARGO_MANIFEST_DIR"));
        assert!(!belongs_to_cargo_run("CARGO_HOME"));
        assert!(!belongs_to_cargo_run("CARGO_TARGET_DIR"));
    }
}
