//! What one row shows. A row is plain markup: what is done with it, the table listens for, so that
//! an element can show one key after the other.

use contract::Timestamp;
use leptos::prelude::*;

use crate::browser::format;
use crate::components::foreign::Foreign;
use crate::components::usage_board::bar;
use crate::domain::chart::bars::length;
use crate::domain::key::{ApiKey, EntryFault, KeyList, UnreadableKey};
use crate::domain::names::visible;
use crate::domain::table::arrangement::Row;
use crate::domain::usage_board::Look;
use crate::route::Route;
use crate::words::{tr, tr_with};

/// The id of the menu that every row opens.
pub(super) const MENU: &str = "row-menu";

/// How many columns there are at most.
pub(super) const COLUMNS: &str = "7";

/// What is to be seen in a row; equal facts look the same.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Facts {
    /// The row's number for assistive technology, from 1 on, with the header as the first row.
    pub(super) number: usize,
    pub(super) subject: Subject,
    /// If the column of usage is there: what is known of it, and the most requests of one key.
    pub(super) usage: Option<(Look, u64)>,
    /// The time from which other times are seen.
    pub(super) now: Timestamp,
}

/// What a row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// Rows that are not mounted, as many as these.
    Gap(usize),
    Key {
        key: ApiKey,
        chosen: bool,
        fresh: bool,
        highlighted: bool,
    },
    Unreadable(UnreadableKey),
}

impl Subject {
    /// The subject of a row of `list`.
    pub(super) fn of(row: Row, list: &KeyList) -> Option<Self> {
        match row {
            Row::Key(at) => list.keys.get(at).map(|key| Self::Key {
                key: key.clone(),
                chosen: false,
                fresh: false,
                highlighted: false,
            }),
            Row::Unreadable(at) => list.unreadable.get(at).cloned().map(Self::Unreadable),
        }
    }
}

/// The row. `row_height` is the height of those that are not mounted, in CSS pixels.
pub(super) fn row(facts: Facts, row_height: f64) -> AnyView {
    let Facts { number, subject, usage, now } = facts;
    match subject {
        Subject::Gap(rows) => gap(rows as f64 * row_height),
        Subject::Unreadable(entry) => unreadable(number, entry, usage.is_some()),
        Subject::Key { key, chosen, fresh, highlighted } => {
            key_row(number, key, [chosen, fresh, highlighted], usage, now)
        }
    }
}

fn gap(height: f64) -> AnyView {
    let height = format!("{}px", height as u64);
    view! {
        <tr class="gap" aria-hidden="true">
            <td colspan=COLUMNS style:height=height></td>
        </tr>
    }
    .into_any()
}

fn key_row(
    number: usize,
    key: ApiKey,
    marks: [bool; 3],
    usage: Option<(Look, u64)>,
    now: Timestamp,
) -> AnyView {
    let [chosen, fresh, highlighted] = marks;
    let name = visible(&key.name).into_owned();
    let named = [("name", name.as_str())];
    let class = match (highlighted, chosen) {
        (true, _) => "highlighted",
        (false, true) => "chosen",
        (false, false) => "",
    };
    let badge = match (fresh, highlighted) {
        (true, _) => tr("Just now"),
        (false, true) => tr("Match"),
        (false, false) => String::new(),
    };
    let used = match key.last_used {
        Some(at) => when(at, now),
        None => view! { <span class="muted">{tr("Never used")}</span> }.into_any(),
    };
    let address = Route::Key(key.id).to_string();
    view! {
        <tr
            role="row"
            class=class
            data-row=""
            data-key=key.id.to_string()
            aria-rowindex=number.to_string()
        >
            <td role="cell" class="choose">
                <label>
                    <input
                        type="checkbox"
                        data-action="choose"
                        aria-label=tr_with("Select {name}", &named)
                        prop:checked=chosen
                    />
                </label>
            </td>
            <th scope="row" role="rowheader" class="key-name" title=name.clone()>
                <Foreign text=key.name/>
                <span class="badge">{badge}</span>
            </th>
            <td role="cell" class="col-key" data-label=tr("Key")>
                <code translate="no"><Foreign text=key.masked/></code>
            </td>
            <td role="cell" class="col-created" data-label=tr("Created")>{when(key.created, now)}</td>
            <td role="cell" class="col-last-used" data-label=tr("Last used")>{used}</td>
            {usage.map(|(look, most)| usage_cell(look, most))}
            <td role="cell" class="actions">
                <a class="button quiet" href=address aria-label=tr_with("Usage of {name}", &named)>
                    {tr("Usage")}
                </a>
                <button
                    type="button"
                    class="button quiet danger"
                    data-action="revoke"
                    aria-label=tr_with("Revoke {name}", &named)
                >
                    {tr("Revoke")}
                </button>
                <button
                    type="button"
                    class="button quiet more"
                    data-action="more"
                    popovertarget=MENU
                    aria-label=tr_with("More for {name}", &named)
                >
                    {"⋯"}
                </button>
            </td>
        </tr>
    }
    .into_any()
}

/// How much the key was used, beside the one that was used most.
fn usage_cell(look: Look, most: u64) -> AnyView {
    let (failure, content) = match look {
        Look::Known(usage) => {
            let failed = (usage.failed > 0)
                .then(|| tr_with("{number} failed", &[("number", &format::whole(usage.failed))]));
            let content = view! {
                <span>{format::whole(usage.completed)}</span>
                <span class="unseen">{failed}</span>
                {bar(&usage, length(usage.completed as f64, most as f64))}
            };
            (None, content.into_any())
        }
        Look::Failed(why) => (Some(why.clone()), view! { <Foreign text=why/> }.into_any()),
        Look::Waiting | Look::Loading => {
            let content = view! {
                <span aria-hidden="true">{"…"}</span>
                <span class="unseen">{tr("Loading…")}</span>
            };
            (None, content.into_any())
        }
    };
    view! {
        <td
            role="cell"
            class="col-usage"
            class:failed=failure.is_some()
            data-label=tr("Usage")
            title=failure
        >
            {content}
        </td>
    }
    .into_any()
}

/// A past instant: relative in the text, exact (local and UTC) on hover, focus and tap.
fn when(at: Timestamp, now: Timestamp) -> AnyView {
    view! {
        <span class="when" tabindex="0">
            <time datetime=at.to_string()>{format::relative(at, now)}</time>
            <span class="when-exact" role="tooltip">
                <span>{format::local(at)}</span>
                <span>{format::utc(at)}</span>
            </span>
        </span>
    }
    .into_any()
}

/// An entry that makes no key: what can be read of it, and why there is nothing to be done with it
/// here.
fn unreadable(number: usize, entry: UnreadableKey, has_usage: bool) -> AnyView {
    let why = match entry.fault {
        EntryFault::Malformed => {
            tr("The Key API sent this entry in a form that this page cannot read, so it can be \
             neither opened nor revoked here.")
        }
        EntryFault::Repeated => tr(
            "The Key API sent a second entry with the uuid of another key, so it cannot be told \
             which of the two would be opened or revoked.",
        ),
    };
    let masked = entry.masked.unwrap_or_default();
    let name = entry.name.unwrap_or_default();
    view! {
        <tr role="row" class="unreadable" data-row="" aria-rowindex=number.to_string()>
            <td role="cell" class={"choose"}></td>
            <th scope="row" role="rowheader" class="key-name">
                <span class="badge">{tr("Unreadable entry")}</span>
                <Foreign text=name/>
            </th>
            <td role="cell" class="col-key" data-label=tr("Key")>
                <code translate="no"><Foreign text=masked/></code>
            </td>
            <td role="cell" colspan=if has_usage { "4" } else { "3" } class="muted">{why}</td>
        </tr>
    }
    .into_any()
}
