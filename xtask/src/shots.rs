//! Taking a picture of every state of the site, and a page that compares them with the last ones.

mod difference;
mod page;

use std::fs;
use std::path::Path;

use self::difference::Difference;
use self::page::Comparison;
use crate::folder::{read, write};
use crate::process::{Failure, Result, run, say};
use crate::site;
use crate::test::{EndToEnd, Setup};
use crate::workspace::Workspace;

/// The folders of the last pictures and of what has changed since, within that of the new ones.
const LAST: &str = "last";
const CHANGED: &str = "changed";

/// Takes the pictures into `folder` and writes an `index.html` there, which shows first what has
/// changed since the pictures that were there before.
pub(crate) fn shots(workspace: &Workspace, folder: Option<&Path>) -> Result<()> {
    let default = workspace.target.join("shots");
    let folder = std::path::absolute(folder.unwrap_or(&default))
        .map_err(|error| Failure::file("Finding", &default, &error))?;
    let setup = Setup::find_or_install(workspace)?;
    let options = site::Options { with_styleguide: true, ..site::Options::default() };
    let site = site::build(workspace, &setup.toolchain, &options)?;
    let end_to_end = EndToEnd::with_site(workspace, &setup, site)?;

    say("Taking the pictures (1 to 3 minutes).");
    let next = folder.with_extension("next");
    remove(&next)?;
    let mut tour = end_to_end.cargo("run");
    tour.args(["--bin", "screenshots", "--"]).arg(&next);
    run(&mut tour, "The tour with the camera")?;
    // Only whole sets take the place of others.
    put_aside(&folder)?;
    for name in pictures(&next)? {
        rename(&next.join(&name), &folder.join(&name))?;
    }
    remove(&next)?;

    let comparisons = compare(&folder)?;
    let changed = comparisons.iter().filter(|it| it.is_change()).count();
    write(&folder.join("index.html"), page::page(&comparisons).as_bytes())?;
    println!("{} pictures, {changed} of them not as before", comparisons.len());
    say(format!("Open {} to compare them.", folder.join("index.html").display()));
    Ok(())
}

/// Makes the pictures of a folder the last ones.
fn put_aside(folder: &Path) -> Result<()> {
    let last = folder.join(LAST);
    fs::create_dir_all(folder).map_err(|error| Failure::file("Creating", folder, &error))?;
    let taken = pictures(folder)?;
    if taken.is_empty() {
        return Ok(());
    }
    remove(&last)?;
    fs::create_dir_all(&last).map_err(|error| Failure::file("Creating", &last, &error))?;
    taken.iter().try_for_each(|name| rename(&folder.join(name), &last.join(name)))
}

/// Compares each picture of a folder with the last one of its name, those that differ most first.
fn compare(folder: &Path) -> Result<Vec<Comparison>> {
    let (last, changed) = (folder.join(LAST), folder.join(CHANGED));
    remove(&changed)?;
    fs::create_dir_all(&changed).map_err(|error| Failure::file("Creating", &changed, &error))?;
    let (before, after) = (pictures(&last)?, pictures(folder)?);
    let mut names: Vec<String> = before.iter().chain(&after).cloned().collect();
    names.sort();
    names.dedup();
    let mut comparisons = Vec::with_capacity(names.len());
    for name in names {
        let difference = match (before.contains(&name), after.contains(&name)) {
            (true, true) => {
                let (old, new) = (read(&last.join(&name))?, read(&folder.join(&name))?);
                let found = difference::between(&old, &new).map_err(|why| {
                    Failure::new(format!("{name}: {why}."), "Remove it and run the command again.")
                })?;
                if let Difference::Changed { marked, .. } = &found {
                    write(&changed.join(&name), marked)?;
                }
                found
            }
            (false, _) => Difference::New,
            (true, false) => Difference::Gone,
        };
        comparisons.push(Comparison { name, difference });
    }
    comparisons.sort_by(|a, b| b.weight().total_cmp(&a.weight()));
    Ok(comparisons)
}

/// The names of the pictures in a folder; none if there is no such folder.
fn pictures(folder: &Path) -> Result<Vec<String>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).map_err(|error| Failure::file("Reading", folder, &error))?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".png")).collect();
    names.sort();
    Ok(names)
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).map_err(|error| Failure::file("Moving", from, &error))
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| Failure::file("Removing", folder, &error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pictures_of_this_time_are_compared_with_those_of_the_last() {
        let folder = std::env::temp_dir().join(format!("occam-keys-shots-{}", std::process::id()));
        remove(&folder).expect("nothing is in the way");
        let take = |name: &str, width: u32, shade: u8| {
            let pixels = vec![shade; (width * 2 * 4) as usize];
            let picture = difference::encode(width, 2, &pixels).expect("a picture");
            write(&folder.join(name), &picture).expect("the folder is there");
        };
        fs::create_dir_all(&folder).expect("the temporary folder is writable");
        for name in ["same.png", "changed.png", "gone.png"] {
            take(name, 2, 200);
        }
        put_aside(&folder).expect("they can be moved");
        take("same.png", 2, 200);
        take("changed.png", 2, 100);
        take("new.png", 2, 200);
        let found = compare(&folder).expect("all can be read");
        let order: Vec<&str> = found.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(order[2..], ["changed.png", "same.png"]);
        assert_eq!(found.iter().filter(|it| it.is_change()).count(), 3);
        assert!(folder.join(CHANGED).join("changed.png").exists());
        assert!(!folder.join(CHANGED).join("same.png").exists());
        remove(&folder).expect("the test made it");
    }
}
