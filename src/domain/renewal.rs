//! When a bearer token is to be renewed, and how often at most.
//!
//! No clock is to be trusted. The wall clock may be years off or be set while the app runs, and
//! the monotonic one stands still in some browsers while the machine sleeps. So a token is as old
//! as the faster of the two says, and whatever they say, renewing has a pace that it never
//! exceeds. The truth is the Key API's 401.

/// A reading of both clocks of the browser, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Since the Unix epoch, by the wall clock.
    pub wall: i64,
    /// Since the page began, by the monotonic clock; `None` for a moment of another page.
    pub monotonic: Option<i64>,
}

impl Moment {
    /// The milliseconds from this moment until `later`, by the wall clock and by the monotonic one,
    /// if both moments have it.
    pub fn until(self, later: Self) -> (i64, Option<i64>) {
        let monotonic = self.monotonic.zip(later.monotonic);
        (
            later.wall.saturating_sub(self.wall),
            monotonic.map(|(from, until)| until.saturating_sub(from)),
        )
    }
}

/// The share of a token's life, in percent, after which it is renewed before it is used.
const DUE_AT_PERCENT: i64 = 80;

/// Attempts to renew are at least this far apart, in milliseconds, so that no clock, no token that
/// is born dead and no failing API makes a storm of them.
const SHORTEST_GAP: i64 = 5_000;

/// So far may two tabs read the same wall clock apart, in milliseconds: browsers round it.
const SLACK: i64 = 1_000;

/// Whether a token that came at `came` and lives for `life` milliseconds is to be renewed before
/// it is used at `now`. One whose life is unknown is used until the API refuses it.
pub fn is_due(came: Moment, life: Option<u64>, now: Moment) -> bool {
    let Some(life) = life.and_then(|life| i64::try_from(life).ok()) else {
        return false;
    };
    let (by_wall, by_monotonic) = came.until(now);
    match by_monotonic {
        // The wall clock was set back across a reload: how old the token is cannot be told.
        None if by_wall < -SLACK => true,
        age => age.unwrap_or(by_wall).max(by_wall) >= life / 100 * DUE_AT_PERCENT,
    }
}

/// How many milliseconds are to pass before another attempt may begin, if the last one began at
/// `last`.
pub fn pause(last: Option<Moment>, now: Moment) -> Option<u32> {
    let left = last.and_then(|last| last.until(now).1).map(|since| SHORTEST_GAP - since)?;
    // A monotonic clock that is behind is none: then the whole gap is waited for.
    u32::try_from(left.min(SHORTEST_GAP)).ok().filter(|left| *left > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;
    const YEAR: i64 = 365 * 24 * 60 * MINUTE;
    /// Ten minutes, as the local Key API has it.
    const LIFE: Option<u64> = Some(600_000);

    fn at(wall: i64, monotonic: i64) -> Moment {
        Moment { wall, monotonic: Some(monotonic) }
    }

    #[track_caller]
    fn check(came: Moment, now: Moment, due: bool) {
        assert_eq!(is_due(came, LIFE, now), due, "{came:?} {now:?}");
    }

    #[test]
    fn a_token_is_due_when_four_fifths_of_its_life_have_passed_by_either_clock() {
        check(at(0, 0), at(0, 0), false);
        check(at(0, 0), at(8 * MINUTE - 1, 8 * MINUTE - 1), false);
        check(at(0, 0), at(8 * MINUTE, 8 * MINUTE), true);
        // Asleep for hours: the monotonic clock may have stood still.
        check(at(0, 0), at(300 * MINUTE, 1), true);
        // The wall clock was set back by years, and the token is old all the same.
        check(at(0, 0), at(-20 * YEAR, 8 * MINUTE), true);
        check(at(0, 0), at(-20 * YEAR, MINUTE), false);
    }

    #[test]
    fn after_a_reload_only_the_wall_clock_tells() {
        let came = Moment { wall: 0, monotonic: None };
        check(came, at(MINUTE, 10), false);
        check(came, at(8 * MINUTE, 10), true);
        check(came, at(-1_001, 10), true);
        check(came, at(-1_000, 10), false);
    }

    #[test]
    fn a_token_of_unknown_life_is_used_until_the_api_refuses_it() {
        assert!(!is_due(at(0, 0), None, at(10 * YEAR, YEAR)));
        assert!(!is_due(at(0, 0), Some(u64::MAX), at(10 * YEAR, YEAR)));
    }

    #[test]
    fn attempts_keep_their_distance_whatever_the_wall_clock_says() {
        assert_eq!(pause(None, at(0, 0)), None);
        assert_eq!(pause(Some(at(0, 100)), at(10 * YEAR, 100)), Some(5_000));
        assert_eq!(pause(Some(at(0, 100)), at(0, 4_100)), Some(1_000));
        assert_eq!(pause(Some(at(0, 100)), at(0, 5_100)), None);
        assert_eq!(pause(Some(at(0, 100)), at(0, i64::MAX)), None);
        assert_eq!(pause(Some(at(0, 100)), at(0, 0)), Some(5_000));
    }
}
