//! Asking for what the page of the usage of all keys shows.

use leptos::prelude::*;

use super::ranking::{Ranking, ids};
use crate::domain::key::{ApiKey, KeyId};
use crate::domain::usage_board::{MOST_UNASKED, UsageBoard};
use crate::pages::workspace::Workspace;
use crate::pages::workspace::measuring::InSight;
use crate::reactive::Effect;

/// Asks for the usage of the keys: of those in sight, and then of all others, if they are few or
/// somebody says so. A handle: clones name the same.
#[derive(Clone)]
pub(super) struct Asking {
    workspace: Workspace,
    in_sight: InSight,
    by_name: Memo<Vec<ApiKey>>,
    /// Whether it asks for those that are not in sight, too.
    pub(super) for_all: Memo<bool>,
    /// Whether somebody has said so.
    pub(super) wants_all: RwSignal<bool>,
}

impl Asking {
    /// Asks as long as the current owner lives. The rows `on_page` are in sight.
    pub(super) fn begin(
        workspace: &Workspace,
        ranking: Ranking,
        on_page: Memo<Vec<ApiKey>>,
    ) -> Self {
        let by_name = ranking.by_name;
        let wants_all = RwSignal::new(false);
        let for_all = Memo::new(move |_| by_name.with(Vec::len) <= MOST_UNASKED || wants_all.get());
        let in_sight = InSight::new();
        let asking = Self { workspace: workspace.clone(), in_sight, by_name, for_all, wants_all };
        Effect::new({
            let workspace = workspace.clone();
            move |_| {
                in_sight.set(on_page.with(|keys| ids(keys)));
                workspace.measure(in_sight);
            }
        });
        // Not with each new ranking, which asks for no other keys than the one before.
        Effect::new({
            let asking = asking.clone();
            move |_| asking.go_on()
        });
        workspace.measure_when_seen(in_sight);
        asking
    }

    /// Forgets what is known, and asks for all of it again.
    pub(super) fn begin_anew(&self) {
        self.workspace.front.refresh_keys();
        self.workspace.front.board().update(UsageBoard::forget);
        untrack(|| self.go_on());
    }

    /// Asks again for what did not come.
    pub(super) fn retry(&self, id: KeyId) {
        self.workspace.front.board().update(|board| board.retry(id));
        self.workspace.measure(self.in_sight);
    }

    fn go_on(&self) {
        if self.for_all.get() {
            let all = self.by_name.with(|keys| ids(keys));
            self.workspace.front.board().update_untracked(|board| board.enqueue(all));
        }
        self.workspace.measure(self.in_sight);
    }
}
