//! Everything that can be said about the code without running it.

use std::process::Command;
use std::time::Instant;

use crate::licences;
use crate::process::{Failure, Result, cargo, run, say};
use crate::toolchain::{Toolchain, WASM};
use crate::workspace::Workspace;

type Check = fn(&Workspace) -> Result<()>;

/// Runs every check, the fast ones first, and names those that failed.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let checks: [(&str, Check); 5] = [
        ("rustfmt", format),
        ("the rules of the repository", tidy),
        ("licences and sources of crates", licences_and_sources),
        ("clippy on this machine", clippy_host),
        ("clippy on wasm32", clippy_wasm),
    ];
    let mut failed = Vec::new();
    for (name, check) in checks {
        say(format!("Checking {name}."));
        let start = Instant::now();
        if let Err(failure) = check(workspace) {
            eprintln!("error: {failure}");
            failed.push(name);
        }
        say(format!("Checking {name} took {} s.", start.elapsed().as_secs()));
    }
    say("Not checked: security advisories, whose database lies on the network; with cargo-deny \
         installed, `cargo deny check advisories` does it.");
    if failed.is_empty() {
        println!("check: all {} passed", checks.len());
        return Ok(());
    }
    Err(Failure::new(
        format!("{} of {} checks failed: {}.", failed.len(), checks.len(), failed.join(", ")),
        "The lines above say where.",
    ))
}

/// The active cargo, in the workspace.
fn cargo_here(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut command = cargo();
    command.current_dir(&workspace.root).args(arguments);
    command
}

fn format(workspace: &Workspace) -> Result<()> {
    run(&mut cargo_here(workspace, &["fmt", "--all", "--check"]), "`cargo fmt --check`")
}

fn tidy(workspace: &Workspace) -> Result<()> {
    let arguments = ["test", "--locked", "--quiet", "--package", "xtask", "--test", "tidy"];
    run(&mut cargo_here(workspace, &arguments), "The tidy tests")
}

fn licences_and_sources(workspace: &Workspace) -> Result<()> {
    let crates = licences::check(workspace)?;
    say(format!("{crates} crates have a licence of deny.toml and come from crates.io."));
    Ok(())
}

fn clippy_host(workspace: &Workspace) -> Result<()> {
    let arguments = ["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"];
    run(&mut cargo_here(workspace, &arguments), "clippy")
}

fn clippy_wasm(workspace: &Workspace) -> Result<()> {
    if let Toolchain::Debian { .. } = Toolchain::find_or_install()? {
        say("Skipped: Debian's packaged Rust, which builds for wasm32 here, has no clippy.");
        return Ok(());
    }
    // Not `--all-targets`: the unit tests run on this machine, where they have been looked at.
    // Once as it is shipped, and once with the page of all components, which no test builds.
    for features in ["split", "styleguide"] {
        let mut clippy = cargo_here(workspace, &["clippy", "--locked", "--package", "occam-keys"]);
        clippy
            .args(["--lib", "--bins", "--test", "web", "--features", features, "--target", WASM])
            .args(["--", "-D", "warnings"]);
        run(&mut clippy, "clippy for wasm32")?;
    }
    Ok(())
}
