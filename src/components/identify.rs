//! The dialog that tells which key a text holds, and leads through the drill if it has leaked.
//!
//! What is pasted is looked at and dropped: it never enters the document, and nothing is sent.

mod asking;
mod drilling;
mod found;

use contract::Timestamp;
use leptos::prelude::*;

use self::asking::asking;
use self::drilling::drilling;
use self::found::found;
use super::dialog::{Dialog, Urgency};
use crate::browser::{format, page};
use crate::domain::drill::{Identification, Proof};
use crate::domain::key::{ApiKey, KeyId};
use crate::domain::trial::Trial;
use crate::reactive::{Effect, heard};
use crate::words::{tr, tr_with};

/// What the user may want of the dialog.
#[derive(Clone, Copy)]
pub struct IdentifyActions {
    /// To have this text looked at.
    pub on_text: Callback<String>,
    /// To have this file looked at.
    pub on_file: Callback<web_sys::File>,
    /// To see these rows in the table.
    pub on_show: Callback<Vec<KeyId>>,
    /// To open the page of this key.
    pub on_open: Callback<KeyId>,
    /// To revoke this key.
    pub on_revoke: Callback<ApiKey>,
    /// To ask the Key API whether it takes this key.
    pub on_prove: Callback<KeyId>,
    /// This key has leaked.
    pub on_leaked: Callback<KeyId>,
    /// To take a step of the drill.
    pub on_step: Callback<Step>,
    /// To leave.
    pub on_leave: Callback<()>,
}

/// A step of the drill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// To make a replacement.
    Replace,
    /// To revoke the leaked key.
    Revoke,
    /// To ask whether it is dead.
    Prove,
    /// To have the note on the clipboard.
    Copy,
    /// To have the note as a file.
    Download,
    /// To stay, after all.
    Stay,
    /// To leave, although something would be lost.
    LeaveAnyway,
}

/// The dialog. Its rules are those of [`Identification`]; this draws them.
#[component]
pub fn IdentifyDialog(
    /// Where the dialog stands.
    identification: RwSignal<Identification>,
    /// What was said of the last attempt to copy or to read a file.
    said: RwSignal<String>,
    /// The time from which other times are seen.
    now: Signal<Timestamp>,
    /// What the user may want.
    actions: IdentifyActions,
) -> impl IntoView {
    let open = Memo::new(move |_| identification.with(Identification::is_open));
    let step = Memo::new(move |_| {
        identification.with(|it| match it {
            Identification::Closed => 0,
            Identification::Asking { .. } => 1,
            Identification::Found { .. } => 2,
            Identification::Drilling(_) => 3,
        })
    });
    // The steps replace each other inside an open dialog, where the browser moves no focus.
    Effect::new(move |before: Option<i32>| {
        let step = step.get();
        if before.is_some_and(|before| before > 0 && before != step) && step > 0 {
            // Not on a button of the drill: whoever presses Enter after a paste, which needs none,
            // would begin to make a key.
            page::focus(match step {
                3 => "dialog[open] #identify-title",
                _ => "dialog[open] [data-first]",
            });
        }
        step
    });
    view! {
        <Dialog
            open
            urgency=Urgency::Form
            labelled_by="identify-title"
            described_by="identify-description"
            on_leave=actions.on_leave
        >
            {move || match step.get() {
                1 => asking(identification, said, actions),
                2 => found(identification, now, actions),
                3 => drilling(identification, said, actions),
                _ => ().into_any(),
            }}
        </Dialog>
    }
}

/// A button; the first one that `is_first` gets the focus when another has gone with its step.
fn button_of(
    class: &'static str,
    words: String,
    label: Option<String>,
    is_first: bool,
    act: Callback<()>,
) -> AnyView {
    view! {
        <button
            type="button"
            class=class
            aria-label=label
            data-first=is_first.then_some("")
            on:click=heard(move |_| act.run(()))
        >
            {words}
        </button>
    }
    .into_any()
}

fn leave_button(actions: IdentifyActions, words: String) -> AnyView {
    button_of("button", words, None, false, actions.on_leave)
}

/// What is known of a key after the Key API was asked; `None` if it was not.
fn in_words(proof: &Proof) -> Option<String> {
    match (proof.trial(), proof.rejected()) {
        (_, Some(time)) => {
            Some(tr_with("The Key API rejected it at {time}", &[("time", &format::utc(time))]))
        }
        (Trial::Asking, _) => Some(tr("Asking…")),
        (Trial::Works, _) => Some(tr("The Key API still takes this key.")),
        (Trial::Unknown(why), _) => Some(why.clone()),
        (Trial::NotAsked | Trial::Refused, None) => None,
    }
}

fn trial_in_words() -> String {
    tr("One request with the key itself shows whether the Key API rejects it. The key travels in \
        the address of that request.")
}

fn revoked_at(time: Timestamp) -> String {
    tr_with("Revoked at {time}", &[("time", &format::utc(time))])
}
