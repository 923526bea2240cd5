//! What helps to name a key: the rules before they bite, and names that carry on a series.

use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};

use contract::NAME_MAX_CHARS;

use super::names::visible;

/// So few characters are left when that is said.
const NEAR_THE_END: usize = 20;

/// At most so many names are suggested.
const MOST: usize = 3;

/// A number with more digits is a date, a phone number or an identity, and has no next one.
const MOST_DIGITS: usize = 4;

/// A rule of names that a name is about to meet, or has met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ahead {
    /// So many more characters fit.
    Left(usize),
    /// It is too long by so many.
    Over(usize),
    /// It holds this control character.
    Control(char),
}

/// The rule that matters while `typed` is being typed; `None` as long as none does.
pub fn ahead(typed: &str) -> Option<Ahead> {
    let name = typed.trim();
    if let Some(control) = name.chars().find(|it| it.is_control()) {
        return Some(Ahead::Control(control));
    }
    let length = name.chars().count();
    match NAME_MAX_CHARS.checked_sub(length) {
        None => Some(Ahead::Over(length - NAME_MAX_CHARS)),
        Some(left) if left <= NEAR_THE_END => Some(Ahead::Left(left)),
        Some(_) => None,
    }
}

/// The next names of the series that `names` (newest first) hold: at most three, of the series that
/// were carried on last. A series is two names that differ in the number at their end; one without
/// a number counts as the first.
pub fn next_names<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Vec<String> {
    // Most lists hold no series, and ask nothing of this.
    let taken = LazyCell::new(|| names.clone().collect::<HashSet<&str>>());
    // By what stands before the number: how many there are, and the highest.
    let mut series: HashMap<&str, (usize, u32, usize)> = HashMap::new();
    let mut order = Vec::new();
    for name in names.clone() {
        if let Some((stem, number, digits)) = numbered(name) {
            let (count, highest, width) = series.entry(stem).or_insert_with(|| {
                order.push(stem);
                (0, 0, 0)
            });
            *count += 1;
            if number >= *highest {
                (*highest, *width) = (number, digits);
            }
        }
    }
    let next = order.into_iter().filter_map(|stem| {
        let (count, highest, width) = series.get(stem)?;
        let bare = stem.trim_end_matches(|it: char| !it.is_alphanumeric());
        let name = format!("{stem}{:0width$}", highest + 1, width = width);
        let is_series = *count > 1 || taken.contains(bare);
        let is_fine = visible(&name) == name && contract::check_name(&name) == Ok(&name);
        (is_series && is_fine && !taken.contains(name.as_str())).then_some(name)
    });
    next.take(MOST).collect()
}

/// A name for the key that takes the place of one called `old`: the next of its series that is not
/// among `names`. Empty if there is none that could be taken.
pub fn successor_name<'a>(old: &str, names: impl Iterator<Item = &'a str>) -> String {
    let taken: HashSet<&str> = names.collect();
    let old = old.trim();
    let dashed = format!("{old}-");
    let (stem, number, width) = numbered(old).unwrap_or((&dashed, 1, 0));
    let next = (1..).map_while(|more| number.checked_add(more));
    let mut next = next.map(|number| format!("{stem}{number:0width$}"));
    let free = next.find(|name| !taken.contains(name.as_str()));
    let is_fine = |name: &String| visible(name) == *name && contract::check_name(name) == Ok(name);
    free.filter(is_fine).unwrap_or_default()
}

/// What stands before the number at the end of a name, the number, and how many digits it has.
fn numbered(name: &str) -> Option<(&str, u32, usize)> {
    let stem = name.trim_end_matches(|it: char| it.is_ascii_digit());
    let digits = name.get(stem.len()..)?;
    let is_number = (1..=MOST_DIGITS).contains(&digits.len());
    let is_stem = stem.chars().any(char::is_alphabetic);
    (is_number && is_stem).then_some((stem, digits.parse().ok()?, digits.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(names: &[&str]) -> Vec<String> {
        next_names(names.iter().copied())
    }

    #[test]
    fn a_series_is_carried_on_after_its_highest_number() {
        assert_eq!(next(&["ci-bot-2", "ci-bot-10", "other"]), ["ci-bot-11"]);
        assert_eq!(next(&["ci-bot-2", "ci-bot"]), ["ci-bot-3"]);
        assert_eq!(next(&["node07", "node08"]), ["node09"]);
        assert_eq!(next(&["node 09", "node 08"]), ["node 10"]);
        assert_eq!(next(&["a9999", "a9998"]), ["a10000"]);
    }

    #[test]
    fn what_is_no_series_suggests_nothing() {
        assert_eq!(next(&[]), Vec::<String>::new());
        for names in [
            ["ci-bot", "other"],
            ["ci-bot-1", "other-1"],
            ["2026-11-24", "2026-11-25"],
            ["order 123456", "order 123457"],
            ["a\u{200B}1", "a\u{200B}2"],
        ] {
            assert_eq!(next(&names), Vec::<String>::new(), "{names:?}");
        }
        let long = "x".repeat(99);
        let (eight, nine) = (format!("{long}8"), format!("{long}9"));
        assert_eq!(next(&[&eight, &nine]), Vec::<String>::new(), "the next one is too long");
    }

    #[test]
    fn at_most_three_are_suggested_those_carried_on_last() {
        let names = ["d2", "a2", "b2", "c2", "a1", "b1", "c1", "d1"];
        assert_eq!(next(&names), ["d3", "a3", "b3"]);
    }

    #[test]
    fn the_end_is_said_before_it_is_reached() {
        assert_eq!(ahead(&"é".repeat(79)), None);
        assert_eq!(ahead(&"é".repeat(80)), Some(Ahead::Left(20)));
        assert_eq!(ahead(&format!("  {}  ", "x".repeat(100))), Some(Ahead::Left(0)));
        assert_eq!(ahead(&"x".repeat(103)), Some(Ahead::Over(3)));
        assert_eq!(ahead("a\tb"), Some(Ahead::Control('\t')));
        assert_eq!(ahead("\ta"), None, "what is trimmed does no harm");
    }
}
