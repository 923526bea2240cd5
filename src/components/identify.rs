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
use crate::domain::drill::{Candidate, Drill, Identification, Proof};
use crate::domain::incident;
use crate::domain::key::{ApiKey, KeyId};
use crate::domain::names::visible;
use crate::domain::trial::Trial;
use crate::reactive::{Effect, heard};
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
    let dropped = move |event: ev::DragEvent| {
        event.prevent_default();
        let Some(data) = event.data_transfer() else {
            return;
        };
        match data.files().and_then(|files| files.get(0)) {
            Some(file) => actions.on_file.run(file),
            None => actions.on_text.run(data.get_data("text/plain").unwrap_or_default()),
        }
    };
    // A file that is dropped beside the field would be opened in place of the page.
    let over = window_event_listener(ev::dragover, |event| event.prevent_default());
    let drops = window_event_listener(ev::drop, dropped);
    on_cleanup(move || {
        over.remove();
        drops.remove();
    });
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
                placeholder=tr("Paste, or drop a file")
                aria-describedby="identify-result"
                node_ref=target
                on:paste=heard(paste)
                on:beforeinput=put_in
            ></textarea>
            <p id="identify-result" class="field-error" role="status">{result}</p>
        </div>
        <div class="field">
            <label for="identify-file">{tr("Or choose a file, such as .env or a log")}</label>
            <input id="identify-file" type="file" on:change=heard(choose)/>
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
    let mut names: Vec<String> = identification
        .with_untracked(|it| it.candidates().iter().map(|it| it.key.name.clone()).collect());
    let title = match names.len() {
        1 => {
            let (before, after) = tr_around("This is likely “{name}”");
            let name = names.remove(0);
            view! { {before}<Foreign text=name/>{after} }.into_any()
        }
        count => tr_count(count, "{n} of your keys matches", "{n} of your keys match").into_any(),
    };
    let rows = move || {
        let now = now.get_untracked();
        identification.with(|it| {
            let rows = it.candidates().iter().map(|it| candidate(it, now, actions));
            rows.collect::<Vec<_>>().into_any()
        })
    };
    let news = Memo::new(move |_| {
        identification.with(|it| {
            let news = it.candidates().iter().filter_map(|it| in_words(&it.proof));
            news.collect::<Vec<_>>().join(" ")
        })
    });
    let any_is = move |is: fn(&Candidate) -> bool| {
        Memo::new(move |_| identification.with(|it| it.candidates().iter().any(is)))
    };
    let may_ask = any_is(|candidate| candidate.proof.rejected().is_none());
    let any_left = any_is(|candidate| candidate.revoked.is_none());
    let show = move |_| {
        let ids = identification
            .with_untracked(|it| it.candidates().iter().map(|it| it.key.id).collect::<Vec<_>>());
        actions.on_show.run(ids);
    };
    view! {
        <h2 id="identify-title">{title}</h2>
        <p id="identify-description">
            {tr("What you pasted begins and ends the same way.")}
        </p>
        <ul class="matches">{rows}</ul>
        {move || may_ask.get().then(|| view! { <p class="muted">{trial_in_words()}</p> }.into_any())}
        <p class="unseen" role="status">{move || news.get()}</p>
        <div class="dialog-actions">{move || match any_left.get() {
            false => button_of("button", tr("Close"), None, true, actions.on_leave),
            true => view! {
                {leave_button(actions, tr("Close"))}
                // It gets the focus, and with it says what was found. (A live region within the
                // heading would leave the heading, and the dialog, without a name.)
                <button
                    type="button"
                    class="button primary"
                    data-first=""
                    aria-describedby="identify-title"
                    on:click=heard(show)
                >
                    {tr("Show in the table")}
                </button>
            }
            .into_any(),
        }}</div>
    }
    .into_any()
}

/// A key that a text holds, and what can be done about it. One that is revoked can only be asked
/// about.
fn candidate(candidate: &Candidate, now: Timestamp, actions: IdentifyActions) -> AnyView {
    let Candidate { key, proof, revoked } = candidate;
    let id = key.id;
    let name = visible(&key.name).into_owned();
    let label = |words: &'static str| tr_with(words, &[("name", &name)]);
    // What is written on a button is in its name (WCAG 2.2, 2.5.3).
    let about_it = |words: &str| format!("{words} ({name})");
    let labelled = |words: String, label: String, class: &'static str, act| {
        button_of(class, words, Some(label), false, act)
    };
    let state = match (in_words(proof), revoked) {
        (Some(words), _) => words,
        (None, Some(time)) => revoked_at(*time),
        (None, None) => last_use_in_words(key, now),
    };
    let may_ask = proof.rejected().is_none() && *proof.trial() != Trial::Asking;
    let ask = may_ask.then(|| {
        let act = Callback::new(move |()| actions.on_prove.run(id));
        match revoked {
            Some(_) => button_of("button", tr("Prove it is dead"), None, true, act),
            None => {
                let words = tr("Does it still work?");
                let label = about_it(&words);
                labelled(words, label, "button", act)
            }
        }
    });
    let others = revoked.is_none().then(|| {
        let whole = key.clone();
        let open = Callback::new(move |()| actions.on_open.run(id));
        let revoke = Callback::new(move |()| actions.on_revoke.run(whole.clone()));
        let leaked = Callback::new(move |()| actions.on_leaked.run(id));
        let drill = tr("I leaked this key");
        let of_drill = about_it(&drill);
        let buttons = [
            labelled(tr("Usage"), label("Usage of {name}"), "button", open),
            labelled(tr("Revoke"), label("Revoke {name}"), "button", revoke),
            labelled(drill, of_drill, "button danger", leaked),
        ];
        buttons.collect_view().into_any()
    });
    view! {
        <li class="candidate">
            <strong><Foreign text=key.name.clone()/></strong>
            <code translate="no"><Foreign text=key.masked.clone()/></code>
            <Foreign class="muted" text=state/>
            <div class="drill-actions">{ask}{others}</div>
        </li>
    }
    .into_any()
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
    // The steps are drawn anew when one changes: what has changed is said once, here.
    let news = Memo::new(move |_| {
        identification.with(|it| it.drill().map(news_of_drill)).unwrap_or_default()
    });
    let leaving =
        Memo::new(move |_| identification.with(|it| it.drill().is_some_and(Drill::is_leaving)));
    let end = move || match leaving.get() {
        true => leaving_question(identification, actions),
        false => view! { <div class="dialog-actions">{leave_button(actions, tr("Close"))}</div> }
            .into_any(),
    };
    view! {
        <h2 id="identify-title" tabindex="-1">{before}<Foreign text=name/>{after}</h2>
        <p id="identify-description">
            {tr("Four steps. You can leave at any of them; what was done stays done.")}
        </p>
        <ol class="drill">{steps}</ol>
        <p class="unseen" role="status">{move || news.get()}</p>
        <p class="muted" role="status">{move || said.get()}</p>
        {end}
    }
    .into_any()
}

fn news_of_drill(drill: &Drill) -> String {
    let revoked = drill.revoked().map(|it| revoked_at(it.at));
    let failed = drill.why_not_revoked().map(str::to_owned);
    in_words(&drill.proof).or(revoked).or(failed).unwrap_or_default()
}

fn leaving_question(identification: RwSignal<Identification>, actions: IdentifyActions) -> AnyView {
    let is_revoked = identification
        .with_untracked(|it| it.drill().is_some_and(|drill| drill.revoked().is_some()));
    let words = match is_revoked {
        true => tr("You have not taken the note as it stands now. Close anyway?"),
        false => tr("The leaked key is not revoked yet. Close anyway?"),
    };
    let on = |step| Callback::new(move |()| actions.on_step.run(step));
    view! {
        <div class="leaving">
            <p class="warning" role="alert">{words}</p>
            <div class="dialog-actions">
                {button_of("button danger", tr("Close anyway"), None, false, on(Step::LeaveAnyway))}
                {button_of("button primary", tr("Keep open"), None, false, on(Step::Stay))}
            </div>
        </div>
    }
    .into_any()
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

fn revoked_at(time: Timestamp) -> String {
    tr_with("Revoked at {time}", &[("time", &format::utc(time))])
}

fn steps(drill: &Drill, actions: IdentifyActions) -> AnyView {
    let button = |step: Step, class: &'static str, words: String, is_first: bool| {
        button_of(class, words, None, is_first, Callback::new(move |()| actions.on_step.run(step)))
    };
    let safe_since = |at| tr_with("Saved at {time}", &[("time", &format::utc(at))]);
    let item = |is_done: bool, title: String, state: String, controls: AnyView| {
        view! {
            <li data-done=is_done.then_some("")>
                <strong>{title}</strong>
                <Foreign class="muted" text=state/>
                <div class="drill-actions">{controls}</div>
            </li>
        }
        .into_any()
    };
    let (is_replaced, is_revoked) = (drill.replacement().is_some(), drill.revoked().is_some());
    let replace = match drill.replacement() {
        Some(replacement) => {
            item(true, tr("Replacement"), safe_since(replacement.at), ().into_any())
        }
        None => item(
            false,
            tr("Replacement"),
            tr("Make the new key first if a program needs one, so that it can go on."),
            button(Step::Replace, "button", tr("Create the replacement"), !is_revoked),
        ),
    };
    let revoke = match (drill.revoked(), drill.is_revoking()) {
        (Some(revoked), _) => item(true, tr("Revocation"), revoked_at(revoked.at), ().into_any()),
        (None, true) => item(false, tr("Revocation"), tr("Revoking…"), ().into_any()),
        (None, false) => {
            let words = match is_replaced {
                true => tr("Revoke the leaked key"),
                false => tr("Revoke without a replacement"),
            };
            let why = drill.why_not_revoked().map(str::to_owned).unwrap_or_else(|| {
                tr("Requests with this key fail at once. This cannot be undone.")
            });
            let class = if is_replaced { "button danger-primary" } else { "button danger" };
            item(false, tr("Revocation"), why, button(Step::Revoke, class, words, is_replaced))
        }
    };
    let proof = in_words(&drill.proof).unwrap_or_else(trial_in_words);
    let is_rejected = drill.proof.rejected().is_some();
    let prove = match (is_rejected, is_revoked) {
        (true, _) => ().into_any(),
        (false, true) => button(Step::Prove, "button", tr("Prove it is dead"), true),
        (false, false) => button(Step::Prove, "button", tr("Does it still work?"), false),
    };
    let note = view! {
        <details class="data">
            <summary>{tr("Read the note")}</summary>
            <pre class="note" dir="auto">{incident::note(&drill.incident())}</pre>
        </details>
        {button(Step::Copy, "button", tr("Copy the note"), is_rejected)}
        {button(Step::Download, "button", tr("Download the note"), false)}
    }
    .into_any();
    view! {
        {replace}
        {revoke}
        {item(is_rejected, tr("Proof"), proof, prove)}
        {item(drill.is_noted(), tr("Note"), tr("A timeline in Markdown, for those who have to know."), note)}
    }
    .into_any()
}

fn leave_button(actions: IdentifyActions, words: String) -> AnyView {
    button_of("button", words, None, false, actions.on_leave)
}
