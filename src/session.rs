//! Who is signed in: a small state machine, restored from session storage before the first frame.

pub mod record;
mod store;

use contract::Timestamp;
use js_sys::{Function, Promise};
use leptos::prelude::*;
use uuid::Uuid;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::domain::inquiry::Attempt;
use crate::domain::key::KeyId;
use crate::domain::renewal::Moment;
use crate::domain::secret::Secret;
use crate::domain::tokens::Tokens;

/// The session of this tab. A handle: copies name the same session.
#[derive(Clone, Copy)]
pub struct Session {
    state: RwSignal<SessionState>,
    /// Who waits for the state to change.
    waiting: StoredValue<Vec<Function>, LocalStorage>,
}

/// Whether somebody is signed in.
#[derive(Debug, PartialEq, Eq)]
pub enum SessionState {
    /// Nobody is, for this reason.
    SignedOut(Reason),
    /// Somebody is.
    SignedIn(Account),
    /// The Key API takes the tokens no longer: its owner is asked to sign in again, over the page
    /// as it stands. The tokens, of this generation, are forgotten.
    Lapsed(Owner, u32),
    /// Its owner signed out in another tab. The tokens are forgotten; the page goes as soon as
    /// nothing is lost by it.
    Leaving(Owner),
}

/// Why nobody is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nobody has signed in yet.
    NotYet,
    /// The user is signing out; the Key API is being told.
    Leaving,
    /// The user signed out.
    Left(Parting),
}

/// How a session was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parting {
    /// Here, and the Key API knows or offers no way to tell it.
    Told,
    /// Here, but the Key API could not be told.
    Untold,
    /// In another tab.
    Elsewhere,
}

/// Whose session it is, across renewals and across the tabs that share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The user name they signed in with.
    pub username: String,
    /// The identity of the session, made up by this browser. Duplicated tabs share it.
    pub id: Uuid,
}

/// Somebody who is signed in.
#[derive(Debug, PartialEq, Eq)]
pub struct Account {
    /// Whose session it is.
    pub owner: Owner,
    /// How often the tokens have been replaced: of two tabs, the one with more has the newer ones.
    pub generation: u32,
    /// When the tokens came.
    pub came: Moment,
    /// What the Key API knows them by.
    pub tokens: Tokens,
}

/// Whether a new session will survive a reload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is in session storage.
    InStorage,
    /// The browser refused to store it: it lives in memory and ends with a reload.
    InMemoryOnly,
}

impl Session {
    /// The session that this tab's storage holds. What cannot be read or understood is no session
    /// and is cleared away.
    pub fn restore() -> Self {
        let state = match store::read() {
            Some(account) => SessionState::SignedIn(account),
            None => {
                store::clear();
                SessionState::SignedOut(store::take_parting().map_or(Reason::NotYet, Reason::Left))
            }
        };
        Self { state: RwSignal::new(state), waiting: StoredValue::new_local(Vec::new()) }
    }

    /// Begins a session with the tokens that came at `came`. If a session has lapsed and its owner
    /// is back, it goes on under the same identity; otherwise it is a new one, called `id`.
    pub fn begin(self, username: String, tokens: Tokens, came: Moment, id: Uuid) -> Kept {
        let lapsed = self.owner_untracked().filter(|owner| owner.is(&username));
        let generation = self.generation().map_or(0, |generation| generation.saturating_add(1));
        // What another one has left open is not for this one. A page that was left while its session
        // had lapsed has the notes of its user still.
        store::clear_all_but_notes_of(&username);
        let owner = lapsed.unwrap_or(Owner { username, id });
        self.keep(Account { owner, generation, came, tokens })
    }

    /// Replaces the tokens of who is signed in. A renewal may keep the refresh token as it is.
    pub fn renew(self, mut tokens: Tokens, came: Moment) {
        let renewed = self.with_account(|account| {
            let kept = || account.tokens.refresh.as_ref().map(|it| it.reveal().to_owned());
            tokens.refresh = tokens.refresh.or_else(|| kept().map(Secret::new));
            let generation = account.generation.saturating_add(1);
            Account { owner: account.owner.clone(), generation, came, tokens }
        });
        if let Some(account) = renewed {
            self.keep(account);
        }
    }

    /// Takes over what another tab of the same session has, if it is newer.
    pub fn adopt(self, account: Account) {
        let is_newer = self.owner_untracked().is_some_and(|owner| owner.id == account.owner.id)
            && self.generation().is_some_and(|own| own < account.generation);
        if is_newer {
            self.keep(account);
        }
    }

    /// The Key API takes the tokens no longer: forgets them, and asks their owner to sign in again.
    pub fn lapse(self) {
        let account = self.with_account(|account| (account.owner.clone(), account.generation));
        if let Some((owner, generation)) = account {
            store::clear();
            self.change(SessionState::Lapsed(owner, generation));
        }
    }

    /// Its owner signed out in another tab: forgets the tokens. Yields the refresh token, so that
    /// it can be revoked.
    pub fn leave(self) -> Option<Secret> {
        let owner = self.owner_untracked()?;
        store::clear_all();
        self.change(SessionState::Leaving(owner))?.refresh()
    }

    /// Ends the session, if there is one: memory and storage forget it. Yields the refresh token,
    /// so that it can be revoked.
    pub fn end(self, reason: Reason) -> Option<Secret> {
        store::clear_all();
        self.change(SessionState::SignedOut(reason))?.refresh()
    }

    /// Leaves word for after a reload how the session was left.
    pub fn part(self, parting: Parting) {
        store::write_parting(parting);
    }

    /// Remembers, across a reload, that the outcome of this attempt is not known.
    pub fn note_creation(self, attempt: &Attempt) {
        if let Some(owner) = self.owner_untracked() {
            store::write_creation(&owner.username, attempt);
        }
    }

    /// The attempt whose outcome was not known when the page was left, if it was its owner's.
    pub fn noted_creation(self) -> Option<Attempt> {
        store::read_creation(&self.owner_untracked()?.username)
    }

    /// Whether anything of that kind, or of the next, was noted when the page was left.
    pub fn has_notes(self) -> bool {
        store::has_notes()
    }

    /// The outcome is known, or no longer matters.
    pub fn forget_creation(self) {
        store::clear_creation();
    }

    /// Remembers, across a reload, the keys whose secret nobody has confirmed to have saved.
    pub fn note_unconfirmed(self, keys: &[KeyId]) {
        match self.owner_untracked().filter(|_| !keys.is_empty()) {
            Some(owner) => store::write_unconfirmed(&owner.username, keys),
            None => store::clear_unconfirmed(),
        }
    }

    /// The keys that were so when the page was left, if they are its owner's.
    pub fn noted_unconfirmed(self) -> Vec<KeyId> {
        let owner = self.owner_untracked();
        owner.map(|owner| store::read_unconfirmed(&owner.username)).unwrap_or_default()
    }

    /// Reads the account, if somebody is signed in. Not tracked.
    pub fn with_account<T>(self, read: impl FnOnce(&Account) -> T) -> Option<T> {
        self.state.try_with_untracked(|state| match state {
            SessionState::SignedIn(account) => Some(read(account)),
            _ => None,
        })?
    }

    /// Whose session it is, also while it has lapsed. Tracked.
    pub fn owner(self) -> Option<Owner> {
        self.state.with(|state| state.owner().cloned())
    }

    /// Whether its owner is asked to sign in again. Tracked.
    pub fn has_lapsed(self) -> bool {
        self.state.with(|state| matches!(state, SessionState::Lapsed(..)))
    }

    /// Whether its owner has signed out in another tab. Tracked.
    pub fn is_leaving(self) -> bool {
        self.state.with(|state| matches!(state, SessionState::Leaving(_)))
    }

    /// Why nobody is signed in; `None` if somebody is or was until their session lapsed. Tracked.
    pub fn signed_out(self) -> Option<Reason> {
        self.state.with(|state| match state {
            SessionState::SignedOut(reason) => Some(*reason),
            _ => None,
        })
    }

    /// How often the tokens have been replaced, also once they have lapsed. Not tracked.
    pub fn generation(self) -> Option<u32> {
        self.state.try_with_untracked(|state| match state {
            SessionState::SignedIn(Account { generation, .. })
            | SessionState::Lapsed(_, generation) => Some(*generation),
            SessionState::SignedOut(_) | SessionState::Leaving(_) => None,
        })?
    }

    /// Ends at the next change of the state.
    pub fn changed(self) -> impl Future<Output = ()> {
        let change = Promise::new(&mut |resolve, _| {
            self.waiting.try_update_value(|waiting| waiting.push(resolve));
        });
        async move {
            // It is only ever resolved.
            let _ = JsFuture::from(change).await;
        }
    }

    /// Whose session it is. Not tracked.
    pub fn owner_untracked(self) -> Option<Owner> {
        self.state.try_with_untracked(|state| state.owner().cloned())?
    }

    fn keep(self, account: Account) -> Kept {
        let kept = store::write(&account);
        self.change(SessionState::SignedIn(account));
        kept
    }

    /// Yields the state before.
    fn change(self, state: SessionState) -> Option<SessionState> {
        let before = self.state.try_update(|old| std::mem::replace(old, state))?;
        let waiting = self.waiting.try_update_value(std::mem::take).unwrap_or_default();
        for resolve in waiting {
            // Resolving a promise does not fail.
            let _ = resolve.call0(&JsValue::NULL);
        }
        Some(before)
    }
}

impl Owner {
    /// Whether this is who signs in by that name. The Key API knows its users by e-mail address, in
    /// which no mail service tells small letters from capital ones: whoever comes back to an unsaved
    /// secret with a capital letter more is not somebody else, for whom it would be dropped.
    pub fn is(&self, username: &str) -> bool {
        is_same(&self.username, username)
    }
}

fn is_same(username: &str, other: &str) -> bool {
    username.eq_ignore_ascii_case(other)
}

impl SessionState {
    fn refresh(self) -> Option<Secret> {
        match self {
            Self::SignedIn(account) => account.tokens.refresh,
            _ => None,
        }
    }

    fn owner(&self) -> Option<&Owner> {
        match self {
            Self::SignedOut(_) => None,
            Self::SignedIn(Account { owner, .. })
            | Self::Lapsed(owner, _)
            | Self::Leaving(owner) => Some(owner),
        }
    }
}

impl Moment {
    /// The moment that another page, or another tab, read from its clocks.
    pub(crate) fn of_another_page(wall: Timestamp) -> Self {
        Self { wall: wall.unix_millis(), monotonic: None }
    }
}
