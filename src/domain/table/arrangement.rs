//! Which keys are on show, and in which order.

use std::cmp::Ordering;

use contract::Timestamp;

use super::query::{Column, Query, Sort};
use crate::domain::key::{ApiKey, KeyId, KeyList, UnreadableKey};
use crate::domain::order::sort;

/// A list made ready to be searched: what is searched in is written in small letters once, not at
/// every keystroke. It holds places in the list that it was made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    keys: Haystack,
    unreadable: Haystack,
    /// The names in small letters, by which they are ordered.
    names: Haystack,
}

/// Writes a text in small letters (Unicode, default case conversion).
pub type Lowered = fn(&str) -> String;

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// The key at this place of the list.
    Key(usize),
    /// The unreadable entry at this place.
    Unreadable(usize),
}

/// What a row shows, wherever it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowId {
    /// A key.
    Key(KeyId),
    /// The unreadable entry at this place of the list.
    Unreadable(usize),
}

impl Row {
    /// What it shows of `list`, which it is a row of.
    pub fn id(self, list: &KeyList) -> Option<RowId> {
        match self {
            Self::Key(at) => list.keys.get(at).map(|key| RowId::Key(key.id)),
            Self::Unreadable(at) => Some(RowId::Unreadable(at)),
        }
    }
}

/// Many texts in one allocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Haystack {
    text: String,
    ends: Vec<usize>,
}

impl Index {
    /// Makes `list` ready. `lowered` writes a text in small letters, which takes tables that the
    /// browser has.
    pub fn of(list: &KeyList, lowered: Lowered) -> Self {
        let mut index = Self::default();
        for ApiKey { id, name, masked, .. } in &list.keys {
            index.keys.push(&[name, masked, &id.to_string()], lowered);
            index.names.push(&[name], lowered);
        }
        for UnreadableKey { name, masked, .. } in &list.unreadable {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            index.unreadable.push(&[&text(name), &text(masked)], lowered);
        }
        index
    }

    /// The rows that `query` wants to see of `list`, which this index was made of, `lowered` by the
    /// same. The key `first`
    /// comes first whatever the order, and what makes no key comes last.
    pub fn arrange(
        &self,
        list: &KeyList,
        query: &Query,
        first: Option<KeyId>,
        now: Timestamp,
        lowered: Lowered,
    ) -> Vec<Row> {
        let needle = lowered(query.search.trim());
        let mut places: Vec<usize> = (0..list.keys.len().min(self.keys.len()))
            .filter(|at| self.keys.get(*at).contains(&needle))
            .filter(|at| query.admits(&list.keys[*at], now))
            .collect();
        sort(&mut places, &|a, b| {
            let is_first = |at: usize| first == Some(list.keys[at].id);
            is_first(b).cmp(&is_first(a)).then_with(|| self.order(list, query.sort, a, b))
        });
        let unreadable = (0..list.unreadable.len().min(self.unreadable.len()))
            // A filter asks for a time, which such an entry does not tell.
            .filter(|at| !query.filters() && self.unreadable.get(*at).contains(&needle));
        places.into_iter().map(Row::Key).chain(unreadable.map(Row::Unreadable)).collect()
    }

    /// What is equal by the order is ordered by identity, which never changes.
    fn order(&self, list: &KeyList, sort: Sort, a: usize, b: usize) -> Ordering {
        let (left, right) = (&list.keys[a], &list.keys[b]);
        let order = match sort.by {
            Column::Name => natural(self.names.get(a), self.names.get(b))
                .then_with(|| left.name.cmp(&right.name)),
            Column::Key => left.masked.cmp(&right.masked),
            Column::Created => left.created.cmp(&right.created),
            Column::LastUsed => left.last_used.cmp(&right.last_used),
        };
        let order = if sort.descending { order.reverse() } else { order };
        order.then_with(|| left.id.cmp(&right.id))
    }
}

impl Haystack {
    fn push(&mut self, texts: &[&str], lowered: Lowered) {
        for text in texts {
            // Nothing that is typed into a search field holds a line break, so no search runs from
            // one text into the next.
            self.text.push('\n');
            self.text.push_str(&lowered(text));
        }
        self.ends.push(self.text.len());
    }

    fn get(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[at]]
    }

    fn len(&self) -> usize {
        self.ends.len()
    }
}

/// Orders texts as people do: a run of digits counts as the number it is, so that `ci-2` comes
/// before `ci-10`.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        let (run_a, run_b) = (digits(a), digits(b));
        if !run_a.is_empty() && !run_b.is_empty() {
            let order = number(run_a).cmp(&number(run_b));
            if order != Ordering::Equal {
                return order;
            }
            (a, b) = (&a[run_a.len()..], &b[run_b.len()..]);
            continue;
        }
        match (a.split_first(), b.split_first()) {
            (Some((first_a, rest_a)), Some((first_b, rest_b))) if first_a == first_b => {
                (a, b) = (rest_a, rest_b);
            }
            (first_a, first_b) => return first_a.cmp(&first_b),
        }
    }
}

fn digits(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    &text[..end]
}

/// A run of digits as something that is ordered as numbers are, of whatever length.
fn number(digits: &[u8]) -> (usize, &[u8]) {
    let start = digits.iter().position(|digit| *digit != b'0').unwrap_or(digits.len());
    (digits.len() - start, &digits[start..])
}

// Property tests draw random numbers, which their library cannot do in a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::key::EntryFault;
    use crate::domain::table::query::{Age, Use};

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_456_101);

    fn id(number: usize) -> KeyId {
        format!("00000000-0000-0000-0000-{number:012}").parse().expect("a uuid")
    }

    fn key(number: usize, name: &str, seconds_ago: i64, used_ago: Option<i64>) -> ApiKey {
        let ago = |seconds| Timestamp::from_unix_seconds(NOW.unix_seconds() - seconds);
        ApiKey {
            id: id(number),
            name: name.to_owned(),
            masked: format!("occ_{number:04}…{:04}", 9999 - number),
            created: ago(seconds_ago),
            last_used: used_ago.map(ago),
        }
    }

    fn list() -> KeyList {
        KeyList {
            keys: vec![
                key(1, "web-10", 50, Some(5)),
                key(2, "Web-2", 40, None),
                key(3, "billing", 30, Some(9)),
                key(4, "billing", 20, Some(5)),
            ],
            unreadable: vec![UnreadableKey {
                fault: EntryFault::Malformed,
                name: Some("web of old".to_owned()),
                masked: None,
            }],
        }
    }

    fn names(query: &Query, first: Option<KeyId>) -> Vec<usize> {
        let list = list();
        let rows = Index::of(&list, str::to_lowercase).arrange(
            &list,
            query,
            first,
            NOW,
            str::to_lowercase,
        );
        rows.into_iter()
            .map(|row| match row {
                Row::Key(at) => at + 1,
                Row::Unreadable(_) => 0,
            })
            .collect()
    }

    fn sorted(by: Column, descending: bool) -> Vec<usize> {
        names(&Query { sort: Sort { by, descending }, ..Query::ALL }, None)
    }

    fn search(text: &str) -> Vec<usize> {
        names(&Query { search: text.to_owned(), ..Query::ALL }, None)
    }

    #[test]
    fn every_column_orders_both_ways_and_equal_keys_keep_one_order() {
        assert_eq!(names(&Query::ALL, None), [4, 3, 2, 1, 0], "the newest first");
        assert_eq!(sorted(Column::Name, false), [3, 4, 2, 1, 0]);
        assert_eq!(sorted(Column::Name, true), [1, 2, 3, 4, 0]);
        assert_eq!(sorted(Column::Key, false), [1, 2, 3, 4, 0]);
        assert_eq!(sorted(Column::Created, false), [1, 2, 3, 4, 0]);
    }

    #[test]
    fn never_used_comes_last_of_the_recent_and_first_of_the_stale() {
        assert_eq!(sorted(Column::LastUsed, true), [1, 4, 3, 2, 0]);
        assert_eq!(sorted(Column::LastUsed, false), [2, 3, 1, 4, 0]);
    }

    #[test]
    fn the_search_looks_at_name_mask_and_uuid_in_any_case() {
        assert_eq!(search(" WEB "), [2, 1, 0]);
        assert_eq!(search("occ_0003"), [3]);
        assert_eq!(search("…9995"), [4]);
        assert_eq!(search("000000000003"), [3]);
        assert_eq!(search("billingocc"), [0; 0], "no search runs over the end of a text");
    }

    #[test]
    fn a_filter_leaves_out_what_tells_no_time() {
        let query = Query { used: Some(Use::Never), created: Some(Age::Day), ..Query::ALL };
        assert_eq!(names(&query, None), [2]);
    }

    #[test]
    fn a_new_key_comes_first_whatever_the_order_but_not_whatever_the_search() {
        let by_name = Query { sort: Sort { by: Column::Name, descending: false }, ..Query::ALL };
        assert_eq!(names(&by_name, Some(id(1))), [1, 3, 4, 2, 0]);
        let billing = Query { search: "billing".to_owned(), ..by_name };
        assert_eq!(names(&billing, Some(id(1))), [3, 4]);
    }

    #[test]
    fn numbers_in_names_are_numbers() {
        for (less, more) in [
            ("ci-2", "ci-10"),
            ("a", "b"),
            ("a", "a1"),
            ("v1.9", "v1.10"),
            ("7", "0010"),
            ("", "a"),
        ] {
            assert_eq!(natural(less, more), Ordering::Less, "{less} {more}");
            assert_eq!(natural(more, less), Ordering::Greater, "{more} {less}");
        }
        assert_eq!(natural("a007", "a7"), Ordering::Equal);
    }

    proptest! {
        #[test]
        fn the_search_finds_what_a_plain_look_finds(
            names in prop::collection::vec("[a-cA-C0-2 ]{0,6}", 0..12),
            search in "[a-c0-2]{0,3}",
        ) {
            let keys = names.iter().enumerate().map(|(at, name)| key(at, name, 0, None));
            let list = KeyList { keys: keys.collect(), unreadable: Vec::new() };
            let query = Query { search, ..Query::ALL };
            let mut found = Index::of(&list, str::to_lowercase).arrange(&list, &query, None, NOW, str::to_lowercase);
            found.sort_by_key(|row| match row { Row::Key(at) | Row::Unreadable(at) => *at });
            let plain: Vec<_> = (0..list.keys.len())
                .filter(|at| list.keys[*at].matches(&query.search)).map(Row::Key).collect();
            prop_assert_eq!(found, plain);
        }

        #[test]
        fn people_s_order_is_an_order(
            a in "[ab0-2]{0,5}", b in "[ab0-2]{0,5}", c in "[ab0-2]{0,5}",
        ) {
            prop_assert_eq!(natural(&a, &b), natural(&b, &a).reverse());
            if natural(&a, &b).is_le() && natural(&b, &c).is_le() {
                prop_assert!(natural(&a, &c).is_le());
            }
        }
    }
}
