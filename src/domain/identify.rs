//! Which keys a text holds: told by the masks of the list, on this machine. Nothing is sent.
//!
//! A mask shows how a key begins and ends. The documents do not say how much of it, nor what stands
//! for the rest, so any run of dots, ellipses, stars or bullets does.

use super::key::{ApiKey, may_be_a_secret};
use super::order::sorted;
use super::secret::Secret;

/// What stands for the part of a key that a mask does not show.
const HIDDEN: [char; 6] = ['…', '.', '*', '•', '●', '·'];

/// A mask that shows fewer characters than this says too little to tell keys apart.
const LEAST_SHOWN: usize = 4;

/// What a key hides is longer than this, or it would not be worth hiding.
const LEAST_HIDDEN: usize = 4;

/// What is longer is no key, in bytes. A long line of such data as base 64 is one word, and looking
/// at all its tails would take the square of its length.
const LONGEST: usize = 512;

/// What a text holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Finding {
    /// The user's keys whose masks fit a word of the text, with that word. Two rows may fit one
    /// word.
    pub matches: Vec<(ApiKey, Secret)>,
    /// How many words look like keys and fit no mask.
    pub strangers: usize,
}

/// What a mask shows of its key.
struct Mask<'a> {
    start: &'a str,
    end: &'a str,
    key: &'a ApiKey,
}

/// Looks for the keys of the list in `text`: a key alone, a line of `.env`, a log.
pub fn identify(text: &str, keys: &[ApiKey]) -> Finding {
    let by_ends = |a: &Mask, b: &Mask| (a.start, a.end).cmp(&(b.start, b.end));
    let masks = sorted(keys.iter().filter_map(Mask::of).collect(), by_ends);
    let lengths = masks.iter().map(|mask| (mask.start.len(), mask.end.len())).collect();
    let mut lengths = sorted(lengths, Ord::cmp);
    lengths.dedup();

    let mut words = sorted(text.split(is_between_words).flat_map(tails).collect(), Ord::cmp);
    words.dedup();
    let mut finding = Finding::default();
    for word in words {
        let before = finding.matches.len();
        for &(start, end) in &lengths {
            finding.matches.extend(fitting(word, start, end, &masks));
        }
        if finding.matches.len() == before && may_be_a_secret(word) {
            finding.strangers += 1;
        }
    }
    // A row is shown once, however many words fit it.
    let mut seen = std::collections::HashSet::new();
    finding.matches.retain(|(key, _)| seen.insert(key.id));
    finding
}

impl<'a> Mask<'a> {
    /// `None` for a mask that hides nothing, or that shows too little to be told by.
    fn of(key: &'a ApiKey) -> Option<Self> {
        let masked = key.masked.trim();
        let start = &masked[..masked.find(HIDDEN)?];
        let end = masked.rsplit(HIDDEN).next().unwrap_or_default();
        (start.len() + end.len() >= LEAST_SHOWN).then_some(Self { start, end, key })
    }
}

/// The keys whose masks show this many bytes at their ends, and the same as `word` does.
fn fitting<'a>(
    word: &'a str,
    start: usize,
    end: usize,
    masks: &'a [Mask<'a>],
) -> impl Iterator<Item = (ApiKey, Secret)> + 'a {
    let is_long_enough = word.len() >= start + end + LEAST_HIDDEN;
    let shown = word.get(..start).zip(word.len().checked_sub(end).and_then(|at| word.get(at..)));
    let shown = shown.filter(|_| is_long_enough).into_iter();
    shown.flat_map(move |(start, end)| {
        let from = masks.partition_point(|mask| (mask.start, mask.end) < (start, end));
        let fits = move |mask: &&Mask| (mask.start, mask.end) == (start, end);
        let fitting = masks[from..].iter().take_while(fits);
        fitting.map(move |mask| (mask.key.clone(), Secret::new(word.to_owned())))
    })
}

fn is_between_words(it: char) -> bool {
    it.is_whitespace() || it.is_control() || "\"'`,;&?#@()[]{}<>|\\".contains(it)
}

/// A word, and what of it stands behind a sign that may come before a key (`KEY=…`, `key: …`), in
/// all without the full stop of a sentence. A key itself may hold such signs.
fn tails(word: &str) -> impl Iterator<Item = &str> {
    let word = word.trim_end_matches(['.', ':', '!']);
    let behind = word.char_indices().filter(|(_, it)| "=:/".contains(*it));
    let tails = behind.map(|(at, it)| &word[at + it.len_utf8()..]);
    let tails = std::iter::once(word).chain(tails);
    tails.filter(|it| (LEAST_SHOWN + LEAST_HIDDEN..=LONGEST).contains(&it.len()))
}

// Property tests draw random numbers, which their library cannot do in a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use contract::Timestamp;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const SECRET: &str = "occ_TheWholeSecretOfTheFixture0000000000000000000000";

    fn key(number: u128, masked: &str) -> ApiKey {
        ApiKey {
            id: Uuid::from_u128(number).to_string().parse().expect("a uuid"),
            name: format!("key {number}"),
            masked: masked.to_owned(),
            created: Timestamp::from_unix_seconds(0),
            last_used: None,
        }
    }

    #[track_caller]
    fn check(text: &str, masks: &[&str], expected: &[usize], strangers: usize) {
        let keys: Vec<_> = masks.iter().zip(0..).map(|(mask, at)| key(at, mask)).collect();
        let finding = identify(text, &keys);
        let mut found: Vec<_> = finding
            .matches
            .iter()
            .map(|(key, _)| keys.iter().position(|it| it.id == key.id).expect("it is listed"))
            .collect();
        found.sort_unstable();
        assert_eq!((found.as_slice(), finding.strangers), (expected, strangers), "{text:?}");
    }

    #[test]
    fn a_key_is_told_by_its_mask_whatever_stands_for_the_rest() {
        for mask in ["occ_TheW…0000", "occ_TheW...0000", "occ_TheW***0000", "occ_TheW••••0000"]
        {
            check(SECRET, &["occ_Othe…0000", mask, "occ_TheW…0001"], &[1], 0);
        }
        check(SECRET, &["occ_TheW…"], &[0], 0);
        check(SECRET, &["…00000000"], &[0], 0);
    }

    #[test]
    fn a_key_is_found_wherever_it_stands_in_a_text() {
        for text in [
            format!("  {SECRET}\n"),
            format!("KEY={SECRET}"),
            format!("export KEY=\"{SECRET}\"\r\nOTHER=1"),
            format!("# comment\nkey: '{SECRET}',"),
            format!("GET /auth/access-token?key={SECRET}&x=1 200"),
            format!("Authorization: Bearer {SECRET}."),
            format!("https://user:{SECRET}@example.com/"),
        ] {
            check(&text, &["occ_TheW…0000"], &[0], 0);
        }
        let finding = identify(&format!("KEY={SECRET}"), &[key(1, "occ_TheW…0000")]);
        assert_eq!(finding.matches[0].1.reveal(), SECRET, "and it alone is kept");
    }

    #[test]
    fn several_rows_and_several_keys_are_all_found_each_once() {
        check(SECRET, &["occ_TheW…0000", "occ_TheW…0000", "occ_T…0000"], &[0, 1, 2], 0);
        let other = "occ_AnotherSecretOfTheFixture000000000000000001111";
        let two = format!("A={SECRET} B={other} A={SECRET}");
        check(&two, &["occ_TheW…0000", "occ_Anot…1111"], &[0, 1], 0);
    }

    #[test]
    fn what_fits_no_mask_is_counted_if_it_looks_like_a_key() {
        check(SECRET, &["occ_Othe…0000"], &[], 1);
        let words = "ci-bot and some words 5f0c6c5e-0d1a-4f0e-9d4e-7f6f0b3a9c11";
        check(words, &["occ_…0000"], &[], 0);
        check("", &["occ_TheW…0000"], &[], 0);
    }

    #[test]
    fn a_mask_that_shows_nothing_fits_nothing() {
        check(SECRET, &["***", "", "…", "o…0", SECRET], &[], 1);
        check("occ_TheW…0000", &["occ_TheW…0000"], &[], 0);
        check("occ_TheW0000", &["occ_TheW…0000"], &[], 0);
        check("ключ-ключ-ключ-ключ", &["ключ…ключ", "occ_TheW…0000"], &[0], 0);
    }

    #[test]
    fn a_long_log_and_many_keys_are_looked_through() {
        let keys: Vec<_> = (0..10_000).map(|at| key(at, &format!("occ_{at:04}…{at:04}"))).collect();
        let line = |at: usize| format!("10.0.0.{at} GET /keys/ key=occ_{at:04}{SECRET}\n");
        let mut log: String = (0..20_000).map(line).collect();
        log.push_str("KEY=occ_1234aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1234");
        let finding = identify(&log, &keys);
        let found: Vec<_> = finding.matches.iter().map(|(key, _)| key.name.as_str()).collect();
        assert_eq!(found, ["key 0", "key 1234"]);
    }

    #[test]
    fn a_line_of_data_that_is_one_word_is_passed_over_and_what_follows_is_found() {
        let data = "QUJD/REVG=Rw:".repeat(400_000);
        check(&format!("{data} KEY={SECRET}"), &["occ_TheW…0000"], &[0], 0);
        check(&format!("{data}KEY={SECRET}"), &["occ_TheW…0000"], &[0], 0);
    }

    proptest! {
        #[test]
        fn a_key_is_found_by_every_mask_that_shows_enough_of_it(
            secret in "[A-Za-z0-9_-]{16,64}",
            start in 0usize..=6,
            end in 0usize..=6,
            hidden in "[….*•]{1,8}",
            before in "(\\PC{0,20}[ \n\"'=:/])?",
            after in "([ \n\"',;&]\\PC{0,20})?",
        ) {
            prop_assume!(start + end >= LEAST_SHOWN);
            let mask = format!("{}{hidden}{}", &secret[..start], &secret[secret.len() - end..]);
            let finding = identify(&format!("{before}{secret}{after}"), &[key(1, &mask)]);
            prop_assert_eq!(finding.matches.len(), 1);
        }

        #[test]
        fn no_text_and_no_mask_is_too_odd(text in "\\PC{0,200}", mask in "\\PC{0,20}") {
            let finding = identify(&text, &[key(1, &mask)]);
            for (_, word) in &finding.matches {
                prop_assert!(text.contains(word.reveal()));
            }
        }
    }
}
