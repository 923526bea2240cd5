//! How much is tried, and with which tools.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

/// Where a tool is.
#[derive(Debug, PartialEq)]
enum Tool {
    At(PathBuf),
    /// Somebody said that it cannot be had.
    LeftOut,
    Missing,
}

/// The number in the variable `name`, or what is tried for every commit.
pub(crate) fn amount<T: std::str::FromStr>(name: &str, usual: T) -> T {
    match env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")),
        Err(_) => usual,
    }
}

/// The program that the variable `name` tells of, or that is on the path. `None` if the variable
/// says `none`: `cargo xtask test` does so for a tool that cannot be had, and says at its end what
/// it left out. A test that was left out by nobody must not look like one that passed.
#[track_caller]
pub(crate) fn tool(name: &str, program: &str) -> Option<PathBuf> {
    match find(env::var_os(name), || on_path(program)) {
        Tool::At(path) => Some(path),
        Tool::LeftOut => {
            eprintln!("NOT TESTED: {name} says that there is no {program}");
            None
        }
        Tool::Missing => panic!(
            "there is no {program}. Install it, run `cargo xtask test`, which gets it, set {name} \
             to where it is, or set {name}=none to leave this test out"
        ),
    }
}

/// What a variable tells goes before what is on the path.
fn find(told: Option<OsString>, on_path: impl FnOnce() -> Option<PathBuf>) -> Tool {
    match told.filter(|told| !told.is_empty()) {
        Some(told) if told == "none" => Tool::LeftOut,
        Some(path) => Tool::At(path.into()),
        None => on_path().map_or(Tool::Missing, Tool::At),
    }
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

#[test]
fn a_tool_is_left_out_only_if_somebody_says_so() {
    let found = || Some(PathBuf::from("/bin/strace"));
    for (told, on_path, tool) in [
        (None, found(), Tool::At("/bin/strace".into())),
        (None, None, Tool::Missing),
        (Some(""), None, Tool::Missing),
        (Some("none"), found(), Tool::LeftOut),
        (Some("/opt/strace"), found(), Tool::At("/opt/strace".into())),
    ] {
        assert_eq!(find(told.map(OsString::from), || on_path), tool, "{told:?}");
    }
}
