//! Where an axis is marked: at round counts and at round times.

use crate::domain::time::{
    DAY_MILLIS as DAY, END_OF_TIME, HOUR_MILLIS as HOUR, MINUTE_MILLIS as MINUTE,
};

/// Marks of an axis of times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeTicks {
    /// What tells two neighbours apart, and so has to be said of each.
    pub unit: TimeUnit,
    /// The times, in milliseconds, the earliest first.
    pub at: Vec<i64>,
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
    /// Less than an hour lies between two marks.
    Minute,
    /// Less than a day.
    Hour,
    /// A day or more.
    Day,
}

/// What may lie between two marks of time: each is at most three times the one before. After the
/// last come twice the last, four times the last, ….
const STEPS: [i64; 21] = [
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    4 * DAY,
    7 * DAY,
    14 * DAY,
    28 * DAY,
    56 * DAY,
    91 * DAY,
    182 * DAY,
    364 * DAY,
];

/// The first Monday is the 5th of January 1970.
const MONDAY: i64 = 4 * DAY;

/// Marks for counts from 0 to `largest`: 0 first, 1, 2 or 5 times a power of ten apart and never
/// less than 1, the last not below `largest`. At most `most` of them stand above 0; 1 is the least
/// that is heard.
pub fn counts(largest: u64, most: u32) -> Vec<u64> {
    let most = u64::from(most.max(1));
    let mut step = 1_u64;
    for factor in [2, 5, 10].into_iter().cycle() {
        if largest.div_ceil(step) <= most {
            break;
        }
        // 1, 2, 5 and then ten times that: each factor is of the last power of ten.
        step = match factor {
            2 => step.saturating_mul(2),
            5 => (step / 2).saturating_mul(5),
            _ => (step / 5).saturating_mul(10),
        };
    }
    let steps = largest.div_ceil(step).max(1);
    (0..=steps).map(|at| step.saturating_mul(at)).collect()
}

/// Marks for the times of `range`, in milliseconds: at most `most`, at round times of a zone that
/// is `offset_minutes` ahead of UTC (weeks begin on Mondays). If `most` is four or more, there is
/// at least one in a minute and in whatever is longer. The ends of the range may come in any
/// order.
pub fn times(range: (i64, i64), offset_minutes: i32, most: u32) -> TimeTicks {
    let end = |time: i64| time.clamp(-END_OF_TIME, END_OF_TIME);
    let (from, until) = (end(range.0.min(range.1)), end(range.0.max(range.1)));
    // One mark more than there are steps fits in, if the range begins at a round time.
    let steps = i64::from(most.max(2)) - 1;
    let mut step = STEPS.into_iter().find(|step| (until - from) / step < steps).unwrap_or(0);
    if step == 0 {
        step = STEPS[STEPS.len() - 1];
        while (until - from) / step >= steps {
            step *= 2;
        }
    }
    let weeks = if step >= 7 * DAY { MONDAY } else { 0 };
    let to_utc = weeks - i64::from(offset_minutes) * MINUTE;
    let first = (from - to_utc + step - 1).div_euclid(step) * step + to_utc;
    let at = (0..=steps).map(|mark| first + mark * step).take_while(|at| *at <= until).collect();
    let unit = match step {
        ..HOUR => TimeUnit::Minute,
        HOUR..DAY => TimeUnit::Hour,
        _ => TimeUnit::Day,
    };
    TimeTicks { unit, at }
}

// Property tests draw random numbers, which their library cannot do in a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use contract::Timestamp;
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check_times(from: &str, until: &str, offset: i32, marks: &[&str]) {
        let millis = |text: &str| Timestamp::parse(text).expect("a time").unix_millis();
        let ticks = times((millis(from), millis(until)), offset, 6);
        let said: Vec<_> =
            ticks.at.iter().map(|at| Timestamp::from_unix_millis(*at).to_string()).collect();
        assert_eq!(said, marks);
    }

    #[test]
    fn counts_are_marked_at_ones_twos_and_fives() {
        assert_eq!(counts(0, 5), [0, 1]);
        assert_eq!(counts(1, 5), [0, 1]);
        assert_eq!(counts(3, 5), [0, 1, 2, 3]);
        assert_eq!(counts(7, 5), [0, 2, 4, 6, 8]);
        assert_eq!(counts(11, 5), [0, 5, 10, 15]);
        assert_eq!(counts(50, 5), [0, 10, 20, 30, 40, 50]);
        assert_eq!(counts(51, 5), [0, 20, 40, 60]);
        assert_eq!(counts(1_000_000_000_000_000_000, 5).len(), 6);
        assert_eq!(counts(9, 0), [0, 10]);
    }

    #[test]
    fn times_are_marked_where_clocks_are_round() {
        let (ten, eleven) = ("2026-11-25T10:03:00Z", "2026-11-25T11:20:00Z");
        check_times(ten, eleven, 0, &["2026-11-25T10:30:00Z", "2026-11-25T11:00:00Z"]);
        let (wednesday, thursday) = ("2026-11-25T05:00:00Z", "2026-11-26T05:00:00Z");
        check_times(
            wednesday,
            thursday,
            0,
            &[
                "2026-11-25T06:00:00Z",
                "2026-11-25T12:00:00Z",
                "2026-11-25T18:00:00Z",
                "2026-11-26T00:00:00Z",
            ],
        );
        // In India it is half past five, and midnight comes earlier.
        check_times(
            wednesday,
            thursday,
            330,
            &[
                "2026-11-25T06:30:00Z",
                "2026-11-25T12:30:00Z",
                "2026-11-25T18:30:00Z",
                "2026-11-26T00:30:00Z",
            ],
        );
        check_times(
            "2026-11-01T00:00:00Z",
            "2026-11-25T00:00:00Z",
            0,
            &[
                "2026-11-02T00:00:00Z",
                "2026-11-09T00:00:00Z",
                "2026-11-16T00:00:00Z",
                "2026-11-23T00:00:00Z",
            ],
        );
    }

    #[test]
    fn four_marks_are_enough_for_one_to_fall_into_any_range() {
        assert!(STEPS.windows(2).all(|pair| pair[0] < pair[1] && pair[1] <= 3 * pair[0]));
        // From a Tuesday on, six days without a Monday.
        assert!(!times((5 * DAY + 1, 11 * DAY - 1), 0, 4).at.is_empty());
    }

    #[test]
    fn a_mark_is_said_in_the_unit_that_tells_it_from_the_next() {
        let unit = |minutes: i64| times((0, minutes * MINUTE), 0, 6).unit;
        assert_eq!(unit(0), TimeUnit::Minute);
        assert_eq!(unit(60), TimeUnit::Minute);
        assert_eq!(unit(24 * 60), TimeUnit::Hour);
        assert_eq!(unit(7 * 24 * 60), TimeUnit::Day);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn counts_are_whole_even_and_reach_the_largest(
            largest: u64, bits in 0_u32..64, most in 1_u32..12,
        ) {
            let largest = largest >> bits;
            let marks = counts(largest, most);
            prop_assert!(marks.len() as u32 <= most + 1);
            prop_assert_eq!(marks[0], 0);
            prop_assert!(marks[marks.len() - 1] >= largest);
            let step = marks[1];
            let digit = step.to_string().trim_end_matches('0').to_owned();
            prop_assert!(["1", "2", "5"].contains(&&*digit) || step == u64::MAX);
            for pair in marks.windows(2) {
                prop_assert!(pair[1] - pair[0] == step || pair[1] == u64::MAX);
            }
        }

        #[test]
        fn times_are_few_in_order_and_inside(
            from: i64, wild: bool, span in 0_i64..10_000_000_000_000,
            offset in -840..=840_i32, most in 2_u32..12,
        ) {
            let from = if wild { from } else { from % 4_000_000_000_000 };
            let until = from.saturating_add(span);
            let ticks = times((from, until), offset, most);
            prop_assert_eq!(&ticks, &times((until, from), offset, most));
            prop_assert!(ticks.at.len() as u32 <= most);
            let [first, last] = [from, until].map(|it| it.clamp(-END_OF_TIME, END_OF_TIME));
            prop_assert!(ticks.at.iter().all(|at| (first..=last).contains(at)));
            prop_assert!(ticks.at.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(wild || span < MINUTE || most < 4 || !ticks.at.is_empty());
            for at in &ticks.at {
                prop_assert_eq!((at + i64::from(offset) * MINUTE) % MINUTE, 0);
            }
        }
    }
}
