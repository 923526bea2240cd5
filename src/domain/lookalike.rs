//! Names that look alike, so that one is not revoked, or trusted, in place of the other.
//!
//! The idea is that of UTS #39, section 4: names are confusable if their skeletons are the same.
//! Its data are hundreds of kilobytes; here stands the small part that Latin names are imitated
//! with. A name that is flagged is never forbidden, so the table may be generous: case does not
//! count, nor does what cannot be seen.
//!
//! Taking a character apart (NFKD: the wide, the bold, the accented) takes data of that size, too,
//! and so do small letters. Every browser has them, so these steps come in as [`Unicode`].

use std::hash::{DefaultHasher, Hash, Hasher};

use super::key::{ApiKey, KeyId};
use super::names::is_hidden;
use super::order::sorted;

/// Characters, each behind the one that it is taken for. The capitals that stand here look like
/// another letter than their small form does.
const PROTOTYPES: &str = "\
    aаɑαаА eеɛεеЕ oоοσςօоОΟ0 pрρрРΡ cсϲсС yуγүуУΥ xхχхХΧ sѕЅ iіιıӏ1lI|jјЈ \
    bвВΒьЬ hһнНΗ kкκКΚ mмМΜ tтτТΤ nոηпΝ uυսц vνѵ wԝωшԜ zᴢΖ dԁɗ gɡɢ qԛզ fϝ rгᴦ \
    -‐‑‒–—―−⁃ー_ '’‘ʼʻ′´` \"“”″ .․。 /⁄∕ :׃ː";

/// What a browser knows of Unicode.
#[derive(Clone, Copy, Debug)]
pub struct Unicode {
    /// Writes a text in small letters (default case conversion).
    pub lowered: fn(&str) -> String,
    /// Takes every character of a text apart (NFKD, UAX #15).
    pub decomposed: fn(&str) -> String,
}

/// A key whose name is easily taken for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// The names are the same but for case and surrounding white space.
    Same(ApiKey),
    /// They only look the same.
    Alike(ApiKey),
}

/// What a name looks like: two names of one skeleton are easily taken for each other.
/// A name of nothing that can be seen has an empty one.
pub fn skeleton(name: &str, unicode: Unicode) -> String {
    // What is plain ASCII is apart already.
    let apart = if name.is_ascii() { name.to_owned() } else { (unicode.decomposed)(name) };
    let mut skeleton = String::with_capacity(apart.len());
    for it in apart.chars() {
        // What most names are made of: it is seen, and is no space.
        if it.is_ascii_graphic() {
            let lower = it.to_ascii_lowercase();
            skeleton.push(prototype(it).or_else(|| prototype(lower)).unwrap_or(lower));
            continue;
        }
        if is_hidden(it) || is_variation(it) {
            continue;
        }
        if it.is_whitespace() {
            if !skeleton.ends_with(' ') {
                skeleton.push(' ');
            }
            continue;
        }
        skeleton.push(prototype(it).unwrap_or(it));
    }
    if !skeleton.is_ascii() {
        // What is taken for nothing else as it stands may be so in small letters.
        let lowered = (unicode.lowered)(&skeleton);
        skeleton = lowered.chars().map(|it| prototype(it).unwrap_or(it)).collect();
    }
    let seen = skeleton.trim();
    // Two letters that are drawn like one.
    match seen.as_bytes().windows(2).any(|pair| matches!(pair, b"rn" | b"vv")) {
        true => seen.replace("rn", "m").replace("vv", "w"),
        false => seen.to_owned(),
    }
}

/// The names of a list, ready to be compared with another name: what they look like is worked out
/// once for the list. It holds places in the list that it was made of, and is given that list again
/// with each question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The names without their case.
    plain: Places,
    /// The same by their skeletons.
    skeletons: Places,
}

/// The places of texts, by the texts' hashes: two texts may have one hash, so what is found is to be
/// looked at. The texts themselves would take as much memory as the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Places(Vec<(u64, usize)>);

impl Names {
    /// The names of `keys`.
    pub fn of(keys: &[ApiKey], unicode: Unicode) -> Self {
        Self {
            plain: Places::of(keys.iter().map(|key| plain(&key.name, unicode))),
            skeletons: Places::of(keys.iter().map(|key| skeleton(&key.name, unicode))),
        }
    }

    /// The first of `keys` whose name is, or looks, the same as `name`.
    pub fn likeness(&self, name: &str, keys: &[ApiKey], unicode: Unicode) -> Option<Likeness> {
        let wanted = plain(name, unicode);
        let same = self.plain.holding(&wanted).filter_map(|at| keys.get(at));
        let same = same.filter(|key| !wanted.is_empty() && plain(&key.name, unicode) == wanted);
        same.cloned().map(Likeness::Same).next().or_else(|| {
            self.lookalikes(name, None, keys, unicode).next().cloned().map(Likeness::Alike)
        })
    }

    /// All of `keys`, but for the one that is meant, whose names look the same as `name`.
    pub fn lookalikes<'a>(
        &self,
        name: &str,
        meant: Option<KeyId>,
        keys: &'a [ApiKey],
        unicode: Unicode,
    ) -> impl Iterator<Item = &'a ApiKey> {
        let wanted = skeleton(name, unicode);
        let places = self.skeletons.holding(&wanted);
        places.filter_map(|at| keys.get(at)).filter(move |key| {
            meant != Some(key.id) && !wanted.is_empty() && skeleton(&key.name, unicode) == wanted
        })
    }
}

impl Places {
    fn of(texts: impl Iterator<Item = String>) -> Self {
        Self(sorted(texts.enumerate().map(|(at, text)| (hash(&text), at)).collect(), Ord::cmp))
    }

    /// Where a text with the hash of this one is, in the order of the list.
    fn holding<'a>(&'a self, text: &str) -> impl Iterator<Item = usize> + use<'a> {
        let hash = hash(text);
        let start = self.0.partition_point(|(it, _)| *it < hash);
        let found = self.0[start..].iter().take_while(move |(it, _)| *it == hash);
        found.map(|(_, at)| *at)
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

fn plain(name: &str, unicode: Unicode) -> String {
    (unicode.lowered)(name.trim())
}

/// What a character is taken for, if it is another one.
fn prototype(it: char) -> Option<char> {
    // Most names are of these characters, which need not be looked up.
    match it {
        '0' => Some('o'),
        '1' | 'j' | 'l' | 'I' | '|' => Some('i'),
        '_' => Some('-'),
        '`' => Some('\''),
        _ if it.is_ascii() => None,
        _ => in_table(it),
    }
}

fn in_table(it: char) -> Option<char> {
    let group = PROTOTYPES.split(' ').find(|group| group.contains(it))?;
    group.chars().next()
}

/// Whether a character only chooses how the one before it is drawn.
fn is_variation(it: char) -> bool {
    matches!(it, '\u{FE00}'..='\u{FE0F}')
}

#[cfg(test)]
mod tests {
    use contract::Timestamp;

    use super::*;

    fn key(number: u128, name: &str) -> ApiKey {
        ApiKey {
            id: uuid::Uuid::from_u128(number).to_string().parse().expect("a uuid"),
            name: name.to_owned(),
            masked: "occ_…".to_owned(),
            created: Timestamp::from_unix_seconds(0),
            last_used: None,
        }
    }

    /// Enough of NFKD for these tests. The browser's own is used in `tests/web`.
    fn decompose(text: &str) -> String {
        text.replace('é', "e\u{301}").replace('ｃ', "c").replace('ﬁ', "fi").replace('\u{A0}', " ")
    }

    const UNICODE: Unicode = Unicode { lowered: str::to_lowercase, decomposed: decompose };

    #[track_caller]
    fn check(one: &str, other: &str, alike: bool) {
        let (one_skeleton, other_skeleton) = (skeleton(one, UNICODE), skeleton(other, UNICODE));
        assert_eq!(one_skeleton == other_skeleton, alike, "{one_skeleton:?} {other_skeleton:?}");
    }

    #[test]
    fn names_that_look_the_same_have_one_skeleton() {
        for other in [
            "CI-BOT",
            "сі-bоt",
            "cl-bot",
            "c1-b0t",
            "ci‑bot",
            "ci\u{200B}-bot\u{202C}",
            "ｃi-bot",
            "  ci-bot\u{FE0F}",
            "СІ-ВОТ",
        ] {
            check("ci-bot", other, true);
        }
        check("admin", "adrnin", true);
        check("café", "cafe\u{301}", true);
        check("a b", "a\u{A0}  b", true);
        check("ΟΔΟΣ", "οδοσ", true);
    }

    #[test]
    fn names_that_differ_to_the_eye_do_not() {
        for other in ["ci-bot-2", "cibot", "ci-bat", "ci.bot", ""] {
            check("ci-bot", other, false);
        }
        check("café", "cafe", false);
        check("ключ", "鍵", false);
    }

    #[test]
    fn a_name_that_is_taken_is_told_from_one_that_only_looks_so() {
        let keys = [key(1, "сi-bot"), key(2, "ci-bot"), key(3, "other")];
        let names = Names::of(&keys, UNICODE);
        let of = |name: &str| names.likeness(name, &keys, UNICODE);
        assert_eq!(of(" CI-Bot "), Some(Likeness::Same(keys[1].clone())));
        assert_eq!(of("c1-bot"), Some(Likeness::Alike(keys[0].clone())));
        for none in ["ci-bot-2", "", "  ", "\u{200B}"] {
            assert_eq!(of(none), None, "{none:?}");
        }
    }

    #[test]
    fn what_is_not_looked_up_is_what_stands_in_the_table() {
        for it in '\0'..='\u{7F}' {
            let lower = it.to_ascii_lowercase();
            let other = in_table(it).filter(|found| *found != lower && *found != it);
            let quick = prototype(it).filter(|found| *found != lower && *found != it);
            assert_eq!(quick, other, "{it:?}");
        }
    }

    #[test]
    fn a_key_is_not_taken_for_itself() {
        let keys = [key(1, "ci-bot"), key(2, "ci-bot"), key(3, "ci-b0t"), key(4, "other")];
        let names = Names::of(&keys, UNICODE);
        let found = names.lookalikes("ci-bot", Some(keys[0].id), &keys, UNICODE);
        assert_eq!(found.cloned().collect::<Vec<_>>(), keys[1..3]);
    }

    #[test]
    fn a_name_that_only_shares_a_hash_is_no_lookalike() {
        let keys = [key(1, "ci-bot"), key(2, "other")];
        let hash = hash("ci-bot");
        let places = Places(vec![(hash, 0), (hash, 1)]);
        let names = Names { plain: places.clone(), skeletons: places };
        let found = names.lookalikes("ci-bot", None, &keys, UNICODE);
        assert_eq!(found.cloned().collect::<Vec<_>>(), keys[..1]);
        assert_eq!(names.likeness("other", &keys, UNICODE), None, "it is not where it should be");
    }
}
