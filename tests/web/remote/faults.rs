//! Reads that fail for a while, for good, or too late: what is repeated, what is said meanwhile,
//! and what is cancelled.

use leptos::prelude::window;
use leptos::wasm_bindgen::JsValue;
use occam_keys::domain::retry::MOST_REPEATS;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::keys_page::signed_in;
use crate::support::clock::Clock;
use crate::support::key_api::{Answer, KeyApi};
use crate::support::screen;
use crate::support::screen::{Replaced, click, next_frame, until, until_text};

const KEYS: &str = include_str!("../../../contract/fixtures/hidden_api_keys.json");
const CI_BOT: &str = "5f0c6c5e-0d1a-4f0e-9d4e-7f6f0b3a9c11";
const LONG: i32 = 3_000;

fn rows() -> usize {
    screen::all(".stage tbody tr").len()
}

fn reads(api: &KeyApi) -> usize {
    api.received("GET /keys/").len()
}

fn throttled(retry_after: &str) -> Answer {
    Answer::Full(429, vec![("Retry-After", retry_after.to_owned())], "slow down".to_owned())
}

/// Whether a pause is the client's own backoff. None is as long as what says that it takes long.
fn is_backoff(pause: i32) -> bool {
    (300..=4_000).contains(&pause) && pause != LONG
}

/// Waits for the pause before a repeat, and ends it.
async fn end_backoff(clock: &Clock) {
    until("a pause before the repeat", || clock.pauses().into_iter().any(is_backoff)).await;
    assert_eq!(clock.end(is_backoff), 1, "one repeat at a time");
}

fn go_online(online: bool) -> Replaced {
    let replaced = Replaced::new(&window().navigator(), "onLine", &JsValue::from(online));
    let event = web_sys::Event::new(if online { "online" } else { "offline" }).expect("an event");
    window().dispatch_event(&event).expect("it can be sent");
    replaced
}

#[wasm_bindgen_test]
async fn an_outage_is_tried_again_twice_and_then_said() {
    let clock = Clock::in_hand();
    let api = KeyApi::in_place();
    api.on("GET /keys/", Answer::Unreachable);
    let _stage = signed_in();
    for tries in 1..=MOST_REPEATS as usize {
        until_text("The Key API could not be reached. Trying again…").await;
        assert_eq!(reads(&api), tries);
        end_backoff(&clock).await;
        until("the repeat", || reads(&api) == tries + 1).await;
    }
    until_text("Your keys could not be loaded").await;
    assert!(
        screen::text().contains("could not be reached: you may be offline, or the service may")
    );
    assert_eq!((reads(&api), clock.pauses()), (3, vec![]), "nothing goes on by itself");
}

#[wasm_bindgen_test]
async fn a_passing_outage_heals_by_itself_and_other_failures_are_not_repeated() {
    let clock = Clock::in_hand();
    let api = KeyApi::in_place();
    let gateway = Answer::With(502, "<html>".to_owned());
    api.on("GET /keys/", Answer::Turns(vec![gateway, Answer::With(200, KEYS.to_owned())]));
    let _stage = signed_in();
    until_text("The Key API failed (status 502). Trying again…").await;
    end_backoff(&clock).await;
    until("two rows", || rows() == 2).await;
    assert!(!screen::text().contains("Trying again"));

    for (status, body) in [(500, ""), (403, "<html>"), (200, "<html>")] {
        let before = reads(&api);
        api.answers("GET /keys/", status, body);
        click("Refresh");
        until_text("This list may be out of date.").await;
        assert_eq!((reads(&api), rows()), (before + 1, 2), "{status}");
        api.answers("GET /keys/", 200, KEYS);
        click("Try again");
        until("it is healed", || !screen::text().contains("out of date")).await;
        // While an answer is awaited the button asks for nothing.
        let refresh = screen::button("Refresh");
        until("it can be asked again", || !refresh.has_attribute("aria-disabled")).await;
    }
}

#[wasm_bindgen_test]
async fn the_servers_wish_to_wait_is_honoured_and_counted_down() {
    let clock = Clock::in_hand();
    let api = KeyApi::in_place();
    let turns = vec![throttled("42"), Answer::With(200, KEYS.to_owned())];
    api.on("GET /keys/", Answer::Turns(turns));
    let _stage = signed_in();
    until_text("Too many requests. Trying again in 42 s.").await;
    assert_eq!(clock.pauses(), [42_000]);
    let said = screen::one(".waiting [role=status]").inner_text();
    assert_eq!(said.trim(), "Too many requests.", "the seconds are not announced");
    until_text("Trying again in 41 s.").await;
    assert_eq!(reads(&api), 1);
    assert_eq!(clock.end(|pause| pause == 42_000), 1);
    until("two rows", || rows() == 2).await;
}

#[wasm_bindgen_test]
async fn a_wait_of_years_is_five_minutes_and_the_button_waits_too() {
    let clock = Clock::in_hand();
    let api = KeyApi::in_place();
    api.on("GET /keys/", throttled("Fri, 24 Nov 2126 17:00:00 GMT"));
    let _stage = signed_in();
    for _ in 0..MOST_REPEATS {
        until("five minutes", || clock.pauses() == [300_000]).await;
        clock.end(|pause| pause == 300_000);
        next_frame().await;
    }
    until_text("Your keys could not be loaded").await;
    until_text("Try again in 300 s").await;
    let retry = screen::one(".failure button");
    assert_eq!(retry.get_attribute("aria-disabled").as_deref(), Some("true"));
    retry.click();
    next_frame().await;
    assert_eq!(reads(&api), 3, "it is too soon");
}

#[wasm_bindgen_test]
async fn an_unreadable_wish_to_wait_leaves_the_clients_own_pause() {
    for garbage in ["soon", "-1", ""] {
        let clock = Clock::in_hand();
        let api = KeyApi::in_place();
        let turns = vec![throttled(garbage), Answer::With(200, KEYS.to_owned())];
        api.on("GET /keys/", Answer::Turns(turns));
        let _stage = signed_in();
        until_text("Too many requests. Trying again…").await;
        end_backoff(&clock).await;
        until("two rows", || rows() == 2).await;
    }
}

#[wasm_bindgen_test]
async fn an_answer_that_takes_long_is_said_to_and_still_comes() {
    let clock = Clock::in_hand();
    let api = KeyApi::in_place();
    api.on("GET /keys/", Answer::Held(200, KEYS.to_owned()));
    let _stage = signed_in();
    until("the read", || reads(&api) == 1).await;
    assert_eq!(clock.end(|pause| pause == LONG), 1);
    until_text("This is taking longer than usual.").await;
    api.release();
    until("two rows", || rows() == 2).await;
    assert!(!screen::text().contains("longer than usual"));
}

#[wasm_bindgen_test]
async fn leaving_the_page_cancels_its_read_and_no_repeat_follows() {
    let clock = Clock::in_hand();
    let api = KeyApi::in_place();
    let usage = format!("GET /keys/{CI_BOT}/usage");
    api.answers("GET /keys/", 200, KEYS);
    api.on(&usage, Answer::Held(200, "{}".to_owned()));
    let stage = signed_in();
    until("the table", || screen::find_button("Usage of ci-bot").is_some()).await;
    click("Usage of ci-bot");
    until("the read", || api.received(&usage).len() == 1).await;
    assert!(!api.received(&usage)[0].signal.aborted());
    window().location().set_hash("#/keys").expect("a hash can be set");
    until("it is cancelled", || api.received(&usage)[0].signal.aborted()).await;
    assert!(!api.received("GET /keys/")[0].signal.aborted(), "the list is another matter");

    api.on("GET /keys/", Answer::Unreachable);
    click("Refresh");
    until("a pause before the repeat", || clock.pauses().into_iter().any(is_backoff)).await;
    let before = reads(&api);
    drop(stage);
    clock.end(is_backoff);
    next_frame().await;
    next_frame().await;
    assert_eq!(reads(&api), before, "nobody waits for it");
}

#[wasm_bindgen_test]
async fn a_superseded_read_is_ignored_whatever_it_brings() {
    let clock = Clock::in_hand();
    let api = KeyApi::in_place();
    let usage = format!("GET /keys/{CI_BOT}/usage");
    api.answers("GET /keys/", 200, KEYS);
    api.on(&usage, Answer::Held(503, String::new()));
    let _stage = signed_in();
    until("the table", || screen::find_button("Revoke ci-bot").is_some()).await;
    click("Revoke ci-bot");
    until("the first read", || api.received(&usage).len() == 1).await;
    click("Cancel");
    api.answers(&usage, 200, include_str!("../../../contract/fixtures/api_key_usage.json"));
    click("Revoke ci-bot");
    until_text("1,284").await;
    assert!(!api.received(&usage)[0].signal.aborted());
    api.release();
    next_frame().await;
    next_frame().await;
    // The list is read anew for the dialog, and lasts as long as it does.
    until("no repeat of what nobody waits for", || clock.pauses().is_empty()).await;
    assert!(screen::text().contains("1,284"));
}

#[wasm_bindgen_test]
async fn being_offline_is_said_pauses_reads_and_ends_by_itself() {
    let clock = Clock::in_hand();
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, KEYS);
    let _stage = signed_in();
    until("two rows", || rows() == 2).await;
    let offline = go_online(false);
    until_text("You are offline. What is on show may be out of date").await;
    api.on("GET /keys/", Answer::Unreachable);
    click("Refresh");
    until_text("This list may be out of date. You are offline.").await;
    assert_eq!((clock.pauses(), rows()), (vec![], 2), "no timer tries again");
    api.answers("GET /keys/", 200, KEYS);
    let before = reads(&api);

    drop(offline);
    let _online = go_online(true);
    until("the list is fetched again", || reads(&api) == before + 1).await;
    until("all is well", || !screen::text().contains("offline")).await;
    let _flapping = [go_online(false), go_online(true)];
    next_frame().await;
    assert_eq!(reads(&api), before + 1, "what did not fail is not fetched again");
}

#[wasm_bindgen_test]
async fn a_bad_row_stands_at_the_end_and_takes_no_other_with_it() {
    let api = KeyApi::in_place();
    let odd = r#"{"uuid": "key_1", "name": "<b>odd", "api_key": "occ_Odd0…2222", "created": null}"#;
    api.answers("GET /keys/", 200, &KEYS.replacen('[', &format!("[{odd}, 5,"), 1));
    let _stage = signed_in();
    until("four rows", || rows() == 4).await;
    let text = |row: usize| screen::all(".stage tbody tr")[row].text_content().unwrap_or_default();
    assert!(text(0).contains("Never used") && text(1).contains("ci-bot"));
    assert!(text(2).contains("Unreadable entry") && text(2).contains("<b>odd"));
    assert!(text(2).contains("occ_Odd0…2222") && text(2).contains("neither opened nor revoked"));
    assert!(text(3).contains("Unreadable entry"));
    assert!(screen::all(".stage .unreadable button, .stage .unreadable a").is_empty());
    until_text("4 keys, 2 unreadable").await;

    screen::type_into("Search keys", "ODD");
    until_text("1 of 4 keys, 3 hidden by the search, 1 unreadable").await;
    assert_eq!(rows(), 1);
}

#[wasm_bindgen_test]
async fn a_list_of_nothing_but_bad_rows_is_not_an_empty_one() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, "[null]");
    let _stage = signed_in();
    until_text("Unreadable entry").await;
    assert!(!screen::text().contains("No API keys yet"));
}
