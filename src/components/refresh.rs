//! The button that asks for what is on show again.

use leptos::prelude::*;

use crate::reactive::heard;
use crate::words::tr;

/// A button that says when an answer is awaited already, and then asks for nothing. It stays
/// focusable meanwhile, so that focus is not lost by using it.
#[component]
pub fn RefreshButton(
    /// The classes of the button.
    class: &'static str,
    /// Whether an answer is awaited.
    pending: Memo<bool>,
    /// The user wants to have it anew.
    on_refresh: Callback<()>,
) -> impl IntoView {
    let click = move |_| {
        if !pending.get_untracked() {
            on_refresh.run(());
        }
    };
    view! {
        <button
            type="button"
            class=class
            aria-disabled=move || pending.get().then_some("true")
            on:click=heard(click)
        >
            {tr("Refresh")}
        </button>
    }
}
