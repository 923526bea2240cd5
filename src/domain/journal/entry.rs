//! One look at a key's usage, and the looks after it that saw the same.

use std::fmt::Write as _;

use contract::Timestamp;

use crate::domain::usage::Usage;

/// The five numbers of a look. Fractions are kept in whole tenths, as they are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Requests that were answered.
    pub completed: u64,
    /// Requests answered with success.
    pub successful: u64,
    /// Requests answered with an error.
    pub failed: u64,
    /// How much of today's quota is used up, in tenths of a percent; `None` without a quota.
    pub quota: Option<u64>,
    /// Mean number of requests a day, in tenths of a request.
    pub per_day: u64,
}

/// A look, and those right after it that saw the same figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When the figures were seen first.
    pub since: Timestamp,
    /// When they were seen last; not before `since`.
    pub until: Timestamp,
    /// How often they were seen; at least once.
    pub looks: u32,
    /// What was seen.
    pub figures: Figures,
}

/// The farthest instants from 1970 that a browser can name, in milliseconds (ECMA-262, "Time
/// Values and Time Range").
pub(in crate::domain) const END_OF_TIME: i64 = 8_640_000_000_000_000;

impl From<&Usage> for Figures {
    fn from(usage: &Usage) -> Self {
        Self {
            completed: usage.completed,
            successful: usage.successful,
            failed: usage.failed,
            quota: usage.quota.percent().map(tenths),
            per_day: tenths(usage.per_day),
        }
    }
}

impl Entry {
    /// One look.
    pub fn new(at: Timestamp, figures: Figures) -> Self {
        let at = at.unix_millis().clamp(-END_OF_TIME, END_OF_TIME);
        let at = Timestamp::from_unix_millis(at);
        Self { since: at, until: at, looks: 1, figures }
    }

    /// The entry as one line without its end: whole numbers between commas, such as
    /// `1795456101000,60000,7,12,10,2,15,4`. They are `since` in milliseconds, the milliseconds
    /// from there to `until`, the number of looks, completed, successful, failed, quota (nothing
    /// if there is none), and the mean per day.
    pub fn write(&self) -> String {
        let Self { figures, .. } = self;
        let since = self.since.unix_millis();
        let mut line = String::new();
        // Writing into a string cannot fail.
        let _ = write!(
            line,
            "{since},{},{},{},{},{},",
            self.until.unix_millis().saturating_sub(since),
            self.looks,
            figures.completed,
            figures.successful,
            figures.failed,
        );
        if let Some(quota) = figures.quota {
            let _ = write!(line, "{quota}");
        }
        let _ = write!(line, ",{}", figures.per_day);
        line
    }

    /// Reads what [`Entry::write`] wrote; `None` for anything else.
    pub fn read(line: &str) -> Option<Self> {
        let mut fields = line.split(',');
        let since: i64 = fields.next()?.parse().ok()?;
        let mut number = || fields.next()?.parse::<u64>().ok();
        let until = since.checked_add_unsigned(number()?)?;
        let looks = u32::try_from(number()?).ok()?;
        let (completed, successful, failed) = (number()?, number()?, number()?);
        let quota = match fields.next()? {
            "" => None,
            quota => Some(quota.parse().ok()?),
        };
        let per_day = fields.next()?.parse().ok()?;
        let is_whole = fields.next().is_none() && looks > 0;
        let is_in_time = since >= -END_OF_TIME && until <= END_OF_TIME;
        (is_whole && is_in_time).then(|| Self {
            since: Timestamp::from_unix_millis(since),
            until: Timestamp::from_unix_millis(until),
            looks,
            figures: Figures { completed, successful, failed, quota, per_day },
        })
    }
}

/// The number in whole tenths; 0 for what is negative or not a number.
fn tenths(number: f64) -> u64 {
    // Conversions to whole numbers stop at their ends.
    (number * 10.0).round() as u64
}

// Property tests draw random numbers, which their library cannot do in a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::usage::Quota;

    /// An entry whose counters are all `completed`.
    pub(in crate::domain::journal) fn entry(since: i64, until: i64, completed: u64) -> Entry {
        let figures =
            Figures { completed, successful: completed, failed: 0, quota: None, per_day: 0 };
        Entry {
            since: Timestamp::from_unix_millis(since),
            until: Timestamp::from_unix_millis(until),
            looks: if since == until { 1 } else { 2 },
            figures,
        }
    }

    #[test]
    fn a_look_keeps_the_five_numbers_as_they_are_shown() {
        let usage = Usage {
            completed: 12,
            successful: 10,
            failed: 2,
            quota: Quota::Within(1.5),
            per_day: 0.44,
        };
        let look = Entry::new(Timestamp::from_unix_seconds(1_795_456_101), Figures::from(&usage));
        assert_eq!(look.write(), "1795456101000,0,1,12,10,2,15,4");
        let odd = Usage { quota: Quota::Over(f64::MAX), per_day: f64::NAN, ..usage };
        assert_eq!(Figures::from(&odd).quota, Some(u64::MAX));
        assert_eq!(Figures::from(&odd).per_day, 0);
    }

    #[test]
    fn what_is_no_entry_is_not_read() {
        assert!(Entry::read("1,0,1,12,10,2,,4").is_some());
        for bad in [
            "",
            "1,0,1,12,10,2,15",
            "1,0,1,12,10,2,15,4,5",
            "1,0,0,12,10,2,15,4",
            "1,-1,1,12,10,2,15,4",
            "1,0,1,12,10,2,NaN,4",
            "1,0,1,12,10,2,1.5,4",
            "1,0,1,99999999999999999999,10,2,15,4",
            "9223372036854775807,1,1,12,10,2,15,4",
            "8640000000000001,0,1,12,10,2,15,4",
            "-8640000000000001,0,1,12,10,2,15,4",
            "null",
        ] {
            assert_eq!(Entry::read(bad), None, "{bad}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn every_entry_reads_back_as_it_was(
            at: i64, longer in 0..10_000_000_000_i64, looks in 1..u32::MAX,
            counts: [u64; 4], quota: Option<u64>,
        ) {
            let [completed, successful, failed, per_day] = counts;
            let figures = Figures { completed, successful, failed, quota, per_day };
            let mut entry = Entry::new(Timestamp::from_unix_millis(at), figures);
            let until = (entry.since.unix_millis() + longer).min(END_OF_TIME);
            entry.until = Timestamp::from_unix_millis(until);
            entry.looks = looks;
            prop_assert_eq!(Entry::read(&entry.write()), Some(entry));
        }

        #[test]
        fn garbage_never_panics(line in "[-+0-9,.eN ]{0,60}") {
            if let Some(entry) = Entry::read(&line) {
                prop_assert!(entry.since <= entry.until);
            }
        }
    }
}
