//! A few digits by which two people can tell that they have the same text, without telling it.

use js_sys::{Object, Promise, Reflect, Uint8Array};
use leptos::prelude::window;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// So many bytes of the digest are shown, two digits each.
const SHOWN: u32 = 4;

#[wasm_bindgen]
extern "C" {
    type SubtleCrypto;
    #[wasm_bindgen(method, catch)]
    fn digest(this: &SubtleCrypto, algorithm: &str, data: &Object) -> Result<Promise, JsValue>;
}

/// The first eight hexadecimal digits of the SHA-256 of `text` in UTF-8. `None` where the browser
/// does not work it out (outside a secure context it does not).
pub async fn of(text: &str) -> Option<String> {
    let subtle = Reflect::get(window().crypto().ok()?.as_ref(), &"subtle".into()).ok()?;
    if subtle.is_undefined() {
        return None;
    }
    let subtle: SubtleCrypto = subtle.unchecked_into();
    let bytes = Uint8Array::from(text.as_bytes());
    let digest = JsFuture::from(subtle.digest("SHA-256", bytes.as_ref()).ok()?).await.ok()?;
    // Nothing keeps what was digested.
    bytes.fill(0, 0, bytes.length());
    let digest = Uint8Array::new(&digest).subarray(0, SHOWN).to_vec();
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |it: u8| char::from(DIGITS[usize::from(it & 15)]);
    Some(digest.into_iter().flat_map(|byte| [digit(byte >> 4), digit(byte)]).collect())
}
