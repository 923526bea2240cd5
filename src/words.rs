//! The words that the user reads, in the user's language.
//!
//! English stands in the code and is the key to every other language, so that a view can be read
//! as it is shown, and what has no translation is English. The other languages are files that only
//! their users load (`lang/`). `tests/words.rs` holds the files against the code.
//!
//! Architecture Invariant: this module knows neither browser nor document. Whoever has a language
//! installs it before anything is drawn; a change of language begins the page anew.

use std::sync::OnceLock;

/// What another language can do.
#[derive(Clone, Copy, Debug)]
pub struct Language {
    /// The translation of an English text, if there is one.
    pub find: fn(&str) -> Option<String>,
}

/// What it can do with numbers, which nobody needs to sign in.
#[derive(Clone, Copy, Debug)]
pub struct Numbers {
    /// The form of a translation that goes with a number (CLDR plural rules), by the English text
    /// for many.
    pub find_plural: fn(&str, usize) -> Option<String>,
    /// A whole number as the language writes it.
    pub number: fn(usize) -> String,
}

static LANGUAGE: OnceLock<Language> = OnceLock::new();

static NUMBERS: OnceLock<Numbers> = OnceLock::new();

/// Speaks `language` from here on. Only the first call counts.
pub fn install(language: Language) {
    // A second language would leave the page half in the first one.
    let _ = LANGUAGE.set(language);
}

/// Writes numbers like `numbers` from here on. Only the first call counts.
pub fn install_numbers(numbers: Numbers) {
    // They are the same however often the app is drawn.
    let _ = NUMBERS.set(numbers);
}

/// `text` in the user's language.
pub fn tr(text: &'static str) -> String {
    let found = LANGUAGE.get().and_then(|language| (language.find)(text));
    found.unwrap_or_else(|| text.to_owned())
}

/// `text` in the user's language, with each `{name}` replaced by the value of that name. What a
/// value contains is never taken for a placeholder.
pub fn tr_with(text: &'static str, values: &[(&str, &str)]) -> String {
    fill(&tr(text), values)
}

/// The text that goes with `count`, with `{n}` replaced by it: `one` for one, `many` for any other
/// number, and in other languages what their plural rules say.
pub fn tr_count(count: usize, one: &'static str, many: &'static str) -> String {
    let text = NUMBERS.get().and_then(|numbers| (numbers.find_plural)(many, count));
    let text = text.unwrap_or_else(|| if count == 1 { one } else { many }.to_owned());
    fill(&text, &[("n", &number(count))])
}

/// A whole number as the user's language writes it.
pub fn number(of: usize) -> String {
    NUMBERS.get().map_or_else(|| of.to_string(), |numbers| (numbers.number)(of))
}

/// What stands before and after the only placeholder of `text` in the user's language, for a view
/// that puts an element of its own there.
pub fn tr_around(text: &'static str) -> (String, String) {
    let text = tr(text);
    let split = text.split_once('{').and_then(|(before, rest)| {
        let (_, after) = rest.split_once('}')?;
        Some((before.to_owned(), after.to_owned()))
    });
    split.unwrap_or((text, String::new()))
}

/// `text`, which is in the user's language already, with its placeholders replaced as by [`tr_with`].
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let placeholder = after.split_once('}').and_then(|(name, after)| {
            let (_, value) = values.iter().find(|(of, _)| *of == name)?;
            Some((value, after))
        });
        match placeholder {
            Some((value, after)) => {
                filled.push_str(value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_language_everything_is_english() {
        assert_eq!(tr("Sign out"), "Sign out");
        assert_eq!(tr_count(1, "{n} key", "{n} keys"), "1 key");
        assert_eq!(tr_count(0, "{n} key", "{n} keys"), "0 keys");
        assert_eq!(tr_around("Revoke “{name}”?"), ("Revoke “".to_owned(), "”?".to_owned()));
        assert_eq!(tr_around("Revoke"), ("Revoke".to_owned(), String::new()));
    }

    #[test]
    fn a_value_is_never_taken_for_a_placeholder() {
        let text = tr_with("{a} and {b}, {c}, {", &[("a", "{b}"), ("b", "2")]);
        assert_eq!(text, "{b} and 2, {c}, {");
    }
}
