//! How long a key has to be silent before its silence says that nobody uses it.
//!
//! A steady client sends λ requests a minute, independent of each other (a Poisson process). That
//! it sends none in w minutes though it still uses the key has the chance e^(-λw). The watch is as
//! long as [`ENOUGH_EXPECTED`] requests take, λw = 20, so that this chance is e^-20, one in five
//! hundred million. What that leaves open, and what is done about it:
//!
//! - λ is estimated. If it was taken from n requests, the chance is (1 + 20/n)^-n: one in 21 for a
//!   single request, one in three thousand for five, one in a million for twenty.
//! - Few clients are steady. One that works at night has a high mean rate and is silent all day, so
//!   the watch is also at least as long as the longest pause that is known. A job that runs once a
//!   month, in an hour that nobody has seen, is not foreseen.
//! - Even a busy key is watched for [`SHORTEST_MILLIS`]: clients start anew, and counters may lag.
//! - Nobody watches for months. From [`LONGEST_MILLIS`] on, silence is weaker evidence, and
//!   [`Habit::expected`] says how weak.

use contract::Timestamp;

use crate::domain::journal::change::stretches;
use crate::domain::journal::entry::Entry;
use crate::domain::key::ApiKey;
use crate::domain::time::{DAY_MILLIS, MINUTE_MILLIS};
use crate::domain::usage::Usage;

/// So many requests would have been expected before none is evidence.
pub const ENOUGH_EXPECTED: u64 = 20;

/// The shortest watch, in milliseconds: 15 minutes.
pub const SHORTEST_MILLIS: i64 = 15 * MINUTE_MILLIS;

/// The watch over a key of which no request is known, in milliseconds: 24 hours.
pub const UNKNOWN_MILLIS: i64 = DAY_MILLIS;

/// The longest watch, in milliseconds: 7 days.
pub const LONGEST_MILLIS: i64 = 7 * DAY_MILLIS;

/// What was seen for less time than this says nothing of what is usual, in milliseconds.
const ENOUGH_HISTORY: i64 = DAY_MILLIS;

/// How a key is usually used, as far as that is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Habit {
    requests: u64,
    millis: i64,
    pause: i64,
}

impl Habit {
    /// So many `requests` came in so many `millis`econds, with a pause between two of them, or
    /// after the last, of up to `pause` milliseconds (0 if that is not known). Nothing is known of
    /// the rate if there was no request or no time.
    pub fn new(requests: u64, millis: i64, pause: i64) -> Self {
        let pause = pause.max(0);
        if requests == 0 || millis <= 0 {
            return Self { pause, ..Self::default() };
        }
        Self { requests, millis, pause }
    }

    /// What this browser has seen of the key. Less than a day of it says nothing.
    pub fn of_journal(entries: &[Entry]) -> Self {
        let (mut requests, mut millis, mut pause, mut longest) = (0_u64, 0_i64, 0_i64, 0_i64);
        // However far two looks are apart, the requests between them were counted.
        for stretch in stretches(entries, i64::MAX) {
            let took = since(stretch.from, stretch.until);
            let came = stretch.added.completed;
            requests = requests.saturating_add(came);
            millis = millis.saturating_add(took);
            pause = if came == 0 { pause.saturating_add(took) } else { 0 };
            longest = longest.max(pause);
        }
        if millis < ENOUGH_HISTORY {
            return Self::default();
        }
        Self::new(requests, millis, longest)
    }

    /// What the list and the key's usage tell at the time `now`: its requests over its whole life,
    /// and how long ago it was last used.
    pub fn of_life(key: &ApiKey, usage: Option<&Usage>, now: Timestamp) -> Self {
        let requests = usage.map_or(0, |usage| usage.completed.max(usage.outcomes()));
        let pause = key.last_used.map_or(0, |used| since(used, now));
        Self::new(requests, since(key.created, now), pause)
    }

    /// The rate of this, or else of `other`, and the longer pause of both.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let rate = if self.is_known() { self } else { other };
        Self { pause: self.pause.max(other.pause), ..rate }
    }

    /// Whether the rate is known.
    pub fn is_known(self) -> bool {
        self.requests > 0
    }

    /// How long the key is to be silent, in milliseconds; from [`SHORTEST_MILLIS`] to
    /// [`LONGEST_MILLIS`].
    pub fn watch_millis(self) -> i64 {
        let by_rate = if self.is_known() {
            whole(i128::from(self.millis) * i128::from(ENOUGH_EXPECTED), self.requests)
        } else {
            UNKNOWN_MILLIS
        };
        by_rate.max(self.pause).clamp(SHORTEST_MILLIS, LONGEST_MILLIS)
    }

    /// How many requests would have come in so many milliseconds, rounded down; `None` if the rate
    /// is not known.
    pub fn expected(self, millis: i64) -> Option<u64> {
        let per = self.millis.max(1).unsigned_abs();
        let millis = u128::from(millis.max(0).unsigned_abs());
        let expected = millis * u128::from(self.requests) / u128::from(per);
        self.is_known().then(|| u64::try_from(expected).unwrap_or(u64::MAX))
    }

    /// Three whole numbers, from which [`Habit::new`] makes the same again.
    pub fn parts(self) -> (u64, i64, i64) {
        (self.requests, self.millis, self.pause)
    }
}

/// A quotient, rounded up: a watch that ends a moment too early is too short.
fn whole(dividend: i128, divisor: u64) -> i64 {
    let divisor = i128::from(divisor);
    i64::try_from((dividend + divisor - 1) / divisor).unwrap_or(i64::MAX)
}

fn since(from: Timestamp, until: Timestamp) -> i64 {
    until.unix_millis().saturating_sub(from.unix_millis()).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::journal::entry::Figures;
    use crate::domain::usage::Quota;

    const MINUTE: i64 = 60_000;
    const HOUR: i64 = 60 * MINUTE;
    const NOW: Timestamp = Timestamp::from_unix_millis(1_795_456_101_000);

    #[track_caller]
    fn check(requests: u64, millis: i64, watch: i64) {
        assert_eq!(Habit::new(requests, millis, 0).watch_millis(), watch);
    }

    #[test]
    fn a_watch_is_as_long_as_twenty_requests_usually_take() {
        check(10, HOUR, 2 * HOUR);
        check(3, DAY_MILLIS, 20 * DAY_MILLIS / 3);
        check(7, DAY_MILLIS, 246_857_143);
        assert_eq!(Habit::new(7, DAY_MILLIS, 0).expected(246_857_143), Some(20), "rounded up");
    }

    #[test]
    fn a_busy_key_is_watched_for_fifteen_minutes_all_the_same() {
        check(80, HOUR, 15 * MINUTE);
        check(79, HOUR, 911_393);
        check(u64::MAX, 1, 15 * MINUTE);
    }

    #[test]
    fn nobody_watches_for_more_than_seven_days_and_how_weak_that_is_is_known() {
        check(1, 30 * DAY_MILLIS, 7 * DAY_MILLIS);
        check(1, i64::MAX, 7 * DAY_MILLIS);
        assert_eq!(Habit::new(2, DAY_MILLIS, 0).expected(7 * DAY_MILLIS), Some(14));
        assert_eq!(Habit::new(1, 30 * DAY_MILLIS, 0).expected(7 * DAY_MILLIS), Some(0));
        assert_eq!(Habit::new(u64::MAX, 1, 0).expected(i64::MAX), Some(u64::MAX));
        assert_eq!(Habit::new(5, HOUR, 0).expected(-1), Some(0));
    }

    #[test]
    fn a_key_of_which_nothing_is_known_is_watched_for_a_day() {
        check(0, DAY_MILLIS, DAY_MILLIS);
        check(5, 0, DAY_MILLIS);
        check(5, -1, DAY_MILLIS);
        assert_eq!(Habit::default().expected(DAY_MILLIS), None);
    }

    #[test]
    fn a_pause_that_is_usual_is_waited_out() {
        let nightly = Habit::new(10_000, 10 * DAY_MILLIS, 23 * HOUR);
        assert_eq!(nightly.watch_millis(), 23 * HOUR);
        assert_eq!(Habit::new(10_000, DAY_MILLIS, 90 * DAY_MILLIS).watch_millis(), 7 * DAY_MILLIS);
        assert_eq!(Habit::new(10_000, DAY_MILLIS, -5).watch_millis(), 15 * MINUTE);
    }

    #[test]
    fn the_list_and_the_usage_tell_the_mean_rate_and_the_present_pause() {
        let before = |millis: i64| Timestamp::from_unix_millis(NOW.unix_millis() - millis);
        let mut key = ApiKey {
            id: "5f0c6c5e-0d1a-4f0e-9d4e-7f6f0b3a9c11".parse().expect("a uuid"),
            name: "ci-bot".to_owned(),
            masked: "occ_TheW…0000".to_owned(),
            created: before(10 * DAY_MILLIS),
            last_used: Some(before(5 * HOUR)),
        };
        let usage = Usage {
            completed: 4_800,
            successful: 0,
            failed: 0,
            quota: Quota::Unlimited,
            per_day: 0.0,
        };
        let habit = Habit::of_life(&key, Some(&usage), NOW);
        assert_eq!(habit, Habit::new(4_800, 10 * DAY_MILLIS, 5 * HOUR));
        key.last_used = None;
        assert_eq!(Habit::of_life(&key, Some(&usage), NOW).watch_millis(), HOUR);
        assert_eq!(Habit::of_life(&key, None, NOW).watch_millis(), DAY_MILLIS);
        key.created = before(-HOUR);
        assert_eq!(
            Habit::of_life(&key, Some(&usage), NOW).watch_millis(),
            DAY_MILLIS,
            "not made yet"
        );
        let split = Usage { completed: 0, successful: 4_000, failed: 800, ..usage };
        key.created = before(10 * DAY_MILLIS);
        assert_eq!(Habit::of_life(&key, Some(&split), NOW).watch_millis(), HOUR);
    }

    fn look(millis: i64, completed: u64) -> Entry {
        let figures = Figures { completed, ..Figures::default() };
        Entry::new(Timestamp::from_unix_millis(millis), figures)
    }

    #[test]
    fn the_journal_tells_the_rate_and_the_longest_pause() {
        let entries = [look(0, 100), look(HOUR, 340), look(9 * HOUR, 340), look(DAY_MILLIS, 580)];
        let habit = Habit::of_journal(&entries);
        assert_eq!(habit, Habit::new(480, DAY_MILLIS, 8 * HOUR));
        // Looks that saw the same right after each other are one pause.
        let entries =
            [look(0, 9), look(4 * HOUR, 9), look(DAY_MILLIS, 9), look(2 * DAY_MILLIS, 10)];
        assert_eq!(Habit::of_journal(&entries), Habit::new(1, 2 * DAY_MILLIS, DAY_MILLIS));
    }

    #[test]
    fn an_hour_of_watching_is_no_habit() {
        let entries = [look(0, 0), look(HOUR, 1_000)];
        assert_eq!(Habit::of_journal(&entries), Habit::default());
        assert_eq!(Habit::of_journal(&[]), Habit::default());
        let life = Habit::new(10, DAY_MILLIS, HOUR);
        assert_eq!(Habit::of_journal(&entries).or(life), life);
    }

    #[test]
    fn what_was_seen_comes_before_the_mean_and_no_pause_is_forgotten() {
        let (seen, life) = (Habit::new(100, DAY_MILLIS, HOUR), Habit::new(1, DAY_MILLIS, 9 * HOUR));
        assert_eq!(seen.or(life), Habit::new(100, DAY_MILLIS, 9 * HOUR));
        assert_eq!(Habit::default().or(Habit::default()), Habit::default());
    }
}
