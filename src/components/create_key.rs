//! The dialog that makes a key and shows its secret once. Two steps of one frame: the form, then
//! the secret.

use contract::{NameFault, Timestamp};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::dialog::{Dialog, Urgency};
use super::foreign::Foreign;
use super::inquiry::{InquiryActions, InquiryStep};
use super::secret::SecretView;
use super::submit::{Patience, SubmitButton, pause};
use crate::browser::page;
use crate::domain::creation::Creation;
use crate::domain::form::Complaint;
use crate::domain::inquiry::Inquiry;
use crate::domain::key::KeyName;
use crate::domain::lookalike::Likeness;
use crate::domain::names::visible;
use crate::domain::suggest::{Ahead, ahead};
use crate::domain::trial::Trial;
use crate::reactive::{Effect, heard};
use crate::words::{tr, tr_around, tr_count, tr_with};

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
                    view! {
                        <NameForm
                            creation
                            likeness
                            next
                            suggestion
                            on_submit=actions.on_submit
                        />
                    }
                        .into_any()
                }
            }}
        </Dialog>
    }
}

#[component]
fn NameForm(
    creation: RwSignal<Creation>,
    likeness: Callback<String, Option<Likeness>>,
    next: Callback<(), Vec<String>>,
    suggestion: Signal<String>,
    on_submit: Callback<KeyName>,
) -> impl IntoView {
    let name = NodeRef::<html::Input>::new();
    let hint = RwSignal::new(Hint::default());
    let sending = Memo::new(move |_| creation.with(Creation::is_sending));
    let complaint = move |of: fn(&Complaint) -> Option<&str>| {
        creation.with(|creation| creation.complaint().and_then(of).map(str::to_owned))
    };
    let at_field = Memo::new(move |_| complaint(Complaint::at_field));
    let left = pause(move || creation.with(|it| it.complaint().and_then(Complaint::seconds)));

    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(input) = name.get_untracked().filter(|_| left.get_untracked().is_none()) else {
            return;
        };
        match KeyName::parse(&input.value()) {
            Ok(name) => on_submit.run(name),
            Err(fault) => {
                creation.update(|creation| {
                    creation.complain(Complaint::AtField(fault_in_words(fault)));
                });
                // Also when it says the same as before. An input in an open dialog takes focus.
                let _ = input.focus();
            }
        }
    };
    let rule = RwSignal::new(None);
    let judge = move |typed: String| {
        rule.set(ahead(&typed));
        hint.set(Hint::on(typed.trim(), likeness.run(typed.clone())));
    };
    let look = move || {
        judge(name.get_untracked().map(|input| input.value()).unwrap_or_default());
        creation.update(Creation::retype);
    };
    // What the form begins with is judged like what is typed, and typing goes on behind it.
    Effect::new(move |_| {
        if let Some(input) = name.get()
            && let text = input.value()
            && !text.is_empty()
        {
            let end = text.encode_utf16().count() as u32;
            // A text field has a place for the caret.
            let _ = input.set_selection_range(end, end);
            judge(text);
        }
    });
    let take = Callback::new(move |text: String| {
        if let Some(input) = name.get_untracked().filter(|_| !sending.get_untracked()) {
            input.set_value(&text);
            look();
            // An input in an open dialog takes focus.
            let _ = input.focus();
        }
    });
    // What the API says of the name comes later, when the user may be elsewhere in the dialog.
    Effect::new(move |_| {
        if at_field.get().is_some()
            && let Some(input) = name.get_untracked()
        {
            // An input in an open dialog takes focus.
            let _ = input.focus();
        }
    });
    view! {
        <form class="form" novalidate on:submit=heard(submit)>
            <h2 id="create-title">{tr("Create an API key")}</h2>
            <p id="create-description" class="muted">
                {tr("You will see the whole key once, right after it is made.")}
            </p>
            <div class="field">
                <label for="key-name">{tr("Name")}</label>
                <input
                    id="key-name"
                    value=suggestion.get_untracked()
                    name="key-name"
                    type="text"
                    node_ref=name
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    autofocus
                    readonly=move || sending.get()
                    aria-describedby="key-name-error key-name-rule key-name-hint"
                    aria-invalid=move || at_field.get().map(|_| "true")
                    on:input=heard(move |_| look())
                />
                <p id="key-name-error" class="field-error" role="alert">
                    {move || at_field.get().map(|text| view! { <Foreign text/> }.into_any())}
                </p>
                <p
                    id="key-name-rule"
                    class="field-hint"
                    class:broken=move || {
                        rule.with(|it| matches!(it, Some(Ahead::Over(_) | Ahead::Control(_))))
                    }
                >
                    {move || rule.get().map(rule_in_words).unwrap_or_default()}
                </p>
                <p
                    id="key-name-hint"
                    class="field-hint"
                    class:flagged=move || hint.with(|hint| *hint != Hint::default())
                    role="status"
                >
                    {move || hint_in_words(hint.get())}
                </p>
                <NextNames names=next.run(()) on_take=take/>
            </div>
            <p class="form-error" role="alert">
                {move || complaint(Complaint::overall).map(|text| view! { <Foreign text/> }.into_any())}
            </p>
            <Patience pending=sending/>
            <div class="dialog-actions">
                <button
                    type="button"
                    class="button"
                    disabled=move || sending.get()
                    on:click=heard(move |_| creation.update(Creation::leave))
                >
                    {tr("Cancel")}
                </button>
                <SubmitButton
                    class="button primary"
                    label=tr("Create")
                    pending_label=tr("Creating…")
                    pending=sending
                    left
                />
            </div>
        </form>
    }
}

/// What is worth knowing of a name while it is typed. Nothing of it forbids the name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Hint {
    /// The name, if not all of it can be seen.
    unseen: Option<String>,
    likeness: Option<Likeness>,
}

impl Hint {
    fn on(name: &str, likeness: Option<Likeness>) -> Self {
        let unseen = (visible(name) != name).then(|| name.to_owned());
        Self { unseen, likeness }
    }
}

fn hint_in_words(hint: Hint) -> AnyView {
    if hint == Hint::default() {
        return tr("Say where the key is used, for example “ci-bot” or “billing, production”.")
            .into_any();
    }
    let unseen = hint.unseen.map(|text| {
        let (before, after) = tr_around("Not all of this name can be seen. It reads “{name}”.");
        view! { {before}<Foreign text/>{after}" " }.into_any()
    });
    let likeness = hint.likeness.map(|likeness| {
        let ((before, after), key) = match likeness {
            Likeness::Same(key) => (
                tr_around("You already have a key called “{name}”. You can still make another."),
                key,
            ),
            Likeness::Alike(key) => (
                tr_around(
                    "This looks like your key “{name}”, but is not the same. You can still use it.",
                ),
                key,
            ),
        };
        view! { {before}<Foreign text=key.name/>{after} }.into_any()
    });
    view! { {unseen}{likeness} }.into_any()
}

fn rule_in_words(rule: Ahead) -> String {
    match rule {
        Ahead::Left(left) => tr_count(left, "{n} character left", "{n} characters left"),
        Ahead::Over(over) => tr_count(
            over,
            "{n} character too many: a name may have at most 100.",
            "{n} characters too many: a name may have at most 100.",
        ),
        Ahead::Control('\t') => tr("There is a tab in it, which a name may not contain."),
        Ahead::Control(it) => {
            let shown = it.to_string();
            let values = [("character", &*visible(&shown))];
            tr_with("There is {character} in it, which a name may not contain.", &values)
        }
    }
}

fn fault_in_words(fault: NameFault) -> String {
    match fault {
        NameFault::Empty => tr("A name needs at least one character."),
        NameFault::TooLong => tr("A name may have at most 100 characters."),
        NameFault::ControlCharacter => {
            tr("A name may not contain line breaks, tabs or other control characters.")
        }
    }
}

/// Names that are taken by a click. Nothing where none makes sense.
#[component]
fn NextNames(names: Vec<String>, on_take: Callback<String>) -> impl IntoView {
    if names.is_empty() {
        return ().into_any();
    }
    let buttons: Vec<AnyView> = names
        .into_iter()
        .map(|name| {
            let shown = name.clone();
            view! {
                <button type="button" class="button" on:click=heard(move |_| on_take.run(name.clone()))>
                    <Foreign text=shown/>
                </button>
            }
            .into_any()
        })
        .collect();
    view! {
        <div class="next-names" role="group" aria-label=tr("Names that carry on your series")>
            <span class="field-hint">{tr("Next in your series:")}</span>
            {buttons}
        </div>
    }
    .into_any()
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
