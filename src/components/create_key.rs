//! The dialog that makes a key and shows its secret once. Two steps of one frame: the form, then
//! the secret.

use contract::Timestamp;
use leptos::either::{Either, EitherOf3};
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

/// The create-key dialog. Its rules are those of [`Creation`]; this draws them.
#[component]
pub fn CreateKeyDialog(
    /// Where the dialog stands. The page above owns it, so that nothing that is drawn anew can
    /// lose the secret.
    creation: RwSignal<Creation>,
    /// The key whose name is, or looks, the same as this one.
    likeness: Callback<String, Option<Likeness>>,
    /// The user wants a key of this name.
    on_submit: Callback<KeyName>,
    /// The name that the form begins with.
    suggestion: Signal<String>,
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
                (true, _) => EitherOf3::A(view! { <SecretStep creation asking/> }),
                (false, true) => {
                    EitherOf3::B(view! {
                        <InquiryStep creation inquiry now actions=inquiry_actions/>
                    })
                }
                (false, false) => {
                    EitherOf3::C(view! { <NameForm creation likeness on_submit suggestion/> })
                }
            }}
        </Dialog>
    }
}

#[component]
fn NameForm(
    creation: RwSignal<Creation>,
    likeness: Callback<String, Option<Likeness>>,
    on_submit: Callback<KeyName>,
    suggestion: Signal<String>,
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
                    creation.complain(Complaint::AtField(fault.to_string()));
                });
                // Also when it says the same as before. An input in an open dialog takes focus.
                let _ = input.focus();
            }
        }
    };
    let look = move |_| {
        let typed = name.get_untracked().map(|input| input.value()).unwrap_or_default();
        hint.set(Hint::on(typed.trim(), likeness.run(typed.clone())));
        creation.update(Creation::retype);
    };
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
        <form class="form" novalidate on:submit=submit>
            <h2 id="create-title">{"Create an API key"}</h2>
            <p id="create-description" class="muted">
                {"You will see the whole key once, right after it is made."}
            </p>
            <div class="field">
                <label for="key-name">{"Name"}</label>
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
                    aria-describedby="key-name-error key-name-hint"
                    aria-invalid=move || at_field.get().map(|_| "true")
                    on:input=look
                />
                <p id="key-name-error" class="field-error" role="alert">
                    {move || at_field.get().map(|text| view! { <Foreign text/> })}
                </p>
                <p
                    id="key-name-hint"
                    class="field-hint"
                    class:flagged=move || hint.with(|hint| *hint != Hint::default())
                    role="status"
                >
                    {move || hint_in_words(hint.get())}
                </p>
            </div>
            <p class="form-error" role="alert">
                {move || complaint(Complaint::overall).map(|text| view! { <Foreign text/> })}
            </p>
            <Patience pending=sending/>
            <div class="dialog-actions">
                <button
                    type="button"
                    class="button"
                    disabled=move || sending.get()
                    on:click=move |_| creation.update(Creation::leave)
                >
                    {"Cancel"}
                </button>
                <SubmitButton
                    class="button primary"
                    label="Create"
                    pending_label="Creating…"
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

fn hint_in_words(hint: Hint) -> impl IntoView {
    if hint == Hint::default() {
        let words = "Say where the key is used, for example “ci-bot” or “billing, production”.";
        return Either::Left(words);
    }
    let unseen = hint.unseen.map(|text| {
        view! { {"Not all of this name can be seen. It reads “"}<Foreign text/>{"”. "} }
    });
    let likeness = hint.likeness.map(|likeness| {
        let (before, key, after) = match likeness {
            Likeness::Same(key) => {
                ("You already have a key called “", key, "”. You can still make another.")
            }
            Likeness::Alike(key) => {
                ("This looks like your key “", key, "”, but is not the same. You can still use it.")
            }
        };
        view! { {before}<Foreign text=key.name/>{after} }
    });
    Either::Right((unseen, likeness))
}

#[component]
fn SecretStep(creation: RwSignal<Creation>, asking: Memo<bool>) -> impl IntoView {
    let name = creation.with_untracked(|creation| {
        creation.key().map(|key| key.name.as_str().to_owned()).unwrap_or_default()
    });
    let close = move |_| creation.update(Creation::close);
    let acknowledge = move |_| creation.update(Creation::acknowledge);
    view! {
        <h2 id="create-title">{"Copy the key “"}<Foreign text=name/>{"” now"}</h2>
        <p id="create-description">
            {"This is the only time the whole key is shown. Keep it in a password manager or a \
              secret store. If it gets lost, create a new key and revoke this one."}
        </p>
        <SecretView creation/>
        <Show
            when=move || asking.get()
            fallback=move || {
                view! {
                    <div class="dialog-actions">
                        <button type="button" class="button" on:click=acknowledge>
                            {"I have saved it"}
                        </button>
                    </div>
                }
            }
        >
            <div class="question" role="alert">
                <p>{"You have not copied this key. Close anyway?"}</p>
                <div class="dialog-actions">
                    <button type="button" class="button danger" on:click=close>
                        {"Close without copying"}
                    </button>
                    <button
                        type="button"
                        class="button primary"
                        data-action="stay"
                        on:click=move |_| creation.update(Creation::stay)
                    >
                        {"Keep open"}
                    </button>
                </div>
            </div>
        </Show>
    }
}
