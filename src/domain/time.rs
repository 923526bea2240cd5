//! How an instant reads from another: "just now", "3 hours ago", or the date.

pub use contract::DAY_MILLIS;
use contract::Timestamp;

/// A minute in milliseconds.
pub const MINUTE_MILLIS: i64 = 60_000;

/// An hour in milliseconds.
pub const HOUR_MILLIS: i64 = 60 * MINUTE_MILLIS;

/// The farthest instants from 1970 that a browser can name, in milliseconds (ECMA-262, "Time
/// Values and Time Range").
pub const END_OF_TIME: i64 = 8_640_000_000_000_000;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How a past instant is to be worded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wording {
    /// Less than a minute ago, or in the future: the server's clock may be ahead of ours.
    JustNow,
    /// This many minutes ago, under an hour.
    Minutes(i64),
    /// This many hours ago, under a day.
    Hours(i64),
    /// This many days ago, at most 30.
    Days(i64),
    /// Longer ago: the date says more.
    Date,
}

/// How `then` reads at the time `now`.
pub fn wording(then: Timestamp, now: Timestamp) -> Wording {
    let seconds = (now.unix_millis() - then.unix_millis()).div_euclid(1000);
    match seconds {
        ..MINUTE => Wording::JustNow,
        MINUTE..HOUR => Wording::Minutes(seconds / MINUTE),
        HOUR..DAY => Wording::Hours(seconds / HOUR),
        _ if seconds / DAY <= 30 => Wording::Days(seconds / DAY),
        _ => Wording::Date,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wording_grows_coarser_with_age() {
        let now = Timestamp::from_unix_seconds(1_795_456_101);
        let after =
            |seconds: i64| wording(Timestamp::from_unix_seconds(now.unix_seconds() - seconds), now);
        assert_eq!(after(-3600), Wording::JustNow);
        assert_eq!(after(0), Wording::JustNow);
        assert_eq!(after(59), Wording::JustNow);
        assert_eq!(after(60), Wording::Minutes(1));
        assert_eq!(after(3599), Wording::Minutes(59));
        assert_eq!(after(3600), Wording::Hours(1));
        assert_eq!(after(86_399), Wording::Hours(23));
        assert_eq!(after(86_400), Wording::Days(1));
        assert_eq!(after(30 * DAY + 5), Wording::Days(30));
        assert_eq!(after(31 * DAY), Wording::Date);
    }
}
