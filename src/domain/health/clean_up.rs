//! The clean-up round: the keys that nobody uses, one at a time, each to be kept, revoked or left
//! for another time. Nothing is done to a key that its user has not been shown.

use std::collections::HashSet;

use contract::Timestamp;

use super::{Finding, findings};
use crate::domain::key::{ApiKey, KeyId, KeyList};
use crate::domain::order::sorted;
use crate::domain::usage_board::UsageBoard;

/// A round remembers so many keys at most.
pub const MOST: usize = 20_000;

/// A round over keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CleanUp {
    items: Vec<Item>,
    /// The place of the one whose turn it is; beyond the last one at the end.
    at: usize,
    is_asking: bool,
}

/// One of the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Which.
    pub id: KeyId,
    /// What its user has decided, or what has become of it.
    pub fate: Fate,
    /// Why it could not be revoked, or may not have been, when that was tried last.
    pub trouble: Option<String>,
}

/// What has become of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing was decided.
    Open,
    /// It is to stay.
    Kept,
    /// Its user wants to be asked another time.
    Later,
    /// It was revoked in this round.
    Revoked,
    /// It went in another way.
    Gone,
    /// It is in use after all.
    InUse,
}

/// What has come of revoking a key, which is asked for and confirmed elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was revoked.
    Revoked,
    /// It was gone already.
    Gone,
    /// It was not revoked, or it is not known whether it was, for this reason.
    Failed(String),
    /// Its user has taken it back.
    TakenBack,
}

/// How far a round is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The place of the key whose turn it is, from 1 on.
    pub place: usize,
    /// How many keys there are.
    pub of: usize,
}

/// How many keys have which fate: what is said at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those that stay.
    pub kept: usize,
    /// Those for another time.
    pub later: usize,
    /// Those that were revoked in this round.
    pub revoked: usize,
    /// Those that went in another way.
    pub gone: usize,
    /// Those that are in use after all.
    pub in_use: usize,
    /// Those that could not be revoked, and of which nothing else was decided.
    pub failed: usize,
    /// Those of which nothing was decided.
    pub open: usize,
}

/// The keys that a round at the time `now` is about: those that are stale and those that were never
/// used, as [`findings`] has it; the longest unused first.
pub fn unused(keys: &[ApiKey], board: &UsageBoard, now: Timestamp) -> Vec<KeyId> {
    let is_unused = |key: &&ApiKey| {
        let found = findings(key, board.look(key.id).usage(), now);
        found.contains(&Finding::Stale) || found.contains(&Finding::NeverUsed)
    };
    let since = |key: &ApiKey| (key.last_used.unwrap_or(key.created), key.id);
    let unused = sorted(keys.iter().filter(is_unused).map(since).collect(), Ord::cmp);
    unused.into_iter().map(|(_, id)| id).collect()
}

impl CleanUp {
    /// A round over these keys, which goes on where an earlier one was left if `record` is what
    /// [`CleanUp::write`] wrote then. What of it cannot be read is left out.
    pub fn new(unused: &[KeyId], record: &str) -> Self {
        let mut known = HashSet::new();
        let open = unused.iter().map(|id| Item { id: *id, fate: Fate::Open, trouble: None });
        let items = record.lines().filter_map(Item::read).chain(open);
        let items: Vec<_> = items.filter(|it| known.insert(it.id)).take(MOST).collect();
        let at = items.iter().position(|it| it.fate == Fate::Open).unwrap_or(items.len());
        Self { items, at, is_asking: false }
    }

    /// What is to be kept while it is left: which keys, and a letter for the fate of each.
    pub fn write(&self) -> String {
        let mut text = String::with_capacity(self.items.len() * 38);
        for item in &self.items {
            text.push(item.fate.letter());
            text.push_str(&item.id.to_string());
            text.push('\n');
        }
        text
    }

    /// The key whose turn it is; `None` at the end.
    pub fn current(&self) -> Option<&Item> {
        self.items.get(self.at)
    }

    /// How far it is; `None` at the end.
    pub fn progress(&self) -> Option<Progress> {
        let of = self.items.len();
        (self.at < of).then_some(Progress { place: self.at + 1, of })
    }

    /// Whether the user is asked for a key to be revoked, or it is being revoked. Until
    /// [`settle`](Self::settle), nothing else is decided.
    pub fn is_asking(&self) -> bool {
        self.is_asking
    }

    /// The key is to stay. Goes on to the next.
    pub fn keep(&mut self) {
        self.decide(Fate::Kept);
    }

    /// Its user wants to be asked about the key another time. Goes on to the next.
    pub fn later(&mut self) {
        self.decide(Fate::Later);
    }

    /// The key is to be revoked. Yields it if the caller is to ask for that, and to
    /// [`settle`](Self::settle) what came of it.
    #[must_use]
    pub fn revoke(&mut self) -> Option<KeyId> {
        let item =
            self.items.get(self.at).filter(|it| !self.is_asking && it.fate.is_to_choose())?;
        self.is_asking = true;
        Some(item.id)
    }

    /// Says what came of revoking the key. Goes on to the next if it is gone; stays otherwise, so
    /// that it can be tried again.
    pub fn settle(&mut self, outcome: Outcome) {
        let is_asking = std::mem::take(&mut self.is_asking);
        let Some(item) = self.items.get_mut(self.at).filter(|_| is_asking) else {
            return;
        };
        match outcome {
            Outcome::Revoked => item.fate = Fate::Revoked,
            Outcome::Gone => item.fate = Fate::Gone,
            Outcome::Failed(why) => {
                item.fate = Fate::Open;
                item.trouble = Some(why);
                return;
            }
            Outcome::TakenBack => return,
        }
        item.trouble = None;
        self.forward();
    }

    /// Goes to the next key of which something can be decided, or else to the end.
    pub fn forward(&mut self) {
        if !self.is_asking {
            let next = self.at.saturating_add(1);
            let is_to_choose = |at: &usize| self.items[*at].fate.is_to_choose();
            self.at = (next..self.items.len()).find(is_to_choose).unwrap_or(self.items.len());
        }
    }

    /// Goes to the key before this one of which something can be decided, if there is any.
    pub fn back(&mut self) {
        if !self.is_asking {
            let before = self.items[..self.at].iter().rposition(|it| it.fate.is_to_choose());
            self.at = before.unwrap_or(self.at);
        }
    }

    /// Whether there is a key before this one of which something can be decided.
    pub fn can_go_back(&self) -> bool {
        self.items[..self.at].iter().any(|it| it.fate.is_to_choose())
    }

    /// Whether there was nothing to clean up from the beginning.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Takes in a list, and which of its keys are still unused: nobody is asked about a key that is
    /// gone or was used meanwhile. An entry that cannot be read may be any key.
    pub fn see(&mut self, list: &KeyList, unused: &[KeyId]) {
        let unused: HashSet<KeyId> = unused.iter().copied().collect();
        let there: HashSet<KeyId> = list.keys.iter().map(|key| key.id).collect();
        let current = self.current().map(|it| it.id);
        for item in &mut self.items {
            // What is being revoked is about to say itself what came of it.
            let is_held = self.is_asking && current == Some(item.id);
            if is_held || !item.fate.is_to_choose() || unused.contains(&item.id) {
                continue;
            }
            if there.contains(&item.id) {
                item.fate = Fate::InUse;
            } else if list.unreadable.is_empty() {
                item.fate = Fate::Gone;
            }
        }
        if self.current().is_some_and(|it| !it.fate.is_to_choose()) {
            self.forward();
        }
    }

    /// How many keys have which fate.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for item in &self.items {
            let count = match item.fate {
                Fate::Kept => &mut tally.kept,
                Fate::Later => &mut tally.later,
                Fate::Revoked => &mut tally.revoked,
                Fate::Gone => &mut tally.gone,
                Fate::InUse => &mut tally.in_use,
                Fate::Open if item.trouble.is_some() => &mut tally.failed,
                Fate::Open => &mut tally.open,
            };
            *count += 1;
        }
        tally
    }

    /// The keys of this fate, in their order.
    pub fn of_fate(&self, fate: Fate) -> impl Iterator<Item = KeyId> {
        self.items.iter().filter(move |it| it.fate == fate).map(|it| it.id)
    }

    fn decide(&mut self, fate: Fate) {
        if self.is_asking {
            return;
        }
        if let Some(item) = self.items.get_mut(self.at).filter(|it| it.fate.is_to_choose()) {
            item.fate = fate;
            item.trouble = None;
            self.forward();
        }
    }
}

impl Item {
    fn read(line: &str) -> Option<Self> {
        let mut rest = line.chars();
        let letter = rest.next()?;
        let fate = Fate::ALL.into_iter().find(|it| it.letter() == letter)?;
        let id = rest.as_str().parse().ok()?;
        Some(Self { id, fate, trouble: None })
    }
}

impl Fate {
    const ALL: [Self; 6] =
        [Self::Open, Self::Kept, Self::Later, Self::Revoked, Self::Gone, Self::InUse];

    /// Whether its user may decide, or decide anew.
    pub fn is_to_choose(self) -> bool {
        matches!(self, Self::Open | Self::Kept | Self::Later)
    }

    fn letter(self) -> char {
        match self {
            Self::Open => 'o',
            Self::Kept => 'k',
            Self::Later => 'l',
            Self::Revoked => 'r',
            Self::Gone => 'g',
            Self::InUse => 'u',
        }
    }
}

#[cfg(test)]
mod tests {
    use contract::DAY_MILLIS as DAY;

    use super::*;
    use crate::domain::key::{EntryFault, UnreadableKey};
    use crate::domain::usage::{Quota, Usage};

    const NOW: Timestamp = Timestamp::from_unix_millis(1_795_456_101_000);

    fn id(number: usize) -> KeyId {
        format!("00000000-0000-0000-0000-{number:012}").parse().expect("a uuid")
    }

    /// A key that was made and used so many days ago.
    fn key(number: usize, created: i64, used: Option<i64>) -> ApiKey {
        let before = |days: i64| Timestamp::from_unix_millis(NOW.unix_millis() - days * DAY);
        ApiKey {
            id: id(number),
            name: format!("key {number}"),
            masked: "occ_…".to_owned(),
            created: before(created),
            last_used: used.map(before),
        }
    }

    fn ids(numbers: &[usize]) -> Vec<KeyId> {
        numbers.iter().map(|number| id(*number)).collect()
    }

    fn list(numbers: &[usize]) -> KeyList {
        let keys = numbers.iter().map(|number| key(*number, 200, None)).collect();
        KeyList { keys, unreadable: Vec::new() }
    }

    fn round(count: usize) -> CleanUp {
        CleanUp::new(&(1..=count).map(id).collect::<Vec<_>>(), "")
    }

    #[track_caller]
    fn is_at(round: &CleanUp, place: usize) {
        assert_eq!(round.progress().map(|it| it.place), Some(place));
        assert_eq!(round.current().map(|it| it.id), Some(id(place)));
    }

    #[test]
    fn a_round_is_about_keys_that_nobody_uses_the_longest_unused_first() {
        let keys = [
            key(1, 400, Some(100)),
            key(2, 400, Some(3)),
            key(3, 300, None),
            key(4, 2, None),
            key(5, 400, Some(350)),
            key(6, 500, None),
        ];
        let mut board = UsageBoard::default();
        assert_eq!(unused(&keys, &board, NOW), ids(&[6, 5, 3, 1]));
        let quota = Quota::Unlimited;
        let usage = Usage { completed: 9, successful: 9, failed: 0, quota, per_day: 0.0 };
        board.see(id(6), usage);
        assert_eq!(unused(&keys, &board, NOW), ids(&[5, 3, 1]), "its usage has requests");
    }

    #[test]
    fn each_key_has_its_turn_and_the_end_tells_what_became_of_them() {
        let mut round = round(5);
        assert_eq!(round.progress(), Some(Progress { place: 1, of: 5 }));
        round.keep();
        round.later();
        assert_eq!(round.revoke(), Some(id(3)));
        round.settle(Outcome::Revoked);
        assert_eq!(round.revoke(), Some(id(4)));
        round.settle(Outcome::Gone);
        is_at(&round, 5);
        round.forward();
        assert_eq!((round.progress(), round.current()), (None, None));
        let tally = Tally { kept: 1, later: 1, revoked: 1, gone: 1, open: 1, ..Tally::default() };
        assert_eq!(round.tally(), tally);
        assert_eq!(round.of_fate(Fate::Later).collect::<Vec<_>>(), ids(&[2]));
    }

    #[test]
    fn a_revocation_that_failed_or_was_taken_back_leaves_the_key_where_it_is() {
        let mut round = round(2);
        assert_eq!(round.revoke(), Some(id(1)));
        round.settle(Outcome::Failed("offline".to_owned()));
        is_at(&round, 1);
        assert_eq!(round.current().and_then(|it| it.trouble.as_deref()), Some("offline"));
        assert_eq!(round.tally(), Tally { failed: 1, open: 1, ..Tally::default() });
        assert_eq!(round.revoke(), Some(id(1)), "again");
        round.settle(Outcome::TakenBack);
        is_at(&round, 1);
        round.keep();
        assert_eq!(round.tally(), Tally { kept: 1, open: 1, ..Tally::default() });
        round.back();
        assert_eq!(round.revoke(), Some(id(1)));
        round.settle(Outcome::Failed("no".to_owned()));
        assert_eq!(round.tally().kept, 0, "who wants it revoked does not keep it");
    }

    #[test]
    fn nothing_else_is_decided_while_its_user_is_asked() {
        let mut round = round(3);
        assert_eq!(round.revoke(), Some(id(1)));
        assert_eq!(round.revoke(), None, "a second key press asks nothing");
        round.keep();
        round.later();
        round.forward();
        round.back();
        is_at(&round, 1);
        assert!(round.is_asking());
        round.settle(Outcome::Revoked);
        round.settle(Outcome::Revoked);
        is_at(&round, 2);
        assert_eq!(round.tally().revoked, 1, "an answer that nobody waits for is about no key");
    }

    #[test]
    fn one_goes_back_to_decide_anew_and_past_what_is_gone() {
        let mut round = round(4);
        assert!(!round.can_go_back() && !round.is_empty());
        round.back();
        is_at(&round, 1);
        round.keep();
        assert!(round.can_go_back());
        assert_eq!(round.revoke(), Some(id(2)));
        round.settle(Outcome::Revoked);
        is_at(&round, 3);
        round.back();
        is_at(&round, 1);
        round.later();
        is_at(&round, 3);
        round.forward();
        round.forward();
        round.forward();
        assert_eq!(round.progress(), None);
        assert_eq!(round.revoke(), None);
        round.keep();
        round.back();
        is_at(&round, 4);
        assert_eq!(round.tally(), Tally { later: 1, revoked: 1, open: 2, ..Tally::default() });
    }

    #[test]
    fn a_round_that_was_left_goes_on_with_keys_and_fates_alone() {
        assert!(CleanUp::new(&[], "").is_empty());
        let mut left = round(4);
        left.keep();
        assert_eq!(left.revoke(), Some(id(2)));
        left.settle(Outcome::Revoked);
        left.later();
        let record = left.write();
        let zeros = "00000000-0000-0000-0000-00000000000";
        assert_eq!(record, format!("k{zeros}1\nr{zeros}2\nl{zeros}3\no{zeros}4\n"));
        let resumed = CleanUp::new(&ids(&[1, 3, 4]), &record);
        assert_eq!(resumed, left);
        let more = CleanUp::new(&ids(&[9, 4]), &record);
        assert_eq!(more.progress(), Some(Progress { place: 4, of: 5 }), "a new one comes last");
        let mut over = left;
        over.keep();
        assert_eq!(CleanUp::new(&[], &over.write()).progress(), None);
    }

    #[test]
    fn a_record_that_is_none_begins_anew() {
        let bad = format!("\nx{}\nk\nkey\n{}\nk{}\nr{}\n", id(1), id(1), id(2), id(2));
        let round = CleanUp::new(&ids(&[1, 2]), &bad);
        assert_eq!(round.tally(), Tally { kept: 1, open: 1, ..Tally::default() });
        assert_eq!(round.current().map(|it| it.id), Some(id(1)));
        assert_eq!(CleanUp::new(&[], "").progress(), None);
    }

    #[test]
    fn nobody_is_asked_about_a_key_that_is_gone_or_in_use_meanwhile() {
        let mut round = round(5);
        round.keep();
        round.see(&list(&[1, 2, 4, 5]), &ids(&[1, 4, 5]));
        assert_eq!(round.current().map(|it| it.id), Some(id(4)));
        let tally = Tally { kept: 1, gone: 1, in_use: 1, open: 2, ..Tally::default() };
        assert_eq!(round.tally(), tally);

        let entry = UnreadableKey { fault: EntryFault::Malformed, name: None, masked: None };
        let unsure = KeyList { unreadable: vec![entry], ..list(&[1]) };
        round.see(&unsure, &ids(&[1]));
        assert_eq!(round.tally(), tally, "an entry that cannot be read may be the key");
    }

    #[test]
    fn a_key_that_is_being_revoked_is_settled_by_its_answer() {
        let mut round = round(2);
        assert_eq!(round.revoke(), Some(id(1)));
        round.see(&list(&[2]), &ids(&[2]));
        is_at(&round, 1);
        round.settle(Outcome::Revoked);
        assert_eq!(round.tally(), Tally { revoked: 1, open: 1, ..Tally::default() });
    }

    #[test]
    fn ten_thousand_keys_are_gone_through_and_come_back() {
        let mut round = round(10_000);
        for _ in 0..5_000 {
            round.keep();
        }
        let all: Vec<usize> = (1..=10_000).collect();
        round.see(&list(&all), &ids(&all));
        let resumed = CleanUp::new(&ids(&all), &round.write());
        assert_eq!(resumed, round);
        is_at(&resumed, 5_001);
        let many: String = (0..=MOST).map(|number| format!("k{}\n", id(number))).collect();
        assert_eq!(CleanUp::new(&[], &many).tally().kept, MOST);
    }
}

// Property tests draw random numbers, which their library cannot do in a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn whatever_is_pressed_no_key_is_revoked_that_was_not_asked_for(
            count in 0..8_usize, presses in proptest::collection::vec(0..9_u8, 0..40),
        ) {
            let id = |number| format!("00000000-0000-0000-0000-{number:012}").parse::<KeyId>();
            let all: Vec<KeyId> = (0..count).filter_map(|number| id(number).ok()).collect();
            let mut round = CleanUp::new(&all, "");
            let (mut asked, mut revoked) = (None, Vec::new());
            for press in presses {
                match press {
                    0 => round.keep(),
                    1 => round.later(),
                    2 => round.forward(),
                    3 => round.back(),
                    4 | 5 => asked = round.revoke().or(asked),
                    6 => {
                        round.settle(Outcome::Revoked);
                        revoked.extend(asked.take());
                    }
                    7 => {
                        round.settle(Outcome::Failed(String::new()));
                        asked = None;
                    }
                    _ => round = {
                        asked = None;
                        CleanUp::new(&all, &round.write())
                    },
                }
                prop_assert_eq!(round.is_asking(), asked.is_some());
                prop_assert!(asked.is_none_or(|id| round.current().map(|it| it.id) == Some(id)));
                let mut told: Vec<KeyId> = round.of_fate(Fate::Revoked).collect();
                told.sort_unstable();
                revoked.sort_unstable();
                prop_assert_eq!(&told, &revoked);
                let Tally { kept, later, revoked, failed, open, .. } = round.tally();
                prop_assert_eq!(kept + later + revoked + failed + open, count);
            }
        }

        #[test]
        fn garbage_never_panics(record in prop_oneof![any::<String>(), "[klrgou0\n-]{0,200}"]) {
            let mut round = CleanUp::new(&[], &record);
            round.forward();
            round.back();
            prop_assert_eq!(CleanUp::new(&[], &round.write()).write(), round.write());
        }
    }
}
