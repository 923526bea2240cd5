use serde::{Deserialize, Serialize};

/// Body of every answer that is not a success: `{"detail": …}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorResponse {
    /// What went wrong. The documents call it optional for 422.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<ErrorDetail>,
}

/// The two forms of `detail`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ErrorDetail {
    /// One sentence, as most errors carry it.
    Text(String),
    /// One entry a fault, as 422 carries them (`HTTPValidationError`).
    Fields(Vec<ValidationError>),
}

/// One fault of a request that did not validate.
///
/// Newer servers add `input` and `ctx`, which can echo what was sent, a password included.
/// This type has no place for them, so they are dropped while decoding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValidationError {
    /// The path to the faulty value, for example `["body", "name"]`.
    #[serde(default)]
    pub loc: Vec<LocationPart>,
    /// What is wrong, in words.
    pub msg: String,
    /// The kind of fault as a short name, for example `missing`.
    #[serde(rename = "type", default)]
    pub kind: String,
}

/// One step of the path to a faulty value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum LocationPart {
    /// A field of an object.
    Field(String),
    /// A place in an array, from 0.
    Index(i64),
}

impl ErrorResponse {
    /// An error said in one sentence.
    pub fn text(detail: impl Into<String>) -> Self {
        Self { detail: Some(ErrorDetail::Text(detail.into())) }
    }
}

impl From<&str> for LocationPart {
    fn from(field: &str) -> Self {
        Self::Field(field.to_owned())
    }
}
