//! What the browser knows of Unicode.

use js_sys::JsString;

/// The text with every character taken apart, also those that differ in form only, such as wide
/// ones (NFKD, UAX #15).
pub fn decomposed(text: &str) -> String {
    JsString::from(text).normalize("NFKD").into()
}
