//! The page of all keys.

use leptos::prelude::*;

use super::workspace::Front;
use super::workspace::dialogs::Wish;
use super::workspace::listing::{count_in_words, export_in_words, in_time};
use crate::api::ApiError;
use crate::browser::text::lowered;
use crate::browser::{page, preference};
use crate::components::foreign::Foreign;
use crate::components::key_filters::{KeyFilters, KeyMenus, shows_usage};
use crate::components::key_table::{
    KeyTable, KeyTableSkeleton, Layout, PAGE_LENGTH, Pager, UsageColumn, scroll_to_row,
};
use crate::components::mark::Mark;
use crate::components::notice::{Failure, RetryButton};
use crate::components::refresh::RefreshButton;
use crate::components::selection_bar::SelectionBar;
use crate::components::waiting::Waiting;
use crate::domain::key::{ApiKey, KeyList};
use crate::domain::table::arrangement::{Index, Row};
use crate::domain::table::query::Query;
use crate::domain::table::selection::Selection;
use crate::domain::usage_board::UsageBoard;
use crate::reactive::{Effect, heard, redrawn};
use crate::remote::{Identity, Remote, follow, which_answer};
use crate::route::Route;
use crate::words::{tr, tr_around};

/// What the page shows below its heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    Loading,
    Failed,
    FirstUse,
    Table,
}

/// The table of keys, with its search and filters.
#[component]
pub fn KeysPage(
    /// The data and the actions.
    front: Front,
) -> impl IntoView {
    page::set_title(&tr("API keys"));
    let keys = front.keys();
    let query = front.query();
    let now = front.now();
    let fresh = front.fresh();
    let highlighted = front.highlighted();
    let selection = front.selection();
    let answer = which_answer(keys);
    let follow_list = move || follow(answer);
    let of = front.clone();
    let index = Memo::new_with_compare(
        move |before: Option<&(Identity<KeyList>, Index)>| {
            follow_list();
            let list = keys.with_untracked(Remote::identity);
            let kept = before.and_then(|(old, index)| Some(index.without(of.struck(old, &list)?)));
            (list, kept.unwrap_or_else(|| Index::new(lowered)))
        },
        // It is made anew only when the list is new.
        |_, _| true,
    );
    let prepare = move || {
        keys.try_with_untracked(|keys| {
            let list = keys.value()?;
            index.try_with_untracked(|(_, index)| index.prepare(list))
        });
    };
    in_time(move || index.with(|_| ()), prepare);
    let rows = Memo::new(move |_| {
        follow_list();
        let (query, fresh) = (query.get(), fresh.get());
        // Between two ticks of the clock no filter lets go of a key.
        let now = if query.filters() { now.get() } else { now.get_untracked() };
        keys.with_untracked(|keys| {
            let list = keys.value();
            index.with(|(_, index)| list.map(|it| index.arrange(it, &query, fresh, now)))
        })
        .unwrap_or_default()
    });
    let is_paged = RwSignal::new(preference::chosen("layout") == "pages");
    let layout = Memo::new(move |_| match (rows.with(Vec::len) <= PAGE_LENGTH, is_paged.get()) {
        (true, _) => Layout::Whole,
        (false, true) => Layout::Page(query.with(|query| query.page)),
        (false, false) => Layout::Window,
    });
    let shown = Memo::new(move |_| {
        keys.with(|keys| match keys.value() {
            Some(list) if list.is_empty() => View::FirstUse,
            Some(_) => View::Table,
            None if keys.error().is_some() => View::Failed,
            None => View::Loading,
        })
    });
    let count = Memo::new(move |_| {
        let query = query.get();
        follow_list();
        rows.with(|rows| {
            let unreadable = rows.iter().filter(|row| matches!(row, Row::Unreadable(_))).count();
            keys.with_untracked(|keys| {
                let list = keys.value()?;
                Some(count_in_words(rows.len(), list, unreadable, &query))
            })
        })
        .unwrap_or_default()
    });
    let failure = Memo::new(move |_| keys.with(|keys| keys.error().cloned()));
    let wait = Memo::new(move |_| keys.with(|keys| keys.wait().cloned()));
    let pending = Memo::new(move |_| keys.with(Remote::is_pending));
    let is_empty = Memo::new(move |_| rows.with(Vec::is_empty));
    let shown_keys = move || {
        keys.with(|keys| {
            let list = keys.value().map(|list| list.keys.as_slice()).unwrap_or_default();
            rows.with(|rows| {
                let key = |row: &Row| match row {
                    Row::Key(at) => list.get(*at).cloned(),
                    Row::Unreadable(_) => None,
                };
                rows.iter().filter_map(key).collect::<Vec<ApiKey>>()
            })
        })
    };
    let counts = Memo::new(move |_| {
        selection.with(|selection| {
            if selection.is_empty() {
                return (0, 0);
            }
            let in_sight = keys.with(|keys| {
                let list = keys.value().map(|list| list.keys.as_slice()).unwrap_or_default();
                rows.with(|rows| {
                    let is_chosen = |row: &&Row| match row {
                        Row::Key(at) => list.get(*at).is_some_and(|it| selection.contains(it.id)),
                        Row::Unreadable(_) => false,
                    };
                    rows.iter().filter(is_chosen).count()
                })
            });
            (selection.len(), selection.len() - in_sight)
        })
    });
    let extent = Memo::new(move |_| export_in_words(counts.get().0, rows.with(Vec::len)));

    // What had focus may be gone with the view that it was in.
    Effect::new(move |_| {
        shown.track();
        failure.track();
        is_empty.track();
        page::rescue_focus("#app h1");
    });
    // Whoever looks for a key is taken to it.
    Effect::new(move |_| {
        let Some(id) = highlighted.with(|ids| ids.first().copied()) else {
            return;
        };
        let place = shown_keys().iter().position(|key| key.id == id);
        if let Some(place) = place
            && layout.get_untracked() == Layout::Window
        {
            scroll_to_row(place);
        }
    });

    let on_create = callback(&front, |front| front.want(Wish::Create(String::new())));
    let details = front.details();
    let usage = UsageColumn {
        is_shown: RwSignal::new(shows_usage()),
        board: front.board(),
        excuse: Signal::derive(move || match details.is_missing() {
            true => tr("The app could not be loaded"),
            false => String::new(),
        }),
        drawn: RwSignal::new(Vec::new()),
    };
    front.show_column(usage);
    let on_usage = Callback::new(move |shown| usage.is_shown.set(shown));
    let on_refresh = Callback::new({
        let front = front.clone();
        move |()| {
            front.refresh_keys();
            if usage.is_shown.get_untracked() {
                usage.board.update(UsageBoard::forget);
                // The same rows, which are asked for anew.
                usage.drawn.notify();
            }
        }
    });
    let on_identify = callback(&front, |front| front.want(Wish::Identify));
    let on_widen = callback(&front, Front::widen);
    let on_revoke_many = callback(&front, |front| front.want(Wish::RevokeChosen));
    let on_clear = Callback::new(move |()| {
        selection.update(Selection::clear);
        page::focus("#app h1");
    });
    let on_query = Callback::new({
        let front = front.clone();
        move |(query, is_typing)| front.ask(query, is_typing)
    });
    let on_page = Callback::new({
        let front = front.clone();
        move |to| {
            front.ask(Query { page: to, ..query.get_untracked() }, false);
            page::focus("#app h1");
        }
    });
    let on_export = Callback::new({
        let front = front.clone();
        move |format| {
            let mut keys = untrack(shown_keys);
            selection.with_untracked(|selection| {
                keys.retain(|key| selection.is_empty() || selection.contains(key.id));
            });
            front.want(Wish::Export(keys, format));
        }
    });
    let on_act = Callback::new(move |act| front.act(act));
    let on_layout = Callback::new(move |paged| is_paged.set(paged));

    let pager = move || {
        let pages = rows.with(Vec::len).div_ceil(PAGE_LENGTH);
        match layout.get() {
            Layout::Page(page) => {
                let page = page.clamp(1, pages.max(1));
                view! { <Pager page pages on_page/> }.into_any()
            }
            Layout::Whole | Layout::Window => ().into_any(),
        }
    };
    let table = move || match is_empty.get() {
        true => view! { <NoMatch query on_widen/> }.into_any(),
        false => view! {
            <KeyTable keys rows layout query selection fresh highlighted now usage on_act/>
            {redrawn(pager)}
            <SelectionBar counts on_revoke=on_revoke_many on_clear/>
        }
        .into_any(),
    };
    let failed = move || match failure.get() {
        Some(error) => list_failure(&error, on_refresh),
        None => ().into_any(),
    };
    let tools = move || match shown.get() {
        View::Table => view! {
            <KeyFilters query on_query/>
            <div class="toolbar">
                <p class="count" role="status">{move || count.get()}</p>
                <button
                    type="button"
                    class="button quiet"
                    on:click=heard(move |_| on_identify.run(()))
                >
                    {tr("Identify a key")}
                </button>
                <a class="button quiet" href=Route::ALL_USAGE.to_string()>{tr("Usage")}</a>
                <KeyMenus extent on_export on_layout on_usage/>
                <RefreshButton class="button quiet" pending on_refresh/>
            </div>
        }
        .into_any(),
        View::FirstUse => view! {
            <div class="toolbar">
                <p class={"count"}></p>
                <RefreshButton class="button quiet" pending on_refresh/>
            </div>
        }
        .into_any(),
        View::Loading | View::Failed => ().into_any(),
    };
    view! {
        <div class="page-head">
            <h1 tabindex="-1">{tr("API keys")}</h1>
            <button type="button" class="button primary" on:click=heard(move |_| on_create.run(()))>
                {tr("Create key")}
            </button>
        </div>
        {redrawn(tools)}
        <Waiting wait/>
        <div aria-busy=move || pending.get().to_string()>
            {move || match shown.get() {
                View::Loading => view! { <KeyTableSkeleton/> }.into_any(),
                View::Failed => redrawn(failed),
                View::FirstUse => view! { <FirstUse on_create/> }.into_any(),
                View::Table => {
                    view! {
                        <StaleWarning failure on_retry=on_refresh/>
                        {redrawn(table)}
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
#[component]
fn FirstUse(on_create: Callback<()>) -> impl IntoView {
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
}

/// Search and filters leave nothing, but there are keys.
#[component]
fn NoMatch(query: Memo<Query>, on_widen: Callback<()>) -> impl IntoView {
    let clear = move |_| {
        on_widen.run(());
        page::focus("#app input[type=search]");
    };
    let title = move || {
        let search = query.with(|query| query.search.trim().to_owned());
        if search.is_empty() {
            return tr("No key passes the filters").into_any();
        }
        let (before, after) = tr_around("No key matches “{search}”");
        view! { {before}<Foreign text=search/>{after} }.into_any()
    };
    let words = move || match query.with(Query::filters) {
        true => tr("Clear search and filters"),
        false => tr("Clear search"),
    };
    view! {
        <div class="panel">
            <h2>{redrawn(title)}</h2>
            <button type="button" class="button" on:click=heard(clear)>{move || words()}</button>
        </div>
    }
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

fn callback(front: &Front, action: fn(&Front)) -> Callback<()> {
    let front = front.clone();
    Callback::new(move |()| action(&front))
}
