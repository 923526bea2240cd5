//! What one row shows. A row is plain markup: what is done with it, the table listens for, so that
//! an element can show one key after the other. While it does, only what differs is written.

use contract::Timestamp;
use leptos::prelude::*;
use leptos::tachys::view::Mountable;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, Text};

use crate::browser::format;
use crate::components::foreign::{Foreign, write};
use crate::components::usage_board::bar;
use crate::domain::chart::bars::length;
use crate::domain::key::{ApiKey, EntryFault, KeyList, UnreadableKey};
use crate::domain::names::visible;
use crate::domain::table::arrangement::Row;
use crate::domain::usage_board::Look;
use crate::route::Route;
use crate::words::{fill, tr, tr_with};

/// The id of the menu that every row opens.
pub(super) const MENU: &str = "row-menu";

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
    Key { key: ApiKey, chosen: bool, fresh: bool, highlighted: bool },
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

/// What rows are made from: elements that are copied, and the sentences that a name goes into.
pub(super) struct Mold {
    row: Element,
    when: Element,
    never: Element,
    select: String,
    usage_of: String,
    revoke: String,
    more: String,
}

/// The row of a key, with its parts that change.
pub(super) struct KeyRow {
    row: Element,
    check: HtmlInputElement,
    title: Element,
    name: Text,
    mask: Text,
    created: Cell,
    used: Cell,
    actions: Element,
    link: Element,
    revoke: Element,
    more: Element,
    badge: Option<Element>,
    usage: Option<Element>,
    shown: Option<Facts>,
}

/// A cell with an instant, or with the words that there is none.
struct Cell {
    cell: Element,
    when: Option<When>,
}

/// A past instant: relative in the text, exact (local and UTC) where somebody asks for it.
struct When {
    around: Element,
    time: Element,
    text: Text,
    at: Option<Timestamp>,
}

impl Mold {
    /// Makes it. Nothing if the browser does not build what it was told to.
    pub(super) fn new() -> Option<Self> {
        Some(Self {
            row: built(empty_row())?,
            when: built(empty_when())?,
            never: built(view! { <span class="muted">{tr("Never used")}</span> }.into_any())?,
            select: tr("Select {name}"),
            usage_of: tr("Usage of {name}"),
            revoke: tr("Revoke {name}"),
            more: tr("More for {name}"),
        })
    }
}

impl KeyRow {
    pub(super) fn new(mold: &Mold) -> Option<Self> {
        let row = copy(&mold.row)?;
        let part = |selector| row.query_selector(selector).ok().flatten();
        Some(Self {
            check: part("input")?.dyn_into().ok()?,
            title: part(".key-name")?,
            name: text_in(&part(".key-name bdi")?)?,
            mask: text_in(&part(".col-key bdi")?)?,
            created: Cell { cell: part(".col-created")?, when: None },
            used: Cell { cell: part(".col-last-used")?, when: None },
            actions: part(".actions")?,
            link: part(".actions a")?,
            revoke: part("[data-action=revoke]")?,
            more: part("[data-action=more]")?,
            badge: None,
            usage: None,
            shown: None,
            row,
        })
    }

    pub(super) fn element(&self) -> &Element {
        &self.row
    }

    /// Shows these facts, which are about a key.
    pub(super) fn show(&mut self, mold: &Mold, facts: Facts) {
        if self.shown.as_ref() == Some(&facts) {
            return;
        }
        let before = self.shown.take();
        let before = before.as_ref();
        if before.map(|it| it.number) != Some(facts.number) {
            set(&self.row, "aria-rowindex", &facts.number.to_string());
        }
        if let Subject::Key { key, chosen, fresh, highlighted } = &facts.subject {
            let old = before.and_then(|it| match &it.subject {
                Subject::Key { key, .. } => Some(key),
                Subject::Unreadable(_) => None,
            });
            if old.map(|it| it.id) != Some(key.id) {
                set(&self.row, "data-key", &key.id.to_string());
                set(&self.link, "href", &Route::Key(key.id).to_string());
            }
            if old.map(|it| &it.name) != Some(&key.name) {
                self.name(mold, &key.name);
            }
            if old.map(|it| &it.masked) != Some(&key.masked) {
                write(&self.mask, &key.masked);
            }
            let is_later = before.map(|it| it.now) != Some(facts.now);
            self.created.show(mold, Some(key.created), facts.now, is_later);
            self.used.show(mold, key.last_used, facts.now, is_later);
            self.mark(*chosen, *fresh, *highlighted);
        }
        if before.map(|it| &it.usage) != Some(&facts.usage) {
            self.measure(facts.usage.clone());
        }
        self.shown = Some(facts);
    }

    fn name(&self, mold: &Mold, name: &str) {
        write(&self.name, name);
        let name = visible(name);
        set(&self.title, "title", &name);
        for (element, sentence) in [
            (self.check.as_ref(), &mold.select),
            (&self.link, &mold.usage_of),
            (&self.revoke, &mold.revoke),
            (&self.more, &mold.more),
        ] {
            set(element, "aria-label", &fill(sentence, &[("name", &name)]));
        }
    }

    fn mark(&mut self, chosen: bool, fresh: bool, highlighted: bool) {
        let class = match (highlighted, chosen) {
            (true, true) => "highlighted chosen",
            (true, false) => "highlighted",
            (false, true) => "chosen",
            (false, false) => "",
        };
        if self.row.class_name() != class {
            self.row.set_class_name(class);
        }
        if self.check.checked() != chosen {
            self.check.set_checked(chosen);
        }
        let words = match (fresh, highlighted) {
            (true, _) => tr("Just now"),
            (false, true) => tr("Match"),
            (false, false) => String::new(),
        };
        if let Some(badge) = self.badge.take() {
            badge.remove();
        }
        if !words.is_empty()
            && let Some(badge) = built(view! { <span class="badge">{words}</span> }.into_any())
        {
            append(&self.title, &badge);
            self.badge = Some(badge);
        }
    }

    fn measure(&mut self, usage: Option<(Look, u64)>) {
        if let Some(usage) = self.usage.take() {
            usage.remove();
        }
        self.usage = usage.and_then(|(look, most)| built(usage_cell(look, most)));
        if let Some(usage) = &self.usage {
            insert(&self.row, usage, Some(&self.actions));
        }
    }
}

impl Cell {
    fn show(&mut self, mold: &Mold, at: Option<Timestamp>, now: Timestamp, is_later: bool) {
        match (at, &mut self.when) {
            (Some(at), Some(when)) => when.show(at, now, is_later),
            (Some(at), None) => {
                if let Some(mut when) = When::new(mold) {
                    when.show(at, now, true);
                    self.cell.set_text_content(None);
                    append(&self.cell, &when.around);
                    self.when = Some(when);
                }
            }
            (None, when) => {
                if when.take().is_some() || self.cell.first_element_child().is_none() {
                    self.cell.set_text_content(None);
                    if let Some(never) = copy(&mold.never) {
                        append(&self.cell, &never);
                    }
                }
            }
        }
    }
}

impl When {
    fn new(mold: &Mold) -> Option<Self> {
        let around = copy(&mold.when)?;
        let time = around.first_element_child()?;
        Some(Self { text: text_in(&time)?, time, around, at: None })
    }

    fn show(&mut self, at: Timestamp, now: Timestamp, is_later: bool) {
        let is_other = self.at != Some(at);
        if is_other || is_later {
            self.text.set_data(&format::relative(at, now));
        }
        if is_other {
            self.at = Some(at);
            set(&self.time, "datetime", &at.to_string());
            if let Some(exact) = self.time.next_element_sibling() {
                exact.remove();
                if self.around.matches(":hover, :focus").unwrap_or_default() {
                    explain(&self.around);
                }
            }
        }
    }
}

/// Puts the exact time into an instant, where it was not asked for before.
pub(super) fn explain(when: &Element) {
    let Some(time) = when.first_element_child().filter(|it| it.next_element_sibling().is_none())
    else {
        return;
    };
    let at = time.get_attribute("datetime").and_then(|it| Timestamp::parse(&it).ok());
    let exact = at.and_then(|at| {
        built(
            view! {
                <span class="when-exact" role="tooltip">
                    <span>{format::local(at)}</span>
                    <span>{format::utc(at)}</span>
                </span>
            }
            .into_any(),
        )
    });
    if let Some(exact) = exact {
        append(when, &exact);
    }
}

/// The space of rows that are not mounted.
pub(super) fn gap() -> Option<Element> {
    built(
        view! {
            <tr class="gap" aria-hidden="true">
                // One column wide: a cell over more of them than there are would add the others.
                <td></td>
            </tr>
        }
        .into_any(),
    )
}

/// Gives a gap its height, in CSS pixels.
pub(super) fn stretch(gap: &Element, height: u64) {
    let cell = gap.first_element_child().and_then(|it| it.dyn_into::<HtmlElement>().ok());
    if let Some(cell) = cell {
        // A height is always taken. The attribute `style` is not: the site's policy forbids it.
        let _ = HtmlElement::style(&cell).set_property("height", &format!("{height}px"));
    }
}

/// Puts `element` into `parent`, at its end or before another child.
pub(super) fn insert(parent: &Element, element: &Element, before: Option<&Element>) {
    // It fails for a place that is not there, and then nothing is shown.
    let _ = parent.insert_before(element, before.map(AsRef::as_ref));
}

fn append(parent: &Element, element: &Element) {
    insert(parent, element, None);
}

fn set(element: &Element, name: &str, value: &str) {
    // An attribute of a name from here is always taken.
    let _ = element.set_attribute(name, value);
}

fn copy(element: &Element) -> Option<Element> {
    element.clone_node_with_deep(true).ok()?.dyn_into().ok()
}

/// A text in `element`, which is empty.
fn text_in(element: &Element) -> Option<Text> {
    element.set_text_content(Some("\u{a0}"));
    element.first_child()?.dyn_into().ok()
}

/// The element of a view in which nothing changes.
fn built(view: AnyView) -> Option<Element> {
    view.build().elements().into_iter().next()
}

fn empty_row() -> AnyView {
    view! {
        <tr role="row" data-row="">
            <td role="cell" class="choose">
                <label>
                    <input type={"checkbox"} data-action="choose"/>
                </label>
            </td>
            <th scope="row" role="rowheader" class="key-name">
                <Foreign text=String::new()/>
            </th>
            <td role="cell" class="col-key" data-label=tr("Key")>
                <code translate="no"><Foreign text=String::new()/></code>
            </td>
            <td role="cell" class="col-created" data-label=tr("Created")></td>
            <td role="cell" class="col-last-used" data-label=tr("Last used")></td>
            <td role="cell" class="actions">
                <a class="button quiet">{tr("Usage")}</a>
                <button type="button" class="button quiet danger" data-action="revoke">
                    {tr("Revoke")}
                </button>
                <button
                    type="button"
                    class="button quiet more"
                    data-action="more"
                    popovertarget=MENU
                >
                    {"⋯"}
                </button>
            </td>
        </tr>
    }
    .into_any()
}

fn empty_when() -> AnyView {
    view! {
        <span class="when" tabindex={"0"}>
            <time datetime={""}></time>
        </span>
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

/// An entry that makes no key: what can be read of it, and why there is nothing to be done with it
/// here.
pub(super) fn unreadable(number: usize, entry: &UnreadableKey, has_usage: bool) -> Option<Element> {
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
    let masked = entry.masked.clone().unwrap_or_default();
    let name = entry.name.clone().unwrap_or_default();
    built(
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
                <td role="cell" colspan=if has_usage { "4" } else { "3" } class="muted">
                    {why}
                </td>
            </tr>
        }
        .into_any(),
    )
}
