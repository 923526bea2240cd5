//! The page of one key.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::keys_page::signed_in;
use crate::support::key_api::KeyApi;
use crate::support::screen;
use crate::support::screen::{click, until, until_text};

const KEYS: &str = include_str!("../../contract/fixtures/hidden_api_keys.json");
const USAGE: &str = include_str!("../../contract/fixtures/api_key_usage.json");
const CI_BOT: &str = "5f0c6c5e-0d1a-4f0e-9d4e-7f6f0b3a9c11";

fn api() -> KeyApi {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, KEYS);
    api.answers(&format!("GET /keys/{CI_BOT}/usage"), 200, USAGE);
    api
}

#[wasm_bindgen_test]
async fn usage_leads_to_the_key_and_its_chart() {
    let _api = api();
    let _stage = signed_in();
    until("the table", || screen::find_button("Usage of ci-bot").is_some()).await;
    click("Usage of ci-bot");
    until("the chart", || !screen::all(".stage [role=img]").is_empty()).await;
    let label = screen::one("[role=img]").get_attribute("aria-label").expect("a name");
    assert!(label.starts_with("Usage of ci-bot: 1,270 successful and 14 failed"), "{label}");
    assert_eq!(leptos::prelude::document().title(), "ci-bot · Occam Keys");
}

#[wasm_bindgen_test]
async fn a_refresh_shows_new_figures_and_a_failed_one_keeps_the_old() {
    let api = api();
    let _stage = signed_in();
    until("the table", || screen::find_button("Usage of ci-bot").is_some()).await;
    click("Usage of ci-bot");
    until_text("1,284").await;
    api.answers(&format!("GET /keys/{CI_BOT}/usage"), 200, &USAGE.replace("1284", "1285"));
    click("Refresh");
    until_text("1,285").await;
    api.answers(&format!("GET /keys/{CI_BOT}/usage"), 500, "");
    click("Refresh");
    until_text("These figures may be out of date.").await;
    assert!(screen::text().contains("1,285"));
}

#[wasm_bindgen_test]
async fn a_key_that_is_newer_than_the_list_is_found() {
    let api = api();
    let only_never_used = format!("[{}", KEYS.split_once("},").expect("two keys").1);
    api.answers("GET /keys/", 200, &only_never_used);
    let _stage = signed_in();
    until("the table", || screen::find_button("Usage of Never used").is_some()).await;
    api.answers("GET /keys/", 200, KEYS);
    let window = leptos::prelude::window();
    window.location().set_hash(&format!("#/keys/{CI_BOT}")).expect("a hash can be set");
    until("its name", || screen::one("#app h1").text_content().as_deref() == Some("ci-bot")).await;
    assert!(!screen::text().contains("There is no key at this address."));
}

#[wasm_bindgen_test]
async fn a_list_that_fails_is_said_on_the_page_of_a_key() {
    let api = api();
    api.answers("GET /keys/", 500, "");
    let _stage = signed_in();
    until_text("Your keys could not be loaded").await;
    let window = leptos::prelude::window();
    window.location().set_hash(&format!("#/keys/{CI_BOT}")).expect("a hash can be set");
    until_text("The key could not be looked up").await;
    until_text("1,284").await;
    assert!(screen::button("Revoke").has_attribute("disabled"));
    api.answers("GET /keys/", 200, KEYS);
    click("Try again");
    until("its name", || screen::one("#app h1").text_content().as_deref() == Some("ci-bot")).await;
}

#[wasm_bindgen_test]
async fn an_address_without_a_key_says_so_and_leads_back() {
    let api = api();
    let nobody = "00000000-0000-4000-8000-000000000000";
    api.answers(&format!("GET /keys/{nobody}/usage"), 404, "{}");
    let _stage = signed_in();
    until("the table", || screen::find_button("Usage of ci-bot").is_some()).await;
    let window = leptos::prelude::window();
    window.location().set_hash(&format!("#/keys/{nobody}")).expect("a hash can be set");
    until_text("There is no key at this address.").await;
    click("Show all keys");
    until("the table", || screen::find_button("Usage of ci-bot").is_some()).await;
}
