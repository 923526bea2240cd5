//! The whole app: who is signed in decides what is on show.

use leptos::prelude::*;
use web_sys::HtmlMetaElement;

use crate::access::{Access, Stake};
use crate::api::Client;
use crate::browser::{format, timer};
use crate::pages::chunk::{Chunk, SignedIn};
use crate::pages::sign_in::SignIn;
use crate::session::{Reason, Session};
use crate::words::tr;

/// The app, for the Key API that `client` knows. Restores the session before anything is drawn.
#[component]
pub fn App(
    /// The Key API.
    client: Client,
) -> impl IntoView {
    let session = Session::restore();
    let access = Access::new(client.clone(), session);
    let notice = RwSignal::new(None);
    let on_notice = Callback::new(move |text| notice.set(Some(text)));
    // A session that has lapsed is still its owner's: what they were doing stays as it is, under
    // the form. When somebody else signs in, nothing of it is left.
    let owner = Memo::new(move |_| session.owner().map(|owner| owner.id));
    Effect::new(move |before: Option<Option<uuid::Uuid>>| {
        // What was said to one user is not for the next.
        let owner = owner.get();
        if before.flatten().is_some_and(|before| owner != Some(before)) {
            notice.set(None);
        }
        owner
    });
    let stake = access.stake();
    Effect::new({
        let access = access.clone();
        move |_| {
            // A secret on show, or an answer that is on its way, is waited for.
            if session.is_leaving() && stake.get() == Stake::Nothing {
                access.follow_out();
            }
        }
    });
    let is_leaving = Memo::new(move |_| session.signed_out() == Some(Reason::Leaving));
    let chunk = Chunk::workspace();
    // Ahead of time: whoever signs in needs both.
    chunk.ask();
    timer::when_idle(format::prepare);
    let signed_in = {
        let access = access.clone();
        move || {
            owner.get().map(|_| view! { <SignedIn chunk access=access.clone() notice/> }.into_any())
        }
    };
    let leaving = move || {
        is_leaving.get().then(|| {
            view! { <main class="page" role="status">{tr("Signing out…")}</main> }.into_any()
        })
    };
    view! {
        {signed_in}
        {leaving}
        // Last, because it covers all else.
        <SignIn client access on_notice/>
    }
}

/// The Key API's origin, from `<meta name="key-api" content="…">`; empty for the page's own.
pub fn key_api_origin() -> String {
    let meta = document().query_selector("meta[name=key-api]").ok().flatten();
    meta.and_then(|meta| wasm_bindgen::JsCast::dyn_into::<HtmlMetaElement>(meta).ok())
        .map(|meta| meta.content())
        .unwrap_or_default()
}
