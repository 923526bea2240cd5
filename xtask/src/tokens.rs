//! The tokens of the style: names for colours and sizes, for those who read the sources.
//!
//! Every user would pay for the names: 0.6 kB of brotli in all. So each token becomes what it stands
//! for. (That a browser has no custom properties to work out made no difference that was measured.)

use std::collections::BTreeMap;

use crate::finish::Files;
use crate::process::{Failure, Result};

/// Where tokens are defined, each on a line of its own.
const PLACE: &str = ":root {\n";

/// Puts what each token stands for into the place of its name, in every style. A token is what is
/// defined in the first rule for the whole page, and nowhere else. The definitions are gone after
/// that, unless they are kept for a page that names tokens by itself.
pub(crate) fn resolve(files: &mut Files, keep: bool) -> Result<()> {
    let is_style = |name: &str| name.ends_with(".css");
    let styles = files.iter().filter(|(name, _)| is_style(name));
    let all: String = styles.map(|(_, style)| String::from_utf8_lossy(style)).collect();
    let tokens = tokens(&all);
    for (_, style) in files.iter_mut().filter(|(name, _)| is_style(name)) {
        *style = resolved(&tokens, &String::from_utf8_lossy(style), keep).into_bytes();
    }
    let mut left = tokens.keys().filter(|_| !keep).filter_map(|token| {
        let start = format!("var({token}");
        let names = |content: &Vec<u8>| {
            let text = String::from_utf8_lossy(content);
            text.match_indices(&start).any(|(at, _)| !text[at + start.len()..].starts_with('-'))
        };
        files.iter().find(|(_, content)| names(content)).map(|(name, _)| (name, token))
    });
    let Some((name, token)) = left.next() else { return Ok(()) };
    Err(Failure::new(
        format!("`{name}` names the token `{token}` in a way that this build does not know."),
        format!("Write `var({token})` for it, in a style."),
    ))
}

/// What each token stands for.
fn tokens(styles: &str) -> BTreeMap<&str, &str> {
    let place = styles.split_once(PLACE).and_then(|(_, rest)| rest.split_once('}'));
    let definitions = place.map(|(place, _)| place.lines().filter_map(definition));
    let is_token = |(name, value): &(&str, &str)| {
        styles.matches(&format!("{name}:")).count() == 1 && !value.contains("var(")
    };
    definitions.into_iter().flatten().filter(is_token).collect()
}

/// The name and the value that a line is there for.
fn definition(line: &str) -> Option<(&str, &str)> {
    line.trim().strip_suffix(';')?.split_once(": ").filter(|(name, _)| name.starts_with("--"))
}

fn resolved(tokens: &BTreeMap<&str, &str>, style: &str, keep: bool) -> String {
    let defines = |line: &str| definition(line).is_some_and(|(name, _)| tokens.contains_key(name));
    let mut resolved = String::new();
    for line in style.lines().filter(|line| keep || !defines(line)) {
        resolved.push_str(line);
        resolved.push('\n');
    }
    for (name, value) in tokens {
        resolved = resolved.replace(&format!("var({name})"), value);
    }
    resolved
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(&str, &str)]) -> Files {
        files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
    }

    const FIRST: &str =
        ":root {\n  --ink: light-dark(#000, #fff);\n  --gap: 1rem;\n  --gap-s: 2px;\n}\n";

    #[test]
    fn a_token_becomes_what_it_stands_for() {
        let main = "p { color: var(--ink); margin: calc(-1 * var(--gap)) var(--gap-s); }\n";
        for (keep, first) in [(false, ":root {\n}\n"), (true, FIRST)] {
            let mut files = files(&[("first.css", FIRST), ("main.css", main)]);
            assert_eq!(resolve(&mut files, keep), Ok(()));
            assert_eq!(String::from_utf8_lossy(&files["first.css"]), first);
            let expected = "p { color: light-dark(#000, #fff); margin: calc(-1 * 1rem) 2px; }\n";
            assert_eq!(String::from_utf8_lossy(&files["main.css"]), expected);
        }
    }

    #[test]
    fn what_is_no_token_stays_as_it_is() {
        for changing in [
            // Another one for some elements.
            ":root {\n--wide: 2rem;\n}\n.small { --wide: 1rem; }\np { width: var(--wide); }\n",
            // What it stands for depends on where it is used.
            ":root {\n--wide: var(--room);\n}\np { width: var(--wide); }\n",
            // It is not the whole page's.
            ":root {\n}\n.keys {\n--wide: 1rem;\n}\np { width: var(--wide); }\n",
        ] {
            let mut files = files(&[("main.css", changing)]);
            assert_eq!(resolve(&mut files, false), Ok(()));
            assert_eq!(String::from_utf8_lossy(&files["main.css"]), changing);
        }
    }

    #[test]
    fn a_token_that_would_stand_for_nothing_stops_the_build() {
        for (name, text) in [
            ("main.css", "p { margin: var(--gap, 2px); }"),
            ("main.css", "p { margin: var(--gap ); }"),
            ("app_bg.wasm", "\0var(--gap)"),
        ] {
            let mut named = files(&[("first.css", FIRST), (name, text)]);
            assert!(resolve(&mut named, false).is_err(), "{text}");
            let mut named = files(&[("first.css", FIRST), (name, text)]);
            assert_eq!(resolve(&mut named, true), Ok(()), "{text}");
        }
    }
}
