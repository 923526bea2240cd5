//! The dialog that tells which key a text holds, and leads through the drill if it has leaked.
//!
//! What is pasted is looked at and dropped: it never enters the document, and nothing is sent.

use contract::Timestamp;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::dialog::{Dialog, Urgency};
use super::foreign::Foreign;
use super::key_facts::last_use_in_words;
use crate::browser::{format, page, table};
use crate::domain::drill::{Drill, Identification};
use crate::domain::incident;
use crate::domain::key::{ApiKey, KeyId};
use crate::domain::trial::Trial;
use crate::words::{tr, tr_around, tr_count, tr_with};

/// What the user may want of the dialog.
#[derive(Clone, Copy)]
pub struct IdentifyActions {
    /// To have this text looked at.
    pub on_text: Callback<String>,
    /// To have this file looked at.
    pub on_file: Callback<web_sys::File>,
    /// To see these rows in the table.
    pub on_show: Callback<Vec<KeyId>>,
    /// To revoke this key.
    pub on_revoke: Callback<ApiKey>,
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
            page::focus("dialog[open] [data-first]");
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

fn asking(
    identification: RwSignal<Identification>,
    said: RwSignal<String>,
    actions: IdentifyActions,
) -> AnyView {
    let leaked = identification
        .with_untracked(|it| matches!(it, Identification::Asking { leaked: true, .. }));
    let title = if leaked { tr("I leaked a key") } else { tr("Identify a key") };
    let target = NodeRef::<html::Textarea>::new();
    let paste = move |event: ev::ClipboardEvent| {
        event.prevent_default();
        let text = event.clipboard_data().and_then(|data| data.get_data("text/plain").ok());
        actions.on_text.run(text.unwrap_or_default());
    };
    // Phones and password managers may put a text in without a paste.
    let put_in = move |event: ev::InputEvent| {
        event.prevent_default();
        let text = event
            .data()
            .or_else(|| event.data_transfer().and_then(|data| data.get_data("text/plain").ok()));
        if let Some(text) = text.filter(|text| text.chars().count() > 1) {
            actions.on_text.run(text);
        }
    };
    let drop = move |event: ev::DragEvent| {
        event.prevent_default();
        let Some(data) = event.data_transfer() else {
            return;
        };
        match data.files().and_then(|files| files.get(0)) {
            Some(file) => actions.on_file.run(file),
            None => actions.on_text.run(data.get_data("text/plain").unwrap_or_default()),
        }
    };
    let choose = move |event: ev::Event| {
        let input = table::closest(&event, "input")
            .and_then(|it| it.dyn_into::<web_sys::HtmlInputElement>().ok());
        if let Some(file) = input.as_ref().and_then(|it| it.files()?.get(0)) {
            actions.on_file.run(file);
        }
        if let Some(input) = input {
            // The same file can be chosen again.
            input.set_value("");
        }
    };
    let result = move || {
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
    };
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
                placeholder=tr("Ctrl+V or ⌘V, or drop a file")
                aria-describedby="identify-result"
                node_ref=target
                on:paste=paste
                on:beforeinput=put_in
                on:dragover=move |event: ev::DragEvent| event.prevent_default()
                on:drop=drop
            ></textarea>
            <p id="identify-result" class="field-error" role="status">{result}</p>
        </div>
        <div class="field">
            <label for="identify-file">{tr("Or choose a file, such as .env or a log")}</label>
            <input id="identify-file" type="file" on:change=choose/>
        </div>
        <div class="dialog-actions">{leave_button(actions, tr("Cancel"))}</div>
    }
    .into_any()
}

fn found(
    identification: RwSignal<Identification>,
    now: Signal<Timestamp>,
    actions: IdentifyActions,
) -> AnyView {
    let keys: Vec<ApiKey> = identification.with_untracked(|it| match it {
        Identification::Found { finding, .. } => {
            finding.matches.iter().map(|(key, _)| key.clone()).collect()
        }
        _ => Vec::new(),
    });
    let ids: Vec<KeyId> = keys.iter().map(|key| key.id).collect();
    let title = match keys.as_slice() {
        [key] => {
            let (before, after) = tr_around("This is likely “{name}”");
            view! { {before}<Foreign text=key.name.clone()/>{after} }.into_any()
        }
        keys => {
            let count = keys.len();
            tr_count(count, "{n} of your keys matches", "{n} of your keys match").into_any()
        }
    };
    let rows: Vec<AnyView> = keys
        .into_iter()
        .map(|key| {
            let (id, name) = (key.id, key.name.clone());
            let label = |words: &'static str| {
                let name = crate::domain::names::visible(&name).into_owned();
                tr_with(words, &[("name", &name)])
            };
            let (leaked_label, revoke_label) = (label("I leaked {name}"), label("Revoke {name}"));
            let used = last_use_in_words(&key, now.get_untracked());
            let masked = key.masked.clone();
            view! {
                <li class="candidate">
                    <strong><Foreign text=name/></strong>
                    <code translate="no"><Foreign text=masked/></code>
                    <span class="muted">{used}</span>
                    <div class="dialog-actions">
                        <button
                            type="button"
                            class="button"
                            aria-label=revoke_label
                            on:click=move |_| actions.on_revoke.run(key.clone())
                        >
                            {tr("Revoke")}
                        </button>
                        <button
                            type="button"
                            class="button danger"
                            aria-label=leaked_label
                            on:click=move |_| actions.on_leaked.run(id)
                        >
                            {tr("I leaked this key")}
                        </button>
                    </div>
                </li>
            }
            .into_any()
        })
        .collect();
    view! {
        <h2 id="identify-title"><span role="status">{title}</span></h2>
        <p id="identify-description">
            {tr("The beginning and the end of what you pasted are those of this list’s masks.")}
        </p>
        <ul class="matches">{rows}</ul>
        <div class="dialog-actions">
            {leave_button(actions, tr("Close"))}
            <button
                type="button"
                class="button primary"
                data-first=""
                on:click=move |_| actions.on_show.run(ids.clone())
            >
                {tr("Show in the table")}
            </button>
        </div>
    }
    .into_any()
}

fn drilling(
    identification: RwSignal<Identification>,
    said: RwSignal<String>,
    actions: IdentifyActions,
) -> AnyView {
    let name = identification
        .with_untracked(|it| it.drill().map(|drill| drill.key.name.clone()))
        .unwrap_or_default();
    let (before, after) = tr_around("“{name}” has leaked");
    let steps =
        move || identification.with(|it| it.drill().map(|drill| steps(drill, actions))).into_any();
    view! {
        <h2 id="identify-title">{before}<Foreign text=name/>{after}</h2>
        <p id="identify-description">
            {tr("Four steps. You can leave at any of them; what was done stays done.")}
        </p>
        <ol class="drill">{steps}</ol>
        <p class="muted" role="status">{move || said.get()}</p>
        <div class="dialog-actions">{leave_button(actions, tr("Close"))}</div>
    }
    .into_any()
}

fn steps(drill: &Drill, actions: IdentifyActions) -> AnyView {
    let button = |step: Step, class: &'static str, words: String, is_first: bool| {
        view! {
            <button
                type="button"
                class=class
                data-first=is_first.then_some("")
                on:click=move |_| actions.on_step.run(step)
            >
                {words}
            </button>
        }
        .into_any()
    };
    let item = |title: String, state: String, controls: AnyView| {
        view! {
            <li>
                <strong>{title}</strong>
                <Foreign class="muted" text=state/>
                <div class="drill-actions">{controls}</div>
            </li>
        }
        .into_any()
    };
    let at = |words: &'static str, time: Timestamp| tr_with(words, &[("time", &format::utc(time))]);
    let (is_replaced, is_revoked) = (drill.replacement().is_some(), drill.revoked().is_some());
    let replace = match drill.replacement() {
        Some(replacement) => {
            item(tr("Replacement"), at("In safe hands since {time}", replacement.at), ().into_any())
        }
        None => item(
            tr("Replacement"),
            tr("Make the new key first if a program needs one, so that it can go on."),
            button(Step::Replace, "button", tr("Create the replacement"), true),
        ),
    };
    let revoke = match (drill.revoked(), drill.is_revoking()) {
        (Some(revoked), _) => {
            item(tr("Revocation"), at("Revoked at {time}", revoked.at), ().into_any())
        }
        (None, true) => item(tr("Revocation"), tr("Revoking…"), ().into_any()),
        (None, false) => {
            let words = match is_replaced {
                true => tr("Revoke the leaked key"),
                false => tr("Revoke without a replacement"),
            };
            let why = drill.why_not_revoked().map(str::to_owned).unwrap_or_else(|| {
                tr("Requests with this key fail at once. This cannot be undone.")
            });
            let class = if is_replaced { "button danger-primary" } else { "button danger" };
            item(tr("Revocation"), why, button(Step::Revoke, class, words, is_replaced))
        }
    };
    let proof = match (&drill.trial, drill.rejected()) {
        (_, Some(time)) => at("The Key API rejected it at {time}", time),
        (Trial::Asking, _) => tr("Asking…"),
        (Trial::Works, _) => tr("The Key API still takes this key."),
        (Trial::Unknown(why), _) => why.clone(),
        (Trial::NotAsked | Trial::Refused, None) => {
            tr("One request with the key itself shows whether the Key API rejects it. The key \
             travels in the address of that request.")
        }
    };
    let prove = match drill.rejected() {
        Some(_) => ().into_any(),
        None => button(Step::Prove, "button", tr("Prove it is dead"), is_revoked),
    };
    let note = view! {
        <details class="data">
            <summary>{tr("Read the note")}</summary>
            <pre class="note" dir="auto">{incident::note(&drill.incident())}</pre>
        </details>
        {button(Step::Copy, "button", tr("Copy the note"), false)}
        {button(Step::Download, "button", tr("Download the note"), false)}
    }
    .into_any();
    view! {
        {replace}
        {revoke}
        {item(tr("Proof"), proof, prove)}
        {item(tr("Note"), tr("What happened when, in Markdown, for who has to know."), note)}
    }
    .into_any()
}

fn leave_button(actions: IdentifyActions, words: String) -> AnyView {
    view! {
        <button type="button" class="button" on:click=move |_| actions.on_leave.run(())>
            {words}
        </button>
    }
    .into_any()
}
