//! Live mode of a key's page.

use leptos::prelude::*;

use super::looks::Looks;
use crate::api::ApiError;
use crate::browser::clock;
use crate::components::live_usage::LiveState;
use crate::domain::journal::entry::Figures;
use crate::domain::key::KeyId;
use crate::domain::live::Series;
use crate::domain::usage::Usage;
use crate::pages::workspace::Workspace;
use crate::remote::Remote;

/// Live mode of one key. A handle: copies name the same. It ends with the current owner.
#[derive(Clone, Copy)]
pub(super) struct Live {
    looks: Looks,
    series: RwSignal<Series>,
}

impl Live {
    /// Live mode of the key `id`, which is off. What is seen goes into `usage`, too.
    pub(super) fn new(id: KeyId, usage: RwSignal<Remote<Usage>>, workspace: &Workspace) -> Self {
        let series = RwSignal::new(Series::default());
        let workspace = workspace.clone();
        let looks = Looks::by(move || {
            let workspace = workspace.clone();
            async move {
                let looked = workspace.usage_of(id).await;
                if usage.is_disposed() {
                    return Ok(());
                }
                if looked == Err(ApiError::NotFound) {
                    usage.update(|usage| {
                        let before = std::mem::replace(usage, Remote::LOADING);
                        *usage = before.failed(ApiError::NotFound);
                    });
                }
                let seen = looked?;
                series.update(|series| series.push(clock::millis(), Figures::from(&seen)));
                usage.set(Remote::Ready(seen));
                Ok(())
            }
        });
        Self { looks, series }
    }

    /// What was seen since it began.
    pub(super) fn series(self) -> Signal<Series> {
        self.series.into()
    }

    /// How it stands.
    pub(super) fn state(self) -> Memo<LiveState> {
        self.looks.state()
    }

    /// Begins anew, or ends.
    pub(super) fn toggle(self) {
        if self.looks.is_on() {
            return self.looks.end();
        }
        self.series.set(Series::default());
        self.looks.begin();
    }
}
