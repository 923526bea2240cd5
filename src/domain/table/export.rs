//! The list as a file. No secrets exist in it: a row has no place for one.

use crate::domain::key::ApiKey;

/// A form of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values (RFC 4180), for spreadsheets.
    Csv,
    /// A JSON array of objects with the API's own names (RFC 8259).
    Json,
}

impl Format {
    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv;charset=utf-8",
            Self::Json => "application/json",
        }
    }

    /// The name of the file.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Csv => "api-keys.csv",
            Self::Json => "api-keys.json",
        }
    }

    /// The keys in their order. Times are in UTC; a key that was never used has no last use.
    pub fn write<'a>(self, keys: impl IntoIterator<Item = &'a ApiKey>) -> String {
        match self {
            Self::Csv => csv(keys),
            Self::Json => json(keys),
        }
    }
}

fn csv<'a>(keys: impl IntoIterator<Item = &'a ApiKey>) -> String {
    let mut text = String::from("uuid,name,api_key,created,last_used\r\n");
    for key in keys {
        for (at, value) in fields(key).into_iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            if let Some(value) = value {
                push_cell(&mut text, &value);
            }
        }
        text.push_str("\r\n");
    }
    text
}

/// Spreadsheets take a cell that begins with one of these characters for a formula, and a name may
/// come from somebody else: an apostrophe keeps it a text (OWASP, CSV injection).
pub(in crate::domain) fn push_cell(text: &mut String, value: &str) {
    let is_formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guarded = if is_formula { format!("'{value}") } else { value.to_owned() };
    if guarded.contains([',', '"', '\r', '\n']) {
        text.push('"');
        text.push_str(&guarded.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(&guarded);
    }
}

fn json<'a>(keys: impl IntoIterator<Item = &'a ApiKey>) -> String {
    const NAMES: [&str; 5] = ["uuid", "name", "api_key", "created", "last_used"];
    let mut text = String::from("[");
    for (at, key) in keys.into_iter().enumerate() {
        text.push_str(if at == 0 { "\n  {" } else { ",\n  {" });
        for (at, (name, value)) in NAMES.into_iter().zip(fields(key)).enumerate() {
            text.push_str(if at == 0 { "" } else { ", " });
            push_string(&mut text, name);
            text.push_str(": ");
            match value {
                Some(value) => push_string(&mut text, &value),
                None => text.push_str("null"),
            }
        }
        text.push('}');
    }
    text.push_str("\n]\n");
    text
}

fn push_string(text: &mut String, value: &str) {
    text.push('"');
    for character in value.chars() {
        match character {
            '"' | '\\' => text.extend(['\\', character]),
            '\0'..='\x1f' => {
                let code = u32::from(character);
                text.push_str("\\u00");
                text.extend(
                    [code / 16, code % 16].map(|it| char::from_digit(it, 16).unwrap_or('0')),
                );
            }
            _ => text.push(character),
        }
    }
    text.push('"');
}

fn fields(key: &ApiKey) -> [Option<String>; 5] {
    [
        Some(key.id.to_string()),
        Some(key.name.clone()),
        Some(key.masked.clone()),
        Some(key.created.to_string()),
        key.last_used.map(|at| at.to_string()),
    ]
}

#[cfg(test)]
mod tests {
    use contract::Timestamp;

    use super::*;

    fn key(name: &str, last_used: Option<i64>) -> ApiKey {
        ApiKey {
            id: "5f0c6c5e-0d1a-4f0e-9d4e-7f6f0b3a9c11".parse().expect("a uuid"),
            name: name.to_owned(),
            masked: "occ_a1b2…wxyz".to_owned(),
            created: Timestamp::from_unix_seconds(0),
            last_used: last_used.map(Timestamp::from_unix_seconds),
        }
    }

    #[test]
    fn a_spreadsheet_gets_texts_and_no_formulas() {
        let written = Format::Csv.write(&[key("billing, \"prod\"", None), key("=1+1", Some(1))]);
        let lines: Vec<_> = written.split("\r\n").collect();
        assert_eq!(lines[0], "uuid,name,api_key,created,last_used");
        assert_eq!(
            lines[1],
            "5f0c6c5e-0d1a-4f0e-9d4e-7f6f0b3a9c11,\"billing, \"\"prod\"\"\",occ_a1b2…wxyz,\
             1970-01-01T00:00:00Z,"
        );
        assert!(lines[2].contains(",'=1+1,") && lines[2].ends_with(",1970-01-01T00:00:01Z"));
        assert_eq!(lines[3..], [""]);
    }

    #[test]
    fn json_reads_back_as_what_it_was() {
        let names = ["plain", "\"quoted\\\"", "line\nbreak\u{1}", "Größe 鍵"];
        let keys = names.map(|name| key(name, None));
        let read: serde_json::Value =
            serde_json::from_str(&Format::Json.write(&keys)).expect("it is JSON");
        for (at, name) in names.into_iter().enumerate() {
            assert_eq!(read[at]["name"], name);
            assert_eq!(read[at]["last_used"], serde_json::Value::Null);
        }
        assert_eq!(serde_json::from_str::<Vec<u8>>(&Format::Json.write([])).ok(), Some(vec![]));
    }
}
