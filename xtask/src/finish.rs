//! From what trunk built to the files that are served.
//!
//! The steps work on files in memory: what is in the glue that may not be there is taken out, each
//! file gets the hash of its content into its name, and the page gets the names, the hashes that
//! browsers check, the address of the Key API and the policy.

use std::collections::BTreeMap;

use ::deploy::address::{BasePath, Origin};
use ::deploy::page;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use sha2::{Digest, Sha256, Sha384};

use crate::process::{Failure, Result};

/// The files of a site by their names. There are no folders in it.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The name of the page.
pub(crate) const PAGE: &str = "index.html";

/// The style of the sign-in, the whole one, and the script of the start.
const FIRST_STYLE: &str = "first.css";
const STYLE: &str = "main.css";
const BOOT: &str = "boot.js";

/// What the glue says first. Most of its functions are called at the start, so a browser that knows
/// the words compiles them ahead of it, and not one by one while somebody waits.
/// <https://github.com/WICG/explicit-javascript-compile-hints-file-based>
const HINT: &str = "//# allFunctionsCalledOnLoad\n";

/// How the name of the function starts that is all that is left of `innerHTML`.
pub(crate) const EMPTIER: &str = "__wbg_set_emptiness_";

/// How browsers write a hash that a file must have: <https://www.w3.org/TR/SRI/>.
pub(crate) fn integrity(content: &[u8]) -> String {
    format!("sha384-{}", BASE64_STANDARD.encode(Sha384::digest(content)))
}

/// The hash of a content in hexadecimal.
pub(crate) fn sha256(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The name of a file with the hash of its content in it: `app.js` becomes `app-….js`, and
/// `app_bg.wasm` becomes `app-…_bg.wasm`, as trunk would write them.
pub(crate) fn name_with_hash(name: &str, content: &[u8]) -> Option<String> {
    let (stem, ending) = name.rsplit_once('.')?;
    let (stem, back) = stem.strip_suffix("_bg").map_or((stem, ""), |stem| (stem, "_bg"));
    Some(format!("{stem}-{}{back}.{ending}", sha256(content).get(..16)?))
}

/// The name before [`name_with_hash`] gave it one, if it is a name with a hash.
pub(crate) fn name_without_hash(name: &str) -> Option<String> {
    let (start, rest) = name.rsplit_once('-')?;
    let (hash, end) = rest.split_at_checked(16)?;
    hash.bytes().all(|it| it.is_ascii_hexdigit()).then(|| format!("{start}{end}"))
}

/// All steps.
pub(crate) fn finish(
    mut built: Files,
    api: Option<&Origin>,
    base: Option<&BasePath>,
) -> Result<Files> {
    without_inner_html(&mut built)?;
    for (name, content) in &mut built {
        without_comments(name, content);
        if is_glue(name) {
            content.splice(..0, HINT.bytes());
        }
    }
    let page = built.remove(PAGE).ok_or_else(|| {
        Failure::new("Trunk built no index.html.", "Check the target in Trunk.toml.")
    })?;
    let mut page = String::from_utf8(page).map_err(|_| {
        Failure::new("index.html is not UTF-8.", "Save it as UTF-8, then build again.")
    })?;
    // Told to trunk, which would hash what is not final, and left standing by it.
    page = page.replace(" data-integrity=\"none\"", "");
    page = with_first_frame(page, &mut built)?;
    let base = base.map_or("./", BasePath::as_str);
    let mut finished = Files::new();
    for (name, content) in built {
        let hashed = name_with_hash(&name, &content).ok_or_else(|| {
            Failure::new(
                format!("The built file `{name}` has no ending."),
                "Give it one, because its type follows from it.",
            )
        })?;
        page = with_file(&page, base, &name, &hashed, &integrity(&content))?;
        finished.insert(hashed, content);
    }
    let page = page::with_api(&page, api).map_err(|error| {
        Failure::new(format!("{error}."), "Put the element back, then build again.")
    })?;
    finished.insert(PAGE.to_owned(), page.into_bytes());
    Ok(finished)
}

/// The page with the new name of a file wherever it names it, and the hash that a browser is to
/// hold it against.
fn with_file(page: &str, base: &str, name: &str, hashed: &str, hash: &str) -> Result<String> {
    let mut changed = page.to_owned();
    for attribute in ["src", "href", "content", "data-wasm", "data-chunk", "data-words"] {
        let old = match attribute {
            // Not an attribute that trunk knows, so the base is not in it yet.
            "data-chunk" | "data-words" => format!("{attribute}=\"{name}\""),
            _ => format!("{attribute}=\"{base}{name}\""),
        };
        let mut new = format!("{attribute}=\"{base}{hashed}\"");
        match attribute {
            // A browser checks no icon, and a page without one works.
            "href" if name.ends_with(".svg") => {}
            // Without `crossorigin`, a hash is no integrity for the Integrity-Policy.
            "src" | "href" => new += &format!(" integrity=\"{hash}\" crossorigin=\"anonymous\""),
            "data-wasm" | "data-chunk" | "data-words" => {
                new += &format!(" data-integrity=\"{hash}\"")
            }
            _ => {}
        }
        changed = changed.replace(&old, &new);
    }
    if changed == page {
        return Err(Failure::new(
            format!("index.html does not name the built file `{name}`."),
            "Name it there, or leave it out of the build.",
        ));
    }
    Ok(changed)
}

/// The page with what its first frame needs in it, in place of the elements that name it: the style
/// of the sign-in, and the script of the start. So that frame waits for one answer.
///
/// Both are in files as well, the style as the start of the whole one: a server whose policy does
/// not know them, because it has the configuration of another build, costs a moment and nothing
/// else. The script goes by what it has left in the page, and does not run twice.
fn with_first_frame(mut page: String, files: &mut Files) -> Result<String> {
    let missing = |name: &str| {
        Failure::new(
            format!("The build holds no `{name}` for the page."),
            "Name it in index.html, as a file and as `data-inline`.",
        )
    };
    let first = files.remove(FIRST_STYLE).ok_or_else(|| missing(FIRST_STYLE))?;
    let style = files.get_mut(STYLE).ok_or_else(|| missing(STYLE))?;
    style.splice(..0, first.iter().copied());
    let script = files.get(BOOT).ok_or_else(|| missing(BOOT))?;
    for (element, name, content) in
        [("style", FIRST_STYLE, first.as_slice()), ("script", BOOT, script.as_slice())]
    {
        let content = String::from_utf8_lossy(content);
        let place = format!("<{element} data-inline=\"{name}\"></{element}>");
        if page.matches(&place).count() != 1 {
            return Err(missing(name));
        }
        if content.contains("</") || content.contains("<!--") {
            return Err(Failure::new(
                format!(
                    "`{name}` would end its element in the page, or be read as something else."
                ),
                "Write `</` and `<!--` in it another way.",
            ));
        }
        page = page.replace(&place, &format!("<{element}>{content}</{element}>"));
    }
    Ok(page)
}

/// Takes the one function that could make HTML of a text out of the glue.
///
/// tachys empties an element by it when a list of attributes becomes another one: its one call in
/// the whole program has an empty text, which [`crate::html_calls`] looks for. So it becomes a
/// function that empties an element and refuses every text, and it gets another name, of the same length because the name stands in the
/// WebAssembly too. Then the policy for Trusted Types has nothing to refuse, and
/// [`crate::gate`] can ask for glue without the word.
fn without_inner_html(files: &mut Files) -> Result<()> {
    const OLD: &str = "innerHTML";
    const SETTER: &str = "__wbg_set_innerHTML_";
    let Some(glue_name) = files.keys().find(|name| is_glue(name)).cloned() else { return Ok(()) };
    let glue = files.get(&glue_name).map(|glue| String::from_utf8_lossy(glue).into_owned());
    let Some(glue) = glue.filter(|glue| glue.contains(OLD)) else { return Ok(()) };
    let unknown = || {
        Failure::new(
            format!("{glue_name} sets `{OLD}` in a way that this build does not know."),
            "Find which crate asks for it, and see `without_inner_html` in xtask/src/finish.rs.",
        )
    };
    let (before, rest) = glue.split_once(SETTER).ok_or_else(unknown)?;
    let (hash, rest) = rest.split_once(':').ok_or_else(unknown)?;
    let after = rest
        .strip_prefix(
            " function(arg0, arg1, arg2) {\n            \
             arg0.innerHTML = getStringFromWasm0(arg1, arg2);\n        }",
        )
        .ok_or_else(unknown)?;
    if before.contains(OLD) || after.contains(OLD) {
        return Err(unknown());
    }
    let glue = format!(
        "{before}{EMPTIER}{hash}: function(arg0, arg1, arg2) {{\n            \
         if (arg2 !== 0) throw new TypeError(\"no HTML is made of a text\");\n            \
         arg0.replaceChildren();\n        }}{after}"
    );
    let name = |start: &str| format!("{start}{hash}").into_bytes();
    let old = name(SETTER);
    let mut places = Vec::new();
    for (name, wasm) in files.iter().filter(|(name, _)| name.ends_with(".wasm")) {
        let found = wasm.windows(old.len()).enumerate().filter(|(_, part)| *part == old);
        places.extend(found.map(|(at, _)| (name.clone(), at)));
    }
    let [(wasm, at)] = places.as_slice() else { return Err(unknown()) };
    let wasm = files.get_mut(wasm).ok_or_else(unknown)?;
    wasm.splice(*at..*at + old.len(), name(EMPTIER));
    files.insert(glue_name, glue.into_bytes());
    Ok(())
}

/// Takes the lines that are comments, and the spaces before all others, out of the page, of scripts
/// and of styles: they are for their readers, and every user would pay for them. What a line says
/// stays as it is, and so does a script with a text of several lines, in which spaces would be part
/// of what it says.
fn without_comments(name: &str, content: &mut Vec<u8>) {
    let comments: &[(&str, &str)] = match name.rsplit_once('.') {
        Some((_, "js")) => &[("//", ""), ("/*", "*/")],
        Some((_, "css")) => &[("/*", "*/")],
        Some((_, "html")) => &[("<!--", "-->")],
        _ => return,
    };
    let text = String::from_utf8_lossy(content);
    if text.lines().any(|line| line.matches('`').count() % 2 == 1) {
        return;
    }
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut kept = String::new();
    while let Some(line) = lines.next() {
        match comments.iter().find(|(start, _)| line.starts_with(start)) {
            None => {
                kept.push_str(line);
                kept.push('\n');
            }
            // A comment of several lines.
            Some((_, end)) if !line.contains(end) => {
                let _ = lines.by_ref().find(|line| line.contains(end));
            }
            Some(_) => {}
        }
    }
    *content = kept.into_bytes();
}

/// Whether a file is what wasm-bindgen wrote: the only other script is `boot.js`.
pub(crate) fn is_glue(name: &str) -> bool {
    name.ends_with(".js") && !name.starts_with("boot")
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = "<head><meta charset=\"utf-8\"><meta name=\"key-api\" content=\"\">\n\
        <meta name=\"app\" content=\"./app.js\" data-wasm=\"./app_bg.wasm\">\n\
        <meta name=\"chunk\" content=\"rest\" data-chunk=\"rest.wasm\">\n\
        <meta name=\"chunk\" content=\"more\" data-chunk=\"more.wasm\">\n\
        <meta name=\"language\" content=\"de\" data-words=\"de.json\">\n\
        <style data-inline=\"first.css\"></style><script data-inline=\"boot.js\"></script>\
        <script src=\"./boot.js\"></script><script type=\"module\" async src=\"./app.js\"></script>\n\
        <link rel=\"stylesheet\" href=\"./main.css\"/><link rel=\"icon\" href=\"./icon.svg\"/></head>";
    const GLUE: &str = "const imports = {\n        \
        __wbg_set_innerHTML_a9d3: function(arg0, arg1, arg2) {\n            \
        arg0.innerHTML = getStringFromWasm0(arg1, arg2);\n        },\n};";

    fn built() -> Files {
        [
            ("index.html", INDEX),
            ("boot.js", "boot"),
            ("first.css", "first"),
            ("app.js", GLUE),
            ("app_bg.wasm", "\0asm__wbg_set_innerHTML_a9d3\0"),
            ("rest.wasm", "\0asm"),
            ("more.wasm", "\0asm more"),
            ("main.css", "main"),
            ("de.json", "{}"),
            ("icon.svg", "<svg/>"),
        ]
        .map(|(name, content)| (name.to_owned(), content.as_bytes().to_vec()))
        .into()
    }

    fn text<'a>(files: &'a Files, start: &str, end: &str) -> (&'a str, &'a str) {
        let found = files.iter().find(|(name, _)| name.starts_with(start) && name.ends_with(end));
        let (name, content) = found.expect("there is such a file");
        (name, std::str::from_utf8(content).expect("it is text"))
    }

    #[test]
    fn a_name_follows_from_the_content() {
        // From `printf main | sha256sum`.
        let hash = "fd8a5f8d4b1d2b8c";
        let name = name_with_hash("main.css", b"main").expect("it has an ending");
        assert_eq!(name.len(), "main-.css".len() + hash.len());
        assert_ne!(name_with_hash("main.css", b"Main"), Some(name));
        let wasm = name_with_hash("app_bg.wasm", b"x").expect("it has an ending");
        assert!(wasm.starts_with("app-") && wasm.ends_with("_bg.wasm"), "{wasm}");
        assert_eq!(name_with_hash("LICENSE", b"x"), None);
    }

    #[test]
    fn the_page_names_every_file_as_it_is_in_the_end() {
        let files = finish(built(), None, None).expect("all is there");
        let (_, page) = text(&files, "index", ".html");
        assert_eq!(files.len(), 9);
        for (name, content) in &files {
            if name != PAGE {
                assert!(page.contains(&format!("\"./{name}\"")), "{name} in {page}");
                assert_eq!(
                    page.contains(&integrity(content)),
                    !name.ends_with(".svg"),
                    "{name} in {page}"
                );
            }
        }
        let (glue, content) = text(&files, "app", ".js");
        let hash = integrity(content.as_bytes());
        assert!(page.contains(&format!(
            "<script type=\"module\" async src=\"./{glue}\" integrity=\"{hash}\" \
             crossorigin=\"anonymous\"></script>"
        )));
        let (wasm, content) = text(&files, "app", ".wasm");
        let hash = integrity(content.as_bytes());
        assert!(page.contains(&format!("data-wasm=\"./{wasm}\" data-integrity=\"{hash}\"")));
        for name in ["rest", "more"] {
            let (chunk, content) = text(&files, name, ".wasm");
            let hash = integrity(content.as_bytes());
            assert!(page.contains(&format!(
                "content=\"{name}\" data-chunk=\"./{chunk}\" data-integrity=\"{hash}\""
            )));
        }
    }

    #[test]
    fn the_first_frame_is_in_the_page_and_in_files() {
        let files = finish(built(), None, None).expect("all is there");
        let (_, page) = text(&files, "index", ".html");
        assert!(page.contains("<style>first\n</style><script>boot\n</script>"), "{page}");
        assert_eq!(text(&files, "main", ".css").1, "first\nmain\n");
        assert_eq!(text(&files, "boot", ".js").1, "boot\n");
        for name in ["first.css", "main.css", "boot.js"] {
            let mut files = built();
            files.remove(name);
            assert!(finish(files, None, None).is_err(), "without {name}");
        }
        for (name, content) in [("first.css", "</style>"), ("boot.js", "'<!--'")] {
            let mut files = built();
            files.insert(name.to_owned(), content.as_bytes().to_vec());
            assert!(finish(files, None, None).is_err(), "{content} in {name}");
        }
    }

    #[test]
    fn the_glue_can_empty_an_element_and_make_no_html() {
        let files = finish(built(), None, None).expect("all is there");
        let (_, glue) = text(&files, "app", ".js");
        assert!(glue.starts_with(HINT), "{glue}");
        assert!(!glue.contains("innerHTML"), "{glue}");
        assert!(glue.contains("__wbg_set_emptiness_a9d3: function(arg0, arg1, arg2) {"), "{glue}");
        assert!(glue.contains("if (arg2 !== 0) throw"), "{glue}");
        let (_, wasm) = text(&files, "app", ".wasm");
        assert_eq!(wasm, "\0asm__wbg_set_emptiness_a9d3\0");
    }

    #[test]
    fn comments_are_for_those_who_read_the_sources() {
        let stripped = |name: &str, text: &str| {
            let mut content = text.as_bytes().to_vec();
            without_comments(name, &mut content);
            String::from_utf8(content).expect("it was text")
        };
        let style = "/* One. */\na {\n  b: c; /* d */\n}\n/* Two\n   lines. */\ne { f: g }\n";
        assert_eq!(stripped("main.css", style), "a {\nb: c; /* d */\n}\ne { f: g }\n");
        let script = "// One.\nf();\n  // Two.\n  g(\"//\"); // h\n";
        assert_eq!(stripped("boot.js", script), "f();\ng(\"//\"); // h\n");
        let page = "<!-- One. -->\n  <p>a <!-- b --></p>\n";
        assert_eq!(stripped("index.html", page), "<p>a <!-- b --></p>\n");
        let glue = "/**\n * @returns {any}\n */\nf() {\n    g(`a`);\n\n}\n";
        assert_eq!(stripped("app.js", glue), "f() {\ng(`a`);\n}\n");
        let of_several_lines = "f(`a\n    b`);\n";
        for (name, text) in [("app.js", of_several_lines), ("de.json", "  \"// a\"")] {
            assert_eq!(stripped(name, text), text);
        }
    }

    #[test]
    fn glue_that_is_not_known_stops_the_build() {
        for (from, to) in [
            ("arg0.innerHTML = get", "arg0.innerHTML += get"),
            ("};", "};\nfoo.innerHTML"),
            ("__wbg_set_innerHTML_a9d3: ", "__wbg_other: "),
        ] {
            let mut files = built();
            let glue = GLUE.replace(from, to);
            assert_ne!(glue, GLUE);
            files.insert("app.js".to_owned(), glue.into_bytes());
            assert!(finish(files, None, None).is_err(), "{to}");
        }
        let mut files = built();
        files.insert("app_bg.wasm".to_owned(), b"\0asm".to_vec());
        assert!(finish(files, None, None).is_err());
    }

    #[test]
    fn a_file_that_nobody_names_and_a_page_without_places_stop_the_build() {
        let mut files = built();
        files.insert("more.css".to_owned(), Vec::new());
        assert!(finish(files, None, None).is_err());
        let mut files = built();
        files.insert(PAGE.to_owned(), INDEX.replace("key-api", "api").into_bytes());
        assert!(finish(files, None, None).is_err());
        let mut files = built();
        files.remove(PAGE);
        assert!(finish(files, None, None).is_err());
    }

    #[test]
    fn the_address_and_the_path_are_in_the_page() {
        let api = Origin::parse("https://keys.example.org").expect("an origin");
        let base = BasePath::parse("/keys/").expect("a path");
        let mut files = built();
        files.insert(PAGE.to_owned(), INDEX.replace("\"./", "\"/keys/").into_bytes());
        let files = finish(files, Some(&api), Some(&base)).expect("all is there");
        let (_, page) = text(&files, "index", ".html");
        assert_eq!(page::rules(page).map(|allowed| allowed.api), Ok(Some(api)));
        assert!(page.contains("href=\"/keys/main-"), "{page}");
    }
}
