//! How the rows look, and drawing them so.

use contract::Timestamp;
use leptos::html;
use leptos::prelude::*;

use super::listed::Listed;
use super::mounting::{Mounted, Mounting};
use super::row::{Facts, Subject};
use super::rows::Rows;
use super::{FIRST_ROW, UsageColumn};
use crate::domain::key::KeyId;
use crate::domain::table::selection::Selection;
use crate::domain::table::window::Slot;
use crate::domain::usage_board::Look;
use crate::reactive::Effect;

/// All that makes a row look as it does. A handle: copies name the same.
#[derive(Clone, Copy)]
pub(super) struct Appearance {
    pub(super) listed: Listed,
    pub(super) selection: RwSignal<Selection>,
    /// The key that was just made.
    pub(super) fresh: Signal<Option<KeyId>>,
    /// The keys that somebody looks for.
    pub(super) highlighted: Signal<Vec<KeyId>>,
    /// The time from which other times are seen.
    pub(super) now: Signal<Timestamp>,
    pub(super) usage: UsageColumn,
    /// The most requests of one key.
    pub(super) most: Memo<u64>,
}

impl Appearance {
    /// Draws what is mounted into `body`, and anew whenever it looks different.
    pub(super) fn draw(
        self,
        body: NodeRef<html::Tbody>,
        mounting: Mounting,
        mounted: Memo<Mounted>,
    ) {
        Effect::new(move |drawn: Option<Option<Rows>>| {
            let element = body.get();
            let mut drawn = drawn.flatten().or_else(|| Rows::new(element?.into()))?;
            self.listed.follow();
            let row_height = mounting.row_height();
            mounted.with(|it| drawn.draw(&it.entries, row_height, |slot| self.facts(slot)));
            Some(drawn)
        });
    }

    fn facts(self, slot: Slot) -> Option<Facts> {
        let mut subject = self.listed.subject_at(slot.place)?;
        let mut look = Look::Waiting;
        if let Subject::Key { key, chosen, fresh, highlighted } = &mut subject {
            *chosen = self.selection.with(|selection| selection.contains(key.id));
            *fresh = self.fresh.get() == Some(key.id);
            *highlighted = self.highlighted.with(|ids| ids.contains(&key.id));
            if self.usage.is_shown.get() {
                look = self.usage.look(key.id);
            }
        }
        let usage = self.usage.is_shown.get().then(|| (look, self.most.get()));
        Some(Facts { number: slot.place + FIRST_ROW, subject, usage, now: self.now.get() })
    }
}
