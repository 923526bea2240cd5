//! The panel of a rotation, in the states that take days or a faulty API to reach.

use leptos::prelude::*;
use occam_keys::components::live_usage::LiveState;
use occam_keys::components::rotation::{RotationActions, RotationPanel};
use occam_keys::domain::creation::Custody;
use occam_keys::domain::journal::entry::Figures;
use occam_keys::domain::key::KeyId;
use occam_keys::domain::renewal::Moment;
use occam_keys::domain::rotation::Rotation;
use occam_keys::domain::rotation::habit::Habit;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{NOW, Stage, screen};

const OFFER: &str = "Revoke the old key…";
const MINUTE: i64 = 60_000;

fn id(number: u8) -> KeyId {
    format!("00000000-0000-0000-0000-{number:012}").parse().expect("a uuid")
}

fn at(millis: i64) -> Moment {
    Moment { wall: NOW.unix_millis() + millis, monotonic: Some(millis) }
}

fn counted(successful: u64, failed: u64) -> Figures {
    Figures { completed: successful + failed, successful, failed, ..Figures::default() }
}

/// A rotation whose keys were looked at as they were handed over.
fn watching(habit: Habit) -> Rotation {
    let mut rotation = Rotation::of(id(1));
    assert!(rotation.create());
    rotation.show(Some(id(2)));
    rotation.close(Custody::Copied);
    rotation.hand_over(habit, NOW);
    rotation.see(id(1), counted(100, 0), at(0));
    rotation.see(id(2), counted(0, 0), at(0));
    rotation
}

/// One of a busy key, which is watched for a quarter of an hour, when both keys were looked at
/// again after so many minutes.
fn looked_at(minutes: i64, old: Figures, new: Figures) -> Rotation {
    let mut rotation = watching(Habit::new(100, 10 * MINUTE, 0));
    rotation.see(id(2), new, at(minutes * MINUTE));
    rotation.see(id(1), old, at(minutes * MINUTE));
    rotation
}

/// Shows it at a moment in so many minutes.
fn show(rotation: RwSignal<Rotation>, minutes: i64, looks: LiveState, is_kept: bool) -> Stage {
    Stage::of(move || {
        let nothing = Callback::new(|()| ());
        let actions = RotationActions {
            on_create: nothing,
            on_saved: nothing,
            on_hand_over: nothing,
            on_look: nothing,
            on_remind: nothing,
            on_revoke: nothing,
            on_stop: nothing,
        };
        view! {
            <RotationPanel
                rotation=Memo::new(move |_| Some(rotation.get()))
                successor=Memo::new(|_| None)
                verdict=Memo::new(move |_| rotation.with(|it| it.verdict(at(minutes * MINUTE))))
                looks=Memo::new(move |_| looks)
                is_kept=Signal::stored(is_kept)
                actions
            />
        }
    })
}

fn says(rotation: Rotation, minutes: i64) -> String {
    let _stage = show(RwSignal::new(rotation), minutes, LiveState::Watching, true);
    assert!(!screen::markup().contains("NaN"));
    screen::text()
}

#[wasm_bindgen_test]
async fn what_is_missing_is_said_and_nothing_is_offered() {
    for (rotation, minutes, words) in [
        (watching(Habit::default()), 0, "The new key has not been used yet."),
        (looked_at(15, counted(100, 0), counted(0, 3)), 15, "All requests with the new key have"),
        (looked_at(14, counted(100, 0), counted(3, 0)), 14, "It is too early to revoke"),
        (looked_at(15, counted(101, 0), counted(3, 0)), 15, "something still has it."),
        (looked_at(15, counted(7, 0), counted(3, 0)), 15, "A counter was set back"),
    ] {
        let text = says(rotation, minutes);
        assert!(text.contains(words), "{words}: {text}");
        assert!(!text.contains(OFFER), "{text}");
    }
}

#[wasm_bindgen_test]
async fn an_offer_says_how_much_the_silence_is_worth() {
    let used = looked_at(15, counted(100, 0), counted(42, 1));
    let text = says(used.clone(), 15);
    assert!(text.contains(OFFER), "{text}");
    assert!(
        text.contains("42 new requests") || text.contains("43 new requests, 1 failed"),
        "{text}"
    );
    assert!(text.contains("about 150 requests in this time"), "{text}");
    assert!(!text.contains("stopped altogether"), "{text}");
    let stale = says(used, 18);
    assert!(stale.contains("Both keys are to be looked at") && !stale.contains(OFFER), "{stale}");

    // The old key was used after the new one, and neither since.
    let mut idle = looked_at(1, counted(101, 0), counted(3, 0));
    for minutes in [1, 16] {
        idle.see(id(1), counted(101, 0), at(minutes * MINUTE));
        idle.see(id(2), counted(3, 0), at(minutes * MINUTE));
    }
    let text = says(idle, 16);
    assert!(text.contains(OFFER) && text.contains("stopped altogether"), "{text}");

    // A key that is used once a month is watched for a week, which says little.
    let week = 7 * 24 * 60;
    let mut seldom = watching(Habit::new(1, 30 * 24 * 60 * MINUTE, 0));
    for (number, successful) in [(1, 100), (2, 9)] {
        seldom.see(id(number), counted(successful, 0), at(week * MINUTE));
    }
    let text = says(seldom, week);
    assert!(text.contains("Silent for 7 days of 7 days"), "{text}");
    assert!(text.contains("a week of silence says little"), "{text}");
}

#[wasm_bindgen_test]
async fn a_look_takes_the_focus_from_nobody() {
    let rotation = RwSignal::new(looked_at(3, counted(100, 0), counted(1, 0)));
    let _stage = show(rotation, 3, LiveState::Failing, true);
    assert!(screen::text().contains("The last look failed."));
    let look = screen::button("Look now");
    look.focus().expect("it takes focus");
    rotation.update(|it| it.see(id(2), counted(8, 0), at(3 * MINUTE)));
    screen::until_text("8 new requests").await;
    assert_eq!(&screen::focused(), &*look, "it is still there");
}

#[wasm_bindgen_test]
async fn a_browser_without_storage_and_a_key_without_identity_are_said() {
    let mut unnamed = Rotation::of(id(1));
    assert!(unnamed.create());
    unnamed.show(None);
    let _stage = show(RwSignal::new(unnamed), 0, LiveState::Off, false);
    let text = screen::text();
    assert!(text.contains("no identity of its own"), "{text}");
    assert!(text.contains("the rotation is forgotten"), "{text}");
}
