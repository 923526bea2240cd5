use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// An instant in whole milliseconds since 1970-01-01T00:00:00Z, as the wire's datetimes say it.
///
/// Written as RFC 3339 in UTC with `Z`, in milliseconds where they are not zero. Read with or
/// without a fraction, and with or without an offset: a datetime without one is UTC, as
/// FastAPI's naive datetimes are. Digits beyond milliseconds are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The text is not a datetime this API could have sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidTimestamp;

/// A day of UTC in milliseconds: as days are counted here, none has a leap second.
pub const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

impl Timestamp {
    /// The instant `millis` milliseconds after the Unix epoch.
    pub const fn from_unix_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// The instant `seconds` seconds after the Unix epoch, at the ends of time if out of range.
    pub const fn from_unix_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    pub const fn unix_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    pub const fn unix_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Days since the Unix epoch in UTC: two instants share it if they fall on one UTC day.
    pub const fn utc_day(self) -> i64 {
        self.0.div_euclid(DAY_MILLIS)
    }

    /// Reads an RFC 3339 datetime, tolerant as the type's documentation says.
    ///
    /// # Errors
    /// [`InvalidTimestamp`] if the text is no datetime or names a day or an hour that does not
    /// exist. A leap second (`:60`) is read as the second after it.
    pub fn parse(text: &str) -> Result<Self, InvalidTimestamp> {
        let mut rest = Reader(text.as_bytes());
        let year = rest.digits(4)?;
        rest.take_one_of(b"-")?;
        let month = rest.digits(2)?;
        rest.take_one_of(b"-")?;
        let day = rest.digits(2)?;
        rest.take_one_of(b"Tt ")?;
        let hour = rest.digits(2)?;
        rest.take_one_of(b":")?;
        let minute = rest.digits(2)?;
        rest.take_one_of(b":")?;
        let second = rest.digits(2)?;
        let fraction = rest.fraction_millis()?;
        let offset = rest.offset_minutes()?;

        let in_range = (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second <= 60;
        if !in_range {
            return Err(InvalidTimestamp);
        }
        let seconds = (hour * 60 + minute - offset) * 60 + second;
        Ok(Self(days_from_civil(year, month, day) * DAY_MILLIS + seconds * 1000 + fraction))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.utc_day());
        let of_day = self.0.rem_euclid(DAY_MILLIS);
        let (hour, minute) = (of_day / 3_600_000, of_day / 60_000 % 60);
        let (second, millis) = (of_day / 1000 % 60, of_day % 1000);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if millis != 0 {
            write!(f, ".{millis:03}")?;
        }
        f.write_str("Z")
    }
}

impl fmt::Display for InvalidTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an RFC 3339 datetime")
    }
}

impl std::error::Error for InvalidTimestamp {}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Timestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an RFC 3339 datetime")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
                Timestamp::parse(text).map_err(|_| E::custom("not an RFC 3339 datetime"))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// What is left of the text being read.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn digits(&mut self, count: usize) -> Result<i64, InvalidTimestamp> {
        let (head, tail) = self.0.split_at_checked(count).ok_or(InvalidTimestamp)?;
        if !head.iter().all(u8::is_ascii_digit) {
            return Err(InvalidTimestamp);
        }
        self.0 = tail;
        Ok(head.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
    }

    fn take_one_of(&mut self, bytes: &[u8]) -> Result<u8, InvalidTimestamp> {
        let (first, tail) = self.0.split_first().ok_or(InvalidTimestamp)?;
        if !bytes.contains(first) {
            return Err(InvalidTimestamp);
        }
        self.0 = tail;
        Ok(*first)
    }

    fn fraction_millis(&mut self) -> Result<i64, InvalidTimestamp> {
        let Some(tail) = self.0.strip_prefix(b".") else {
            return Ok(0);
        };
        let count = tail.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 {
            return Err(InvalidTimestamp);
        }
        let (digits, rest) = tail.split_at(count);
        self.0 = rest;
        let digit = |place: usize| digits.get(place).map_or(0, |digit| i64::from(digit - b'0'));
        Ok(digit(0) * 100 + digit(1) * 10 + digit(2))
    }

    /// Reads the rest of the text as an offset; nothing left means UTC.
    fn offset_minutes(mut self) -> Result<i64, InvalidTimestamp> {
        if self.0.is_empty() {
            return Ok(0);
        }
        let sign = match self.take_one_of(b"Zz+-")? {
            b'+' => 1,
            b'-' => -1,
            _ if self.0.is_empty() => return Ok(0),
            _ => return Err(InvalidTimestamp),
        };
        let hours = self.digits(2)?;
        // `+0100` is ISO 8601's basic form, which some servers send.
        if self.0.first() == Some(&b':') {
            self.take_one_of(b":")?;
        }
        let minutes = self.digits(2)?;
        if !self.0.is_empty() || hours > 23 || minutes > 59 {
            return Err(InvalidTimestamp);
        }
        Ok(sign * (hours * 60 + minutes))
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a day of the proleptic Gregorian calendar. Years are counted from
/// March, so that the leap day is the last day of its year and months fall into a fixed pattern.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The year, month and day of a day counted from 1970-01-01: the inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, millis: i64) {
        assert_eq!(Timestamp::parse(text), Ok(Timestamp(millis)), "{text}");
    }

    #[test]
    fn reads_every_form_the_documents_leave_open() {
        check("1970-01-01T00:00:00Z", 0);
        check("2026-11-23T17:48:21Z", 1_795_456_101_000);
        check("2026-11-23T17:48:21", 1_795_456_101_000);
        check("2026-11-23 17:48:21", 1_795_456_101_000);
        check("2026-11-23T17:48:21.5", 1_795_456_101_500);
        check("2026-11-23T17:48:21.123456789Z", 1_795_456_101_123);
        check("2026-11-23T18:48:21+01:00", 1_795_456_101_000);
        check("2026-11-23T12:18:21-0530", 1_795_456_101_000);
        check("2024-02-29T00:00:00Z", 1_709_164_800_000);
    }

    #[test]
    fn refuses_what_is_no_datetime() {
        for text in [
            "",
            "yesterday",
            "2026-11-23",
            "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-11-23T24:00:00Z",
            "2026-11-23T10:60:00Z",
            "2026-11-23T10:00:00.Z",
            "2026-11-23T10:00:00Zjunk",
            "2026-11-23T10:00:00+25:00",
            "2026-11-23T10:00:00+01",
            "２０２６-11-23T10:00:00Z",
        ] {
            assert_eq!(Timestamp::parse(text), Err(InvalidTimestamp), "{text}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_a_calendar_library(millis in -62_135_596_800_000_i64..253_402_300_800_000) {
            let ours = Timestamp(millis);
            let theirs = jiff::Timestamp::from_millisecond(millis).expect("in jiff's range");
            prop_assert_eq!(Timestamp::parse(&theirs.to_string()), Ok(ours));
            prop_assert_eq!(ours.to_string().parse::<jiff::Timestamp>().ok(), Some(theirs));
        }

        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            let _ = Timestamp::parse(&text);
        }
    }
}
