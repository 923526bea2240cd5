//! Messages about what has happened: how long they stay, and whom they disturb.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Function;
use leptos::prelude::*;
use leptos::wasm_bindgen::prelude::*;
use occam_keys::components::notice::{Notice, Notices};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::Stage;
use crate::support::screen::{Replaced, all, button, drawn, focused, one, text, until, until_text};

/// Seconds that pass when the test says so.
struct Seconds {
    actions: Rc<RefCell<Vec<Function>>>,
    _set: Closure<dyn Fn(Function) -> i32>,
    _replaced: Replaced,
}

impl Seconds {
    fn in_hand() -> Self {
        let actions = Rc::new(RefCell::new(Vec::new()));
        let set = Closure::<dyn Fn(Function) -> i32>::new({
            let actions = actions.clone();
            move |action: Function| {
                actions.borrow_mut().push(action);
                1_000_000_000
            }
        });
        let replaced = Replaced::new(&window(), "setInterval", set.as_ref());
        Self { actions, _set: set, _replaced: replaced }
    }

    fn pass(&self, seconds: usize) {
        let actions = self.actions.borrow().clone();
        let last = actions.last().expect("the seconds are counted");
        for _ in 0..seconds {
            last.call0(&JsValue::UNDEFINED).expect("an action does not fail");
        }
    }
}

/// The page around the messages: a heading and a button.
fn stage() -> (Stage, RwSignal<Option<Notice>>) {
    let notice = RwSignal::new(None);
    let stage = Stage::of(move || {
        view! {
            <h1 tabindex="-1">{"Page"}</h1>
            <button type="button">{"Elsewhere"}</button>
            <Notices notice/>
        }
    });
    (stage, notice)
}

fn about(name: &str) -> Option<Notice> {
    Some(Notice::about("Revoked “", name.to_owned(), "”."))
}

#[wasm_bindgen_test]
async fn messages_stack_are_said_once_and_leave_the_focus_where_it_is() {
    let (_stage, notice) = stage();
    drawn().await;
    button("Elsewhere").focus().expect("it takes focus");
    let region = one(".notices");
    assert_eq!(region.get_attribute("role").as_deref(), Some("status"));
    // The whole region would be read again with each message.
    assert_eq!(region.get_attribute("aria-atomic").as_deref(), Some("false"));
    notice.set(about("ci-bot"));
    until_text("Revoked “ci-bot”.").await;
    let first = all(".stage .notice").remove(0);
    notice.set(about("billing"));
    until_text("Revoked “billing”.").await;
    assert!(text().contains("Revoked “ci-bot”."), "{}", text());
    assert!(first.is_connected(), "the first one was drawn, and said, again");
    assert_eq!(focused(), *button("Elsewhere"));
}

#[wasm_bindgen_test]
async fn a_message_stays_for_ten_seconds_and_as_long_as_it_is_being_read() {
    let seconds = Seconds::in_hand();
    let (_stage, notice) = stage();
    notice.set(about("ci-bot"));
    until_text("Revoked “ci-bot”.").await;
    seconds.pass(10);
    until_text("Revoked “ci-bot”.").await;
    button("Dismiss").focus().expect("it takes focus");
    seconds.pass(100);
    until_text("Revoked “ci-bot”.").await;
    button("Elsewhere").focus().expect("it takes focus");
    seconds.pass(20);
    until("the message to be gone", || all(".stage .notice").is_empty()).await;
}

#[wasm_bindgen_test]
async fn a_message_that_is_dismissed_gives_the_focus_back_to_the_page() {
    let (_stage, notice) = stage();
    notice.set(about("ci-bot"));
    until_text("Revoked “ci-bot”.").await;
    button("Dismiss").focus().expect("it takes focus");
    button("Dismiss").click();
    until("the focus to be on the heading", || focused().tag_name() == "H1").await;
    assert!(all(".stage .notice").is_empty());
}

#[wasm_bindgen_test]
async fn the_page_knows_of_messages_for_as_long_as_there_are_any() {
    let root = document().document_element().expect("a document has a root");
    let is_marked = || root.has_attribute("data-notices");
    let (stage, notice) = stage();
    assert!(!is_marked());
    notice.set(about("ci-bot"));
    until("the page to make room", is_marked).await;
    button("Dismiss").click();
    until("the room to be given back", || !is_marked()).await;
    notice.set(about("web"));
    until("the page to make room again", is_marked).await;
    drop(stage);
    until("nothing to be left of it", || !is_marked()).await;
}
