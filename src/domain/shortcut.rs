//! Keyboard shortcuts: which keys mean which command, and when none may.
//!
//! A shortcut is written as its keys are named by the browser (`KeyboardEvent.key`, UI Events),
//! with a space between keys that are pressed one after the other: `/`, `?`, `g k`.

/// A key that was pressed, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Press<'a> {
    /// What the key says: `g`, `?`, `Enter`.
    pub key: &'a str,
    /// Whether Control, Command or Alt is held, whose shortcuts are the browser's and the system's.
    pub modified: bool,
    /// Whether it writes somewhere, or chooses in a list.
    pub in_field: bool,
}

/// What a press comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Nothing of ours.
    Nothing,
    /// It begins a shortcut of two keys.
    Begins,
    /// It completes this one of the shortcuts.
    Runs(usize),
}

/// What `press` means after the key `begun`, if one has begun a shortcut a moment ago. Whoever
/// types is never taken for somebody who commands (WCAG 2.2, 2.1.4).
pub fn meaning(shortcuts: &[&str], begun: &str, press: Press<'_>) -> Meaning {
    if press.modified || press.in_field {
        return Meaning::Nothing;
    }
    let is_whole = |shortcut: &&str| match shortcut.split_once(' ') {
        Some((first, second)) => first == begun && second == press.key,
        None => begun.is_empty() && *shortcut == press.key,
    };
    if let Some(at) = shortcuts.iter().position(is_whole) {
        return Meaning::Runs(at);
    }
    let begins = |shortcut: &&str| shortcut.split_once(' ').is_some_and(|it| it.0 == press.key);
    match shortcuts.iter().any(begins) {
        true => Meaning::Begins,
        // What was begun came to nothing; the key may be a shortcut by itself.
        false if !begun.is_empty() => meaning(shortcuts, "", press),
        false => Meaning::Nothing,
    }
}

/// The key of a press, where a keyboard of another script has a letter in its place: shortcuts are
/// letters of the Latin script. `code` names the place (`KeyK`).
pub fn latin(key: String, code: &str) -> String {
    match code.strip_prefix("Key") {
        Some(letter) if !key.is_ascii() => letter.to_ascii_lowercase(),
        _ => key,
    }
}

/// Whether a press opens the palette: Control or Command with K, as in most apps that have one.
pub fn opens_palette(key: &str, control_or_command: bool, shift_or_alt: bool) -> bool {
    control_or_command && !shift_or_alt && key.eq_ignore_ascii_case("k")
}

/// Whether a press begins a text: a character that can be seen. A space does not, because it presses
/// the button that has the focus.
pub fn begins_text(key: &str, modified: bool) -> bool {
    let mut characters = key.chars();
    let is_seen = characters.next().is_some_and(|it| it != ' ');
    is_seen && characters.next().is_none() && !modified
}

/// Takes a press into the text that is typed before there is a field for it, and says whether it is
/// part of a text. Enter at its end is, and waits for somebody who sees the text.
pub fn types_ahead(text: &mut String, key: &str, modified: bool) -> bool {
    match key {
        "Enter" if !text.is_empty() => {}
        "Backspace" if !modified => drop(text.pop()),
        " " if !modified => text.push(' '),
        key if begins_text(key, modified) => text.push_str(key),
        _ => return false,
    }
    true
}

/// Whether `label` is found by what was typed: every word of it, in any order and case. `lowered`
/// writes a text in small letters.
pub fn is_found_by(label: &str, typed: &str, lowered: fn(&str) -> String) -> bool {
    let label = lowered(label);
    lowered(typed).split_whitespace().all(|word| label.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORTCUTS: [&str; 5] = ["/", "", "c", "g k", "?"];

    fn press(key: &str) -> Press<'_> {
        Press { key, modified: false, in_field: false }
    }

    #[test]
    fn a_key_runs_its_command() {
        assert_eq!(meaning(&SHORTCUTS, "", press("/")), Meaning::Runs(0));
        assert_eq!(meaning(&SHORTCUTS, "", press("?")), Meaning::Runs(4));
        for other in ["x", "k", "C", "Enter", " "] {
            assert_eq!(meaning(&SHORTCUTS, "", press(other)), Meaning::Nothing, "{other}");
        }
    }

    #[test]
    fn two_keys_run_a_command_only_one_after_the_other() {
        assert_eq!(meaning(&SHORTCUTS, "", press("g")), Meaning::Begins);
        assert_eq!(meaning(&SHORTCUTS, "g", press("k")), Meaning::Runs(3));
        assert_eq!(meaning(&SHORTCUTS, "g", press("g")), Meaning::Begins);
        assert_eq!(meaning(&SHORTCUTS, "g", press("x")), Meaning::Nothing);
        assert_eq!(meaning(&SHORTCUTS, "g", press("c")), Meaning::Runs(2));
    }

    #[test]
    fn nobody_who_types_or_uses_the_shortcuts_of_others_commands() {
        for key in ["/", "c", "g", "?"] {
            let typed = Press { in_field: true, ..press(key) };
            assert_eq!(meaning(&SHORTCUTS, "", typed), Meaning::Nothing, "{key}");
            let held = Press { modified: true, ..press(key) };
            assert_eq!(meaning(&SHORTCUTS, "", held), Meaning::Nothing, "{key}");
        }
        let typed = Press { in_field: true, ..press("k") };
        assert_eq!(meaning(&SHORTCUTS, "g", typed), Meaning::Nothing);
    }

    #[test]
    fn a_keyboard_of_another_script_has_the_same_shortcuts() {
        let latin = |key: &str, code| latin(key.to_owned(), code);
        assert_eq!(latin("ؤ", "KeyC"), "c");
        assert_eq!(latin("л", "KeyK"), "k");
        assert_eq!(latin("/", "Digit7"), "/");
        assert_eq!(latin("q", "KeyA"), "q", "a Latin keyboard says itself what it means");
    }

    #[test]
    fn the_palette_opens_by_its_key_alone() {
        assert!(opens_palette("k", true, false) && opens_palette("K", true, false));
        assert!(!opens_palette("k", false, false) && !opens_palette("k", true, true));
        assert!(!opens_palette("j", true, false));
    }

    #[test]
    fn a_text_begins_with_a_character_that_can_be_seen() {
        for key in ["c", "P", "7", "ш", "鍵", "🔑"] {
            assert!(begins_text(key, false), "{key}");
            assert!(!begins_text(key, true), "{key} of the browser");
        }
        for key in ["", " ", "Enter", "Tab", "Escape", "F5", "Process"] {
            assert!(!begins_text(key, false), "{key}");
        }
    }

    #[test]
    fn what_is_typed_ahead_is_a_text_with_its_mistakes_taken_back() {
        let mut text = String::new();
        assert!(!types_ahead(&mut text, "Enter", false), "it is for the button with the focus");
        for key in ["C", "I", " ", "x", "Backspace", "2", "Enter"] {
            assert!(types_ahead(&mut text, key, false), "{key}");
        }
        for (key, modified) in [("Tab", false), ("Escape", false), ("v", true)] {
            assert!(!types_ahead(&mut text, key, modified), "{key}");
        }
        assert_eq!(text, "CI 2");
    }

    #[test]
    fn a_label_is_found_by_its_words_in_any_order() {
        for typed in ["", "  ", "key", "KEY cr", "create key"] {
            assert!(is_found_by("Create key", typed, str::to_lowercase), "{typed}");
        }
        assert!(!is_found_by("Create key", "keys", str::to_lowercase));
        assert!(!is_found_by("Create key", "create x", str::to_lowercase));
        assert!(is_found_by("Clé d’API", "CLÉ", str::to_lowercase));
    }
}
