//! When a read that failed is worth repeating, and how long to wait before that.
//!
//! Changes are never repeated by themselves: their outcome may be unknown.

use contract::Timestamp;

/// A read is repeated at most this often.
pub const MOST_REPEATS: u32 = 2;

/// The longest wait that a server is believed, in seconds: five minutes.
pub const MOST_SECONDS: u32 = 300;

/// The shortest pause before a repeat, in milliseconds.
const SHORTEST: u32 = 300;

/// The longest pause that is not the server's own wish, in milliseconds.
const LONGEST: u32 = 4_000;

/// Trouble that may pass by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setback {
    /// There was no answer, or a gateway's: 502, 503 or 504.
    Outage,
    /// 429, with the seconds to wait if the server named some.
    Throttled(Option<u32>),
}

/// The milliseconds to wait before a read is repeated; `None` if it is not to be.
///
/// `repeats` is how often it was repeated already. `random`, from 0 to 1, spreads the repeats of
/// many pages ("full jitter"), so that a server that comes back is not met by all at once.
pub fn pause_millis(setback: Setback, repeats: u32, random: f64) -> Option<u32> {
    if repeats >= MOST_REPEATS {
        return None;
    }
    let ceiling = LONGEST >> (MOST_REPEATS - 1 - repeats);
    let random = if random.is_finite() { random.clamp(0.0, 1.0) } else { 0.5 };
    let own = SHORTEST + (f64::from(ceiling - SHORTEST) * random) as u32;
    Some(match setback {
        Setback::Throttled(Some(seconds)) => own.max(seconds.min(MOST_SECONDS) * 1000),
        Setback::Throttled(None) | Setback::Outage => own,
    })
}

/// The seconds that a `Retry-After` header asks for (RFC 9110, section 10.2.3), at most
/// [`MOST_SECONDS`]. `now` is the time it was received, by the clock of the server that wrote it.
/// `None` if it cannot be read.
pub fn retry_after_seconds(header: &str, now: Timestamp) -> Option<u32> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that no integer holds is a very long time.
        return Some(header.parse().unwrap_or(u32::MAX).min(MOST_SECONDS));
    }
    let millis = http_date(header)?.unix_millis().saturating_sub(now.unix_millis());
    // Rounded up: a request that comes a moment too early is refused again.
    let seconds = millis.max(0).saturating_add(999) / 1000;
    Some(u32::try_from(seconds).unwrap_or(u32::MAX).min(MOST_SECONDS))
}

/// Reads an HTTP date in the one form that may be sent, such as `Sun, 06 Nov 1994 08:49:37 GMT`
/// (RFC 9110, section 5.6.7). The two forms of the past are not read: nothing hangs on them.
pub fn http_date(header: &str) -> Option<Timestamp> {
    const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    let mut parts = header.trim().split(' ');
    let mut part = || parts.next();
    let (weekday, day, month, year) = (part()?, part()?, part()?, part()?);
    let (time, zone) = (part()?, part()?);
    if !weekday.ends_with(',') || zone != "GMT" || parts.next().is_some() {
        return None;
    }
    let month = MONTHS.chunks(3).position(|name| name == month.as_bytes())? + 1;
    Timestamp::parse(&format!("{year}-{month:02}-{day}T{time}Z")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(784_111_777);

    #[test]
    fn a_read_is_repeated_twice_at_most() {
        for setback in [Setback::Outage, Setback::Throttled(None), Setback::Throttled(Some(9))] {
            assert!(pause_millis(setback, 0, 0.5).is_some());
            assert!(pause_millis(setback, 1, 0.5).is_some());
            assert_eq!(pause_millis(setback, 2, 0.5), None);
        }
    }

    #[test]
    fn the_pause_is_spread_over_its_whole_range_which_grows() {
        let outage = |repeats, random| pause_millis(Setback::Outage, repeats, random);
        assert_eq!([outage(0, 0.0), outage(0, 1.0)], [Some(300), Some(2_000)]);
        assert_eq!([outage(1, 0.0), outage(1, 1.0)], [Some(300), Some(4_000)]);
        assert_eq!(outage(1, 0.5), Some(2_150));
        for odd in [-1.0, 7.0, f64::NAN, f64::INFINITY] {
            let pause = outage(1, odd).expect("a pause");
            assert!((SHORTEST..=LONGEST).contains(&pause), "{odd}: {pause}");
        }
    }

    #[test]
    fn the_servers_wish_is_honoured_up_to_five_minutes() {
        let throttled = |seconds| pause_millis(Setback::Throttled(Some(seconds)), 0, 0.0);
        assert_eq!(throttled(42), Some(42_000));
        assert_eq!(throttled(0), Some(300), "at once is too soon for everybody");
        assert_eq!(throttled(u32::MAX), Some(300_000));
    }

    #[test]
    fn seconds_and_dates_are_read_and_garbage_is_not() {
        let read = |header: &str| retry_after_seconds(header, NOW);
        assert_eq!(read("0"), Some(0));
        assert_eq!(read(" 42 "), Some(42));
        assert_eq!(read("315360000"), Some(300), "ten years");
        assert_eq!(read("99999999999999999999"), Some(300));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:59 GMT"), Some(22));
        assert_eq!(read("Sun, 06 Nov 2104 08:49:59 GMT"), Some(300));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:00 GMT"), Some(0), "it has passed");
        for garbage in ["", "soon", "-5", "1.5", "4 2", "٤٢", "Sun, 06 Nov 1994 08:49:37"] {
            assert_eq!(read(garbage), None, "{garbage}");
        }
        let later = Timestamp::from_unix_millis(NOW.unix_millis() + 1);
        assert_eq!(retry_after_seconds("Sun, 06 Nov 1994 08:49:39 GMT", later), Some(2));
    }

    #[test]
    fn an_http_date_names_an_instant_or_nothing() {
        assert_eq!(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(NOW));
        for none in [
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sun, 06 anF 1994 08:49:37 GMT",
            "Sun, 06  1994 08:49:37 GMT",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 x GMT",
            "Sun, é6 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(http_date(none), None, "{none}");
        }
    }
}
