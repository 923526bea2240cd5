//! The guard of lost secrets: keys whose secret was shown are remembered until somebody has said
//! that they have it, and a key can be tried while its secret is on show.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Workspace;
use super::revoking::{COUNT_MILLIS, why_not_revoked};
use crate::api::ApiError;
use crate::browser::locks::{self, Lock, Mode};
use crate::browser::{page, timer};
use crate::components::notice::Notice;
use crate::domain::creation::{Creation, Custody};
use crate::domain::key::{ApiKey, KeyId, KeyName};
use crate::domain::lost_secret::{Offer, Unconfirmed};
use crate::domain::revocation::Caution;
use crate::domain::secret::Secret;
use crate::domain::trial::Trial;
use crate::reactive::Effect;
use crate::remote::Remote;
use crate::words::{tr, tr_around};

/// What the workspace knows of keys that nobody may have.
#[derive(Clone, Copy)]
pub(super) struct Guard {
    pub(super) unconfirmed: RwSignal<Unconfirmed>,
    /// Whether the key on show works.
    pub(super) trial: RwSignal<Trial>,
    /// Say to other tabs, which may be copies of this one, that these keys are this one's.
    locks: StoredValue<Vec<Lock>, LocalStorage>,
}

impl Guard {
    pub(super) fn new() -> Self {
        Self {
            unconfirmed: RwSignal::new(Unconfirmed::default()),
            trial: RwSignal::new(Trial::NotAsked),
            locks: StoredValue::new_local(Vec::new()),
        }
    }
}

impl Workspace {
    /// What is to be offered on the page.
    pub(super) fn lost_secret_offer(&self) -> Memo<Option<Offer>> {
        let (creation, keys, unconfirmed) =
            (self.creation, self.front.keys, self.guard.unconfirmed);
        Memo::new(move |_| {
            if creation.with(Creation::is_open) {
                return None;
            }
            keys.with(|keys| unconfirmed.with(|it| it.offer(&keys.value()?.keys)))
        })
    }

    /// Goes on with the keys that were not confirmed when the page was left, except for those of
    /// another tab, of which this one is a copy; and sees how each dialog with a secret ends.
    pub(super) fn guard_secrets(&self) {
        let workspace = self.clone();
        let noted = self.front.access.session().noted_unconfirmed();
        if !noted.is_empty() {
            spawn_local(async move {
                let held = locks::held().await;
                if workspace.creation.is_disposed() {
                    return;
                }
                let own = noted.into_iter().filter(|id| !held.contains(&lock_name(*id)));
                let own: Vec<KeyId> = own.collect();
                own.iter().for_each(|id| workspace.claim(*id));
                workspace.change_guard(|it| it.resume(own));
            });
        }

        let workspace = self.clone();
        Effect::new(move |before: Option<Option<Custody>>| {
            let (is_open, custody) =
                workspace.creation.with(|creation| (creation.is_open(), creation.custody()));
            match (before.flatten(), custody) {
                (Some(before), None) => workspace.secret_is_gone(before),
                (None, None) if !is_open => {
                    workspace.guard.unconfirmed.maybe_update(|it| {
                        let was_replacing = it.replacing().is_some();
                        it.give_up();
                        was_replacing
                    });
                }
                _ => {}
            }
            custody
        });

        let workspace = self.clone();
        Effect::new(move |_| {
            workspace.front.keys.with(|keys| {
                if let Remote::Ready(list) = keys
                    && workspace.guard.unconfirmed.with_untracked(|it| !it.owed().is_empty())
                {
                    workspace.change_guard(|it| it.see(list));
                }
            });
        });
    }

    /// The secret of this key is on show. To be called before anything else can happen.
    pub(super) fn guard_secret_of(&self, id: Option<KeyId>) {
        self.guard.trial.set(Trial::NotAsked);
        let replaced = self.guard.unconfirmed.with_untracked(Unconfirmed::replacing);
        self.change_guard(|it| it.show(id));
        self.successor_is_shown(id, replaced);
        if let Some(id) = id {
            self.claim(id);
        }
    }

    /// Makes a key in the place of this one, of the same name.
    pub(super) fn replace(&self, key: ApiKey) {
        if self.asks_about_another(key.id)
            || self.creation.with_untracked(Creation::is_open)
            || self.guard.unconfirmed.try_update(|it| it.replace(key.id)) != Some(true)
        {
            return;
        }
        let is_open = self.open_creation_for(Some(key.id), key.name.clone());
        // A name that the API would not take today is for its user to change.
        if is_open && let Ok(name) = KeyName::parse(&key.name) {
            self.create(name);
        }
    }

    /// The user says that the key is saved, or is to stay.
    pub(in crate::pages) fn confirm_saved(&self, id: KeyId) {
        self.change_guard(|it| it.settle(id));
        self.successor_is_saved(id);
    }

    /// The user does not want the secret on show.
    pub(super) fn discard_secret(&self) {
        if let Some(id) = self.front.fresh.get_untracked() {
            self.successor_is_discarded(id);
        }
        self.replacement_is_discarded();
        self.change_guard(Unconfirmed::discard);
        self.creation.update(Creation::close);
    }

    /// Asks the Key API, once, whether it takes the key on show.
    pub(super) fn try_key(&self) {
        let key = self.creation.with_untracked(|creation| {
            creation.key().map(|key| Secret::new(key.secret.reveal().to_owned()))
        });
        let Some(key) = key.filter(|_| self.guard.trial.try_update(Trial::begin) == Some(true))
        else {
            return;
        };
        let workspace = self.clone();
        spawn_local(async move {
            let result = workspace.front.access.exchange_key(&key).await;
            let is_on_show = workspace.creation.try_with_untracked(|creation| {
                creation.key().is_some_and(|on_show| on_show.secret == key)
            });
            if is_on_show == Some(true) {
                workspace.guard.trial.set(match result {
                    Ok(()) => Trial::Works,
                    Err(error) if error.is_refused_key() => Trial::Refused,
                    Err(error) => Trial::Unknown(error.to_string()),
                });
                // It counts as a use, and the table may say so.
                workspace.front.refresh_keys();
            }
        });
    }

    fn secret_is_gone(&self, custody: Custody) {
        let replaced = self.change_guard(|it| it.close(custody)).flatten();
        if let Some(id) = replaced {
            self.revoke_replaced(id);
        }
    }

    /// Revokes a key whose successor is in safe hands. One that was used since it was made may be
    /// in use: then its user is asked as for any other.
    fn revoke_replaced(&self, id: KeyId) {
        let Some(key) = untrack(|| self.front.listed(id)) else {
            return self.confirm_saved(id);
        };
        if Caution::for_key(&key, self.front.now.get_untracked()) != Caution::NeverUsed {
            return self.ask_about_replaced(key);
        }
        let workspace = self.clone();
        spawn_local(async move {
            // The list may be older than its first use.
            let usage = timer::at_most(COUNT_MILLIS, workspace.usage_of(id)).await;
            if workspace.creation.is_disposed() {
                return;
            }
            if matches!(usage, Some(Ok(usage)) if usage.completed > 0) {
                return workspace.ask_about_replaced(key);
            }
            let result = workspace.front.access.change(async |api| api.revoke(id).await).await;
            if workspace.creation.is_disposed() {
                return;
            }
            match result {
                Ok(()) | Err(ApiError::NotFound) => {
                    workspace.confirm_saved(id);
                    workspace.strike(id);
                    let (before, after) =
                        tr_around("“{name}” is replaced: the old key was revoked.");
                    workspace.front.notice.set(Some(Notice::about(before, key.name, after)));
                }
                Err(error) => {
                    workspace.change_guard(|it| it.fail(id, why_not_revoked(&error)));
                }
            }
            workspace.front.refresh_keys();
            page::rescue_focus("#app h1");
        });
    }

    fn ask_about_replaced(&self, key: ApiKey) {
        let why = tr("It was used, so something may still depend on it.");
        self.change_guard(|it| it.fail(key.id, why));
        self.open_revocation(key);
    }

    /// Changes what is known of such keys, and what is remembered of them.
    fn change_guard<T>(&self, change: impl FnOnce(&mut Unconfirmed) -> T) -> Option<T> {
        let changed = self.guard.unconfirmed.try_update(change)?;
        self.guard.unconfirmed.with_untracked(|it| {
            self.front.access.session().note_unconfirmed(it.owed());
            if it.owed().is_empty() {
                self.guard.locks.set_value(Vec::new());
            }
        });
        Some(changed)
    }

    fn claim(&self, id: KeyId) {
        let locks = self.guard.locks;
        spawn_local(async move {
            let lock = locks::hold(&lock_name(id), Mode::Shared).await;
            locks.try_update_value(|locks| locks.extend(lock));
        });
    }
}

fn lock_name(id: KeyId) -> String {
    format!("occam-keys.unconfirmed.{id}")
}
