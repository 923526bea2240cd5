//! The choice of a Rust toolchain that can build for the browser.
//!
//! The wasm32 target comes from rustup. Where rustup cannot fetch it, Debian's packaged toolchain
//! builds the standard library from source instead. The choice lives in the environment of the
//! child processes alone: nothing in the project or in the user's configuration changes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::apt;
use crate::process::{Failure, Result, ask, capture, cargo, command, path_with, run, say};
use crate::workspace::Workspace;

/// The target that browsers run.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-19"];
const DEBIAN_LINKER: &str = "wasm-ld-19";

/// Where cargo reads flags for [`WASM`]; it joins them with those of `.cargo/config.toml`.
const FLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";

/// A toolchain that can build for [`WASM`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The toolchain that runs this program; it has the target's standard library.
    Active,
    /// Debian's packages; they build the standard library from its source.
    Debian {
        /// Debian's `rustc`.
        rustc: PathBuf,
        /// Debian's `cargo`.
        cargo: PathBuf,
    },
}

impl Toolchain {
    /// Finds a toolchain that can build for the browser, or installs what it misses.
    pub(crate) fn find_or_install() -> Result<Self> {
        if active_has_target() {
            return Ok(Self::Active);
        }
        let Some(refusal) = rustup_refusal() else { return Ok(Self::Active) };
        say(format!("{refusal} Debian's packaged Rust takes over for the browser part."));
        if let Some(debian) = debian() {
            say("Debian's packaged Rust is installed already.");
            return Ok(debian);
        }
        say("Installing Debian's packaged Rust (1 to 3 minutes, about 700 MB on disk).");
        apt::install(&DEBIAN_PACKAGES).map_err(|failure| {
            Failure::new(
                format!(
                    "The {WASM} target is missing and neither rustup nor Debian gave it. {failure}"
                ),
                format!("Or, with a network, run `rustup target add {WASM}`."),
            )
        })?;
        debian().ok_or_else(|| {
            Failure::new(
                "Debian's packaged Rust is installed but its rustc, cargo or sources were not found.",
                format!("Run `dpkg -L {}` to see what it holds.", DEBIAN_PACKAGES.join(" ")),
            )
        })
    }

    /// This toolchain's cargo, with `tools` in front of PATH and everything set that it needs.
    pub(crate) fn cargo(&self, workspace: &Workspace, tools: &[PathBuf]) -> Result<Command> {
        let mut command = match self {
            Self::Active => cargo(),
            Self::Debian { cargo, .. } => command(cargo),
        };
        self.prepare(&mut command, workspace, tools)?;
        Ok(command)
    }

    /// Makes `command`, and whatever it starts, use this toolchain and find `tools` on PATH.
    pub(crate) fn prepare(
        &self,
        command: &mut Command,
        workspace: &Workspace,
        tools: &[PathBuf],
    ) -> Result<()> {
        let mut folders = tools.to_vec();
        if let Self::Debian { rustc, cargo } = self {
            // Trunk starts `cargo` by its bare name, so Debian's must come first on PATH.
            folders
                .extend([cargo, rustc].iter().filter_map(|path| path.parent()).map(Path::to_owned));
            command
                .env_remove("CARGO")
                .env_remove("RUSTUP_TOOLCHAIN")
                .env("RUSTC", rustc)
                // Building the standard library is an unstable feature of cargo; this opens it
                // for a compiler of the stable channel.
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
                .env(FLAGS, format!("-Clinker={DEBIAN_LINKER}"))
                // Two compilers in one folder would take turns to rebuild everything.
                .env("CARGO_TARGET_DIR", self.target(workspace));
        }
        command.env("PATH", path_with(&folders)?);
        Ok(())
    }

    /// The folder that it builds into.
    pub(crate) fn target(&self, workspace: &Workspace) -> PathBuf {
        match self {
            Self::Active => workspace.target.clone(),
            Self::Debian { .. } => workspace.target.join("debian"),
        }
    }

    /// The flags for what `command` builds to be served. The linker leaves what [`crate::split`]
    /// reads, and crates are named by one path on every machine, so that the same sources give the
    /// same bytes: `folders` is where they are. Cargo keeps such a path out of what it builds anew.
    ///
    /// A folder with a space in its name stays as it is, because the variable is split at spaces.
    pub(crate) fn prepare_release(&self, command: &mut Command, folders: &[PathBuf]) {
        let mut flags = vec!["-Clink-arg=--emit-relocs".to_owned()];
        if let Self::Debian { .. } = self {
            flags.push(format!("-Clinker={DEBIAN_LINKER}"));
        }
        let named = folders.iter().filter_map(|folder| folder.to_str());
        let named = named.map(|folder| (folder.to_owned(), "/crates".to_owned()));
        let plain = named.chain(library()).filter(|(from, _)| !from.contains(char::is_whitespace));
        flags.extend(plain.map(|(from, to)| format!("--remap-path-prefix={from}={to}")));
        command.env(FLAGS, flags.join(" "));
    }

    /// Lets `command` build the standard library anew, for size, and without what panics and `Debug`
    /// would say: neither is shown to anybody. What [`Self::prepare_release`] has set stays.
    ///
    /// These are unstable features, which this opens for a compiler of the stable channel.
    ///
    /// # Errors
    /// The sources of the standard library are not here.
    pub(crate) fn prepare_smallest(
        &self,
        command: &mut Command,
        workspace: &Workspace,
    ) -> Result<()> {
        if !library().is_some_and(|(folder, _)| Path::new(&folder).join("library").is_dir()) {
            return Err(Failure::new(
                "The smallest build needs the sources of the standard library.",
                "Run `rustup component add rust-src`, or build without `--smallest`.",
            ));
        }
        let flags = command.get_envs().find(|(name, _)| *name == FLAGS);
        let flags = flags.and_then(|(_, value)| value?.to_str()).unwrap_or_default().to_owned();
        command
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
            .env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size")
            .env(FLAGS, format!("{flags} -Zlocation-detail=none -Zfmt-debug=none"))
            .env("CARGO_TARGET_DIR", self.smallest_target(workspace));
        Ok(())
    }

    /// The folder that a smallest build builds into.
    pub(crate) fn smallest_target(&self, workspace: &Workspace) -> PathBuf {
        self.target(workspace).join("smallest")
    }

    /// Downloads the locked crates, because trunk then works without the network; those of the
    /// standard library too, if it is to be built.
    pub(crate) fn fetch_crates(&self, workspace: &Workspace, smallest: bool) -> Result<()> {
        let mut fetch = self.cargo(workspace, &[])?;
        if smallest {
            self.prepare_smallest(&mut fetch, workspace)?;
        }
        fetch.current_dir(&workspace.root).args(["fetch", "--locked", "--quiet", "--target", WASM]);
        if let Some(host) = host() {
            fetch.args(["--target", &host]);
        }
        run(&mut fetch, "Downloading the crates of Cargo.lock").map_err(|failure| {
            Failure::new(
                failure.to_string(),
                "Check the network (cargo reaches for the crates.io index), then run the command again.",
            )
        })
    }
}

/// Whether the active toolchain holds the standard library for the browser.
///
/// Asking rustc instead of rustup also covers toolchains that rustup knows nothing about.
fn active_has_target() -> bool {
    ask("rustc", &["--print", "target-libdir", "--target", WASM]).is_some_and(|folder| {
        fs::read_dir(folder.trim()).is_ok_and(|entries| {
            entries
                .flatten()
                .any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
        })
    })
}

/// Asks rustup for the target; says why not if it cannot be had.
fn rustup_refusal() -> Option<String> {
    if ask("rustup", &["--version"]).is_none() {
        return Some(format!("The {WASM} target is missing and there is no rustup to fetch it."));
    }
    say(format!("Adding the {WASM} target with rustup (under a minute)."));
    // Rustup prints a stack trace when this variable is set for the user's own programs.
    let mut add = command("rustup");
    add.env("RUST_BACKTRACE", "0").args(["target", "add", WASM]);
    match run(&mut add, "`rustup target add`") {
        Ok(()) if active_has_target() => None,
        Ok(()) | Err(_) => Some(format!("rustup could not fetch the {WASM} target.")),
    }
}

/// Debian's packaged toolchain, if all of it is installed.
fn debian() -> Option<Toolchain> {
    let files = ask("dpkg", &["-L", "rustc-web", "cargo-web"])?;
    ask("dpkg", &["-L", "rust-web-src"])?;
    ask(DEBIAN_LINKER, &["--version"])?;
    let program = |name: &str| files.lines().find(|file| is_program(file, name)).map(PathBuf::from);
    Some(Toolchain::Debian { rustc: program("rustc")?, cargo: program("cargo")? })
}

/// Whether a line of `dpkg -L` is the program `name`, and not, say, its documentation folder.
fn is_program(file: &str, name: &str) -> bool {
    file.strip_suffix(name).is_some_and(|folder| folder.ends_with("/bin/"))
}

/// Where the sources of the standard library are, if they are here, and what the compiler calls that
/// place where they are not.
fn library() -> Option<(String, String)> {
    let folder = ask("rustc", &["--print", "sysroot"])?;
    let version = ask("rustc", &["-vV"])?;
    let commit = version.lines().find_map(|line| line.strip_prefix("commit-hash: "))?;
    Some((format!("{}/lib/rustlib/src/rust", folder.trim()), format!("/rustc/{commit}")))
}

/// The triple of the machine this runs on.
fn host() -> Option<String> {
    let version = capture(command("rustc").arg("-vV"), "`rustc -vV`").ok()?;
    version.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_from_their_folders_and_pages() {
        assert!(is_program("/usr/bin/cargo", "cargo"));
        assert!(is_program("/usr/lib/rust-web/bin/rustc", "rustc"));
        assert!(!is_program("/usr/share/doc/cargo", "cargo"));
        assert!(!is_program("/usr/bin/cargo-clippy", "cargo"));
    }

    #[test]
    fn paths_are_forgotten_beside_the_other_flags() {
        let flags = |toolchain: &Toolchain| {
            let mut command = Command::new("cargo");
            toolchain.prepare_release(&mut command, &["/a/b".into(), "/c d".into()]);
            let value = command.get_envs().find(|(key, _)| *key == FLAGS);
            value.and_then(|(_, value)| value).map(|value| value.to_string_lossy().into_owned())
        };
        let (relocs, remap) = ("-Clink-arg=--emit-relocs", "--remap-path-prefix=/a/b=/crates");
        let library = library().map(|(from, to)| format!(" --remap-path-prefix={from}={to}"));
        let library = library.unwrap_or_default();
        assert!(library.is_empty() || library.contains("/rustc/"), "{library}");
        assert_eq!(flags(&Toolchain::Active), Some(format!("{relocs} {remap}{library}")));
        let debian = Toolchain::Debian { rustc: "rustc".into(), cargo: "cargo".into() };
        let all = format!("{relocs} -Clinker={DEBIAN_LINKER} {remap}{library}");
        assert_eq!(flags(&debian), Some(all));
    }

    #[test]
    fn debian_leaves_the_active_target_folder_alone() {
        let workspace = Workspace { root: "/project".into(), target: "/project/target".into() };
        let toolchain =
            Toolchain::Debian { rustc: "/usr/bin/rustc".into(), cargo: "/usr/bin/cargo".into() };
        let cargo = toolchain.cargo(&workspace, &["/tools".into()]).expect("PATH can be joined");
        let value = |name: &str| {
            cargo
                .get_envs()
                .find(|(key, _)| *key == name)
                .and_then(|(_, value)| value)
                .map(|value| value.to_string_lossy().into_owned())
        };
        assert_eq!(value("CARGO_TARGET_DIR").as_deref(), Some("/project/target/debian"));
        assert!(value("PATH").is_some_and(|path| path.starts_with("/tools:/usr/bin:")));
        assert_eq!(value("RUSTUP_TOOLCHAIN"), None);
    }
}
