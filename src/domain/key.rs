//! API keys: what the list shows, what creating one yields, and how they are found.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use contract::{NameFault, Timestamp, check_name};
use uuid::Uuid;

use super::order::sort;
use super::secret::Secret;

/// A key as the list knows it. It holds no secret: by type, a row cannot leak one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The identity.
    pub id: KeyId,
    /// What its owner called it, shown as it came.
    pub name: String,
    /// The masked key, shown as it came.
    pub masked: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last used; `None` if never.
    pub last_used: Option<Timestamp>,
}

/// All keys of the user, as far as they can be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyList {
    /// The keys, newest first. No identity comes twice.
    pub keys: Vec<ApiKey>,
    /// The entries that make no key, in the order in which they came.
    pub unreadable: Vec<UnreadableKey>,
}

/// An entry of the list that makes no key: one bad row must not take the good ones with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableKey {
    /// What is wrong with it.
    pub fault: EntryFault,
    /// Its name, if that much can be read.
    pub name: Option<String>,
    /// The masked key, if that much can be read.
    pub masked: Option<String>,
}

/// Why an entry of the list makes no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryFault {
    /// A field is missing or is not what the documents say.
    Malformed,
    /// It has the identity of a key that came before it.
    Repeated,
}

/// A key that was just made: the only type that holds a key's [`Secret`].
#[derive(Debug, PartialEq, Eq)]
pub struct CreatedKey {
    /// The identity; `None` if the API named it in a way that cannot be looked up. The secret is
    /// worth showing all the same.
    pub id: Option<KeyId>,
    /// The name it was asked for with; the API's answer does not repeat it.
    pub name: KeyName,
    /// The whole key, which the API never tells again.
    pub secret: Secret,
}

/// The identity of a key. Names may repeat, this does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(Uuid);

/// A name that the Key API will accept: 1 to 100 characters, trimmed, no control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyName(String);

impl ApiKey {
    /// Whether `query`, ignoring case and surrounding white space, is part of the name, the mask
    /// or the uuid. An empty query matches every key.
    pub fn matches(&self, query: &str) -> bool {
        any_contains(&[&self.name, &self.masked, &self.id.to_string()], query)
    }
}

impl KeyList {
    /// Puts the entries of an answer, in their order, into the order the table shows them: newest
    /// first, the same instant by uuid, so that the order never changes between two answers with
    /// the same keys. Of several with one uuid, the first counts; the others are unreadable.
    pub fn from_entries(entries: impl IntoIterator<Item = Result<ApiKey, UnreadableKey>>) -> Self {
        let mut known = HashSet::new();
        let (mut keys, mut list) = (Vec::<Option<ApiKey>>::new(), Self::default());
        for entry in entries {
            match entry {
                Ok(key) if known.insert(key.id) => keys.push(Some(key)),
                Ok(ApiKey { name, masked, .. }) => list.unreadable.push(UnreadableKey {
                    fault: EntryFault::Repeated,
                    name: Some(name),
                    masked: Some(masked),
                }),
                Err(unreadable) => list.unreadable.push(unreadable),
            }
        }
        let rank = |at: usize| keys[at].as_ref().map(|key| (Reverse(key.created), key.id));
        let mut places: Vec<usize> = (0..keys.len()).collect();
        sort(&mut places, &|a, b| rank(a).cmp(&rank(b)));
        list.keys.extend(places.into_iter().filter_map(|at| keys[at].take()));
        list
    }

    /// How many entries there are, readable or not.
    pub fn len(&self) -> usize {
        self.keys.len() + self.unreadable.len()
    }

    /// Whether there is no entry at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl UnreadableKey {
    /// Whether `query`, as for [`ApiKey::matches`], is part of what can be read. An empty query
    /// matches every entry.
    pub fn matches(&self, query: &str) -> bool {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        any_contains(&[&text(&self.name), &text(&self.masked)], query)
    }
}

impl KeyName {
    /// Reads what somebody typed.
    ///
    /// # Errors
    /// The [`NameFault`] that forbids it.
    pub fn parse(text: &str) -> Result<Self, NameFault> {
        check_name(text).map(|name| Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a text could hold a whole API key, alone or as in `KEY=…`. Such a text must not get into
/// an address, which is kept and shared.
pub fn may_hold_a_secret(text: &str) -> bool {
    text.split(|it| !is_of_a_secret(it)).any(may_be_a_secret)
}

/// Whether a word could be a whole API key: a long one of letters, digits, `_` and `-` that is no
/// uuid.
pub fn may_be_a_secret(word: &str) -> bool {
    const SHORTEST_SECRET: usize = 24;
    let word = word.trim();
    word.len() >= SHORTEST_SECRET
        && word.chars().all(is_of_a_secret)
        && Uuid::try_parse(word).is_err()
}

fn is_of_a_secret(it: char) -> bool {
    it.is_ascii_alphanumeric() || matches!(it, '_' | '-')
}

fn any_contains(texts: &[&str], query: &str) -> bool {
    let query = query.trim().to_lowercase();
    texts.iter().any(|text| text.to_lowercase().contains(&query))
}

impl KeyId {
    /// Whether `part` is a part of the uuid as it is written, in small letters.
    pub fn contains(&self, part: &str) -> bool {
        self.0.hyphenated().encode_lower(&mut Uuid::encode_buffer()).contains(part)
    }
}

impl FromStr for KeyId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text).map(Self)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: u128, name: &str, created: i64) -> ApiKey {
        ApiKey {
            id: KeyId(Uuid::from_u128(id)),
            name: name.to_owned(),
            masked: format!("occ_{name}…{id:04}"),
            created: Timestamp::from_unix_seconds(created),
            last_used: None,
        }
    }

    #[test]
    fn a_key_is_found_by_name_mask_and_uuid_in_any_case() {
        let key = key(0xabc, "CI Bot", 0);
        for query in ["", "  ci b ", "OCC_CI", "…2748", "000000000abc"] {
            assert!(key.matches(query), "{query}");
        }
        assert!(!key.matches("cd"));
    }

    #[test]
    fn the_newest_key_comes_first_and_ties_keep_one_order() {
        let list = |keys: Vec<ApiKey>| KeyList::from_entries(keys.into_iter().map(Ok));
        let sorted = list(vec![key(3, "c", 5), key(1, "a", 9), key(2, "b", 5)]);
        let names: Vec<_> = sorted.keys.iter().map(|key| key.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c"]);

        let twice = list(vec![key(1, "first", 5), key(1, "second", 9)]);
        assert_eq!((twice.keys.len(), twice.len()), (1, 2));
        assert_eq!(twice.keys[0].name, "first");
        assert_eq!(twice.unreadable[0].fault, EntryFault::Repeated);
        assert_eq!(twice.unreadable[0].name.as_deref(), Some("second"));
    }

    #[test]
    fn an_unreadable_entry_is_found_by_what_can_be_read() {
        let entry = |name: Option<&str>| UnreadableKey {
            fault: EntryFault::Malformed,
            name: name.map(str::to_owned),
            masked: Some("occ_TheW…0000".to_owned()),
        };
        assert!(entry(None).matches("") && entry(None).matches("THEW…"));
        assert!(entry(Some("CI Bot")).matches(" ci b"));
        assert!(!entry(None).matches("ci"));
    }

    #[test]
    fn a_whole_key_is_told_from_what_people_search_for() {
        assert!(may_be_a_secret(" occ_TheWholeSecretOfTheFixture0000000000000000000000 "));
        assert!(may_be_a_secret("sk-live-51H8x9abcdefghijklmnop"));
        assert!(may_hold_a_secret("CI_BOT_KEY='sk-live-51H8x9abcdefghijklmnop'"));
        for search in [
            "",
            "ci-bot",
            "Data warehouse, nightly export",
            "occ_TheW…0000",
            "5f0c6c5e-0d1a-4f0e-9d4e-7f6f0b3a9c11",
        ] {
            assert!(!may_be_a_secret(search) && !may_hold_a_secret(search), "{search}");
        }
    }
}
