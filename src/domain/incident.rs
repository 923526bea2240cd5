//! The note of a leaked key, in Markdown: what is known of it, and when what was done, in UTC.

use std::fmt::Write;

use contract::Timestamp;

use super::key::{ApiKey, KeyId};
use super::names::visible;
use crate::words::{tr, tr_with};

/// What is known and was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// The key that leaked, as the list knew it.
    pub key: ApiKey,
    /// When its user found out, or said so.
    pub noticed: Timestamp,
    /// The key that takes its place.
    pub replacement: Option<Replacement>,
    /// How it ended.
    pub revoked: Option<Revoked>,
    /// When the Key API refused it, if that was tried.
    pub rejected: Option<Timestamp>,
}

/// A key that takes another one's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// Its identity, if the Key API named one.
    pub id: Option<KeyId>,
    /// Since when its secret is in safe hands.
    pub at: Timestamp,
}

/// The end of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// When.
    pub at: Timestamp,
    /// How many requests the Key API had counted by then, as far as that is known.
    pub requests: Option<u64>,
}

/// The note. What is not known is said to be, so that nobody takes it for nothing.
pub fn note(incident: &Incident) -> String {
    let Incident { key, noticed, replacement, revoked, rejected } = incident;
    let title = tr_with("Leaked API key: {name}", &[("name", &plain(&key.name))]);
    let mut note = format!("# {title}\n\n");
    let mut line = |what: String, value: String| {
        // Writing to a text does not fail.
        let _ = writeln!(note, "- {what}: {value}");
    };
    line(tr("Key"), code(&key.masked));
    line("UUID".to_owned(), code(&key.id.to_string()));
    line(tr("Created"), utc(key.created));
    line(tr("Last used, as the list said"), key.last_used.map_or_else(|| tr("never"), utc));
    line(tr("Noticed"), utc(*noticed));
    let replaced = match replacement {
        Some(Replacement { id: Some(id), at }) => {
            format!("{}, {}", utc(*at), code(&id.to_string()))
        }
        Some(Replacement { id: None, at }) => utc(*at),
        None => tr("none was made"),
    };
    line(tr("Replacement in safe hands"), replaced);
    line(tr("Revoked"), revoked.map_or_else(|| tr("not yet"), |it| utc(it.at)));
    let requests = revoked.and_then(|it| it.requests);
    let requests = requests.map_or_else(|| tr("not known"), |count| count.to_string());
    line(tr("Requests in all when it was revoked"), requests);
    let rejected = rejected.map_or_else(|| tr("not tried"), utc);
    line(tr("Refused by the Key API when it was tried"), rejected);
    note.push('\n');
    note.push_str(&tr("All times are in UTC. The note holds no secret."));
    note.push('\n');
    note
}

/// To the second.
fn utc(at: Timestamp) -> String {
    Timestamp::from_unix_seconds(at.unix_seconds()).to_string()
}

/// Foreign text that is to be read as it is: no sign in it means anything to Markdown or HTML.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for it in visible(text).chars() {
        if it.is_ascii_punctuation() {
            plain.push('\\');
        }
        plain.push(it);
    }
    plain
}

/// Foreign text in a span of code, which ends at no sign of its own (CommonMark 0.31, 6.1).
fn code(text: &str) -> String {
    let text = visible(text);
    let longest = text.split(|it| it != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incident() -> Incident {
        Incident {
            key: ApiKey {
                id: "5f0c6c5e-0d1a-4f0e-9d4e-7f6f0b3a9c11".parse().expect("a uuid"),
                name: "ci_bot".to_owned(),
                masked: "occ_TheW…0000".to_owned(),
                created: Timestamp::from_unix_seconds(1_793_525_400),
                last_used: Some(Timestamp::from_unix_millis(1_795_456_101_250)),
            },
            noticed: Timestamp::from_unix_seconds(1_795_456_101),
            replacement: None,
            revoked: None,
            rejected: None,
        }
    }

    #[test]
    fn a_note_says_what_was_done_and_when_in_utc() {
        let mut incident = incident();
        let at = |seconds: i64| Timestamp::from_unix_seconds(1_795_456_101 + seconds);
        let id = "00000000-0000-4000-8000-000000000002".parse().expect("a uuid");
        incident.replacement = Some(Replacement { id: Some(id), at: at(20) });
        incident.revoked = Some(Revoked { at: at(30), requests: Some(1234) });
        incident.rejected = Some(at(40));
        let note = note(&incident);
        let lines: Vec<&str> = note.lines().collect();
        assert_eq!(
            lines,
            [
                "# Leaked API key: ci\\_bot",
                "",
                "- Key: `occ_TheW…0000`",
                "- UUID: `5f0c6c5e-0d1a-4f0e-9d4e-7f6f0b3a9c11`",
                "- Created: 2026-11-01T09:30:00Z",
                "- Last used, as the list said: 2026-11-23T17:48:21Z",
                "- Noticed: 2026-11-23T17:48:21Z",
                "- Replacement in safe hands: 2026-11-23T17:48:41Z, \
                 `00000000-0000-4000-8000-000000000002`",
                "- Revoked: 2026-11-23T17:48:51Z",
                "- Requests in all when it was revoked: 1234",
                "- Refused by the Key API when it was tried: 2026-11-23T17:49:01Z",
                "",
                "All times are in UTC. The note holds no secret.",
            ]
        );
    }

    #[test]
    fn what_is_not_known_is_said_to_be() {
        let note = note(&incident());
        for line in [
            "hands: none was made\n",
            "Revoked: not yet\n",
            "revoked: not known\n",
            "tried: not tried\n",
        ] {
            assert!(note.contains(line), "{line:?} in {note}");
        }
    }

    #[test]
    fn a_name_means_nothing_to_markdown() {
        let mut incident = incident();
        incident.key.name = "# [x](a) <b>\n|".to_owned();
        incident.key.masked = "a``b".to_owned();
        let note = note(&incident);
        let title = "# Leaked API key: \\# \\[x\\]\\(a\\) \\<b\\>⟨U\\+000A⟩\\|\n";
        assert!(note.starts_with(title), "{note}");
        assert!(note.contains("- Key: ``` a``b ```\n"), "{note}");
    }
}
