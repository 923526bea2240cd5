//! Messages that outlive the dialog or the row they are about, and states of a whole view.

use std::time::Duration;

use leptos::html;
use leptos::prelude::*;

use super::countdown::countdown;
use super::foreign::Foreign;
use super::submit::in_seconds;
use crate::browser::page;
use crate::domain::toast::{Toast, Toasts};
use crate::reactive::{Effect, each, heard};
use crate::words::tr;

/// What happened, and perhaps to which key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    before: String,
    name: Option<String>,
    after: String,
}

/// Says at the root of the document that there are messages: scrolling leaves room for them.
const MARK: &str = "data-notices";

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

    /// The same, with the words in one.
    pub fn around((before, after): (String, String), name: String) -> Self {
        Self::about(before, name, after)
    }

    fn letters(&self) -> usize {
        let parts = [&*self.before, self.name.as_deref().unwrap_or_default(), &*self.after];
        parts.map(|part| part.chars().count()).iter().sum()
    }
}

/// What has happened lately, each message announced politely once. None takes the focus. A message
/// goes when it is dismissed, or when there was time to read it: the time stands still while the
/// pointer or the focus is on the messages, while a dialog covers them, and while nobody can see
/// the page (WCAG 2.2, 2.2.1). The live region is always mounted, because assistive technology
/// only reads changes of one it knows.
#[component]
pub fn Notices(
    /// The newest message. It is taken from here.
    notice: RwSignal<Option<Notice>>,
) -> impl IntoView {
    let toasts = RwSignal::new(Toasts::default());
    Effect::new(move |_| {
        if let Some(new) = notice.get() {
            let letters = new.letters();
            toasts.update(|toasts| toasts.show(new, letters));
            notice.set(None);
        }
    });
    let element = NodeRef::<html::Div>::new();
    let is_read = move || {
        let is_used = |it: web_sys::Element| it.matches(":hover, :focus-within").unwrap_or(false);
        element.get_untracked().is_some_and(|it| is_used(it.into()))
    };
    let second = move || {
        if !document().hidden() && !page::is_dialog_open() && !is_read() {
            toasts.maybe_update(Toasts::pass_second);
        }
    };
    let any = Memo::new(move |_| toasts.with(|toasts| !toasts.shown().is_empty()));
    Effect::new(move |_| {
        if !any.get() {
            return;
        }
        page::mark(MARK, true);
        let clock = set_interval_with_handle(second, Duration::from_secs(1)).ok();
        on_cleanup(move || {
            page::mark(MARK, false);
            if let Some(clock) = clock {
                clock.clear();
            }
        });
    });
    let dismiss = move |id| {
        toasts.update(|toasts| toasts.dismiss(id));
        page::rescue_focus("#app h1");
    };
    let ids = move || toasts.with(|it| it.shown().iter().map(|it| it.id.into()).collect());
    let draw = move |id: i64| {
        let find = |toast: &&Toast<Notice>| i64::from(toast.id) == id;
        let toast = toasts.with_untracked(|toasts| toasts.shown().iter().find(find).cloned());
        let Some(Toast { id, message: Notice { before, name, after }, .. }) = toast else {
            return ().into_any();
        };
        view! {
            <div class="notice">
                <p>{before}{name.map(|text| view! { <Foreign text/> }.into_any())}{after}</p>
                <button type="button" class="button quiet" on:click=heard(move |_| dismiss(id))>
                    {tr("Dismiss")}
                </button>
            </div>
        }
        .into_any()
    };
    view! {
        <div class="notices" role="status" aria-atomic="false" node_ref=element>
            {each(ids, draw)}
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
    let left =
        retry_after.map_or_else(|| Signal::stored(None), |seconds| countdown(seconds).into());
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
            on:click=heard(click)
        >
            {move || match left.get() {
                None => tr("Try again"),
                Some(seconds) => in_seconds(&tr("Try again"), seconds),
            }}
        </button>
    }
}
