//! The files of `lang/` hold what the user reads, whole and no more: every text of the sources and
//! of the page in every language, with the same placeholders, and each number in every form that
//! the language has.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

/// The languages beside English, with the categories of their cardinal numbers: CLDR 48,
/// <https://www.unicode.org/cldr/charts/48/supplemental/language_plural_rules.html>. French and
/// Spanish have `many` for millions, which `Intl` gives too.
const LANGUAGES: [(&str, &[&str]); 5] = [
    ("ar", &["few", "many", "one", "other", "two", "zero"]),
    ("de", &["one", "other"]),
    ("es", &["many", "one", "other"]),
    ("fr", &["many", "one", "other"]),
    ("ja", &["other"]),
];

/// The functions of `src/words.rs`, and which of their arguments a catalog is asked for.
const CALLS: [(&str, Kind); 4] = [
    ("tr", Kind::Plain),
    ("tr_with", Kind::Plain),
    ("tr_around", Kind::Plain),
    ("tr_count", Kind::Plural),
];

/// What a text has in a catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// One translation.
    Plain,
    /// One for each category of numbers.
    Plural,
}

#[test]
fn every_language_has_every_text_and_no_other() {
    let texts = texts();
    assert!(texts.len() > 50, "only {} texts were found", texts.len());
    let mut faults = Vec::new();
    for (language, _) in LANGUAGES {
        let catalog = catalog(language);
        for (text, kind) in &texts {
            match (catalog.get(text), kind) {
                (None, _) => faults.push(format!("{language}: missing: {text:?}")),
                (Some(Value::String(_)), Kind::Plain) | (Some(Value::Object(_)), Kind::Plural) => {}
                (Some(_), kind) => faults.push(format!("{language}: not {kind:?}: {text:?}")),
            }
        }
        let stale = catalog.keys().filter(|text| !texts.contains_key(*text));
        faults.extend(stale.map(|text| format!("{language}: not in use: {text:?}")));
    }
    assert!(faults.is_empty(), "{}\n{} faults", faults.join("\n"), faults.len());
}

#[test]
fn every_translation_has_the_placeholders_of_its_text() {
    let mut faults = Vec::new();
    for (language, categories) in LANGUAGES {
        for (text, translation) in catalog(language) {
            let forms = match &translation {
                Value::Object(forms) => {
                    let found: Vec<&str> = forms.keys().map(String::as_str).collect();
                    if found != categories {
                        faults.push(format!("{language}: the forms {found:?} of {text:?}"));
                    }
                    forms.iter().collect()
                }
                form => Vec::from([(&text, form)]),
            };
            for (category, form) in forms {
                let Some(form) = form.as_str() else {
                    faults.push(format!("{language}: no text for {text:?}"));
                    continue;
                };
                let (expected, found) = (placeholders(&text), placeholders(form));
                // "One key" may do without a number where the category is that of one number.
                let may_lack_number = ["zero", "one", "two"].contains(&category.as_str());
                let without_number = |names: &[String]| -> Vec<String> {
                    names.iter().filter(|name| *name != "n").cloned().collect()
                };
                if found != expected
                    && !(may_lack_number && without_number(&found) == without_number(&expected))
                {
                    faults.push(format!("{language}: {found:?} in {form:?} for {text:?}"));
                }
                if form.trim() != form || form.is_empty() || form.contains(['"', '\'']) {
                    faults.push(format!("{language}: spaces, or quotes of a typewriter: {form:?}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_page_names_the_languages_that_there_are() {
    let page = read("index.html");
    for (language, _) in LANGUAGES {
        for part in [
            format!("<meta name=\"language\" content=\"{language}\""),
            format!("data-words=\"{language}.json\">"),
            format!("<link rel=\"copy-file\" data-trunk href=\"lang/{language}.json\">"),
            format!("<option lang=\"{language}\" value=\"{language}\">"),
        ] {
            assert!(page.contains(&part), "{part}");
        }
    }
    let options = page.matches("<option ").count();
    assert_eq!(options, LANGUAGES.len() + 1, "English needs no file");
    let files = fs::read_dir(root().join("lang")).expect("there is such a folder").count();
    assert_eq!(files, LANGUAGES.len());
}

#[test]
fn texts_are_found_as_they_are_written() {
    let source = r#"
        let words = tr("Sign out"); // tr("a comment")
        /// tr("Documented")
        tr_with(
            "Revoked “{name}” \
             for good.",
            &[("name", &name)],
        );
        tr_count(n, "{n} key", "{n} \"keys\"");
        tr_count(keys.iter().filter(|it| it.is_new()).count(), "one", "many");
        tr_around("Copy “{name}” now");
        attr("no"); retr("no");
        let label = |words: &'static str| tr_with(words, &named);
        label("Select {name}"); let other = |text: &'static str| text; other("no");
    "#;
    let mut found = BTreeMap::new();
    collect_from_rust(source, &mut found);
    let expected = [
        ("Copy “{name}” now", Kind::Plain),
        ("Revoked “{name}” for good.", Kind::Plain),
        ("Select {name}", Kind::Plain),
        ("Sign out", Kind::Plain),
        ("many", Kind::Plural),
        ("{n} \"keys\"", Kind::Plural),
    ];
    let expected = expected.map(|(text, kind)| (text.to_owned(), kind));
    assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
    assert_eq!(
        texts_of_page("<title>T</title><!-- no --><p>One\n<b translate=\"no\">No</b> two</p>"),
        BTreeSet::from(["T", "One", "two"].map(str::to_owned)),
    );
}

/// Every text that the user can read, by its English form, with its kind.
fn texts() -> BTreeMap<String, Kind> {
    let mut texts = BTreeMap::new();
    for source in sources(&root().join("src")) {
        // What stands in tests is for them.
        let code = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        collect_from_rust(code, &mut texts);
    }
    collect_from_rust(&read("boot.js"), &mut texts);
    texts.extend(texts_of_page(&read("index.html")).into_iter().map(|text| (text, Kind::Plain)));
    texts
}

/// The literals of calls to the functions of `src/words.rs`; of a call for numbers the last one.
fn collect_from_rust(source: &str, texts: &mut BTreeMap<String, Kind>) {
    let code: String = source.lines().map(|line| without_comment(line).to_owned() + "\n").collect();
    let handing_on = handing_on(&code);
    let local = handing_on.iter().map(|(name, _)| (*name, Kind::Plain));
    for (name, kind) in CALLS.into_iter().chain(local) {
        for (at, _) in code.match_indices(&format!("{name}(")) {
            let is_word = |it: char| it.is_alphanumeric() || it == '_';
            if code[..at].ends_with(is_word) {
                continue;
            }
            let rest = &code[at + name.len() + 1..];
            if handing_on.iter().any(|(_, text)| rest.starts_with(&format!("{text},"))) {
                continue;
            }
            let literals = literals(rest);
            let text = match kind {
                Kind::Plain => literals.first().filter(|_| rest.trim_start().starts_with('"')),
                Kind::Plural => literals.get(1),
            };
            // A text that is not written here would be missing in every language.
            let text = text.unwrap_or_else(|| {
                panic!("{name}({}… does not begin with its text", rest.get(..60).unwrap_or(rest))
            });
            texts.insert(text.clone(), kind);
        }
    }
}

/// The closures that hand a text on, `let label = |text: &'static str| tr_with(text, …)`, with the
/// name of their text: what they are called with is what the user reads.
fn handing_on(code: &str) -> Vec<(&str, &str)> {
    code.match_indices(": &'static str")
        .filter_map(|(at, _)| {
            let (before, text) = code[..at].rsplit_once('|')?;
            let (_, name) = before.strip_suffix(" = ")?.rsplit_once("let ")?;
            let after = &code[at..];
            let body = &after[..after.find(";\n").unwrap_or(after.len())];
            body.contains(&format!("tr_with({text},")).then_some((name, text))
        })
        .collect()
}

/// A line without the comment at its end or the comment that it is.
fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with("//") {
        return "";
    }
    line.split_once("; //").map_or(line, |(code, _)| code)
}

/// The string literals among the arguments that `rest` begins with, as the compiler reads them.
fn literals(rest: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut letters = rest.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => break,
            ')' | ']' | '}' => depth -= 1,
            '"' => {
                let mut text = String::new();
                while let Some(letter) = letters.next().filter(|letter| *letter != '"') {
                    if letter != '\\' {
                        text.push(letter);
                        continue;
                    }
                    match letters.next() {
                        Some('\n') => while letters.next_if(|it| it.is_whitespace()).is_some() {},
                        Some('n') => text.push('\n'),
                        Some(escaped) => text.push(escaped),
                        None => {}
                    }
                }
                if depth == 0 {
                    found.push(text);
                }
            }
            _ => {}
        }
    }
    found
}

/// The texts between the tags of a page, but those that are not to be translated.
fn texts_of_page(html: &str) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    // The elements around, by name, and whether their texts are translated.
    let mut around: Vec<(String, bool)> = Vec::new();
    let mut rest = html;
    while let Some((text, after)) = rest.split_once('<') {
        let is_translated = around.last().is_none_or(|(_, is_translated)| *is_translated);
        if is_translated && !text.trim().is_empty() {
            texts.insert(text.trim().to_owned());
        }
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let (tag, after) = after.split_once('>').unwrap_or_default();
        rest = after;
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        if let Some(ended) = tag.strip_prefix('/') {
            if let Some(start) = around.iter().rposition(|(name, _)| name == ended) {
                around.truncate(start);
            }
        } else if !tag.ends_with('/') && !VOID.contains(&name) {
            let ends = name == "noscript" || tag.contains("translate=\"no\"");
            around.push((name.to_owned(), is_translated && !ends));
        }
    }
    texts
}

/// Elements without an end: <https://html.spec.whatwg.org/multipage/syntax.html#void-elements>.
const VOID: [&str; 5] = ["!DOCTYPE", "meta", "link", "input", "br"];

fn placeholders(text: &str) -> Vec<String> {
    let mut names: Vec<String> = text
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name.to_owned()))
        .collect();
    names.sort();
    names
}

fn catalog(language: &str) -> BTreeMap<String, Value> {
    let text = read(&format!("lang/{language}.json"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("lang/{language}.json: {error}"))
}

fn sources(folder: &Path) -> Vec<String> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder can be listed") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources.extend(self::sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs")
            // It only defines them.
            && !path.ends_with("src/words.rs")
        {
            sources.push(fs::read_to_string(&path).expect("a source is text"));
        }
    }
    sources
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}
