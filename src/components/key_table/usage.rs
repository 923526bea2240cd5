//! The column of usage: what it shows, and whose usage it is to show.

use leptos::prelude::*;

use super::UsageColumn;
use super::listed::Listed;
use super::mounting::Mounted;
use crate::domain::key::KeyId;
use crate::domain::usage_board::Look;
use crate::reactive::Effect;

impl UsageColumn {
    /// Tells whose rows are drawn, as long as the column is there.
    pub(super) fn tell_what_is_drawn(self, mounted: Memo<Mounted>) {
        Effect::new(move |_| {
            if self.is_shown.get() {
                let now = mounted.with(Mounted::keys);
                if self.drawn.with_untracked(|before| *before != now) {
                    self.drawn.set(now);
                }
            }
        });
    }

    /// The most requests of one key, which all the others are drawn beside.
    pub(super) fn most(self, listed: Listed) -> Memo<u64> {
        Memo::new(move |_| {
            listed.follow();
            let most = listed.read(|list| Some(self.board.with(|it| it.tally(&list.keys).most)));
            most.unwrap_or_default()
        })
    }

    /// What is known of this key; if nobody asks for it, why not.
    pub(super) fn look(self, id: KeyId) -> Look {
        match self.board.with(|board| board.look(id).clone()) {
            Look::Waiting if self.excuse.with(|why| !why.is_empty()) => {
                Look::Failed(self.excuse.get())
            }
            look => look,
        }
    }
}
