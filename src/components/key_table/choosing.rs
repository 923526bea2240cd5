//! Choosing keys, in the rows and in the head.

use leptos::prelude::*;

use super::listed::Listed;
use crate::domain::key::KeyId;
use crate::domain::table::selection::{Extent, Selection};

/// The chosen keys, among those on show. A handle: copies name the same.
#[derive(Clone, Copy)]
pub(super) struct Choosing {
    pub(super) listed: Listed,
    pub(super) selection: RwSignal<Selection>,
}

impl Choosing {
    /// Chooses this key, or lets it go.
    pub(super) fn toggle(self, id: KeyId) {
        self.selection.update(|it| it.toggle(id));
    }

    /// Does so to all keys from the last one that was toggled to this one.
    pub(super) fn extend(self, id: KeyId) {
        self.selection.update(|it| it.extend(id, &self.listed.keys_on_show()));
    }

    /// Chooses all keys on show, or lets them go.
    pub(super) fn toggle_all(self) {
        self.selection.update(|it| it.toggle_all(&self.listed.keys_on_show()));
    }

    /// How much of what is on show is chosen.
    pub(super) fn extent(self) -> Memo<Extent> {
        Memo::new(move |_| {
            self.selection.with(|selection| {
                if selection.is_empty() {
                    return Extent::None;
                }
                self.listed.follow();
                self.listed.rows().track();
                selection.extent(&self.listed.keys_on_show())
            })
        })
    }
}
