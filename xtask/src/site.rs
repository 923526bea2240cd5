//! Building the static site.
//!
//! Trunk builds into the target folder; [`split`] parts the WebAssembly, [`finish`] turns all of
//! it into the files that are served, and [`gate`] looks whether they may be; only then does the
//! new `dist/` take the place of the old one, so a failed build leaves a working site alone. Where
//! nothing has changed since the last time, which the [`stamp`](crate::stamp) knows, trunk is all
//! that runs.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use ::deploy::address::{BasePath, Origin};

use crate::finish::{Files, finish, sha256};
use crate::folder::{read, read_all, read_tree, replace, table, write_site};
use crate::gate;
use crate::process::{Result, ask, command, run, say};
use crate::reproduce::sums;
use crate::split::split;
use crate::stamp::Stamp;
use crate::tokens;
use crate::toolchain::{Toolchain, WASM};
use crate::tools::{BuildTools, Toolbox};
use crate::workspace::Workspace;

/// What the person who builds may choose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Where the Key API is; without it, where the site itself is.
    pub(crate) api: Option<Origin>,
    /// Under which path the site will lie; without it, the site finds its files from any path.
    pub(crate) base: Option<BasePath>,
    /// Whether the standard library is built anew for it, which takes a compiler's unstable features.
    pub(crate) smallest: bool,
    /// Whether the page of all components is in it. Such a site is not for users, and lies in the
    /// target folder.
    pub(crate) with_styleguide: bool,
}

/// Builds the release site and gives the folder that holds it.
pub(crate) fn build(
    workspace: &Workspace,
    toolchain: &Toolchain,
    options: &Options,
) -> Result<PathBuf> {
    let tools = Toolbox::open()?.build_tools(workspace)?;
    toolchain.fetch_crates(workspace, options.smallest)?;

    say("Building the site (2 to 5 minutes the first time, seconds when little changed).");
    // Clones may share a target folder, and trunk empties this one at its start.
    let built = workspace.target.join(format!("site-{}", std::process::id()));
    let mut trunk = command(&tools.trunk);
    trunk.env("CARGO_TARGET_DIR", &workspace.target);
    toolchain.prepare(&mut trunk, workspace, &tools.folders())?;
    toolchain.prepare_release(&mut trunk, &crate_folders());
    let mut target = toolchain.target(workspace);
    if options.smallest {
        toolchain.prepare_smallest(&mut trunk, workspace)?;
        target = toolchain.smallest_target(workspace);
    }
    trunk
        .current_dir(&workspace.root)
        .args(["build", "--release", "--offline", "--locked", "--public-url"])
        .arg(options.base.as_ref().map_or("./", BasePath::as_str))
        .arg("--dist")
        .arg(&built)
        .args(["--features", if options.with_styleguide { "split,styleguide" } else { "split" }])
        // Trunk refuses to start when this common variable holds `1` and not `true`.
        .env_remove("NO_COLOR");
    let dist = match options.with_styleguide {
        false => workspace.root.join("dist"),
        true => workspace.target.join("dist-with-styleguide"),
    };
    let linked = target.join(WASM).join("release/occam-keys.wasm");
    let maker = maker(workspace, &tools, options)?;
    // Trunk always runs: it asks cargo whether anything has changed.
    let written = run(&mut trunk, "`trunk build`").and_then(|()| {
        let name = dist.file_name().unwrap_or_default().to_string_lossy();
        let made_of = [maker, sums(&read_all(&built)?), sha256(&read(&linked)?)];
        let stamp = Stamp::new(workspace.target.join(format!("{name}.stamp")), &made_of);
        if stamp.is_on(&dist) {
            say("Nothing has changed since the site was built.");
            return Ok(());
        }
        split(&linked, &tools, &built)?;
        write_finished(&dist, &finished(&built, options)?)?;
        stamp.put_on(&dist)
    });
    let _ = fs::remove_dir_all(&built);
    written?;
    say(format!("The site is in {}.", dist.display()));
    Ok(dist)
}

/// What makes a site of what trunk and the linker have made: this program, the tools, and what was
/// chosen. The program goes by its sources, of which it was built a moment ago.
fn maker(workspace: &Workspace, tools: &BuildTools, options: &Options) -> Result<String> {
    let mut sources = Files::new();
    for folder in ["xtask", "deploy"] {
        sources.extend(read_tree(&workspace.root.join(folder))?);
    }
    for name in ["Cargo.toml", "Cargo.lock"] {
        sources.insert(name.to_owned(), read(&workspace.root.join(name))?);
    }
    // The others are held to a version, and stand in a folder with its name.
    let wasm_opt = ask(&tools.wasm_opt, &["--version"]).unwrap_or_default();
    Ok(format!("{}{tools:?}\n{wasm_opt}{options:?}\n", sums(&sources)))
}

/// Writes the site and its compressed forms beside `dist`, and puts them in its place.
fn write_finished(dist: &Path, files: &Files) -> Result<()> {
    say("Compressing the site.");
    let next = dist.with_extension("next");
    let _ = fs::remove_dir_all(&next);
    let weights = write_site(&next, files).inspect_err(|_| {
        let _ = fs::remove_dir_all(&next);
    })?;
    replace(dist, &next)?;
    print!("{}", table(&weights));
    Ok(())
}

fn finished(built: &Path, options: &Options) -> Result<Files> {
    let mut files = read_all(built)?;
    // The page of all components shows the tokens by their names.
    tokens::resolve(&mut files, options.with_styleguide)?;
    let files = finish(files, options.api.as_ref(), options.base.as_ref())?;
    gate::check(&files, options.with_styleguide)?;
    Ok(files)
}

/// Where cargo unpacks crates, one folder for each registry or mirror. Their paths stand in the
/// places that panics name, and differ between machines.
fn crate_folders() -> Vec<PathBuf> {
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let entries = home.and_then(|home| fs::read_dir(home.join("registry/src")).ok());
    let mut folders: Vec<PathBuf> =
        entries.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    folders.sort();
    folders
}
