//! The page of all keys.

use leptos::either::EitherOf4;
use leptos::prelude::*;

use super::workspace::Workspace;
use crate::api::ApiError;
use crate::browser::page;
use crate::components::foreign::Foreign;
use crate::components::key_table::{KeyTable, KeyTableSkeleton};
use crate::components::mark::Mark;
use crate::components::notice::{Failure, RetryButton};
use crate::components::refresh::RefreshButton;
use crate::components::waiting::Waiting;
use crate::domain::key::{ApiKey, KeyList, UnreadableKey};
use crate::remote::Remote;

/// What the page shows below its heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    Loading,
    Failed,
    FirstUse,
    Table,
}

/// The table of keys, with its search.
#[component]
pub fn KeysPage(
    /// The data and the actions.
    workspace: Workspace,
) -> impl IntoView {
    page::set_title("API keys");
    let keys = workspace.keys();
    let query = workspace.query();
    let now = workspace.now();
    let fresh = workspace.fresh();
    let matching = Memo::new(move |_| {
        let query = query.get();
        keys.with(|keys| {
            let keys = keys.value().map(|list| list.keys.as_slice()).unwrap_or_default();
            keys.iter().filter(|key| key.matches(&query)).cloned().collect::<Vec<ApiKey>>()
        })
    });
    let unreadable = Memo::new(move |_| {
        let query = query.get();
        keys.with(|keys| {
            let entries = keys.value().map(|list| list.unreadable.as_slice()).unwrap_or_default();
            entries.iter().filter(|it| it.matches(&query)).cloned().collect::<Vec<UnreadableKey>>()
        })
    });
    let total = Memo::new(move |_| keys.with(|keys| keys.value().map_or(0, KeyList::len)));
    let shown = Memo::new(move |_| {
        keys.with(|keys| match keys.value() {
            Some(list) if list.is_empty() => View::FirstUse,
            Some(_) => View::Table,
            None if keys.error().is_some() => View::Failed,
            None => View::Loading,
        })
    });
    let failure = Memo::new(move |_| keys.with(|keys| keys.error().cloned()));
    let wait = Memo::new(move |_| keys.with(|keys| keys.wait().cloned()));
    let pending = Memo::new(move |_| keys.with(Remote::is_pending));

    // What had focus may be gone with the view that it was in.
    Effect::new(move |_| {
        shown.track();
        failure.track();
        page::rescue_focus("#app h1");
    });

    let on_create = callback(&workspace, Workspace::open_creation);
    let on_refresh = callback(&workspace, Workspace::refresh_keys);
    let on_search = {
        let workspace = workspace.clone();
        Callback::new(move |query| workspace.search(query))
    };
    let on_revoke = Callback::new(move |key| workspace.open_revocation(key));

    view! {
        <div class="page-head">
            <h1 tabindex="-1">{"API keys"}</h1>
            <button type="button" class="button primary" on:click=move |_| on_create.run(())>
                {"Create key"}
            </button>
        </div>
        <div class="toolbar" role="search">
            <input
                type="search"
                class="search"
                aria-label="Search keys"
                placeholder="Search by name, key or uuid"
                autocomplete="off"
                spellcheck="false"
                prop:value=move || query.get()
                on:input:target=move |event| on_search.run(event.target().value())
            />
            <p class="count" role="status">
                {move || {
                    count_in_words(
                        matching.with(Vec::len) + unreadable.with(Vec::len),
                        total.get(),
                        unreadable.with(Vec::len),
                    )
                }}
            </p>
            <RefreshButton class="button quiet" pending on_refresh/>
        </div>
        <Waiting wait/>
        <div aria-busy=move || pending.get().to_string()>
            {move || match shown.get() {
                View::Loading => EitherOf4::A(view! { <KeyTableSkeleton/> }),
                View::Failed => {
                    EitherOf4::B(move || {
                        failure
                            .get()
                            .map(|error| {
                                view! {
                                    <Failure
                                        title="Your keys could not be loaded"
                                        words=Signal::stored(error.to_string())
                                        retry_after=error.retry_after()
                                        on_retry=on_refresh
                                    />
                                }
                            })
                    })
                }
                View::FirstUse => EitherOf4::C(view! { <FirstUse on_create/> }),
                View::Table => {
                    EitherOf4::D(view! {
                        <StaleWarning failure on_retry=on_refresh/>
                        <Show
                            when=move || {
                                matching.with(|keys| !keys.is_empty())
                                    || unreadable.with(|entries| !entries.is_empty())
                            }
                            fallback=move || view! { <NoMatch query on_search/> }
                        >
                            <KeyTable keys=matching unreadable fresh now on_revoke/>
                        </Show>
                    })
                }
            }}
        </div>
    }
}

/// There are no keys yet: what a key is, and the way to the first one.
#[component]
fn FirstUse(on_create: Callback<()>) -> impl IntoView {
    view! {
        <div class="panel first-use">
            <Mark class="first-use-mark"/>
            <h2>{"No API keys yet"}</h2>
            <p>
                {"A key lets a program use the API in your name. The whole key is shown once, \
                  when you create it."}
            </p>
            <button type="button" class="button primary" on:click=move |_| on_create.run(())>
                {"Create your first key"}
            </button>
        </div>
    }
}

/// The search finds nothing, but there are keys.
#[component]
fn NoMatch(query: Memo<String>, on_search: Callback<String>) -> impl IntoView {
    let clear = move |_| {
        on_search.run(String::new());
        page::focus("#app input[type=search]");
    };
    view! {
        <div class="panel">
            <h2>{"No key matches “"}{move || view! { <Foreign text=query.get()/> }}{"”"}</h2>
            <button type="button" class="button" on:click=clear>
                {"Clear search"}
            </button>
        </div>
    }
}

/// The list on show could not be refreshed.
#[component]
fn StaleWarning(failure: Memo<Option<ApiError>>, on_retry: Callback<()>) -> impl IntoView {
    let words = move || {
        failure.with(|error| {
            let text = error.as_ref()?.to_string();
            Some(view! { {"This list may be out of date. "}<Foreign text/> })
        })
    };
    view! {
        <div class=move || failure.with(|it| it.as_ref().map(|_| "notice warning"))>
            <p role="status">{words}</p>
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

fn callback(workspace: &Workspace, action: fn(&Workspace)) -> Callback<()> {
    let workspace = workspace.clone();
    Callback::new(move |()| action(&workspace))
}

/// How many keys are on show, how many the search hides, and how many on show are unreadable.
fn count_in_words(shown: usize, total: usize, unreadable: usize) -> String {
    let count = match (shown, total) {
        (_, 0) => String::new(),
        (1, 1) => "1 key".to_owned(),
        (shown, total) if shown == total => format!("{total} keys"),
        (shown, total) => {
            format!("{shown} of {total} keys, {} hidden by the search", total - shown)
        }
    };
    match unreadable {
        0 => count,
        unreadable => format!("{count}, {unreadable} unreadable"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_says_what_is_hidden_and_what_cannot_be_read() {
        assert_eq!(count_in_words(12, 12, 1), "12 keys, 1 unreadable");
        assert_eq!(count_in_words(0, 0, 0), "");
        assert_eq!(count_in_words(1, 1, 0), "1 key");
        assert_eq!(count_in_words(12, 12, 0), "12 keys");
        assert_eq!(count_in_words(9, 12, 0), "9 of 12 keys, 3 hidden by the search");
    }
}
