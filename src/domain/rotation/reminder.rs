//! A reminder to finish a rotation, or to rotate a key on a date, as a calendar file (iCalendar,
//! RFC 5545). It needs no server, and works where the API knows no expiry.
//!
//! A calendar is read by others and may lie in a cloud: the file holds the texts it is given, the
//! identity of the key, and nothing else. There is no place for a secret.

use std::fmt::Write as _;

use contract::Timestamp;

use crate::domain::key::KeyId;
use crate::domain::names::visible;

/// The media type of the file (RFC 5545, section 8.1).
pub const MEDIA_TYPE: &str = "text/calendar;charset=utf-8";

/// A line has so many octets at most, without its end (RFC 5545, section 3.1).
const LONGEST_LINE: usize = 75;

/// What is to be remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reminder<'a> {
    /// Which key, and for what.
    pub of: KeyId,
    /// What is to be done.
    pub purpose: Purpose,
    /// When.
    pub due: Due,
    /// What the calendar shows, in one line.
    pub summary: &'a str,
    /// What it shows beside it; lines end with `\n`.
    pub description: &'a str,
    /// The address of the page on which to go on. One that is no plain address is left out.
    pub url: &'a str,
}

/// What is to be done with the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The rotation is to be finished.
    Finish,
    /// The key is to be rotated.
    Rotate,
}

/// When it is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// At this instant. The alarm comes then.
    At(Timestamp),
    /// On this day, wherever its user is. The alarm comes at nine in the morning.
    On(Day),
}

/// A day of the calendar, in no time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(Timestamp);

impl Day {
    /// Reads a day as a date field has it, such as `2026-11-25`. `None` if there is no such day.
    pub fn parse(text: &str) -> Option<Self> {
        Timestamp::parse(&format!("{text}T00:00:00Z")).ok().map(Self)
    }
}

impl Reminder<'_> {
    /// The file, written at the time `now`. The same reminder has the same UID, so that a calendar
    /// which takes in a second one changes the first.
    pub fn write(&self, now: Timestamp) -> String {
        let purpose = match self.purpose {
            Purpose::Finish => "finish",
            Purpose::Rotate => "rotate",
        };
        let (start, alarm) = match self.due {
            Due::At(at) => (format!("DTSTART:{}", date_time(at)), "PT0S"),
            Due::On(Day(day)) => (format!("DTSTART;VALUE=DATE:{}", date(day)), "PT9H"),
        };
        let summary = text(self.summary);
        let mut file = String::new();
        line(&mut file, "BEGIN:VCALENDAR");
        line(&mut file, "VERSION:2.0");
        line(&mut file, "PRODID:-//Occam Keys//Rotation//EN");
        line(&mut file, "BEGIN:VEVENT");
        line(&mut file, &format!("UID:{purpose}-{}@occam-keys", self.of));
        line(&mut file, &format!("DTSTAMP:{}", date_time(now)));
        line(&mut file, &start);
        line(&mut file, &format!("SUMMARY:{summary}"));
        line(&mut file, &format!("DESCRIPTION:{}", text(self.description)));
        if is_plain_address(self.url) {
            line(&mut file, &format!("URL:{}", self.url));
        }
        // Nobody is busy because a key is old.
        line(&mut file, "TRANSP:TRANSPARENT");
        line(&mut file, "BEGIN:VALARM");
        line(&mut file, "ACTION:DISPLAY");
        line(&mut file, &format!("DESCRIPTION:{summary}"));
        line(&mut file, &format!("TRIGGER:{alarm}"));
        line(&mut file, "END:VALARM");
        line(&mut file, "END:VEVENT");
        line(&mut file, "END:VCALENDAR");
        file
    }
}

/// Writes a line and folds it: what does not fit goes on in the next one after a space, which
/// counts as well. A character is never cut in two, though the RFC would let it be.
fn line(file: &mut String, content: &str) {
    let mut octets = 0;
    for it in content.chars() {
        if octets + it.len_utf8() > LONGEST_LINE {
            file.push_str("\r\n ");
            octets = 1;
        }
        file.push(it);
        octets += it.len_utf8();
    }
    file.push_str("\r\n");
}

/// A value of type TEXT (RFC 5545, section 3.3.11). What cannot be seen in a name, an end of a
/// line that is no `\n` among it, is written by its number as on the page.
fn text(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for (number, part) in value.split('\n').enumerate() {
        if number > 0 {
            text.push_str("\\n");
        }
        for it in visible(part).chars() {
            if matches!(it, '\\' | ';' | ',') {
                text.push('\\');
            }
            text.push(it);
        }
    }
    text
}

/// Whether a text is an address as a line may hold it: of the web, without a space, a control
/// character or a letter beyond ASCII.
fn is_plain_address(url: &str) -> bool {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    let is_of_the_web = matches!(scheme, Some("https" | "http"));
    is_of_the_web && url.bytes().all(|it| it.is_ascii_graphic())
}

/// An instant as a DATE-TIME in UTC, such as `20261125T160000Z`.
fn date_time(at: Timestamp) -> String {
    let mut text = date(at);
    let of_day = at.unix_seconds().rem_euclid(24 * 60 * 60);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    // Writing into a string cannot fail.
    let _ = write!(text, "T{hour:02}{minute:02}{second:02}Z");
    text
}

/// The day of an instant in UTC as a DATE, such as `20261125`. Years have four digits: what lies
/// beyond is the first or the last day that can be written.
fn date(at: Timestamp) -> String {
    const FIRST: i64 = -62_167_219_200_000;
    const LAST: i64 = 253_402_300_799_999;
    let at = Timestamp::from_unix_millis(at.unix_millis().clamp(FIRST, LAST));
    let text = at.to_string();
    text.split('T').next().unwrap_or_default().replace('-', "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rotation::record::tests::id;

    const NOW: Timestamp = Timestamp::from_unix_millis(1_795_456_101_500);

    fn reminder<'a>(summary: &'a str, description: &'a str, url: &'a str) -> Reminder<'a> {
        let due = Due::At(Timestamp::from_unix_seconds(1_795_456_101 + 900));
        Reminder { of: id(7), purpose: Purpose::Finish, due, summary, description, url }
    }

    /// The file with its folded lines put together again, as section 3.1 says.
    fn unfolded(file: &str) -> String {
        file.replace("\r\n ", "")
    }

    #[test]
    fn a_reminder_is_an_event_with_an_alarm() {
        let file = reminder("Finish", "One\nTwo", "https://keys.example/#/keys/7").write(NOW);
        let expected = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Occam Keys//Rotation//EN",
            "BEGIN:VEVENT",
            "UID:finish-00000000-0000-0000-0000-000000000007@occam-keys",
            "DTSTAMP:20261123T174821Z",
            "DTSTART:20261123T180321Z",
            "SUMMARY:Finish",
            "DESCRIPTION:One\\nTwo",
            "URL:https://keys.example/#/keys/7",
            "TRANSP:TRANSPARENT",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "DESCRIPTION:Finish",
            "TRIGGER:PT0S",
            "END:VALARM",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ];
        assert_eq!(file.split("\r\n").collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_day_is_a_day_in_every_time_zone() {
        let day = Day::parse("2028-02-29").expect("a leap day");
        let due = Due::On(day);
        let purpose = Purpose::Rotate;
        let file = Reminder { due, purpose, ..reminder("Rotate", "", "") }.write(NOW);
        assert!(file.contains("\r\nDTSTART;VALUE=DATE:20280229\r\n"), "{file}");
        assert!(file.contains("\r\nTRIGGER:PT9H\r\n"), "{file}");
        assert!(file.contains("\r\nUID:rotate-0000"), "{file}");
        assert!(!file.contains("URL:"), "{file}");
    }

    #[test]
    fn only_days_that_there_are_can_be_read() {
        for none in ["", "2027-02-29", "2027-13-01", "25.11.2026", "2026-11-25T10:00", "2026-1-1"] {
            assert_eq!(Day::parse(none), None, "{none}");
        }
    }

    #[test]
    fn a_name_stays_a_text_whatever_is_in_it() {
        let hostile = "a;b,c\\n\"\r\nEND:VEVENT\u{202E}\u{0}";
        let file = unfolded(&reminder(hostile, hostile, "").write(NOW));
        let escaped = "a\\;b\\,c\\\\n\"⟨U+000D⟩\\nEND:VEVENT⟨U+202E⟩⟨U+0000⟩";
        assert!(file.contains(&format!("\r\nSUMMARY:{escaped}\r\n")), "{file}");
        assert_eq!(file.matches("\r\nDESCRIPTION:").count(), 2);
        assert_eq!(file.matches("\r\nEND:VEVENT").count(), 1);
    }

    #[test]
    fn an_address_that_could_end_its_line_is_left_out() {
        for bad in [
            "",
            "keys.example",
            "javascript:alert(1)",
            "https://keys.example/\r\nATTACH:x",
            "https://keys.example/a b",
            "https://schlüssel.example/",
        ] {
            assert!(!reminder("", "", bad).write(NOW).contains("URL:"), "{bad}");
        }
    }

    #[test]
    fn instants_beyond_the_calendar_are_written_with_four_digits_of_a_year() {
        for (millis, start) in [(i64::MAX, "99991231T"), (i64::MIN, "00000101T")] {
            let due = Due::At(Timestamp::from_unix_millis(millis));
            let file = Reminder { due, ..reminder("", "", "") }.write(NOW);
            assert!(file.contains(&format!("\r\nDTSTART:{start}")), "{file}");
        }
    }
}

// Property tests draw random numbers, which their library cannot do in a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod properties {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::rotation::record::tests::id;

    /// The text that a reader of the file gets from a value.
    fn read_back(value: &str) -> String {
        let mut text = String::new();
        let mut chars = value.chars();
        while let Some(it) = chars.next() {
            match it {
                '\\' => match chars.next() {
                    Some('n') => text.push('\n'),
                    Some(it) => text.push(it),
                    None => panic!("a text ends amid an escape: {value}"),
                },
                it => text.push(it),
            }
        }
        text
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn any_text_keeps_to_its_line_and_reads_back(
            summary in "[\\PC\n\\\\;,]{0,200}", description in any::<String>(), wall: i64,
        ) {
            let due = Due::At(Timestamp::from_unix_millis(wall));
            let purpose = Purpose::Rotate;
            let (summary, description) = (summary.as_str(), description.as_str());
            let it = Reminder { of: id(1), purpose, due, summary, description, url: "" };
            let file = it.write(Timestamp::from_unix_millis(wall));
            prop_assert!(file.ends_with("\r\n"));
            for line in file.split_terminator("\r\n") {
                prop_assert!(line.len() <= 75, "{}", line);
                prop_assert!(!line.contains(['\r', '\n']), "{:?}", line);
            }
            let whole = file.replace("\r\n ", "");
            prop_assert_eq!(whole.split_terminator("\r\n").count(), 17);
            for (name, value) in [("SUMMARY:", summary), ("DESCRIPTION:", description)] {
                let line = whole.split("\r\n").find_map(|line| line.strip_prefix(name));
                let shown: Vec<_> = value.split('\n').map(visible).collect();
                prop_assert_eq!(line.map(read_back), Some(shown.join("\n")));
            }
        }
    }
}
