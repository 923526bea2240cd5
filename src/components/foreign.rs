//! Text that somebody else wrote.

use leptos::prelude::*;
use web_sys::Text;

use crate::domain::names::visible;

/// A name, or what a server says: what cannot be seen in it is written by its number, and
/// whichever direction it runs in, what stands around it does not (`<bdi>`, UAX #9).
#[component]
pub fn Foreign(
    /// The text.
    text: String,
    /// The class of the element.
    #[prop(optional)]
    class: Option<&'static str>,
) -> impl IntoView {
    view! { <bdi class=class>{visible(&text).into_owned()}</bdi> }
}

/// Lets the text of a [`Foreign`] that stays in the document say something else.
pub fn write(at: &Text, text: &str) {
    at.set_data(&visible(text));
}
