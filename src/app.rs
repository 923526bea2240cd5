//! The whole app: who is signed in decides what is on show.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlMetaElement};

use crate::access::{Access, Stake};
use crate::api::Client;
use crate::browser::{element, last_resort};
use crate::pages::chunk::{Chunk, draw_signed_in, rehearse};
use crate::pages::sign_in::adopt_form;
use crate::reactive::{self, Effect};
use crate::session::{Reason, Session};
use crate::words::tr;

/// Runs the app, for the Key API that `client` knows, in the element `#app` and for as long as the
/// current owner lives. Restores the session before anything is drawn.
///
/// It draws nothing itself, and makes by hand what is on show before somebody is signed in: all that
/// draws views comes with what is behind the sign-in.
pub fn run(client: Client) {
    let Some(host) = document().get_element_by_id("app") else {
        return last_resort::show_failure();
    };
    let host: HtmlElement = host.unchecked_into();
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
            // A secret on show, an answer that is on its way, or what is half done is waited for.
            if session.is_leaving() && stake.get() == Stake::Nothing {
                access.follow_out();
            }
        }
    });
    let is_leaving = Memo::new(move |_| session.signed_out() == Some(Reason::Leaving));
    let is_signing_in = adopt_form(client, access.clone(), on_notice);
    let chunk = Chunk::workspace();
    // Ahead of time: whoever signs in needs both.
    chunk.ask();
    rehearse(access.clone(), is_signing_in);
    reactive::draw({
        let host = host.clone();
        move || {
            if owner.get().is_some() {
                draw_signed_in(chunk, &host, access.clone(), notice);
            }
        }
    });
    reactive::draw(move || {
        if is_leaving.get() {
            let words = element::text("main", "page", &tr("Signing out…"));
            element::show_in(&host, element::with(words, "role", "status"));
        }
    });
}

/// The Key API's origin, from `<meta name="key-api" content="…">`; empty for the page's own.
pub fn key_api_origin() -> String {
    let meta = document().query_selector("meta[name=key-api]").ok().flatten();
    meta.and_then(|meta| meta.dyn_into::<HtmlMetaElement>().ok())
        .map(|meta| meta.content())
        .unwrap_or_default()
}
