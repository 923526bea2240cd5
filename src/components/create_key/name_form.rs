//! The form that asks for the name of a new key, and says what is worth knowing of it meanwhile.

use std::sync::Arc;

use contract::NameFault;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use crate::components::attempt::{Attempt, Submit, field_error};
use crate::components::foreign::Foreign;
use crate::domain::creation::Creation;
use crate::domain::form::Complaint;
use crate::domain::key::KeyName;
use crate::domain::lookalike::Likeness;
use crate::domain::names::visible;
use crate::domain::suggest::{Ahead, ahead};
use crate::reactive::{Effect, heard};
use crate::words::{tr, tr_around, tr_count, tr_with};

/// The form. What it begins with is judged like what is typed.
pub(super) fn name_form(
    creation: RwSignal<Creation>,
    likeness: Callback<String, Option<Likeness>>,
    next: Callback<(), Vec<String>>,
    suggestion: Signal<String>,
    on_submit: Callback<KeyName>,
) -> AnyView {
    let sending = Memo::new(move |_| creation.with(Creation::is_sending));
    let complaint = Arc::new(move || creation.with(|creation| creation.complaint().cloned()));
    let attempt = Attempt::new(sending, complaint);
    let Attempt { at_field, left, .. } = attempt;
    let field = NameField::new(creation, likeness);
    field.begin();
    // What the API says of the name comes later, when the user may be elsewhere in the dialog.
    Effect::new(move |_| {
        if at_field.get().is_some() {
            field.focus();
        }
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if left.get_untracked().is_none()
            && let Some(name) = field.name()
        {
            on_submit.run(name);
        }
    };
    let take = Callback::new(move |text: String| {
        if !sending.get_untracked() {
            field.take(&text);
        }
    });
    // They stay while somebody chooses, whatever becomes of the list.
    let names = untrack(|| next.run(()));
    let on_cancel = Callback::new(move |()| creation.update(Creation::leave));
    let button =
        Submit { class: "button primary", label: tr("Create"), pending_label: tr("Creating…") };
    view! {
        <form class="form" novalidate on:submit=heard(submit)>
            <h2 id="create-title" tabindex="-1">{tr("Create an API key")}</h2>
            <p id="create-description" class="muted">
                {tr("You will see the whole key once, right after it is made.")}
            </p>
            <div class="field">
                <label for="key-name">{tr("Name")}</label>
                {field.input(suggestion.get_untracked(), sending, at_field)}
                {field_error("key-name-error", at_field)}
                {field.judgement()}
                <NextNames names on_take=take/>
            </div>
            {attempt.end_of_form(button, false, on_cancel)}
        </form>
    }
    .into_any()
}

/// The field for the name, with what is said of the name while it is typed. A handle: copies name
/// the same.
#[derive(Clone, Copy)]
struct NameField {
    creation: RwSignal<Creation>,
    likeness: Callback<String, Option<Likeness>>,
    input: NodeRef<html::Input>,
    /// What the rules for names say.
    rule: RwSignal<Option<Ahead>>,
    /// What is worth knowing of it.
    hint: RwSignal<Hint>,
}

impl NameField {
    fn new(creation: RwSignal<Creation>, likeness: Callback<String, Option<Likeness>>) -> Self {
        let (rule, hint) = (RwSignal::new(None), RwSignal::new(Hint::default()));
        Self { creation, likeness, input: NodeRef::new(), rule, hint }
    }

    /// Judges what the form begins with as soon as it is there; typing goes on behind it.
    fn begin(self) {
        Effect::new(move |_| {
            if let Some(input) = self.input.get()
                && let text = input.value()
                && !text.is_empty()
            {
                let end = text.encode_utf16().count() as u32;
                // A text field has a place for the caret.
                let _ = input.set_selection_range(end, end);
                self.judge(text);
            }
        });
    }

    /// The name that stands there. What cannot be one is said at the field.
    fn name(self) -> Option<KeyName> {
        let fault = match KeyName::parse(&self.input.get_untracked()?.value()) {
            Ok(name) => return Some(name),
            Err(fault) => fault,
        };
        self.creation.update(|creation| {
            creation.complain(Complaint::AtField(fault_in_words(fault)));
        });
        // Also when it says the same as before.
        self.focus();
        None
    }

    /// Puts in a name that was offered.
    fn take(self, name: &str) {
        if let Some(input) = self.input.get_untracked() {
            input.set_value(name);
            self.look();
            self.focus();
        }
    }

    fn focus(self) {
        if let Some(input) = self.input.get_untracked() {
            // An input in an open dialog takes focus.
            let _ = input.focus();
        }
    }

    /// Looks at what was typed.
    fn look(self) {
        self.judge(self.input.get_untracked().map(|input| input.value()).unwrap_or_default());
        self.creation.update(Creation::retype);
    }

    fn judge(self, typed: String) {
        self.rule.set(ahead(&typed));
        self.hint.set(Hint::on(typed.trim(), self.likeness.run(typed.clone())));
    }

    fn input(
        self,
        beginning: String,
        sending: Memo<bool>,
        at_field: Memo<Option<String>>,
    ) -> AnyView {
        view! {
            <input
                id="key-name"
                value=beginning
                name="key-name"
                type="text"
                node_ref=self.input
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                autofocus
                readonly=move || sending.get()
                aria-describedby="key-name-error key-name-rule key-name-hint"
                aria-invalid=move || at_field.get().map(|_| "true")
                on:input=heard(move |_| self.look())
            />
        }
        .into_any()
    }

    /// What is said of the name while it is typed.
    fn judgement(self) -> AnyView {
        let Self { rule, hint, .. } = self;
        view! {
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
        }
        .into_any()
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
            let take = move |_| on_take.run(name.clone());
            view! {
                <button type="button" class="button" on:click=heard(take)>
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
