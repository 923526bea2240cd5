//! The rules of the repository that no compiler holds.
//!
//! Every rule reads the files as they lie there, also those that are not committed yet, and names
//! each place that breaks it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A source file longer than this is read by nobody in one go.
const MOST_LINES: usize = 700;

/// The endings of files that people write.
const TEXT: [&str; 12] =
    ["css", "html", "js", "json", "md", "rs", "sh", "sql", "svg", "toml", "txt", "yml"];

/// A file of the repository.
struct File {
    /// The path inside the repository, with forward slashes.
    name: String,
    text: String,
}

impl File {
    fn has_ending(&self, ending: &str) -> bool {
        Path::new(&self.name).extension().is_some_and(|found| found == ending)
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every text file of the repository but this one, which has to name what it forbids.
fn files() -> Vec<File> {
    let ignored = read(&root().join(".gitignore"));
    let ignored: Vec<&str> = ignored.lines().map(|line| line.trim_matches('/')).collect();
    let mut files = Vec::new();
    walk(&root(), "", &ignored, &mut files);
    assert!(files.len() > 20, "the walk found {} files only", files.len());
    files
}

fn walk(folder: &Path, inside: &str, ignored: &[&str], files: &mut Vec<File>) {
    let entries = fs::read_dir(folder).expect("the repository can be listed");
    for entry in entries {
        let path = entry.expect("the repository can be listed").path();
        let last = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = if inside.is_empty() { last.clone() } else { format!("{inside}/{last}") };
        if last == ".git" || ignored.contains(&name.as_str()) || ignored.contains(&last.as_str()) {
            continue;
        }
        if path.is_dir() {
            walk(&path, &name, ignored, files);
        } else if name != "xtask/tests/tidy.rs" && is_text(&path) {
            files.push(File { text: read(&path), name });
        }
    }
}

fn is_text(path: &Path) -> bool {
    match path.extension() {
        Some(ending) => TEXT.iter().any(|text| ending == *text),
        None => path.ends_with(".ci/run"),
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Fails with every place where `complain` finds something in a line of `files`.
fn check_lines<'a>(
    files: impl IntoIterator<Item = &'a File>,
    complain: impl Fn(&File, &str) -> Option<String>,
) {
    let mut complaints = Vec::new();
    for file in files {
        for (number, line) in (1..).zip(file.text.split_inclusive('\n')) {
            if let Some(complaint) = complain(file, line) {
                complaints.push(format!("{}:{number}: {complaint}", file.name));
            }
        }
    }
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn lines_end_plainly() {
    check_lines(&files(), |file, line| {
        let Some(line) = line.strip_suffix('\n') else {
            return Some("the last line does not end".to_owned());
        };
        if line.ends_with('\r') {
            Some("the line ends with a carriage return".to_owned())
        } else if line.ends_with([' ', '\t']) {
            Some("white space at the end of the line".to_owned())
        } else if line.contains('\t') && !file.has_ending("txt") {
            Some("a tab".to_owned())
        } else {
            None
        }
    });
}

#[test]
fn nothing_is_left_for_later() {
    check_lines(&files(), |_, line| {
        ["TODO", "FIXME", "XXX"]
            .into_iter()
            .find(|word| line.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == *word))
            .map(|word| format!("{word}: do it now or file an issue"))
    });
}

#[test]
fn no_lint_is_silenced_and_no_test_skipped() {
    let files = files();
    let rust = files.iter().filter(|file| file.has_ending("rs"));
    check_lines(rust, |_, line| {
        let code = line.trim_start();
        ["#[allow(", "#![allow(", "#[ignore", "#[should_panic"]
            .into_iter()
            .find(|attribute| code.starts_with(attribute))
            .map(|attribute| match attribute {
                "#[ignore" => "a test that does not run tells nothing".to_owned(),
                "#[should_panic" => "check the error itself, not that there was a panic".to_owned(),
                _ => "use #[expect(.., reason = \"..\")], which ends with its cause".to_owned(),
            })
    });
}

#[test]
fn no_path_belongs_to_one_machine() {
    check_lines(&files(), |_, line| {
        ["/root/", "/home/", "/Users/", "C:\\Users", "/tmp/bash"]
            .into_iter()
            .find(|path| line.contains(path))
            .map(|path| format!("{path} exists on some machines only"))
    });
}

#[test]
fn no_lock_file_names_another_registry() {
    let lock = read(&root().join("Cargo.lock"));
    for line in lock.lines().filter(|line| line.starts_with("source = ")) {
        assert_eq!(line, "source = \"registry+https://github.com/rust-lang/crates.io-index\"");
    }
    for file in files().iter().filter(|file| file.name.ends_with("package-lock.json")) {
        for line in file.text.lines().filter(|line| line.contains("\"resolved\": \"http")) {
            assert!(line.contains("https://registry.npmjs.org/"), "{}: {line}", file.name);
        }
    }
}

#[test]
fn source_files_stay_short() {
    let long: Vec<String> = files()
        .iter()
        .filter(|file| file.has_ending("rs"))
        .map(|file| (file.text.lines().count(), &file.name))
        .filter(|(lines, _)| *lines >= MOST_LINES)
        .map(|(lines, name)| format!("{name} has {lines} lines"))
        .collect();
    assert!(long.is_empty(), "{}: split along a seam", long.join(", "));
}

#[test]
fn every_crate_inherits_from_the_workspace() {
    let workspace = read(&root().join("Cargo.toml"));
    let members = workspace
        .lines()
        .find_map(|line| line.strip_prefix("members = ["))
        .expect("the workspace lists its members on one line");
    let members = members.split('"').skip(1).step_by(2).map(|member| format!("{member}/"));
    for folder in members.chain([String::new()]) {
        let name = format!("{folder}Cargo.toml");
        let manifest = read(&root().join(&name));
        for line in [
            "[lints]\nworkspace = true",
            "edition.workspace = true",
            "license.workspace = true",
            "publish.workspace = true",
            "rust-version.workspace = true",
            "version.workspace = true",
        ] {
            assert!(manifest.contains(line), "{name} lacks {line:?}");
        }
    }
}

/// What `cargo xtask --help` says.
fn help() -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("--help")
        .output()
        .expect("cargo has just built it");
    String::from_utf8(output.stdout).expect("the help is text")
}

#[test]
fn the_commands_in_the_documents_exist() {
    let help = help();
    let known: BTreeSet<&str> =
        help.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).collect();
    let files = files();
    let documents = files.iter().filter(|file| !file.has_ending("rs"));
    check_lines(documents, |_, line| {
        line.split("cargo xtask ").skip(1).find_map(|rest| {
            let call = rest.split(['`', '#', '|', ';', '&', ')', '"', '.', ',']).next()?;
            let unknown = call
                .split_whitespace()
                .enumerate()
                .take_while(|(index, word)| *index == 0 || word.starts_with("--"))
                .find(|(_, word)| !known.contains(word))?;
            Some(format!("`cargo xtask {call}`: the help does not know {}", unknown.1))
        })
    });
}

#[test]
fn links_between_documents_lead_somewhere() {
    let files = files();
    let documents = files.iter().filter(|file| file.has_ending("md"));
    check_lines(documents, |file, line| {
        line.split("](").skip(1).find_map(|rest| {
            let link = rest.split([')', ' ', '#']).next()?;
            if link.is_empty() || link.contains(':') {
                return None;
            }
            let folder = root().join(&file.name);
            let exists = folder.parent()?.join(link).exists();
            (!exists).then(|| format!("there is no {link}"))
        })
    });
}

/// The names of all tests: native ones, those in a browser, and those of properties.
fn tests(files: &[File]) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for file in files.iter().filter(|file| file.has_ending("rs")) {
        let mut is_test = false;
        for line in file.text.lines().map(str::trim_start) {
            let code = line.strip_prefix("async ").unwrap_or(line);
            if line.starts_with("#[") {
                is_test |= ["#[test]", "#[tokio::test]", "#[wasm_bindgen_test]"].contains(&line);
            } else if let Some(rest) = code.strip_prefix("fn ") {
                let name = rest.split('(').next().filter(|_| is_test);
                names.extend(name);
                is_test = false;
            }
        }
    }
    names
}

#[test]
fn every_test_that_the_security_page_names_exists() {
    every_test_exists_that_is_named_on("docs/SECURITY.md", 50);
    check_lines([&page("docs/SECURITY.md")], |_, line| {
        let columns = line.trim_end().chars().count();
        (columns > 100).then(|| format!("{columns} columns"))
    });
}

#[test]
fn every_test_that_the_page_on_the_key_api_names_exists() {
    every_test_exists_that_is_named_on("docs/KEY_API.md", 30);
    check_lines([&page("docs/KEY_API.md")], |_, line| {
        let columns = line.trim_end().chars().count();
        // A row of a table cannot be broken.
        (columns > 100 && !line.starts_with('|')).then(|| format!("{columns} columns"))
    });
}

fn page(name: &str) -> File {
    File { name: name.to_owned(), text: read(&root().join(name)) }
}

/// Fails unless `name` is a page that names more than `least` tests, and each is there.
#[track_caller]
fn every_test_exists_that_is_named_on(name: &str, least: usize) {
    let mut files = files();
    files.push(page("xtask/tests/tidy.rs"));
    let (page, known) = (page(name), tests(&files));
    // What is no test is an operation of the Key API or a field.
    let description = read(&root().join("key-api/src/openapi.json"));
    let is_test = |text: &&str| {
        let is_name = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_';
        text.contains('_') && text.chars().all(is_name) && !description.contains(text)
    };
    let names: Vec<&str> = page.text.split('`').skip(1).step_by(2).filter(is_test).collect();
    assert!(names.len() > least, "{name} names {} tests only", names.len());
    let unknown: Vec<&&str> = names.iter().filter(|name| !known.contains(**name)).collect();
    assert!(unknown.is_empty(), "there are no tests {unknown:#?}");
}
