//! Live mode of a key's page: a look every ten seconds for as long as somebody sees the page.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::ApiError;
use crate::browser::timer::Later;
use crate::browser::{clock, online, page};
use crate::components::live_usage::LiveState;
use crate::domain::journal::entry::Figures;
use crate::domain::key::KeyId;
use crate::domain::live::{Next, Pacing, Series};
use crate::domain::usage::Usage;
use crate::pages::workspace::Workspace;
use crate::remote::Remote;

/// Live mode of one key. A handle: copies name the same. It ends with the current owner.
#[derive(Clone, Copy)]
pub(super) struct Live {
    /// `None` while nobody watches.
    pacing: RwSignal<Option<Pacing>>,
    series: RwSignal<Series>,
    usage: RwSignal<Remote<Usage>>,
    id: KeyId,
    next: StoredValue<Option<Later>, LocalStorage>,
}

impl Live {
    /// Live mode of the key `id`, which is off. What is seen goes into `usage`, too.
    pub(super) fn new(id: KeyId, usage: RwSignal<Remote<Usage>>, workspace: &Workspace) -> Self {
        let live = Self {
            pacing: RwSignal::new(None),
            series: RwSignal::new(Series::default()),
            usage,
            id,
            next: StoredValue::new_local(None),
        };
        let has_network = online::signal();
        let on_change = {
            let workspace = workspace.clone();
            move || {
                let (now, is_seen) = (clock::millis(), !document().hidden());
                let is_online = has_network.get_untracked();
                live.change(|pacing| {
                    pacing.visible(now, is_seen);
                    pacing.online(now, is_online);
                });
                live.go_on(&workspace);
            }
        };
        page::on_sight_change(on_change.clone());
        Effect::new(move |_| {
            has_network.track();
            on_change();
        });
        live
    }

    /// What was seen since it began.
    pub(super) fn series(self) -> Signal<Series> {
        self.series.into()
    }

    /// How it stands.
    pub(super) fn state(self) -> Memo<LiveState> {
        Memo::new(move |_| {
            self.pacing.with(|pacing| match pacing {
                None => LiveState::Off,
                Some(pacing) => match pacing.next(0) {
                    Next::Hidden => LiveState::Hidden,
                    Next::Offline => LiveState::Offline,
                    _ if pacing.errors() > 0 => LiveState::Failing,
                    _ => LiveState::Watching,
                },
            })
        })
    }

    /// Begins anew, or ends.
    pub(super) fn toggle(self, workspace: &Workspace) {
        self.next.set_value(None);
        if self.pacing.with_untracked(Option::is_some) {
            return self.pacing.set(None);
        }
        let pacing = Pacing::new(clock::millis(), !document().hidden(), online::is_online());
        self.series.set(Series::default());
        self.pacing.set(Some(pacing));
        self.go_on(workspace);
    }

    fn change(self, change: impl FnOnce(&mut Pacing)) {
        // The page may be gone.
        let _ = self.pacing.try_update(|pacing| pacing.as_mut().map(change));
    }

    /// Does what is to be done now.
    fn go_on(self, workspace: &Workspace) {
        let now = clock::millis();
        let pacing = self.pacing.try_with_untracked(|pacing| *pacing).flatten();
        let workspace = workspace.clone();
        match pacing.map(|pacing| pacing.next(now)) {
            Some(Next::Look) => {
                self.change(|pacing| pacing.began(now));
                spawn_local(async move { self.look(&workspace).await });
            }
            Some(Next::Wait(millis)) => {
                let wait = Duration::from_millis(millis.into());
                let later = Later::after(wait, move || self.go_on(&workspace));
                self.next.try_set_value(Some(later));
            }
            Some(Next::Looking | Next::Hidden | Next::Offline) | None => {}
        }
    }

    async fn look(self, workspace: &Workspace) {
        let result = workspace.usage_of(self.id).await;
        if self.pacing.is_disposed() {
            return;
        }
        let now = clock::millis();
        match result {
            Ok(usage) => {
                self.change(|pacing| pacing.succeeded(now));
                self.series.update(|series| series.push(now, Figures::from(&usage)));
                self.usage.set(Remote::Ready(usage));
            }
            // There is nothing left to be watched.
            Err(ApiError::NotFound) => {
                self.pacing.set(None);
                self.usage.update(|usage| {
                    *usage = std::mem::replace(usage, Remote::LOADING).failed(ApiError::NotFound);
                });
            }
            Err(error) => self.change(|pacing| pacing.failed(now, error.retry_after())),
        }
        self.go_on(workspace);
    }
}
