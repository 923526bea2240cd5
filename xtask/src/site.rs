//! Building the static site.
//!
//! Trunk builds into the target folder; [`split`] parts the WebAssembly, [`finish`] turns all of
//! it into the files that are served, and [`gate`] looks whether they may be; only then does the
//! new `dist/` take the place of the old one, so a failed build leaves a working site alone.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use ::deploy::address::{BasePath, Origin};

use crate::finish::{Files, finish};
use crate::folder::{read_all, replace, table, write_site};
use crate::gate;
use crate::process::{Result, command, run, say};
use crate::split::split;
use crate::toolchain::{Toolchain, WASM};
use crate::tools::Toolbox;
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
    let next = dist.with_extension("next");
    let _ = fs::remove_dir_all(&next);
    let linked = target.join(WASM).join("release/occam-keys.wasm");
    let finished = run(&mut trunk, "`trunk build`")
        .and_then(|()| split(&linked, &tools, &built))
        .and_then(|()| finished(&built, options));
    let _ = fs::remove_dir_all(&built);
    let files = finished?;
    say("Compressing the site.");
    let weights = write_site(&next, &files).inspect_err(|_| {
        let _ = fs::remove_dir_all(&next);
    })?;
    replace(&dist, &next)?;
    print!("{}", table(&weights));
    say(format!("The site is in {}.", dist.display()));
    Ok(dist)
}

fn finished(built: &Path, options: &Options) -> Result<Files> {
    let files = finish(read_all(built)?, options.api.as_ref(), options.base.as_ref())?;
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
