//! The binary that runs in the browser: mounts the app into the page shell.

use leptos::mount::mount_to;
use leptos::prelude::*;
use occam_keys::api::Client;
use occam_keys::app::{App, key_api_origin};
use wasm_bindgen::JsCast;

fn main() {
    std::panic::set_hook(Box::new(|_| show_failure()));
    let host = document().get_element_by_id("app").and_then(|host| host.dyn_into().ok());
    let Some(host) = host else {
        return show_failure();
    };
    let client = Client::new(&key_api_origin());
    mount_to(host, move || view! { <App client/> }).forget();
    // From here on the app decides whether the form is on show; `boot.js` hid it from a user who
    // is signed in until the app could.
    if let Some(html) = document().document_element() {
        // Removing an attribute does not fail.
        let _ = html.remove_attribute("data-starting");
    }
}

/// Shows the page shell's own words for an app that cannot go on. They are static: what went wrong
/// may hold what must not be shown.
fn show_failure() {
    if let Some(failure) = document().get_element_by_id("failure") {
        // Removing an attribute does not fail.
        let _ = failure.remove_attribute("hidden");
    }
}
