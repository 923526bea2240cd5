//! The session and what it leaves in the tab's storage.

use leptos::prelude::*;
use occam_keys::domain::secret::Secret;
use occam_keys::domain::tokens::Tokens;
use occam_keys::session::{Account, Kept, Reason, Session};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Stage, session_storage};

const RECORD: &str = "occam-keys.session";

/// A record whose token no header takes.
const UNSENDABLE: &str = r#"{"username": "u", "access_token": "tök€n", "access_expires_at": 0,
    "refresh_token": "r", "refresh_expires_at": 0}"#;

fn account() -> Account {
    Account {
        username: "me@example.com".to_owned(),
        tokens: Tokens {
            access: Secret::new("the-access-token".to_owned()),
            life_millis: None,
            refresh: Some(Secret::new("the-refresh-token".to_owned())),
        },
    }
}

fn stored() -> Option<String> {
    session_storage().get_item(RECORD).expect("session storage is there")
}

#[wasm_bindgen_test]
fn a_session_outlives_a_reload_and_leaves_nothing_behind_when_it_ends() {
    let _stage = Stage::empty();
    Owner::new().with(|| {
        let session = Session::restore();
        assert_eq!(session.signed_out(), Some(Reason::NotYet));
        assert_eq!(session.begin(account()), Kept::InStorage);
        assert_eq!(session_storage().length(), Ok(1), "one record");

        let restored = Session::restore();
        assert_eq!(restored.with_account(|it| *it == account()), Some(true));
        let refresh_token = restored.end(Reason::Left).expect("there was a session");
        assert_eq!(refresh_token.reveal(), "the-refresh-token");
        assert_eq!(stored(), None);
        assert_eq!(restored.signed_out(), Some(Reason::Left));
        assert!(restored.end(Reason::Left).is_none(), "it ends once");
    });
}

#[wasm_bindgen_test]
fn garbage_in_storage_is_no_session_and_is_cleared_away() {
    let _stage = Stage::empty();
    for garbage in
        ["", "null", "{}", "[1,2", r#"{"username": 5}"#, UNSENDABLE, &"x".repeat(1_000_000)]
    {
        session_storage().set_item(RECORD, garbage).expect("it takes text");
        Owner::new().with(|| {
            assert_eq!(Session::restore().signed_out(), Some(Reason::NotYet), "{garbage:.20}");
        });
        assert_eq!(stored(), None);
    }
}

#[wasm_bindgen_test]
fn a_browser_that_stores_nothing_still_has_a_session() {
    let _stage = Stage::empty();
    let refuse =
        js_sys::Function::new_no_args("throw new DOMException('full', 'QuotaExceededError')");
    let prototype = js_sys::Object::get_prototype_of(&session_storage());
    let real = js_sys::Reflect::get(&prototype, &"setItem".into()).expect("it has one");
    js_sys::Reflect::set(&prototype, &"setItem".into(), &refuse).expect("it can be replaced");
    Owner::new().with(|| {
        let session = Session::restore();
        assert_eq!(session.begin(account()), Kept::InMemoryOnly);
        assert_eq!(session.signed_out(), None);
    });
    js_sys::Reflect::set(&prototype, &"setItem".into(), &real).expect("it can be replaced");
}
