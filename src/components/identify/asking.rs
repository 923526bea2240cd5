//! Asking for a text. Whichever way it comes, it is handed on as it is, and does not enter the
//! document.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{DataTransfer, HtmlInputElement};

use super::{IdentifyActions, leave_button};
use crate::browser::table;
use crate::domain::drill::Identification;
use crate::reactive::heard;
use crate::words::{tr, tr_count};

/// What is shown before there is a text.
pub(super) fn asking(
    identification: RwSignal<Identification>,
    said: RwSignal<String>,
    actions: IdentifyActions,
) -> AnyView {
    let leaked = identification
        .with_untracked(|it| matches!(it, Identification::Asking { leaked: true, .. }));
    let title = if leaked { tr("I leaked a key") } else { tr("Identify a key") };
    take_what_is_dropped(actions);
    view! {
        <h2 id="identify-title">{title}</h2>
        <p id="identify-description">
            {tr(
                "Paste a key, or a text that holds one. It is compared with your list on this \
                 machine: it is not sent, not shown and not kept.",
            )}
        </p>
        <div class="field">
            <label for="identify-target">{tr("Paste here")}</label>
            <textarea
                id="identify-target"
                class="paste-target"
                rows="2"
                autocomplete="off"
                spellcheck="false"
                autofocus
                data-first=""
                placeholder=tr("Paste, or drop a file")
                aria-describedby="identify-result"
                on:paste=heard(move |event| paste(&event, actions))
                on:beforeinput=move |event| put_in(&event, actions)
            ></textarea>
            <p id="identify-result" class="field-error" role="status">
                {move || result_in_words(identification, said)}
            </p>
        </div>
        <div class="field">
            <label for="identify-file">{tr("Or choose a file, such as .env or a log")}</label>
            <input
                id="identify-file"
                type="file"
                on:change=heard(move |event| choose(&event, actions))
            />
        </div>
        <div class="dialog-actions">{leave_button(actions, tr("Cancel"))}</div>
    }
    .into_any()
}

fn paste(event: &ev::ClipboardEvent, actions: IdentifyActions) {
    event.prevent_default();
    actions.on_text.run(event.clipboard_data().as_ref().and_then(text_of).unwrap_or_default());
}

/// Phones and password managers may put a text in without a paste.
fn put_in(event: &ev::InputEvent, actions: IdentifyActions) {
    event.prevent_default();
    let text = event.data().or_else(|| text_of(&event.data_transfer()?));
    if let Some(text) = text.filter(|text| text.chars().count() > 1) {
        actions.on_text.run(text);
    }
}

/// Takes what is dropped anywhere, for as long as the current owner lives: a file that is dropped
/// beside the field would be opened in place of the page.
fn take_what_is_dropped(actions: IdentifyActions) {
    let over = window_event_listener(ev::dragover, |event| event.prevent_default());
    let drops = window_event_listener(ev::drop, move |event| {
        event.prevent_default();
        let Some(data) = event.data_transfer() else {
            return;
        };
        match data.files().and_then(|files| files.get(0)) {
            Some(file) => actions.on_file.run(file),
            None => actions.on_text.run(text_of(&data).unwrap_or_default()),
        }
    });
    on_cleanup(move || {
        over.remove();
        drops.remove();
    });
}

fn text_of(data: &DataTransfer) -> Option<String> {
    data.get_data("text/plain").ok()
}

fn choose(event: &ev::Event, actions: IdentifyActions) {
    let input =
        table::closest(event, "input").and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
    if let Some(file) = input.as_ref().and_then(|it| it.files()?.get(0)) {
        actions.on_file.run(file);
    }
    if let Some(input) = input {
        // The same file can be chosen again.
        input.set_value("");
    }
}

/// What became of the last text or file.
fn result_in_words(identification: RwSignal<Identification>, said: RwSignal<String>) -> String {
    let said = said.get();
    if !said.is_empty() {
        return said;
    }
    identification.with(|it| {
        let Identification::Asking { nothing: Some(finding), .. } = it else {
            return String::new();
        };
        match finding.strangers {
            0 => tr("There is no key in this text."),
            strangers => tr_count(
                strangers,
                "This looks like a key, but none of your keys matches it.",
                "These look like {n} keys, but none of your keys matches one of them.",
            ),
        }
    })
}
