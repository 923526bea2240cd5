//! Whether a site need not be made again: what it was made of is as it was, and so is every byte
//! that came of it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::finish::sha256;
use crate::folder::read_all;
use crate::process::{Failure, Result};
use crate::reproduce::sums;

/// What a site is made of, and the file that says which site came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    file: PathBuf,
    sources: String,
}

impl Stamp {
    /// A stamp in `file`, for what is made of `sources`: of everything that has a say in it.
    pub(crate) fn new(file: PathBuf, sources: &[String]) -> Self {
        let sources: Vec<String> = sources.iter().map(|it| sha256(it.as_bytes())).collect();
        Self { file, sources: sources.join("\n") }
    }

    /// Whether the site in `folder` is what comes of them. Nobody has to have made it: then it is
    /// not.
    pub(crate) fn is_on(&self, folder: &Path) -> bool {
        let text = fs::read_to_string(&self.file);
        text.is_ok_and(|text| self.text(folder).is_ok_and(|now| now == text))
    }

    /// Says that the site in `folder` came of them.
    pub(crate) fn put_on(&self, folder: &Path) -> Result<()> {
        fs::write(&self.file, self.text(folder)?)
            .map_err(|error| Failure::file("Writing", &self.file, &error))
    }

    /// The folder is named, because several clones may share what they build.
    fn text(&self, folder: &Path) -> Result<String> {
        Ok(format!("{}\n{}\n{}", self.sources, folder.display(), sums(&read_all(folder)?)))
    }
}

#[cfg(test)]
mod tests {
    use std::{env, process};

    use super::*;

    #[test]
    fn a_site_is_made_again_when_a_source_a_file_or_its_place_has_changed() {
        let folder = env::temp_dir().join(format!("occam-keys-stamp-{}", process::id()));
        let (site, copy) = (folder.join("dist"), folder.join("copy"));
        for site in [&site, &copy] {
            fs::create_dir_all(site).expect("the folder is writable");
            fs::write(site.join("index.html"), "a page").expect("the folder is writable");
        }
        let of = |sources: [&str; 2]| Stamp::new(folder.join("stamp"), &sources.map(str::to_owned));
        let stamp = of(["a", "bc"]);
        assert!(!stamp.is_on(&site), "nothing was made yet");
        stamp.put_on(&site).expect("the folder is writable");
        assert!(stamp.is_on(&site));
        assert!(!stamp.is_on(&copy), "that is somebody else's");
        for sources in [["a", "bd"], ["ab", "c"]] {
            assert!(!of(sources).is_on(&site), "{sources:?}");
        }
        fs::write(site.join("index.html"), "a page, edited").expect("the folder is writable");
        assert!(!stamp.is_on(&site), "it is not what was made");
        fs::remove_dir_all(&site).expect("the test made it");
        assert!(!stamp.is_on(&site), "it is gone");
        fs::remove_dir_all(&folder).expect("the test made it");
    }
}
