//! What the browser knows of Unicode.

use js_sys::JsString;

use crate::domain::lookalike::Unicode;

/// All of it that names are compared by.
pub const UNICODE: Unicode = Unicode { lowered, decomposed };

/// The text in small letters (Unicode, default case conversion).
pub fn lowered(text: &str) -> String {
    match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => JsString::from(text).to_lower_case().into(),
    }
}

/// The text with every character taken apart, also those that differ in form only, such as wide
/// ones (NFKD, UAX #15).
pub fn decomposed(text: &str) -> String {
    JsString::from(text).normalize("NFKD").into()
}
