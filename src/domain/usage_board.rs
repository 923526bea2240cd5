//! The usage of every key side by side: which of them is asked for next, and who comes first.
//!
//! There is one call for each key, so a board of ten thousand keys makes ten thousand: at most
//! [`MOST_AT_ONCE`] at a time, those in sight before all others (issue 6).

use std::collections::{HashMap, HashSet, VecDeque};

use super::key::{ApiKey, KeyId};
use super::order::sort;
use super::usage::Usage;

/// How many calls are under way at most.
pub const MOST_AT_ONCE: usize = 4;

/// More keys than this are asked for beyond what is in sight only when their user says so.
pub const MOST_UNASKED: usize = 500;

/// What is known of one key's usage.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Look {
    /// It was not asked for.
    #[default]
    Waiting,
    /// It is being asked for.
    Loading,
    /// It came.
    Known(Usage),
    /// It did not come, for this reason.
    Failed(String),
}

impl Look {
    /// What came, if it did.
    pub fn usage(&self) -> Option<&Usage> {
        match self {
            Self::Known(usage) => Some(usage),
            _ => None,
        }
    }
}

/// The looks at all keys.
#[derive(Clone, Debug, Default)]
pub struct UsageBoard {
    looks: HashMap<KeyId, Look>,
    queue: VecDeque<KeyId>,
    under_way: usize,
}

/// By what keys are ranked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measure {
    /// All requests.
    #[default]
    Requests,
    /// The share of failed requests.
    Failures,
    /// The share of today's quota that is used.
    Quota,
    /// The name.
    Name,
}

/// How far the board is, and what is known so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Keys whose usage is known.
    pub known: usize,
    /// Keys whose usage did not come.
    pub failed: usize,
    /// The requests of all known keys.
    pub requests: u64,
    /// The most requests that one of them has.
    pub most: u64,
}

impl UsageBoard {
    /// What is known of this key.
    pub fn look(&self, id: KeyId) -> &Look {
        const NOTHING: &Look = &Look::Waiting;
        self.looks.get(&id).unwrap_or(NOTHING)
    }

    /// Asks for all of these, in this order, after those that wait already. What waits, is known or
    /// is under way is not asked for again.
    pub fn enqueue(&mut self, ids: impl IntoIterator<Item = KeyId>) {
        let queued: HashSet<KeyId> = self.queue.iter().copied().collect();
        let is_new = |id: &KeyId| matches!(self.look(*id), Look::Waiting) && !queued.contains(id);
        let new: Vec<KeyId> = ids.into_iter().filter(is_new).collect();
        self.queue.extend(new);
    }

    /// The key to be asked for now: one of those `in_sight`, else the next that waits; `None` while
    /// [`MOST_AT_ONCE`] are under way, or if there is none. The caller asks for it and says what
    /// came of it by [`settle`](Self::settle).
    #[must_use]
    pub fn next(&mut self, in_sight: &[KeyId]) -> Option<KeyId> {
        if self.under_way >= MOST_AT_ONCE {
            return None;
        }
        let seen = in_sight.iter().copied().find(|id| matches!(self.look(*id), Look::Waiting));
        let id = seen.or_else(|| {
            while let Some(id) = self.queue.pop_front() {
                if matches!(self.look(id), Look::Waiting) {
                    return Some(id);
                }
            }
            None
        })?;
        self.looks.insert(id, Look::Loading);
        self.under_way += 1;
        Some(id)
    }

    /// What came of a key that was asked for.
    pub fn settle(&mut self, id: KeyId, usage: Result<Usage, String>) {
        self.under_way = self.under_way.saturating_sub(1);
        self.looks.insert(id, usage.map_or_else(Look::Failed, Look::Known));
    }

    /// A usage that was asked for elsewhere.
    pub fn see(&mut self, id: KeyId, usage: Usage) {
        // One that is under way here settles it.
        if *self.look(id) != Look::Loading {
            self.looks.insert(id, Look::Known(usage));
        }
    }

    /// Lets this key be asked for again, before those that wait.
    pub fn retry(&mut self, id: KeyId) {
        if matches!(self.look(id), Look::Failed(_)) {
            self.looks.insert(id, Look::Waiting);
            self.queue.push_front(id);
        }
    }

    /// Forgets all that is known, so that it is asked for anew. What is under way goes on.
    pub fn forget(&mut self) {
        self.looks.retain(|_, look| *look == Look::Loading);
        self.queue.clear();
    }

    /// Whether a call is under way.
    pub fn is_loading(&self) -> bool {
        self.under_way > 0
    }

    /// How far it is with these keys.
    pub fn tally<'a>(&self, keys: impl IntoIterator<Item = &'a ApiKey>) -> Tally {
        let mut tally = Tally::default();
        for key in keys {
            match self.look(key.id) {
                Look::Known(usage) => {
                    tally.known += 1;
                    tally.requests = tally.requests.saturating_add(usage.completed);
                    tally.most = tally.most.max(usage.completed);
                }
                Look::Failed(_) => tally.failed += 1,
                Look::Waiting | Look::Loading => {}
            }
        }
        tally
    }

    /// The places of these keys, ranked: the largest first, equal ones and those of which nothing
    /// is known in the order in which they were given.
    pub fn ranked(&self, keys: &[ApiKey], measure: Measure) -> Vec<usize> {
        let mut places: Vec<usize> = (0..keys.len()).collect();
        if measure != Measure::Name {
            // Whoever has none of it still comes before what is not known.
            let of = |usage| measure.of(usage).saturating_add(1);
            let value = |key: &ApiKey| self.look(key.id).usage().map_or(0, of);
            let values: Vec<u64> = keys.iter().map(value).collect();
            sort(&mut places, &|a, b| values[b].cmp(&values[a]).then(a.cmp(&b)));
        }
        places
    }
}

impl Measure {
    /// All of them, as they are offered.
    pub const ALL: [Self; 4] = [Self::Requests, Self::Failures, Self::Quota, Self::Name];

    /// Its name in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Failures => "failures",
            Self::Quota => "quota",
            Self::Name => "name",
        }
    }

    /// The measure of this name; requests for any other.
    pub fn parse(name: &str) -> Self {
        Self::ALL.into_iter().find(|it| it.as_str() == name).unwrap_or_default()
    }

    /// What is ranked: a count, or a share in tenths of a percent.
    fn of(self, usage: &Usage) -> u64 {
        match self {
            Self::Requests => usage.completed,
            Self::Failures => permille(usage.failed, usage.outcomes()),
            // Finite and not negative.
            Self::Quota => (usage.quota.percent().unwrap_or_default() * 10.0) as u64,
            Self::Name => 0,
        }
    }
}

/// Whether a part is less than a thousandth of `whole`, but not nothing.
pub fn is_below_permille(part: u64, whole: u64) -> bool {
    part > 0 && part < whole.div_ceil(1000)
}

/// How many thousandths of `whole` a part is; 0 of nothing. What is not nothing is one at least.
pub fn permille(part: u64, whole: u64) -> u64 {
    if part == 0 || whole == 0 {
        return 0;
    }
    let share = match part.checked_mul(1000) {
        Some(thousandfold) => thousandfold / whole,
        // Of numbers this large, the last digits say nothing.
        None => part / (whole / 1000).max(1),
    };
    share.max(1)
}

#[cfg(test)]
mod tests {
    use contract::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::domain::usage::Quota;

    fn id(number: u128) -> KeyId {
        Uuid::from_u128(number).to_string().parse().expect("a uuid")
    }

    fn key(number: u128) -> ApiKey {
        ApiKey {
            id: id(number),
            name: format!("key {number}"),
            masked: "occ_TheW…0000".to_owned(),
            created: Timestamp::from_unix_seconds(0),
            last_used: None,
        }
    }

    fn usage(successful: u64, failed: u64, quota: Quota) -> Usage {
        Usage { completed: successful + failed, successful, failed, quota, per_day: 0.0 }
    }

    fn board(usages: &[(u128, Usage)]) -> UsageBoard {
        let mut board = UsageBoard::default();
        for (number, usage) in usages {
            board.see(id(*number), *usage);
        }
        board
    }

    #[test]
    fn what_waits_already_waits_once() {
        let mut board = UsageBoard::default();
        board.enqueue((1..=3).map(id));
        board.enqueue((2..=4).map(id));
        assert_eq!(board.queue, (1..=4).map(id).collect::<Vec<_>>());
    }

    #[test]
    fn at_most_four_are_asked_for_at_once_and_those_in_sight_first() {
        let mut board = UsageBoard::default();
        board.enqueue((1..=100).map(id));
        let in_sight = [id(50), id(51)];
        let mut begun = Vec::new();
        while let Some(next) = board.next(&in_sight) {
            begun.push(next);
        }
        assert_eq!(begun, [id(50), id(51), id(1), id(2)]);
        board.settle(id(1), Ok(usage(1, 0, Quota::Unlimited)));
        assert_eq!(board.next(&in_sight), Some(id(3)));
        assert_eq!(board.next(&in_sight), None, "four are under way");
    }

    #[test]
    fn ten_thousand_keys_are_asked_for_once_each() {
        let mut board = UsageBoard::default();
        board.enqueue((0..10_000).map(id));
        board.enqueue((0..10_000).map(id));
        let mut asked = 0;
        while let Some(next) = board.next(&[id(9_999), id(5_000)]) {
            asked += 1;
            board.settle(next, Ok(usage(1, 0, Quota::Unlimited)));
        }
        assert_eq!(asked, 10_000);
        assert!(!board.is_loading());
    }

    #[test]
    fn what_failed_stays_failed_until_it_is_asked_for_again() {
        let mut board = UsageBoard::default();
        board.enqueue([id(1), id(2)]);
        let first = board.next(&[]).expect("one waits");
        board.settle(first, Err("offline".to_owned()));
        board.enqueue([id(1)]);
        assert_eq!(board.next(&[id(1)]), Some(id(2)));
        assert_eq!(*board.look(id(1)), Look::Failed("offline".to_owned()));
        board.retry(id(1));
        assert_eq!(board.next(&[]), Some(id(1)));
    }

    #[test]
    fn what_was_seen_elsewhere_is_not_asked_for() {
        let mut board = board(&[(1, usage(5, 0, Quota::Unlimited))]);
        board.enqueue([id(1)]);
        assert_eq!(board.next(&[id(1)]), None);
        board.forget();
        assert_eq!(board.next(&[id(1)]), Some(id(1)), "and is, once it is forgotten");
    }

    #[test]
    fn the_largest_comes_first_and_what_is_not_known_last() {
        let keys = [key(1), key(2), key(3), key(4)];
        let board = board(&[
            (1, usage(10, 0, Quota::Within(5.0))),
            (2, usage(0, 0, Quota::Unlimited)),
            (4, usage(5, 5, Quota::Over(180.0))),
        ]);
        assert_eq!(board.ranked(&keys, Measure::Requests), [0, 3, 1, 2]);
        assert_eq!(board.ranked(&keys, Measure::Failures), [3, 0, 1, 2]);
        assert_eq!(board.ranked(&keys, Measure::Quota), [3, 0, 1, 2]);
        assert_eq!(board.ranked(&keys, Measure::Name), [0, 1, 2, 3]);
    }

    #[test]
    fn the_tally_counts_what_is_known_of_these_keys() {
        let mut board = board(&[
            (1, usage(10, 0, Quota::Unlimited)),
            (2, usage(30, 2, Quota::Unlimited)),
            (9, usage(100, 0, Quota::Unlimited)),
        ]);
        let next = board.next(&[id(3)]).expect("it waits");
        board.settle(next, Err("gone".to_owned()));
        let tally = board.tally(&[key(1), key(2), key(3), key(4)]);
        assert_eq!(tally, Tally { known: 2, failed: 1, requests: 42, most: 32 });
    }

    #[test]
    fn counts_of_any_size_have_a_share() {
        assert_eq!(permille(0, 10), 0);
        let below = [(0, 1_000), (1, 1_000), (1, 1_001), (2, 1_001), (1, u64::MAX), (1, 0)];
        let below = below.map(|(part, whole)| is_below_permille(part, whole));
        assert_eq!(below, [false, false, true, false, true, false]);
        assert_eq!(permille(5, 0), 0);
        assert_eq!(permille(1, u64::MAX), 1, "one can be seen");
        assert_eq!(permille(u64::MAX, u64::MAX), 1000);
        let all = [usage(u64::MAX, 0, Quota::Unlimited); 2];
        let board = board(&[(1, all[0]), (2, all[1])]);
        assert_eq!(board.tally(&[key(1), key(2)]).requests, u64::MAX);
    }

    #[test]
    fn a_measure_reads_as_it_is_written() {
        for measure in Measure::ALL {
            assert_eq!(Measure::parse(measure.as_str()), measure);
        }
        assert_eq!(Measure::parse("nonsense"), Measure::Requests);
    }
}
