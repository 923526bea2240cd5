//! Asking for the usage of many keys: a few at a time, those in sight first, and only while the
//! board is looked at.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Front, Workspace};
use crate::browser::{online, page};
use crate::domain::key::KeyId;
use crate::domain::usage_board::{Measure, UsageBoard};
use crate::reactive::Effect;
use crate::route::Route;

/// The keys of the board that are in sight. While somebody holds one, the others are asked for too.
#[derive(Clone, Copy)]
pub(in crate::pages) struct InSight(StoredValue<Vec<KeyId>>);

impl InSight {
    /// Nothing yet.
    pub(in crate::pages) fn new() -> Self {
        Self(StoredValue::new(Vec::new()))
    }

    /// These are.
    pub(in crate::pages) fn set(self, ids: Vec<KeyId>) {
        self.0.set_value(ids);
    }
}

impl Front {
    /// What is known of the usage of all keys.
    pub(in crate::pages) fn board(&self) -> RwSignal<UsageBoard> {
        self.board
    }
}

impl Workspace {
    /// By what the address ranks the keys.
    pub(in crate::pages) fn measure_asked_for(&self) -> Memo<Measure> {
        let route = self.front.route;
        Memo::new(move |_| match route.get() {
            Route::Usage(measure) => measure,
            _ => Measure::default(),
        })
    }

    /// Ranks the keys by this, in the address too.
    pub(in crate::pages) fn ask_measure(&self, measure: Measure) {
        let route = Route::Usage(measure);
        page::push_hash(&route.to_string());
        self.front.route.set(route);
    }

    /// Asks for what waits on the board, as long as somebody looks: not after the page with what is
    /// `in_sight` has gone, and not while the window is hidden or offline.
    pub(in crate::pages) fn measure(&self, in_sight: InSight) {
        loop {
            let Some(ids) = in_sight.0.try_get_value() else {
                return;
            };
            if document().hidden() || !online::is_online() {
                return;
            }
            // Only who takes a key from the board changes it.
            let next = self.front.board.try_update_untracked(|board| board.next(&ids)).flatten();
            let Some(id) = next else {
                return;
            };
            let workspace = self.clone();
            spawn_local(async move {
                let usage = workspace.usage_of(id).await.map_err(|error| error.to_string());
                if workspace.front.board.try_update(|board| board.settle(id, usage)).is_some() {
                    workspace.measure(in_sight);
                }
            });
        }
    }

    /// Asks for the usage of the rows that are drawn, for as long as its column is there.
    pub(super) fn follow_the_column(&self) {
        let (workspace, column) = (self.clone(), self.front.column);
        Effect::new(move |_| {
            let Some(column) = column.get().filter(|column| column.is_shown.get()) else {
                return;
            };
            // It goes with the column, and with it the calls that wait.
            let in_sight = InSight::new();
            workspace.measure_when_seen(in_sight);
            let workspace = workspace.clone();
            Effect::new(move |_| {
                in_sight.set(column.drawn.get());
                workspace.measure(in_sight);
            });
        });
    }

    /// Goes on with it when the window is seen again, for as long as the page is there.
    pub(in crate::pages) fn measure_when_seen(&self, in_sight: InSight) {
        let workspace = self.clone();
        let go_on = move || workspace.measure(in_sight);
        page::on_sight_change(go_on.clone());
        online::on_return(go_on);
    }
}
