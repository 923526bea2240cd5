//! Changes of a real answer in JSON, as a broken or a strange server would make them.

use serde_json::{Map, Value};

/// What is changed in an answer that is JSON. A field is one of the answer's own object or, if
/// the answer is an array, of its first element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// The last byte is missing, so that it is no JSON any more.
    Broken,
    /// A field has this text for its value, which need not be JSON.
    Put(&'static str, String),
    /// A field is missing.
    Remove(&'static str),
    /// The first element is there twice.
    Twice,
    /// Unknown fields beside the known ones, in every object.
    Extra,
    /// This many arrays inside each other, in a field of their own or, in an array, as its first
    /// element.
    Nested(usize),
    /// This many more elements like the first one, with names and uuids of their own.
    More(usize),
    /// An unknown field of this many bytes.
    Padded(usize),
}

/// Stands in a tree for text that is no JSON.
const PLACE: &str = "\u{1}here\u{1}";

impl Edit {
    /// The changed body. One that is no JSON, or has no place for the change, stays as it is.
    pub fn apply(&self, body: &[u8]) -> Vec<u8> {
        let Ok(mut tree) = serde_json::from_slice::<Value>(body) else { return body.to_vec() };
        let mut text = None;
        match self {
            Self::Broken => return body[..body.len().saturating_sub(1)].to_vec(),
            Self::Put(field, raw) => {
                if let Some(object) = object_of(&mut tree) {
                    object.insert((*field).to_owned(), PLACE.into());
                }
                text = Some(raw.clone());
            }
            Self::Remove(field) => {
                if let Some(object) = object_of(&mut tree) {
                    object.remove(*field);
                }
            }
            Self::Twice => {
                if let Some(elements) = tree.as_array_mut() {
                    elements.extend(elements.first().cloned());
                }
            }
            Self::Extra => {
                for object in objects_of(&mut tree) {
                    object.insert("kind".to_owned(), "service-account-v9".into());
                    object.insert("labels".to_owned(), serde_json::json!({ "a": [1, null] }));
                }
            }
            Self::Nested(depth) => {
                match &mut tree {
                    Value::Array(elements) => elements.insert(0, PLACE.into()),
                    Value::Object(object) => drop(object.insert("deep".to_owned(), PLACE.into())),
                    _ => {}
                }
                text = Some(format!("{}{}", "[".repeat(*depth), "]".repeat(*depth)));
            }
            Self::More(count) => more(&mut tree, *count),
            Self::Padded(bytes) => {
                if let Some(object) = object_of(&mut tree) {
                    object.insert("padding".to_owned(), "x".repeat(*bytes).into());
                }
            }
        }
        let written = tree.to_string();
        let Some(text) = text else { return written.into_bytes() };
        written.replacen(&Value::from(PLACE).to_string(), &text, 1).into_bytes()
    }
}

fn object_of(tree: &mut Value) -> Option<&mut Map<String, Value>> {
    objects_of(tree).into_iter().next()
}

fn objects_of(tree: &mut Value) -> Vec<&mut Map<String, Value>> {
    match tree {
        Value::Array(elements) => elements.iter_mut().filter_map(Value::as_object_mut).collect(),
        Value::Object(object) => vec![object],
        _ => Vec::new(),
    }
}

fn more(tree: &mut Value, count: usize) {
    let Some(elements) = tree.as_array_mut() else { return };
    let Some(first) = elements.first().cloned() else { return };
    elements.extend((0..count).map(|number| {
        let mut next = first.clone();
        next["uuid"] = format!("00000000-0000-4000-8000-{number:012x}").into();
        next["name"] = format!("key number {number}").into();
        next
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"[{"name":"a","uuid":"1"},{"name":"b","uuid":"2"}]"#;

    fn applied(edit: &Edit, body: &str) -> String {
        String::from_utf8(edit.apply(body.as_bytes())).expect("it stays text")
    }

    #[test]
    fn a_field_of_the_first_row_is_changed_and_no_other() {
        let raw = Edit::Put("name", "1e999".to_owned());
        assert_eq!(applied(&raw, LIST), r#"[{"name":1e999,"uuid":"1"},{"name":"b","uuid":"2"}]"#);
        assert_eq!(
            applied(&Edit::Remove("name"), LIST),
            r#"[{"uuid":"1"},{"name":"b","uuid":"2"}]"#
        );
        assert_eq!(applied(&Edit::Put("n", "NaN".to_owned()), r#"{"n":1}"#), r#"{"n":NaN}"#);
    }

    #[test]
    fn whole_answers_are_changed() {
        assert_eq!(applied(&Edit::Broken, r#"{"a":1}"#), r#"{"a":1"#);
        assert_eq!(applied(&Edit::Nested(2), "[1]"), "[[[]],1]");
        assert_eq!(applied(&Edit::Nested(2), "{}"), r#"{"deep":[[]]}"#);
        let count = |edit: &Edit| {
            let tree: Value = serde_json::from_str(&applied(edit, LIST)).expect("it is JSON");
            tree.as_array().map(Vec::len)
        };
        assert_eq!(count(&Edit::Twice), Some(3));
        assert_eq!(count(&Edit::More(1000)), Some(1002));
        assert_eq!(count(&Edit::Extra), Some(2));
        assert!(applied(&Edit::Extra, LIST).matches("service-account-v9").count() == 2);
        assert!(applied(&Edit::Padded(1000), "{}").len() > 1000);
    }

    #[test]
    fn what_is_no_json_stays_as_it_is() {
        assert_eq!(applied(&Edit::Twice, "<html>"), "<html>");
        assert_eq!(applied(&Edit::Broken, ""), "");
    }
}
