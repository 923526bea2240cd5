//! When today's quota will be used up, as a range: how fast it went today says how fast it may go.

use contract::Timestamp;

use super::entry::Entry;
use super::{DAY, MINUTE};

/// What can be said of when the quota will be used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runway {
    /// The key has no quota.
    NoQuota,
    /// Fewer than three looks today, or less than ten minutes from the first to the last.
    NotEnoughData,
    /// It holds until it is reset, at midnight (UTC).
    NotBeforeReset,
    /// It will be used up.
    Reaches {
        /// At the fastest pace that is plausible; not before now.
        earliest: Timestamp,
        /// At the slowest; `None` if it may as well hold until it is reset.
        latest: Option<Timestamp>,
    },
    /// It is used up.
    Reached,
}

/// A quota that is used up, in tenths of a percent.
const FULL: u64 = 1_000;

/// So many parts of what was seen are taken for what may come.
const PARTS: i64 = 4;

/// One look: when, in milliseconds, how much of the quota, and how many requests.
#[derive(Clone, Copy)]
struct Sample {
    at: i64,
    quota: u64,
    completed: u64,
}

/// What the looks of today (UTC) say of the quota.
///
/// The slowest and the fastest pace are those of the whole and of each quarter of what was seen
/// since the quota last went down, each widened by what rounding, whole requests and chance may
/// hide. A pace that was not seen today, such as the evening's in the morning, is not foreseen.
/// Neither is a request where none was seen.
pub fn runway(entries: &[Entry], now: Timestamp) -> Runway {
    let (midnight, now) = (now.utc_day().saturating_mul(DAY), now.unix_millis());
    let reset = midnight.saturating_add(DAY);
    if entries.last().is_some_and(|last| last.figures.quota.is_none()) {
        return Runway::NoQuota;
    }
    let (samples, looks) = samples(entries, midnight, now);
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
        return Runway::NotEnoughData;
    };
    if last.quota >= FULL {
        return Runway::Reached;
    }
    if looks < 3 || last.at - first.at < 10 * MINUTE {
        return Runway::NotEnoughData;
    }
    let (slowest, fastest, request) = paces(&samples, *first, *last);
    let left = (FULL - last.quota) as f64;
    // Shown numbers are rounded, and the next request may be about to come.
    let earliest = time_after(last.at, (left - 0.5 - request).max(0.0), fastest).max(now);
    let latest = time_after(last.at, left + 0.5, slowest).max(now);
    if earliest >= reset {
        return Runway::NotBeforeReset;
    }
    Runway::Reaches {
        earliest: Timestamp::from_unix_millis(earliest),
        latest: (latest < reset).then(|| Timestamp::from_unix_millis(latest)),
    }
}

/// The looks from `midnight` to `now` since the quota or the counter last went down, and how many
/// they are: looks that saw the same stand as the first and last of them.
fn samples(entries: &[Entry], midnight: i64, now: i64) -> (Vec<Sample>, u32) {
    let mut samples: Vec<Sample> = Vec::new();
    let mut looks = 0_u32;
    for Entry { since, until, looks: count, figures } in entries {
        let Some(quota) = figures.quota else {
            samples.clear();
            looks = 0;
            continue;
        };
        let seen = [since.unix_millis(), until.unix_millis()];
        let is_today = seen.map(|at| (midnight..=now).contains(&at));
        for (at, is_today) in seen.into_iter().zip(is_today) {
            let last = samples.last();
            if !is_today || last.is_some_and(|last| at <= last.at) {
                continue;
            }
            if last.is_some_and(|it| quota < it.quota || figures.completed < it.completed) {
                samples.clear();
                looks = 0;
            }
            samples.push(Sample { at, quota, completed: figures.completed });
        }
        looks = looks.saturating_add(match is_today {
            [true, true] => *count,
            [false, false] => 0,
            // How many of them are of today is not known.
            _ => 1,
        });
    }
    (samples, looks)
}

/// The slowest and the fastest plausible pace, in tenths of a percent a millisecond, and how much
/// one request takes, in tenths of a percent.
fn paces(samples: &[Sample], first: Sample, last: Sample) -> (f64, f64, f64) {
    let requests = (last.completed - first.completed) as f64;
    let used = (last.quota - first.quota) as f64;
    // At most: what is shown is rounded. Without a request, its size cannot be known.
    let request = if requests > 0.0 { (used + 1.0) / requests } else { 0.0 };
    let span = (last.at - first.at) as f64;
    let (mut slowest, mut fastest) = (used / span, used / span);
    let mut widen = |from: Sample, to: Sample| {
        let (used, time) = ((to.quota - from.quota) as f64, (to.at - from.at) as f64);
        // Each end is rounded by half a tenth.
        let hidden = 1.0;
        slowest = slowest.min((used - hidden) / time);
        fastest = fastest.max((used + hidden) / time);
    };
    widen(first, last);
    let mut from = first;
    for sample in samples {
        if (sample.at - from.at).saturating_mul(PARTS) >= last.at - first.at {
            widen(from, *sample);
            from = *sample;
        }
    }
    // Four parts out of many do not show all that may come. Requests that come by chance vary by
    // the root of their number, which is also more than the one that may be about to come.
    let chance = (fastest - slowest) / 8.0 + request * requests.sqrt() / span;
    ((slowest - chance).max(0.0), fastest + chance, request)
}

/// The time at which `left` is used up, at the end of time if never.
fn time_after(start: i64, left: f64, pace: f64) -> i64 {
    // Conversions to whole numbers stop at their ends; nothing is left at no pace is now.
    start.saturating_add(if left == 0.0 { 0 } else { (left / pace) as i64 })
}

// Property tests draw random numbers, which their library cannot do in a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::super::HOUR;
    use super::super::entry::Figures;
    use super::super::history::History;
    use super::*;

    const MIDNIGHT: i64 = 20_000 * DAY;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_unix_millis(MIDNIGHT + millis)
    }

    /// Looks at so many requests of a quota of `quota` requests.
    fn history(quota: u64, looks: impl IntoIterator<Item = (i64, u64)>) -> History {
        let mut history = History::default();
        for (time, requests) in looks {
            let tenths = (requests as f64 / quota as f64 * 1_000.0).round() as u64;
            let figures =
                Figures { completed: requests, quota: Some(tenths), ..Figures::default() };
            history.record(at(time), figures);
        }
        history
    }

    fn of(history: &History, now: i64) -> Runway {
        runway(history.entries(), at(now))
    }

    #[test]
    fn fewer_than_three_looks_or_ten_minutes_are_not_enough() {
        let looks = [(0, 100), (5 * MINUTE, 110), (10 * MINUTE, 120)];
        let two = [looks[0], looks[2]];
        assert_eq!(of(&history(1_000, two), HOUR), Runway::NotEnoughData);
        assert!(matches!(of(&history(1_000, looks), 10 * MINUTE), Runway::Reaches { .. }));
        let fast = looks.map(|(time, count)| (time - time / 100, count));
        assert_eq!(of(&history(1_000, fast), HOUR), Runway::NotEnoughData);
        assert_eq!(of(&History::default(), HOUR), Runway::NotEnoughData);
        let yesterday = looks.map(|(time, count)| (time - HOUR, count));
        assert_eq!(of(&history(1_000, yesterday), HOUR), Runway::NotEnoughData);
    }

    #[test]
    fn looks_that_saw_the_same_are_looks_too() {
        let idle = history(1_000, [(0, 100), (5 * MINUTE, 100), (HOUR, 100)]);
        assert_eq!(idle.entries().len(), 1);
        assert_eq!(of(&idle, HOUR), Runway::NotBeforeReset);
        let over_midnight = history(1_000, [(-HOUR, 0), (MINUTE, 0), (HOUR, 0)]);
        assert_eq!(of(&over_midnight, HOUR), Runway::NotEnoughData);
    }

    #[test]
    fn a_quota_may_be_missing_or_used_up() {
        let mut looks = history(1_000, [(0, 1_000)]);
        assert_eq!(of(&looks, HOUR), Runway::Reached);
        assert_eq!(of(&looks, DAY + HOUR), Runway::NotEnoughData, "a new day has a new quota");
        looks.record(at(1), Figures::default());
        assert_eq!(of(&looks, HOUR), Runway::NoQuota);
    }

    #[test]
    fn the_pace_is_of_the_time_since_the_quota_went_down() {
        let late_reset = [(0, 900), (5 * MINUTE, 1), (10 * MINUTE, 2), (HOUR, 12)];
        let figures = |(time, used): (i64, u64)| {
            let figures = Figures { completed: 5_000, quota: Some(used), ..Figures::default() };
            (at(time), figures)
        };
        let mut history = History::default();
        for (time, figures) in late_reset.map(figures) {
            history.record(time, figures);
        }
        assert_eq!(of(&history, HOUR), Runway::NotBeforeReset);
    }

    #[test]
    fn a_steady_pace_gives_a_narrow_range_around_the_truth() {
        // One request of 1,000 every half minute: used up after 500 minutes.
        let looks = (0..=120).map(|minute| (minute * MINUTE, 2 * minute as u64));
        let Runway::Reaches { earliest, latest: Some(latest) } =
            of(&history(1_000, looks), 2 * HOUR)
        else {
            panic!("it will be used up today");
        };
        assert!((at(400 * MINUTE)..=at(500 * MINUTE)).contains(&earliest), "{earliest}");
        assert!((at(500 * MINUTE)..=at(640 * MINUTE)).contains(&latest), "{latest}");
    }

    /// Whether it is so that the quota is used up at `reached`, in milliseconds of the day.
    fn holds(runway: Runway, reached: f64) -> bool {
        let time = |it: Timestamp| (it.unix_millis() - MIDNIGHT) as f64;
        match runway {
            Runway::NotBeforeReset => reached >= DAY as f64,
            Runway::Reaches { earliest, latest } => {
                // A millisecond, because times are whole.
                let is_late_enough = time(earliest) <= reached + 1.0;
                is_late_enough && latest.is_none_or(|latest| reached <= time(latest) + 1.0)
            }
            Runway::Reached => reached <= DAY as f64,
            Runway::NoQuota | Runway::NotEnoughData => false,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            max_global_rejects: 100_000,
            ..ProptestConfig::with_cases(10_000)
        })]

        #[test]
        fn a_constant_rate_always_reaches_the_quota_within_the_range(
            quota in prop_oneof![5_u64..50, 50_u64..100_000],
            every in prop_oneof![20.0..1e5, 1e5..1e7_f64],
            start in 0..12 * HOUR,
            gaps in prop::collection::vec(10_000..HOUR, 3..40),
        ) {
            let (mut time, mut looks) = (start, Vec::new());
            for gap in gaps {
                looks.push((time, (time as f64 / every) as u64));
                time += gap;
            }
            let reached = quota as f64 * every;
            let (last, requests) = looks[looks.len() - 1];
            prop_assume!(last - start >= 10 * MINUTE && last < DAY && requests < quota);
            prop_assume!(looks[0].1 < requests);
            let runway = of(&history(quota, looks), last);
            prop_assert!(holds(runway, reached), "{:?} {}", runway, at(reached as i64));
        }

        #[test]
        fn whatever_was_seen_the_range_lies_between_now_and_midnight(
            looks in prop::collection::vec((-DAY..2 * DAY, any::<u64>(), any::<u64>()), 0..12),
            now in 0..DAY,
        ) {
            let mut history = History::default();
            for (time, completed, quota) in looks {
                let quota = Some(quota >> (completed % 64));
                history.record(at(time), Figures { completed, quota, ..Figures::default() });
            }
            if let Runway::Reaches { earliest, latest } = of(&history, now) {
                prop_assert!(at(now) <= earliest && earliest < at(DAY));
                prop_assert!(latest.is_none_or(|it| earliest <= it && it < at(DAY)));
            }
        }
    }

    /// Numbers from 0 to 1 that look random and are always the same.
    struct Chance(u64);

    impl Chance {
        fn next(&mut self) -> f64 {
            // SplitMix64 (Steele, Lea, Flood 2014).
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut bits = self.0;
            bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
        }
    }

    #[test]
    fn a_noisy_rate_reaches_the_quota_within_the_range_in_97_of_100_days() {
        let (mut days, mut right, mut dated, mut today) = (0, 0, 0, 0);
        for seed in 0..2_000 {
            let mut chance = Chance(seed);
            let quota = 200 + (chance.next() * 5_000.0) as u64;
            // The mean pace uses the quota up between a third of a day and two days.
            let mean = (DAY as f64 / quota as f64) * (0.33 + chance.next() * 1.7);
            let start = (chance.next() * 3.0 * HOUR as f64) as i64;
            let watched = 20 * MINUTE + (chance.next() * 4.0 * HOUR as f64) as i64;
            // Requests come by chance (a Poisson process), and the pace varies by half each
            // quarter of an hour.
            let (mut time, mut requests, mut times) = (0.0, 0, Vec::new());
            let (mut pace, mut paced_until) = (1.0, 0.0);
            while requests < quota && time < 9.0 * DAY as f64 {
                if time >= paced_until {
                    pace = 0.5 + chance.next();
                    paced_until = time + 15.0 * MINUTE as f64;
                }
                time += -(1.0 - chance.next()).ln() * mean / pace;
                requests += 1;
                times.push(time);
            }
            let looks =
                (0..).map(|look| start + look * MINUTE).take_while(|it| *it <= start + watched);
            let seen = |it: i64| times.iter().take_while(|time| **time <= it as f64).count() as u64;
            let history = history(quota, looks.map(|it| (it, seen(it))));
            let runway = of(&history, start + watched);
            days += 1;
            today += i32::from(time < DAY as f64);
            right += i32::from(holds(runway, time));
            dated += i32::from(matches!(runway, Runway::Reaches { latest: Some(_), .. }));
        }
        assert!(right * 100 >= days * 97, "{right} of {days}");
        assert!(dated * 5 >= today * 2, "ranges without an end: all but {dated} of {today}");
    }
}
