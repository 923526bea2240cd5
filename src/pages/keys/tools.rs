//! What stands above the table: the search and the filters, the count, and what can be done with
//! the list as a whole.

use leptos::prelude::*;

use super::arrangement::Arrangement;
use super::callback;
use crate::components::key_filters::{KeyFilters, KeyMenus};
use crate::components::key_table::UsageColumn;
use crate::components::refresh::RefreshButton;
use crate::domain::table::export::Format;
use crate::domain::table::query::Query;
use crate::pages::workspace::Front;
use crate::pages::workspace::dialogs::Wish;
use crate::reactive::heard;
use crate::route::Route;
use crate::words::tr;

/// What the tools show and do. A handle: copies name the same. It lives as long as the page,
/// however often they are drawn anew.
#[derive(Clone, Copy)]
pub(super) struct Tools {
    query: Memo<Query>,
    count: Memo<String>,
    /// What an export takes.
    extent: Memo<String>,
    /// Whether a list is awaited.
    pending: Memo<bool>,
    on_query: Callback<(Query, bool)>,
    on_identify: Callback<()>,
    on_export: Callback<Format>,
    on_layout: Callback<bool>,
    on_usage: Callback<bool>,
    on_refresh: Callback<()>,
}

impl Tools {
    pub(super) fn new(
        front: &Front,
        arrangement: Arrangement,
        usage: UsageColumn,
        pending: Memo<bool>,
        on_refresh: Callback<()>,
    ) -> Self {
        let on_query = Callback::new({
            let front = front.clone();
            move |(query, is_typing)| front.ask(query, is_typing)
        });
        let on_export = Callback::new({
            let front = front.clone();
            move |format| front.want(Wish::Export(arrangement.on_show(), format))
        });
        Self {
            query: arrangement.query,
            count: arrangement.count_in_words(),
            extent: arrangement.export_in_words(),
            pending,
            on_query,
            on_identify: callback(front, |front| front.want(Wish::Identify)),
            on_export,
            on_layout: Callback::new(move |is_paged| arrangement.is_paged.set(is_paged)),
            on_usage: Callback::new(move |is_shown| usage.is_shown.set(is_shown)),
            on_refresh,
        }
    }

    /// Those above a table.
    pub(super) fn for_a_table(self) -> AnyView {
        let Self { query, count, extent, on_query, on_identify, .. } = self;
        let Self { on_export, on_layout, on_usage, .. } = self;
        view! {
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
                {self.refresh()}
            </div>
        }
        .into_any()
    }

    /// Those of who has no keys.
    pub(super) fn for_no_keys(self) -> AnyView {
        view! {
            <div class="toolbar">
                <p class={"count"}></p>
                {self.refresh()}
            </div>
        }
        .into_any()
    }

    fn refresh(self) -> AnyView {
        let Self { pending, on_refresh, .. } = self;
        view! { <RefreshButton class="button quiet" pending on_refresh/> }.into_any()
    }
}
