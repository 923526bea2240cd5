//! Reading what a request carries, with FastAPI's words for what is wrong with it.
//!
//! None of the faults repeats what was sent: a body may hold a password.

use axum::http::{HeaderMap, header};
use contract::{LocationPart, ValidationError};
use secrecy::SecretString;
use serde_json::{Map, Value};

use crate::error::ApiError;

/// The fields of a JSON object.
#[derive(Debug)]
pub(crate) struct JsonBody(Map<String, Value>);

/// The fields of a form. Values are kept as secrets because one of them is a password.
#[derive(Debug)]
pub(crate) struct Form(Vec<(String, SecretString)>);

impl JsonBody {
    pub(crate) fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Self, ApiError> {
        if body.is_empty() {
            return Err(fault(&["body".into()], "missing", "Field required"));
        }
        if !is_json(headers) {
            return Err(not_an_object());
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(not_an_object()),
            Err(error) => {
                let loc = ["body".into(), LocationPart::Index(offset(body, &error))];
                Err(fault(&loc, "json_invalid", "JSON decode error"))
            }
        }
    }

    /// The field `name`, which must be there and be a string.
    pub(crate) fn string(&self, name: &str) -> Result<&str, ApiError> {
        match self.0.get(name) {
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(body_fault(name, "string_type", "Input should be a valid string")),
            None => Err(missing("body", name)),
        }
    }
}

impl Form {
    /// A body of another type is a form without fields, as FastAPI sees it.
    pub(crate) fn parse(headers: &HeaderMap, body: &[u8]) -> Self {
        let fields = if is_form(headers) { body } else { b"" };
        Self(
            form_urlencoded::parse(fields)
                .map(|(name, value)| (name.into_owned(), SecretString::from(value.into_owned())))
                .collect(),
        )
    }

    /// The last field `name`, unless it is empty: to FastAPI an empty field is a missing one, and an
    /// earlier one of its name does not count.
    pub(crate) fn get(&self, name: &str) -> Option<&SecretString> {
        use secrecy::ExposeSecret;
        let last = self.0.iter().rev().find(|(field, _)| field == name);
        last.map(|(_, value)| value).filter(|value| !value.expose_secret().is_empty())
    }
}

/// The fault of a required value that is not there.
pub(crate) fn missing_fault(place: &str, name: &str) -> ValidationError {
    ValidationError {
        loc: vec![place.into(), name.into()],
        msg: "Field required".to_owned(),
        kind: "missing".to_owned(),
    }
}

/// 422 for a required value that is not there.
pub(crate) fn missing(place: &str, name: &str) -> ApiError {
    ApiError::Invalid(vec![missing_fault(place, name)])
}

/// 422 for a field of the body.
pub(crate) fn body_fault(name: &str, kind: &str, msg: &str) -> ApiError {
    fault(&["body".into(), name.into()], kind, msg)
}

/// 422 for the value at `loc`.
pub(crate) fn fault(loc: &[LocationPart], kind: &str, msg: &str) -> ApiError {
    ApiError::Invalid(vec![ValidationError {
        loc: loc.to_vec(),
        msg: msg.to_owned(),
        kind: kind.to_owned(),
    }])
}

fn not_an_object() -> ApiError {
    let msg = "Input should be a valid dictionary or object to extract fields from";
    fault(&["body".into()], "model_attributes_type", msg)
}

fn is_json(headers: &HeaderMap) -> bool {
    let essence = content_type(headers);
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn is_form(headers: &HeaderMap) -> bool {
    content_type(headers) == "application/x-www-form-urlencoded"
}

/// The media type without its parameters, in lower case.
fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// The place in `body` where it stops being JSON, counted in bytes from 0.
fn offset(body: &[u8], error: &serde_json::Error) -> i64 {
    let lines = body.split_inclusive(|&byte| byte == b'\n').take(error.line().saturating_sub(1));
    let before: usize = lines.map(<[u8]>::len).sum();
    // A column counts the bytes that were read, the faulty one included if there is one.
    let faulty = usize::from(!error.is_eof());
    let offset = (before + error.column()).saturating_sub(faulty);
    i64::try_from(offset.min(body.len())).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(content_type: &'static str, body: &str) -> Result<JsonBody, ApiError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, axum::http::HeaderValue::from_static(content_type));
        JsonBody::parse(&headers, body.as_bytes())
    }

    #[track_caller]
    fn check_fault<T>(result: Result<T, ApiError>, kind: &str, loc: &[LocationPart]) {
        match result {
            Err(ApiError::Invalid(faults)) => {
                assert_eq!((faults[0].kind.as_str(), &*faults[0].loc), (kind, loc));
            }
            Err(other) => panic!("{other:?}"),
            Ok(_) => panic!("no fault"),
        }
    }

    #[test]
    fn json_that_is_broken_says_where() {
        let at = |offset| ["body".into(), LocationPart::Index(offset)];
        check_fault(json("application/json", "{oops"), "json_invalid", &at(1));
        check_fault(json("application/json", "{\n\"a\":1,\n!}"), "json_invalid", &at(9));
        check_fault(json("application/json", "{\"a\":"), "json_invalid", &at(5));
        check_fault(json("application/json", "{\"a\":1} x"), "json_invalid", &at(8));
        check_fault(json("application/json", &"[".repeat(5000)), "json_invalid", &at(127));
    }

    #[test]
    fn a_body_that_is_no_json_object_is_a_fault_of_the_body() {
        let body = ["body".into()];
        check_fault(json("application/json", ""), "missing", &body);
        for (content_type, text) in [
            ("application/json", "[]"),
            ("application/json", "null"),
            ("text/plain", "{\"name\":\"x\"}"),
            ("application/jsonp", "{\"name\":\"x\"}"),
        ] {
            check_fault(json(content_type, text), "model_attributes_type", &body);
        }
    }

    #[test]
    fn a_json_media_type_may_have_parameters_and_a_suffix() {
        for content_type in
            ["application/json; charset=utf-8", "Application/JSON", "application/vnd.x+json"]
        {
            let body = json(content_type, "{\"name\":\"x\"}").expect("valid");
            assert_eq!(body.string("name").expect("a string"), "x");
        }
    }

    #[test]
    fn of_the_fields_of_one_name_the_last_counts_though_it_is_empty() {
        use secrecy::ExposeSecret;
        let mut headers = HeaderMap::new();
        let form = axum::http::HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(header::CONTENT_TYPE, form);
        for (body, name) in
            [("n=a&n=b", Some("b")), ("n=&n=b", Some("b")), ("n=a&n=", None), ("m=a", None)]
        {
            let form = Form::parse(&headers, body.as_bytes());
            assert_eq!(form.get("n").map(ExposeSecret::expose_secret), name, "{body}");
        }
    }

    #[test]
    fn a_field_that_is_absent_or_no_string_is_named() {
        let body = json("application/json", "{\"n\":1}").expect("valid");
        check_fault(body.string("n"), "string_type", &["body".into(), "n".into()]);
        check_fault(body.string("name"), "missing", &["body".into(), "name".into()]);
    }
}
