//! The tokens of the style: names for colours and sizes, for those who read the sources.
//!
//! A browser works out anew what a custom property stands for, for each element that a rule with one
//! fits, whenever it styles it: opening a dialog styles every element behind it. So each token that
//! is always the same becomes what it stands for.

use std::collections::BTreeMap;

use crate::finish::Files;

/// Puts what each token stands for into the place of its name, in every style. A token is defined in
/// one of them, on a line of its own; what is defined twice is no token, and stays.
pub(crate) fn resolve(files: &mut Files) {
    let is_style = |name: &str| name.ends_with(".css");
    let styles = files.iter().filter(|(name, _)| is_style(name));
    let all: String = styles.map(|(_, style)| String::from_utf8_lossy(style)).collect();
    let tokens = tokens(&all);
    for (_, style) in files.iter_mut().filter(|(name, _)| is_style(name)) {
        *style = without(&tokens, &String::from_utf8_lossy(style)).into_bytes();
    }
}

/// What each token stands for.
fn tokens(styles: &str) -> BTreeMap<&str, &str> {
    let definitions = styles.lines().filter_map(definition);
    let is_token = |(name, value): &(&str, &str)| {
        styles.matches(&format!("{name}:")).count() == 1 && !value.contains("var(")
    };
    definitions.filter(is_token).collect()
}

/// The name and the value that a line is there for.
fn definition(line: &str) -> Option<(&str, &str)> {
    line.trim().strip_suffix(';')?.split_once(": ").filter(|(name, _)| name.starts_with("--"))
}

fn without(tokens: &BTreeMap<&str, &str>, style: &str) -> String {
    let defines = |line: &str| definition(line).is_some_and(|(name, _)| tokens.contains_key(name));
    let mut resolved = String::new();
    for line in style.lines().filter(|line| !defines(line)) {
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

    #[test]
    fn what_is_always_the_same_stands_where_it_is_used() {
        let first =
            ":root {\n  --ink: light-dark(#000, #fff);\n  --gap: 1rem;\n  --gap-s: 2px;\n}\n";
        let main = "p { color: var(--ink); margin: calc(-1 * var(--gap)) var(--gap-s); }\n";
        let files = [("first.css", first), ("main.css", main), ("boot.js", "'var(--ink)'\n")];
        let mut files: Files =
            files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into();
        resolve(&mut files);
        assert_eq!(files["first.css"], b":root {\n}\n");
        let expected = "p { color: light-dark(#000, #fff); margin: calc(-1 * 1rem) 2px; }\n";
        assert_eq!(String::from_utf8_lossy(&files["main.css"]), expected);
        assert_eq!(files["boot.js"], b"'var(--ink)'\n");
    }

    #[test]
    fn what_changes_stays_as_it_is() {
        for changing in [
            // Of a class, and of the whole page.
            "--wide: 2rem;\n.small { --wide: 1rem; }\np { width: var(--wide); }\n",
            // What it stands for depends on where it is used.
            "--wide: var(--room);\np { width: var(--wide); }\n",
            ".keys { --wide: 1rem; }\np { width: var(--wide, 2rem); }\n",
        ] {
            let mut files: Files = [("main.css".to_owned(), changing.as_bytes().to_vec())].into();
            resolve(&mut files);
            assert_eq!(String::from_utf8_lossy(&files["main.css"]), changing);
        }
    }
}
