//! What the user has chosen about the page, such as its theme. `boot.js` keeps it and writes it at
//! the root of the document, as `data-…`, before the first frame; here it is read.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// What was chosen for `name`, in the form of `dataset` (`hiddenColumns` for
/// `data-hidden-columns`); empty if nothing was.
pub fn chosen(name: &str) -> String {
    let root = document().document_element().and_then(|it| it.dyn_into::<HtmlElement>().ok());
    root.and_then(|root| root.dataset().get(name)).unwrap_or_default()
}
