//! Fitting a built site to where it is going to lie, without building it again.

use std::fs;
use std::path::{Path, PathBuf};

use ::deploy::address::{BasePath, Origin};
use ::deploy::page::{self, PageError};
use ::deploy::servers::{Setup, configurations};

use crate::finish::{Files, PAGE};
use crate::folder::{neighbour, read_site, replace, write, write_file};
use crate::gate;
use crate::process::{Failure, Result, say};

/// Where a site is going to lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    /// The Key API that the site is to use from now on; `None` within for the site's own origin.
    /// Without it, the one that it has.
    pub(crate) api: Option<Option<Origin>>,
    /// The path that it is going to lie under.
    pub(crate) base: BasePath,
    /// The folder on the server.
    pub(crate) root: String,
    /// The folder of the site here; without it, `dist/`.
    pub(crate) folder: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self { api: None, base: BasePath::root(), root: "/srv/occam-keys".to_owned(), folder: None }
    }
}

/// Reads the folder on the server as it is going to stand in configurations, between quotes.
pub(crate) fn parse_root(text: &str) -> Result<String> {
    let plain = text.chars().all(|c| c.is_alphanumeric() || "/-._+ ".contains(c));
    let path = text.trim_end_matches('/');
    if plain && path.starts_with('/') {
        return Ok(path.to_owned());
    }
    Err(Failure::new(
        format!("`{text}` cannot stand in the configuration of a server."),
        "Give an absolute path of letters, digits, `-`, `.`, `_`, `+` and spaces.",
    ))
}

/// Changes the Key API of the site in `folder`, if asked to, and writes the configurations of
/// servers beside it. Gives their folder.
pub(crate) fn deploy(folder: &Path, options: &Options) -> Result<PathBuf> {
    let mut files = read_site(folder)?;
    let mut html = text_of_page(&files)?;
    if let Some(api) = &options.api {
        html = page::with_api(&html, api.as_ref()).map_err(refusal)?;
        files.insert(PAGE.to_owned(), html.clone().into_bytes());
        gate::check(&files, false)?;
        write_file(folder, PAGE, html.as_bytes())?;
    }
    let allowed = page::rules(&html).map_err(refusal)?;
    let place = neighbour(folder, "deploy");
    let names: Vec<String> = files.into_keys().filter(|name| name != PAGE).collect();
    let setup =
        Setup { allowed: &allowed, base: &options.base, root: &options.root, files: &names };
    let next = neighbour(folder, "deploy.next");
    // What an interrupted run has left.
    let _ = fs::remove_dir_all(&next);
    for configuration in configurations(&setup) {
        write(&next.join(configuration.name), configuration.text.as_bytes())?;
    }
    replace(&place, &next)?;
    let of = allowed.api.as_ref().map_or("its own origin", Origin::as_str);
    say(format!("The site calls the Key API at {of}."));
    say(format!("The configurations of servers are in {}.", place.display()));
    Ok(place)
}

fn text_of_page(files: &Files) -> Result<String> {
    let page = files.get(PAGE).cloned().unwrap_or_default();
    String::from_utf8(page)
        .map_err(|_| Failure::new("index.html is not UTF-8.", "Build the site again."))
}

fn refusal(error: PageError) -> Failure {
    let mut text = error.to_string();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    Failure::new(
        format!("{text}."),
        "Set both with `cargo xtask deploy --api ORIGIN`; `--api same` is the site's own origin.",
    )
}

#[cfg(test)]
mod tests {
    use std::{env, process};

    use super::*;
    use crate::finish::finish;
    use crate::folder::{read_all, write_site};

    const INDEX: &str = "<head><meta charset=\"utf-8\"><meta name=\"key-api\" content=\"\">\
        <style data-inline=\"first.css\"></style><script data-inline=\"boot.js\"></script>\
        <script src=\"./boot.js\"></script><link rel=\"stylesheet\" href=\"./main.css\"></head>";

    #[test]
    fn the_api_is_changed_in_the_page_its_compressed_forms_and_every_configuration() {
        let folder = env::temp_dir().join(format!("occam-keys-deploy-{}", process::id()));
        let dist = folder.join("dist");
        let built: Files =
            [("index.html", INDEX), ("main.css", "p{}"), ("first.css", "a{}"), ("boot.js", "boot")]
                .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
                .into();
        write_site(&dist, &finish(built, None, None).expect("it is whole")).expect("a folder");
        let before = read_all(&dist).expect("it was written");
        let mut options = Options::default();
        deploy(&dist, &options).expect("a site");
        assert_eq!(read_all(&dist).as_ref(), Ok(&before), "nothing was to change");

        let api = Origin::parse("https://keys.example.org").expect("an origin");
        options.api = Some(Some(api.clone()));
        let place = deploy(&dist, &options).expect("a site");
        let after = read_all(&dist).expect("it was written");
        for (name, content) in &after {
            let same = before.get(name) == Some(content);
            assert_eq!(same, !name.starts_with("index.html"), "{name}");
        }
        let html = String::from_utf8(after[PAGE].clone()).expect("it is text");
        assert_eq!(page::rules(&html).map(|allowed| allowed.api), Ok(Some(api)));
        for (name, text) in read_all(&place).expect("it was written") {
            let text = String::from_utf8(text).expect("it is text");
            assert!(text.contains("connect-src 'self' https://keys.example.org;"), "{name}");
        }

        options.api = Some(None);
        deploy(&dist, &options).expect("a site");
        assert_eq!(read_all(&dist).as_ref(), Ok(&before), "there is a way back");

        let html = String::from_utf8(before[PAGE].clone()).expect("it is text");
        let changed = html.replacen("content=\"\"", "content=\"https://other.example\"", 1);
        write(&dist.join(PAGE), changed.as_bytes()).expect("a folder");
        options.api = None;
        let refused = deploy(&dist, &options).expect_err("the policy is another one");
        assert!(refused.to_string().contains("Content-Security-Policy"), "{refused}");
        fs::remove_dir_all(&folder).expect("the test made it");
    }

    #[test]
    fn a_folder_that_could_end_its_quotes_is_refused() {
        assert_eq!(parse_root("/srv/keys site/").as_deref(), Ok("/srv/keys site"));
        for text in ["", "/", "srv", "/srv/\"x", "/srv/$x", "/srv/{x}", "/srv\n"] {
            assert!(parse_root(text).is_err(), "{text:?}");
        }
    }
}
