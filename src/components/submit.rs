//! The button that sends a form, with what its wait is about: an answer that takes long, or a
//! Key API that asked for a pause.

use std::time::Duration;

use leptos::prelude::*;

use super::countdown::countdown;
use crate::browser::timer::Later;
use crate::reactive::Effect;
use crate::words::{tr, tr_with};

/// An answer that takes longer than this is said to.
const LONG: Duration = Duration::from_secs(3);

/// A submit button. It stays focusable whatever it waits for, so that focus is not lost by using
/// it; the form ignores a submit meanwhile.
#[component]
pub fn SubmitButton(
    /// The classes of the button.
    class: &'static str,
    /// What it does.
    #[prop(into)]
    label: String,
    /// What is said while it is being done.
    #[prop(into)]
    pending_label: String,
    /// Whether it is being done.
    pending: Memo<bool>,
    /// The seconds before trying again is worth it, see [`pause`].
    left: ReadSignal<Option<u32>>,
) -> impl IntoView {
    view! {
        <button
            type="submit"
            class=class
            aria-disabled=move || (pending.get() || left.get().is_some()).then_some("true")
        >
            {move || match (pending.get(), left.get()) {
                (true, _) => pending_label.clone(),
                (false, Some(seconds)) => in_seconds(&label, seconds),
                (false, None) => label.clone(),
            }}
        </button>
    }
}

/// What a button says that can be used again in so many seconds.
pub fn in_seconds(label: &str, seconds: u32) -> String {
    let values = [("label", label), ("seconds", &seconds.to_string())];
    tr_with("{label} in {seconds} s", &values)
}

/// Says that an answer takes longer than usual, while it does.
#[component]
pub fn Patience(
    /// Whether an answer is awaited.
    pending: Memo<bool>,
) -> impl IntoView {
    let long = taking_long(pending);
    view! {
        <p class="waiting" role="status">
            {move || match long.get() {
                true => tr("This is taking longer than usual. Please keep this page open."),
                false => String::new(),
            }}
        </p>
    }
}

/// Whether what is pending has been so for longer than usual.
pub fn taking_long(pending: Memo<bool>) -> ReadSignal<bool> {
    let long = RwSignal::new(false);
    Effect::new(move |_| {
        long.set(false);
        let later = pending.get().then(|| {
            Later::after(LONG, move || {
                long.try_set(true);
            })
        });
        let later = StoredValue::new_local(later);
        on_cleanup(move || later.dispose());
    });
    long.read_only()
}

/// The seconds that are left of the pause that the Key API asked for; `None` if it asked for none,
/// or when it is over. Each time `asked` says a number, the pause begins anew.
pub fn pause(asked: impl Fn() -> Option<u32> + 'static) -> ReadSignal<Option<u32>> {
    let left = RwSignal::new(None);
    Effect::new(move |_| match asked() {
        None => left.set(None),
        Some(seconds) => {
            let counted = countdown(seconds);
            Effect::new(move |_| left.set(counted.get()));
        }
    });
    left.read_only()
}
