//! What may not be in the finished site. Each rule reads files and names what breaks it.

use ::deploy::page;
use ::deploy::servers::is_named_by_hash;
use html5gum::emitters::default::DefaultEmitter;
use html5gum::{StartTag, Token, Tokenizer};

use crate::finish::{EMPTIER, Files, PAGE, integrity, is_glue, name_with_hash, name_without_hash};
use crate::html_calls::{calls_with_text, passed_on};
use crate::process::{Failure, Result, refuse};

/// What makes code or HTML of a text, and what keeps things beyond the tab.
const FORBIDDEN_IN_GLUE: [&str; 9] = [
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "new Function",
    "eval(",
    "setHTMLUnsafe",
    "createContextualFragment",
    "localStorage",
];

/// Names that look like addresses: XML asks for them letter by letter, and nobody fetches them.
/// <https://www.w3.org/TR/xml-names/>
const XML_NAMES: [&str; 5] = [
    "http://www.w3.org/1998/Math/MathML",
    "http://www.w3.org/1999/xhtml",
    "http://www.w3.org/1999/xlink",
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/XML/1998/namespace",
];

/// What the page of all components is called, in which release builds have no part.
const STYLEGUIDE: &str = "Design system of Occam Keys";

/// Fails with everything that may not be in these files.
pub(crate) fn check(files: &Files, with_styleguide: bool) -> Result<()> {
    let mut complaints = complaints(files);
    let guides = files.iter().filter(|(_, content)| !with_styleguide && holds_styleguide(content));
    complaints.extend(
        guides.map(|(name, _)| format!("{name}: the page of all components, which no user needs")),
    );
    refuse(&complaints, |count| {
        Failure::new(
            format!("The built site breaks {count} rules of xtask/src/gate.rs."),
            "The lines above say which; dist/ is as it was before.",
        )
    })
}

fn complaints(files: &Files) -> Vec<String> {
    let mut complaints = Vec::new();
    let Some(page) = files.get(PAGE).map(|page| String::from_utf8_lossy(page)) else {
        return vec!["there is no index.html".to_owned()];
    };
    let api = match page::rules(&page) {
        Ok(allowed) => allowed.api,
        Err(error) => return vec![error.to_string()],
    };
    let mut hear = |name: &str, found: Vec<String>| {
        complaints.extend(found.into_iter().map(|what| format!("{name}: {what}")));
    };
    let passed_on = files.values().flat_map(|content| passed_on(content, EMPTIER)).collect();
    for (name, content) in files {
        let text = String::from_utf8_lossy(content);
        hear(name, insecure_addresses(&text, api.as_ref().map_or("", |api| api.as_str())));
        if name.ends_with(".html") || name.ends_with(".svg") {
            hear(name, inline_code(&text, files));
        }
        if name.ends_with(".css") {
            hear(name, inline_data(&text));
        }
        if name.ends_with(".wasm") {
            hear(name, calls_with_text(content, EMPTIER, &passed_on));
        }
        if is_glue(name) {
            hear(name, forbidden_calls(&text));
            hear(name, unchecked_imports(&text));
        }
        if name != PAGE {
            hear(name, wrong_name(name, content));
        }
    }
    hear(PAGE, missing_integrity(&page, files));
    complaints
}

fn holds_styleguide(content: &[u8]) -> bool {
    content.windows(STYLEGUIDE.len()).any(|window| window == STYLEGUIDE.as_bytes())
}

/// Addresses with plain http. A Key API on this machine is one that the builder has asked for.
fn insecure_addresses(text: &str, api: &str) -> Vec<String> {
    let lower = text.to_ascii_lowercase();
    let is_exempt = |rest: &str| {
        XML_NAMES.iter().any(|name| rest.starts_with(&name.to_ascii_lowercase()))
            || (!api.is_empty()
                && rest.strip_prefix(api).is_some_and(|rest| rest.starts_with(['"', ';', ' '])))
    };
    lower
        .match_indices("http:")
        .map(|(at, _)| lower.get(at..).unwrap_or_default())
        .filter(|rest| !is_exempt(rest))
        .map(|rest| {
            format!("an address with plain http, {:?}", rest.chars().take(60).collect::<String>())
        })
        .collect()
}

/// Code, style and data that stand in the page itself and are in no file of the site: the policy
/// names no other, and a browser whose server does not know them yet runs the files.
fn inline_code(html: &str, files: &Files) -> Vec<String> {
    let mut found = Vec::new();
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    // The element that is open, and what has been read of it.
    let mut open: Option<(String, String)> = None;
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => {
                let name = text_of(&tag.name);
                found.extend(inline_attributes(&tag));
                if name == "style" || (name == "script" && attribute(&tag, "src").is_none()) {
                    open = Some((name, String::new()));
                }
            }
            Token::String(text) => {
                if let Some((_, content)) = &mut open {
                    content.push_str(&text_of(&text));
                }
            }
            Token::EndTag(_) => found.extend(open.take().and_then(|it| unknown(it, files))),
            _ => {}
        }
    }
    found.extend(open.and_then(|it| unknown(it, files)));
    found
}

/// A complaint about an element whose content is not that of a script, or the start of a style.
fn unknown((element, content): (String, String), files: &Files) -> Option<String> {
    let is_known = files.iter().any(|(name, file)| match element.as_str() {
        "script" => name.ends_with(".js") && !is_glue(name) && file == content.as_bytes(),
        _ => name.ends_with(".css") && !content.is_empty() && file.starts_with(content.as_bytes()),
    });
    (!is_known).then(|| format!("a <{element}> in the page that is in no file of the site"))
}

fn inline_attributes(tag: &StartTag<()>) -> Vec<String> {
    let element = text_of(&tag.name);
    let mut found = Vec::new();
    for (name, value) in &tag.attributes {
        let (name, value) = (text_of(name), text_of(value).trim().to_ascii_lowercase());
        if name == "style" || name.starts_with("on") || name == "srcdoc" {
            found.push(format!("an attribute `{name}` of <{element}>"));
        }
        if ["javascript:", "data:", "blob:"].iter().any(|scheme| value.starts_with(scheme)) {
            found.push(format!("code or data in the attribute `{name}` of <{element}>"));
        }
    }
    found
}

fn inline_data(css: &str) -> Vec<String> {
    let lower = css.to_ascii_lowercase();
    ["data:", "javascript:", "@import"]
        .iter()
        .filter(|word| lower.contains(**word))
        .map(|word| format!("`{word}` in a style"))
        .collect()
}

fn forbidden_calls(glue: &str) -> Vec<String> {
    FORBIDDEN_IN_GLUE
        .iter()
        .filter(|word| glue.contains(**word))
        .map(|word| format!("`{word}` in the glue of the WebAssembly"))
        .collect()
}

/// Scripts that a browser would fetch for the glue, and hold against no hash.
fn unchecked_imports(glue: &str) -> Vec<String> {
    let imports = glue.lines().filter(|line| line.starts_with("import "));
    imports.map(|line| format!("`{line}` in the glue of the WebAssembly")).collect()
}

/// A name that is not that of its content: a browser would keep an old file for a new one.
fn wrong_name(name: &str, content: &[u8]) -> Vec<String> {
    let right = name_without_hash(name).and_then(|plain| name_with_hash(&plain, content));
    if is_named_by_hash(name) && right.as_deref() == Some(name) {
        return Vec::new();
    }
    vec!["the name does not hold the hash of the content".to_owned()]
}

/// Scripts, modules, styles, words and the WebAssembly that a browser would take whatever is in them.
fn missing_integrity(page: &str, files: &Files) -> Vec<String> {
    let mut found = Vec::new();
    let mut checked = Vec::new();
    for token in Tokenizer::new(page) {
        let Ok(Token::StartTag(tag)) = token else { continue };
        let (element, rel) = (text_of(&tag.name), attribute(&tag, "rel").unwrap_or_default());
        let named = ["data-wasm", "data-chunk", "data-words"];
        let named = named.iter().find_map(|name| attribute(&tag, name));
        let must_name =
            ["app", "chunk"].contains(&attribute(&tag, "name").unwrap_or_default().as_str());
        let (address, hash) = match element.as_str() {
            // One that stands in the page is held against the file that it is as well.
            "script" if attribute(&tag, "src").is_none() => continue,
            "script" => (attribute(&tag, "src"), attribute(&tag, "integrity")),
            "link" if rel != "icon" => (attribute(&tag, "href"), attribute(&tag, "integrity")),
            "meta" if must_name || named.is_some() => (named, attribute(&tag, "data-integrity")),
            _ => continue,
        };
        let name = address.unwrap_or_default();
        let name = name.rsplit('/').next().unwrap_or_default();
        if element != "meta" && attribute(&tag, "crossorigin").as_deref() != Some("anonymous") {
            found.push(format!("<{element}> for `{name}` without crossorigin"));
        }
        match files.get(name) {
            None => found.push(format!("<{element}> for `{name}`, which is not there")),
            Some(content) if hash.as_deref() == Some(&integrity(content)) => {
                checked.push(name.to_owned());
            }
            Some(_) => found.push(format!("<{element}> for `{name}` without its hash")),
        }
    }
    for name in files.keys().filter(|name| *name != PAGE && !name.ends_with(".svg")) {
        if !checked.contains(name) {
            found.push(format!("nothing that holds `{name}` against a hash"));
        }
    }
    found
}

fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    tag.attributes.get(name.as_bytes()).map(|value| text_of(value))
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finish::finish;
    use ::deploy::address::Origin;

    const INDEX: &str = "<!DOCTYPE html><head><meta charset=\"utf-8\">\
        <meta name=\"key-api\" content=\"\">\
        <meta name=\"app\" content=\"./app.js\" data-wasm=\"./app_bg.wasm\">\
        <meta name=\"chunk\" content=\"rest\" data-chunk=\"rest.wasm\">\
        <meta name=\"chunk\" content=\"more\" data-chunk=\"more.wasm\">\
        <meta name=\"language\" content=\"de\" data-words=\"de.json\">\
        <style data-inline=\"first.css\"></style><script data-inline=\"boot.js\"></script>\
        <script src=\"./boot.js\"></script><script type=\"module\" src=\"./app.js\"></script>\
        <link rel=\"stylesheet\" href=\"./main.css\"><link rel=\"icon\" href=\"./icon.svg\"></head>\
        <body><p id=\"online\" class=\"style\">a script, in words</p></body>";

    fn built(file: &str, content: &str) -> Files {
        let mut files: Files = [
            ("index.html", INDEX),
            ("boot.js", "localStorage"),
            ("app.js", "getElementById"),
            ("app_bg.wasm", "http://www.w3.org/2000/svgcaption"),
            ("rest.wasm", ""),
            ("more.wasm", "more"),
            ("first.css", "a { b: c }"),
            ("main.css", "p { color: red }"),
            ("de.json", "{ }"),
            ("icon.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        ]
        .map(|(name, content)| (name.to_owned(), content.as_bytes().to_vec()))
        .into();
        files.insert(file.to_owned(), content.as_bytes().to_vec());
        files
    }

    /// The only complaint about a site with this content in one of its files.
    fn complaint(file: &str, content: &str) -> String {
        let found = complaints(&finish(built(file, content), None, None).expect("it is whole"));
        assert_eq!(found.len(), 1, "{content}: {found:?}");
        found[0].clone()
    }

    fn page_with(part: &str) -> String {
        INDEX.replace("</body>", &format!("{part}</body>"))
    }

    #[test]
    fn a_site_as_it_should_be_is_let_through() {
        let files = finish(built("index.html", INDEX), None, None).expect("it is whole");
        assert_eq!(complaints(&files), Vec::<String>::new());
        let api = Origin::parse("http://127.0.0.1:8000").expect("an origin");
        let files = finish(built("index.html", INDEX), Some(&api), None).expect("it is whole");
        assert_eq!(complaints(&files), Vec::<String>::new());
    }

    #[test]
    fn only_a_build_that_is_meant_to_has_the_page_of_all_components() {
        let content = format!("data: {STYLEGUIDE}");
        let files = finish(built("app_bg.wasm", &content), None, None).expect("it is whole");
        assert!(check(&files, true).is_ok());
        assert!(check(&files, false).is_err());
        let page = include_str!("../../src/pages/styleguide.rs");
        assert!(page.contains(STYLEGUIDE), "the page would not be recognised");
    }

    #[test]
    fn no_script_stands_in_the_page_but_the_one_that_is_a_file_as_well() {
        for script in [
            "<script>run()</script>",
            "<SCRIPT>run()</SCRIPT>",
            "<script type=module>x</script>",
            "<script></script>",
            "<script>run()",
        ] {
            let found = complaint("index.html", &page_with(script));
            assert!(found.contains("a <script> in the page that is in no file"), "{found}");
        }
    }

    #[test]
    fn no_style_stands_in_the_page_but_the_start_of_one_that_is_a_file_as_well() {
        for style in ["<style>p{}</style>", "<style></style>", "<style>p { color: red }"] {
            let found = complaint("index.html", &page_with(style));
            assert!(found.contains("a <style> in the page that is in no file"), "{found}");
        }
        assert!(complaint("index.html", &page_with("<p style='color:red'>")).contains("`style`"));
        assert!(complaint("index.html", &page_with("<p STYLE=a>")).contains("`style` of <p>"));
    }

    #[test]
    fn no_attribute_is_code() {
        assert!(complaint("index.html", &page_with("<p onclick=run()>")).contains("`onclick`"));
        assert!(complaint("index.html", &page_with("<svg/onload=run()>")).contains("`onload`"));
        assert!(complaint("icon.svg", "<svg onload='run()'/>").contains("`onload`"));
        assert!(complaint("index.html", &page_with("<a href=' JavaScript:x'>")).contains("`href`"));
        assert!(
            complaint("index.html", &page_with("<img src='data:image/png;x'>")).contains("`src`")
        );
        assert!(complaint("index.html", &page_with("<iframe srcdoc=x>")).contains("`srcdoc`"));
    }

    #[test]
    fn no_address_is_plain_http() {
        let link = "<a href='http://example.org'>";
        assert!(complaint("index.html", &page_with(link)).contains("plain http"));
        assert!(complaint("main.css", "p { background: url(HTTP://a.example) }").contains("plain"));
        assert!(complaint("app.js", "fetch('http://a.example')").contains("plain http"));
        assert!(complaint("app_bg.wasm", "\0http://www.w3.org/2000/x").contains("plain http"));
    }

    #[test]
    fn no_style_holds_data() {
        assert!(complaint("main.css", "p { background: url(data:image/png;x) }").contains("data:"));
        assert!(complaint("main.css", "@import 'more.css'").contains("@import"));
    }

    #[test]
    fn the_glue_makes_no_code_of_a_text_keeps_nothing_and_imports_nothing() {
        for word in FORBIDDEN_IN_GLUE.iter().filter(|word| **word != "innerHTML") {
            assert!(complaint("app.js", word).contains(word));
        }
        assert_eq!(forbidden_calls("a.innerHTML").len(), 1);
        let import = "import * as import2 from \"./chunk.js\"";
        assert!(complaint("app.js", import).contains(import));
    }

    #[test]
    fn every_file_is_held_against_its_hash_and_named_by_it() {
        let whole = finish(built("index.html", INDEX), None, None).expect("it is whole");
        for (start, ending) in [
            ("main", ".css"),
            ("app", ".js"),
            ("de", ".json"),
            ("app", ".wasm"),
            ("rest", ".wasm"),
            ("more", ".wasm"),
        ] {
            let mut files = whole.clone();
            let is_it = |name: &str| name.starts_with(start) && name.ends_with(ending);
            let changed = files.iter_mut().find(|(name, _)| is_it(name));
            changed.expect("there is one").1.push(b' ');
            let found = complaints(&files);
            for what in ["does not hold the hash", "without its hash", "nothing that holds"] {
                assert!(found.iter().any(|found| found.contains(what)), "{what}: {found:?}");
            }
        }
        for (from, to, what) in [
            (" integrity=\"", " data-x=\"", "without its hash"),
            (" crossorigin=\"anonymous\"", "", "without crossorigin"),
            ("data-integrity", "data-x", "<meta> for `app-"),
            ("main-", "other-", "is not there"),
        ] {
            let mut files = whole.clone();
            let page = String::from_utf8_lossy(&files[PAGE]).replace(from, to);
            files.insert(PAGE.to_owned(), page.into_bytes());
            let found = complaints(&files);
            assert!(found.iter().any(|found| found.contains(what)), "{what}: {found:?}");
        }
    }

    #[test]
    fn a_page_whose_policy_is_not_the_one_is_refused() {
        let mut files = finish(built("index.html", INDEX), None, None).expect("it is whole");
        let page =
            String::from_utf8_lossy(&files[PAGE]).replace("'wasm-unsafe-eval'", "'unsafe-eval'");
        files.insert(PAGE.to_owned(), page.into_bytes());
        assert!(complaints(&files)[0].contains("Content-Security-Policy"));
    }
}
