//! Where the project lies and which versions it is locked to.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::process::{Failure, Result, capture, cargo};

/// The workspace, as cargo itself sees it.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    /// The folder that holds the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where cargo builds; `CARGO_TARGET_DIR` and cargo's configuration are respected.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Asks cargo, so that every way to configure it counts.
    pub(crate) fn load() -> Result<Self> {
        let metadata = capture(
            cargo().args(["metadata", "--no-deps", "--offline", "--format-version", "1"]),
            "Reading the workspace with `cargo metadata`",
        )?;
        let metadata: Value = serde_json::from_str(&metadata).map_err(|error| {
            Failure::new(
                format!("The answer of `cargo metadata` is not JSON: {error}."),
                "Check that `cargo` on PATH is the real cargo.",
            )
        })?;
        let folder = |key: &str| {
            metadata.get(key).and_then(Value::as_str).map(PathBuf::from).ok_or_else(|| {
                Failure::new(
                    format!("`cargo metadata` gave no {key}."),
                    "Check that `cargo` on PATH is the real cargo.",
                )
            })
        };
        Ok(Self { root: folder("workspace_root")?, target: folder("target_directory")? })
    }

    /// The version of `package` in `Cargo.lock`.
    pub(crate) fn locked_version(&self, package: &str) -> Result<String> {
        let path = self.root.join("Cargo.lock");
        let lock =
            fs::read_to_string(&path).map_err(|error| Failure::file("Reading", &path, &error))?;
        locked_version(&lock, package).ok_or_else(|| {
            Failure::new(
                format!("Cargo.lock holds no package {package}."),
                "Run `cargo update --workspace` and look at what changed.",
            )
        })
    }
}

/// The version of the first `package` in the text of a `Cargo.lock`.
///
/// Cargo writes this file itself and always in the same form, so lines are enough.
fn locked_version(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    let version = lines.next()?.strip_prefix("version = \"")?;
    Some(version.strip_suffix('"')?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "version = 4\n\n[[package]]\nname = \"wasm-bindgen-macro\"\n\
        version = \"0.2.1\"\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n\
        source = \"registry\"\n";

    #[test]
    fn the_whole_name_must_match() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen").as_deref(), Some("0.2.130"));
    }

    #[test]
    fn an_absent_package_has_no_version() {
        assert_eq!(locked_version(LOCK, "leptos"), None);
        assert_eq!(locked_version("", "leptos"), None);
    }

    #[test]
    fn this_workspace_loads() {
        let workspace = Workspace::load().expect("the tests run inside the workspace");
        assert!(
            workspace.root.join("Trunk.toml").exists()
                || workspace.root.join("Cargo.lock").exists()
        );
        assert!(workspace.locked_version("wasm-bindgen").is_ok());
    }
}
