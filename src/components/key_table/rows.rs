//! The rows in the document: elements that are put to use again and again.
//!
//! They are drawn by hand and not by a view: a view that is drawn anew writes all of its parts, and
//! each step of a scroll draws every row anew.

use std::collections::{HashMap, HashSet};

use leptos::prelude::document;
use web_sys::Element;

use super::row::{Facts, KeyRow, Mold, Subject, gap, insert, stretch, unreadable};
use crate::domain::table::arrangement::RowId;
use crate::domain::table::window::{Entry, Slot};

/// What stands in a table body, which nobody else writes to.
pub(super) struct Rows {
    body: Element,
    mold: Mold,
    /// The elements, by the numbers of entries.
    shown: HashMap<i64, Shown>,
    /// Their order in the document.
    order: Vec<i64>,
    /// What has been taken out of the document, to be put to use again.
    spare: Vec<KeyRow>,
}

/// An element and what it shows.
struct Shown {
    what: Option<RowId>,
    content: Content,
    /// Whether it shows what it has shown before, so that a pointer or the focus may be in it.
    stays: bool,
}

enum Content {
    Key(KeyRow),
    Unreadable(Element, Facts),
    /// With its height in CSS pixels.
    Gap(Element, u64),
}

impl Rows {
    /// The rows of `body`, which is empty.
    pub(super) fn new(body: Element) -> Option<Self> {
        let (mold, shown) = (Mold::new()?, HashMap::new());
        Some(Self { body, mold, shown, order: Vec::new(), spare: Vec::new() })
    }

    /// Shows `entries`, in their order. `row_height` is the height of a row that is not mounted, in
    /// CSS pixels.
    pub(super) fn draw(
        &mut self,
        entries: &[Entry],
        row_height: f64,
        facts: impl Fn(Slot) -> Option<Facts>,
    ) {
        let mut wanted = Vec::with_capacity(entries.len());
        for entry in entries {
            let is_there = match entry.slot {
                None => self.show_gap(entry.id, (entry.gap as f64 * row_height) as u64),
                Some(slot) => match facts(slot) {
                    Some(facts) => self.show(entry.id, slot.shows, facts),
                    None => false,
                },
            };
            if is_there {
                wanted.push(entry.id);
            }
        }
        self.put(&wanted);
    }

    fn show(&mut self, id: i64, what: RowId, facts: Facts) -> bool {
        let before = self.shown.remove(&id);
        let stays = before.as_ref().is_some_and(|it| it.what == Some(what));
        let content = match (&facts.subject, before.map(|it| it.content)) {
            (Subject::Key { .. }, Some(Content::Key(mut row))) => {
                row.show(&self.mold, facts);
                Some(Content::Key(row))
            }
            (Subject::Unreadable(_), Some(Content::Unreadable(element, shown)))
                if shown == facts =>
            {
                Some(Content::Unreadable(element, shown))
            }
            (_, before) => {
                if let Some(before) = before {
                    self.take_off(id, before.element());
                }
                self.made(facts)
            }
        };
        let is_there = content.is_some();
        if let Some(content) = content {
            self.shown.insert(id, Shown { what: Some(what), content, stays });
        }
        is_there
    }

    fn made(&mut self, facts: Facts) -> Option<Content> {
        if let Subject::Unreadable(entry) = &facts.subject {
            let element = unreadable(facts.number, entry, facts.usage.is_some())?;
            return Some(Content::Unreadable(element, facts));
        }
        let mut row = self.spare.pop().or_else(|| KeyRow::new(&self.mold))?;
        row.show(&self.mold, facts);
        Some(Content::Key(row))
    }

    fn show_gap(&mut self, id: i64, height: u64) -> bool {
        if let Some(Shown { content: Content::Gap(element, before), .. }) = self.shown.get_mut(&id)
        {
            if *before != height {
                stretch(element, height);
                *before = height;
            }
            return true;
        }
        let Some(element) = gap() else {
            return false;
        };
        stretch(&element, height);
        let content = Content::Gap(element, height);
        self.shown.insert(id, Shown { what: None, content, stays: false });
        true
    }

    fn take_off(&mut self, id: i64, element: &Element) {
        element.remove();
        self.order.retain(|it| *it != id);
    }

    /// Brings the elements into this order, and takes off all others. What has the focus is not
    /// touched, because it would lose it; of the rest, no more than needs to.
    fn put(&mut self, wanted: &[i64]) {
        if self.order != wanted {
            let focused = self.focused(wanted);
            let shown = &self.shown;
            let element = |id: i64| shown.get(&id).map(|it| it.content.element());
            let stays = |id: i64| shown.get(&id).is_some_and(|it| it.stays);
            let mut off = HashSet::new();
            let mut at = 0;
            for id in wanted {
                let keeps = focused == Some(*id) || stays(*id);
                while let Some(next) = self.order.get(at)
                    && next != id
                {
                    // What stays waits for its turn, unless it is in the way of the focus.
                    let makes_way = keeps && (focused == Some(*id) || !stays(*next));
                    if !off.contains(next) && !makes_way {
                        break;
                    }
                    if off.insert(*next)
                        && let Some(element) = element(*next)
                    {
                        element.remove();
                    }
                    at += 1;
                }
                if self.order.get(at) == Some(id) && !off.contains(id) {
                    at += 1;
                } else if let Some(moved) = element(*id) {
                    let before = self.order.get(at).and_then(|next| element(*next));
                    insert(&self.body, moved, before);
                    off.insert(*id);
                }
            }
            for id in &self.order[at..] {
                if !off.contains(id)
                    && let Some(element) = element(*id)
                {
                    element.remove();
                }
            }
            self.order = wanted.to_vec();
            let gone = self.shown.extract_if(|id, _| !wanted.contains(id));
            self.spare.extend(gone.filter_map(|(_, shown)| match shown.content {
                Content::Key(row) => Some(row),
                Content::Unreadable(..) | Content::Gap(..) => None,
            }));
        }
    }

    /// The one of `wanted` that has the focus in it.
    fn focused(&self, wanted: &[i64]) -> Option<i64> {
        let focus = document().active_element()?;
        self.body.contains(Some(&focus)).then_some(())?;
        let has_it = |id: &&i64| {
            let shown = self.shown.get(*id);
            shown.is_some_and(|it| it.content.element().contains(Some(&focus)))
        };
        wanted.iter().find(has_it).copied()
    }
}

impl Content {
    fn element(&self) -> &Element {
        match self {
            Self::Key(row) => row.element(),
            Self::Unreadable(element, _) | Self::Gap(element, _) => element,
        }
    }
}
