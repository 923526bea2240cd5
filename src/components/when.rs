//! An instant in words, with the exact time within reach.

use contract::Timestamp;
use leptos::ev;
use leptos::prelude::*;

use crate::browser::format;
use crate::reactive::heard;

/// A past instant: relative in the text, exact (local and UTC) on hover, focus and tap.
///
/// The exact time can be dismissed with Escape without moving pointer or focus (WCAG 2.2, 1.4.13).
#[component]
pub fn When(
    /// The instant.
    #[prop(into)]
    at: Signal<Timestamp>,
    /// The time from which it is seen.
    now: Signal<Timestamp>,
) -> impl IntoView {
    let dismissed = RwSignal::new(false);
    let keydown = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && !dismissed.get_untracked() {
            dismissed.set(true);
            event.stop_propagation();
            // Nor does it close the dialog that the time may stand in.
            event.prevent_default();
        }
    };
    let reset = move || dismissed.set(false);
    view! {
        <span
            class="when"
            tabindex="0"
            data-dismissed=move || dismissed.get().then_some("")
            on:keydown=heard(keydown)
            on:blur=move |_| reset()
            on:mouseleave=heard(move |_| reset())
        >
            <time datetime=move || at.get().to_string()>
                {move || format::relative(at.get(), now.get())}
            </time>
            <span class="when-exact" role="tooltip">
                <span>{move || format::local(at.get())}</span>
                <span>{move || format::utc(at.get())}</span>
            </span>
        </span>
    }
}
