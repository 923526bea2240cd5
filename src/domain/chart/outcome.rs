//! Where the marks of one key's outcomes and quota lie, as plain numbers. Every length is a share
//! of 100, so that the drawing can have any size; none is ever negative or not a number.

use std::f64::consts::TAU;

use super::{Tenths, pixels};
use crate::domain::usage::{Quota, Usage};

/// A share that is not nothing is drawn at least this long, so that 14 failures in a million do
/// not vanish.
const VISIBLE: f64 = 1.5;

/// A quota meter reaches at most this many percent, so that the mark of 100 stays apart from 0.
const METER_END: f64 = 400.0;

/// The outcome ring, clockwise from the top: successful, then failed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ring {
    /// Length of the successful part.
    pub successful: f64,
    /// Length of the failed part.
    pub failed: f64,
}

/// The quota meter, from the left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meter {
    /// Length of what is used up.
    pub filled: f64,
    /// Where 100 percent of the quota lie.
    pub limit: f64,
}

/// The ring of a key's outcomes; `None` if there were no requests.
pub fn ring(usage: &Usage) -> Option<Ring> {
    let rate = usage.success_rate()?;
    let failed = match (usage.successful, usage.failed) {
        (_, 0) => 0.0,
        (0, _) => 100.0,
        _ => ((1.0 - rate) * 100.0).clamp(VISIBLE, 100.0 - VISIBLE),
    };
    Some(Ring { successful: 100.0 - failed, failed })
}

/// Gives the sine and the cosine of an angle in radians. Every browser has them; compiled in, they
/// are five kilobytes.
pub type SineCosine = fn(f64) -> (f64, f64);

/// The parts of a ring as paths to be filled, for a square 100 pixels wide.
pub fn sectors(ring: Ring, sine_cosine: SineCosine) -> [String; 2] {
    let Ring { successful, failed } = ring;
    let sector = |from, until| sector(from, until, sine_cosine);
    [sector(0.0, successful), sector(successful, successful + failed)]
}

/// What lies from one share of a turn to another. It goes there in two arcs, since one that ends
/// where it begins would be nothing.
fn sector(from: f64, until: f64, sine_cosine: SineCosine) -> String {
    const CENTRE: f64 = 500.0;
    const OUTER: f64 = 450.0;
    const INNER: f64 = 350.0;
    if until <= from {
        return String::new();
    }
    let middle = from.midpoint(until);
    let place = |share: f64, radius: f64| {
        let (sine, cosine) = sine_cosine(share / 100.0 * TAU);
        let places = [CENTRE + radius * sine, CENTRE - radius * cosine];
        // Within the square, whatever the share.
        places.map(|place| pixels(place.round() as Tenths)).join(" ")
    };
    let arc = |to: f64, radius: f64, sweep: &str| {
        let length = pixels(radius as Tenths);
        ["A", &length, " ", &length, " 0 0 ", sweep, " ", &place(to, radius)].concat()
    };
    [
        "M",
        &place(from, OUTER),
        &arc(middle, OUTER, "1"),
        &arc(until, OUTER, "1"),
        "L",
        &place(until, INNER),
        &arc(middle, INNER, "0"),
        &arc(from, INNER, "0"),
        "Z",
    ]
    .concat()
}

/// The meter of a key's quota; `None` if it has none.
pub fn meter(quota: Quota) -> Option<Meter> {
    let percent = quota.percent()?.min(METER_END);
    let end = percent.max(100.0);
    Some(Meter { filled: percent / end * 100.0, limit: 100.0 / end * 100.0 })
}

// Property tests draw random numbers, which their library cannot do in a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn usage(successful: u64, failed: u64, quota: Quota) -> Usage {
        Usage { completed: 0, successful, failed, quota, per_day: 0.0 }
    }

    #[test]
    fn a_key_without_requests_has_no_ring() {
        assert_eq!(ring(&usage(0, 0, Quota::Unlimited)), None);
    }

    #[test]
    fn the_parts_of_a_ring_meet_and_a_whole_one_is_whole() {
        let half = sectors(Ring { successful: 50.0, failed: 50.0 }, f64::sin_cos);
        let right = "M50 5A45 45 0 0 1 95 50A45 45 0 0 1 50 95L50 85A35 35 0 0 0 85 50\
                     A35 35 0 0 0 50 15Z";
        let left = "M50 95A45 45 0 0 1 5 50A45 45 0 0 1 50 5L50 15A35 35 0 0 0 15 50\
                    A35 35 0 0 0 50 85Z";
        assert_eq!(half, [right, left]);
        let [whole, none] = sectors(Ring { successful: 100.0, failed: 0.0 }, f64::sin_cos);
        assert!(whole.starts_with("M50 5A45 45 0 0 1 50 95A45 45 0 0 1 50 5L"), "{whole}");
        assert_eq!(none, "");
    }

    #[test]
    fn one_failure_in_a_billion_can_be_seen_and_one_success_too() {
        let few_failures = ring(&usage(1_000_000_000, 1, Quota::Unlimited)).expect("a ring");
        assert_eq!(few_failures.failed, VISIBLE);
        let few_successes = ring(&usage(1, 1_000_000_000, Quota::Unlimited)).expect("a ring");
        assert_eq!(few_successes.successful, VISIBLE);
        let none = ring(&usage(7, 0, Quota::Unlimited)).expect("a ring");
        assert_eq!(none.failed, 0.0);
    }

    #[test]
    fn over_quota_the_limit_moves_into_the_meter() {
        let half = meter(Quota::Within(50.0)).expect("a meter");
        assert_eq!((half.filled, half.limit), (50.0, 100.0));
        let double = meter(Quota::Over(200.0)).expect("a meter");
        assert_eq!((double.filled, double.limit), (100.0, 50.0));
        assert_eq!(meter(Quota::Unlimited), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn every_length_can_be_drawn(successful: u64, failed: u64, percent in 0.0..f64::MAX) {
            if let Some(ring) = ring(&usage(successful, failed, Quota::Unlimited)) {
                prop_assert!((0.0..=100.0).contains(&ring.successful));
                prop_assert!((0.0..=100.0).contains(&ring.failed));
            }
            let quota = if percent > 100.0 { Quota::Over(percent) } else { Quota::Within(percent) };
            let meter = meter(quota).expect("a meter");
            prop_assert!((0.0..=100.0).contains(&meter.filled));
            prop_assert!((25.0..=100.0).contains(&meter.limit));
        }
    }
}
