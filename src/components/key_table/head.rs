//! The head: it names the columns, orders the rows by them, and chooses all.

use leptos::prelude::*;

use super::choosing::Choosing;
use crate::domain::table::query::{Column, Query, Sort};
use crate::domain::table::selection::Extent;
use crate::reactive::redrawn;
use crate::words::{tr, tr_count};

/// The row of the headers. What is done with them, the table listens for.
pub(super) fn head(choosing: Choosing, query: Memo<Query>, shows_usage: RwSignal<bool>) -> AnyView {
    let extent = choosing.extent();
    redrawn(move || {
        let sort = query.with(|query| query.sort);
        let usage = shows_usage.get().then(|| {
            view! { <th scope="col" role="columnheader" class="col-usage">{tr("Usage")}</th> }
                .into_any()
        });
        let all = choose_all(choosing.listed.count_of_keys(), extent);
        view! {
            <tr role="row" aria-rowindex="1">
                <th scope="col" role="columnheader" class="choose">{all}</th>
                {header(Column::Name, tr("Name"), sort)}
                {header(Column::Key, tr("Key"), sort)}
                {header(Column::Created, tr("Created"), sort)}
                {header(Column::LastUsed, tr("Last used"), sort)}
                {usage}
                <th scope="col" role="columnheader" class="actions">{tr("Actions")}</th>
            </tr>
        }
        .into_any()
    })
}

fn header(column: Column, title: String, sort: Sort) -> AnyView {
    let sorted = match (sort.by == column, sort.descending) {
        (false, _) => "none",
        (true, false) => "ascending",
        (true, true) => "descending",
    };
    view! {
        <th
            scope="col"
            role="columnheader"
            class=format!("col-{}", column.as_str())
            aria-sort=sorted
        >
            <button type="button" class="sort" data-action=column.as_str()>
                {title}
            </button>
        </th>
    }
    .into_any()
}

fn choose_all(count: usize, extent: Memo<Extent>) -> AnyView {
    let all = tr_count(count, "Select {n} key", "Select all {n} keys");
    let shown = all.clone();
    view! {
        <label data-label=shown>
            <input
                type="checkbox"
                data-action="choose-all"
                aria-label=all
                prop:checked=extent.get() == Extent::All
                prop:indeterminate=extent.get() == Extent::Some
            />
        </label>
    }
    .into_any()
}
