//! The choice of the form in which a new key is shown and taken away.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::domain::snippet::{Snippet, variable};
use crate::reactive::heard;
use crate::words::{tr, tr_with};

/// Chooses the form.
#[component]
pub fn SnippetChoice(
    /// The form that is chosen.
    chosen: RwSignal<Snippet>,
    /// The name of the key.
    name: String,
) -> impl IntoView {
    let variable = variable(&name);
    let options: Vec<AnyView> = Snippet::ALL
        .iter()
        .map(|snippet| view! { <option>{in_words(*snippet, &variable)}</option> }.into_any())
        .collect();
    let choose = move |event: ev::Event| {
        let select = event.target().and_then(|it| it.dyn_into::<web_sys::HtmlSelectElement>().ok());
        let at = select.and_then(|it| usize::try_from(it.selected_index()).ok());
        if let Some(snippet) = at.and_then(|at| Snippet::ALL.get(at)) {
            chosen.set(*snippet);
        }
    };
    view! {
        <div class="snippet-choice">
            <label for="snippet">{tr("Format")}</label>
            <select id="snippet" autocomplete="off" on:change=heard(choose)>{options}</select>
        </div>
    }
}

/// What the form is called, for a key that goes into `variable`.
pub fn in_words(snippet: Snippet, variable: &str) -> String {
    let language = match snippet {
        Snippet::Key => return tr("The key alone"),
        Snippet::Variable => return format!("{variable}=…"),
        Snippet::DotEnv => return tr(".env file"),
        Snippet::Curl => return tr("curl that asks for the key"),
        Snippet::Rust => "Rust",
        Snippet::Python => "Python",
        Snippet::JavaScript => "JavaScript",
    };
    let values = [("language", language), ("variable", variable)];
    tr_with("{language} that reads {variable}", &values)
}
