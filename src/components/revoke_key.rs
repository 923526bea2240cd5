//! The dialog that asks before a key is revoked.

use std::sync::Arc;

use contract::Timestamp;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::attempt::{Attempt, Submit, field_error};
use super::dialog::{Dialog, Urgency};
use super::foreign::Foreign;
use super::key_facts::KeyFacts;
use super::when::When;
use crate::browser::format;
use crate::browser::page::is_in_front;
use crate::domain::key::{ApiKey, KeyId};
use crate::domain::revocation::{Caution, Revocation};
use crate::domain::shortcut::begins_text;
use crate::domain::usage::Usage;
use crate::reactive::{heard, redrawn};
use crate::remote::Remote;
use crate::words::{tr, tr_around, tr_count, tr_with};

/// The confirmation. Its rules are those of [`Revocation`]; this draws them. The first focus is on
/// Cancel, the least destructive answer (WAI-ARIA APG, alert dialog); what is typed goes into the
/// field all the same.
#[component]
pub fn RevokeKeyDialog(
    /// The revocation that waits, if there is one.
    revocation: RwSignal<Option<Revocation>>,
    /// The usage of the key in question, for the facts.
    usage: Signal<Remote<Usage>>,
    /// The time from which other times are seen.
    now: Signal<Timestamp>,
    /// The other keys whose names look like that of the key in question.
    lookalikes: Signal<Vec<ApiKey>>,
    /// The user has confirmed that this key is to be revoked.
    on_confirmed: Callback<KeyId>,
) -> impl IntoView {
    let open = Memo::new(move |_| revocation.with(Option::is_some));
    let cancel = Callback::new(move |()| revocation.update(Revocation::leave));
    view! {
        <Dialog
            open
            urgency=Urgency::Alert
            labelled_by="revoke-title"
            described_by="revoke-description"
            on_leave=cancel
        >
            <Confirmation revocation usage now lookalikes on_confirmed cancel/>
        </Dialog>
    }
}

/// What is asked. It is made when the dialog opens, for the key it opens with. More may be learnt
/// of it meanwhile, and take more to confirm.
#[component]
fn Confirmation(
    revocation: RwSignal<Option<Revocation>>,
    usage: Signal<Remote<Usage>>,
    now: Signal<Timestamp>,
    lookalikes: Signal<Vec<ApiKey>>,
    on_confirmed: Callback<KeyId>,
    cancel: Callback<()>,
) -> impl IntoView {
    let Some(key) = revocation.with_untracked(|it| it.as_ref().map(|it| it.key.clone())) else {
        return ().into_any();
    };
    let typed = NodeRef::<html::Input>::new();
    typing_goes_to(typed);
    let attempt = attempt_at(revocation);
    let Attempt { sending, at_field, left, .. } = attempt;
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if left.get_untracked().is_none() {
            confirm(revocation, typed.get_untracked(), on_confirmed);
        }
    };
    let name = key.name.clone();
    let name_to_type = name.trim().to_owned();
    let asks_for_name = Memo::new(move |_| caution(revocation).asks_for_name());
    let name_field = move || match asks_for_name.get() {
        true => name_field(name_to_type.clone(), typed, sending, at_field),
        false => ().into_any(),
    };
    let button = Submit {
        class: "button danger-primary",
        label: tr("Revoke key"),
        pending_label: tr("Revoking…"),
    };
    let (before, after) = tr_around("Revoke “{name}”?");
    view! {
        <form class="form" novalidate on:submit=heard(submit)>
            <h2 id="revoke-title">{before}<Foreign text=name/>{after}</h2>
            <p id="revoke-description">
                {tr("Requests with this key fail at once. This cannot be undone.")}
            </p>
            {facts(key, revocation, usage, now)}
            <Lookalikes keys=lookalikes now/>
            <p class="warning" role="status">
                {move || warning_in_words(caution(revocation), now)}
            </p>
            {name_field}
            {attempt.end_of_form(button, true, cancel)}
        </form>
    }
    .into_any()
}

/// What it takes to confirm it, as far as that is known by now.
fn caution(revocation: RwSignal<Option<Revocation>>) -> Caution {
    revocation.with(|it| it.as_ref().map_or(Caution::NeverUsed, |it| it.caution))
}

fn attempt_at(revocation: RwSignal<Option<Revocation>>) -> Attempt {
    let sending = Memo::new(move |_| {
        revocation.with(|revocation| revocation.as_ref().is_some_and(|it| it.sending))
    });
    let complaint = move || revocation.with(|it| it.as_ref()?.complaint.clone());
    Attempt::new(sending, Arc::new(complaint))
}

/// Confirms it with what stands in the field, if there is one.
fn confirm(
    revocation: RwSignal<Option<Revocation>>,
    field: Option<web_sys::HtmlInputElement>,
    on_confirmed: Callback<KeyId>,
) {
    let name = field.as_ref().map(|field| field.value()).unwrap_or_default();
    let confirmed =
        revocation.try_update(|revocation| revocation.as_mut().and_then(|it| it.confirm(&name)));
    if let Some(id) = confirmed.flatten() {
        on_confirmed.run(id);
    } else if let Some(field) = field {
        // Back to the field and what it says, also when it says the same as before. An input in an
        // open dialog takes focus.
        let _ = field.focus();
    }
}

/// The facts of the key, drawn anew when it turns out that something has used it meanwhile.
fn facts(
    key: ApiKey,
    revocation: RwSignal<Option<Revocation>>,
    usage: Signal<Remote<Usage>>,
    now: Signal<Timestamp>,
) -> AnyView {
    let last_used = move |it: &Option<Revocation>| it.as_ref().and_then(|it| it.key.last_used);
    let before = key.last_used;
    let is_used_since = Memo::new(move |_| revocation.with(last_used) != before);
    let requests = move || match usage.get() {
        Remote::Ready(usage) | Remote::Refreshing(usage, _) => format::whole(usage.completed),
        Remote::Loading(_) => "…".to_owned(),
        Remote::Failed(..) => tr("unknown"),
    };
    redrawn(move || {
        let mut key = key.clone();
        if is_used_since.get() {
            key.last_used = revocation.with_untracked(last_used);
        }
        view! { <KeyFacts key now more=tr("Requests")>{requests}</KeyFacts> }.into_any()
    })
}

fn warning_in_words(caution: Caution, now: Signal<Timestamp>) -> String {
    match caution {
        Caution::NeverUsed | Caution::Idle(_) => String::new(),
        Caution::InUse(at) => {
            let time = format::relative(at, now.get());
            tr_with("Used {time}; something may still depend on it.", &[("time", &time)])
        }
        Caution::InUseUnlisted => tr("It was used, so something may still depend on it."),
    }
}

/// The field in which the name of the key is to be typed.
fn name_field(
    name: String,
    typed: NodeRef<html::Input>,
    sending: Memo<bool>,
    at_field: Memo<Option<String>>,
) -> AnyView {
    let (before, after) = tr_around("Type {name} to confirm");
    view! {
        <div class="field">
            <label for="revoke-name">
                {before}<Foreign class="to-type" text=name/>{after}
            </label>
            <input
                id="revoke-name"
                type="text"
                node_ref=typed
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                readonly=move || sending.get()
                aria-describedby="revoke-name-error"
                aria-invalid=move || at_field.get().map(|_| "true")
            />
            {field_error("revoke-name-error", at_field)}
        </div>
    }
    .into_any()
}

/// Takes the first character of what somebody types into `field`, wherever in its dialog the focus
/// is, for as long as the current owner lives. At Cancel, a name with a space in it would close the
/// dialog half-way, and what follows would be taken for shortcuts.
pub(super) fn typing_goes_to(field: NodeRef<html::Input>) {
    let typing = window_event_listener(ev::keydown, move |event| {
        let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
        let Some(field) = field.get_untracked().filter(|_| begins_text(&event.key(), modified))
        else {
            return;
        };
        if field.closest("dialog").ok().flatten().is_some_and(|dialog| is_in_front(&dialog)) {
            // An input in the dialog in front takes focus, and then the character.
            let _ = field.focus();
        }
    });
    on_cleanup(move || typing.remove());
}

/// The keys that are easily taken for the one in question.
#[component]
fn Lookalikes(keys: Signal<Vec<ApiKey>>, now: Signal<Timestamp>) -> impl IntoView {
    /// More of them make the dialog long, and its user no wiser.
    const MOST: usize = 3;
    move || {
        let mut keys = keys.get();
        let more = keys.len().saturating_sub(MOST);
        keys.truncate(MOST);
        let words = match keys.len() + more {
            0 => return None,
            1 => tr("It looks like another key of yours, which stays:"),
            _ => tr("It looks like other keys of yours, which stay:"),
        };
        let more = (more > 0)
            .then(|| view! { <li>{tr_count(more, "{n} more", "{n} more")}</li> }.into_any());
        let rows = keys.into_iter().map(|key| {
            let (before, after) = tr_around(", created {time}");
            view! {
                <li>
                    <Foreign text=key.name/>
                    {" "}
                    <code translate="no"><Foreign text=key.masked/></code>
                    {before}<When at=key.created now/>{after}
                </li>
            }
            .into_any()
        });
        let words = view! {
            <div class="lookalikes">
                <p>{words}</p>
                <ul>{rows.collect::<Vec<_>>()} {more}</ul>
            </div>
        };
        Some(words.into_any())
    }
}
