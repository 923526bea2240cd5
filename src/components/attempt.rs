//! What a form of one field says of the last attempt to send it, and the end of such a form.

use std::sync::Arc;

use leptos::prelude::*;

use super::foreign::Foreign;
use super::submit::{Patience, SubmitButton, pause};
use crate::domain::form::Complaint;
use crate::reactive::heard;
use crate::words::tr;

/// What is wrong with the last attempt; it is asked for whenever that may have changed.
type Complaining = Arc<dyn Fn() -> Option<Complaint> + Send + Sync>;

/// The attempts to send a form, of which one is under way at most.
pub(super) struct Attempt {
    /// Whether one is under way.
    pub(super) sending: Memo<bool>,
    /// What is wrong with the text of the field.
    pub(super) at_field: Memo<Option<String>>,
    /// The seconds before trying again is worth it, see [`pause`].
    pub(super) left: ReadSignal<Option<u32>>,
    complaint: Complaining,
}

/// The button that sends a form.
pub(super) struct Submit {
    /// The classes of the button.
    pub(super) class: &'static str,
    /// What it does.
    pub(super) label: String,
    /// What is said while it is being done.
    pub(super) pending_label: String,
}

impl Attempt {
    /// Attempts at what is under way while `sending`, and has gone wrong as `complaint` says.
    pub(super) fn new(sending: Memo<bool>, complaint: Complaining) -> Self {
        let at_field = Memo::new({
            let complaint = complaint.clone();
            move |_| complaint()?.at_field().map(str::to_owned)
        });
        let left = pause({
            let complaint = complaint.clone();
            move || complaint()?.seconds()
        });
        Self { sending, at_field, left, complaint }
    }

    /// The end of the form: what is wrong with the whole attempt, and what to do next. `is_grave`
    /// says whether the focus begins on Cancel.
    pub(super) fn end_of_form(
        self,
        submit: Submit,
        is_grave: bool,
        on_cancel: Callback<()>,
    ) -> AnyView {
        let Self { sending: pending, left, complaint, .. } = self;
        let Submit { class, label, pending_label } = submit;
        let overall = move || {
            let text = complaint()?.overall()?.to_owned();
            Some(view! { <Foreign text/> }.into_any())
        };
        view! {
            <p class="form-error" role="alert">{overall}</p>
            <Patience pending/>
            <div class="dialog-actions">
                <button
                    type="button"
                    class="button"
                    autofocus=is_grave
                    disabled=move || pending.get()
                    on:click=heard(move |_| on_cancel.run(()))
                >
                    {tr("Cancel")}
                </button>
                <SubmitButton class label pending_label pending left/>
            </div>
        }
        .into_any()
    }
}

/// What is wrong with the text of the field, in an element of this id.
pub(super) fn field_error(id: &'static str, at_field: Memo<Option<String>>) -> AnyView {
    view! {
        <p id=id class="field-error" role="alert">
            {move || at_field.get().map(|text| view! { <Foreign text/> }.into_any())}
        </p>
    }
    .into_any()
}
