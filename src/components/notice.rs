//! Messages that outlive the dialog or the row they are about, and states of a whole view.

use leptos::prelude::*;

use super::countdown::countdown;
use super::foreign::Foreign;
use super::submit::in_seconds;
use crate::browser::page;
use crate::words::tr;

/// What happened, and perhaps to which key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    before: String,
    name: Option<String>,
    after: String,
}

impl Notice {
    /// Words of ours.
    pub fn of(words: impl Into<String>) -> Self {
        Self { before: words.into(), name: None, after: String::new() }
    }

    /// Words of ours around the name of a key, as [`tr_around`](crate::words::tr_around) gives
    /// them.
    pub fn about(before: impl Into<String>, name: String, after: impl Into<String>) -> Self {
        Self { before: before.into(), name: Some(name), after: after.into() }
    }
}

/// The last thing that happened, announced politely and shown until it is dismissed. The live
/// region is always mounted, because assistive technology only reads changes of one it knows.
#[component]
pub fn Notices(
    /// The message, if there is one.
    notice: RwSignal<Option<Notice>>,
) -> impl IntoView {
    view! {
        <div class="notices" role="status">
            {move || {
                notice
                    .get()
                    .map(|Notice { before, name, after }| {
                        view! {
                            <div class="notice">
                                <p>
                                    {before}
                                    {name.map(|text| view! { <Foreign text/> })}
                                    {after}
                                </p>
                                <button
                                    type="button"
                                    class="button quiet"
                                    on:click=move |_| {
                                        notice.set(None);
                                        page::rescue_focus("#app h1");
                                    }
                                >
                                    {tr("Dismiss")}
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
    #[prop(into)]
    title: String,
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
                <p>{move || view! { <Foreign text=words.get()/> }}</p>
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
                None => tr("Try again"),
                Some(seconds) => in_seconds(&tr("Try again"), seconds),
            }}
        </button>
    }
}
