//! Whether one commit makes one site: two builds share neither the folder of the sources nor the one
//! for what is built. What both are is held to its [`budget`].

use std::panic::resume_unwind;
use std::{env, fs, process, thread};

use crate::budget;
use crate::finish::{Files, sha256};
use crate::folder::read_all;
use crate::process::{Failure, Result, capture, command, run, say};
use crate::site;
use crate::toolchain::Toolchain;
use crate::workspace::Workspace;

/// Builds the last commit twice and fails if the two differ in a single byte, or if
/// what both are is too large.
pub(crate) fn reproduce(workspace: &Workspace) -> Result<()> {
    let toolchain = Toolchain::find_or_install()?;
    // Not below this one, whose settings for cargo would come on top of the clone's own.
    let folder = env::temp_dir().join(format!("occam-keys-clones-{}", process::id()));
    say("Building the last commit twice, side by side; what is not committed is not in it.");
    let clone = |name: &str| {
        let root = folder.join(name);
        let mut clone = command("git");
        clone.args(["clone", "--quiet", "--no-hardlinks"]).arg(&workspace.root).arg(&root);
        run(&mut clone, "`git clone`").map(|()| root)
    };
    let build = |workspace: Workspace| {
        read_all(&site::build(&workspace, &toolchain, &site::Options::default())?)
    };
    // Other people's crates are built from nothing for this one when they change, and kept: they
    // take longer than the rest.
    let apart =
        || build(Workspace { root: clone("a")?, target: workspace.target.join("reproduce") });
    // In this folder, if it holds the last commit and no site yet: then whoever needs one next finds
    // it there.
    let here = || {
        let is_fit = !workspace.root.join("dist").exists() && is_committed(workspace)?;
        let root = if is_fit { workspace.root.clone() } else { clone("another-clone")? };
        build(Workspace { target: workspace.target.clone(), root })
    };
    // The end of a build works on one processor: there is one left for the other build.
    let built = thread::scope(|scope| {
        let builds = [scope.spawn(apart), scope.spawn(here)];
        builds.map(|build| build.join().unwrap_or_else(|panic| resume_unwind(panic)))
    });
    // What is left is only disk space.
    let _ = fs::remove_dir_all(&folder);
    let [first, second] = built;
    let (first, second) = (first?, second?);
    let different = differences(&first, &second);
    if different.is_empty() {
        print!("{}", sums(&first));
        say(format!("Both builds gave the same {} files.", first.len()));
        return budget::check(&first);
    }
    Err(Failure::new(
        format!("Two builds of one commit differ: {}.", different.join(", ")),
        "Compare the files with `cmp` and find what names a folder, a time or an order.",
    ))
}

/// Whether the folder holds what its last commit holds.
fn is_committed(workspace: &Workspace) -> Result<bool> {
    let mut status = command("git");
    status.current_dir(&workspace.root).args(["status", "--porcelain"]);
    Ok(capture(&mut status, "`git status`")?.is_empty())
}

fn differences(first: &Files, second: &Files) -> Vec<String> {
    let mut names: Vec<&String> = first.keys().chain(second.keys()).collect();
    names.sort();
    names.dedup();
    names.into_iter().filter(|name| first.get(*name) != second.get(*name)).cloned().collect()
}

/// The hash and the name of every file, as `sha256sum --check` reads them.
pub(crate) fn sums(files: &Files) -> String {
    files.iter().map(|(name, content)| format!("{}  {name}\n", sha256(content))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(pairs: &[(&str, &str)]) -> Files {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn a_byte_and_a_missing_file_are_differences() {
        let first = files(&[("a", "1"), ("b", "2"), ("c", "3")]);
        assert_eq!(differences(&first, &first), Vec::<String>::new());
        let second = files(&[("a", "1"), ("b", "x"), ("d", "4")]);
        assert_eq!(differences(&first, &second), ["b", "c", "d"]);
    }

    #[test]
    fn sums_are_as_sha256sum_writes_them() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sums(&files(&[("a/b", "")])), format!("{empty}  a/b\n"));
    }
}
