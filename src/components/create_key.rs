//! The dialog that makes a key and shows its secret once. Two steps of one frame: the form, then
//! the secret.

mod name_form;

use contract::Timestamp;
use leptos::prelude::*;

use self::name_form::name_form;
use super::dialog::{Dialog, Urgency};
use super::foreign::Foreign;
use super::inquiry::{InquiryActions, InquiryStep};
use super::secret::SecretView;
use crate::browser::page;
use crate::domain::creation::Creation;
use crate::domain::inquiry::Inquiry;
use crate::domain::key::KeyName;
use crate::domain::lookalike::Likeness;
use crate::domain::trial::Trial;
use crate::reactive::{Effect, heard};
use crate::words::{tr, tr_around};

/// What the user of the dialog may want.
#[derive(Clone, Copy)]
pub struct CreateActions {
    /// A key of this name.
    pub on_submit: Callback<KeyName>,
    /// To close the dialog without having the secret.
    pub on_discard: Callback<()>,
    /// To know whether the key works.
    pub on_try: Callback<()>,
}

/// The create-key dialog. Its rules are those of [`Creation`]; this draws them.
#[component]
pub fn CreateKeyDialog(
    /// Where the dialog stands. The page above owns it, so that nothing that is drawn anew can
    /// lose the secret.
    creation: RwSignal<Creation>,
    /// The key whose name is, or looks, the same as this one.
    likeness: Callback<String, Option<Likeness>>,
    /// The names that carry on what there is; see [`suggest`](crate::domain::suggest).
    next: Callback<(), Vec<String>>,
    /// The name that the form begins with.
    suggestion: Signal<String>,
    /// Whether the key is made in the place of another one.
    replaces: Memo<bool>,
    /// The address of the Key API.
    api: StoredValue<String>,
    /// Whether the key on show works, as far as that is known.
    trial: RwSignal<Trial>,
    /// What the user may want.
    actions: CreateActions,
    /// What is known of a key whose answer was lost.
    inquiry: RwSignal<Option<Inquiry>>,
    /// What the user may decide about that.
    inquiry_actions: InquiryActions,
    /// The time from which other times are seen.
    now: Signal<Timestamp>,
) -> impl IntoView {
    let open = Memo::new(move |_| creation.with(Creation::is_open));
    let showing = Memo::new(move |_| creation.with(Creation::is_showing));
    let unknown = Memo::new(move |_| creation.with(Creation::is_unknown));
    let asking = Memo::new(move |_| creation.with(Creation::is_asking));
    let urgency = Signal::derive(move || match showing.get() {
        true => Urgency::Alert,
        false => Urgency::Form,
    });
    let leave = Callback::new(move |()| match unknown.get_untracked() {
        true => inquiry_actions.on_leave.run(()),
        false => creation.update(Creation::leave),
    });

    // The steps replace each other inside an open dialog, where the browser moves no focus.
    Effect::new(move |_| {
        if asking.get() {
            page::focus("dialog[open] [data-action=stay]");
        } else if showing.get() {
            // Not on a button: the key that submitted the form may still be held.
            page::focus("dialog[open] .secret-field");
        } else if unknown.get() {
            page::focus("dialog[open] [data-action=leave]");
        }
    });
    view! {
        <Dialog
            open
            urgency
            labelled_by="create-title"
            described_by="create-description"
            on_leave=leave
        >
            {move || match (showing.get(), unknown.get()) {
                (true, _) => {
                    view! { <SecretStep creation asking replaces api trial actions/> }.into_any()
                }
                (false, true) => {
                    view! { <InquiryStep creation inquiry now actions=inquiry_actions/> }
                        .into_any()
                }
                (false, false) => {
                    name_form(creation, likeness, next, suggestion, actions.on_submit)
                }
            }}
        </Dialog>
    }
}

#[component]
fn SecretStep(
    creation: RwSignal<Creation>,
    asking: Memo<bool>,
    replaces: Memo<bool>,
    api: StoredValue<String>,
    trial: RwSignal<Trial>,
    actions: CreateActions,
) -> impl IntoView {
    let name = creation.with_untracked(|creation| {
        creation.key().map(|key| key.name.as_str().to_owned()).unwrap_or_default()
    });
    let (before, after) = tr_around("Copy the key “{name}” now");
    let acknowledge = move |_| creation.update(Creation::acknowledge);
    let is_copied = Memo::new(move |_| creation.with(Creation::is_copied));
    let saved_class = move || if is_copied.get() { "button primary" } else { "button" };
    view! {
        <h2 id="create-title">{before}<Foreign text=name/>{after}</h2>
        <p id="create-description">
            {tr("This is the only time the whole key is shown. Keep it in a password manager or a \
                 secret store. If it gets lost, create a new key and revoke this one.")}
            {move || match replaces.get() {
                true => {
                    let words = tr("Once it is saved, the key that it replaces is revoked.");
                    format!(" {words}")
                }
                false => String::new(),
            }}
        </p>
        <SecretView creation api trial on_try=actions.on_try/>
        {move || match asking.get() {
            false => view! {
                <div class="dialog-actions">
                    <button type="button" class=saved_class on:click=heard(acknowledge)>
                        {tr("I have saved it")}
                    </button>
                </div>
            }
            .into_any(),
            true => view! {
                <div class="question" role="alert">
                    <p>{tr("You have not copied this key. Close anyway?")}</p>
                    <div class="dialog-actions">
                        <button
                            type="button"
                            class="button danger"
                            on:click=heard(move |_| actions.on_discard.run(()))
                        >
                            {tr("Close without copying")}
                        </button>
                        <button
                            type="button"
                            class="button primary"
                            data-action="stay"
                            on:click=heard(move |_| creation.update(Creation::stay))
                        >
                            {tr("Keep open")}
                        </button>
                    </div>
                </div>
            }
            .into_any(),
        }}
    }
}
