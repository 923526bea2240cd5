//! The dialog that tells which key a text holds, in the signed-in app.

use leptos::wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::keys_page::signed_in;
use crate::support::key_api::{Answer, KeyApi};
use crate::support::screen::{self, click, press, until, until_text};

const KEYS: &str = include_str!("../../contract/fixtures/hidden_api_keys.json");
const TOKEN: &str = include_str!("../../contract/fixtures/access_token.json");
const SECRET: &str = "occ_TheWholeSecretOfTheFixture0000000000000000000000";
const STRANGER: &str = "occ_AnotherWholeSecret000000000000000000000000002222";
const EXCHANGE: &str =
    "GET /auth/access-token?key=occ_TheWholeSecretOfTheFixture0000000000000000000000";

/// Sends an event of a paste or of typing to what has the focus. Whether the page took it over.
/// Firefox has names of its own for what is pasted.
fn send(kind: &str, text: &str) -> bool {
    let body = "const data = new DataTransfer();
        data.setData('text/plain', text);
        const rest = { bubbles: true, cancelable: true };
        const event = kind === 'paste'
            ? new ClipboardEvent(kind,
                { clipboardData: data, data: text, dataType: 'text/plain', ...rest })
            : new InputEvent(kind, { data: text, inputType: 'insertText', ...rest });
        return !document.activeElement.dispatchEvent(event);";
    js_sys::Function::new_with_args("kind, text", body)
        .call2(&JsValue::NULL, &kind.into(), &text.into())
        .expect("it can be sent")
        .is_truthy()
}

async fn until_focus_is_in_the_field() {
    until("the field has focus", || screen::focused().id() == "identify-target").await;
}

async fn until_focus_is_on(name: &'static str) {
    until(name, || screen::focused().text_content().as_deref() == Some(name)).await;
}

/// Clicks a button as its user does, which gives it the focus.
fn use_button(name: &str) {
    let button = screen::button(name);
    button.focus().expect("it takes focus");
    button.click();
}

fn is_open() -> bool {
    !screen::all(".stage dialog[open]").is_empty()
}

#[wasm_bindgen_test]
async fn what_is_typed_or_pasted_never_gets_into_the_document() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, KEYS);
    let _stage = signed_in();
    until_text("ci-bot").await;
    click("Identify a key");
    until_focus_is_in_the_field().await;
    assert!(send("beforeinput", "o"), "a letter is taken away");
    assert!(send("paste", STRANGER), "a paste is taken over");
    until_text("none of your keys matches it").await;
    assert!(!screen::markup().contains(STRANGER) && screen::field("Paste here").value().is_empty());
    assert!(send("beforeinput", SECRET), "so is what a phone puts in");
    until_text("This is likely “ci-bot”").await;
    assert!(!screen::markup().contains(SECRET));
    assert!(api.received(EXCHANGE).is_empty(), "nothing is sent by itself");
    click("Show in the table");
    until("it is closed", || !is_open()).await;
    until("the row is marked", || screen::all(".stage tr.highlighted").len() == 1).await;
    assert!(screen::one("tr.highlighted").inner_text().contains("Match"));
}

#[wasm_bindgen_test]
async fn nothing_is_said_of_a_text_while_there_is_no_list() {
    let api = KeyApi::in_place();
    api.on("GET /keys/", Answer::Held(200, KEYS.to_owned()));
    let _stage = signed_in();
    until("the app is there", || screen::text().contains("API keys")).await;
    press("i");
    until_focus_is_in_the_field().await;
    send("paste", SECRET);
    until_text("Your list of keys is not here yet").await;
    assert!(!screen::text().contains("none of your keys"));
    api.release();
    until_text("ci-bot").await;
    send("paste", SECRET);
    until_text("This is likely “ci-bot”").await;
    press("Escape");
    until("it is closed", || !is_open()).await;
}

#[wasm_bindgen_test]
async fn an_answer_that_comes_after_the_dialog_was_left_proves_nothing() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, KEYS);
    api.on(EXCHANGE, Answer::Held(401, r#"{"detail": "Invalid API key"}"#.to_owned()));
    let _stage = signed_in();
    until_text("ci-bot").await;
    press("l");
    until_focus_is_in_the_field().await;
    send("paste", SECRET);
    until_text("“ci-bot” has leaked").await;
    click("Does it still work?");
    until_text("Asking…").await;
    until("it is asked", || api.received(EXCHANGE).len() == 1).await;
    press("Escape");
    until("it is closed", || !is_open()).await;
    api.release();
    screen::next_frame().await;
    assert!(!is_open(), "it does not open anew");
}

#[wasm_bindgen_test]
async fn a_leaked_key_is_revoked_and_proved_dead_and_leaving_asks_for_the_note() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, KEYS);
    api.answers(EXCHANGE, 200, TOKEN);
    let _stage = signed_in();
    until_text("ci-bot").await;
    press("l");
    until_focus_is_in_the_field().await;
    send("paste", SECRET);
    until("the title has the focus", || screen::focused().id() == "identify-title").await;
    click("Does it still work?");
    until_text("The Key API still takes this key.").await;

    let id = "5f0c6c5e-0d1a-4f0e-9d4e-7f6f0b3a9c11";
    let delete = format!("DELETE /keys/{id}");
    // The count never comes: the key is revoked without it.
    api.on(&format!("GET /keys/{id}/usage"), Answer::Held(200, String::new()));
    api.answers(&delete, 500, r#"{"detail": "The disk is full."}"#);
    use_button("Revoke without a replacement");
    until("it is tried", || api.received(&delete).len() == 1).await;
    until("it can be tried again", || {
        screen::find_button("Revoke without a replacement").is_some()
    })
    .await;
    api.answers(&delete, 200, "{}");
    use_button("Revoke without a replacement");
    until_focus_is_on("Prove it is dead").await;
    assert_eq!(api.received(&delete).len(), 2);

    api.answers(EXCHANGE, 401, r#"{"detail": "Invalid API key"}"#);
    use_button("Prove it is dead");
    until_focus_is_on("Copy the note").await;
    let told: Vec<_> = screen::all(".stage dialog[open] .unseen[role=status]")
        .iter()
        .filter_map(|it| it.text_content())
        .collect();
    assert!(told.len() == 1 && told[0].starts_with("The Key API rejected it at "), "{told:?}");
    assert!(screen::markup().contains("not known"), "the note says what is not known");

    press("Escape");
    until_focus_is_on("Keep open").await;
    press("Escape");
    screen::next_frame().await;
    assert!(is_open());
    click("Keep open");
    until("the question is gone", || screen::find_button("Close anyway").is_none()).await;
    click("Close");
    until_focus_is_on("Keep open").await;
    click("Close anyway");
    until("it is closed", || !is_open()).await;
    assert!(!screen::markup().contains(SECRET));
}
