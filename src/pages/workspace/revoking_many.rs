//! Revoking many keys.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Workspace, act_on};
use crate::api::ApiError;
use crate::browser::{format, page};
use crate::components::notice::Notice;
use crate::components::revoke_many::{BulkActions, RevokeManyDialog};
use crate::domain::bulk_revocation::{BulkRevocation, Outcome};
use crate::domain::key::KeyId;
use crate::words::tr;

impl Workspace {
    /// The dialog that revokes several keys.
    pub(super) fn revoke_many_dialog(&self) -> AnyView {
        let actions = BulkActions {
            on_confirm: act_on(self, Workspace::confirm_bulk),
            on_stop: act_on(self, |workspace, ()| workspace.stop_bulk()),
            on_go_on: act_on(self, |workspace, ()| workspace.go_on_with_bulk()),
            on_leave: act_on(self, |workspace, ()| workspace.leave_bulk()),
        };
        view! { <RevokeManyDialog bulk=self.bulk now=self.front.now() actions/> }.into_any()
    }

    /// Asks whether the chosen keys are to be revoked, in the order of the table.
    pub(in crate::pages) fn open_bulk_revocation(&self) {
        let keys = self.front.chosen();
        // One key is revoked with the caution that one key deserves.
        if let [key] = keys.as_slice() {
            return self.open_revocation(key.clone());
        }
        if !keys.is_empty() {
            self.front.now.set(format::now());
            self.bulk.set(Some(BulkRevocation::of(keys, self.front.now.get_untracked())));
            self.look_anew();
        }
    }

    /// Begins, if what was typed confirms it.
    pub(super) fn confirm_bulk(&self, typed: String) {
        if self.change_bulk(|bulk| bulk.confirm(&typed)) == Some(true) {
            self.run_bulk();
        }
    }

    /// Sends no request after the one that is under way.
    pub(super) fn stop_bulk(&self) {
        self.change_bulk(BulkRevocation::stop);
    }

    /// Goes on with what failed or was left.
    pub(super) fn go_on_with_bulk(&self) {
        if self.change_bulk(BulkRevocation::go_on) == Some(true) {
            self.run_bulk();
        }
    }

    /// Leaves, unless a request is under way: then it is the last one.
    pub(super) fn leave_bulk(&self) {
        if self.bulk.with_untracked(|bulk| bulk.as_ref().is_some_and(BulkRevocation::is_busy)) {
            return self.stop_bulk();
        }
        self.bulk.set(None);
        page::rescue_focus("#app h1");
    }

    fn run_bulk(&self) {
        let workspace = self.clone();
        spawn_local(async move {
            while let Some(id) = workspace.change_bulk(BulkRevocation::begin_next).flatten() {
                let result = workspace.front.access.change(async |api| api.revoke(id).await).await;
                // The session may have become somebody else's, and the workspace gone with it.
                if workspace.bulk.is_disposed() {
                    return;
                }
                workspace.take_in_one(id, result);
            }
            workspace.end_bulk();
        });
    }

    fn take_in_one(&self, id: KeyId, result: Result<(), ApiError>) {
        let outcome = match result {
            Ok(()) => Outcome::Revoked,
            Err(ApiError::NotFound) => Outcome::Gone,
            Err(error) => {
                // What one request is refused for, or cannot get through for, the next one would be
                // too: the user decides when to go on.
                let stops = error.retry_after().is_some()
                    || error.is_disconnection()
                    || error == ApiError::Unauthorized;
                if stops {
                    self.stop_bulk();
                }
                Outcome::Failed(super::revoking::why_not_revoked(&error))
            }
        };
        if matches!(outcome, Outcome::Revoked | Outcome::Gone) {
            self.inquiry_is_rid_of(id);
            self.strike(id);
        }
        self.change_bulk(|bulk| bulk.settle(id, outcome));
    }

    fn end_bulk(&self) {
        let Some((remaining, gone)) = self.bulk.with_untracked(|bulk| {
            let bulk = bulk.as_ref()?;
            Some((bulk.remaining().collect::<Vec<_>>(), bulk.tally().gone))
        }) else {
            return;
        };
        if gone > 0 && remaining.is_empty() {
            self.front.notice.set(Some(Notice::of(tr("The selected keys are revoked."))));
        }
        self.front.selection.update(|selection| selection.set(remaining));
        self.front.refresh_keys();
    }

    fn change_bulk<T>(&self, change: impl FnOnce(&mut BulkRevocation) -> T) -> Option<T> {
        self.bulk.try_update(|bulk| bulk.as_mut().map(change)).flatten()
    }
}
