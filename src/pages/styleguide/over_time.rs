//! Rotation and live mode in every state. What a browser has seen of usage is not here: it is drawn
//! up to the present, and this page looks the same every day.

use leptos::prelude::*;

use super::{NOW, key};
use crate::components::live_usage::{LiveState, LiveUsage};
use crate::components::rotation::banner::RotationBanner;
use crate::components::rotation::reminding::RotateReminder;
use crate::components::rotation::{RotationActions, RotationPanel};
use crate::domain::creation::Custody;
use crate::domain::journal::entry::Figures;
use crate::domain::key::KeyId;
use crate::domain::live::Series;
use crate::domain::renewal::Moment;
use crate::domain::rotation::Rotation;
use crate::domain::rotation::habit::Habit;
use crate::domain::rotation::record::Rotations;
use crate::domain::time::MINUTE_MILLIS;

const QUARTER: i64 = 15 * MINUTE_MILLIS;

pub(super) fn rotations() -> AnyView {
    let begun = Rotation::of(id(1));
    let mut unsaved = begun.clone();
    let _ = unsaved.create();
    unsaved.show(Some(id(2)));
    let mut handing_over = unsaved.clone();
    handing_over.close(Custody::Copied);
    let mut gone = unsaved.clone();
    gone.gone(id(2));
    let mut waiting = handing_over.clone();
    waiting.hand_over(Habit::new(100, 10 * MINUTE_MILLIS, 0), NOW);
    let mut failing = waiting.clone();
    look(&mut failing, 100, 0, 0);
    look(&mut failing, 100, 7, 6 * MINUTE_MILLIS);
    let mut used = waiting.clone();
    look(&mut used, 100, 0, 0);
    look(&mut used, 103, 0, QUARTER);
    let mut offered = waiting.clone();
    look(&mut offered, 100, 0, 0);
    offered.see(id(2), counted(42, 0), at(QUARTER));
    offered.see(id(1), counted(100, 0), at(QUARTER));
    let mut refused = offered.clone();
    let _ = refused.revoke(at(QUARTER));
    refused.fail("The Key API failed (status 500).".to_owned());

    let mut under_way = Rotations::default();
    let _ = under_way.begin(id(1));
    let rotations = Signal::stored(Some(under_way));
    let find = Callback::new(|_| Some(key(1, "ci-bot", None)));
    let panels = [
        (begun, LiveState::Off, true),
        (unsaved, LiveState::Off, true),
        (handing_over, LiveState::Off, false),
        (waiting, LiveState::Offline, true),
        (failing, LiveState::Failing, true),
        (used, LiveState::Hidden, true),
        (offered, LiveState::Watching, true),
        (refused, LiveState::Watching, true),
        (gone, LiveState::Off, true),
    ];
    let panels: Vec<AnyView> = panels.into_iter().map(panel).collect();
    view! {
        <RotationBanner rotations find on_show=Memo::new(|_| None)/>
        {panels}
        <RotateReminder on_remind=Callback::new(|_| ())/>
    }
    .into_any()
}

pub(super) fn live() -> AnyView {
    let mut series = Series::default();
    for (look, (completed, failed)) in
        (0..).zip([(0, 0), (40, 2), (60, 30), (61, 30), (90, 31), (140, 31)])
    {
        let successful = completed - failed;
        series.push(look * 10_000, Figures { completed, successful, failed, ..Figures::default() });
    }
    let states = [
        LiveState::Off,
        LiveState::Watching,
        LiveState::Hidden,
        LiveState::Offline,
        LiveState::Failing,
    ];
    let state = |state| {
        let series = Signal::stored(series.clone());
        let state = Memo::new(move |_| state);
        view! { <LiveUsage state series on_toggle=Callback::new(|()| ())/> }.into_any()
    };
    states.into_iter().map(state).collect::<Vec<AnyView>>().into_any()
}

fn panel((rotation, looks, is_kept): (Rotation, LiveState, bool)) -> AnyView {
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
    let verdict = rotation.verdict(at(QUARTER));
    let rotation = StoredValue::new(rotation);
    view! {
        <RotationPanel
            rotation=Memo::new(move |_| Some(rotation.get_value()))
            successor=Memo::new(|_| Some(key(2, "ci-bot-2", None)))
            verdict=Memo::new(move |_| verdict)
            looks=Memo::new(move |_| looks)
            is_kept=Signal::stored(is_kept)
            actions
        />
    }
    .into_any()
}

/// Looks at both keys: at requests with the old one, and at failures of the new one.
fn look(rotation: &mut Rotation, old: u64, failed: u64, millis: i64) {
    rotation.see(id(1), counted(old, 0), at(millis));
    rotation.see(id(2), counted(0, failed), at(millis));
}

fn id(days: u8) -> KeyId {
    key(days, "", None).id
}

fn at(millis: i64) -> Moment {
    Moment { wall: NOW.unix_millis().saturating_add(millis), monotonic: Some(millis) }
}

fn counted(successful: u64, failed: u64) -> Figures {
    Figures { completed: successful + failed, successful, failed, ..Figures::default() }
}
