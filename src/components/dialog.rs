//! A modal dialog that only its owner closes.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use crate::browser::page;
use crate::reactive::{Effect, heard};

/// How urgent a dialog is, which is its role (WAI-ARIA: `alertdialog` interrupts for something
/// that needs an answer).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// `dialog`.
    Form,
    /// `alertdialog`.
    Alert,
}

/// Dialogs stand in the page, for the page of all components.
#[cfg(feature = "styleguide")]
#[derive(Clone, Copy, Debug)]
pub struct InPlace;

/// A modal `<dialog>`. The browser traps focus, makes the rest inert and gives focus back to
/// where it was. The element is always mounted; its content only while it is open.
///
/// Nothing but `open` closes it. Escape and the like call `on_leave`, and a click outside does
/// nothing: what is in a dialog here is too dear to lose by a slip.
#[component]
pub fn Dialog(
    /// Whether it is to be open.
    #[prop(into)]
    open: Signal<bool>,
    /// Its role.
    #[prop(into)]
    urgency: Signal<Urgency>,
    /// The id of the element that names it.
    labelled_by: &'static str,
    /// The id of the element that describes it.
    described_by: &'static str,
    /// The user wants to leave.
    on_leave: Callback<()>,
    /// What is in it.
    children: ChildrenFn,
) -> impl IntoView {
    let element = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = element.get() else {
            return;
        };
        match (open.get(), dialog.open()) {
            #[cfg(feature = "styleguide")]
            (true, false) if use_context::<InPlace>().is_some() => {
                dialog.show();
                // Setting a property of this name does not fail.
                let _ = web_sys::HtmlElement::style(&dialog).set_property("position", "static");
            }
            (true, false) => {
                // It only fails for a dialog that is open or outside the document.
                drop(dialog.show_modal());
                // The content may be drawn after this, too late for the browser's own choice.
                page::focus("dialog[open] [autofocus]");
            }
            (false, true) => {
                dialog.close();
                // The element that opened it may be gone, and the browser then knows no better.
                page::rescue_focus("#app h1");
            }
            _ => {}
        }
    });
    // Browsers that do not know `closedby` send `cancel` for Escape, and may close without asking
    // when it is pressed twice: the key is taken before it comes to that. It is taken from the
    // window, because after a click on plain text the focus is in no dialog.
    let keydown = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape"
            && open.get_untracked()
            && element.get_untracked().is_some_and(|dialog| page::is_in_front(&dialog))
            && !event.default_prevented()
            // Somebody who composes a character takes that back, not the dialog.
            && !event.is_composing()
        {
            event.prevent_default();
            on_leave.run(());
        }
    });
    on_cleanup(move || keydown.remove());
    let cancel = move |event: web_sys::Event| {
        event.prevent_default();
        on_leave.run(());
    };
    // Whatever still closed it: as long as it is to be open, it is opened again. One that is open
    // has been opened anew since, and hears late of the time before.
    let closed = move |_| {
        if open.get_untracked()
            && let Some(dialog) = element.get_untracked().filter(|dialog| !dialog.open())
        {
            drop(dialog.show_modal());
            on_leave.run(());
        }
    };
    let role = move || match urgency.get() {
        Urgency::Form => "dialog",
        Urgency::Alert => "alertdialog",
    };
    view! {
        <dialog
            class="dialog"
            node_ref=element
            role=role
            aria-labelledby=labelled_by
            aria-describedby=described_by
            closedby="none"
            on:cancel=heard(cancel)
            on:close=heard(closed)
        >
            <Show when=move || open.get()>{children()}</Show>
        </dialog>
    }
}
