//! Whether every crate may be used: its licence and where it comes from.
//!
//! The list of licences is the one of `deny.toml`, which cargo-deny reads too.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::process::{Failure, Result, capture, cargo};
use crate::workspace::Workspace;

/// How cargo writes that a crate comes from crates.io.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// A crate of the dependency graph.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Package {
    name: String,
    version: String,
    licence: Option<String>,
    source: Option<String>,
}

/// Checks every crate of the graph, on every platform, and gives their number.
pub(crate) fn check(workspace: &Workspace) -> Result<usize> {
    let path: PathBuf = workspace.root.join("deny.toml");
    let deny =
        fs::read_to_string(&path).map_err(|error| Failure::file("Reading", &path, &error))?;
    let allowed = allowed_licences(&deny);
    let metadata = capture(
        cargo().current_dir(&workspace.root).args([
            "metadata",
            "--locked",
            "--format-version",
            "1",
        ]),
        "Reading the crates with `cargo metadata`",
    )?;
    let packages = packages(&metadata).ok_or_else(|| {
        Failure::new(
            "The answer of `cargo metadata` lists no packages.",
            "Check that `cargo` on PATH is the real cargo.",
        )
    })?;
    let complaints: Vec<String> =
        packages.iter().filter_map(|package| complaint(package, &allowed)).collect();
    for complaint in &complaints {
        eprintln!("{complaint}");
    }
    if complaints.is_empty() {
        Ok(packages.len())
    } else {
        Err(Failure::new(
            format!("{} crates may not be used.", complaints.len()),
            "Use another crate, or decide and say why in deny.toml.",
        ))
    }
}

fn packages(metadata: &str) -> Option<Vec<Package>> {
    let metadata: Value = serde_json::from_str(metadata).ok()?;
    let packages = metadata.get("packages")?.as_array()?;
    Some(
        packages
            .iter()
            .map(|package| {
                let text = |key| package.get(key).and_then(Value::as_str).map(str::to_owned);
                Package {
                    name: text("name").unwrap_or_default(),
                    version: text("version").unwrap_or_default(),
                    licence: text("license"),
                    source: text("source"),
                }
            })
            .collect(),
    )
}

/// What is wrong with a crate, if anything is.
fn complaint(package: &Package, allowed: &[String]) -> Option<String> {
    let Package { name, version, licence, source } = package;
    // Crates without a source are the workspace's own.
    if let Some(source) = source
        && source != CRATES_IO
    {
        return Some(format!("{name} {version} comes from {source}, not from crates.io"));
    }
    match licence {
        None => Some(format!("{name} {version} names no licence")),
        Some(licence) => match is_allowed(licence, allowed) {
            Some(true) => None,
            Some(false) => Some(format!("{name} {version} has the licence {licence}")),
            None => Some(format!("{name} {version} has a licence that cannot be read: {licence}")),
        },
    }
}

/// The `allow` list of the `[licenses]` table of a `deny.toml`.
fn allowed_licences(deny: &str) -> Vec<String> {
    deny.lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .skip_while(|line| *line != "[licenses]")
        .skip_while(|line| !line.starts_with("allow"))
        .scan(false, |done, line| {
            let current = (!*done).then_some(line);
            *done = line.ends_with(']');
            current
        })
        .flat_map(|line| line.split('"').skip(1).step_by(2).map(str::to_owned))
        .collect()
}

/// Whether a licence expression such as `(MIT OR Apache-2.0) AND Unicode-3.0` is met by the
/// allowed licences; nothing if it is not such an expression.
fn is_allowed(expression: &str, allowed: &[String]) -> Option<bool> {
    // The slash is an old way to write OR.
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser { words: &words, allowed };
    let met = parser.any()?;
    parser.words.is_empty().then_some(met)
}

/// Reads an expression by recursive descent; AND binds tighter than OR.
struct Parser<'a> {
    words: &'a [&'a str],
    allowed: &'a [String],
}

impl Parser<'_> {
    fn any(&mut self) -> Option<bool> {
        let mut met = self.all()?;
        while self.take("OR") {
            met |= self.all()?;
        }
        Some(met)
    }

    fn all(&mut self) -> Option<bool> {
        let mut met = self.one()?;
        while self.take("AND") {
            met &= self.one()?;
        }
        Some(met)
    }

    fn one(&mut self) -> Option<bool> {
        if self.take("(") {
            let met = self.any()?;
            return self.take(")").then_some(met);
        }
        let mut licence = self.next()?.to_owned();
        if matches!(licence.as_str(), "AND" | "OR" | "WITH" | ")") {
            return None;
        }
        if self.take("WITH") {
            licence = format!("{licence} WITH {}", self.next()?);
        }
        Some(self.allowed.contains(&licence))
    }

    fn take(&mut self, word: &str) -> bool {
        match self.words.split_first() {
            Some((first, rest)) if *first == word => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }

    fn next(&mut self) -> Option<&str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed() -> Vec<String> {
        ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).to_vec()
    }

    #[test]
    fn expressions_are_weighed() {
        for (expression, met) in [
            ("MIT", true),
            ("GPL-3.0-only", false),
            ("MIT OR GPL-3.0-only", true),
            ("GPL-3.0-only/MIT", true),
            ("MIT AND GPL-3.0-only", false),
            ("MIT OR GPL-3.0-only AND LGPL-3.0-only", true),
            ("(MIT OR GPL-3.0-only) AND LGPL-3.0-only", false),
            ("(MIT OR GPL-3.0-only) AND Apache-2.0", true),
            ("Apache-2.0 WITH LLVM-exception OR GPL-3.0-only", true),
            ("MIT WITH Other-exception", false),
        ] {
            assert_eq!(is_allowed(expression, &allowed()), Some(met), "{expression}");
        }
    }

    #[test]
    fn what_is_no_expression_is_not_allowed() {
        for expression in ["", "OR", "MIT OR", "MIT Apache-2.0", "(MIT", "MIT)", "MIT WITH"] {
            assert_eq!(is_allowed(expression, &allowed()), None, "{expression}");
        }
    }

    #[test]
    fn the_list_is_read_as_cargo_deny_reads_it() {
        let deny = "[sources]\nallow = [\"no\"]\n\n[licenses]\n# A \"comment\".\nallow = [\n    \
            \"MIT\", # with \"words\"\n    \"ISC\",\n]\nother = [\"no\"]\n";
        assert_eq!(allowed_licences(deny), ["MIT", "ISC"]);
        assert_eq!(
            allowed_licences("[licenses]\nallow = [\"MIT\", \"ISC\"]\nx = [\"no\"]"),
            ["MIT", "ISC"]
        );
        assert!(allowed_licences("").is_empty());
    }

    #[test]
    fn crates_from_elsewhere_or_without_licence_are_named() {
        let package = Package {
            name: "some".to_owned(),
            version: "1.0.0".to_owned(),
            licence: Some("MIT".to_owned()),
            source: Some(CRATES_IO.to_owned()),
        };
        assert_eq!(complaint(&package, &allowed()), None);
        let own = Package { source: None, ..package.clone() };
        assert_eq!(complaint(&own, &allowed()), None);
        let foreign = Package { source: Some("git+https://host/x".to_owned()), ..package.clone() };
        assert!(complaint(&foreign, &allowed()).is_some_and(|text| text.contains("git+https")));
        let silent = Package { licence: None, ..package };
        assert!(complaint(&silent, &allowed()).is_some_and(|text| text.contains("no licence")));
    }
}
