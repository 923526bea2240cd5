//! The table of keys.

mod appearance;
mod choosing;
mod clicks;
mod copy_menu;
mod head;
mod holding;
mod keyboard;
mod listed;
mod mounting;
mod row;
mod rows;
mod tooltip;
mod usage;

use std::sync::Arc;

use contract::Timestamp;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use web_sys::Element;

use self::appearance::Appearance;
use self::choosing::Choosing;
use self::clicks::Clicks;
use self::copy_menu::CopyMenu;
use self::head::head;
use self::holding::Holding;
use self::keyboard::Keyboard;
use self::listed::Listed;
use self::mounting::Mounting;
use crate::browser::table;
use crate::domain::key::{ApiKey, KeyId, KeyList};
use crate::domain::table::arrangement::{Row, RowId};
use crate::domain::table::query::{Column, Query};
use crate::domain::table::selection::Selection;
use crate::domain::usage_board::UsageBoard;
use crate::reactive::heard;
use crate::remote::Remote;
use crate::words::{tr, tr_with};

/// The number of the first row for assistive technology, which counts from 1 on: the header comes
/// before it.
const FIRST_ROW: usize = 2;

/// So many frames may pass until a row is mounted: more than a table waits that was just drawn.
const MOUNTED_WITHIN: u32 = 60;

/// Which of the rows are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// All: there are few.
    Whole,
    /// Those of one page, from 1 on.
    Page(usize),
    /// Those in sight.
    Window,
}

/// What the user wants of the table.
#[derive(Clone, Debug)]
pub enum Act {
    /// Another order: this column's header was pressed.
    Sort(Column),
    /// To revoke this key.
    Revoke(ApiKey),
    /// To have this part of a key on the clipboard.
    Copy(ApiKey, Part),
    /// Nothing may move (`true`): a pointer or the focus is on the rows.
    Hold(bool),
}

/// A part of a key that can be copied; none of them is secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The name.
    Name,
    /// The uuid.
    Uuid,
    /// The masked key.
    Mask,
}

/// The column of usage.
#[derive(Clone, Copy, Debug)]
pub struct UsageColumn {
    /// Whether it is there.
    pub is_shown: RwSignal<bool>,
    /// What is known of the keys.
    pub board: RwSignal<UsageBoard>,
    /// Why nobody asks for what is not known; empty as long as somebody does.
    pub excuse: Signal<String>,
    /// The keys whose rows are drawn while it is there, which are to be asked for.
    pub drawn: RwSignal<Vec<KeyId>>,
}

/// One row per key. On a narrow screen the rows become cards; the roles are written out because
/// browsers drop a table's meaning when its display changes. A long table draws the rows in sight
/// and says to assistive technology how many there are.
#[component]
pub fn KeyTable(
    /// The list, which `rows` are places of.
    keys: Signal<Remote<Arc<KeyList>>>,
    /// The rows, in their order.
    rows: Memo<Vec<Row>>,
    /// Which of them are drawn.
    layout: Memo<Layout>,
    /// What was asked of the table, for the headers.
    query: Memo<Query>,
    /// The chosen keys.
    selection: RwSignal<Selection>,
    /// The key that was just made, which is marked.
    fresh: Signal<Option<KeyId>>,
    /// The keys that somebody looks for.
    highlighted: Signal<Vec<KeyId>>,
    /// The time from which other times are seen.
    now: Signal<Timestamp>,
    /// The column of usage.
    usage: UsageColumn,
    /// The user wants something.
    on_act: Callback<Act>,
) -> impl IntoView {
    let body = NodeRef::<html::Tbody>::new();
    let listed = Listed::new(keys, rows);
    let focused = RwSignal::new(None::<RowId>);
    let mounting = Mounting::new(listed, layout, focused);
    let mounted = mounting.mounted();
    mounting.follow_the_window(body);
    usage.tell_what_is_drawn(mounted);
    let most = usage.most(listed);
    let appearance = Appearance { listed, selection, fresh, highlighted, now, usage, most };
    appearance.draw(body, mounting, mounted);

    let choosing = Choosing { listed, selection };
    let menu = CopyMenu::new(on_act);
    let clicks = Clicks { choosing, menu, on_act };
    let keyboard = Keyboard { body, choosing };
    let holding = Holding::new(focused, on_act);
    view! {
        <table
            class="keys"
            class:windowed=move || layout.get() == Layout::Window
            class:with-usage=move || usage.is_shown.get()
            role="table"
            aria-label=tr("API keys")
            aria-rowcount=move || (listed.count() + 1).to_string()
            on:click=heard(move |event| clicks.hear(&event))
        >
            <thead role="rowgroup">{head(choosing, query, usage.is_shown)}</thead>
            <tbody
                role="rowgroup"
                node_ref=body
                on:keydown=heard(move |event| keyboard.hear(&event))
                on:focusin=heard(move |event| holding.focus(&event))
                on:focusout=heard(move |event| holding.blur(&event))
                on:mouseover=heard(move |event: ev::MouseEvent| tooltip::show(&event))
                on:mouseenter=heard(move |_| holding.point(true))
                on:mouseleave=heard(move |_| holding.point(false))
            ></tbody>
        </table>
        {menu.view()}
    }
}

/// The way through the pages of a table.
#[component]
pub fn Pager(
    /// The page on show, from 1 on.
    page: usize,
    /// How many there are.
    pages: usize,
    /// The user wants to see another page.
    on_page: Callback<usize>,
) -> impl IntoView {
    let (shown, of) = (page.to_string(), pages.to_string());
    let step = |words: String, to: Option<usize>| {
        let is_end = to.is_none();
        let click = move |_: ev::MouseEvent| {
            if let Some(to) = to {
                on_page.run(to);
            }
        };
        view! {
            <button
                type="button"
                class="button"
                aria-disabled=is_end.then_some("true")
                on:click=heard(click)
            >
                {words}
            </button>
        }
        .into_any()
    };
    view! {
        <nav class="pager" aria-label=tr("Pages")>
            {step(tr("Previous page"), (page > 1).then(|| page - 1))}
            <p aria-current="page">
                {tr_with("Page {page} of {pages}", &[("page", &shown), ("pages", &of)])}
            </p>
            {step(tr("Next page"), (page < pages).then(|| page + 1))}
        </nav>
    }
}

/// Rows of the final height while the first answer is awaited. It fades in late, so that a quick
/// answer shows no flicker.
#[component]
pub fn KeyTableSkeleton() -> impl IntoView {
    view! {
        <div class="skeleton" aria-hidden="true">
            {(0..4).map(|_| view! { <div class={"skeleton-row"}></div> }).collect_view()}
        </div>
    }
}

/// Brings the row at this place, which is mounted or about to be, into sight.
pub fn scroll_to_row(place: usize) {
    scroll_to(place, MOUNTED_WITHIN);
}

fn scroll_to(place: usize, frames: u32) {
    request_animation_frame(move || {
        let body = document().query_selector("table.keys tbody").ok().flatten();
        let is_in_sight =
            body.is_some_and(|body| table::bring_into_sight(&body, place, place + FIRST_ROW));
        if !is_in_sight && frames > 0 {
            scroll_to(place, frames - 1);
        }
    });
}

/// The key that a row of the document shows.
fn key_id(row: &Element) -> Option<KeyId> {
    row.get_attribute("data-key")?.parse().ok()
}
