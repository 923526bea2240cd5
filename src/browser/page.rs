//! The window around the app: title, address, focus, and the question before leaving.

use std::cell::Cell;
use std::rc::Rc;

use leptos::ev;
use leptos::prelude::*;
use uuid::Uuid;
use wasm_bindgen::JsCast;
use web_sys::{FocusOptions, HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition};

use super::timer;
use crate::domain::names::visible;
use crate::reactive::Effect;
use crate::route::Route;

/// The route that the address names now.
pub fn route() -> Route {
    Route::parse(&window().location().hash().unwrap_or_default())
}

/// The whole address of `route` on this page; empty if the browser does not tell its own.
pub fn address_of(route: &Route) -> String {
    let location = window().location();
    let page = location.origin().and_then(|origin| Ok(origin + &location.pathname()?));
    page.map(|page| page + &route.to_string()).unwrap_or_default()
}

/// Puts a route, as it is written, into the address without a new entry in the history, so that typing
/// a search does not fill the history with its letters.
pub fn replace_hash(hash: &str) {
    if let Ok(history) = window().history() {
        // A browser that refuses (some do after many changes in a row) keeps the old address.
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(hash));
    }
}

/// The same as a new entry of the history, so that Back undoes it. No event tells of it.
pub fn push_hash(hash: &str) {
    if let Ok(history) = window().history() {
        // A browser that refuses (some do after many changes in a row) keeps the old address.
        let _ = history.push_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(hash));
    }
}

/// Goes to `route`, as a click on a link to it would.
pub fn go_to(route: &Route) {
    // Setting the hash of the page's own address does not fail.
    let _ = window().location().set_hash(&route.to_string());
}

/// Goes to `route`, and gives focus to the first element there that matches `selector`.
pub fn go_to_and_focus(route: &Route, selector: &'static str) {
    let listener = Rc::new(Cell::new(None::<WindowListenerHandle>));
    let once = window_event_listener(ev::hashchange, {
        let listener = listener.clone();
        move |_| {
            if let Some(listener) = listener.take() {
                listener.remove();
            }
            // Listeners are asked in the order in which they came: whoever gives focus to the
            // heading of a new view has done so.
            focus(selector);
        }
    });
    listener.set(Some(once));
    go_to(route);
}

/// Takes the route out of the address: what somebody looked at is not for who comes next.
pub fn forget_route() {
    let location = window().location();
    let bare = location.pathname().and_then(|path| Ok(path + &location.search()?));
    if let (Ok(history), Ok(bare)) = (window().history(), bare) {
        // A browser that refuses keeps the old address.
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&bare));
    }
}

/// Loads the page anew.
pub fn reload() {
    // A page may always reload itself.
    let _ = window().location().reload();
}

/// Says at the root of the document, for the style, whether this holds of the page. It is told and
/// not found out by `:has()`, for which a browser looks at all below whenever an element comes or
/// goes anywhere.
pub fn mark(attribute: &str, holds: bool) {
    if let Some(root) = document().document_element() {
        // An attribute of this name can be set and removed.
        let _ = match holds {
            true => root.set_attribute(attribute, ""),
            false => root.remove_attribute(attribute),
        };
    }
}

/// Names the page in the window's title.
pub fn set_title(view: &str) {
    document().set_title(&format!("{} · Occam Keys", visible(view)));
}

/// Whether `dialog` is the one in front. The dialogs stand in the document in the order in which
/// they may cover each other.
pub fn is_in_front(dialog: &web_sys::Element) -> bool {
    let Ok(open) = document().query_selector_all("dialog[open]") else {
        return true;
    };
    let last = open.length().checked_sub(1).and_then(|last| open.get(last));
    last.is_none_or(|last| last.is_same_node(Some(dialog)))
}

/// Whether the dialog that holds the first element that matches `selector` is the one in front.
pub fn is_dialog_in_front(selector: &str) -> bool {
    let dialog = find(selector).and_then(|it| it.closest("dialog").ok().flatten());
    dialog.is_some_and(|dialog| is_in_front(&dialog))
}

/// Whether any dialog is open.
pub fn is_dialog_open() -> bool {
    find("dialog[open]").is_some()
}

/// Does `action` whenever the page comes into sight or goes out of it, for as long as the current
/// owner lives.
pub fn on_sight_change(action: impl Fn() + 'static) {
    // The event bubbles to the window.
    let listener = window_event_listener(ev::visibilitychange, move |_| action());
    on_cleanup(move || listener.remove());
}

/// Does `action` once what is being drawn is there.
pub fn after_drawing(action: impl FnOnce() + 'static) {
    request_animation_frame(action);
}

/// Does `action` once what is being drawn is on show and there is nothing else to do. The frame with
/// it and the one after that do not wait for this.
pub fn when_at_rest(action: impl FnOnce() + 'static) {
    let after = move || after_drawing(move || timer::when_idle(action));
    after_drawing(move || after_drawing(after));
}

/// Clicks the first element that matches `selector`, as its user would.
pub fn click(selector: &str) {
    if let Some(element) = find(selector) {
        element.click();
    }
}

/// Scrolls the element with this id into view, no further than it takes.
pub fn show_nearest(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// Moves focus to the first element that matches `selector`, once what is being drawn is there.
pub fn focus(selector: &'static str) {
    request_animation_frame(move || {
        if let Some(element) = find(selector) {
            // An element that cannot take focus leaves it where it is.
            let _ = element.focus();
        }
    });
}

/// Gives focus to the first element that matches `selector` if the element that had it is gone.
/// The page does not scroll: the user may be reading elsewhere.
pub fn rescue_focus(selector: &'static str) {
    request_animation_frame(move || {
        let lost = document().active_element().is_none_or(|active| active.tag_name() == "BODY");
        if lost && let Some(element) = find(selector) {
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            // An element that cannot take focus leaves it where it is.
            let _ = element.focus_with_options(&options);
        }
    });
}

/// How far from the left a pointer is in what is listened on, and how wide that is; in pixels.
pub fn place_in_target(event: &web_sys::MouseEvent) -> Option<(f64, f64)> {
    let target = event.current_target()?.dyn_into::<web_sys::Element>().ok()?;
    let bounds = target.get_bounding_client_rect();
    Some((f64::from(event.client_x()) - bounds.left(), bounds.width()))
}

/// A name for one attempt that nobody can guess: a random UUID (RFC 9562, version 4).
pub fn random_uuid() -> Uuid {
    let mut bytes = [0; 16];
    // Every browser has this source, and it takes sixteen bytes.
    let _ = window().crypto().map(|it| it.get_random_values_with_u8_array(&mut bytes));
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// Lets the browser ask before the page is left, as long as `wanted` holds and the current owner
/// lives. The listener is there only then: it keeps the page out of the back/forward cache.
pub fn ask_before_unload(wanted: Signal<bool>) {
    let asking = StoredValue::new_local(None::<WindowListenerHandle>);
    let stop = move || {
        if let Some(listener) = asking.try_update_value(Option::take).flatten() {
            listener.remove();
        }
    };
    Effect::new(move |_| {
        stop();
        if wanted.get() {
            asking.set_value(Some(window_event_listener(ev::beforeunload, |event| {
                event.prevent_default();
                // Older browsers ask only if this is set.
                event.set_return_value("unsaved");
            })));
        }
    });
    on_cleanup(stop);
}

fn find(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok()??.dyn_into().ok()
}
