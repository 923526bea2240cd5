//! What is not needed at first is in files of its own, so that nobody waits for it.
//!
//! With the feature `split`, all that only [`workspace`] and [`rehearse`] reach is in a second
//! WebAssembly, and what only [`details`] reaches in a third. `cargo xtask build` makes them, with
//! one more for what both need, and `boot.js` fetches them: ahead of time, so that a file is usually
//! there when it is asked for. Without the feature everything is in one file, as tests have it.

use futures_util::FutureExt;
use leptos::mount::mount_to;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::HtmlElement;

use self::parting::{details, load_details, load_workspace, rehearse_workspace, workspace};
use super::key::KeyPage;
use super::usage::UsagePage;
use super::workspace::{Front, WorkspacePage, rehearsal};
use crate::access::Access;
use crate::browser::{element, format, online, page, timer};
use crate::components::dialog::{Dialog, Urgency};
use crate::components::notice::Notice;
use crate::domain::key::KeyId;
use crate::reactive::{self, Effect, heard, redrawn};
use crate::route::Route;
use crate::words::tr;

/// What a file has in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    /// What is behind the sign-in.
    Workspace,
    /// What is behind that: nobody needs it to see the rows of their keys.
    Details,
}

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

/// A file of the app. A handle: copies name the same file.
#[derive(Clone, Copy, Debug)]
pub struct Chunk {
    content: Content,
    state: RwSignal<State>,
}

impl Chunk {
    /// The file with what is behind the sign-in, which nobody has asked for yet.
    pub fn workspace() -> Self {
        Self::unasked(Content::Workspace)
    }

    /// The file with each [`Detail`], which nobody has asked for yet.
    pub fn details() -> Self {
        Self::unasked(Content::Details)
    }

    /// Asks for it, unless it is here or on its way.
    pub fn ask(self) {
        let Self { content, state } = self;
        if !matches!(state.try_get_untracked(), Some(State::Unasked | State::Missing)) {
            return;
        }
        state.set(State::Awaited);
        spawn_local(async move {
            let is_here = match content {
                Content::Workspace => load_workspace().await.is_ok(),
                Content::Details => load_details().await.is_ok(),
            };
            state.try_set(if is_here { State::Here } else { State::Missing });
        });
    }

    /// Whether it did not come. Tracked.
    pub fn is_missing(self) -> bool {
        self.state.get() == State::Missing
    }

    /// Asks for it again when the network is back and it is missing, for as long as the current owner
    /// lives.
    pub fn ask_when_online(self) {
        online::on_return(move || {
            if self.state.get_untracked() == State::Missing {
                self.ask();
            }
        });
    }

    /// Without the feature `split` it is here already.
    fn unasked(content: Content) -> Self {
        let is_apart = cfg!(feature = "split");
        let state = RwSignal::new(if is_apart { State::Unasked } else { State::Here });
        Self { content, state }
    }
}

/// Draws the app of somebody who is signed in into `host`, for as long as the current owner lives;
/// until its file is there, what there is to say about that. `access` is theirs, and `notice` is the
/// message on show.
pub fn draw_signed_in(
    chunk: Chunk,
    host: &HtmlElement,
    access: Access,
    notice: RwSignal<Option<Notice>>,
) {
    access.look_ahead();
    chunk.ask();
    chunk.ask_when_online();
    // The browser is idle while it waits for the keys and the chunk, both of which are asked for once
    // this function has returned.
    timer::when_idle(format::prepare);
    let state = Memo::new(move |_| chunk.state.get());
    let host = host.clone();
    reactive::draw(move || {
        let is_drawn = || {
            let drawn = workspace(host.clone(), access.clone(), notice).now_or_never();
            matches!(drawn, Some(Ok(())))
        };
        match state.get() {
            State::Unasked | State::Awaited => {
                let words = element::text("main", "page awaited", &tr("Loading…"));
                element::show_in(&host, element::with(words, "role", "status"));
            }
            // Where it is here, nothing is waited for.
            State::Here if is_drawn() => {}
            State::Here | State::Missing => draw_missing(chunk, &host, access.clone()),
        }
    });
}

/// Has the page of all keys drawn ahead of time, when its file has come; see
/// [`super::workspace::rehearsal`].
pub fn rehearse(access: Access, is_signing_in: RwSignal<bool>) {
    spawn_local(async move {
        // Whoever needs the file finds out that it did not come.
        let _ = rehearse_workspace(access, is_signing_in).await;
    });
}

/// What the file of the details has in it.
#[derive(Clone, Copy, Debug)]
pub enum Detail {
    /// The page of a key.
    Key(KeyId),
    /// The page of the usage of all keys.
    Usage,
    /// What sees to keys that are made and revoked, with what it has to say above each page.
    Attendance,
    /// The dialogs.
    Dialogs,
}

/// A page that is a detail; until its file is there, what there is to say about that.
pub fn page_of(detail: Detail, front: &Front) -> AnyView {
    let chunk = front.details();
    chunk.ask();
    let state = Memo::new(move |_| chunk.state.get());
    // What had focus is gone with the view that it was in.
    Effect::new(move |_| {
        state.track();
        page::rescue_focus("#app h1");
    });
    let front = front.clone();
    let instead = move |body: AnyView| {
        view! {
            <p class="back"><a href=Route::ALL_KEYS.to_string()>{tr("← API keys")}</a></p>
            <div class="page-head"><h1 tabindex="-1">{"Occam Keys"}</h1></div>
            {body}
        }
        .into_any()
    };
    let draw = move || match state.get() {
        State::Unasked | State::Awaited => {
            instead(view! { <p class="awaited" role="status">{tr("Loading…")}</p> }.into_any())
        }
        State::Missing => instead(missing(chunk)),
        State::Here => details(detail, front.clone())
            .now_or_never()
            .and_then(Result::ok)
            .unwrap_or_else(|| instead(missing(chunk))),
    };
    redrawn(draw)
}

/// What is a detail beside the pages; nothing until its file is there.
pub fn part_of(detail: Detail, front: &Front) -> AnyView {
    let chunk = front.details();
    let is_here = Memo::new(move |_| chunk.state.get() == State::Here);
    let front = front.clone();
    let draw = move || {
        let drawn = is_here.get().then(|| details(detail, front.clone()).now_or_never());
        drawn.flatten().and_then(Result::ok).unwrap_or_else(|| ().into_any())
    };
    redrawn(draw)
}

/// The dialog in the place of those whose file is not there: it says what there is to say about
/// that.
#[component]
pub fn Instead(
    /// The file.
    chunk: Chunk,
    /// Whether one of them is wanted.
    open: Memo<bool>,
    /// None is wanted any more.
    on_leave: Callback<()>,
) -> impl IntoView {
    let body = move || match chunk.state.get() {
        State::Missing => missing(chunk),
        _ => view! { <p class="awaited" role="status">{tr("Loading…")}</p> }.into_any(),
    };
    view! {
        <Dialog
            open
            urgency=Urgency::Form
            labelled_by="instead-title"
            described_by="instead-body"
            on_leave
        >
            <h2 id="instead-title" class="unseen" tabindex="-1" autofocus>{"Occam Keys"}</h2>
            <div id="instead-body">{move || body()}</div>
            <div class="dialog-actions">
                <button type="button" class="button" on:click=heard(move |_| on_leave.run(()))>
                    {tr("Close")}
                </button>
            </div>
        </Dialog>
    }
}

/// The page in the place of the app, whose file did not come.
fn draw_missing(chunk: Chunk, host: &HtmlElement, access: Access) {
    let heading = element::with(element::text("h1", "", "Occam Keys"), "tabindex", "-1");
    let words = [element::text("h2", "", &not_loaded()), element::text("p", "", &what_now())];
    let actions = [
        element::button("button", &tr("Try again"), move || chunk.ask()),
        element::button("button quiet", &tr("Reload the page"), page::reload),
    ];
    let panel = [
        element::with(element::element("div", "", &words), "role", "alert"),
        element::element("div", "page-actions", &actions),
    ];
    let sign_out = element::button("button quiet", &tr("Sign out"), move || access.sign_out());
    let parts = [
        heading,
        element::element("div", "panel failure", &panel),
        element::element("div", "page-actions", &[sign_out]),
    ];
    page::set_title(&not_loaded());
    element::show_in(host, element::element("main", "page", &parts));
    page::focus("#app h1");
}

/// What is said of a file that did not come.
fn not_loaded() -> String {
    tr("The app could not be loaded")
}

/// What can be done about it.
fn what_now() -> String {
    tr(
        "You are signed in, and nothing was changed at the Key API. A file of this site did not come, \
        or is not the one it should be. If trying again does not help, reload the page: there may \
        be a new version of the site.",
    )
}

/// That a file did not come, and what can be done.
fn missing(chunk: Chunk) -> AnyView {
    view! {
        <div class="panel failure">
            <div role="alert">
                <h2>{not_loaded()}</h2>
                <p>{what_now()}</p>
            </div>
            <div class="page-actions">
                <button type="button" class="button" on:click=heard(move |_| chunk.ask())>
                    {tr("Try again")}
                </button>
                <button type="button" class="button quiet" on:click=heard(|_| page::reload())>
                    {tr("Reload the page")}
                </button>
            </div>
        </div>
    }
    .into_any()
}

fn draw_workspace(host: HtmlElement, access: Access, notice: RwSignal<Option<Notice>>) {
    let drawn = mount_to(host, move || view! { <WorkspacePage access notice/> });
    let drawn = StoredValue::new_local(drawn);
    on_cleanup(move || drawn.dispose());
}

fn draw(detail: Detail, front: &Front) -> AnyView {
    let workspace = front.whole();
    match detail {
        Detail::Key(id) => view! { <KeyPage id workspace/> }.into_any(),
        Detail::Usage => view! { <UsagePage workspace/> }.into_any(),
        Detail::Attendance => workspace.attend(),
        Detail::Dialogs => workspace.dialogs(),
    }
}

/// Where the files part, for an app in one file.
#[cfg(not(feature = "split"))]
mod parting {
    use std::convert::Infallible;

    use super::*;

    pub(super) async fn load_workspace() -> Result<(), Infallible> {
        Ok(())
    }

    pub(super) async fn workspace(
        host: HtmlElement,
        access: Access,
        notice: RwSignal<Option<Notice>>,
    ) -> Result<(), Infallible> {
        draw_workspace(host, access, notice);
        Ok(())
    }

    pub(super) async fn rehearse_workspace(
        access: Access,
        is_signing_in: RwSignal<bool>,
    ) -> Result<(), Infallible> {
        rehearsal::rehearse(access, is_signing_in);
        Ok(())
    }

    pub(super) async fn load_details() -> Result<(), Infallible> {
        Ok(())
    }

    pub(super) async fn details(detail: Detail, front: Front) -> Result<AnyView, Infallible> {
        Ok(draw(detail, &front))
    }
}

/// Where the files part. The macro gives each function the signature of its counterpart, and makes
/// the one that waits until it can be called.
#[cfg(feature = "split")]
mod parting {
    use leptos::wasm_split::{SplitLoaderError, wasm_split};

    use super::*;

    #[wasm_split(
        workspace,
        wasm_split_path = leptos::wasm_split,
        preload(load_workspace),
        fallible
    )]
    pub(super) fn workspace(
        host: HtmlElement,
        access: Access,
        notice: RwSignal<Option<Notice>>,
    ) -> Result<(), SplitLoaderError> {
        draw_workspace(host, access, notice);
        Ok(())
    }

    #[wasm_split(workspace, wasm_split_path = leptos::wasm_split, fallible)]
    pub(super) fn rehearse_workspace(
        access: Access,
        is_signing_in: RwSignal<bool>,
    ) -> Result<(), SplitLoaderError> {
        rehearsal::rehearse(access, is_signing_in);
        Ok(())
    }

    #[wasm_split(
        details,
        wasm_split_path = leptos::wasm_split,
        preload(load_details),
        fallible
    )]
    pub(super) fn details(detail: Detail, front: Front) -> Result<AnyView, SplitLoaderError> {
        Ok(draw(detail, &front))
    }
}
