//! Making a key, and finding out what became of one whose answer was lost.

use std::sync::Arc;

use contract::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Workspace, act_on};
use crate::api::ApiError;
use crate::browser::locks::{self, Mode};
use crate::browser::text::UNICODE;
use crate::browser::{online, page, timer};
use crate::components::create_key::{CreateActions, CreateKeyDialog};
use crate::components::inquiry::InquiryActions;
use crate::domain::creation::{Creation, Custody};
use crate::domain::form::Complaint;
use crate::domain::inquiry::{Attempt, Inquiry, PAUSES_MILLIS, Verdict};
use crate::domain::key::{ApiKey, CreatedKey, KeyId, KeyList, KeyName};
use crate::domain::lookalike::Names;
use crate::domain::suggest::{next_names, successor_name};
use crate::reactive::Effect;
use crate::words::tr;

impl Workspace {
    /// The dialog that makes a key.
    pub(super) fn creation_dialog(&self, names: Memo<Names>) -> AnyView {
        let (keys, guard) = (self.front.keys, self.guard);
        let likeness = Callback::new(move |name: String| {
            names.with_untracked(|names| {
                keys.with_untracked(|keys| names.likeness(&name, &keys.value()?.keys, UNICODE))
            })
        });
        let next = Callback::new(move |()| {
            keys.with_untracked(|keys| {
                let keys = keys.value().map(|list| list.keys.as_slice()).unwrap_or_default();
                next_names(keys.iter().map(|key| key.name.as_str()))
            })
        });
        let act = |action: fn(&Workspace)| {
            let workspace = self.clone();
            Callback::new(move |()| action(&workspace))
        };
        let inquiry_actions = InquiryActions {
            on_again: act(Workspace::create_again),
            on_another: act(Workspace::create_another),
            on_look: act(Workspace::look_for_key),
            on_leave: act(Workspace::inquiry_was_left),
            on_revoke: act_on(self, Workspace::revoke_found),
        };
        let actions = CreateActions {
            on_submit: act_on(self, Workspace::create),
            on_discard: act(Workspace::discard_secret),
            on_try: act(Workspace::try_key),
        };
        let replaces = Memo::new(move |_| guard.unconfirmed.with(|it| it.replacing().is_some()));
        view! {
            <CreateKeyDialog
                creation=self.creation
                likeness
                next
                suggestion=self.suggestion.into()
                replaces
                api=StoredValue::new(self.front.access.api_address().to_owned())
                trial=guard.trial
                actions
                inquiry=self.inquiry
                inquiry_actions
                now=self.front.now()
            />
        }
        .into_any()
    }

    /// Opens the dialog that makes a key, with this name in its form. The list is read anew as soon
    /// as that is seen, so that a key that comes with a lost answer can be told from those before.
    pub(in crate::pages) fn open_creation(&self, name: String) {
        self.open_creation_for(None, name);
    }

    /// The same, for a key in the place of another one. Yields whether it is the form that is open: as
    /// long as it is not known what became of the last attempt, that is asked about.
    pub(super) fn open_creation_for(&self, in_place_of: Option<KeyId>, name: String) -> bool {
        if self.last_is_unknown() {
            self.reopen_inquiry();
            return false;
        }
        self.in_place_of.set_value(in_place_of);
        self.suggestion.set(name);
        self.creation.update(Creation::open);
        self.look_anew();
        true
    }

    /// Asks what became of the last attempt, if that is not known and it was not to make a key in the
    /// place of this one. It comes before any other: one at a time can be asked about, and the key that
    /// it may yield takes no other key's place.
    #[must_use]
    pub(super) fn asks_about_another(&self, in_place_of: KeyId) -> bool {
        let asks = self.last_is_unknown() && self.in_place_of.get_value() != Some(in_place_of);
        if asks {
            self.reopen_inquiry();
        }
        asks
    }

    /// Whether it is not known what became of the last attempt.
    fn last_is_unknown(&self) -> bool {
        self.inquiry.with_untracked(|it| it.as_ref().is_some_and(Inquiry::is_news))
    }

    /// A name for the key that takes the place of one called `old`.
    pub(super) fn successor_name_of(&self, old: &str) -> String {
        self.front.keys.with_untracked(|keys| {
            let keys = keys.value().map(|list| list.keys.as_slice()).unwrap_or_default();
            successor_name(old, keys.iter().map(|key| key.name.as_str()))
        })
    }

    /// Makes a key of this name, once.
    pub(super) fn create(&self, name: KeyName) {
        if !self.creation.try_update(Creation::send).unwrap_or(false) {
            return;
        }
        let attempt = self.front.keys.with_untracked(|keys| {
            let known = keys.value().map(|list| list.keys.as_slice());
            Attempt::new(page::random_uuid(), &name, known)
        });
        self.inquiry.set(None);
        self.send(attempt, name);
    }

    /// Makes the key again whose answer was lost. It is the same attempt: an API that honours
    /// idempotency keys makes no second one.
    pub(super) fn create_again(&self) {
        let attempt = self.inquiry.with_untracked(|it| it.as_ref().map(|it| it.attempt().clone()));
        let Some(attempt) = attempt else {
            return;
        };
        let Ok(name) = KeyName::parse(&attempt.name) else {
            return self.settle();
        };
        if self.creation.try_update(Creation::send).unwrap_or(false) {
            self.suggestion.set(attempt.name.clone());
            self.send(attempt, name);
        }
    }

    /// Asks for a name again: the user has seen what became of the first attempt.
    pub(super) fn create_another(&self) {
        let name =
            self.inquiry.with_untracked(|it| it.as_ref().map(|it| it.attempt().name.clone()));
        self.settle();
        self.suggestion.set(name.unwrap_or_default());
        self.creation.update(Creation::rename);
    }

    /// Shows again what is known of an attempt.
    pub(super) fn reopen_inquiry(&self) {
        if self.creation.with_untracked(|creation| !creation.is_open()) {
            self.creation.update(|creation| creation.lose(String::new()));
        }
    }

    /// The dialog with what is known of an attempt was closed. Whoever was told all that there is
    /// to tell is not told again.
    pub(super) fn inquiry_was_left(&self) {
        let is_done =
            self.inquiry.with_untracked(|it| it.as_ref().is_some_and(Inquiry::may_be_dropped));
        if is_done {
            self.settle();
        }
        self.creation.update(Creation::leave);
    }

    /// Revokes a key that a lost answer may have left behind.
    pub(super) fn revoke_found(&self, key: ApiKey) {
        self.creation.update(Creation::leave);
        self.open_revocation(key);
    }

    /// Looks at the list, several times, for what became of an attempt.
    pub(super) fn look_for_key(&self) {
        let Some(turn) = self.inquiry_turn.try_update_value(|turn| {
            *turn = turn.wrapping_add(1);
            *turn
        }) else {
            return;
        };
        self.inquiry.update(|inquiry| {
            if let Some(inquiry) = inquiry {
                inquiry.restart();
            }
        });
        let workspace = self.clone();
        spawn_local(async move {
            for millis in PAUSES_MILLIS {
                timer::sleep(millis).await;
                let Some(asked) = workspace.fetched.try_get_value() else {
                    return;
                };
                let list = workspace.front.keys_anew().await;
                if workspace.inquiry_turn.try_get_value() != Some(turn) {
                    return;
                }
                workspace.take_in_look(list, asked);
            }
            let is_over = workspace.inquiry.with_untracked(|inquiry| {
                inquiry.as_ref().is_some_and(|it| !it.is_news() && it.may_be_dropped())
            });
            if is_over {
                workspace.settle();
            }
        });
    }

    /// Looks again by itself when the browser comes back online, if the list could not be read.
    pub(super) fn resume_look_online(&self) {
        let workspace = self.clone();
        online::on_return(move || {
            let is_unseen = workspace.inquiry.with_untracked(|inquiry| {
                inquiry.as_ref().is_some_and(|it| it.verdict() == Verdict::Unseen)
            });
            if is_unseen {
                workspace.look_for_key();
            }
        });
    }

    /// Goes on with an attempt whose outcome was not known when the page was left, unless another
    /// tab, of which this one is a copy, is at it.
    pub(super) fn resume_inquiry(&self) {
        let session = self.front.access.session();
        let Some(attempt) = session.noted_creation() else {
            return;
        };
        let workspace = self.clone();
        spawn_local(async move {
            let name = lock_name(&attempt);
            let is_elsewhere = locks::held().await.contains(&name);
            // Another attempt may have been made meanwhile: then it is that one which is noted.
            let is_noted = session.noted_creation().is_some_and(|noted| noted.id == attempt.id);
            if !is_noted || workspace.inquiry.is_disposed() {
                return;
            }
            if is_elsewhere {
                return session.forget_creation();
            }
            workspace.guard(&attempt);
            workspace.inquiry.set(Some(Inquiry::into(attempt)));
            workspace.creation.update(|creation| creation.lose(left()));
            workspace.look_for_key();
        });
    }

    /// A key was revoked: if it is what a lost answer or a lost secret left behind, that is seen to.
    pub(super) fn inquiry_is_rid_of(&self, id: KeyId) {
        self.confirm_saved(id);
        let is_done = self
            .inquiry
            .try_update(|inquiry| inquiry.as_mut().is_some_and(|inquiry| inquiry.revoked(id)));
        if is_done == Some(true) {
            self.settle();
        }
    }

    /// Does `action` whenever the dialog that makes keys is closed: with the user's hold on the
    /// secret, if one was on show.
    pub(super) fn on_creation_end(&self, action: impl Fn(Option<Custody>) + 'static) {
        let creation = self.creation;
        Effect::new(move |before: Option<(bool, Option<Custody>)>| {
            let (is_open, custody) =
                creation.with(|creation| (creation.is_open(), creation.custody()));
            let (was_open, had) = before.unwrap_or_default();
            if was_open && !is_open {
                action(had);
            }
            (is_open, custody.or(had.filter(|_| is_open)))
        });
    }

    fn send(&self, attempt: Attempt, name: KeyName) {
        self.front.access.session().note_creation(&attempt);
        self.guard(&attempt);
        let workspace = self.clone();
        spawn_local(async move {
            let id = attempt.id;
            let result =
                workspace.front.access.change(async |api| api.create(name, id).await).await;
            // The session may have become somebody else's, and the workspace gone with it.
            if workspace.creation.is_disposed() {
                return;
            }
            match result {
                Ok(key) => workspace.show_created(attempt, key),
                Err(error) => workspace.take_in_failure(attempt, &error),
            }
        });
    }

    fn show_created(&self, attempt: Attempt, key: CreatedKey) {
        let (id, name) = (key.id, key.name.as_str().to_owned());
        self.guard_secret_of(id);
        self.front.fresh.set(id);
        self.creation.update(|creation| creation.show(key));
        self.show_all_keys_if_query_hides(&name);
        self.front.refresh_keys();
        let was_lost = self.inquiry.with_untracked(Option::is_some);
        self.settle();
        if was_lost {
            // The API may have carried out the lost request as well.
            let inquiry = Inquiry::after_success(attempt, id);
            self.front.access.session().note_creation(inquiry.attempt());
            self.guard(inquiry.attempt());
            self.inquiry.set(Some(inquiry));
            self.look_for_key();
        }
    }

    fn take_in_failure(&self, attempt: Attempt, error: &ApiError) {
        let was_lost = self.inquiry.with_untracked(Option::is_some);
        if !was_lost && !error.leaves_outcome_unknown() {
            self.settle();
            return self.creation.update(|creation| creation.complain(complaint(error)));
        }
        // A second request that was refused says nothing of the first.
        self.inquiry.set(Some(Inquiry::into(attempt)));
        self.creation.update(|creation| creation.lose(error.to_string()));
        self.look_for_key();
    }

    /// Takes in the list that was asked for when the page had the one of the time `asked`.
    fn take_in_look(&self, list: Result<Arc<KeyList>, ApiError>, asked: Timestamp) {
        self.inquiry.update(|inquiry| {
            if let Some(inquiry) = inquiry {
                inquiry.look(list.as_ref().ok().map(|list| list.keys.as_slice()));
            }
        });
        let Ok(list) = list else { return };
        if !self.is_last_word(asked) {
            return self.front.refresh_keys();
        }
        match page::is_dialog_open() {
            // Nobody can be on a row behind it.
            true => self.front.keys.update(|keys| keys.answer(list)),
            false => self.take_in_at_rest(list),
        }
    }

    /// Says to the other tabs, as long as this one lives, that this attempt is its own.
    fn guard(&self, attempt: &Attempt) {
        let (name, attempt_lock) = (lock_name(attempt), self.attempt_lock);
        spawn_local(async move {
            let lock = locks::hold(&name, Mode::Shared).await;
            attempt_lock.try_set_value(lock);
        });
    }

    /// The outcome is known, or its user knows what there is to know.
    fn settle(&self) {
        self.inquiry_turn.update_value(|turn| *turn = turn.wrapping_add(1));
        self.inquiry.set(None);
        self.attempt_lock.set_value(None);
        self.front.access.session().forget_creation();
    }
}

/// Why an answer is missing after a reload.
fn left() -> String {
    tr("The page was left before the answer came.")
}

fn lock_name(attempt: &Attempt) -> String {
    format!("occam-keys.creation.{}", attempt.id)
}

/// What to say of a key that was certainly not made.
fn complaint(error: &ApiError) -> Complaint {
    if let Some(words) = error.about_field("name") {
        return Complaint::AtField(words.to_owned());
    }
    let words = match error {
        ApiError::Unauthorized => {
            tr("Your session was no longer good, so no key was made. Try again.")
        }
        error => error.to_string(),
    };
    match error.retry_after() {
        Some(seconds) => Complaint::TooSoon { words, seconds },
        None => Complaint::Overall(words),
    }
}
