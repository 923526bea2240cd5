//! Who is signed in: a small state machine, restored from session storage before the first frame.

mod store;

use leptos::prelude::*;

use crate::domain::secret::Secret;
use crate::domain::tokens::Tokens;

/// The session of this tab. A handle: copies name the same session.
#[derive(Clone, Copy)]
pub struct Session(RwSignal<SessionState>);

/// Whether somebody is signed in.
#[derive(Debug, PartialEq, Eq)]
pub enum SessionState {
    /// Nobody is, for this reason.
    SignedOut(Reason),
    /// Somebody is.
    SignedIn(Account),
}

/// Why nobody is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nobody has signed in yet.
    NotYet,
    /// The user signed out.
    Left,
    /// The Key API no longer takes the tokens.
    Expired,
}

/// Somebody who is signed in.
#[derive(Debug, PartialEq, Eq)]
pub struct Account {
    /// The user name they signed in with.
    pub username: String,
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
                SessionState::SignedOut(Reason::NotYet)
            }
        };
        Self(RwSignal::new(state))
    }

    /// Begins a session.
    pub fn begin(self, account: Account) -> Kept {
        let kept = store::write(&account);
        self.0.set(SessionState::SignedIn(account));
        kept
    }

    /// Ends the session, if there is one: memory and storage forget it. Yields the refresh token,
    /// so that it can be revoked.
    pub fn end(self, reason: Reason) -> Option<Secret> {
        store::clear();
        match self
            .0
            .try_update(|state| std::mem::replace(state, SessionState::SignedOut(reason)))?
        {
            SessionState::SignedIn(account) => account.tokens.refresh,
            SessionState::SignedOut(_) => None,
        }
    }

    /// Reads the account, if somebody is signed in. Tracked.
    pub fn with_account<T>(self, read: impl FnOnce(&Account) -> T) -> Option<T> {
        self.0.with(|state| match state {
            SessionState::SignedIn(account) => Some(read(account)),
            SessionState::SignedOut(_) => None,
        })
    }

    /// Why nobody is signed in; `None` if somebody is. Tracked.
    pub fn signed_out(self) -> Option<Reason> {
        self.0.with(|state| match state {
            SessionState::SignedIn(_) => None,
            SessionState::SignedOut(reason) => Some(*reason),
        })
    }
}
