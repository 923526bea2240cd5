//! The table with what belongs to it: the way through its pages, what can be done with the chosen
//! keys, and what stands there if no key passes the search and the filters.

use contract::Timestamp;
use leptos::prelude::*;

use super::arrangement::Arrangement;
use super::callback;
use crate::browser::page;
use crate::components::foreign::Foreign;
use crate::components::key_table::{Act, KeyTable, Layout, Pager, UsageColumn};
use crate::components::selection_bar::SelectionBar;
use crate::domain::key::KeyId;
use crate::domain::table::query::Query;
use crate::domain::table::selection::Selection;
use crate::domain::table::window::pages;
use crate::pages::workspace::Front;
use crate::pages::workspace::dialogs::Wish;
use crate::reactive::{heard, redrawn};
use crate::words::{tr, tr_around};

/// What the table shows and does. A handle: copies name the same. It lives as long as the page,
/// however often the table is drawn anew: a table that goes says so to `on_act`.
#[derive(Clone, Copy)]
pub(super) struct Table {
    arrangement: Arrangement,
    is_empty: Memo<bool>,
    fresh: Signal<Option<KeyId>>,
    highlighted: Signal<Vec<KeyId>>,
    now: Signal<Timestamp>,
    usage: UsageColumn,
    on_act: Callback<Act>,
    on_page: Callback<usize>,
    on_widen: Callback<()>,
    on_revoke: Callback<()>,
    on_clear: Callback<()>,
}

impl Table {
    pub(super) fn new(
        front: &Front,
        arrangement: Arrangement,
        usage: UsageColumn,
        is_empty: Memo<bool>,
    ) -> Self {
        let (query, selection) = (arrangement.query, arrangement.selection);
        let on_act = Callback::new({
            let front = front.clone();
            move |act| front.act(act)
        });
        let on_page = Callback::new({
            let front = front.clone();
            move |to| {
                front.ask(Query { page: to, ..query.get_untracked() }, false);
                page::focus("#app h1");
            }
        });
        let on_clear = Callback::new(move |()| {
            selection.update(Selection::clear);
            page::focus("#app h1");
        });
        Self {
            arrangement,
            is_empty,
            fresh: front.fresh(),
            highlighted: front.highlighted(),
            now: front.now(),
            usage,
            on_act,
            on_page,
            on_widen: callback(front, Front::widen),
            on_revoke: callback(front, |front| front.want(Wish::RevokeChosen)),
            on_clear,
        }
    }

    pub(super) fn view(self) -> AnyView {
        redrawn(move || match self.is_empty.get() {
            true => no_match(self.arrangement.query, self.on_widen),
            false => self.rows(),
        })
    }

    fn rows(self) -> AnyView {
        let Self { fresh, highlighted, now, usage, on_act, on_revoke, on_clear, .. } = self;
        let Arrangement { keys, rows, layout, query, selection, chosen, .. } = self.arrangement;
        view! {
            <KeyTable keys rows layout query selection fresh highlighted now usage on_act/>
            {redrawn(move || self.pager())}
            <SelectionBar counts=chosen on_revoke on_clear/>
        }
        .into_any()
    }

    fn pager(self) -> AnyView {
        let (on_page, rows) = (self.on_page, self.arrangement.rows);
        let pages = pages(rows.with(Vec::len));
        match self.arrangement.layout.get() {
            Layout::Page(page) => {
                let page = page.clamp(1, pages);
                view! { <Pager page pages on_page/> }.into_any()
            }
            Layout::Whole | Layout::Window => ().into_any(),
        }
    }
}

/// Search and filters leave nothing, but there are keys.
fn no_match(query: Memo<Query>, on_widen: Callback<()>) -> AnyView {
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
    .into_any()
}
