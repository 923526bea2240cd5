//! What the tests share: a place to mount, a screen to look at, and a Key API that answers what
//! it is told.

pub mod clock;
pub mod key_api;
pub mod screen;

use std::any::Any;

use contract::Timestamp;
use leptos::mount::mount_to;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use occam_keys::domain::key::ApiKey;
use web_sys::HtmlElement;

/// The instant that tests take for now: 2026-11-23T17:48:21Z.
pub const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_456_101);

/// The sign-in form as it is shipped.
const INDEX_HTML: &str = include_str!("../../index.html");

/// A place of its own in the runner's page. Whatever is mounted there goes with it.
pub struct Stage {
    host: HtmlElement,
    mounted: Option<Box<dyn Any>>,
}

impl Stage {
    /// An empty stage. Tests share one page and a failed test cleans nothing up, so the next one
    /// does.
    pub fn empty() -> Self {
        for left_over in screen::all(".stage") {
            left_over.remove();
        }
        session_storage().clear().expect("session storage is there");
        window().location().set_hash("").expect("a hash can be set");
        let host = document().create_element("div").expect("a div can be made");
        host.set_class_name("stage");
        document().body().expect("a body").append_child(&host).expect("it takes children");
        Self { host: host.unchecked_into(), mounted: None }
    }

    /// A stage with the sign-in form of `index.html`.
    pub fn with_sign_in_form() -> Self {
        let stage = Self::empty();
        let form = between(INDEX_HTML, "<main id=\"sign-in\">", "</main>");
        stage.host.insert_adjacent_html("beforeend", form).expect("the form is HTML");
        stage
    }

    /// A stage with this view mounted.
    pub fn of<N: IntoView + 'static>(view: impl FnOnce() -> N + 'static) -> Self {
        let mut stage = Self::empty();
        stage.mount(view);
        stage
    }

    /// Mounts a view onto the stage.
    pub fn mount<N: IntoView + 'static>(&mut self, view: impl FnOnce() -> N + 'static) {
        let host = document().create_element("div").expect("a div can be made");
        host.set_id("app");
        self.host.append_child(&host).expect("it takes children");
        self.mounted = Some(Box::new(mount_to(host.unchecked_into(), view)));
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        drop(self.mounted.take());
        self.host.remove();
    }
}

/// A key called `name`, last used `used` milliseconds before [`NOW`].
pub fn key(name: &str, used: Option<i64>) -> ApiKey {
    ApiKey {
        id: "5f0c6c5e-0d1a-4f0e-9d4e-7f6f0b3a9c11".parse().expect("a uuid"),
        name: name.to_owned(),
        masked: "occ_TheW…0000".to_owned(),
        created: Timestamp::from_unix_seconds(1_793_525_400),
        last_used: used.map(|ago| Timestamp::from_unix_millis(NOW.unix_millis() - ago)),
    }
}

/// The tab's session storage.
pub fn session_storage() -> web_sys::Storage {
    window().session_storage().expect("access is allowed").expect("there is one")
}

/// The part of `text` from `start` to `end`, both included.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let from = text.find(start).expect("the start is there");
    let to = text[from..].find(end).expect("the end is there") + from + end.len();
    &text[from..to]
}
