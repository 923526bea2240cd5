//! Texts that somebody else wrote, made fit to be seen: the names of keys and users, and what a
//! server says.
//!
//! A name is data. It may hold characters that draw nothing, or that turn the text around them
//! (UAX #9, Unicode Technical Report #36): two names could then look the same, or one could
//! rearrange what stands beside it. The Key API keeps every name as it is; what is shown says what
//! is in it.

use std::borrow::Cow;
use std::fmt::Write;

/// What begins a character that is written by its number. A name in which it stands already is
/// written so that it cannot be mistaken for one.
const MARK: &str = "⟨U+";

/// The text with every character that cannot be seen written by its number, such as `⟨U+202E⟩`.
/// No two texts that differ become the same.
pub fn visible(text: &str) -> Cow<'_, str> {
    let is_mark = |at| text.get(at..).is_some_and(|rest| rest.starts_with(MARK));
    let is_fine = |(at, it): (usize, char)| !is_hidden(it) && !is_mark(at);
    if text.char_indices().all(is_fine) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for (at, it) in text.char_indices() {
        if is_fine((at, it)) {
            shown.push(it);
        } else {
            // Writing to a text does not fail.
            let _ = write!(shown, "⟨U+{:04X}⟩", u32::from(it));
        }
    }
    Cow::Owned(shown)
}

/// Whether a character draws nothing or changes how others are drawn: control characters, those
/// that set the direction of text, and those of no width.
pub fn is_hidden(it: char) -> bool {
    it.is_control()
        || matches!(it,
            // Soft hyphen, combining grapheme joiner, Arabic letter mark.
            '\u{AD}' | '\u{34F}' | '\u{61C}'
            // Fillers, which take room and draw nothing.
            | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{2800}' | '\u{3164}' | '\u{FFA0}'
            // No width, and the marks of direction.
            | '\u{200B}'..='\u{200F}'
            // Line and paragraph separator; embeddings and overrides.
            | '\u{2028}'..='\u{202E}'
            // Word joiner, invisible operators, isolates, what is deprecated.
            | '\u{2060}'..='\u{206F}'
            // Byte order mark, interlinear annotations.
            | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            // Tags.
            | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_seen_is_shown_as_it_is() {
        for name in ["", "ci-bot", "Data warehouse, nightly", "鍵 ключ مفتاح", "⟨x⟩", "a\u{301} ❤️"]
        {
            assert!(matches!(visible(name), Cow::Borrowed(shown) if shown == name), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_written_by_its_number() {
        assert_eq!(visible("ci\u{202E}tob"), "ci⟨U+202E⟩tob");
        assert_eq!(visible("\u{0}\n\u{7F}\u{85}"), "⟨U+0000⟩⟨U+000A⟩⟨U+007F⟩⟨U+0085⟩");
        let hidden = ('\u{202A}'..='\u{202E}').chain('\u{2066}'..='\u{2069}').chain([
            '\u{200E}',
            '\u{200F}',
            '\u{61C}',
            '\u{200B}',
            '\u{200C}',
            '\u{200D}',
            '\u{FEFF}',
            '\u{2060}',
            '\u{AD}',
            '\u{2028}',
            '\u{2029}',
            '\u{E0041}',
            '\u{1}',
            '\u{9F}',
            '\t',
        ]);
        for it in hidden {
            let shown = visible(&format!("a{it}b")).into_owned();
            assert_eq!(shown, format!("a⟨U+{:04X}⟩b", u32::from(it)));
        }
    }

    #[test]
    fn a_name_cannot_pretend_to_hold_what_it_does_not() {
        assert_eq!(visible("⟨U+202E⟩"), "⟨U+27E8⟩U+202E⟩");
        assert_ne!(visible("⟨U+202E⟩"), visible("\u{202E}"));
        assert_ne!(visible("ci-bot\u{200B}"), visible("ci-bot"));
    }
}
