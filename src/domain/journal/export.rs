//! The journal as a file. There are no names and no secrets in it: an entry has no place for them.

use super::entry::Entry;
use super::history::History;
use crate::domain::key::KeyId;
use crate::domain::table::export::push_cell;

/// The name of the file.
pub const FILE_NAME: &str = "api-key-usage.csv";

const HEAD: &str = "uuid,seen_from,seen_until,looks,completed_requests,successful_requests,\
                    failed_requests,quota_usage_percentage,requests_per_day\r\n";

/// The journal as comma-separated values (RFC 4180), for spreadsheets: a row for each entry, the
/// keys in the given order. Times are in UTC; without a quota its cell is empty.
pub fn csv<'a>(histories: impl IntoIterator<Item = (KeyId, &'a History)>) -> String {
    let mut text = HEAD.to_owned();
    for (key, history) in histories {
        let key = key.to_string();
        for entry in history.entries() {
            push_row(&mut text, &key, entry);
        }
    }
    text
}

fn push_row(text: &mut String, key: &str, entry: &Entry) {
    let figures = &entry.figures;
    push_cell(text, key);
    for value in [
        entry.since.to_string(),
        entry.until.to_string(),
        entry.looks.to_string(),
        figures.completed.to_string(),
        figures.successful.to_string(),
        figures.failed.to_string(),
        figures.quota.map(decimal).unwrap_or_default(),
        decimal(figures.per_day),
    ] {
        text.push(',');
        push_cell(text, &value);
    }
    text.push_str("\r\n");
}

/// A number of tenths as it is written in a file, whatever the language.
fn decimal(tenths: u64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use contract::Timestamp;

    use super::super::entry::Figures;
    use super::*;

    #[test]
    fn a_row_has_the_key_the_times_and_the_five_numbers() {
        let key: KeyId = "5f0c6c5e-0d1a-4f0e-9d4e-7f6f0b3a9c11".parse().expect("a uuid");
        let mut history = History::default();
        let figures =
            Figures { completed: 12, successful: 10, failed: 2, quota: Some(1_005), per_day: 4 };
        history.record(Timestamp::from_unix_seconds(0), figures);
        history.record(Timestamp::from_unix_seconds(60), figures);
        let without = Figures { quota: None, ..figures };
        history.record(Timestamp::from_unix_seconds(61), without);
        let written = csv([(key, &history)]);
        let lines: Vec<_> = written.split("\r\n").collect();
        assert_eq!(lines[0].split(',').count(), 9);
        assert_eq!(
            lines[1],
            "5f0c6c5e-0d1a-4f0e-9d4e-7f6f0b3a9c11,1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,2,\
             12,10,2,100.5,0.4"
        );
        assert!(lines[2].ends_with(",1,12,10,2,,0.4"));
        assert_eq!(lines[3..], [""]);
    }

    #[test]
    fn a_time_before_christ_is_a_text_and_no_formula() {
        let mut history = History::default();
        history.record(Timestamp::from_unix_millis(i64::MIN), Figures::default());
        let key: KeyId = "5f0c6c5e-0d1a-4f0e-9d4e-7f6f0b3a9c11".parse().expect("a uuid");
        assert!(csv([(key, &history)]).contains(",'-271821-04-20T00:00:00Z,"));
    }
}
