//! Revoking a key.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Workspace, act_on};
use crate::api::ApiError;
use crate::browser::text::UNICODE;
use crate::browser::{format, page, timer};
use crate::components::notice::Notice;
use crate::components::revoke_key::RevokeKeyDialog;
use crate::domain::drill::Identification;
use crate::domain::form::Complaint;
use crate::domain::health::clean_up::Outcome;
use crate::domain::key::{ApiKey, KeyId};
use crate::domain::lookalike::Names;
use crate::domain::revocation::{Caution, Revocation};
use crate::reactive::Effect;
use crate::remote::{Remote, follow, which_answer};
use crate::route::Route;
use crate::words::{tr, tr_around};

/// How long the end of a key waits for the count of its requests, in milliseconds.
pub(super) const COUNT_MILLIS: u32 = 2000;

impl Workspace {
    /// The dialog that asks before a key is revoked.
    pub(super) fn revocation_dialog(&self, names: Memo<Names>) -> AnyView {
        let (keys, revocation) = (self.front.keys, self.revocation);
        // Not with each step of the revocation.
        let asked = Memo::new(move |_| {
            revocation.with(|it| it.as_ref().map(|it| (it.key.id, it.key.name.clone())))
        });
        let alike = Memo::new(move |_| {
            let (id, name) = asked.get()?;
            names.with(|names| {
                keys.with_untracked(|keys| {
                    let keys = &keys.value()?.keys;
                    let alike = names.lookalikes(&name, Some(id), keys, UNICODE);
                    Some(alike.cloned().collect::<Vec<_>>())
                })
            })
        });
        let alike = Signal::derive(move || alike.get().unwrap_or_default());
        view! {
            <RevokeKeyDialog
                revocation
                usage=self.revocation_usage.into()
                now=self.front.now()
                lookalikes=alike
                on_confirmed=act_on(self, Workspace::revoke)
            />
        }
        .into_any()
    }

    /// Opens the dialog that asks whether to revoke `key`. While another question is asked, none takes
    /// its place: its answer would be for another key than the one that it names.
    pub(in crate::pages) fn open_revocation(&self, key: ApiKey) {
        let is_asked = self.revocation.with_untracked(Option::is_some)
            || self.bulk.with_untracked(Option::is_some);
        if is_asked {
            return;
        }
        let id = key.id;
        self.front.now.set(format::now());
        self.revocation_usage.set(Remote::LOADING);
        let now = self.front.now.get_untracked();
        let mut asked = Revocation::of(key, now);
        // The key may be of a list that is no longer the last one.
        self.front.keys.with_untracked(|keys| {
            if let Some(list) = keys.value() {
                asked.see_listed(&list.keys, now);
            }
        });
        self.revocation.set(Some(asked));
        self.fetch_usage(id, self.revocation_usage, self.revocation_usage_turn);
        self.look_anew();
    }

    /// Reads the list anew while somebody reads a question about what is in it.
    pub(super) fn look_anew(&self) {
        let workspace = self.clone();
        page::when_at_rest(move || {
            if !workspace.front.keys.is_disposed() {
                workspace.front.refresh_keys();
            }
        });
    }

    /// Takes in what is learnt of keys while their user is asked whether to revoke them: something may
    /// have used one since the list was read.
    pub(super) fn follow_last_uses(&self) {
        let (keys, usage) = (self.front.keys, self.revocation_usage);
        let (revocation, bulk, now) = (self.revocation, self.bulk, self.front.now);
        let answer = which_answer(keys);
        Effect::new(move |_| {
            follow(answer);
            keys.with_untracked(|keys| {
                let Some(list) = keys.value() else { return };
                let now = now.get_untracked();
                change_if_some(revocation, |it| it.see_listed(&list.keys, now));
                change_if_some(bulk, |it| it.see_listed(&list.keys, now));
            });
        });
        Effect::new(move |_| {
            if let Some(requests) = usage.with(|usage| usage.value().map(|it| it.completed)) {
                change_if_some(revocation, |it| it.see_requests(requests));
            }
        });
    }

    /// Looks once more at a key whose revocation took one click: whether it has made requests, if that
    /// was not known, or when it was used last. Yields whether the click is still enough. Who looks in
    /// vain has waited long enough.
    async fn one_click_is_enough(&self, id: KeyId) -> bool {
        let caution = self.revocation.with_untracked(|it| it.as_ref().map(|it| it.caution));
        let is_counted = !self.revocation_usage.with_untracked(Remote::is_pending);
        match caution {
            Some(Caution::NeverUsed) if !is_counted => {
                let usage = timer::at_most(COUNT_MILLIS, self.usage_of(id)).await;
                if let Some(Ok(usage)) = usage {
                    self.revocation
                        .try_update(|it| it.as_mut().map(|it| it.see_requests(usage.completed)));
                }
            }
            Some(Caution::Idle(_)) => {
                let list = timer::at_most(COUNT_MILLIS, self.front.keys_anew()).await;
                if let Some(Ok(list)) = list {
                    self.revocation.try_update(|it| {
                        it.as_mut().map(|it| it.see_listed(&list.keys, format::now()))
                    });
                }
            }
            _ => return true,
        }
        let is_enough =
            self.revocation.try_update(|it| it.as_mut().map(Revocation::still_takes_one_click));
        is_enough.flatten().unwrap_or(false)
    }

    /// Revokes a key whose revocation was confirmed.
    pub(super) fn revoke(&self, id: KeyId) {
        let workspace = self.clone();
        spawn_local(async move {
            if !workspace.one_click_is_enough(id).await {
                return;
            }
            let result = workspace.front.access.change(async |api| api.revoke(id).await).await;
            // The session may have ended meanwhile, and the workspace with it.
            if workspace.revocation.is_disposed() {
                return;
            }
            let name = workspace
                .revocation
                .with_untracked(|it| it.as_ref().map(|it| it.key.name.clone()))
                .unwrap_or_default();
            match result {
                Ok(()) => {
                    workspace.settle_clean_up(Outcome::Revoked);
                    workspace.forget_key(id, Notice::around(tr_around("Revoked “{name}”."), name));
                }
                Err(ApiError::NotFound) => {
                    workspace.settle_clean_up(Outcome::Gone);
                    let words = tr_around("“{name}” was gone already.");
                    workspace.forget_key(id, Notice::around(words, name));
                }
                Err(error) => {
                    let unknown = error.leaves_outcome_unknown();
                    let complaint = complaint(&error);
                    workspace.revocation.update(|revocation| {
                        if let Some(revocation) = revocation {
                            revocation.fail(complaint);
                            revocation.in_doubt = unknown;
                        }
                    });
                    if unknown {
                        workspace.front.refresh_keys();
                    }
                }
            }
        });
    }

    /// Does `action` whenever the question whether to revoke a key is no longer asked: with the key,
    /// and with why it could not be revoked if that was tried last.
    pub(super) fn on_revocation_end(&self, action: impl Fn(KeyId, Option<String>) + 'static) {
        let revocation = self.revocation;
        Effect::new(move |before: Option<Option<(KeyId, Option<String>)>>| {
            let asked = revocation.with(|revocation| {
                let revocation = revocation.as_ref()?;
                let why = revocation.complaint.as_ref().and_then(Complaint::overall);
                Some((revocation.key.id, why.map(str::to_owned)))
            });
            if let (Some((id, why)), None) = (before.flatten(), &asked) {
                action(id, why);
            }
            asked
        });
    }

    /// Notices when a key whose revocation was in doubt is no longer in the list.
    pub(super) fn follow_doubts(&self) {
        let workspace = self.clone();
        let gone = Memo::new(move |_| {
            workspace.front.keys.with(|keys| {
                let Remote::Ready(list) = keys else {
                    return None;
                };
                workspace.revocation.with(|revocation| {
                    let gone = revocation.as_ref()?.was_carried_out(&list.keys)?;
                    Some((gone.id, gone.name.clone()))
                })
            })
        });
        let workspace = self.clone();
        Effect::new(move |_| {
            if let Some((id, name)) = gone.get() {
                workspace.settle_clean_up(Outcome::Revoked);
                let words = tr_around("“{name}” is gone from your list: it was revoked.");
                workspace.forget_key(id, Notice::around(words, name));
            }
        });
    }

    /// Takes a key that no longer exists out of sight.
    fn forget_key(&self, id: KeyId, notice: Notice) {
        self.revocation.set(None);
        self.inquiry_is_rid_of(id);
        self.identifying.state.update(|state| state.see_revoked(id, format::now()));
        self.strike(id);
        self.front.notice.set(Some(notice));
        if self.front.route.get_untracked() == Route::Key(id) {
            page::go_to(&Route::ALL_KEYS);
        }
        // The row that had focus is gone. A dialog in front of it goes on with the next step.
        let is_identifying = self.identifying.state.with_untracked(Identification::is_open);
        match is_identifying || self.cleaning.is_open() {
            true => page::focus("dialog[open] [data-first]"),
            false => page::focus("#app h1"),
        }
        // To read a long list takes its time: first the row is seen to be gone.
        self.look_anew();
    }
}

/// Changes what is asked, if anything is.
fn change_if_some<T: PartialEq + Clone + Send + Sync + 'static>(
    asked: RwSignal<Option<T>>,
    change: impl FnOnce(&mut T),
) {
    asked.maybe_update(|asked| {
        let Some(asked) = asked else { return false };
        let before = asked.clone();
        change(asked);
        *asked != before
    });
}

/// Why a key could not be revoked, or may have been.
pub(super) fn why_not_revoked(error: &ApiError) -> String {
    match error {
        ApiError::Unauthorized => {
            tr("Your session was no longer good, so nothing was revoked. Try again.")
        }
        error if error.leaves_outcome_unknown() => {
            let words = tr("The key may have been revoked all the same.");
            format!("{error} {words}")
        }
        error => error.to_string(),
    }
}

fn complaint(error: &ApiError) -> Complaint {
    let words = why_not_revoked(error);
    match error.retry_after() {
        Some(seconds) => Complaint::TooSoon { words, seconds },
        None => Complaint::Overall(words),
    }
}
