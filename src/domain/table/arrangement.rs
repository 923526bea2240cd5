//! Which keys are on show, and in which order.

use std::cmp::Ordering;
use std::sync::OnceLock;

use contract::Timestamp;

use super::query::{Column, Query, Sort};
use crate::domain::key::{ApiKey, KeyId, KeyList, UnreadableKey};
use crate::domain::order::sort;

/// A list made ready to be searched and ordered. It holds places in the list that it was made of, and
/// is given that list again with each question: what an answer takes is worked out when it is first
/// asked for, or [prepared](Self::prepare) before that, and not again.
#[derive(Debug)]
pub struct Index {
    lowered: Lowered,
    texts: OnceLock<Texts>,
    orders: [OnceLock<Order>; Column::ALL.len()],
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

    /// The key of `list`, which it is a row of; `None` for an entry that makes no key.
    pub fn key(self, list: &KeyList) -> Option<&ApiKey> {
        match self {
            Self::Key(at) => list.keys.get(at),
            Self::Unreadable(_) => None,
        }
    }
}

impl RowId {
    /// The key, if it is one.
    pub fn key(self) -> Option<KeyId> {
        match self {
            Self::Key(id) => Some(id),
            Self::Unreadable(_) => None,
        }
    }
}

/// What is searched in, in small letters.
#[derive(Debug)]
struct Texts {
    keys: Haystack,
    unreadable: Haystack,
}

/// Many texts in one allocation.
#[derive(Clone, Debug, Default)]
struct Haystack {
    text: String,
    ends: Vec<usize>,
}

/// The places of a list in the order of a column; what is equal by it, in that of their identities.
#[derive(Debug)]
struct Order {
    places: Vec<usize>,
    /// Of each of them, whether it is equal to the one before.
    is_tie: Vec<bool>,
}

impl Index {
    /// An index that nothing was asked of. `lowered` writes a text in small letters, which takes
    /// tables that the browser has.
    pub fn new(lowered: Lowered) -> Self {
        Self { lowered, texts: OnceLock::new(), orders: Default::default() }
    }

    /// Works out what a search and the order of names take: to be called when there is time.
    pub fn prepare(&self, list: &KeyList) {
        self.texts(list);
        self.order(list, Column::Name);
    }

    /// The index of the same list without the key at this place. What was worked out is kept.
    pub fn without(&self, at: usize) -> Self {
        let texts = self.texts.get().map(|texts| Texts {
            keys: texts.keys.without(at),
            unreadable: texts.unreadable.clone(),
        });
        let order = |order: &OnceLock<Order>| kept(order.get().map(|order| order.without(at)));
        let orders = self.orders.each_ref().map(order);
        Self { lowered: self.lowered, texts: kept(texts), orders }
    }

    /// The rows that `query` wants to see of `list`. The key `first` comes first whatever the order,
    /// and what makes no key comes last.
    pub fn arrange(
        &self,
        list: &KeyList,
        query: &Query,
        first: Option<KeyId>,
        now: Timestamp,
    ) -> Vec<Row> {
        let needle = (self.lowered)(query.search.trim());
        let mut places = self.ordered(list, query.sort);
        if !needle.is_empty() {
            let found = self.found(list, &needle);
            places.retain(|at| found[*at]);
        }
        if query.filters() {
            places.retain(|at| query.admits(&list.keys[*at], now));
        }
        let first = first.and_then(|id| places.iter().position(|at| list.keys[*at].id == id));
        if let Some(first) = first {
            places[..=first].rotate_right(1);
        }
        let unreadable = match (query.filters(), needle.is_empty()) {
            // A filter asks for a time, which such an entry does not tell.
            (true, _) => Vec::new(),
            (false, true) => vec![true; list.unreadable.len()],
            (false, false) => self.texts(list).unreadable.holding(&needle),
        };
        let unreadable = unreadable.into_iter().enumerate().filter(|(_, is_found)| *is_found);
        let unreadable = unreadable.map(|(at, _)| Row::Unreadable(at));
        places.into_iter().map(Row::Key).chain(unreadable).collect()
    }

    fn texts(&self, list: &KeyList) -> &Texts {
        self.texts.get_or_init(|| Texts::of(list, self.lowered))
    }

    /// Of each key, whether `needle`, which is in small letters, is in a text of it.
    fn found(&self, list: &KeyList, needle: &str) -> Vec<bool> {
        let mut found = self.texts(list).keys.holding(needle);
        // Uuids are not kept as texts: few searches can be for one.
        if needle.bytes().all(|it| it.is_ascii_hexdigit() || it == b'-') {
            for (found, key) in found.iter_mut().zip(&list.keys) {
                *found = *found || key.id.contains(needle);
            }
        }
        found
    }

    fn ordered(&self, list: &KeyList, sort: Sort) -> Vec<usize> {
        let is_before = |a: &ApiKey, b: &ApiKey| (b.created, a.id) <= (a.created, b.id);
        // The order in which the list comes: the first rows need no work.
        if sort == Sort::NEWEST_FIRST && list.keys.is_sorted_by(is_before) {
            return (0..list.keys.len()).collect();
        }
        self.order(list, sort.by).places(sort.descending)
    }

    fn order(&self, list: &KeyList, by: Column) -> &Order {
        self.orders[by as usize].get_or_init(|| {
            let keys = list.keys.as_slice();
            match by {
                Column::Name => {
                    let mut names = Haystack::default();
                    keys.iter().for_each(|key| names.push(&[&key.name], self.lowered));
                    let begins: Vec<_> =
                        (0..keys.len()).map(|at| beginning(names.get(at))).collect();
                    Order::of(keys, &|a, b| {
                        begins[a]
                            .cmp(&begins[b])
                            .then_with(|| natural(names.get(a), names.get(b)))
                            .then_with(|| keys[a].name.cmp(&keys[b].name))
                    })
                }
                Column::Key => Order::of(keys, &|a, b| keys[a].masked.cmp(&keys[b].masked)),
                Column::Created => Order::of(keys, &|a, b| keys[a].created.cmp(&keys[b].created)),
                Column::LastUsed => {
                    Order::of(keys, &|a, b| keys[a].last_used.cmp(&keys[b].last_used))
                }
            }
        })
    }
}

impl Texts {
    fn of(list: &KeyList, lowered: Lowered) -> Self {
        let (mut keys, mut unreadable) = (Haystack::default(), Haystack::default());
        // Most names and masks are no longer than this.
        keys.text.reserve(list.keys.len() * 48);
        for ApiKey { name, masked, .. } in &list.keys {
            keys.push(&[name, masked], lowered);
        }
        for UnreadableKey { name, masked, .. } in &list.unreadable {
            let text = |text: &'_ Option<String>| text.clone().unwrap_or_default();
            unreadable.push(&[&text(name), &text(masked)], lowered);
        }
        keys.text.shrink_to_fit();
        Self { keys, unreadable }
    }
}

fn kept<T>(value: Option<T>) -> OnceLock<T> {
    value.map_or_else(OnceLock::new, OnceLock::from)
}

/// Whether it has no letters beyond those of ASCII: the dots in the middle of every mask are none.
/// Of all other texts the browser is asked, one after the other, which takes its time.
fn lowers_as_ascii(text: &str) -> bool {
    text.split('…').all(str::is_ascii)
}

impl Haystack {
    fn push(&mut self, texts: &[&str], lowered: Lowered) {
        for text in texts {
            // Nothing that is typed into a search field holds a line break, so no search runs from
            // one text into the next.
            self.text.push('\n');
            let start = self.text.len();
            match lowers_as_ascii(text) {
                true => {
                    self.text.push_str(text);
                    self.text[start..].make_ascii_lowercase();
                }
                false => self.text.push_str(&lowered(text)),
            }
        }
        self.ends.push(self.text.len());
    }

    fn get(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[at]]
    }

    fn without(&self, at: usize) -> Self {
        let Self { mut text, mut ends } = self.clone();
        let start = at.checked_sub(1).map_or(0, |before| ends[before]);
        let length = ends.remove(at) - start;
        text.drain(start..start + length);
        ends[at..].iter_mut().for_each(|end| *end -= length);
        Self { text, ends }
    }

    /// Of each place, whether `needle` is in its texts. All of them are gone through at once: to
    /// prepare a search takes longer than to search in one name.
    fn holding(&self, needle: &str) -> Vec<bool> {
        let mut holds = vec![false; self.ends.len()];
        if needle.contains('\n') {
            return holds;
        }
        let mut at = 0;
        for (offset, _) in self.text.match_indices(needle) {
            while self.ends[at] <= offset {
                at += 1;
            }
            holds[at] = true;
        }
        holds
    }
}

impl Order {
    fn of(keys: &[ApiKey], compare: &dyn Fn(usize, usize) -> Ordering) -> Self {
        let mut places: Vec<usize> = (0..keys.len()).collect();
        sort(&mut places, &|a, b| compare(a, b).then_with(|| keys[a].id.cmp(&keys[b].id)));
        let pairs = places.windows(2).map(|pair| compare(pair[0], pair[1]).is_eq());
        let is_tie = std::iter::once(false).chain(pairs).collect();
        Self { places, is_tie }
    }

    fn without(&self, at: usize) -> Self {
        let Self { places, is_tie } = self;
        let mut left = Self { places: Vec::new(), is_tie: Vec::new() };
        // What was equal to the key that is gone is equal to the one before if that was, too.
        let mut was_tie = None;
        for (place, is_tie) in places.iter().zip(is_tie) {
            if *place == at {
                was_tie = Some(*is_tie);
                continue;
            }
            let was_tie = was_tie.take().unwrap_or(true);
            left.places.push(place - usize::from(*place > at));
            left.is_tie.push(*is_tie && was_tie);
        }
        left
    }

    /// Downwards, what is equal still stands in the order of its identities, which never changes.
    fn places(&self, descending: bool) -> Vec<usize> {
        if !descending {
            return self.places.clone();
        }
        let mut places = Vec::with_capacity(self.places.len());
        let mut end = self.places.len();
        for start in (0..self.places.len()).rev() {
            if !self.is_tie[start] {
                places.extend(&self.places[start..end]);
                end = start;
            }
        }
        places
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

/// What [`natural`] sees first of a text, as two numbers: where they differ, they are ordered as the
/// texts are. Most pairs of names are told apart by them.
fn beginning(text: &str) -> [u64; 2] {
    const LENGTH: usize = 16;
    let mut seen = [0; LENGTH];
    let (mut at, mut rest) = (0, text.as_bytes());
    while at < LENGTH
        && let [first, others @ ..] = rest
    {
        let run = digits(rest);
        seen[at] = *first;
        at += 1;
        if run.is_empty() {
            rest = others;
            continue;
        }
        // Among other characters, all digits stand at one place. Of two numbers, the longer one is
        // the greater.
        let (length, significant) = number(run);
        seen[at - 1] = b'0';
        let Some(place) = seen.get_mut(at) else {
            break;
        };
        *place = length.min(usize::from(u8::MAX)) as u8;
        at += 1;
        let shown = length.min(LENGTH - at);
        seen[at..at + shown].copy_from_slice(&significant[..shown]);
        at += shown;
        rest = &rest[run.len()..];
    }
    let half = |from: usize| {
        seen[from..from + 8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
    };
    [half(0), half(8)]
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

    #[test]
    fn what_lowers_as_ascii_does_so_without_the_browser() {
        for text in ["", "Web-2", "occ_AB12…YZ98", "…"] {
            assert!(lowers_as_ascii(text), "{text}");
        }
        for text in ["É", "é", "İ…", "ΟΔΟΣ", "“a”"] {
            assert!(!lowers_as_ascii(text), "{text}");
        }
        for it in '\u{0}'..='\u{ffff}' {
            let text = format!("A{it}");
            if lowers_as_ascii(&text) {
                assert_eq!(text.to_ascii_lowercase(), text.to_lowercase(), "{it:?}");
            }
        }
        // The masks have dots in their middle.
        Index::new(|text| panic!("{text} was not to be asked for")).prepare(&list());
    }

    #[test]
    fn only_the_row_of_a_key_has_one() {
        let list = list();
        assert_eq!(Row::Key(2).key(&list), Some(&list.keys[2]));
        assert_eq!(Row::Key(2).id(&list).and_then(RowId::key), Some(list.keys[2].id));
        assert_eq!(Row::Key(4).key(&list), None, "a row of another list");
        assert_eq!(Row::Unreadable(0).key(&list), None);
        assert_eq!(Row::Unreadable(0).id(&list).and_then(RowId::key), None);
    }

    fn names(query: &Query, first: Option<KeyId>) -> Vec<usize> {
        let list = list();
        let rows = Index::new(str::to_lowercase).arrange(&list, query, first, NOW);
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
    fn what_was_equal_to_a_key_that_is_gone_is_no_tie_for_what_comes_after() {
        let used = [None, None, Some(1), None, Some(2), None, None, Some(1)];
        let key = |(at, used): (usize, &Option<i64>)| key((at * 7) % 12, "", 0, *used);
        let mut list =
            KeyList { keys: used.iter().enumerate().map(key).collect(), unreadable: Vec::new() };
        let sort = Sort { by: Column::LastUsed, descending: true };
        let query = Query { sort, ..Query::ALL };
        let index = Index::new(str::to_lowercase);
        index.arrange(&list, &query, None, NOW);
        list.keys.remove(4);
        let anew = Index::new(str::to_lowercase).arrange(&list, &query, None, NOW);
        assert_eq!(index.without(4).arrange(&list, &query, None, NOW), anew);
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
        fn what_is_seen_first_is_ordered_as_the_texts_are(
            a in "[a-c/:é0-9]{0,3}[0ab]{0,3}[0-9]{0,20}[a ]{0,3}",
            b in "[a-c/:é0-9]{0,3}[0ab]{0,3}[0-9]{0,20}[a ]{0,3}",
            zeros in 0_usize..400,
        ) {
            let long = format!("{a}{}{b}", "1".repeat(zeros));
            for (a, b) in [(&a, &b), (&long, &b), (&long, &a)] {
                let seen = beginning(a).cmp(&beginning(b));
                prop_assert!(seen.is_eq() || seen == natural(a, b), "{a} {b} {seen:?}");
            }
        }

        #[test]
        fn every_order_is_that_of_its_column(
            keys in prop::collection::vec(("[a-cA-C0-2]{0,4}", 0_i64..4, prop::option::of(0_i64..3)), 0..12),
            by in 0_usize..4, descending: bool,
        ) {
            let key = |(at, (name, created, used)): (usize, &(String, i64, Option<i64>))| {
                key((at * 7) % 12, name, *created, *used)
            };
            let list = KeyList {
                keys: keys.iter().enumerate().map(key).collect(),
                unreadable: Vec::new(),
            };
            let sort = Sort { by: Column::ALL[by], descending };
            let rows = Index::new(str::to_lowercase).arrange(&list, &Query { sort, ..Query::ALL }, None, NOW);
            let mut plain: Vec<usize> = (0..list.keys.len()).collect();
            plain.sort_by(|a, b| {
                let (left, right) = (&list.keys[*a], &list.keys[*b]);
                let small = |key: &ApiKey| key.name.to_lowercase();
                let order = match sort.by {
                    Column::Name => natural(&small(left), &small(right))
                        .then_with(|| left.name.cmp(&right.name)),
                    Column::Key => left.masked.cmp(&right.masked),
                    Column::Created => left.created.cmp(&right.created),
                    Column::LastUsed => left.last_used.cmp(&right.last_used),
                };
                let order = if descending { order.reverse() } else { order };
                order.then_with(|| left.id.cmp(&right.id))
            });
            prop_assert_eq!(rows, plain.into_iter().map(Row::Key).collect::<Vec<_>>());
        }

        #[test]
        fn an_index_without_a_key_is_that_of_the_list_without_it(
            keys in prop::collection::vec(("[a-c0-1]{0,3}", 0_i64..3, prop::option::of(0_i64..3)), 1..12),
            at in any::<prop::sample::Index>(), search in "[a-c0-1]{0,2}",
        ) {
            let key = |(at, (name, created, used)): (usize, &(String, i64, Option<i64>))| {
                key((at * 7) % 12, name, *created, *used)
            };
            let mut list = KeyList {
                keys: keys.iter().enumerate().map(key).collect(),
                unreadable: Vec::new(),
            };
            let asked = |index: &Index, list: &KeyList| {
                let sorts = Column::ALL.into_iter().flat_map(|by| {
                    [false, true].map(|descending| Sort { by, descending })
                });
                let ask = |sort| {
                    let query = Query { sort, search: search.clone(), ..Query::ALL };
                    index.arrange(list, &query, None, NOW)
                };
                sorts.map(ask).collect::<Vec<_>>()
            };
            let index = Index::new(str::to_lowercase);
            asked(&index, &list);
            let at = at.index(list.keys.len());
            list.keys.remove(at);
            let (kept, anew) = (index.without(at), Index::new(str::to_lowercase));
            prop_assert!(kept.orders.iter().all(|order| order.get().is_some()));
            prop_assert_eq!(asked(&kept, &list), asked(&anew, &list));
        }

        #[test]
        fn the_search_finds_what_a_plain_look_finds(
            names in prop::collection::vec("[a-cA-C0-2 ]{0,6}", 0..12),
            search in "[a-c0-2]{0,3}",
        ) {
            let keys = names.iter().enumerate().map(|(at, name)| key(at, name, 0, None));
            let list = KeyList { keys: keys.collect(), unreadable: Vec::new() };
            let query = Query { search, ..Query::ALL };
            let mut found = Index::new(str::to_lowercase).arrange(&list, &query, None, NOW);
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
