//! The table of keys.

mod row;
mod rows;

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use contract::Timestamp;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use web_sys::Element;

use self::row::{Facts, MENU, Subject, explain};
use self::rows::Rows;
use crate::browser::timer::Later;
use crate::browser::{popover, table};
use crate::domain::key::{ApiKey, KeyId, KeyList};
use crate::domain::table::arrangement::{Row, RowId};
use crate::domain::table::query::{Column, Query};
use crate::domain::table::selection::{Extent, Selection};
use crate::domain::table::window::{Slot, Viewport, assign, gaps, stage, with_pinned};
use crate::domain::usage_board::{Look, UsageBoard};
use crate::reactive::{Effect, heard, redrawn};
use crate::remote::{Remote, follow, which_answer};
use crate::words::{tr, tr_count, tr_with};

/// The most rows that are drawn at once without a window over them, and the length of a page.
pub const PAGE_LENGTH: usize = 50;

/// How long nothing must change until rows out of sight are drawn: longer than a frame of a scroll on
/// a slow phone, and shorter than it takes to reach for the next thing.
const REST_AFTER: Duration = Duration::from_millis(150);

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
    let viewport = RwSignal::new(table::usual_viewport());
    let focused = RwSignal::new(None::<RowId>);
    // Not with each step of the wait for another list.
    let answer = which_answer(keys);
    let follow_list = move || follow(answer);
    let id_at = move |place: usize| {
        let row = rows.with(|rows| rows.get(place).copied())?;
        keys.with_untracked(|keys| row.id(keys.value()?))
    };
    let ids = move || {
        keys.with_untracked(|keys| {
            let list = keys.value();
            rows.with_untracked(|rows| {
                let id = |row: &Row| row.id(list?);
                rows.iter().filter_map(id).collect::<Vec<_>>()
            })
        })
    };
    let rest = RwSignal::new(());
    let mounted = Memo::new(move |before: Option<&Mounted>| {
        rest.track();
        let before = before.map(|it| it.entries.as_slice()).unwrap_or_default();
        let before: Vec<Slot> = before.iter().filter_map(|entry| entry.slot).collect();
        follow_list();
        let total = rows.with(Vec::len);
        let place_of = |id: RowId| {
            keys.with_untracked(|keys| {
                let list = keys.value()?;
                rows.with(|rows| rows.iter().position(|row| row.id(list) == Some(id)))
            })
        };
        let pinned = focused.get().and_then(place_of);
        // Without gaps, fewer rows make a shorter page: only when nobody can have scrolled in it.
        let from_the_top = |all: Range<usize>| {
            let near = all.start..all.start + viewport.get_untracked().near(all.len()).end;
            stage(0..1, near, all, |_| !before.is_empty())
        };
        let (window, is_all) = match layout.get() {
            Layout::Whole => from_the_top(0..total),
            Layout::Page(page) => from_the_top(page_rows(page, total)),
            Layout::Window => {
                let seen = viewport.get();
                let is_mounted =
                    |at| before.iter().any(|it| it.place == at && id_at(at) == Some(it.shows));
                stage(seen.in_sight(total), seen.near(total), seen.around(total), is_mounted)
            }
        };
        let is_window = layout.get() == Layout::Window;
        let places = with_pinned(window.clone(), pinned.filter(|_| is_window));
        let wanted: Vec<_> = places.into_iter().filter_map(|at| Some((at, id_at(at)?))).collect();
        let slots = assign(&before, &wanted);
        let total = if is_window { total } else { window.end };
        Mounted { entries: entries(&slots, total, window.start, is_window), is_all }
    });
    // A later draw takes the place of the one before.
    Effect::new(move |_: Option<Option<Later>>| {
        let is_all = mounted.with(|it| it.is_all);
        (!is_all).then(|| {
            Later::after(REST_AFTER, move || {
                rest.try_set(());
            })
        })
    });
    follow_the_window(body, viewport, layout, rows);
    let UsageColumn { is_shown: shows_usage, board, excuse, drawn } = usage;
    Effect::new(move |_| {
        if shows_usage.get() {
            let key = |entry: &Entry| match entry.slot?.shows {
                RowId::Key(id) => Some(id),
                RowId::Unreadable(_) => None,
            };
            let now: Vec<KeyId> = mounted.with(|it| it.entries.iter().filter_map(key).collect());
            if drawn.with_untracked(|before| *before != now) {
                drawn.set(now);
            }
        }
    });
    let most = Memo::new(move |_| {
        follow_list();
        keys.with_untracked(|keys| {
            board.with(|board| board.tally(keys.value().into_iter().flat_map(|it| &it.keys)).most)
        })
    });

    let facts = move |slot: Slot| {
        let row = rows.with(|rows| rows.get(slot.place).copied())?;
        let mut subject = keys.with_untracked(|keys| Subject::of(row, keys.value()?))?;
        let mut look = Look::Waiting;
        if let Subject::Key { key, chosen, fresh: is_fresh, highlighted: is_highlighted } =
            &mut subject
        {
            *chosen = selection.with(|selection| selection.contains(key.id));
            *is_fresh = fresh.get() == Some(key.id);
            *is_highlighted = highlighted.with(|ids| ids.contains(&key.id));
            if shows_usage.get() {
                look = match board.with(|board| board.look(key.id).clone()) {
                    Look::Waiting if excuse.with(|why| !why.is_empty()) => {
                        Look::Failed(excuse.get())
                    }
                    look => look,
                };
            }
        }
        let usage = shows_usage.get().then(|| (look, most.get()));
        // The header is the first row.
        Some(Facts { number: slot.place + 2, subject, usage, now: now.get() })
    };
    Effect::new(move |drawn: Option<Option<Rows>>| {
        let element = body.get();
        let mut drawn = drawn.flatten().or_else(|| Rows::new(element?.into()))?;
        follow_list();
        let row_height = viewport.with(|it| it.row_height);
        mounted.with(|it| drawn.draw(&it.entries, row_height, facts));
        Some(drawn)
    });

    let key_of = move |element: &Element| {
        let id = key_id(element)?;
        keys.with_untracked(|keys| keys.value()?.keys.iter().find(|key| key.id == id).cloned())
    };
    let menu_of = StoredValue::new(None::<ApiKey>);
    let shown_ids = move || key_ids(&ids());
    let click = move |event: ev::MouseEvent| {
        let Some(control) = table::closest(&event, "[data-action]") else {
            return;
        };
        let action = control.dataset().get("action").unwrap_or_default();
        let key = table::closest(&event, "tr").and_then(|row| key_of(&row));
        match (action.as_str(), key) {
            ("choose", Some(key)) => selection.update(|it| match event.shift_key() {
                true => it.extend(key.id, &shown_ids()),
                false => it.toggle(key.id),
            }),
            ("choose-all", _) => selection.update(|it| it.toggle_all(&shown_ids())),
            ("revoke", Some(key)) => on_act.run(Act::Revoke(key)),
            ("more", Some(key)) => {
                menu_of.set_value(Some(key));
                popover::place_beside(MENU, &control);
            }
            (sort, None) => {
                if let Some(column) = Column::ALL.into_iter().find(|it| it.as_str() == sort) {
                    on_act.run(Act::Sort(column));
                }
            }
            _ => {}
        }
    };
    let copy = move |event: ev::MouseEvent| {
        let control = table::closest(&event, "[data-copy]");
        let part = match control.and_then(|it| it.dataset().get("copy")).as_deref() {
            Some("name") => Part::Name,
            Some("uuid") => Part::Uuid,
            Some("mask") => Part::Mask,
            _ => return,
        };
        popover::close(MENU);
        if let Some(key) = menu_of.get_value() {
            on_act.run(Act::Copy(key, part));
        }
    };
    let keydown = move |event: ev::KeyboardEvent| {
        let Some(body) = body.get_untracked() else {
            return;
        };
        if event.key() == "Escape" {
            return dismiss_tooltip(&event);
        }
        let Some(row) = table::closest(&event, "tr[data-row]") else {
            return;
        };
        let number = row.get_attribute("aria-rowindex").and_then(|it| it.parse::<usize>().ok());
        let last = rows.with_untracked(Vec::len) + 1;
        let to = match (event.key().as_str(), event.ctrl_key(), number) {
            ("ArrowDown", false, Some(number)) => number + 1,
            ("ArrowUp", false, Some(number)) => number - 1,
            ("Home", true, _) => 2,
            ("End", true, _) => last,
            _ => return,
        };
        if !(2..=last).contains(&to) || event.alt_key() || event.meta_key() {
            return;
        }
        event.prevent_default();
        let control = control_number(&row, &event);
        if event.shift_key()
            && control == Some(0)
            && let Some(RowId::Key(id)) = untrack(|| id_at(to - 2))
        {
            selection.update(|it| it.extend(id, &shown_ids()));
        }
        move_focus(body.into(), to, control.unwrap_or(0));
    };

    let pointed = StoredValue::new(false);
    // A control that had the focus says so once more when it goes with the table.
    let hold = move || {
        let pointed = pointed.try_get_value().unwrap_or_default();
        let focused = focused.try_get_untracked().flatten().is_some();
        on_act.try_run(Act::Hold(pointed || focused));
    };
    let focusin = move |event: ev::FocusEvent| {
        explain_when(&event);
        let row = table::closest(&event, "tr[data-key]");
        focused.set(row.and_then(|row| key_id(&row)).map(RowId::Key));
        hold();
    };
    let focusout = move |event: ev::FocusEvent| {
        if let Some(control) = table::closest(&event, "[data-dismissed]") {
            // Taking off what is on does not fail.
            let _ = control.remove_attribute("data-dismissed");
        }
        let to = event
            .related_target()
            .and_then(|it| wasm_bindgen::JsCast::dyn_into::<Element>(it).ok());
        if to.and_then(|to| to.closest("tbody").ok().flatten()).is_none() {
            focused.try_set(None);
            hold();
        }
    };
    on_cleanup(move || {
        on_act.try_run(Act::Hold(false));
    });

    let extent = Memo::new(move |_| {
        selection.with(|selection| match selection.is_empty() {
            true => Extent::None,
            false => {
                follow_list();
                rows.track();
                selection.extent(&shown_ids())
            }
        })
    });
    let head = move || {
        let sort = query.with(|query| query.sort);
        let header = |column: Column, title: String| {
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
        };
        let usage_header = shows_usage.get().then(|| {
            view! { <th scope="col" role="columnheader" class="col-usage">{tr("Usage")}</th> }
                .into_any()
        });
        let is_key = |row: &&Row| matches!(row, Row::Key(_));
        let count = rows.with(|rows| rows.iter().filter(is_key).count());
        let all = tr_count(count, "Select {n} key", "Select all {n} keys");
        let shown = all.clone();
        view! {
            <tr role="row" aria-rowindex="1">
                <th scope="col" role="columnheader" class="choose">
                    <label data-label=shown>
                        <input
                            type="checkbox"
                            data-action="choose-all"
                            aria-label=all
                            prop:checked=extent.get() == Extent::All
                            prop:indeterminate=extent.get() == Extent::Some
                        />
                    </label>
                </th>
                {header(Column::Name, tr("Name"))}
                {header(Column::Key, tr("Key"))}
                {header(Column::Created, tr("Created"))}
                {header(Column::LastUsed, tr("Last used"))}
                {usage_header}
                <th scope="col" role="columnheader" class="actions">{tr("Actions")}</th>
            </tr>
        }
        .into_any()
    };
    let menu_item = |part: &'static str, words: String| {
        view! {
            <button type="button" class="button quiet" data-copy=part>{words}</button>
        }
        .into_any()
    };
    view! {
        <table
            class="keys"
            class:windowed=move || layout.get() == Layout::Window
            role="table"
            aria-label=tr("API keys")
            aria-rowcount=move || (rows.with(Vec::len) + 1).to_string()
            on:click=heard(click)
        >
            <thead role="rowgroup">{redrawn(head)}</thead>
            <tbody
                role="rowgroup"
                node_ref=body
                on:keydown=heard(keydown)
                on:focusin=heard(focusin)
                on:focusout=heard(focusout)
                on:mouseover=heard(move |event: ev::MouseEvent| explain_when(&event))
                on:mouseenter=heard(move |_| {
                    pointed.set_value(true);
                    hold();
                })
                on:mouseleave=heard(move |_| {
                    pointed.set_value(false);
                    hold();
                })
            ></tbody>
        </table>
        <div id=MENU class="menu" popover="auto" role="group" aria-label=tr("Copy") on:click=heard(copy)>
            {menu_item("name", tr("Copy name"))}
            {menu_item("uuid", tr("Copy uuid"))}
            {menu_item("mask", tr("Copy masked key"))}
        </div>
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

/// Brings the row of this key into sight, in a table that draws the rows in sight.
pub fn scroll_to_row(place: usize) {
    request_animation_frame(move || {
        let body = document().query_selector("table.keys tbody").ok().flatten();
        if let Some(body) = body {
            table::scroll_to(&body, place);
        }
    });
}

/// What stands in the body, and whether all of that does which is to stand there in the end.
#[derive(Clone, Debug, PartialEq)]
struct Mounted {
    entries: Vec<Entry>,
    is_all: bool,
}

/// A part of the body: a row, or the space of rows that are not mounted.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Entry {
    /// Tells entries apart: an element's number, or one below zero for a gap.
    id: i64,
    slot: Option<Slot>,
    /// The rows that the space is for.
    gap: usize,
}

/// The slots with the gaps between them.
fn entries(slots: &[Slot], total: usize, start: usize, with_gaps: bool) -> Vec<Entry> {
    let (above, after) = gaps(slots, total);
    let mut entries = Vec::with_capacity(slots.len() + 3);
    let mut gap_id = 0;
    let mut push_gap = |entries: &mut Vec<Entry>, gap: usize| {
        if with_gaps && gap > 0 {
            gap_id -= 1;
            entries.push(Entry { id: gap_id, slot: None, gap });
        }
    };
    debug_assert!(with_gaps || slots.first().is_none_or(|slot| slot.place >= start));
    for (slot, gap) in slots.iter().zip(above) {
        push_gap(&mut entries, gap);
        entries.push(Entry { id: slot.element as i64, slot: Some(*slot), gap: 0 });
    }
    push_gap(&mut entries, after);
    entries
}

fn page_rows(page: usize, total: usize) -> Range<usize> {
    let pages = total.div_ceil(PAGE_LENGTH).max(1);
    let start = (page.clamp(1, pages) - 1) * PAGE_LENGTH;
    start..(start + PAGE_LENGTH).min(total)
}

fn key_ids(ids: &[RowId]) -> Vec<KeyId> {
    let key = |id: &RowId| match id {
        RowId::Key(id) => Some(*id),
        RowId::Unreadable(_) => None,
    };
    ids.iter().filter_map(key).collect()
}

fn key_id(row: &Element) -> Option<KeyId> {
    row.get_attribute("data-key")?.parse().ok()
}

/// Measures where the rows stand, whenever they or the window may have moved.
fn follow_the_window(
    body: NodeRef<html::Tbody>,
    viewport: RwSignal<Viewport>,
    layout: Memo<Layout>,
    rows: Memo<Vec<Row>>,
) {
    let measure = move || {
        // A frame may come when the table is gone.
        if layout.try_get_untracked() != Some(Layout::Window) {
            return;
        }
        if let Some(body) = body.try_get_untracked().flatten() {
            let seen = table::viewport(&body);
            if viewport.get_untracked() != seen {
                viewport.set(seen);
            }
        }
    };
    let scrolled = window_event_listener(ev::scroll, move |_| measure());
    let resized = window_event_listener(ev::resize, move |_| measure());
    on_cleanup(move || {
        scrolled.remove();
        resized.remove();
    });
    Effect::new(move |_| {
        body.track();
        layout.track();
        rows.track();
        // Once with the first rows, and once more when they have their height.
        measure();
        request_animation_frame(measure);
    });
}

/// Puts the exact time where the event asks for it.
fn explain_when(event: &web_sys::Event) {
    if let Some(when) = table::closest(event, ".when") {
        explain(&when);
    }
}

/// Hides an exact time without moving pointer or focus (WCAG 2.2, 1.4.13).
fn dismiss_tooltip(event: &ev::KeyboardEvent) {
    if let Some(when) = table::closest(event, ".when:not([data-dismissed])") {
        event.stop_propagation();
        // An attribute of this name is always taken.
        let _ = when.set_attribute("data-dismissed", "");
    }
}

/// What can have the focus in a row.
const CONTROLS: &str = "input, .when, a, button";

/// The place of the event's control among those of its row.
fn control_number(row: &Element, event: &ev::KeyboardEvent) -> Option<u32> {
    let control = table::closest(event, CONTROLS)?;
    let controls = row.query_selector_all(CONTROLS).ok()?;
    (0..controls.length())
        .find(|at| controls.get(*at).is_some_and(|it| control.is_same_node(Some(&it))))
}

/// Gives the focus to a control of the row of this number, which is scrolled to if it has to be
/// mounted first.
fn move_focus(body: Element, number: usize, control: u32) {
    let take = move |body: &Element| {
        let row = body.query_selector(&format!("tr[aria-rowindex=\"{number}\"]")).ok().flatten();
        let controls = row.and_then(|row| row.query_selector_all(CONTROLS).ok());
        let Some(controls) = controls.filter(|it| it.length() > 0) else {
            return false;
        };
        let at = control.min(controls.length() - 1);
        let found = controls
            .get(at)
            .and_then(|it| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(it).ok());
        found.is_some_and(|it| it.focus().is_ok())
    };
    if take(&body) {
        return;
    }
    table::scroll_to(&body, number - 2);
    // One frame for the scroll, one for the rows that it brings.
    request_animation_frame(move || {
        request_animation_frame(move || {
            take(&body);
        });
    });
}
