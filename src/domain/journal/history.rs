//! The looks at one key, and how they grow, shrink and stay few.

use contract::Timestamp;

use super::entry::{Entry, Figures};
use super::{DAY, HOUR, MINUTE};
use crate::domain::key::KeyId;
use crate::domain::order::sorted;

/// So many entries are kept of one key.
pub const MOST_OF_A_KEY: usize = 2_000;

/// So many entries are kept of all keys of an account: about 3 MB.
pub const MOST_OF_AN_ACCOUNT: usize = 50_000;

const YEAR: i64 = 366 * DAY;

/// What was seen of one key, in the order in which it was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    entries: Vec<Entry>,
}

impl History {
    /// Reads a history, one entry a line. What is no entry is left out: one bad line must not take
    /// the good ones with it.
    pub fn read(text: &str) -> Self {
        Self { entries: text.lines().filter_map(Entry::read).collect() }
    }

    /// The history as lines, for [`History::read`]. The key is not in it: it is what the history
    /// is kept under.
    pub fn write(&self) -> String {
        let mut text = String::new();
        for entry in &self.entries {
            text.push_str(&entry.write());
            text.push('\n');
        }
        text
    }

    /// The entries in the order in which they were seen. Their times may go back, where the clock
    /// did.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The latest entry.
    pub fn last(&self) -> Option<&Entry> {
        self.entries.last()
    }

    /// The entries that reach into the time from `from` to `until`, for a chart.
    pub fn within(&self, from: Timestamp, until: Timestamp) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |it| it.until >= from && it.since <= until)
    }

    /// Keeps a look made at `at`: as an entry, or as one look more of the entry before if that saw the
    /// same. Nothing that was kept before is lost, whatever the clock says.
    pub fn record(&mut self, at: Timestamp, figures: Figures) {
        let look = Entry::new(at, figures);
        if let Some(last) = self.entries.last_mut().filter(|last| last.figures == figures) {
            if last.since <= look.until && look.until <= last.until {
                return;
            }
            // After more than a day the clock may have jumped, which must stay visible.
            let later = look.until.unix_millis().saturating_sub(last.until.unix_millis());
            if (1..=DAY).contains(&later) {
                last.until = look.until;
                last.looks = last.looks.saturating_add(1);
                return;
            }
        }
        self.entries.push(look);
    }

    /// Thins out what is old: all entries of the last 24 hours stay, of the last 7 days the first
    /// and last of each hour, of the last year those of each day (UTC), and whatever its age the
    /// last one before and the first one after a counter went down. So the sum of what was added
    /// stays what it was. More than [`MOST_OF_A_KEY`] entries are thinned out further, at last the
    /// oldest are dropped.
    ///
    /// `now` is believed only if the looks have stood by it for an hour: a clock that just jumped
    /// makes nothing old.
    pub fn compact(&mut self, now: Timestamp) {
        let now = self.settled(now.unix_millis());
        let last = self.entries.len().saturating_sub(1);
        let mut index = 0;
        self.entries.retain(|it| {
            index += 1;
            index > last || now.saturating_sub(it.until.unix_millis()) < YEAR
        });
        for finest in [0, MINUTE, 10 * MINUTE, HOUR] {
            self.thin_out(now, finest);
            if self.entries.len() <= MOST_OF_A_KEY {
                return;
            }
        }
        let over = self.entries.len() - MOST_OF_A_KEY;
        self.entries.drain(..over);
    }

    /// Keeps the first and last entry of each bucket, and the two beside a reset. The buckets of
    /// the last 24 hours are `finest` milliseconds long; 0 keeps all of them.
    fn thin_out(&mut self, now: i64, finest: i64) {
        let bucket = |entry: &Entry| {
            let at = entry.until.unix_millis();
            let length = match now.saturating_sub(at) {
                ..DAY => finest,
                age if age < 7 * DAY => HOUR,
                _ => DAY,
            };
            (length > 0).then(|| (length, at.div_euclid(length)))
        };
        let is_kept = |index: usize| {
            let entry = &self.entries[index];
            let Some(own) = bucket(entry) else { return true };
            let is_inside = |neighbour: Option<&Entry>, is_after: bool| {
                neighbour.is_some_and(|it| {
                    let (before, after) = if is_after { (entry, it) } else { (it, entry) };
                    bucket(it) == Some(own) && !after.figures.added_since(&before.figures).reset
                })
            };
            let before = index.checked_sub(1).and_then(|it| self.entries.get(it));
            !is_inside(before, false) || !is_inside(self.entries.get(index + 1), true)
        };
        let kept = (0..self.entries.len()).filter(|it| is_kept(*it)).map(|it| self.entries[it]);
        self.entries = kept.collect();
    }

    /// The time that makes entries old. A clock that jumped by more than a day may be wrong: until
    /// looks have been made by it for an hour, no later time than that of the look before counts.
    fn settled(&self, now: i64) -> i64 {
        let jumps = |from: i64, to: i64| from.abs_diff(to) > DAY.unsigned_abs();
        let Some(last) = self.entries.last() else { return now };
        if jumps(last.until.unix_millis(), now) {
            return now.min(last.until.unix_millis());
        }
        let pairs = self.entries.windows(2).rev();
        let jump = pairs
            .map(|pair| (pair[0].until.unix_millis(), pair[1].since.unix_millis()))
            .find(|(before, after)| jumps(*before, *after));
        match jump {
            Some((before, after)) if last.until.unix_millis() - after < HOUR => now.min(before),
            _ => now,
        }
    }
}

/// Drops entries until all keys of an account together have at most `most`: the oldest first, but
/// the last one of a key only when nothing else is left. Histories may be empty afterwards.
pub fn fit_account(histories: &mut [(KeyId, History)], most: usize) {
    let all: usize = histories.iter().map(|(_, history)| history.entries.len()).sum();
    let Some(mut over) = all.checked_sub(most).filter(|over| *over > 0) else { return };
    let mut ages: Vec<(bool, i64)> = Vec::with_capacity(all);
    for (_, History { entries }) in histories.iter() {
        let age = |(at, it): (usize, &Entry)| (at + 1 == entries.len(), it.until.unix_millis());
        ages.extend(entries.iter().enumerate().map(age));
    }
    let newest_dropped = sorted(ages, Ord::cmp)[over - 1];
    for (_, History { entries }) in histories {
        let (count, mut index) = (entries.len(), 0);
        entries.retain(|it| {
            index += 1;
            let goes = over > 0 && (index == count, it.until.unix_millis()) <= newest_dropped;
            over -= usize::from(goes);
            !goes
        });
    }
}

// Property tests draw random numbers, which their library cannot do in a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::super::entry::tests::entry;
    use super::*;

    const NOW: i64 = 1_795_456_101_000;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_unix_millis(millis)
    }

    fn count(completed: u64) -> Figures {
        entry(0, 0, completed).figures
    }

    fn history(entries: &[Entry]) -> History {
        History { entries: entries.to_vec() }
    }

    fn sum(history: &History) -> u64 {
        let pairs = history.entries.windows(2);
        pairs.map(|pair| pair[1].figures.added_since(&pair[0].figures).completed).sum()
    }

    #[test]
    fn an_equal_look_only_extends_the_one_before() {
        let mut history = History::default();
        history.record(at(NOW), count(1));
        history.record(at(NOW), count(1));
        history.record(at(NOW + 10), count(1));
        history.record(at(NOW + 5), count(1));
        history.record(at(NOW + 20), count(2));
        history.record(at(NOW + 30), count(1));
        let said: Vec<_> = history.entries.iter().map(|it| (it.looks, it.until)).collect();
        assert_eq!(said, [(2, at(NOW + 10)), (1, at(NOW + 20)), (1, at(NOW + 30))]);
    }

    #[test]
    fn an_equal_look_after_more_than_a_day_stands_alone() {
        let mut history = History::default();
        history.record(at(NOW), count(1));
        history.record(at(NOW + DAY), count(1));
        history.record(at(NOW + 2 * DAY + 1), count(1));
        // The clock went back.
        history.record(at(NOW), count(1));
        let said: Vec<_> = history.entries.iter().map(|it| (it.looks, it.until)).collect();
        assert_eq!(said, [(2, at(NOW + DAY)), (1, at(NOW + 2 * DAY + 1)), (1, at(NOW))]);
    }

    #[test]
    fn a_clock_by_which_no_look_was_made_makes_nothing_old() {
        let look = |minute: i64| entry(NOW + minute * MINUTE, NOW + minute * MINUTE, 7);
        let before = history(&(0..100).map(look).collect::<Vec<_>>());
        for later in [7 * DAY, 500 * DAY, -7 * DAY] {
            let mut after = before.clone();
            after.compact(at(NOW + later));
            assert_eq!(after, before, "{later}");
        }
    }

    #[test]
    fn bad_lines_are_left_out_and_the_good_ones_stay() {
        let mut history = History::default();
        history.record(at(NOW), count(1));
        history.record(at(NOW + 1), count(2));
        let text = history.write();
        assert_eq!(History::read(&text), history);
        let torn = format!("garbage\n\u{0}\n{}1,2,", text.replace('\n', "\r\n\n"));
        assert_eq!(History::read(&torn), history);
        assert_eq!(History::read(""), History::default());
    }

    #[test]
    fn a_clock_that_jumps_by_a_week_destroys_nothing() {
        for week in [7 * DAY, -7 * DAY, 500 * DAY, -500 * DAY] {
            let mut history = History::default();
            for look in 0..100 {
                history.record(at(NOW + look * MINUTE), count(look as u64));
            }
            let before = history.entries.clone();
            for look in 100..110 {
                history.record(at(NOW + week + look * MINUTE), count(look as u64));
                history.compact(at(NOW + week + look * MINUTE));
            }
            // The clock is set right again.
            for look in 110..250 {
                history.record(at(NOW + look * MINUTE), count(look as u64));
                history.compact(at(NOW + look * MINUTE));
            }
            assert_eq!(history.entries[..100], before, "{week}");
            let after = &history.entries[history.entries.len() - 140..];
            assert_eq!(after[0].since, at(NOW + 110 * MINUTE), "{week}");
            assert_eq!(after[139].since, at(NOW + 249 * MINUTE), "{week}");
            // What the wrong clock dated back is thinned out as old, no more than that.
            assert!(week < 0 || history.entries.len() == 250, "{week}");
            assert_eq!(sum(&history), 249, "{week}");
        }
    }

    #[test]
    fn a_week_away_makes_looks_old_once_the_clock_has_stood_by_it_for_an_hour() {
        let mut history = History::default();
        for look in 0..100 {
            history.record(at(NOW + look * MINUTE), count(look as u64));
        }
        let back = NOW + 6 * DAY;
        history.record(at(back), count(200));
        history.compact(at(back));
        assert_eq!(history.entries.len(), 101);
        history.record(at(back + HOUR), count(201));
        history.compact(at(back + HOUR));
        // The hundred minutes touch three hours.
        assert_eq!(history.entries.len(), 3 * 2 + 2);
    }

    #[test]
    fn of_a_bucket_its_ends_and_what_lies_beside_a_reset_are_kept() {
        let hour = (NOW - 3 * DAY).div_euclid(HOUR) * HOUR;
        let looks = [5, 6, 7, 2, 3, 4, 5].into_iter().zip(0..);
        let mut entries: Vec<_> = looks
            .map(|(count, minute)| entry(hour + minute * MINUTE, hour + minute * MINUTE, count))
            .collect();
        entries.extend([entry(NOW - 2 * DAY, NOW - 2 * DAY, 5), entry(NOW - DAY, NOW, 5)]);
        entries.push(entry(NOW - HOUR, NOW, 6));
        let mut history = history(&entries);
        history.compact(at(NOW));
        let counts: Vec<_> = history.entries.iter().map(|it| it.figures.completed).collect();
        assert_eq!(counts, [5, 7, 2, 5, 5, 5, 6]);
    }

    #[test]
    fn after_a_year_only_the_last_look_is_left() {
        let day = |day: i64| entry(day * DAY, day * DAY, day as u64);
        let mut history = history(&(0..=800).map(day).collect::<Vec<_>>());
        history.compact(at(800 * DAY));
        assert_eq!(history.entries[0], day(800 - 365));
        assert_eq!(history.entries.len(), 366);
    }

    #[test]
    fn an_account_keeps_the_newest_and_the_last_look_of_each_key() {
        let id = |digit: char| {
            let uuid = format!("5f0c6c5e-0d1a-4f0e-9d4e-7f6f0b3a9c1{digit}");
            uuid.parse::<KeyId>().expect("a uuid")
        };
        let look = |at: i64| entry(at, at, at.unsigned_abs());
        let all = [
            (id('1'), history(&[look(1)])),
            (id('2'), history(&[look(2), look(3), look(9)])),
            (id('3'), history(&[look(4), look(5), look(6)])),
        ];
        let left = |most: usize| {
            let mut histories = all.clone();
            fit_account(&mut histories, most);
            histories.map(|(_, it)| it.entries.iter().map(|it| it.figures.completed).collect())
        };
        let expected: [[&[u64]; 3]; 5] = [
            [&[1], &[2, 3, 9], &[4, 5, 6]],
            [&[1], &[3, 9], &[4, 5, 6]],
            [&[1], &[9], &[6]],
            [&[], &[9], &[6]],
            [&[], &[], &[]],
        ];
        for (most, expected) in [7, 6, 3, 2, 0].into_iter().zip(expected) {
            let left: [Vec<u64>; 3] = left(most);
            assert_eq!(left, expected, "{most}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn thinning_out_keeps_the_sum_the_ends_and_the_last_day_and_settles(
            steps in prop::collection::vec((0..6 * HOUR, 0_u64..20, 0..30), 1..300),
        ) {
            let (mut time, mut count) = (NOW, 0);
            let mut history = History::default();
            for (later, more, chance) in steps {
                time += later;
                count = if chance == 0 { more } else { count + more };
                history.record(at(time), self::count(count));
            }
            let before = history.clone();
            history.compact(at(time));
            prop_assert_eq!(sum(&history), sum(&before));
            prop_assert_eq!(history.entries[0], before.entries[0]);
            prop_assert_eq!(history.last(), before.last());
            let day = |history: &History| {
                history.within(at(time - DAY + 1), at(time)).copied().collect::<Vec<_>>()
            };
            prop_assert_eq!(day(&history), day(&before));
            let once = history.clone();
            history.compact(at(time));
            prop_assert_eq!(history, once);
        }

        #[test]
        fn a_key_is_never_over_its_cap_nor_without_its_last_look(
            every in 1_000..100_000_i64, looks in 2_000..9_000_i64, resets: bool,
        ) {
            let count = |look: i64| if resets { look % 2 } else { look }.unsigned_abs();
            let look = |look: i64| entry(NOW + look * every, NOW + look * every, count(look));
            let mut history = history(&(0..looks).map(look).collect::<Vec<_>>());
            history.compact(at(NOW + looks * every));
            prop_assert!(history.entries.len() <= MOST_OF_A_KEY);
            prop_assert!(history.entries.len() > 20);
            prop_assert_eq!(history.last(), Some(&look(looks - 1)));
        }
    }
}
