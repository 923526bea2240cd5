//! Measuring the site beside what somebody would pick instead; `bench/README.md` says how and why.
//!
//! Here is only what comes before: whether the machine is at rest, the site, the Key API, the
//! packages of npm and a Chromium. `bench/src/main.mjs` does the rest.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use crate::apt;
use crate::folder::read;
use crate::process::{Failure, Result, command, find_on_path, run, say};
use crate::serve::build_server;
use crate::site;
use crate::toolchain::Toolchain;
use crate::tools::{Toolbox, npm};
use crate::workspace::Workspace;

/// The part of all cores that may be busy with something else.
const MOST_LOAD: f64 = 0.5;

/// How to measure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// A built site; without it, the site is built.
    pub(crate) site: Option<PathBuf>,
    /// A file for the table, beside what is printed.
    pub(crate) out: Option<PathBuf>,
    /// A file for the picture.
    pub(crate) picture: Option<PathBuf>,
    /// A folder for a picture of each site as it was measured.
    pub(crate) shots: Option<PathBuf>,
    /// How often everything is measured, if not as often as usual.
    pub(crate) rounds: Option<u64>,
    /// The peers that are measured; all if there are none.
    pub(crate) only: Vec<String>,
    /// One round, for a first look.
    pub(crate) quick: bool,
    /// Whether the machine may be busy.
    pub(crate) busy: bool,
}

/// Builds what is measured and measures it.
pub(crate) fn bench(workspace: &Workspace, options: &Options) -> Result<()> {
    // The builds take minutes, so what can be known before is said before.
    let cores = available_parallelism().map_or(1, usize::from);
    if !options.busy {
        check_rest(cores)?;
    }
    let toolbox = Toolbox::open()?;
    let chromium = toolbox.browsers()?.chromium;
    install_packages(workspace)?;
    let site = match &options.site {
        Some(site) => absolute(site)?,
        None => site::build(workspace, &Toolchain::find_or_install()?, &site::Options::default())?,
    };
    let server = build_server(workspace)?;
    let work = workspace.target.join("bench");
    fs::create_dir_all(&work).map_err(|error| Failure::file("Creating", &work, &error))?;

    let mut node = command("node");
    node.arg(folder(workspace).join("src/main.mjs"));
    node.arg("--most-load").arg(most_load(cores).to_string());
    let paths = [("--site", &site), ("--server", &server), ("--chromium", &chromium)];
    for (name, path) in paths.into_iter().chain([("--work", &work)]) {
        node.arg(name).arg(path);
    }
    let files =
        [("--out", &options.out), ("--picture", &options.picture), ("--shots", &options.shots)];
    for (name, path) in files {
        if let Some(path) = path {
            node.arg(name).arg(absolute(path)?);
        }
    }
    if let Some(rounds) = options.rounds {
        node.arg("--rounds").arg(rounds.to_string());
    }
    for name in &options.only {
        node.arg("--only").arg(name);
    }
    node.args(options.quick.then_some("--quick")).args(options.busy.then_some("--busy"));
    say("Measuring (about 2 minutes for each round).");
    run(&mut node, "The bench")
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root.join("bench")
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|error| Failure::file("Finding", path, &error))
}

/// Installs what the lock file names, without running anything of it, unless it is there already.
fn install_packages(workspace: &Workspace) -> Result<()> {
    if find_on_path(&["node"]).is_none() || find_on_path(&["npm"]).is_none() {
        apt::install(&["nodejs", "npm"])?;
    }
    let folder = folder(workspace);
    let lock = read(&folder.join("package-lock.json"))?;
    // Of the lock file that was installed, there is a copy beside what was installed.
    let installed = folder.join("node_modules/.installed-lock.json");
    if fs::read(&installed).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    say("Installing the peers and the driver with npm (under a minute, once).");
    run(npm("ci").current_dir(&folder), "`npm ci`")?;
    fs::write(&installed, lock).map_err(|error| Failure::file("Writing", &installed, &error))
}

/// Fails on a machine that is busy. Where it cannot be known, `main.mjs` finds out by
/// itself, as it does again after the builds.
fn check_rest(cores: usize) -> Result<()> {
    let Ok(text) = fs::read_to_string("/proc/loadavg") else { return Ok(()) };
    match load_of(&text) {
        Some(load) if is_busy(load, cores) => Err(Failure::new(
            format!("The machine is busy (load {load}): figures from it would say nothing."),
            "End what it does, or measure all the same with --busy.",
        )),
        _ => Ok(()),
    }
}

/// The mean load of the last minute, which is the first number of `/proc/loadavg`.
fn load_of(text: &str) -> Option<f64> {
    text.split_whitespace().next()?.parse().ok()
}

fn most_load(cores: usize) -> f64 {
    MOST_LOAD * cores as f64
}

fn is_busy(load: f64, cores: usize) -> bool {
    load > most_load(cores)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_busy_from_half_of_its_cores_on() {
        let load = load_of("1.07 0.50 0.20 1/234 5678\n").expect("the file begins with a number");
        assert!(is_busy(load, 2));
        assert!(!is_busy(load, 4));
        assert_eq!(load_of(""), None);
    }
}
