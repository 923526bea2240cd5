//! Finding the programs that the build and the tests need, or installing them.
//!
//! What is installed goes into a folder outside the clone, one sub-folder per version, so that
//! clones share it and a fresh clone starts fast.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command};

use crate::apt;
use crate::process::{Failure, Result, ask, cargo, command, find_on_path, run, say};
use crate::workspace::Workspace;

const TRUNK: &str = "0.21.14";
const GECKODRIVER: &str = "0.37.1";
const BINARYEN: &str = "132.0.0";
/// Only the tests use it: its licence, MPL-2.0, is none of the site's.
const AXE: &str = "4.14.1";
const SCHEMATHESIS: &str = "4.32.5";

/// A program that `cargo install` builds.
struct CargoTool<'a> {
    package: &'static str,
    program: &'static str,
    version: &'a str,
    /// Whether the package's own lock file is used. The one of wasm-bindgen-cli can be newer than
    /// what a mirror of the registry holds, so that one is resolved afresh.
    locked: bool,
    duration: &'static str,
}

/// The folder of installed tools.
#[derive(Debug, Clone)]
pub(crate) struct Toolbox {
    folder: PathBuf,
}

/// The tools of the site's build.
#[derive(Debug, Clone)]
pub(crate) struct BuildTools {
    /// The `trunk` program.
    pub(crate) trunk: PathBuf,
    /// The `wasm-bindgen` program, which trunk looks for on PATH.
    pub(crate) wasm_bindgen: PathBuf,
    /// The `wasm-opt` program.
    pub(crate) wasm_opt: PathBuf,
}

impl BuildTools {
    /// The folders to put in front of PATH.
    pub(crate) fn folders(&self) -> Vec<PathBuf> {
        self.wasm_bindgen.parent().map(Path::to_owned).into_iter().collect()
    }
}

/// The browsers and the drivers that steer them.
#[derive(Debug, Clone)]
pub(crate) struct Browsers {
    pub(crate) chromium: PathBuf,
    pub(crate) chromedriver: PathBuf,
    pub(crate) firefox: PathBuf,
    pub(crate) geckodriver: PathBuf,
}

impl Toolbox {
    /// The folder from the environment, or the user's cache.
    pub(crate) fn open() -> Result<Self> {
        let variable =
            |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let folder = variable("OCCAM_KEYS_TOOLS")
            .or_else(|| variable("XDG_CACHE_HOME").map(|cache| cache.join("occam-keys/tools")))
            .or_else(|| env::home_dir().map(|home| home.join(".cache/occam-keys/tools")))
            .ok_or_else(|| {
                Failure::new(
                    "There is no home folder to keep the tools in.",
                    "Set OCCAM_KEYS_TOOLS to a folder for them.",
                )
            })?;
        let folder = std::path::absolute(&folder)
            .map_err(|error| Failure::file("Finding", &folder, &error))?;
        fs::create_dir_all(&folder).map_err(|error| Failure::file("Creating", &folder, &error))?;
        Ok(Self { folder })
    }

    /// Where the tools are.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Trunk, wasm-bindgen and wasm-opt.
    pub(crate) fn build_tools(&self, workspace: &Workspace) -> Result<BuildTools> {
        let trunk = self.cargo_tool(&CargoTool {
            package: "trunk",
            program: "trunk",
            version: TRUNK,
            locked: true,
            duration: "4 to 6 minutes",
        })?;
        let wasm_bindgen = self.wasm_bindgen(workspace, "wasm-bindgen")?;
        Ok(BuildTools { trunk, wasm_bindgen, wasm_opt: self.wasm_opt()? })
    }

    /// The program that runs wasm tests in a browser; it belongs to wasm-bindgen-cli.
    pub(crate) fn test_runner(&self, workspace: &Workspace) -> Result<PathBuf> {
        self.wasm_bindgen(workspace, "wasm-bindgen-test-runner")
    }

    /// Chromium, its driver, and Firefox's driver with a Firefox that it can start.
    pub(crate) fn browsers(&self) -> Result<Browsers> {
        let chromium = || {
            find_on_path(&["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])
        };
        let chromedriver = || find_on_path(&["chromedriver"]);
        let firefox = || find_on_path(&["firefox", "firefox-esr"]);
        let missing: Vec<&str> = [
            ("chromium", chromium().is_none()),
            ("chromium-driver", chromedriver().is_none()),
            ("firefox-esr", firefox().is_none()),
        ]
        .into_iter()
        .filter_map(|(package, missing)| missing.then_some(package))
        .collect();
        if !missing.is_empty() {
            say("Installing the missing browsers and drivers (1 to 3 minutes).");
            apt::install(&missing)?;
        }
        let geckodriver = match find_on_path(&["geckodriver"]) {
            Some(geckodriver) => geckodriver,
            None => self.cargo_tool(&CargoTool {
                package: "geckodriver",
                program: "geckodriver",
                version: GECKODRIVER,
                locked: true,
                duration: "1 to 3 minutes",
            })?,
        };
        match (chromium(), chromedriver(), firefox()) {
            (Some(chromium), Some(chromedriver), Some(firefox)) => {
                Ok(Browsers { chromium, chromedriver, firefox, geckodriver })
            }
            _ => Err(Failure::new(
                format!("{} installed but not found on PATH.", missing.join(", ")),
                "Put the browsers and drivers on PATH, then run the command again.",
            )),
        }
    }

    fn wasm_bindgen(&self, workspace: &Workspace, program: &'static str) -> Result<PathBuf> {
        self.cargo_tool(&CargoTool {
            package: "wasm-bindgen-cli",
            program,
            version: &workspace.locked_version("wasm-bindgen")?,
            locked: false,
            duration: "2 to 4 minutes",
        })
    }

    /// The tool on PATH if its version is the right one, else the one in the folder, installed
    /// first when it is not there yet.
    fn cargo_tool(&self, tool: &CargoTool<'_>) -> Result<PathBuf> {
        if let Some(path) = find_on_path(&[tool.program])
            && version_of(&path).as_deref() == Some(tool.version)
        {
            return Ok(path);
        }
        let home = self.folder.join(format!("{}-{}", tool.package, tool.version));
        let program = home.join("bin").join(format!("{}{}", tool.program, env::consts::EXE_SUFFIX));
        if version_of(&program).as_deref() == Some(tool.version) {
            return Ok(program);
        }
        say(format!(
            "Installing {} {} into {} ({} on two cores, once).",
            tool.package,
            tool.version,
            self.folder.display(),
            tool.duration
        ));
        self.install(&home, |staging| self.cargo_install(tool, staging))?;
        Ok(program)
    }

    fn cargo_install(&self, tool: &CargoTool<'_>, staging: &Path) -> Result<()> {
        // The build folder has a fixed name: an interrupted installation goes on where it was.
        let build = self.folder.join(format!("{}-{}.build", tool.package, tool.version));
        let mut install = cargo();
        install
            // Outside the clone, whose cargo configuration is not meant for the tools.
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &build)
            // Tools run for seconds, so building them fast matters more than their own speed.
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
            .args(["install", "--quiet", "--root"])
            .arg(staging)
            .args(["--version", &format!("={}", tool.version), tool.package]);
        if tool.locked {
            install.arg("--locked");
        }
        run(&mut install, &format!("Installing {} {}", tool.package, tool.version)).map_err(
            |failure| {
                Failure::new(
                    failure.to_string(),
                    format!(
                        "Check the network and that a C compiler is there, then run the command \
                         again, or put {} {} on PATH yourself.",
                        tool.program, tool.version
                    ),
                )
            },
        )?;
        // Only disk space is lost if this fails.
        let _ = fs::remove_dir_all(build);
        Ok(())
    }

    /// A wasm-opt: the pinned one from npm's `binaryen`, else Debian's, else any on PATH.
    fn wasm_opt(&self) -> Result<PathBuf> {
        let major = BINARYEN.split('.').next().unwrap_or(BINARYEN);
        let on_path = find_on_path(&["wasm-opt"]);
        if let Some(path) = &on_path
            && version_of(path).as_deref() == Some(major)
        {
            return Ok(path.clone());
        }
        let home = self.folder.join(format!("binaryen-{BINARYEN}"));
        let program = home.join("node_modules/.bin/wasm-opt");
        if version_of(&program).as_deref() == Some(major) {
            return Ok(program);
        }
        if find_on_path(&["npm"]).is_some() {
            say(format!("Installing wasm-opt with npm, binaryen {BINARYEN} (under a minute)."));
            match self.npm_install(&home, &format!("binaryen@{BINARYEN}")) {
                Ok(()) => return Ok(program),
                Err(failure) => say(failure),
            }
        }
        if let Some(path) = on_path {
            say(format!(
                "Using {}, not binaryen {BINARYEN}: the wasm may differ by a few bytes.",
                path.display()
            ));
            return Ok(path);
        }
        say("Installing wasm-opt from Debian's package binaryen (under a minute).");
        apt::install(&["binaryen"]).map_err(|failure| {
            Failure::new(
                format!("There is no wasm-opt and no npm that can install it. {failure}"),
                "Or install Node.js with npm.",
            )
        })?;
        find_on_path(&["wasm-opt"]).ok_or_else(|| {
            Failure::new(
                "Debian's binaryen is installed but wasm-opt is not on PATH.",
                "Put /usr/bin on PATH, then run the command again.",
            )
        })
    }

    /// The script of axe-core, which knows the rules of accessibility, from npm.
    pub(crate) fn axe(&self) -> Result<PathBuf> {
        let home = self.folder.join(format!("axe-core-{AXE}"));
        let script = home.join("node_modules/axe-core/axe.min.js");
        if !script.is_file() {
            if find_on_path(&["npm"]).is_none() {
                apt::install(&["npm"])?;
            }
            say(format!("Installing axe-core {AXE} with npm (a few seconds)."));
            self.npm_install(&home, &format!("axe-core@{AXE}"))?;
        }
        Ok(script)
    }

    /// Installs a package of npm's registry, without running anything of it.
    fn npm_install(&self, home: &Path, package: &str) -> Result<()> {
        let mut npm = npm("install");
        self.install(home, |staging| {
            npm.arg("--prefix").arg(staging).arg(package);
            run(&mut npm, "`npm install`")
        })
    }

    /// Schemathesis from PyPI, in a virtual environment of its own.
    ///
    /// # Errors
    /// What keeps it from being installed. It tests the Key API's description and is needed for
    /// nothing else.
    pub(crate) fn schemathesis(&self) -> Result<PathBuf> {
        let home = self.folder.join(format!("schemathesis-{SCHEMATHESIS}"));
        let program = home.join(if cfg!(windows) { "Scripts" } else { "bin" }).join("schemathesis");
        if version_of(&program).as_deref() == Some(SCHEMATHESIS) {
            return Ok(program);
        }
        let python = find_on_path(&["python3", "python"]).ok_or_else(|| {
            Failure::new("There is no Python.", "Install Python 3.10 or a newer one.")
        })?;
        say(format!("Installing Schemathesis {SCHEMATHESIS} with pip (under a minute, once)."));
        // Its programs hold the path of their environment, so it is made where it stays. One that is
        // not whole gives no version, and is made anew the next time.
        run(command(&python).args(["-m", "venv", "--clear"]).arg(&home), "`python -m venv`")?;
        let mut pip = command(program.with_file_name("python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        run(pip.arg(format!("schemathesis=={SCHEMATHESIS}")), "`pip install`")?;
        Ok(program)
    }

    /// Lets `fill` install into a folder of its own and moves it to `home` only when it is whole,
    /// so that an interrupted installation is never taken for a finished one.
    pub(crate) fn install(
        &self,
        home: &Path,
        fill: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<()> {
        let staging = self.folder.join(format!("staging-{}", process::id()));
        fs::create_dir_all(&staging)
            .map_err(|error| Failure::file("Creating", &staging, &error))?;
        let filled = fill(&staging).and_then(|()| {
            // What is there was tried and does not work.
            let _ = fs::remove_dir_all(home);
            fs::rename(&staging, home).map_err(|error| Failure::file("Creating", home, &error))
        });
        // After a success there is nothing left to remove.
        let _ = fs::remove_dir_all(&staging);
        filled
    }
}

/// The build of this Chromium without windows, installed where that can be done: end-to-end tests take
/// two thirds of the time in it. It is of the same version, because the driver is for one of them.
pub(crate) fn headless_shell(chromium: &Path) -> Option<PathBuf> {
    let find = || {
        let shell = find_on_path(&["chromium-headless-shell", "chrome-headless-shell"])?;
        (version_of(&shell)? == version_of(chromium)?).then_some(shell)
    };
    let found = find().or_else(|| {
        // Of no other version, for which all of Chromium would be replaced.
        let version = ask("dpkg-query", &["--show", "--showformat=${Version}", "chromium"])?;
        apt::install(&[&format!("chromium-headless-shell={}", version.trim())]).ok()?;
        find()
    });
    if found.is_none() {
        say(
            "There is no headless shell of this Chromium: end-to-end tests take half as long again.",
        );
    }
    found
}

/// The version that a program gives of itself, if it runs at all.
fn version_of(program: &Path) -> Option<String> {
    parse_version(&ask(program, &["--version"])?)
}

/// The first word of a `--version` answer that starts with a digit.
fn parse_version(answer: &str) -> Option<String> {
    answer
        .split_whitespace()
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))
        .map(str::to_owned)
}

/// A command of npm that installs, without running anything of what it installs.
pub(crate) fn npm(installs: &str) -> Command {
    let mut npm = command("npm");
    npm.args([installs, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    npm
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_the_programs_print() {
        for (answer, version) in [
            ("trunk 0.21.14\n", "0.21.14"),
            ("wasm-bindgen 0.2.130\n", "0.2.130"),
            ("wasm-bindgen-test-runner 0.2.130", "0.2.130"),
            ("wasm-opt version 132 (version_132)\n", "132"),
            ("wasm-opt version 108\n", "108"),
            ("geckodriver 0.37.1 (build)\n", "0.37.1"),
            ("schemathesis, version 4.32.5\n", "4.32.5"),
        ] {
            assert_eq!(parse_version(answer).as_deref(), Some(version), "{answer}");
        }
        assert_eq!(parse_version("no number here"), None);
    }

    #[test]
    fn a_failed_installation_leaves_nothing_behind() {
        let folder = env::temp_dir().join(format!("occam-keys-tools-{}", process::id()));
        fs::create_dir_all(&folder).expect("the temporary folder is writable");
        let toolbox = Toolbox { folder: folder.clone() };
        let home = folder.join("tool-1.0.0");
        let failed = toolbox.install(&home, |staging| {
            fs::write(staging.join("half"), "half").expect("the folder was just made");
            Err(Failure::new("No network.", "Get one."))
        });
        assert!(failed.is_err());
        let left = fs::read_dir(&folder).expect("the folder is there").count();
        assert_eq!(left, 0);
        toolbox
            .install(&home, |staging| {
                fs::write(staging.join("whole"), "whole")
                    .map_err(|error| Failure::file("Writing", staging, &error))
            })
            .expect("nothing is in the way");
        assert!(home.join("whole").exists());
        fs::remove_dir_all(&folder).expect("the test made it");
    }
}
