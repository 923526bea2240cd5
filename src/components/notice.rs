//! Messages that outlive the dialog or the row they are about, and states of a whole view.

use leptos::prelude::*;

use super::countdown::countdown;
use crate::browser::page;

/// The last thing that happened, announced politely and shown until it is dismissed. The live
/// region is always mounted, because assistive technology only reads changes of one it knows.
#[component]
pub fn Notices(
    /// The message, if there is one.
    notice: RwSignal<Option<String>>,
) -> impl IntoView {
    view! {
        <div class="notices" role="status">
            {move || {
                notice
                    .get()
                    .map(|text| {
                        view! {
                            <div class="notice">
                                <p>{text}</p>
                                <button
                                    type="button"
                                    class="button quiet"
                                    on:click=move |_| {
                                        notice.set(None);
                                        page::rescue_focus("#app h1");
                                    }
                                >
                                    {"Dismiss"}
                                </button>
                            </div>
                        }
                    })
            }}
        </div>
    }
}

/// A call failed: what happened, in words, and a way to try again.
#[component]
pub fn Failure(
    /// What could not be done.
    title: &'static str,
    /// Why, and what may help.
    #[prop(into)]
    words: Signal<String>,
    /// The seconds before trying again is worth it, where they are known.
    #[prop(optional_no_strip)]
    retry_after: Option<u32>,
    /// The user wants to try again.
    on_retry: Callback<()>,
) -> impl IntoView {
    view! {
        <div class="panel failure">
            <div role="alert">
                <h2>{title}</h2>
                <p>{words}</p>
            </div>
            <RetryButton class="button" retry_after on_retry/>
        </div>
    }
}

/// A button that tries again what failed. Where the server asked to wait, it counts down first,
/// outside of any live region, and stays focusable meanwhile.
#[component]
pub fn RetryButton(
    /// The classes of the button.
    class: &'static str,
    /// The seconds before trying again is worth it, where they are known.
    retry_after: Option<u32>,
    /// The user wants to try again.
    on_retry: Callback<()>,
) -> impl IntoView {
    let left = retry_after.map(countdown).unwrap_or_else(|| Signal::stored(None));
    let click = move |_| {
        if left.get_untracked().is_none() {
            on_retry.run(());
        }
    };
    view! {
        <button
            type="button"
            class=class
            aria-disabled=move || left.get().map(|_| "true")
            on:click=click
        >
            {move || match left.get() {
                None => "Try again".to_owned(),
                Some(seconds) => format!("Try again in {seconds} s"),
            }}
        </button>
    }
}
