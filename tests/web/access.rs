//! Tokens that are renewed: once for all who call, and never more often than the pace allows.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use leptos::task::spawn_local;
use occam_keys::access::Access;
use occam_keys::api::{ApiError, Client};
use occam_keys::browser::channel::Channel;
use occam_keys::browser::locks::{self, Mode};
use occam_keys::session::Session;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::clock::Clock;
use crate::support::key_api::{Answer, KeyApi};
use crate::support::screen::{next_frame, until};
use crate::support::{Stage, session_storage};

const KEYS: &str = include_str!("../../contract/fixtures/hidden_api_keys.json");
const LIST: &str = "GET /keys/";
const REFRESH: &str = "POST /auth/refresh-token";
/// How many calls are made at once.
const CALLS: usize = 30;
/// The least time between two renewals, in milliseconds.
const GAP: i32 = 5_000;

/// How long a renewal waits for that of another tab, in milliseconds.
const ALONE: i32 = 12_000;

/// New tokens that end at this instant.
fn tokens(expires_at: &str) -> String {
    format!(
        r#"{{"token_type": "Bearer", "access_token": "new", "expires_at": {expires_at},
            "refresh_token": "newer", "refresh_token_expires_at": {expires_at}}}"#
    )
}

/// A session as a tab keeps it, and says it to others.
fn record(id: u32, generation: u32, access_token: &str) -> String {
    format!(
        r#"{{"id": "00000000-0000-0000-0000-00000000000{id}", "generation": {generation},
            "came": 0, "username": "me@example.com", "life": null,
            "access_token": "{access_token}", "refresh_token": "r"}}"#
    )
}

/// Somebody who is signed in, and many calls on their behalf.
struct Caller {
    access: Access,
    succeeded: Rc<Cell<usize>>,
    failed: Rc<RefCell<Vec<ApiError>>>,
    _stage: Stage,
}

impl Caller {
    fn signed_in() -> Self {
        let mut stage = Stage::empty();
        let record = record(1, 0, "old");
        session_storage().set_item("occam-keys.session", &record).expect("it takes text");
        let access = Rc::new(RefCell::new(None));
        let place = access.clone();
        stage.mount(move || {
            *place.borrow_mut() = Some(Access::new(Client::new(""), Session::restore()));
        });
        let access = access.borrow_mut().take().expect("it was made");
        Self { access, succeeded: Rc::default(), failed: Rc::default(), _stage: stage }
    }

    fn read_many(&self) {
        for _ in 0..CALLS {
            let access = self.access.clone();
            let (succeeded, failed) = (self.succeeded.clone(), self.failed.clone());
            spawn_local(async move {
                match access.read(async |api| api.keys().await).await {
                    Ok(_) => succeeded.set(succeeded.get() + 1),
                    Err(error) => failed.borrow_mut().push(error),
                }
            });
        }
    }

    async fn until_all_succeeded(&self) {
        until("all calls to succeed", || self.succeeded.get() == CALLS).await;
        self.succeeded.set(0);
    }
}

#[wasm_bindgen_test]
async fn calls_that_are_refused_at_once_share_one_renewal() {
    let api = KeyApi::in_place();
    api.on(LIST, Answer::For("new", KEYS.to_owned()));
    api.on(REFRESH, Answer::Held(200, tokens("4102444800")));
    let caller = Caller::signed_in();
    caller.read_many();
    until("all calls to be refused", || api.received(LIST).len() == CALLS).await;
    until("the renewal", || !api.received(REFRESH).is_empty()).await;
    caller.read_many();
    api.release();
    until("all calls to succeed", || caller.succeeded.get() == 2 * CALLS).await;
    assert_eq!(api.received(REFRESH).len(), 1);
    assert!(caller.failed.borrow().is_empty());
    assert!(!caller.access.session().has_lapsed());
}

#[wasm_bindgen_test]
async fn a_tab_that_is_frozen_in_its_renewal_keeps_the_others_for_a_while_and_not_for_ever() {
    let clock = Clock::in_hand();
    let api = KeyApi::in_place();
    api.on(LIST, Answer::For("new", KEYS.to_owned()));
    api.answers(REFRESH, 200, &tokens("4102444800"));
    let lock = "occam-keys.renewal.00000000-0000-0000-0000-000000000001";
    let _frozen = locks::hold(lock, Mode::Exclusive).await.expect("it is free");
    let caller = Caller::signed_in();
    caller.read_many();
    until("the wait for the other tab", || clock.pauses().contains(&ALONE)).await;
    assert_eq!(api.received(REFRESH).len(), 0, "it is waited for");
    clock.end(|pause| pause == ALONE);
    caller.until_all_succeeded().await;
    assert_eq!(api.received(REFRESH).len(), 1);
}

#[wasm_bindgen_test]
async fn a_failing_renewal_fails_all_who_wait_for_it_and_signs_nobody_out() {
    let api = KeyApi::in_place();
    api.answers(LIST, 401, "{}");
    api.answers(REFRESH, 503, "");
    let caller = Caller::signed_in();
    caller.read_many();
    until("all calls to fail", || caller.failed.borrow().len() == CALLS).await;
    assert!(caller.failed.borrow().iter().all(|error| *error == ApiError::Server(503)));
    assert_eq!(api.received(REFRESH).len(), 1);
    assert!(!caller.access.session().has_lapsed());
}

#[wasm_bindgen_test]
async fn tokens_that_are_refused_as_soon_as_they_come_make_no_storm() {
    let clock = Clock::in_hand();
    let api = KeyApi::in_place();
    api.answers(LIST, 401, "{}");
    api.answers(REFRESH, 200, &tokens("1"));
    let caller = Caller::signed_in();
    caller.read_many();
    let waits = || clock.pauses().iter().any(|pause| (1..=GAP).contains(pause));
    for _ in 0..10 {
        until("the pause before the next renewal", waits).await;
        assert_eq!(api.received(REFRESH).len(), 1, "within the gap");
        // A timer that ends early is no reason to begin.
        clock.end(|_| true);
        next_frame().await;
    }
    assert_eq!(api.received(REFRESH).len(), 1);
    assert!(caller.failed.borrow().is_empty() && !caller.access.session().has_lapsed());
}

#[wasm_bindgen_test]
async fn tokens_of_any_lifetime_are_used_until_they_are_refused() {
    // The past, milliseconds, years ahead, and nothing that can be read.
    for expires_at in ["1", "4102444800000", "253402300799", "-5", "1e999", "null", "\"soon\""] {
        let api = KeyApi::in_place();
        api.on(LIST, Answer::For("new", KEYS.to_owned()));
        api.answers(REFRESH, 200, &tokens(expires_at));
        let caller = Caller::signed_in();
        for _ in 0..3 {
            caller.read_many();
            caller.until_all_succeeded().await;
        }
        assert_eq!(api.received(REFRESH).len(), 1, "{expires_at}");
        assert!(caller.failed.borrow().is_empty(), "{expires_at}");
    }
}

#[wasm_bindgen_test]
async fn a_look_ahead_asks_for_the_keys_before_anything_else_is_done_and_once() {
    let api = KeyApi::in_place();
    api.answers(LIST, 200, KEYS);
    let caller = Caller::signed_in();
    caller.access.look_ahead();
    // Whoever draws now, and takes long, does not keep the request waiting.
    assert_eq!(api.begun(), 1);
    let list = caller.access.keys(|| None).await.expect("there is a list");
    assert!(!list.keys.is_empty());
    assert_eq!(api.received(LIST).len(), 1);
    let again = caller.access.keys(|| None).await.expect("there is a list");
    assert_eq!(api.received(LIST).len(), 2, "it is asked for anew");
    assert!(Arc::ptr_eq(&list, &again), "and is the same as long as it says the same");
}

#[wasm_bindgen_test]
async fn what_no_tab_of_this_session_would_say_changes_nothing() {
    let _api = KeyApi::in_place();
    let caller = Caller::signed_in();
    let session = caller.access.session();
    let is_answered = Rc::new(Cell::new(false));
    let heard = is_answered.clone();
    let stranger = Channel::open("occam-keys.00000000-0000-0000-0000-000000000001", move |_| {
        heard.set(true);
    });
    let stranger = stranger.expect("the browser has channels");
    until("the tab to be on the line", || {
        stranger.post(r#"{"Newer": -1}"#);
        is_answered.get()
    })
    .await;

    let renewed = |record: &str| format!(r#"{{"Renewed": {record}}}"#);
    let garbage = [
        "",
        "Left",
        "[]",
        "null",
        r#"{"Left": true}"#,
        r#"{"Newer": "0"}"#,
        r#"{"Renewed": {}}"#,
        r#"{"Renewed": [1, 2]}"#,
        &renewed(&record(2, 9, "of-another-session")),
        &renewed(&record(1, 9, "tök€n")),
        &"[".repeat(100_000),
    ];
    for text in garbage {
        stranger.post(text);
    }
    // What is posted is heard in order: who has heard this has heard the rest, and tokens of a later
    // generation would have kept it from being taken.
    stranger.post(&renewed(&record(1, 1, "new")));
    until("the tokens of another tab", || session.generation() == Some(1)).await;
    assert!(!session.is_leaving() && !session.has_lapsed());
    stranger.post(r#""Left""#);
    until("what a tab does say at a sign-out", || session.is_leaving()).await;
}
