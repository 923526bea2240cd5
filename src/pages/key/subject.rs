//! The key whose page is on show.

use std::sync::Arc;

use leptos::prelude::*;

use crate::api::ApiError;
use crate::domain::key::{ApiKey, KeyId, KeyList};
use crate::domain::usage::Usage;
use crate::pages::workspace::Workspace;
use crate::remote::{Latest, Remote, Wait, resume_online};

/// The key of a page: its row of the list, and its usage, which comes by a call of its own. A
/// handle: copies name the same.
#[derive(Clone, Copy)]
pub(super) struct Subject {
    pub(super) id: KeyId,
    /// The key, if it is in the list.
    pub(super) key: Memo<Option<ApiKey>>,
    /// What it is called, if it is in the list.
    pub(super) name: Memo<Option<String>>,
    /// Its usage.
    pub(super) usage: RwSignal<Remote<Usage>>,
    /// Whether its usage is being asked for.
    pub(super) pending: Memo<bool>,
    /// How the wait for its usage goes.
    pub(super) wait: Memo<Option<Wait>>,
    /// Whether there is no such key.
    pub(super) is_gone: Memo<bool>,
    /// Why it could not be looked up.
    pub(super) list_failure: Memo<Option<ApiError>>,
    turn: StoredValue<Latest>,
}

impl Subject {
    /// The key `id`, of whose usage nothing is known yet.
    pub(super) fn new(id: KeyId, workspace: &Workspace) -> Self {
        let keys = workspace.front.keys();
        let usage = RwSignal::new(Remote::LOADING);
        let key = Memo::new({
            let workspace = workspace.clone();
            move |_| workspace.front.listed(id)
        });
        Self {
            id,
            key,
            name: Memo::new(move |_| key.get().map(|key| key.name)),
            usage,
            pending: Memo::new(move |_| usage.with(Remote::is_pending)),
            wait: Memo::new(move |_| usage.with(|usage| usage.wait().cloned())),
            is_gone: Memo::new(move |_| {
                keys.with(|keys| matches!(keys, Remote::Ready(_)) && !is_listed(id, keys))
                    || usage.with(|usage| usage.error() == Some(&ApiError::NotFound))
            }),
            list_failure: Memo::new(move |_| {
                let unknown = key.with(Option::is_none);
                keys.with(|keys| keys.error().filter(|_| unknown).cloned())
            }),
            turn: Latest::stored(),
        }
    }

    /// Asks for its usage.
    pub(super) fn fetch_usage(self, workspace: &Workspace) {
        workspace.fetch_usage(self.id, self.usage, self.turn);
    }

    /// Asks for what is missing: the list, which may be older than the key, now; and its usage
    /// again when the browser is back online.
    pub(super) fn keep_up(self, workspace: &Workspace) {
        resume_online(self.usage, {
            let workspace = workspace.clone();
            move || self.fetch_usage(&workspace)
        });
        let keys = workspace.front.keys();
        if keys.with_untracked(|keys| !keys.is_pending() && !is_listed(self.id, keys)) {
            workspace.front.refresh_keys();
        }
    }
}

fn is_listed(id: KeyId, keys: &Remote<Arc<KeyList>>) -> bool {
    keys.value().is_some_and(|list| list.keys.iter().any(|key| key.id == id))
}
