//! Signing in by the form that `index.html` holds.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Function, Reflect};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsValue;
use leptos::wasm_bindgen::closure::Closure;
use occam_keys::api::Client;
use occam_keys::app::run;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::key_api::{Answer, KeyApi};
use crate::support::screen::{
    Replaced, click, drawn, field, focused, idle, type_into, until, until_text,
};
use crate::support::{Stage, screen, session_storage};

const TOKENS: &str = include_str!("../../contract/fixtures/access_and_refresh_token.json");
const SIGN_IN: &str = "POST /auth/access-token";

/// The app beside its sign-in form.
fn app() -> Stage {
    let mut stage = Stage::with_sign_in_form();
    stage.mount(|| run(Client::new("")));
    stage
}

fn fill_in() {
    type_into("Email", "me@example.com");
    type_into("Password", "correct horse");
}

#[wasm_bindgen_test]
fn the_form_is_made_for_password_managers() {
    let _stage = Stage::with_sign_in_form();
    let autocomplete = |label| field(label).get_attribute("autocomplete");
    assert_eq!(autocomplete("Email").as_deref(), Some("username"));
    assert_eq!(autocomplete("Password").as_deref(), Some("current-password"));
    assert_eq!(field("Password").type_(), "password");
}

#[wasm_bindgen_test]
async fn a_wrong_password_is_said_keeps_the_user_name_and_empties_the_password() {
    let api = KeyApi::in_place();
    api.answers(SIGN_IN, 400, r#"{"detail": "Invalid email or password"}"#);
    let _stage = app();
    fill_in();
    click("Sign in");
    until_text("The email or the password is wrong.").await;
    assert_eq!(field("Email").value(), "me@example.com");
    assert_eq!(field("Password").value(), "");
    assert_eq!(focused().id(), "password");
    assert_eq!(session_storage().length(), Ok(0));
}

#[wasm_bindgen_test]
async fn a_lost_connection_keeps_what_was_typed() {
    let api = KeyApi::in_place();
    api.on(SIGN_IN, Answer::Unreachable);
    let _stage = app();
    fill_in();
    click("Sign in");
    until_text("could not be reached").await;
    assert_eq!(field("Password").value(), "correct horse");
}

#[wasm_bindgen_test]
async fn a_host_that_is_no_key_api_is_not_taken_for_a_wrong_password() {
    let api = KeyApi::in_place();
    api.answers(SIGN_IN, 405, "<html><h1>405 Not Allowed</h1>");
    let _stage = app();
    fill_in();
    click("Sign in");
    until_text("the address of the API is wrong").await;
    assert_eq!(field("Password").value(), "correct horse");
}

#[wasm_bindgen_test]
async fn a_second_submit_meanwhile_sends_nothing() {
    let api = KeyApi::in_place();
    api.on(SIGN_IN, Answer::Held(401, "{}".to_owned()));
    let _stage = app();
    fill_in();
    let submit = screen::button("Sign in");
    submit.click();
    submit.click();
    until_text("Signing in…").await;
    submit.click();
    until("the request is there", || api.received(SIGN_IN).len() == 1).await;
    api.release();
    until_text("is wrong").await;
    assert_eq!(api.received(SIGN_IN).len(), 1);
}

#[wasm_bindgen_test]
async fn signing_in_shows_the_keys_and_hides_the_form() {
    let api = KeyApi::in_place();
    api.answers(SIGN_IN, 200, TOKENS);
    api.answers("GET /keys/", 200, "[]");
    let _stage = app();
    fill_in();
    click("Sign in");
    until_text("No API keys yet").await;
    assert!(screen::one("#sign-in").hidden());
    assert_eq!(field("Password").value(), "", "the password does not stay behind");
    until("the heading has focus", || focused().text_content().as_deref() == Some("API keys"))
        .await;
    assert_eq!(document().title(), "API keys · Occam Keys");
}

#[wasm_bindgen_test]
async fn what_was_submitted_before_the_app_was_there_is_taken_over() {
    let api = KeyApi::in_place();
    api.answers(SIGN_IN, 200, TOKENS);
    api.answers("GET /keys/", 200, "[]");
    let mut stage = Stage::with_sign_in_form();
    fill_in();
    // As `boot.js` leaves it.
    screen::one("#sign-in-form").dataset().set("held", "").expect("a valid name");
    stage.mount(|| run(Client::new("")));
    until_text("No API keys yet").await;
    assert_eq!(api.received(SIGN_IN).len(), 1);
}

#[wasm_bindgen_test]
async fn the_first_list_is_rehearsed_where_nobody_sees_it() {
    at_rest().await;
    let api = KeyApi::in_place();
    let rows = Calls::of(&element_prototype(), "setAttribute", "data-key");
    let left = Calls::of(&window(), "removeEventListener", "resize");
    let _stage = app();
    field("Password").focus().expect("it takes focus");
    until("a row is drawn", || rows.count() > 0).await;
    until("the table is gone", || left.count() > 0).await;
    at_rest().await;
    assert_eq!(document().title(), "Sign in · Occam Keys");
    assert_eq!(focused().id(), "password");
    assert!(!screen::one("#sign-in").hidden());
    assert_eq!(screen::one("#app").child_element_count(), 0);
    assert_eq!(screen::all("table, dialog").len(), 0);
    assert_eq!(window().location().hash().as_deref(), Ok(""));
    assert_eq!(session_storage().length(), Ok(0));
    assert_eq!(api.begun(), 0, "the Key API is asked for nothing");
}

#[wasm_bindgen_test]
async fn whoever_signs_in_does_not_wait_for_a_rehearsal() {
    at_rest().await;
    let api = KeyApi::in_place();
    api.on(SIGN_IN, Answer::Held(401, "{}".to_owned()));
    let rows = Calls::of(&element_prototype(), "setAttribute", "data-key");
    let mut stage = Stage::with_sign_in_form();
    fill_in();
    // As `boot.js` leaves it.
    screen::one("#sign-in-form").dataset().set("held", "").expect("a valid name");
    stage.mount(|| run(Client::new("")));
    until("the request is there", || api.received(SIGN_IN).len() == 1).await;
    at_rest().await;
    assert_eq!(rows.count(), 0);
    api.release();
    until_text("is wrong").await;
}

/// Waits until a page has done whatever it does when it is there; also one of a test that is over.
async fn at_rest() {
    for _ in 0..5 {
        idle().await;
        drawn().await;
    }
}

fn element_prototype() -> JsValue {
    let element = Reflect::get(&window(), &"Element".into()).expect("there are elements");
    Reflect::get(&element, &"prototype".into()).expect("they have a prototype")
}

/// How often a method was called with this first argument since this is there.
struct Calls {
    count: Rc<Cell<u32>>,
    _method: Replaced,
    _tell: Closure<dyn Fn()>,
}

impl Calls {
    fn of(object: &JsValue, method: &'static str, first: &str) -> Self {
        let plain = Reflect::get(object, &method.into()).expect("an object");
        let count = Rc::new(Cell::new(0));
        let tell = Closure::<dyn Fn()>::new({
            let count = count.clone();
            move || count.set(count.get() + 1)
        });
        let make = Function::new_with_args(
            "plain, first, tell",
            "return function (...all) {
                if (all[0] === first) tell();
                return plain.apply(this, all);
            }",
        );
        let watched = make
            .call3(&JsValue::UNDEFINED, &plain, &first.into(), tell.as_ref())
            .expect("a function is made");
        Self { count, _method: Replaced::new(object, method, &watched), _tell: tell }
    }

    fn count(&self) -> u32 {
        self.count.get()
    }
}
