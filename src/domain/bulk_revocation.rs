//! Revoking many keys: one by one, so that what failed is known by name, and stopping between two
//! of them is always possible.

use contract::Timestamp;

use super::key::{ApiKey, KeyId};
use super::order::sort;
use super::revocation::Caution;

/// How many keys are named at most: to draw 10,000 of them anew with each that is revoked would take
/// longer than to revoke it.
const MOST_IN_SIGHT: usize = 100;

/// The zeros of the digits that people type here: those of ASCII, of Arabic, of Persian, and the wide
/// ones of Japanese.
const ZEROS: [char; 4] = ['0', '٠', '۰', '０'];

/// What may stand between digits to group them.
const GROUPING: [char; 8] = [',', '.', '\'', '’', '٬', ' ', '\u{a0}', '\u{202f}'];

/// Keys that are to be revoked together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkRevocation {
    items: Vec<Item>,
    phase: Phase,
}

/// One of the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The key.
    pub key: ApiKey,
    /// What revoking it alone would take.
    pub caution: Caution,
    /// How it stands.
    pub outcome: Outcome,
}

/// How one of the keys stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its turn has not come.
    Waiting,
    /// Its request is under way.
    Sending,
    /// It was revoked.
    Revoked,
    /// It was gone already.
    Gone,
    /// It was not revoked, or it is not known whether it was, for this reason.
    Failed(String),
}

/// How far the whole has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The user is asked.
    Asking {
        /// Whether the last confirmation was not the number of keys.
        mistyped: bool,
    },
    /// Keys are being revoked.
    Running,
    /// The request that is under way is the last one.
    Stopping,
    /// Nothing is under way; some keys may be left.
    Over,
}

/// How many keys stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Revoked, or gone already.
    pub gone: usize,
    /// Tried, and still there as far as is known.
    pub failed: usize,
    /// Not tried.
    pub left: usize,
}

impl Item {
    const RANKS: usize = 5;

    /// Which keys have a place among those that are named: the lowest first.
    fn rank(&self) -> usize {
        match self.outcome {
            Outcome::Sending => 0,
            Outcome::Failed(_) => 1,
            Outcome::Waiting if self.caution.asks_for_name() => 2,
            Outcome::Waiting => 3,
            Outcome::Revoked | Outcome::Gone => 4,
        }
    }
}

impl BulkRevocation {
    /// Asks whether `keys` are really to be revoked at the time `now`.
    pub fn of(keys: Vec<ApiKey>, now: Timestamp) -> Self {
        let item = |key: ApiKey| {
            let caution = Caution::for_key(&key, now);
            Item { key, caution, outcome: Outcome::Waiting }
        };
        Self {
            items: keys.into_iter().map(item).collect(),
            phase: Phase::Asking { mistyped: false },
        }
    }

    /// Takes in what the list says of the keys by now, as long as the user is asked.
    pub fn see_listed(&mut self, keys: &[ApiKey], now: Timestamp) {
        if !matches!(self.phase, Phase::Asking { .. }) {
            return;
        }
        let items = &mut self.items;
        let mut places: Vec<usize> = (0..items.len()).collect();
        sort(&mut places, &|a, b| items[a].key.id.cmp(&items[b].key.id));
        for key in keys {
            if let Ok(at) = places.binary_search_by(|at| items[*at].key.id.cmp(&key.id)) {
                let item = &mut items[places[at]];
                item.key.last_used = key.last_used.max(item.key.last_used);
                item.caution = Caution::for_key(&item.key, now);
            }
        }
    }

    /// The keys, in their order.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The keys to be named, in their order: all, or as many as have a place. What is under way has one
    /// before what failed, then comes what was used lately, and last what is gone.
    pub fn in_sight(&self) -> impl Iterator<Item = &Item> {
        let mut left = MOST_IN_SIGHT;
        let mut room = [0; Item::RANKS];
        for (rank, room) in room.iter_mut().enumerate() {
            *room = self.items.iter().filter(|it| it.rank() == rank).take(left).count();
            left -= *room;
        }
        self.items.iter().filter(move |it| {
            let room = &mut room[it.rank()];
            let has_room = *room > 0;
            *room = room.saturating_sub(1);
            has_room
        })
    }

    /// How many keys are not named.
    pub fn out_of_sight(&self) -> usize {
        self.items.len().saturating_sub(MOST_IN_SIGHT)
    }

    /// How far the whole has come.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// How many of the keys were used lately.
    pub fn in_use(&self) -> usize {
        self.items.iter().filter(|item| item.caution.asks_for_name()).count()
    }

    /// How many keys stand how.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for item in &self.items {
            match item.outcome {
                Outcome::Revoked | Outcome::Gone => tally.gone += 1,
                Outcome::Failed(_) => tally.failed += 1,
                Outcome::Waiting | Outcome::Sending => tally.left += 1,
            }
        }
        tally
    }

    /// Takes the confirmation, which is the number of keys. Yields whether they are to be revoked
    /// now.
    #[must_use]
    pub fn confirm(&mut self, typed: &str) -> bool {
        if !matches!(self.phase, Phase::Asking { .. }) {
            return false;
        }
        let is_number = number_in(typed) == Some(self.items.len());
        self.phase = if is_number { Phase::Running } else { Phase::Asking { mistyped: true } };
        is_number
    }

    /// The key whose turn it is, which counts as sent from here on; `None` if nothing is to be sent
    /// any more.
    pub fn begin_next(&mut self) -> Option<KeyId> {
        let is_running = self.phase == Phase::Running;
        let next = self.items.iter_mut().find(|it| is_running && it.outcome == Outcome::Waiting);
        match next {
            Some(item) => {
                item.outcome = Outcome::Sending;
                Some(item.key.id)
            }
            None => {
                self.phase = Phase::Over;
                None
            }
        }
    }

    /// Notes what became of a key.
    pub fn settle(&mut self, id: KeyId, outcome: Outcome) {
        if let Some(item) = self.items.iter_mut().find(|item| item.key.id == id) {
            item.outcome = outcome;
        }
    }

    /// No other request is to follow the one that is under way.
    pub fn stop(&mut self) {
        if self.phase == Phase::Running {
            self.phase = Phase::Stopping;
        }
    }

    /// Goes on with what failed or was left. Yields whether there is anything to be sent.
    #[must_use]
    pub fn go_on(&mut self) -> bool {
        if self.phase != Phase::Over {
            return false;
        }
        for item in &mut self.items {
            if matches!(item.outcome, Outcome::Failed(_)) {
                item.outcome = Outcome::Waiting;
            }
        }
        let is_work_left = self.tally().left > 0;
        if is_work_left {
            self.phase = Phase::Running;
        }
        is_work_left
    }

    /// The keys that are still there, as far as is known.
    pub fn remaining(&self) -> impl Iterator<Item = KeyId> {
        let is_gone = |item: &&Item| matches!(item.outcome, Outcome::Revoked | Outcome::Gone);
        self.items.iter().filter(move |item| !is_gone(item)).map(|item| item.key.id)
    }

    /// Whether keys are being revoked, or its user has a report to read of those that were.
    pub fn has_begun(&self) -> bool {
        !matches!(self.phase, Phase::Asking { .. })
    }

    /// Whether a request is under way, whose answer is worth waiting for.
    pub fn is_busy(&self) -> bool {
        matches!(self.phase, Phase::Running | Phase::Stopping)
    }
}

/// The number that somebody typed, as people write numbers: marks may group the digits, of which
/// three stand behind the last one. Otherwise it may be the point of a fraction.
fn number_in(typed: &str) -> Option<usize> {
    let mut number = None;
    let mut in_group = None;
    for character in typed.trim().chars() {
        let digit = ZEROS.into_iter().find_map(|zero| {
            let digit = u32::from(character).checked_sub(u32::from(zero))?;
            usize::try_from(digit).ok().filter(|digit| *digit < 10)
        });
        match (digit, number) {
            (Some(digit), _) => {
                number = Some(number.unwrap_or(0_usize).checked_mul(10)?.checked_add(digit)?);
                in_group = in_group.map(|digits: usize| digits + 1);
            }
            (None, Some(_)) if GROUPING.contains(&character) => in_group = Some(0),
            _ => return None,
        }
    }
    number.filter(|_| in_group.is_none_or(|digits| digits == 3))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_456_101);

    fn id(number: usize) -> KeyId {
        format!("00000000-0000-0000-0000-{number:012}").parse().expect("a uuid")
    }

    fn of(count: usize) -> BulkRevocation {
        let key = |number| ApiKey {
            id: id(number),
            name: format!("key {number}"),
            masked: "occ_…".to_owned(),
            created: NOW,
            last_used: (number == 0).then_some(NOW),
        };
        BulkRevocation::of((0..count).map(key).collect(), NOW)
    }

    #[test]
    fn only_the_number_of_keys_confirms() {
        let mut bulk = of(3);
        assert_eq!(bulk.in_use(), 1);
        for wrong in ["", "2", "three", "33"] {
            assert!(!bulk.confirm(wrong), "{wrong}");
            assert_eq!(bulk.phase(), Phase::Asking { mistyped: true });
        }
        assert!(!bulk.has_begun());
        assert_eq!(bulk.clone().begin_next(), None, "nothing is sent before");
        assert!(bulk.confirm(" 3 "));
        assert!(bulk.has_begun());
        assert!(!bulk.confirm("3"), "a second Enter starts nothing");
    }

    #[test]
    fn the_number_may_be_written_as_people_write_numbers() {
        for typed in
            ["1234", "1,234", "1.234", "1'234", "1\u{202f}234", "١٢٣٤", "١٬٢٣٤", "۱۲۳۴", "１２３４"]
        {
            assert_eq!(number_in(typed), Some(1234), "{typed}");
        }
        assert_eq!(number_in("12,34,567"), Some(1_234_567));
        let long = "99999999999999999999";
        for typed in ["", " ", ",", "-3", "3a", "three", "３a", "2.5", "3,0", "3.", long] {
            assert_eq!(number_in(typed), None, "{typed}");
        }
    }

    #[test]
    fn each_key_has_its_turn_and_its_result() {
        let mut bulk = of(3);
        assert!(bulk.confirm("3"));
        for (number, outcome) in [Outcome::Revoked, Outcome::Failed("no".to_owned()), Outcome::Gone]
            .into_iter()
            .enumerate()
        {
            assert_eq!(bulk.begin_next(), Some(id(number)));
            assert!(bulk.is_busy());
            bulk.settle(id(number), outcome);
        }
        assert_eq!(bulk.begin_next(), None);
        assert_eq!(bulk.tally(), Tally { gone: 2, failed: 1, left: 0 });
        assert_eq!(bulk.remaining().collect::<Vec<_>>(), [id(1)]);
        assert!(!bulk.is_busy());

        assert!(bulk.go_on(), "what failed can be tried again");
        assert_eq!(bulk.begin_next(), Some(id(1)));
        bulk.settle(id(1), Outcome::Revoked);
        assert_eq!(bulk.begin_next(), None);
        assert!(!bulk.go_on(), "nothing is left");
        assert!(bulk.has_begun(), "but there is a report");
    }

    #[test]
    fn of_many_keys_those_are_named_that_matter_most() {
        let seen =
            |bulk: &BulkRevocation| -> Vec<KeyId> { bulk.in_sight().map(|it| it.key.id).collect() };
        let most = MOST_IN_SIGHT;
        let few = of(most);
        assert_eq!((seen(&few).len(), few.out_of_sight()), (most, 0));

        let mut bulk = of(most + 50);
        assert_eq!(bulk.out_of_sight(), 50);
        assert_eq!(seen(&bulk), (0..most).map(id).collect::<Vec<_>>());
        let last = most + 49;
        // The API lists them in an order of its own.
        let mut listed: Vec<ApiKey> = bulk.items().iter().map(|it| it.key.clone()).collect();
        listed[last].last_used = Some(NOW);
        listed.reverse();
        listed.swap(3, 70);
        bulk.see_listed(&listed, NOW);
        assert_eq!(bulk.in_use(), 2);
        let in_use = [0].into_iter().chain(1..most - 1).chain([last]).map(id);
        assert_eq!(seen(&bulk), in_use.collect::<Vec<_>>(), "what is in use has its place first");

        assert!(bulk.confirm(&(most + 50).to_string()));
        for number in 0..60 {
            assert_eq!(bulk.begin_next(), Some(id(number)));
            let outcome = match number {
                7 => Outcome::Failed("no".to_owned()),
                _ => Outcome::Revoked,
            };
            bulk.settle(id(number), outcome);
        }
        assert_eq!(bulk.begin_next(), Some(id(60)));
        let named = seen(&bulk);
        assert_eq!(named.len(), most);
        assert_eq!(named[..2], [id(0), id(1)], "there is room for some that are gone");
        for number in (60..=last).chain([7]) {
            assert!(named.contains(&id(number)), "{number}");
        }
        bulk.settle(id(60), Outcome::Revoked);
        bulk.stop();
        assert_eq!(bulk.begin_next(), None);
        assert_eq!(seen(&bulk).len(), most);
    }

    #[test]
    fn it_can_be_stopped_between_two_keys_and_taken_up_again() {
        let mut bulk = of(3);
        assert!(bulk.confirm("3"));
        assert_eq!(bulk.begin_next(), Some(id(0)));
        bulk.stop();
        assert!(bulk.is_busy(), "the request that is under way is waited for");
        bulk.settle(id(0), Outcome::Revoked);
        assert_eq!(bulk.begin_next(), None);
        assert_eq!((bulk.phase(), bulk.tally().left), (Phase::Over, 2));
        assert!(bulk.go_on());
        assert_eq!(bulk.begin_next(), Some(id(1)));
    }
}
