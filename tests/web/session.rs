//! The session and what it leaves in the tab's storage.

use leptos::prelude::*;
use occam_keys::domain::inquiry::Attempt;
use occam_keys::domain::renewal::Moment;
use occam_keys::domain::secret::Secret;
use occam_keys::domain::tokens::Tokens;
use occam_keys::session::record::Record;
use occam_keys::session::{Account, Kept, Owner as SessionOwner, Parting, Reason, Session};
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Stage, session_storage};

const RECORD: &str = "occam-keys.session";
const ME: &str = "me@example.com";
const ID: Uuid = Uuid::from_u128(1);
const CAME: Moment = Moment { wall: 1_000, monotonic: None };

/// A record whose token no header takes.
const UNSENDABLE: &str = r#"{"id": "00000000-0000-0000-0000-000000000001", "username": "u",
    "generation": 0, "came": 0, "life": null, "access_token": "tök€n", "refresh_token": null}"#;

fn tokens(name: &str) -> Tokens {
    Tokens {
        access: Secret::new(format!("{name}-access-token")),
        life_millis: Some(600_000),
        refresh: Some(Secret::new(format!("{name}-refresh-token"))),
    }
}

fn account(generation: u32, name: &str) -> Account {
    let owner = SessionOwner { username: ME.to_owned(), id: ID };
    Account { owner, generation, came: CAME, tokens: tokens(name) }
}

fn begin(session: Session, username: &str, id: Uuid) -> Kept {
    session.begin(username.to_owned(), tokens("the"), CAME, id)
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
        assert_eq!(begin(session, ME, ID), Kept::InStorage);
        assert_eq!(session_storage().length(), Ok(1), "one record");

        let restored = Session::restore();
        assert_eq!(restored.with_account(|it| *it == account(0, "the")), Some(true));
        let refresh_token = restored.end(Reason::Leaving).expect("there was a session");
        assert_eq!(refresh_token.reveal(), "the-refresh-token");
        assert_eq!(stored(), None);
        assert_eq!(restored.signed_out(), Some(Reason::Leaving));
        assert!(restored.end(Reason::Leaving).is_none(), "it ends once");
    });
}

#[wasm_bindgen_test]
fn how_it_was_left_is_said_once_after_the_reload() {
    let _stage = Stage::empty();
    Owner::new().with(|| {
        Session::restore().part(Parting::Untold);
        let left = Session::restore().signed_out();
        assert_eq!(left, Some(Reason::Left(Parting::Untold)));
        assert_eq!(session_storage().length(), Ok(0));
        assert_eq!(Session::restore().signed_out(), Some(Reason::NotYet));
    });
}

#[wasm_bindgen_test]
fn a_renewal_without_a_refresh_token_keeps_the_one_there_is() {
    let _stage = Stage::empty();
    Owner::new().with(|| {
        let session = Session::restore();
        begin(session, ME, ID);
        session.renew(Tokens { refresh: None, ..tokens("new") }, CAME);
        let kept = session.with_account(|it| {
            let refresh = it.tokens.refresh.as_ref().map(|it| it.reveal().to_owned());
            (it.generation, it.tokens.access.reveal().to_owned(), refresh)
        });
        let expected = (1, "new-access-token".to_owned(), Some("the-refresh-token".to_owned()));
        assert_eq!(kept, Some(expected));
    });
}

#[wasm_bindgen_test]
fn only_newer_tokens_of_the_same_session_are_taken_over() {
    let _stage = Stage::empty();
    Owner::new().with(|| {
        let session = Session::restore();
        begin(session, ME, ID);
        let has = |name| session.with_account(|it| it.tokens == tokens(name)) == Some(true);
        session.adopt(account(0, "same"));
        assert!(has("the"), "the same generation");
        let mut stranger = account(5, "strange");
        stranger.owner.id = Uuid::from_u128(2);
        session.adopt(stranger);
        assert!(has("the"), "another session");
        let heard = Record::of(&account(1, "newer")).to_json();
        let heard = occam_keys::json::parse(heard.as_bytes()).expect("JSON");
        let heard = Record::from_json(heard).expect("a record");
        session.adopt(heard.into_account().expect("an account"));
        assert!(has("newer"));
    });
}

#[wasm_bindgen_test]
fn a_lapsed_session_forgets_its_tokens_and_waits_for_its_owner() {
    let _stage = Stage::empty();
    Owner::new().with(|| {
        let session = Session::restore();
        begin(session, ME, ID);
        session.lapse();
        assert!(session.has_lapsed());
        assert_eq!(session.signed_out(), None, "the page stays");
        assert_eq!(stored(), None);
        session.adopt(account(0, "refused"));
        assert!(session.has_lapsed(), "what was refused does not bring it back");
        begin(session, ME, Uuid::from_u128(2));
        assert_eq!(session.owner().map(|it| it.id), Some(ID), "the same session goes on");
        assert_eq!(session.generation(), Some(1));

        session.lapse();
        begin(session, "Me@Example.com", Uuid::from_u128(2));
        assert_eq!(session.owner().map(|it| it.id), Some(ID), "the same address in other letters");

        session.lapse();
        begin(session, "somebody@example.com", Uuid::from_u128(2));
        assert_eq!(session.owner().map(|it| it.id), Some(Uuid::from_u128(2)));
    });
}

#[wasm_bindgen_test]
fn notes_outlive_a_session_that_lapsed_and_its_page_for_their_owner_alone() {
    for (username, expected) in [("Me@Example.com", 1), ("somebody@example.com", 0)] {
        let _stage = Stage::empty();
        let attempt = Attempt { id: ID, name: "ci-bot".to_owned(), before: None };
        Owner::new().with(|| {
            let session = Session::restore();
            begin(session, ME, ID);
            let key = ID.to_string().parse().expect("a uuid");
            session.note_unconfirmed(&[key]);
            session.note_creation(&attempt);
            session.lapse();
        });
        Owner::new().with(|| {
            let session = Session::restore();
            begin(session, username, Uuid::from_u128(2));
            assert_eq!(session.has_notes(), expected == 1, "{username}");
            assert_eq!(session.noted_unconfirmed().len() as u32, expected, "{username}");
            assert_eq!(session.noted_creation().is_some(), expected == 1, "{username}");
            assert_eq!(session_storage().length(), Ok(1 + 2 * expected), "{username}");
            session.end(Reason::NotYet);
            assert_eq!(session_storage().length(), Ok(0), "whoever signs out leaves none");
        });
    }
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
        assert_eq!(begin(session, ME, ID), Kept::InMemoryOnly);
        assert_eq!(session.signed_out(), None);
    });
    js_sys::Reflect::set(&prototype, &"setItem".into(), &real).expect("it can be replaced");
}
