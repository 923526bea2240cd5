//! The page of all keys.

mod arrangement;
mod table;
mod tools;

use std::sync::Arc;

use leptos::prelude::*;

use self::arrangement::Arrangement;
use self::table::Table;
use self::tools::Tools;
use super::workspace::Front;
use super::workspace::dialogs::Wish;
use crate::api::ApiError;
use crate::browser::page;
use crate::components::foreign::Foreign;
use crate::components::key_filters::shows_usage;
use crate::components::key_table::{KeyTableSkeleton, Layout, UsageColumn, scroll_to_row};
use crate::components::mark::Mark;
use crate::components::notice::{Failure, RetryButton};
use crate::components::waiting::Waiting;
use crate::domain::key::KeyList;
use crate::domain::table::query::Query;
use crate::domain::table::window::page_of;
use crate::domain::usage_board::UsageBoard;
use crate::reactive::{Effect, heard, redrawn};
use crate::remote::Remote;
use crate::words::tr;

/// What the page shows below its heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    Loading,
    Failed,
    FirstUse,
    Table,
}

/// The table of keys, with its search and filters. The title of the window is left as it is.
#[component]
pub fn KeysPage(
    /// The data and the actions.
    front: Front,
) -> impl IntoView {
    let keys = front.keys();
    let arrangement = Arrangement::of(&front);
    let shown = Memo::new(move |_| keys.with(View::of));
    let failure = Memo::new(move |_| keys.with(|keys| keys.error().cloned()));
    let wait = Memo::new(move |_| keys.with(|keys| keys.wait().cloned()));
    let pending = Memo::new(move |_| keys.with(Remote::is_pending));
    let is_empty = Memo::new(move |_| arrangement.rows.with(Vec::is_empty));

    // What had focus may be gone with the view that it was in.
    Effect::new(move |_| {
        shown.track();
        failure.track();
        is_empty.track();
        page::rescue_focus("#app h1");
    });
    lead_to_sought(&front, arrangement);

    let usage = usage_column(&front);
    front.show_column(usage);
    let on_create = callback(&front, |front| front.want(Wish::Create(String::new())));
    let on_refresh = refreshing(&front, usage);
    let tools = Tools::new(&front, arrangement, usage, pending, on_refresh);
    let table = Table::new(&front, arrangement, usage, is_empty);
    // They are drawn while the list is awaited, so that nothing moves when it comes and less is left
    // to draw; they are seen with it.
    let has_tools = Memo::new(move |_| match shown.get() {
        View::Loading | View::Table => Some(true),
        View::FirstUse => Some(false),
        View::Failed => None,
    });
    let tools = move || match has_tools.get() {
        Some(true) => tools.for_a_table(),
        Some(false) => tools.for_no_keys(),
        None => ().into_any(),
    };
    let failed = move || match failure.get() {
        Some(error) => list_failure(&error, on_refresh),
        None => ().into_any(),
    };
    view! {
        <div class="page-head">
            <h1 tabindex="-1">{tr("API keys")}</h1>
            <button type="button" class="button primary" on:click=heard(move |_| on_create.run(()))>
                {tr("Create key")}
            </button>
        </div>
        <div class="tools" class:awaiting=move || shown.get() == View::Loading>{redrawn(tools)}</div>
        <Waiting wait/>
        <div aria-busy=move || pending.get().to_string()>
            {move || match shown.get() {
                View::Loading => view! { <KeyTableSkeleton/> }.into_any(),
                View::Failed => redrawn(failed),
                View::FirstUse => first_use(on_create),
                View::Table => {
                    view! {
                        <StaleWarning failure on_retry=on_refresh/>
                        {table.view()}
                    }
                        .into_any()
                }
            }}
        </div>
    }
}

/// That the list of keys could not be loaded, and a way to try again.
pub(super) fn list_failure(error: &ApiError, on_retry: Callback<()>) -> AnyView {
    view! {
        <Failure
            title=tr("Your keys could not be loaded")
            words=Signal::stored(error.to_string())
            retry_after=error.retry_after()
            on_retry
        />
    }
    .into_any()
}

/// There are no keys yet: what a key is, and the way to the first one.
fn first_use(on_create: Callback<()>) -> AnyView {
    view! {
        <div class="panel first-use">
            <Mark class="first-use-mark"/>
            <h2>{tr("No API keys yet")}</h2>
            <p>
                {tr(
                    "A key lets a program use the API in your name. The whole key is shown once, \
                     when you create it.",
                )}
            </p>
            <button type="button" class="button primary" on:click=heard(move |_| on_create.run(()))>
                {tr("Create your first key")}
            </button>
        </div>
    }
    .into_any()
}

/// The list on show could not be refreshed.
#[component]
fn StaleWarning(failure: Memo<Option<ApiError>>, on_retry: Callback<()>) -> impl IntoView {
    let words = move || {
        failure.with(|error| {
            let text = error.as_ref()?.to_string();
            Some(view! { {tr("This list may be out of date.")}{" "}<Foreign text/> }.into_any())
        })
    };
    view! {
        <div class=move || failure.with(|it| it.as_ref().map(|_| "notice warning"))>
            <p role="status">{move || words()}</p>
            {move || {
                failure
                    .get()
                    .map(|error| {
                        let retry_after = error.retry_after();
                        view! { <RetryButton class="button quiet" retry_after on_retry/> }
                    })
            }}
        </div>
    }
}

impl View {
    fn of(keys: &Remote<Arc<KeyList>>) -> Self {
        match keys.value() {
            Some(list) if list.is_empty() => Self::FirstUse,
            Some(_) => Self::Table,
            None if keys.error().is_some() => Self::Failed,
            None => Self::Loading,
        }
    }
}

/// Takes whoever looks for a key to its row as soon as there is one, once.
fn lead_to_sought(front: &Front, arrangement: Arrangement) {
    let sought = front.sought();
    let front = front.clone();
    Effect::new(move |_| {
        let Some(place) = sought.get().and_then(|id| arrangement.place_of(id)) else {
            return;
        };
        sought.set(None);
        let (page, layout) = (page_of(place), arrangement.layout.get_untracked());
        if matches!(layout, Layout::Page(shown) if shown != page) {
            front.ask(Query { page, ..arrangement.query.get_untracked() }, false);
        }
        scroll_to_row(place);
    });
}

/// The column of usage, as it was chosen.
fn usage_column(front: &Front) -> UsageColumn {
    let details = front.details();
    UsageColumn {
        is_shown: RwSignal::new(shows_usage()),
        board: front.board(),
        excuse: Signal::derive(move || match details.is_missing() {
            true => tr("The app could not be loaded"),
            false => String::new(),
        }),
        drawn: RwSignal::new(Vec::new()),
    }
}

/// Asks for the list anew, and for what the column of usage shows.
fn refreshing(front: &Front, usage: UsageColumn) -> Callback<()> {
    let front = front.clone();
    Callback::new(move |()| {
        front.refresh_keys();
        if usage.is_shown.get_untracked() {
            usage.board.update(UsageBoard::forget);
            // The same rows, which are asked for anew.
            usage.drawn.notify();
        }
    })
}

fn callback(front: &Front, action: fn(&Front)) -> Callback<()> {
    let front = front.clone();
    Callback::new(move |()| action(&front))
}
