//! The binary that runs in the browser: mounts the app into the page shell.

use leptos::mount::mount_to;
use leptos::prelude::*;
use occam_keys::api::Client;
use occam_keys::app::{key_api_origin, run};
use occam_keys::browser::{language, last_resort};
use wasm_bindgen::JsCast;

/// What is freed is wiped, and what grows leaves no copy behind: a secret whose owner is dropped
/// is in the linear memory no more. (What JavaScript and the document hold is not in it.)
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static WIPING: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() {
    last_resort::install();
    language::install();
    let host = document().get_element_by_id("app").and_then(|host| host.dyn_into().ok());
    let Some(host) = host else {
        return last_resort::show_failure();
    };
    let client = Client::new(&key_api_origin());
    #[cfg(feature = "styleguide")]
    if occam_keys::pages::styleguide::is_asked_for() {
        use occam_keys::pages::styleguide::Styleguide;
        return mount_to(host, || view! { <Styleguide/> }).forget();
    }
    mount_to(host, move || run(client)).forget();
    // From here on the app decides whether the form is on show; `boot.js` hid it from a user who
    // is signed in until the app could.
    if let Some(html) = document().document_element() {
        // Removing an attribute does not fail.
        let _ = html.remove_attribute("data-starting");
    }
}
