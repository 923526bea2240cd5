//! How large the files of the site may be, by `budget.txt`.

use crate::finish::{Files, name_without_hash};
use crate::folder::is_compressed;
use crate::process::{Failure, Result, refuse};

const BUDGET: &str = include_str!("../budget.txt");

/// The files of languages, of which a user downloads one at most.
const LANGUAGE: &str = "lang";

/// Fails with each file of a site, its compressed forms among them, that is larger than its budget
/// or has none. Only for the site as this project builds it: another compiler, or the address of
/// another Key API, makes other files, and that is no fault of who builds them.
pub(crate) fn check(site: &Files) -> Result<()> {
    refuse(&complaints(BUDGET, site), |count| {
        Failure::new(
            format!("The built site breaks xtask/budget.txt in {count} files."),
            "Save the bytes, or raise the budget and say in the commit what they buy.",
        )
    })
}

fn complaints(budget: &str, site: &Files) -> Vec<String> {
    let lines = budget.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let most: Vec<(&str, usize)> = lines.filter_map(read).collect();
    let complaint = |(name, content): (&String, &Vec<u8>)| {
        let bytes = site.get(&format!("{name}.br")).unwrap_or(content).len();
        let name = plain_name(name);
        match most.iter().find(|(of, _)| *of == name) {
            None => Some(format!("{name}: {bytes} bytes of brotli, and no budget for them")),
            Some((_, most)) if bytes > *most => {
                Some(format!("{name}: {bytes} bytes of brotli, {} too many", bytes - most))
            }
            Some(_) => None,
        }
    };
    site.iter().filter(|(name, _)| !is_compressed(name)).filter_map(complaint).collect()
}

fn read(line: &str) -> Option<(&str, usize)> {
    let (name, bytes) = line.split_once(' ')?;
    Some((name, bytes.trim().parse().ok()?))
}

/// What a file is called in the budget.
fn plain_name(name: &str) -> String {
    match name.ends_with(".json") {
        true => LANGUAGE.to_owned(),
        false => name_without_hash(name).unwrap_or_else(|| name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finish::name_with_hash;

    fn site(files: &[(&str, usize)]) -> Files {
        files.iter().map(|(name, bytes)| ((*name).to_owned(), vec![0; *bytes])).collect()
    }

    #[test]
    fn a_name_is_told_from_the_hash_that_it_was_given() {
        for name in ["boot.js", "occam-keys_bg.wasm", "occam-keys.js", "main.css"] {
            let hashed = name_with_hash(name, b"content").expect("the name has an ending");
            assert_eq!(plain_name(&hashed), name);
        }
        assert_eq!(plain_name("index.html"), "index.html");
        assert_eq!(plain_name("de-830b0fd83c1df550.json"), "lang");
    }

    #[test]
    fn a_file_that_is_too_large_or_has_no_budget_is_named() {
        let budget = "# Words.\n\nindex.html 100\nicon.svg 900\n";
        let page = |bytes| {
            let files = [("index.html", 900), ("index.html.br", bytes), ("index.html.gz", 500)];
            complaints(budget, &site(&files))
        };
        assert_eq!(page(100), [""; 0]);
        assert_eq!(page(101), ["index.html: 101 bytes of brotli, 1 too many"]);
        assert_eq!(
            complaints(budget, &site(&[("more.js", 900), ("more.js.br", 5)])),
            ["more.js: 5 bytes of brotli, and no budget for them"]
        );
        assert_eq!(
            complaints(budget, &site(&[("icon.svg", 901)])),
            ["icon.svg: 901 bytes of brotli, 1 too many"],
            "what is not compressed goes out as it is"
        );
    }

    #[test]
    fn every_line_of_the_budget_can_be_read() {
        let lines = BUDGET.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        for line in lines {
            assert!(read(line).is_some(), "{line}");
        }
    }
}
