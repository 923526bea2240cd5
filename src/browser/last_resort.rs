//! What is left to do when the app cannot go on.
//!
//! A panic may happen anywhere, so its message may hold anything, a secret too. What is told is
//! only where it happened; what is shown are the page shell's own words.

use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};

use leptos::prelude::{document, window};
use wasm_bindgen::prelude::*;
use web_sys::{Element, Event, HtmlElement};

/// Whether the app has stopped.
static STOPPED: AtomicBool = AtomicBool::new(false);

/// What may still wake the app when its page is inert.
const WAKING: [&str; 5] = ["keydown", "hashchange", "visibilitychange", "online", "offline"];

/// From now on, a panic tells its place to the console and shows the failure page. To be called
/// before anything else listens: browsers ask the listeners of a window in the order in which they
/// came.
pub fn install() {
    let sleep = Closure::<dyn Fn(Event)>::new(|event: Event| {
        if STOPPED.load(Ordering::Relaxed) {
            event.stop_immediate_propagation();
        }
    });
    let sleep = sleep.into_js_value();
    let sleep = sleep.unchecked_ref();
    for event in WAKING {
        // A window takes any listener.
        let _ = window().add_event_listener_with_callback_and_bool(event, sleep, true);
    }
    panic::set_hook(Box::new(|panic| {
        if let Some(location) = panic.location() {
            leptos::logging::error!("Stopped at {}.", place(location.file(), location.line()));
        }
        show_failure();
    }));
}

/// Shows the page shell's words for an app that cannot go on, above what is there. That stays in
/// sight, because it may be a secret which nobody shows again; but nobody can act on it any more,
/// because what stopped in the middle of something must not be called again.
pub fn show_failure() {
    STOPPED.store(true, Ordering::Relaxed);
    for id in ["app", "sign-in"] {
        if let Some(part) = document().get_element_by_id(id) {
            disable(&part);
        }
    }
    if let Some(failure) = document().get_element_by_id("failure") {
        // Removing an attribute does not fail.
        let _ = failure.remove_attribute("hidden");
        let link = failure.query_selector("a").ok().flatten();
        if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
            // A link that can be seen takes focus.
            let _ = link.focus();
        }
    }
}

/// Makes a part of the page inert, with the modal dialogs in it. Those escape the attribute, and
/// make all the rest inert, until they are taken out of the document; where they are put back they
/// are not modal any more.
fn disable(part: &Element) {
    // Any element takes the attribute, and a parent takes back what was in it.
    let _ = part.set_attribute("inert", "");
    if let Some(parent) = part.parent_node() {
        let _ = parent.insert_before(part, part.next_sibling().as_ref());
    }
}

/// Where in the sources something is, without what is in front of the crate on the machine that
/// built it.
fn place(file: &str, line: u32) -> String {
    let parts: Vec<&str> = file.split(['/', '\\']).collect();
    let source = parts.iter().rposition(|part| *part == "src").unwrap_or_default();
    format!("{}:{line}", parts[source.saturating_sub(1)..].join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_names_no_folder_of_the_machine_that_built_it() {
        assert_eq!(place("src/pages/key.rs", 7), "src/pages/key.rs:7");
        assert_eq!(
            place("/somebody/registry/src/index/a-1.0.0/src/b/c.rs", 1),
            "a-1.0.0/src/b/c.rs:1"
        );
        assert_eq!(place("C:\\crates\\a-1.0.0\\src\\lib.rs", 1), "a-1.0.0/src/lib.rs:1");
        assert_eq!(place("main.rs", 1), "main.rs:1");
        assert_eq!(place("", 1), ":1");
    }
}
