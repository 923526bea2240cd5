//! Signing in by the form that `index.html` holds.

use leptos::prelude::*;
use occam_keys::api::Client;
use occam_keys::app::run;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::key_api::{Answer, KeyApi};
use crate::support::screen::{click, field, focused, type_into, until, until_text};
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
