//! Messages that outlive the dialog or the row they are about, and states of a whole view.

use leptos::prelude::*;

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
    /// The user wants to try again.
    on_retry: Callback<()>,
) -> impl IntoView {
    view! {
        <div class="panel failure" role="alert">
            <h2>{title}</h2>
            <p>{words}</p>
            <button type="button" class="button" on:click=move |_| on_retry.run(())>
                {"Try again"}
            </button>
        </div>
    }
}
