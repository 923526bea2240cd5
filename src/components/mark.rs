//! The project's mark.

use leptos::prelude::*;

/// The mark, a key drawn with two strokes. It is decoration: the name stands beside it.
///
/// Its attributes are written as expressions: of an element with nothing but literals, Leptos
/// makes a string for `innerHTML`, which this app does not use.
#[component]
pub fn Mark(
    /// The class that sizes it.
    class: &'static str,
) -> impl IntoView {
    view! {
        <svg class=class viewBox="0 0 32 32" aria-hidden="true">
            <circle cx={"11"} cy="16" r="6.5"></circle>
            <path d={"M17.5 16H29M24 16v5"}></path>
        </svg>
    }
}
