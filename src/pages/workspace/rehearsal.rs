//! A rehearsal of the first list, which nobody sees.
//!
//! Chromium compiles a function of a WebAssembly when it is first called, on the thread that calls
//! it. Of the time from a sign-in to the rows that took a third on a slow phone. While somebody
//! types their password the thread has nothing to do.

use std::sync::Arc;

use contract::Timestamp;
use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::Front;
use crate::access::Access;
use crate::api::decode::{self, Answer};
use crate::browser::{element, language, page, timer};
use crate::domain::key::KeyList;
use crate::pages::keys::KeysPage;
use crate::remote::Remote;
use crate::route::Route;

/// A list with a key that was used and one that never was.
const KEYS: &str = r#"[{
    "uuid": "00000000-0000-4000-8000-000000000001", "name": "a", "api_key": "a",
    "created": "2026-01-01T00:00:00Z", "last_used": "2026-01-02T00:00:00Z"
}, {
    "uuid": "00000000-0000-4000-8000-000000000002", "name": "b", "api_key": "b",
    "created": "2026-01-01T00:00:00Z", "last_used": null
}]"#;

/// When the browser has nothing else to do, draws the page of all keys as it awaits a list, and at
/// the next such moment with one; in no document, and once. It asks the Key API for nothing. When
/// somebody is signed in or `is_signing_in`, nothing more is drawn: they wait for an answer, and
/// would wait for this first. Nor is anything in a browser that does not tell such moments.
pub(in crate::pages) fn rehearse(access: Access, is_signing_in: RwSignal<bool>) {
    if !timer::tells_idle() {
        return;
    }
    let session = access.session();
    let is_time = move || {
        is_signing_in.try_get_untracked() == Some(false) && session.owner_untracked().is_none()
    };
    timer::when_idle(move || {
        if let Some(stage) = element::element("div", "", &[]).filter(|_| is_time()) {
            draw(stage.unchecked_into(), access, is_time);
        }
    });
}

fn draw(stage: HtmlElement, access: Access, is_time: impl Fn() -> bool + 'static) {
    language::install_numbers();
    let owner = Owner::new();
    let front = owner.with(|| Front::new(access, RwSignal::new(None)));
    front.route.set(Route::ALL_KEYS);
    let keys = front.keys;
    let drawn = owner.with(|| mount_to(stage, move || view! { <KeysPage front/> }));
    timer::when_idle(move || {
        if let Some(list) = list().filter(|_| is_time()) {
            keys.set(Remote::Ready(Arc::new(list)));
        }
        page::when_at_rest(move || {
            drop(drawn);
            owner.cleanup();
        });
    });
}

/// The list, read as one that comes from a Key API.
fn list() -> Option<KeyList> {
    let at = Timestamp::from_unix_millis(0);
    let body = KEYS.into();
    decode::keys(&Answer { status: 200, is_json: true, at, retry_after: None, body }).ok()
}
