//! The signed-in app, from its keys to its end.

use leptos::prelude::*;
use occam_keys::api::Client;
use occam_keys::app::run;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::clock::Clock;
use crate::support::key_api::{Answer, KeyApi};
use crate::support::screen::{click, focused, press, type_into, until, until_text};
use crate::support::{Stage, screen, session_storage};

const KEYS: &str = include_str!("../../contract/fixtures/hidden_api_keys.json");
const CREATED: &str = include_str!("../../contract/fixtures/visible_api_key.json");
const SECRET: &str = "occ_TheWholeSecretOfTheFixture0000000000000000000000";
const TOKENS: &str = include_str!("../../contract/fixtures/access_and_refresh_token.json");
const REFRESH: &str = "POST /auth/refresh-token";
const REFUSED: &str = r#"{"detail": "Refresh token expired or is already used"}"#;
const NEVER_USED: &str = "8b1d2f3a-52c6-4a51-8a8c-3a1f5f2f7d02";
const CI_BOT: &str = "5f0c6c5e-0d1a-4f0e-9d4e-7f6f0b3a9c11";
/// The key that a lost request has made, before the others in their list.
const LOST: &str = r#"[{"uuid": "9c2e2f3a-52c6-4a51-8a8c-3a1f5f2f7d02", "name": "deploy",
    "api_key": "occ_Los7…2222", "created": "2026-11-24T12:00:00Z",
    "last_used": "2026-11-24T12:00:00Z"},"#;

/// The app as it is after a reload of somebody who is signed in.
pub fn signed_in() -> Stage {
    let mut stage = Stage::with_sign_in_form();
    sign_in_to(&mut stage);
    stage
}

fn sign_in_to(stage: &mut Stage) {
    let record = r#"{"id": "00000000-0000-0000-0000-000000000001", "username": "me@example.com",
        "generation": 0, "came": 0, "life": null, "access_token": "a", "refresh_token": "r"}"#;
    session_storage().set_item("occam-keys.session", record).expect("it takes text");
    stage.mount(|| run(Client::new("")));
}

/// Opens the dialog that makes a key, and types its name.
pub async fn name_a_key(name: &str) {
    click("Create key");
    until_text("Create an API key").await;
    type_into("Name", name);
}

/// The app with two keys and the name of a third one typed, of which no answer will come.
async fn about_to_lose(api: &KeyApi) -> Stage {
    api.answers("GET /keys/", 200, KEYS);
    api.on("PUT /keys/", Answer::Unreachable);
    let stage = signed_in();
    until("two rows", || rows().len() == 2).await;
    name_a_key("deploy").await;
    stage
}

fn rows() -> Vec<String> {
    screen::all(".stage tbody tr").iter().filter_map(|row| row.text_content()).collect()
}

#[wasm_bindgen_test]
async fn a_restored_session_goes_straight_to_the_keys() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, KEYS);
    let _stage = signed_in();
    assert!(screen::one("#sign-in").hidden() || screen::text().contains("API keys"));
    until("two rows", || rows().len() == 2).await;
    assert!(rows()[0].contains("Never used") && rows()[0].contains("occ_Nev3…1111"));
    assert!(rows()[1].contains("ci-bot"));
    assert!(screen::find_button("Usage of ci-bot").is_some());
    assert!(screen::find_button("Revoke ci-bot").is_some());
    assert_eq!(api.received("GET /keys/")[0].authorization.as_deref(), Some("Bearer a"));
}

#[wasm_bindgen_test]
async fn a_hostile_name_stays_text() {
    let api = KeyApi::in_place();
    let hostile = "<img src=x onerror=alert(1)>\u{202e}";
    api.answers("GET /keys/", 200, &KEYS.replace("ci-bot", hostile));
    let _stage = signed_in();
    until("two rows", || rows().len() == 2).await;
    let shown = "<img src=x onerror=alert(1)>⟨U+202E⟩";
    assert!(rows()[1].contains(shown), "{:?}", rows());
    assert!(screen::find_button(&format!("Revoke {shown}")).is_some());
    assert!(screen::all(".stage img").is_empty());
    assert!(!screen::markup().contains('\u{202e}'));
}

#[wasm_bindgen_test]
async fn a_key_that_looks_like_another_is_said_to_before_it_is_revoked() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, &KEYS.replace("Never used", "сі-bоt"));
    api.answers(&format!("GET /keys/{NEVER_USED}/usage"), 404, "{}");
    let _stage = signed_in();
    until("two rows", || rows().len() == 2).await;
    click("Revoke сі-bоt");
    until_text("It looks like another key of yours, which stays:").await;
    assert!(screen::one(".lookalikes").text_content().is_some_and(|it| it.contains("ci-bot")));
}

#[wasm_bindgen_test]
async fn no_keys_are_met_with_the_way_to_the_first_one() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, "[]");
    let _stage = signed_in();
    until_text("No API keys yet").await;
    click("Create your first key");
    until_text("Create an API key").await;
}

#[wasm_bindgen_test]
async fn a_failed_list_is_not_an_empty_one_and_can_be_tried_again() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 500, "<html>");
    let _stage = signed_in();
    until_text("Your keys could not be loaded").await;
    assert!(!screen::text().contains("No API keys yet"));
    api.answers("GET /keys/", 200, KEYS);
    click("Try again");
    until("two rows", || rows().len() == 2).await;
}

#[wasm_bindgen_test]
async fn a_failed_refresh_keeps_the_old_list_in_sight() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, KEYS);
    let _stage = signed_in();
    until("two rows", || rows().len() == 2).await;
    api.answers("GET /keys/", 500, "");
    click("Refresh");
    until_text("This list may be out of date.").await;
    assert_eq!(rows().len(), 2);
}

#[wasm_bindgen_test]
async fn the_search_filters_says_what_it_hides_and_stands_in_the_address() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, KEYS);
    let _stage = signed_in();
    until("two rows", || rows().len() == 2).await;
    type_into("Search keys", "CI-B");
    until_text("1 of 2 keys, 1 hidden by the search").await;
    assert_eq!(rows().len(), 1);
    assert_eq!(window().location().hash().as_deref(), Ok("#/keys?q=CI-B"));

    type_into("Search keys", "prod");
    until_text("No key matches “prod”").await;
    click("Clear search");
    until("two rows", || rows().len() == 2).await;
}

#[wasm_bindgen_test]
async fn a_new_key_is_shown_once_and_marked_in_the_list() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, "[]");
    api.answers("PUT /keys/", 200, CREATED);
    let _stage = signed_in();
    until_text("No API keys yet").await;
    name_a_key("ci-bot").await;
    api.answers("GET /keys/", 200, KEYS);
    click("Create");
    until_text("Copy the key “ci-bot” now").await;
    until("the list has the key", || rows().len() == 2).await;
    click("Reveal");
    until_text(SECRET).await;
    let storage = session_storage().get_item("occam-keys.session").expect("it is there");
    assert!(!storage.expect("a session").contains(SECRET));

    click("I have saved it");
    until("it is gone", || !screen::markup().contains(SECRET)).await;
    assert!(rows()[0].contains("Just now"), "{:?}", rows());
    assert_eq!(api.received("PUT /keys/").len(), 1);
}

#[wasm_bindgen_test]
async fn a_lost_answer_to_a_create_claims_nothing_and_is_not_repeated() {
    let api = KeyApi::in_place();
    let _stage = about_to_lose(&api).await;
    click("Create");
    until_text("We do not know whether the key was made").await;
    until_text("Was “deploy” made?").await;
    assert!(session_storage().get_item("occam-keys.creation").expect("it is there").is_some());
    until("the list is looked at", || api.received("GET /keys/").len() >= 3).await;
    assert!(screen::text().contains("Looking for it in your list…"), "it is not found, so far");
    assert_eq!(api.received("PUT /keys/").len(), 1);

    // Another tab, or a slow server: the key is there now.
    api.answers("GET /keys/", 200, &KEYS.replace("Never used", "deploy").replace("8b1d", "9c2e"));
    until_text("nobody has its secret").await;
    click("Make another");
    until_text("Create an API key").await;
    assert_eq!(screen::field("Name").value(), "deploy");
    assert_eq!(session_storage().length(), Ok(1), "it is settled");
    assert_eq!(api.received("PUT /keys/").len(), 1);
}

#[wasm_bindgen_test]
async fn an_expired_session_never_takes_a_secret_with_it() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, KEYS);
    api.answers("PUT /keys/", 200, CREATED);
    let _stage = signed_in();
    until("two rows", || rows().len() == 2).await;
    name_a_key("ci-bot").await;
    api.answers("GET /keys/", 401, r#"{"detail": "expired"}"#);
    api.answers(REFRESH, 400, REFUSED);
    click("Create");
    until_text("Your session has ended. Sign in again to go on.").await;
    assert_eq!(screen::field("Email").value(), "me@example.com");

    click("Back to the key");
    until("the layer is gone", || screen::find_button("Back to the key").is_none()).await;
    click("Reveal");
    until_text(SECRET).await;
    click("I have saved it");
    until_text("Your session has ended. Sign in again to go on.").await;
    assert!(!screen::markup().contains(SECRET));
}

#[wasm_bindgen_test]
async fn an_expired_session_takes_no_key_with_it_that_is_being_made() {
    let api = KeyApi::in_place();
    let refused = Answer::Held(401, r#"{"detail": "expired"}"#.to_owned());
    api.on("GET /keys/", Answer::Turns(vec![Answer::With(200, KEYS.to_owned()), refused]));
    api.on("PUT /keys/", Answer::Held(200, CREATED.to_owned()));
    api.answers(REFRESH, 400, REFUSED);
    let _stage = signed_in();
    until("two rows", || rows().len() == 2).await;
    name_a_key("ci-bot").await;
    until("the list is read anew", || api.received("GET /keys/").len() == 2).await;
    click("Create");
    until("the key is being made", || api.received("PUT /keys/").len() == 1).await;
    api.release_only("GET /keys/");
    until_text("Your session has ended. Sign in again to go on.").await;
    assert!(screen::text().contains("What you have begun is still open behind this."));
    assert!(screen::find_button("Sign out instead").is_none(), "one click would drop the key");

    click("Back to it");
    until("the layer is gone", || screen::find_button("Back to it").is_none()).await;
    api.release();
    until_text("Copy the key “ci-bot” now").await;
    click("Reveal");
    until_text(SECRET).await;
}

#[wasm_bindgen_test]
async fn what_is_asked_of_a_replaced_key_takes_no_other_questions_place() {
    let api = KeyApi::in_place();
    let usage = format!("GET /keys/{NEVER_USED}/usage");
    let used = include_str!("../../contract/fixtures/api_key_usage.json");
    // In use, whenever this runs.
    let now = String::from(js_sys::Date::new_0().to_iso_string());
    api.answers("GET /keys/", 200, &KEYS.replace("2026-11-23T17:48:21.250Z", &now));
    let made = CREATED.replace(CI_BOT, "9c2e2f3a-52c6-4a51-8a8c-3a1f5f2f7d02");
    api.answers("PUT /keys/", 200, &made);
    // The look at its use may take as long as it likes.
    let _clock = Clock::in_hand();
    let mut stage = Stage::with_sign_in_form();
    let note = format!(r#"{{"username": "me@example.com", "keys": ["{NEVER_USED}"]}}"#);
    session_storage().set_item("occam-keys.unconfirmed", &note).expect("it takes text");
    sign_in_to(&mut stage);
    until_text("never confirmed saving its key").await;
    click("Replace");
    until_text("Once it is saved, the key that it replaces is revoked.").await;
    click("Reveal");
    until_text(SECRET).await;
    api.on(&usage, Answer::Held(200, used.to_owned()));
    api.answers(&format!("GET /keys/{CI_BOT}/usage"), 404, "{}");
    api.answers(&format!("DELETE /keys/{CI_BOT}"), 200, "{}");
    click("I have saved it");
    until("its use is looked at", || api.received(&usage).len() == 1).await;
    click("Revoke ci-bot");
    until_text("Revoke “ci-bot”?").await;
    api.release();
    // The offer on the page waits for its turn.
    until_text("but the old key still works").await;
    type_into("Type ci-bot to confirm", "ci-bot");
    click("Revoke key");
    until("it is revoked", || api.received(&format!("DELETE /keys/{CI_BOT}")).len() == 1).await;
    until_text("Revoked “ci-bot”.").await;
    assert!(api.received(&format!("DELETE /keys/{NEVER_USED}")).is_empty());
}

#[wasm_bindgen_test]
async fn a_look_for_a_lost_key_moves_nothing_under_the_pointer() {
    let api = KeyApi::in_place();
    let _stage = about_to_lose(&api).await;
    until("the list is read anew", || api.received("GET /keys/").len() == 2).await;
    until("its answer", || screen::all(".stage main [aria-busy=true]").is_empty()).await;
    let lost = KEYS.replacen('[', LOST, 1);
    api.on("GET /keys/", Answer::Held(200, lost));
    click("Create");
    until_text("Was “deploy” made?").await;
    until("the list is looked at", || api.received("GET /keys/").len() == 3).await;
    click("Close");
    until("no dialog is open", || screen::all("dialog[open]").is_empty()).await;
    let body = screen::one("table.keys tbody");
    screen::send(&body, "mouseenter", false);
    api.release();
    // By then the first one is taken in.
    until("the list is looked at again", || api.received("GET /keys/").len() == 4).await;
    assert_eq!(rows().len(), 2);
    screen::send(&body, "mouseleave", false);
    until("three rows", || rows().len() == 3).await;
}

#[wasm_bindgen_test]
async fn signing_in_again_goes_on_where_it_was() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, KEYS);
    let _stage = signed_in();
    until("two rows", || rows().len() == 2).await;
    type_into("Search keys", "CI-B");
    api.answers("GET /keys/", 401, "{}");
    api.answers(REFRESH, 404, REFUSED);
    click("Refresh");
    until_text("Your session has ended. Sign in again to go on.").await;
    assert_eq!(rows().len(), 1, "the page stays behind the form");
    assert_eq!(session_storage().length(), Ok(0));
    until("the field that is to be filled in has focus", || focused().id() == "password").await;

    api.answers("POST /auth/access-token", 200, TOKENS);
    api.answers("GET /keys/", 200, KEYS);
    type_into("Password", "correct horse");
    click("Sign in");
    until("the layer is gone", || screen::all("dialog[open]").is_empty()).await;
    until("the refused read is repeated", || {
        let last = api.received("GET /keys/").pop().and_then(|it| it.authorization);
        last.as_deref() == Some("Bearer access-token-of-the-fixture")
    })
    .await;
    assert_eq!(rows().len(), 1);
    assert_eq!(window().location().hash().as_deref(), Ok("#/keys?q=CI-B"));
    assert_eq!(screen::field("Password").value(), "");
}

#[wasm_bindgen_test]
async fn somebody_else_finds_nothing_of_who_was_there_before() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, KEYS);
    let _stage = signed_in();
    until("two rows", || rows().len() == 2).await;
    type_into("Search keys", "CI-B");
    api.answers("GET /keys/", 401, "{}");
    api.answers(REFRESH, 400, REFUSED);
    click("Refresh");
    until_text("Your session has ended. Sign in again to go on.").await;

    api.answers("POST /auth/access-token", 200, TOKENS);
    api.on("GET /keys/", Answer::Held(200, "[]".to_owned()));
    type_into("Email", "somebody@example.com");
    type_into("Password", "correct horse");
    click("Sign in");
    until_text("somebody@example.com").await;
    until("the layer is gone", || screen::all("dialog[open]").is_empty()).await;
    assert!(rows().is_empty() && !screen::text().contains("me@example.com"));
    assert_eq!(window().location().hash().as_deref(), Ok("#/keys"));
    until("their list is asked for", || {
        let last = api.received("GET /keys/").pop().and_then(|it| it.authorization);
        last.as_deref() == Some("Bearer access-token-of-the-fixture")
    })
    .await;
    api.release();
    until_text("No API keys yet").await;
}

#[wasm_bindgen_test]
async fn a_failing_renewal_is_no_sign_out() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 401, "{}");
    api.answers(REFRESH, 500, "");
    let _stage = signed_in();
    until_text("The Key API failed (status 500).").await;
    assert!(!screen::text().contains("Your session has ended"));
    assert_eq!(api.received(REFRESH).len(), 1);
    assert!(session_storage().get_item("occam-keys.session").expect("it is there").is_some());
}

#[wasm_bindgen_test]
async fn a_refused_token_leads_to_sign_in_with_the_reason() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 401, "{}");
    api.answers(REFRESH, 400, REFUSED);
    let _stage = signed_in();
    until_text("Your session has ended. Sign in again to go on.").await;
    assert_eq!(session_storage().length(), Ok(0));
    until("the user name is known", || focused().id() == "password").await;
}

#[wasm_bindgen_test]
async fn revoking_takes_the_row_away_and_names_the_key() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, KEYS);
    api.answers(&format!("DELETE /keys/{NEVER_USED}"), 200, "{}");
    api.answers(&format!("GET /keys/{NEVER_USED}/usage"), 404, "{}");
    let _stage = signed_in();
    until("two rows", || rows().len() == 2).await;
    click("Revoke Never used");
    until_text("This cannot be undone").await;
    let only_ci_bot = KEYS.split_once("},").expect("two keys").0.to_owned() + "}]";
    api.answers("GET /keys/", 200, &only_ci_bot);
    click("Revoke key");
    until_text("Revoked “Never used”.").await;
    until("one row", || rows().len() == 1).await;
    until("the heading has focus", || focused().tag_name() == "H1").await;
}

#[wasm_bindgen_test]
async fn a_key_that_is_gone_already_is_no_failure() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, KEYS);
    api.answers(&format!("DELETE /keys/{NEVER_USED}"), 404, "{}");
    api.answers(&format!("GET /keys/{NEVER_USED}/usage"), 404, "{}");
    let _stage = signed_in();
    until("two rows", || rows().len() == 2).await;
    click("Revoke Never used");
    until_text("This cannot be undone").await;
    click("Revoke key");
    until_text("“Never used” was gone already.").await;
}

#[wasm_bindgen_test]
async fn a_lost_answer_to_a_revocation_claims_nothing() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, KEYS);
    api.on(&format!("DELETE /keys/{NEVER_USED}"), Answer::Unreachable);
    api.answers(&format!("GET /keys/{NEVER_USED}/usage"), 500, "");
    let _stage = signed_in();
    until("two rows", || rows().len() == 2).await;
    click("Revoke Never used");
    until_text("This cannot be undone").await;
    until("the list is read anew", || api.received("GET /keys/").len() == 2).await;
    click("Revoke key");
    until_text("The key may have been revoked all the same.").await;
    until("the list is looked at", || api.received("GET /keys/").len() == 3).await;
}

#[wasm_bindgen_test]
async fn focus_survives_what_it_was_on() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 500, "");
    let _stage = signed_in();
    until_text("Your keys could not be loaded").await;
    api.answers("GET /keys/", 200, KEYS);
    let retry = screen::button("Try again");
    retry.focus().expect("it takes focus");
    retry.click();
    until("two rows", || rows().len() == 2).await;
    until("the heading has focus", || focused().tag_name() == "H1").await;
    type_into("Search keys", "prod");
    until_text("No key matches “prod”").await;
    click("Clear search");
    until("the search has focus", || focused().get_attribute("type").as_deref() == Some("search"))
        .await;
}

#[wasm_bindgen_test]
async fn signing_out_forgets_everything_and_revokes_the_session() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, KEYS);
    api.answers("POST /auth/revoke", 404, "{}");
    let _stage = signed_in();
    until("two rows", || rows().len() == 2).await;
    click("Sign out");
    until_text("You are signed out.").await;
    assert_eq!(session_storage().length(), Ok(0));
    assert!(!screen::markup().contains("ci-bot"));
    until("the token is revoked", || api.received("POST /auth/revoke").len() == 1).await;
    let body = &api.received("POST /auth/revoke")[0].body;
    assert_eq!(body, "token=r&token_type_hint=refresh_token");
}

#[wasm_bindgen_test]
async fn the_question_before_leaving_is_there_only_while_a_secret_is_at_risk() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, KEYS);
    api.answers("PUT /keys/", 200, CREATED);
    let _stage = signed_in();
    until("two rows", || rows().len() == 2).await;
    assert!(!asks_before_unload());
    name_a_key("ci-bot").await;
    click("Create");
    until_text("Copy the key “ci-bot” now").await;
    until("the question is armed", asks_before_unload).await;
    press("Escape");
    until_text("Close anyway?").await;
    click("Close without copying");
    until("the question is gone", || !asks_before_unload()).await;
}

/// Whether the page would ask before it is left.
fn asks_before_unload() -> bool {
    let init = web_sys::EventInit::new();
    init.set_cancelable(true);
    let event = web_sys::Event::new_with_event_init_dict("beforeunload", &init)
        .expect("an event can be made");
    !window().dispatch_event(&event).expect("it can be sent")
}
