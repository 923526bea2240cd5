//! Files that the user takes away. They are made on this machine; no server sees them.

use js_sys::Array;
use leptos::prelude::{document, set_timeout};
use wasm_bindgen::JsCast;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// How long the address of a file is good for: a browser may ask its user where to put it first.
const GOOD_FOR: std::time::Duration = std::time::Duration::from_secs(60);

/// Offers `text` as a file. Yields whether the browser took it; where it puts the file is between
/// it and its user.
pub fn offer(file_name: &str, media_type: &str, text: &str) -> bool {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options);
    blob.is_ok_and(|blob| offer_blob(file_name, &blob))
}

/// The same for a file that is made already.
pub fn offer_blob(file_name: &str, blob: &Blob) -> bool {
    let (Ok(address), Ok(link)) =
        (Url::create_object_url_with_blob(blob), document().create_element("a"))
    else {
        return false;
    };
    let link: HtmlAnchorElement = link.unchecked_into();
    link.set_href(&address);
    link.set_download(file_name);
    link.click();
    // An address that is gone already needs no revoking.
    set_timeout(move || drop(Url::revoke_object_url(&address)), GOOD_FOR);
    true
}
