//! What is behind the sign-in is a file of its own, so that nobody waits for it to sign in.
//!
//! With the feature `split`, all that only [`workspace`] reaches is in a second WebAssembly, which
//! `cargo xtask build` makes and `boot.js` fetches: ahead of time, so that it is usually there
//! when it is asked for. Without the feature everything is in one file, as tests have it.

use futures_util::FutureExt;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::access::Access;
use crate::browser::{online, page};
use crate::components::notice::Notice;
use crate::pages::workspace::WorkspacePage;
use crate::words::tr;

/// How far the file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nobody has needed it.
    Unasked,
    /// It is on its way.
    Awaited,
    /// It did not come, or was not the one it should be.
    Missing,
    /// It can be used, from now on.
    Here,
}

/// The file with what is behind the sign-in. A handle: copies name the same file.
#[derive(Clone, Copy, Debug)]
pub struct Chunk(RwSignal<State>);

impl Chunk {
    /// The file, which nobody has asked for yet. Without the feature `split` it is here already.
    pub fn unasked() -> Self {
        let is_apart = cfg!(feature = "split");
        Self(RwSignal::new(if is_apart { State::Unasked } else { State::Here }))
    }

    /// Asks for it, unless it is here or on its way.
    fn ask(self) {
        let state = self.0;
        if matches!(state.get_untracked(), State::Awaited | State::Here) {
            return;
        }
        state.set(State::Awaited);
        spawn_local(async move {
            let is_here = load().await.is_ok();
            state.try_set(if is_here { State::Here } else { State::Missing });
        });
    }
}

/// The app of somebody who is signed in; until its file is there, what there is to say about that.
#[component]
pub fn SignedIn(
    /// The file that it is in.
    chunk: Chunk,
    /// Access on behalf of who is signed in.
    access: Access,
    /// The message on show.
    notice: RwSignal<Option<Notice>>,
) -> impl IntoView {
    chunk.ask();
    let state = Memo::new(move |_| chunk.0.get());
    online::on_return(move || {
        if state.get_untracked() == State::Missing {
            chunk.ask();
        }
    });
    move || match state.get() {
        State::Unasked | State::Awaited => {
            view! { <main class="page awaited" role="status">{tr("Loading…")}</main> }.into_any()
        }
        State::Missing => view! { <Missing chunk access=access.clone()/> }.into_any(),
        // It is here, so nothing is waited for.
        State::Here => workspace(access.clone(), notice)
            .now_or_never()
            .and_then(Result::ok)
            .unwrap_or_else(|| view! { <Missing chunk access=access.clone()/> }.into_any()),
    }
}

#[component]
fn Missing(chunk: Chunk, access: Access) -> impl IntoView {
    page::set_title(&tr("The app could not be loaded"));
    page::focus("#app h1");
    view! {
        <main class="page">
            <h1 tabindex="-1">{"Occam Keys"}</h1>
            <div class="panel failure">
                <div role="alert">
                    <h2>{tr("The app could not be loaded")}</h2>
                    <p>
                        {tr("You are signed in, and nothing was changed at the Key API. A file of \
                             this site did not come, or is not the one it should be. If trying \
                             again does not help, reload the page: there may be a new version of \
                             the site.")}
                    </p>
                </div>
                <div class="page-actions">
                    <button type="button" class="button" on:click=move |_| chunk.ask()>
                        {tr("Try again")}
                    </button>
                    <button type="button" class="button quiet" on:click=|_| page::reload()>
                        {tr("Reload the page")}
                    </button>
                    <button type="button" class="button quiet" on:click=move |_| access.sign_out()>
                        {tr("Sign out")}
                    </button>
                </div>
            </div>
        </main>
    }
}

/// Waits until [`workspace`] can be drawn.
#[cfg(not(feature = "split"))]
async fn load() -> Result<(), std::convert::Infallible> {
    Ok(())
}

/// Where the two files part.
#[cfg(not(feature = "split"))]
async fn workspace(
    access: Access,
    notice: RwSignal<Option<Notice>>,
) -> Result<AnyView, std::convert::Infallible> {
    Ok(view! { <WorkspacePage access notice/> }.into_any())
}

/// Where the two files part. The macro gives it the signature of its counterpart, and makes `load`.
#[cfg(feature = "split")]
#[leptos::wasm_split::wasm_split(
    workspace,
    wasm_split_path = leptos::wasm_split,
    preload(load),
    fallible
)]
fn workspace(
    access: Access,
    notice: RwSignal<Option<Notice>>,
) -> Result<AnyView, leptos::wasm_split::SplitLoaderError> {
    Ok(view! { <WorkspacePage access notice/> }.into_any())
}
