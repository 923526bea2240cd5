//! What is shown while it is not known whether a key was made.

use contract::Timestamp;
use leptos::prelude::*;

use super::foreign::Foreign;
use super::key_facts::KeyFacts;
use crate::browser::page;
use crate::domain::creation::Creation;
use crate::domain::inquiry::{Inquiry, Verdict};
use crate::domain::key::ApiKey;
use crate::reactive::heard;
use crate::words::{tr, tr_around, tr_count};

/// What its user may decide.
#[derive(Clone, Copy)]
pub struct InquiryActions {
    /// To make the same again.
    pub on_again: Callback<()>,
    /// To make another one.
    pub on_another: Callback<()>,
    /// To look at the list again.
    pub on_look: Callback<()>,
    /// To revoke a key that was found.
    pub on_revoke: Callback<ApiKey>,
    /// To leave it.
    pub on_leave: Callback<()>,
}

/// The step of the create-key dialog that stands where the secret should. It says what is known,
/// and never more.
#[component]
pub fn InquiryStep(
    /// Why the answer is missing.
    creation: RwSignal<Creation>,
    /// What is known.
    inquiry: RwSignal<Option<Inquiry>>,
    /// The time from which other times are seen.
    now: Signal<Timestamp>,
    /// What its user may decide.
    actions: InquiryActions,
) -> impl IntoView {
    let name = inquiry.with_untracked(name_of);
    let why = creation.with_untracked(|creation| creation.why_unknown().to_owned());
    let found = Memo::new(move |_| {
        inquiry.with(|it| it.as_ref().map(|it| it.found().to_vec()).unwrap_or_default())
    });
    let verdict = Memo::new(move |_| {
        inquiry.with(|it| it.as_ref().map_or(Verdict::Looking, Inquiry::verdict))
    });
    let words = move || match verdict.get() {
        Verdict::Looking => tr("Looking for it in your list…"),
        Verdict::Found => tr_count(
            found.with(Vec::len),
            "A key of this name is in your list now that was not there before. If it is this one, \
             nobody has its secret: revoke it, or make another.",
            "{n} keys of this name are in your list now that were not there before. If one of them \
             is this one, nobody has its secret: revoke it, or make another.",
        ),
        Verdict::NotFound => tr("Not found in your list so far. If you try again and the first \
                                 request is still carried out, its key will show up there."),
        Verdict::Unseen => tr("Your list could not be read, so this is still not known."),
    };
    let go_on = move || match verdict.get() {
        Verdict::Looking => None,
        Verdict::Found => Some((tr("Make another"), actions.on_another)),
        Verdict::NotFound => Some((tr("Try again"), actions.on_again)),
        Verdict::Unseen => Some((tr("Look again"), actions.on_look)),
    };
    let (before, after) = tr_around("Was “{name}” made?");
    view! {
        <h2 id="create-title" tabindex="-1">{before}<Foreign text=name/>{after}</h2>
        <p id="create-description" role="alert">
            <Foreign text=why/>
            " "
            {tr("We do not know whether the key was made. Its secret was not received.")}
        </p>
        <p class="inquiry-verdict" role="status" aria-busy=move || (verdict.get() == Verdict::Looking).to_string()>
            {words}
        </p>
        <For each=move || found.get() key=|key| key.id let(key)>
            <Candidate key now on_revoke=actions.on_revoke/>
        </For>
        <div class="dialog-actions">
            <button
                type="button"
                class="button"
                data-action="leave"
                on:click=heard(move |_| actions.on_leave.run(()))
            >
                {tr("Close")}
            </button>
            {move || go_on().map(|(label, action)| view! {
                <button type="button" class="button primary" on:click=heard(move |_| {
                    action.run(());
                    // What is asked for goes with the button. Enter may be pressed twice: not on
                    // another one.
                    page::rescue_focus("dialog[open] #create-title");
                })>
                    {label}
                </button>
            }.into_any())}
        </div>
    }
}

/// A key that the lost request may have made.
#[component]
fn Candidate(key: ApiKey, now: Signal<Timestamp>, on_revoke: Callback<ApiKey>) -> impl IntoView {
    let uuid = key.id.to_string();
    let revoke = {
        let key = key.clone();
        move |_| on_revoke.run(key.clone())
    };
    view! {
        <div class="candidate">
            <KeyFacts key now more=tr("UUID")>
                <code translate="no">{uuid}</code>
            </KeyFacts>
            <button type="button" class="button danger" on:click=heard(revoke)>{tr("Revoke it")}</button>
        </div>
    }
}

/// The reminder on the page, as long as it is not known whether a key was made and no dialog says
/// so.
#[component]
pub fn InquiryReminder(
    /// Whether the dialog is open.
    creation: RwSignal<Creation>,
    /// What is known.
    inquiry: RwSignal<Option<Inquiry>>,
    /// The user wants to know more.
    on_open: Callback<()>,
) -> impl IntoView {
    let name = Memo::new(move |_| {
        let is_open = creation.with(Creation::is_open);
        inquiry.with(|it| {
            it.as_ref().filter(|it| !is_open && it.is_news()).map(|it| it.attempt().name.clone())
        })
    });
    view! {
        <div role="status">
            {move || name.get().map(|text| {
                let (before, after) = tr_around(
                    "We do not know what became of the key “{name}”: its secret was not received.",
                );
                view! {
                    <div class="notice warning">
                        <p>{before}<Foreign text/>{after}</p>
                        <button type="button" class="button quiet" on:click=heard(move |_| on_open.run(()))>
                            {tr("Find out")}
                        </button>
                    </div>
                }
                .into_any()
            })}
        </div>
    }
}

fn name_of(inquiry: &Option<Inquiry>) -> String {
    inquiry.as_ref().map(|inquiry| inquiry.attempt().name.clone()).unwrap_or_default()
}
