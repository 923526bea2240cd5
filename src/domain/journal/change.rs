//! What was added from one look to another, and how fast.

use contract::Timestamp;

use super::entry::{Entry, Figures};
use super::history::History;
use super::{HOUR, MINUTE};

/// Looks that lie further apart than this belong to two visits, in milliseconds.
const BETWEEN_VISITS: i64 = 30 * MINUTE;

/// What came to the counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Requests that were answered.
    pub completed: u64,
    /// Of them, those with success.
    pub successful: u64,
    /// Of them, those with an error.
    pub failed: u64,
    /// Whether a counter went down. What it had counted before is unknown, so that the numbers
    /// are the least that was added.
    pub reset: bool,
}

/// What was added since the last visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SinceVisit {
    /// When the figures it is counted from were seen last, in that visit or before it.
    pub seen: Timestamp,
    /// What was added until the latest look.
    pub added: Added,
}

/// When this browser looked, whatever the key. Kept beside the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The last look of the visit before this one; `None` if there was none.
    pub previous: Option<Timestamp>,
    /// The last look.
    pub last: Timestamp,
}

/// What was added between two looks, or while looks saw the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The earlier look.
    pub from: Timestamp,
    /// The later look; after `from`.
    pub until: Timestamp,
    /// What was added.
    pub added: Added,
    /// Whether the looks lie so far apart that nothing can be said of when it was.
    pub is_gap: bool,
}

impl Figures {
    /// What was added since `before` was seen. After a reset, all that is counted was added.
    pub fn added_since(&self, before: &Self) -> Added {
        let reset = self.completed < before.completed
            || self.successful < before.successful
            || self.failed < before.failed;
        let start = if reset { Self::default() } else { *before };
        Added {
            completed: self.completed - start.completed,
            successful: self.successful - start.successful,
            failed: self.failed - start.failed,
            reset,
        }
    }
}

impl Added {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            completed: self.completed.saturating_add(other.completed),
            successful: self.successful.saturating_add(other.successful),
            failed: self.failed.saturating_add(other.failed),
            reset: self.reset || other.reset,
        }
    }
}

impl Stretch {
    /// Requests an hour; finite and not negative.
    pub fn per_hour(&self) -> f64 {
        let millis = self.until.unix_millis().saturating_sub(self.from.unix_millis()).max(1);
        self.added.completed as f64 * (HOUR as f64 / millis as f64)
    }
}

impl Visit {
    /// The visit at a look made `now`, after what was kept of the one before. It is a new one after
    /// half an hour without a look, or if the clock went back.
    pub fn at(before: Option<Self>, now: Timestamp) -> Self {
        let previous = before.and_then(|it| {
            let pause = now.unix_millis().saturating_sub(it.last.unix_millis());
            if (0..=BETWEEN_VISITS).contains(&pause) { it.previous } else { Some(it.last) }
        });
        Self { previous, last: now }
    }
}

/// What was added since the visit whose last look, at any key, was at `last_visit`; `None` if this
/// key had not been seen then.
pub fn since_last_visit(history: &History, last_visit: Timestamp) -> Option<SinceVisit> {
    let entries = history.entries();
    // The look closest to the end of that visit; not the first one after it, since times go back
    // where the clock did.
    let (start, seen) = entries
        .iter()
        .enumerate()
        .filter(|(_, it)| it.since <= last_visit)
        .map(|(at, it)| (at, it.until.min(last_visit)))
        .max_by_key(|(_, seen)| *seen)?;
    let added = entries[start..]
        .windows(2)
        .map(|pair| pair[1].figures.added_since(&pair[0].figures))
        .fold(Added::default(), Added::and);
    Some(SinceVisit { seen, added })
}

/// What was added from look to look. Looks more than `gap` milliseconds apart are a gap; from a
/// look to one at an earlier time, where the clock went back, nothing can be said.
pub fn stretches(entries: &[Entry], gap: i64) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    let mut before: Option<&Entry> = None;
    for entry in entries {
        if let Some(before) = before.filter(|it| it.until < entry.since) {
            let apart = entry.since.unix_millis().saturating_sub(before.until.unix_millis());
            stretches.push(Stretch {
                from: before.until,
                until: entry.since,
                added: entry.figures.added_since(&before.figures),
                is_gap: apart > gap,
            });
        }
        if entry.since < entry.until {
            // The counters are the same at both ends, so nothing came, however long it was.
            stretches.push(Stretch {
                from: entry.since,
                until: entry.until,
                added: Added::default(),
                is_gap: false,
            });
        }
        before = Some(entry);
    }
    stretches
}

/// The same with neighbours put together until each is at least this long, in milliseconds, so that
/// they can be seen and their pace says something. Nothing is put together with a gap or across
/// one; the last of a row may stay short.
pub fn coarse(stretches: &[Stretch], least: i64) -> Vec<Stretch> {
    let mut coarse: Vec<Stretch> = Vec::new();
    for stretch in stretches {
        match coarse.last_mut() {
            Some(last)
                if !last.is_gap
                    && !stretch.is_gap
                    && last.until == stretch.from
                    && last.until.unix_millis().saturating_sub(last.from.unix_millis()) < least =>
            {
                last.until = stretch.until;
                last.added = last.added.and(stretch.added);
            }
            _ => coarse.push(*stretch),
        }
    }
    coarse
}

// Property tests draw random numbers, which their library cannot do in a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::super::DAY;
    use super::super::entry::tests::entry;
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_unix_millis(millis)
    }

    fn history(looks: &[(i64, u64)]) -> History {
        let mut history = History::default();
        for &(time, count) in looks {
            history.record(at(time), entry(0, 0, count).figures);
        }
        history
    }

    #[test]
    fn a_counter_that_went_down_is_a_reset_and_counts_from_nothing() {
        let before = Figures { completed: 10, successful: 8, failed: 2, ..Figures::default() };
        let more = Figures { completed: 15, successful: 11, failed: 4, ..before };
        let added = Added { completed: 5, successful: 3, failed: 2, reset: false };
        assert_eq!(more.added_since(&before), added);
        let less = Figures { failed: 1, ..more };
        let all = Added { completed: 15, successful: 11, failed: 1, reset: true };
        assert_eq!(less.added_since(&before), all);
    }

    #[test]
    fn since_the_last_visit_is_since_its_last_look() {
        let history = history(&[(0, 1), (100, 5), (200, 5), (900, 7), (950, 12)]);
        let since = |visit: i64| since_last_visit(&history, at(visit));
        let said = |seen: i64, completed: u64| {
            let added = Added { completed, successful: completed, ..Added::default() };
            Some(SinceVisit { seen: at(seen), added })
        };
        assert_eq!(since(-1), None);
        assert_eq!(since(50), said(0, 11));
        assert_eq!(since(150), said(150, 7));
        assert_eq!(since(500), said(200, 7));
        assert_eq!(since(950), said(950, 0));
    }

    #[test]
    fn since_the_last_visit_holds_where_the_clock_went_back_and_says_a_reset() {
        let back = history(&[(8 * DAY, 1), (8 * DAY + 5, 3), (DAY, 9), (DAY + 5, 10)]);
        let since = since_last_visit(&back, at(8 * DAY + 5)).expect("it was seen");
        assert_eq!((since.seen, since.added.completed), (at(8 * DAY + 5), 7));
        let reset = history(&[(0, 100), (10, 3), (20, 5)]);
        let since = since_last_visit(&reset, at(0)).expect("it was seen");
        assert_eq!((since.added.completed, since.added.reset), (5, true));
    }

    #[test]
    fn a_visit_ends_with_half_an_hour_without_a_look_or_when_the_clock_goes_back() {
        let first = Visit::at(None, at(0));
        assert_eq!(first.previous, None);
        let same = Visit::at(Some(first), at(BETWEEN_VISITS));
        assert_eq!(same, Visit { previous: None, last: at(BETWEEN_VISITS) });
        let second = Visit::at(Some(same), at(2 * BETWEEN_VISITS + 1));
        assert_eq!(second.previous, Some(at(BETWEEN_VISITS)));
        let back = Visit::at(Some(second), at(5));
        assert_eq!(back.previous, Some(second.last));
    }

    #[test]
    fn what_was_added_has_its_time_unless_the_looks_are_too_far_apart() {
        let history = history(&[(0, 1), (HOUR, 5), (2 * HOUR, 5), (9 * HOUR, 6), (HOUR, 8)]);
        let said: Vec<_> = stretches(history.entries(), HOUR)
            .iter()
            .map(|it| (it.from.unix_millis() / HOUR, it.per_hour(), it.is_gap))
            .collect();
        assert_eq!(said, [(0, 4.0, false), (1, 0.0, false), (2, 1.0 / 7.0, true)]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn every_stretch_lasts_and_every_rate_is_a_number(
            looks in prop::collection::vec(any::<(i64, u64)>(), 0..8), gap: i64,
        ) {
            for stretch in stretches(history(&looks).entries(), gap) {
                prop_assert!(stretch.from < stretch.until);
                prop_assert!(stretch.per_hour().is_finite() && stretch.per_hour() >= 0.0);
            }
        }
    }

    #[test]
    fn short_stretches_become_long_ones_and_nothing_is_lost_or_crosses_a_gap() {
        let at = |minute: i64| Timestamp::from_unix_millis(minute * 60_000);
        let stretch = |from, until, completed, is_gap| Stretch {
            from: at(from),
            until: at(until),
            added: Added { completed, successful: completed, failed: 0, reset: false },
            is_gap,
        };
        let fine = [
            stretch(0, 1, 1, false),
            stretch(1, 2, 2, false),
            stretch(2, 9, 4, false),
            stretch(9, 500, 8, true),
            stretch(500, 501, 16, false),
            stretch(501, 502, 32, false),
        ];
        let coarse = coarse(&fine, 2 * 60_000);
        let said: Vec<_> = coarse
            .iter()
            .map(|it| (it.from.unix_millis() / 60_000, it.added.completed, it.is_gap))
            .collect();
        assert_eq!(said, [(0, 3, false), (2, 4, false), (9, 8, true), (500, 48, false)]);
    }
}
