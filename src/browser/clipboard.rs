//! Copying, also where the browser offers no clipboard API (a page over plain http).

use leptos::prelude::{document, window};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ClipboardEvent, Element, HtmlDocument};

/// Puts `text` on the clipboard and says whether that worked. To be called from a click.
///
/// `anchor` is some element with text that is not inert, inside the dialog if one is open: the
/// older way needs a selection to start from. The text itself never enters the document.
pub async fn copy(text: &str, anchor: &Element) -> bool {
    // The API is missing, not refusing, on pages that are not a secure context.
    let clipboard = js_sys::Reflect::get(&window().navigator(), &"clipboard".into());
    if clipboard.is_ok_and(|clipboard| !clipboard.is_undefined()) {
        let written = JsFuture::from(window().navigator().clipboard().write_text(text)).await;
        if written.is_ok() {
            return true;
        }
    }
    // It may have taken its user a while to refuse, who has closed the dialog meanwhile.
    if !anchor.is_connected() {
        return false;
    }
    copy_by_command(text, anchor)
}

/// Selects `anchor` for a moment, asks the browser to copy the selection, and swaps in `text`
/// while it does.
fn copy_by_command(text: &str, anchor: &Element) -> bool {
    let (Ok(Some(selection)), Some(document)) =
        (window().get_selection(), document().dyn_ref::<HtmlDocument>().cloned())
    else {
        return false;
    };
    let swapped_in = std::rc::Rc::new(std::cell::Cell::new(false));
    let swap = Closure::<dyn Fn(ClipboardEvent)>::new({
        let (text, swapped_in) = (text.to_owned(), swapped_in.clone());
        move |event: ClipboardEvent| {
            let data = event.clipboard_data();
            if data.is_some_and(|data| data.set_data("text/plain", &text).is_ok()) {
                event.prevent_default();
                swapped_in.set(true);
            }
        }
    });
    let listener = swap.as_ref().unchecked_ref();
    if document.add_event_listener_with_callback("copy", listener).is_err() {
        return false;
    }
    let selected = selection.select_all_children(anchor).is_ok();
    let commanded = selected && document.exec_command("copy").unwrap_or(false);
    // Taking off what was put on does not fail; a selection that stays does no harm.
    let _ = document.remove_event_listener_with_callback("copy", listener);
    let _ = selection.remove_all_ranges();
    commanded && swapped_in.get()
}

/// Takes part in a copying by hand, which is `event`: where nothing is selected, it is all of `text`
/// that is copied. Yields what is on the clipboard afterwards.
pub fn by_hand(event: &ClipboardEvent, text: &str) -> String {
    let selection = window().get_selection().ok().flatten();
    let selected = selection.map(|it| String::from(it.to_string())).unwrap_or_default();
    let data = event.clipboard_data().filter(|_| selected.is_empty());
    if data.is_some_and(|data| data.set_data("text/plain", text).is_ok()) {
        event.prevent_default();
        return text.to_owned();
    }
    selected
}

/// Selects all of `element`'s text, so that the user can copy it by hand.
pub fn select(element: &Element) {
    if let Ok(Some(selection)) = window().get_selection() {
        // Without a selection the user still sees the text and can select it.
        let _ = selection.select_all_children(element);
    }
}
