//! The dialog that revokes many keys, one by one.

use contract::Timestamp;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::dialog::{Dialog, Urgency};
use super::foreign::Foreign;
use super::key_facts::last_use_in_words;
use super::revoke_key::typing_goes_to;
use crate::browser::page;
use crate::domain::bulk_revocation::{BulkRevocation, Item, Outcome, Phase, Tally};
use crate::reactive::{Effect, heard};
use crate::words::{tr, tr_count, tr_with};

/// What the user may want of it.
#[derive(Clone, Copy, Debug)]
pub struct BulkActions {
    /// To begin: this was typed as the number of keys.
    pub on_confirm: Callback<String>,
    /// To send no request after the one that is under way.
    pub on_stop: Callback<()>,
    /// To go on with what failed or was left.
    pub on_go_on: Callback<()>,
    /// To leave.
    pub on_leave: Callback<()>,
}

/// The dialog. Its rules are those of [`BulkRevocation`]; this draws them.
#[component]
pub fn RevokeManyDialog(
    /// The revocation, if there is one.
    bulk: RwSignal<Option<BulkRevocation>>,
    /// The time from which other times are seen.
    now: Signal<Timestamp>,
    /// What the user may want.
    actions: BulkActions,
) -> impl IntoView {
    let open = Memo::new(move |_| bulk.with(Option::is_some));
    let phase = Memo::new(move |_| bulk.with(|bulk| bulk.as_ref().map(BulkRevocation::phase)));
    // What is under way stays the same view, with the focus in it, until it was left.
    let part = Memo::new(move |_| match phase.get() {
        None => 0,
        Some(Phase::Asking { mistyped }) => 1 + i32::from(mistyped),
        Some(Phase::Running | Phase::Stopping | Phase::Over) => 3,
    });
    // The steps replace each other inside an open dialog, where the browser moves no focus.
    Effect::new(move |before: Option<Option<Phase>>| {
        let phase = phase.get();
        if phase == Some(Phase::Running) && before != Some(phase) {
            // Not on a button: Enter may be pressed twice, and would stop what it has begun.
            page::focus("dialog[open] #revoke-many-title");
        }
        if phase == Some(Phase::Over) {
            page::rescue_focus("dialog[open] [data-action=leave]");
        }
        phase
    });
    view! {
        <Dialog
            open
            urgency=Urgency::Alert
            labelled_by="revoke-many-title"
            described_by="revoke-many-description"
            on_leave=actions.on_leave
        >
            {move || match part.get() {
                0 => ().into_any(),
                1 | 2 => asking(bulk, now, actions),
                _ => under_way(bulk, actions),
            }}
        </Dialog>
    }
}

fn asking(
    bulk: RwSignal<Option<BulkRevocation>>,
    now: Signal<Timestamp>,
    actions: BulkActions,
) -> AnyView {
    let count = bulk.with_untracked(|bulk| bulk.as_ref().map_or(0, |bulk| bulk.items().len()));
    let number = count.to_string();
    let mistyped = bulk.with_untracked(|bulk| {
        bulk.as_ref().is_some_and(|bulk| bulk.phase() == Phase::Asking { mistyped: true })
    });
    let field = NodeRef::<html::Input>::new();
    typing_goes_to(field);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if let Some(field) = field.get_untracked() {
            actions.on_confirm.run(field.value());
            let phase = bulk.with_untracked(|it| it.as_ref().map(BulkRevocation::phase));
            if matches!(phase, Some(Phase::Asking { .. })) {
                // Back to the field and what it says, also when it says the same as before.
                let _ = field.focus();
            }
        }
    };
    if mistyped {
        page::focus("dialog[open] #revoke-many-count");
    }
    let error = match mistyped {
        true => tr_with("Type {number} to confirm.", &[("number", &number)]),
        false => String::new(),
    };
    let warning = move || match bulk.with(|it| it.as_ref().map_or(0, BulkRevocation::in_use)) {
        0 => String::new(),
        in_use => tr_count(
            in_use,
            "{n} of them was used in the last 7 days; something may still depend on it.",
            "{n} of them were used in the last 7 days; something may still depend on them.",
        ),
    };
    let label = tr_with("Type {number} to confirm", &[("number", &number)]);
    let items = move || {
        let now = now.get_untracked();
        named(bulk, &|item| last_use_in_words(&item.key, now))
    };
    view! {
        <form class="form" novalidate on:submit=heard(submit)>
            <h2 id="revoke-many-title">
                {tr_count(count, "Revoke {n} key?", "Revoke {n} keys?")}
            </h2>
            <p id="revoke-many-description">
                {tr("Requests with these keys fail at once. This cannot be undone.")}
            </p>
            <p class="warning" role="status">{warning}</p>
            <ul class="bulk" tabindex="0" aria-label=tr("The keys")>{items}</ul>
            <div class="field">
                <label for="revoke-many-count">{label}</label>
                <input
                    id="revoke-many-count"
                    type="text"
                    inputmode="numeric"
                    autocomplete="off"
                    node_ref=field
                    aria-describedby="revoke-many-error"
                    aria-invalid=mistyped.then_some("true")
                />
                <p id="revoke-many-error" class="field-error" role="alert">{error}</p>
            </div>
            <div class="dialog-actions">
                <button
                    type="button"
                    class="button"
                    autofocus
                    on:click=heard(move |_| actions.on_leave.run(()))
                >
                    {tr("Cancel")}
                </button>
                <button type="submit" class="button danger-primary">
                    {tr_count(count, "Revoke {n} key", "Revoke {n} keys")}
                </button>
            </div>
        </form>
    }
    .into_any()
}

fn under_way(bulk: RwSignal<Option<BulkRevocation>>, actions: BulkActions) -> AnyView {
    let tally =
        move || bulk.with(|bulk| bulk.as_ref().map(BulkRevocation::tally)).unwrap_or_default();
    let phase = move || bulk.with(|bulk| bulk.as_ref().map(BulkRevocation::phase));
    let count = bulk.with_untracked(|bulk| bulk.as_ref().map_or(0, |bulk| bulk.items().len()));
    let title = move || match phase() {
        Some(Phase::Running) => tr("Revoking…"),
        Some(Phase::Stopping) => tr("Stopping after this key…"),
        _ => result_in_words(tally(), count),
    };
    let progress = move || {
        let tally = tally();
        (tally.gone + tally.failed).to_string()
    };
    let items = move || named(bulk, &|item| outcome_in_words(&item.outcome));
    let buttons = move || match phase() {
        Some(Phase::Running | Phase::Stopping) => view! {
            <button
                type="button"
                class="button"
                data-action="stop"
                on:click=heard(move |_| actions.on_stop.run(()))
            >
                {tr("Stop")}
            </button>
        }
        .into_any(),
        _ => {
            let tally = tally();
            let words = match (tally.failed, tally.left) {
                (0, 0) => String::new(),
                (_, 0) => tr("Try the failed ones again"),
                _ => tr("Go on with the rest"),
            };
            let go_on = (!words.is_empty()).then(|| {
                view! {
                    <button
                        type="button"
                        class="button danger"
                        on:click=heard(move |_| actions.on_go_on.run(()))
                    >
                        {words}
                    </button>
                }
                .into_any()
            });
            view! {
                {go_on}
                <button
                    type="button"
                    class="button primary"
                    data-action="leave"
                    on:click=heard(move |_| actions.on_leave.run(()))
                >
                    {tr("Done")}
                </button>
            }
            .into_any()
        }
    };
    view! {
        <h2 id="revoke-many-title" tabindex="-1"><span role="status">{title}</span></h2>
        <p id="revoke-many-description">
            {tr("The keys are revoked one by one. What failed stays selected in the table.")}
        </p>
        <progress max=count.to_string() value=progress aria-labelledby="revoke-many-title">
        </progress>
        <ul class="bulk" tabindex="0" aria-label=tr("The keys")>{items}</ul>
        <div class="dialog-actions">{buttons}</div>
    }
    .into_any()
}

/// The keys that are named, each with what `words` says of it.
fn named(bulk: RwSignal<Option<BulkRevocation>>, words: &dyn Fn(&Item) -> String) -> AnyView {
    bulk.with(|bulk| {
        let Some(bulk) = bulk else {
            return ().into_any();
        };
        let items: Vec<AnyView> =
            bulk.in_sight().map(|item| item_view(item, words(item))).collect();
        let more = bulk.out_of_sight();
        let more = (more > 0).then(|| {
            view! { <li class="muted">{tr_count(more, "{n} more", "{n} more")}</li> }.into_any()
        });
        view! { {items}{more} }.into_any()
    })
}

fn item_view(item: &Item, words: String) -> AnyView {
    let state = match item.outcome {
        Outcome::Waiting => "",
        Outcome::Sending => "sending",
        Outcome::Revoked | Outcome::Gone => "gone",
        Outcome::Failed(_) => "failed",
    };
    view! {
        <li data-state=state>
            <Foreign text=item.key.name.clone()/>
            <Foreign class="muted" text=words/>
        </li>
    }
    .into_any()
}

fn outcome_in_words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Waiting => tr("Waiting"),
        Outcome::Sending => tr("Revoking…"),
        Outcome::Revoked => tr("Revoked"),
        Outcome::Gone => tr("Was gone already"),
        Outcome::Failed(words) => words.clone(),
    }
}

fn result_in_words(tally: Tally, count: usize) -> String {
    if tally.gone == count {
        return tr_count(count, "{n} key is revoked", "All {n} keys are revoked");
    }
    let (gone, count) = (tally.gone.to_string(), count.to_string());
    tr_with("Revoked {gone} of {count} keys", &[("gone", &gone), ("count", &count)])
}
