//! The whole app: who is signed in decides what is on show.

use leptos::prelude::*;
use web_sys::HtmlMetaElement;

use crate::api::Client;
use crate::pages::sign_in::SignIn;
use crate::pages::workspace::WorkspacePage;
use crate::session::Session;

/// The app, for the Key API that `client` knows. Restores the session before anything is drawn.
#[component]
pub fn App(
    /// The Key API.
    client: Client,
) -> impl IntoView {
    let session = Session::restore();
    let notice = RwSignal::new(None);
    let on_notice = Callback::new(move |text| notice.set(Some(text)));
    let signed_in = Memo::new(move |_| session.signed_out().is_none());
    Effect::new(move |_| {
        // What was said to one user is not for the next.
        if !signed_in.get() {
            notice.set(None);
        }
    });
    view! {
        <SignIn session client=client.clone() on_notice/>
        <Show when=move || signed_in.get()>
            <WorkspacePage session client=client.clone() notice/>
        </Show>
    }
}

/// The Key API's origin, from `<meta name="key-api" content="…">`; empty for the page's own.
pub fn key_api_origin() -> String {
    let meta = document().query_selector("meta[name=key-api]").ok().flatten();
    meta.and_then(|meta| wasm_bindgen::JsCast::dyn_into::<HtmlMetaElement>(meta).ok())
        .map(|meta| meta.content())
        .unwrap_or_default()
}
