//! The dialog that asks before a key is revoked.

use leptos::prelude::*;
use occam_keys::components::revoke_key::RevokeKeyDialog;
use occam_keys::domain::form::Complaint;
use occam_keys::domain::key::{ApiKey, KeyId};
use occam_keys::domain::revocation::Revocation;
use occam_keys::remote::Remote;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::screen::{click, press, type_into, until, until_text};
use crate::support::{NOW, Stage, key, screen};

const DAY: i64 = 24 * 60 * 60 * 1000;

struct Fixture {
    _stage: Stage,
    revocation: RwSignal<Option<Revocation>>,
    confirmed: RwSignal<Vec<KeyId>>,
}

/// The dialog, asking about this key.
async fn asking_about(key: ApiKey) -> Fixture {
    asking_beside(key, Vec::new()).await
}

/// The dialog, asking about this key where there are keys that look like it.
async fn asking_beside(key: ApiKey, lookalikes: Vec<ApiKey>) -> Fixture {
    let owner = Owner::new();
    let (revocation, confirmed) = owner.with(|| (RwSignal::new(None), RwSignal::new(Vec::new())));
    std::mem::forget(owner);
    let stage = Stage::of(move || {
        let on_confirmed = Callback::new(move |id| confirmed.update(|all| all.push(id)));
        view! {
            <RevokeKeyDialog
                revocation
                usage=Signal::stored(Remote::LOADING)
                now=Signal::stored(NOW)
                lookalikes=Signal::stored(lookalikes)
                on_confirmed
            />
        }
    });
    revocation.set(Some(Revocation::of(key, NOW)));
    until_text("This cannot be undone").await;
    Fixture { _stage: stage, revocation, confirmed }
}

#[wasm_bindgen_test]
async fn a_key_that_was_never_used_takes_one_click() {
    let dialog = asking_about(key("ci-bot", None)).await;
    assert!(screen::text().contains("Revoke “ci-bot”?"));
    assert!(screen::text().contains("occ_TheW…0000"));
    assert!(screen::text().contains("Never used"));
    until("Cancel has focus", || screen::focused().text_content().as_deref() == Some("Cancel"))
        .await;
    click("Revoke key");
    assert_eq!(dialog.confirmed.get_untracked().len(), 1);
    until_text("Revoking…").await;
    press("Escape");
    screen::next_frame().await;
    assert!(dialog.revocation.with_untracked(Option::is_some), "the answer is waited for");
}

#[wasm_bindgen_test]
async fn a_key_in_use_warns_and_takes_its_name() {
    let dialog = asking_about(key("ci-bot", Some(3 * DAY))).await;
    assert!(screen::text().contains("Used 3 days ago; something may still depend on it."));
    type_into("Type ci-bot to confirm", "ci-bat");
    click("Revoke key");
    until_text("Type ci-bot to confirm.").await;
    assert!(dialog.confirmed.get_untracked().is_empty());

    type_into("Type ci-bot to confirm", "ci-bot");
    click("Revoke key");
    assert_eq!(dialog.confirmed.get_untracked().len(), 1);
}

#[wasm_bindgen_test]
async fn a_name_that_cannot_be_seen_is_typed_as_it_is_shown() {
    let dialog = asking_about(key("ci\u{202E}tob", Some(3 * DAY))).await;
    assert!(screen::text().contains("Revoke “ci⟨U+202E⟩tob”?"));
    type_into("Type ci⟨U+202E⟩tob to confirm", "citob");
    click("Revoke key");
    until_text("Type ci⟨U+202E⟩tob to confirm.").await;
    assert!(dialog.confirmed.get_untracked().is_empty());
    type_into("Type ci⟨U+202E⟩tob to confirm", "ci<U+202E>tob");
    click("Revoke key");
    assert_eq!(dialog.confirmed.get_untracked().len(), 1);
}

#[wasm_bindgen_test]
async fn keys_that_look_like_it_are_named_with_their_mask_and_age() {
    let other = |name: &str| ApiKey { masked: "occ_Oth3…9999".to_owned(), ..key(name, None) };
    let _dialog = asking_beside(key("ci-bot", None), vec![other("сi-bot")]).await;
    let text = screen::one(".lookalikes").text_content().expect("text");
    assert!(text.starts_with("It looks like another key of yours, which stays:сi-bot"), "{text}");
    assert!(text.contains("occ_Oth3…9999, created 22 days ago"), "{text}");

    let _dialog = asking_beside(key("ci-bot", None), vec![other("сi-bot"); 5]).await;
    until_text("It looks like other keys of yours, which stay:").await;
    assert_eq!(screen::all(".stage .lookalikes li").len(), 4);
    until_text("2 more").await;
}

#[wasm_bindgen_test]
async fn an_idle_key_shows_its_last_use_and_takes_one_click() {
    let dialog = asking_about(key("ci-bot", Some(20 * DAY))).await;
    assert!(screen::text().contains("20 days ago"));
    click("Revoke key");
    assert_eq!(dialog.confirmed.get_untracked().len(), 1);
}

#[wasm_bindgen_test]
async fn a_failure_stays_in_the_dialog_and_can_be_tried_again() {
    let dialog = asking_about(key("ci-bot", None)).await;
    click("Revoke key");
    dialog.revocation.update(|it| {
        it.as_mut()
            .expect("it is open")
            .fail(Complaint::Overall("The Key API did not answer in time.".to_owned()));
    });
    until_text("did not answer in time").await;
    click("Revoke key");
    assert_eq!(dialog.confirmed.get_untracked().len(), 2);
}

#[wasm_bindgen_test]
async fn escape_and_cancel_revoke_nothing() {
    for leave in [|| press("Escape"), || click("Cancel")] {
        let dialog = asking_about(key("ci-bot", None)).await;
        leave();
        until("it is closed", || !screen::one("dialog").has_attribute("open")).await;
        assert!(dialog.confirmed.get_untracked().is_empty());
    }
}
