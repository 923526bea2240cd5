//! The archive of a version: the site, the configurations of servers, what is in it and its
//! hashes. One commit makes one archive.

use std::fs;
use std::path::PathBuf;

use tar::{Builder, EntryType, Header};

use crate::bill;
use crate::deploy;
use crate::finish::Files;
use crate::folder::{gzipped, read, read_all, replace, write};
use crate::process::{Failure, Result, say};
use crate::reproduce::sums;
use crate::site;
use crate::toolchain::Toolchain;
use crate::workspace::Workspace;

/// What goes along with the site.
const DOCUMENTS: [&str; 6] = [
    "CHANGELOG.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "deploy/Containerfile",
    "deploy/container.conf",
    "docs/DEPLOY.md",
];

/// The time of every file: 1980, the first year that every format of archives knows.
const TIME: u64 = 315_532_800;

/// Builds the site and puts the archive, its bill and the hashes of both into `dist-package/`.
pub(crate) fn package(workspace: &Workspace, options: &site::Options) -> Result<PathBuf> {
    let dist = site::build(workspace, &Toolchain::find_or_install()?, options)?;
    let place = deploy::Options {
        base: options.base.clone().unwrap_or_else(::deploy::address::BasePath::root),
        ..deploy::Options::default()
    };
    let configurations = deploy::deploy(&dist, &place)?;
    let bill = bill::make(workspace)?;
    let bill_text = format!("{:#}\n", bill.json).into_bytes();

    let mut files = Files::new();
    for (folder, content) in
        [("dist", read_all(&dist)?), ("dist-deploy", read_all(&configurations)?)]
    {
        files.extend(content.into_iter().map(|(name, bytes)| (format!("{folder}/{name}"), bytes)));
    }
    for name in DOCUMENTS {
        files.insert(name.to_owned(), read(&workspace.root.join(name))?);
    }
    files.insert("bill-of-materials.cdx.json".to_owned(), bill_text.clone());
    files.insert("SHA256SUMS".to_owned(), sums(&files).into_bytes());

    let name = format!("occam-keys-{}", bill.version);
    let packed = archive(&name, &files).and_then(|tar| gzipped(&tar)).map_err(|error| {
        Failure::new(
            format!("The archive could not be made: {error}."),
            "Check that no file has a name of more than 100 letters.",
        )
    })?;
    let made: Files =
        [(format!("{name}.cdx.json"), bill_text), (format!("{name}.tar.gz"), packed)].into();
    let next = workspace.root.join("dist-package.next");
    // What an interrupted run has left.
    let _ = fs::remove_dir_all(&next);
    for (name, content) in &made {
        write(&next.join(name), content)?;
    }
    write(&next.join("SHA256SUMS"), sums(&made).as_bytes())?;
    let folder = workspace.root.join("dist-package");
    replace(&folder, &next)?;
    print!("{}", sums(&made));
    say(format!("The archive is in {}.", folder.display()));
    Ok(folder)
}

/// The files below a folder of this name, in the order of their names, as nobody's, of no time.
fn archive(name: &str, files: &Files) -> std::io::Result<Vec<u8>> {
    let mut builder = Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_mtime(TIME);
        header.set_uid(0);
        header.set_gid(0);
        header.set_size(content.len() as u64);
        builder.append_data(&mut header, format!("{name}/{path}"), &**content)?;
    }
    builder.into_inner()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn an_archive_follows_from_its_files_alone() {
        let files: Files =
            [("b/c", "2"), ("a", "1")].map(|(n, text)| (n.to_owned(), text.into())).into();
        let made = archive("x-1.0", &files).expect("short names");
        assert_eq!(archive("x-1.0", &files).ok(), Some(made.clone()));
        let mut read = tar::Archive::new(&*made);
        let entries: Vec<_> = read
            .entries()
            .expect("an archive")
            .map(|entry| {
                let mut entry = entry.expect("an entry");
                let mut text = String::new();
                entry.read_to_string(&mut text).expect("it is text");
                let header = entry.header();
                let of = (header.mtime().ok(), header.uid().ok(), header.mode().ok());
                assert_eq!(of, (Some(TIME), Some(0), Some(0o644)));
                (entry.path().expect("a path").display().to_string(), text)
            })
            .collect();
        assert_eq!(entries, [("x-1.0/a".into(), "1".into()), ("x-1.0/b/c".into(), "2".into())]);
    }
}
