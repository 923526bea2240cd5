//! How much is tried.

use std::env;
use std::path::PathBuf;

/// The number in the variable `name`, or what is tried for every commit.
pub(crate) fn amount<T: std::str::FromStr>(name: &str, usual: T) -> T {
    match env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")),
        Err(_) => usual,
    }
}

/// The program that the variable `name` tells of, or that is on the path.
///
/// `cargo xtask test` tells, and says at its end what it could not find.
pub(crate) fn tool(name: &str, program: &str) -> Option<PathBuf> {
    if let Some(path) = env::var_os(name) {
        return Some(path.into());
    }
    let path = env::var_os("PATH")?;
    let found = env::split_paths(&path).map(|folder| folder.join(program)).find(|it| it.is_file());
    if found.is_none() {
        eprintln!("not tested: there is no {program}");
    }
    found
}
