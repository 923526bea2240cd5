//! Access to the Key API on behalf of who is signed in: the one place where a bearer token is
//! taken from the session, renewed, found refused, and given up.
//!
//! Architecture Invariant: a read may be sent again after a 401; a change never is, because only
//! its user may decide to do a thing twice.

mod ahead;
mod known;
mod tabs;

use js_sys::Promise;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use self::ahead::Ahead;
use self::known::Known;
use self::tabs::Tabs;
use crate::api::{ApiError, Authorized, Client, site};
use crate::browser::locks::{self, Mode};
use crate::browser::{clock, page, timer};
use crate::domain::renewal::{self, Moment};
use crate::domain::secret::Secret;
use crate::domain::tokens::Tokens;
use crate::session::{Kept, Parting, Reason, Session};

/// How often in a row the API may refuse one read, each time with newer tokens, before the session
/// counts as lapsed.
const REFUSALS: u32 = 3;

/// How long a renewal waits for another tab's, in milliseconds: for longer than one may take. A tab
/// that keeps the lock after that is frozen, perhaps by a question of the browser's.
const ALONE_DEADLINE: u32 = 12_000;

/// How long signing out waits for the Key API, in milliseconds.
const FAREWELL_DEADLINE: u32 = 3_000;

/// How long a page that reloads itself may take to go, in milliseconds.
const RELOAD_DEADLINE: u32 = 3_000;

/// Access on behalf of who is signed in. A handle: clones share the session and its renewal.
#[derive(Clone)]
pub struct Access {
    client: Client,
    session: Session,
    tabs: Tabs,
    /// The renewal that is under way, which all callers share.
    renewing: StoredValue<Option<Promise>, LocalStorage>,
    /// How the last renewal ended.
    outcome: StoredValue<Result<(), ApiError>>,
    /// When the last attempt to renew began.
    attempted: StoredValue<Option<Moment>>,
    stake: RwSignal<Stake>,
    /// Whether a user whose session has lapsed sees to what is at stake first.
    put_off: RwSignal<bool>,
    ahead: Ahead,
    known: Known,
}

/// What would be lost if the page went now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stake {
    /// Nothing that cannot be had again.
    Nothing,
    /// What was begun, the answer to a change that is under way, and what tells of how it ended,
    /// until its user closes it.
    Work,
    /// A secret that is on show.
    Secret,
}

impl Access {
    /// Access by `session` to the Key API that `client` knows.
    pub fn new(client: Client, session: Session) -> Self {
        Self {
            tabs: Tabs::of(session, client.clone()),
            client,
            session,
            renewing: StoredValue::new_local(None),
            outcome: StoredValue::new(Ok(())),
            attempted: StoredValue::new(None),
            stake: RwSignal::new(Stake::Nothing),
            put_off: RwSignal::new(false),
            ahead: Ahead::new(),
            known: Known::nothing(),
        }
    }

    /// The session.
    pub fn session(&self) -> Session {
        self.session
    }

    /// Where the Key API is.
    pub fn api_address(&self) -> &str {
        self.client.address()
    }

    /// What would be lost if the page went now. Who has it on show, says it here.
    pub fn stake(&self) -> RwSignal<Stake> {
        self.stake
    }

    /// Whether a user whose session has lapsed sees to what is at stake before they sign in again.
    /// A change, which takes a session, asks them anew.
    pub fn put_off(&self) -> RwSignal<bool> {
        self.put_off
    }

    /// Reads from the Key API. A token that is about to expire is renewed first; after a 401 the
    /// read is sent again with a new one. When the session has lapsed, the read waits until its
    /// owner has signed in again.
    ///
    /// # Errors
    /// What `call` fails with. [`ApiError::Unauthorized`] only if the session has ended.
    pub async fn read<T>(
        &self,
        call: impl AsyncFn(Authorized) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let owner = self.session.owner_untracked().map(|owner| owner.id);
        let mut refusals = 0;
        loop {
            self.renew_if_due().await;
            if owner.is_none() || self.session.owner_untracked().map(|owner| owner.id) != owner {
                return Err(ApiError::Unauthorized);
            }
            let Some((api, generation)) = self.authorized() else {
                refusals = 0;
                self.session.changed().await;
                continue;
            };
            let result = call(api).await;
            if !matches!(result, Err(ApiError::Unauthorized)) {
                return result;
            }
            refusals += 1;
            self.refused(generation, refusals).await?;
        }
    }

    /// Changes something at the Key API: `call` is made at most once. A token that is about to
    /// expire is renewed first.
    ///
    /// # Errors
    /// What `call` fails with. After [`ApiError::Unauthorized`] nothing was done, and the session
    /// has either been renewed, so that its user may try again, or has lapsed.
    pub async fn change<T>(
        &self,
        call: impl AsyncFnOnce(Authorized) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        self.renew_if_due().await;
        let Some((api, generation)) = self.authorized() else {
            self.put_off.try_set(false);
            return Err(ApiError::Unauthorized);
        };
        let result = call(api).await;
        if matches!(result, Err(ApiError::Unauthorized)) {
            // The change is refused either way.
            let _ = self.refused(generation, 1).await;
        }
        result
    }

    /// Whether the Key API takes `key`; see [`Client::exchange_key`]. It says nothing of the session
    /// and is sent once.
    ///
    /// # Errors
    /// What the exchange fails with.
    pub async fn exchange_key(&self, key: &Secret) -> Result<(), ApiError> {
        self.client.exchange_key(key).await
    }

    /// Begins a session with tokens that have just come. If one goes on by them, so do the other
    /// tabs that share it: nobody is asked twice.
    pub fn begin(&self, username: String, tokens: Tokens) -> Kept {
        let kept = self.session.begin(username, tokens, clock::moment(), page::random_uuid());
        spawn_local(self.tabs.tell_renewed());
        kept
    }

    /// Signs out: memory and storage forget, the other tabs and the Key API are told, and a reload
    /// takes away what the page still had in memory.
    pub fn sign_out(&self) {
        let refresh = self.session.end(Reason::Leaving);
        self.tabs.tell_left();
        let access = self.clone();
        spawn_local(async move {
            let parting = match refresh {
                Some(token) => access.say_farewell(token).await,
                None => Parting::Told,
            };
            access.depart(parting).await;
        });
    }

    /// Follows its owner, who signed out in another tab.
    pub fn follow_out(&self) {
        self.session.end(Reason::Leaving);
        let access = self.clone();
        spawn_local(async move { access.depart(Parting::Elsewhere).await });
    }

    /// Revokes the tokens where the API offers it.
    async fn say_farewell(&self, refresh: Secret) -> Parting {
        let revocation = self.client.revoke_token(&refresh);
        match timer::at_most(FAREWELL_DEADLINE, revocation).await {
            Some(Ok(())) => Parting::Told,
            Some(Err(error)) if is_over(&error) => Parting::Told,
            Some(Err(_)) | None => Parting::Untold,
        }
    }

    /// Leaves the page by reloading it. Without its server that would lead to the browser's own
    /// error page: then the page stays, and shows the form. So it does if the user stays, whom an
    /// extension or the browser may ask.
    async fn depart(&self, parting: Parting) {
        page::forget_route();
        if site::answers().await {
            self.session.part(parting);
            page::reload();
            timer::sleep(RELOAD_DEADLINE).await;
        }
        self.session.end(Reason::Left(parting));
    }

    fn authorized(&self) -> Option<(Authorized, u32)> {
        self.session
            .with_account(|account| (self.client.authorized(&account.tokens), account.generation))
    }

    /// Renews tokens that are about to expire. If that fails, what they are worth is for the call
    /// to find out.
    async fn renew_if_due(&self) {
        let now = clock::moment();
        let due = self.session.with_account(|account| {
            let life = account.tokens.life_millis;
            renewal::is_due(account.came, life, now).then_some(account.generation)
        });
        // A call may begin just when the app is taken down.
        let Some(attempted) = self.attempted.try_get_value() else {
            return;
        };
        let too_soon = renewal::pause(attempted, now).is_some();
        if let (Some(Some(generation)), false) = (due, too_soon) {
            let _ = self.renew(generation).await;
        }
    }

    /// The API has refused the tokens of this generation.
    async fn refused(&self, generation: u32, refusals: u32) -> Result<(), ApiError> {
        if refusals >= REFUSALS && self.session.generation() == Some(generation) {
            self.session.lapse();
        }
        match self.renew(generation).await {
            // Who reads waits for the owner; who changes has been refused.
            Err(ApiError::Unauthorized) => Ok(()),
            result => result,
        }
    }

    /// Replaces the tokens of this generation, unless that has happened already. All callers share
    /// one renewal.
    async fn renew(&self, generation: u32) -> Result<(), ApiError> {
        let is_current = self.session.with_account(|it| it.generation == generation);
        if is_current != Some(true) {
            return Ok(());
        }
        let renewing = self.renewing.try_get_value().flatten().unwrap_or_else(|| {
            let access = self.clone();
            // It goes on though all callers may have gone: a refresh token that is half replaced
            // is lost.
            let renewing = future_to_promise(async move {
                let outcome = access.renew_once().await;
                access.outcome.try_set_value(outcome);
                access.renewing.try_set_value(None);
                Ok(JsValue::UNDEFINED)
            });
            self.renewing.try_set_value(Some(renewing.clone()));
            renewing
        });
        // It is only ever resolved.
        let _ = JsFuture::from(renewing).await;
        self.outcome.try_get_value().unwrap_or(Err(ApiError::Unauthorized))
    }

    /// One attempt to replace the tokens, by one tab at a time.
    async fn renew_once(&self) -> Result<(), ApiError> {
        let pause = || {
            let attempted = self.attempted.try_get_value().flatten();
            renewal::pause(attempted, clock::moment())
        };
        while let Some(millis) = pause() {
            timer::sleep(millis).await;
        }
        let Some((id, generation)) =
            self.session.with_account(|account| (account.owner.id, account.generation))
        else {
            return Err(ApiError::Unauthorized);
        };
        // Two that renew at once are saved by the API's own patience with the token before.
        let name = tabs::renewal_lock(id);
        let _alone = timer::at_most(ALONE_DEADLINE, locks::hold(&name, Mode::Exclusive)).await;
        self.tabs.catch_up(generation).await;
        let is_current = || {
            self.session.with_account(|it| it.owner.id == id && it.generation == generation)
                == Some(true)
        };
        if !is_current() {
            return Ok(());
        }
        let refresh = self.session.with_account(|account| {
            account.tokens.refresh.as_ref().map(|token| Secret::new(token.reveal().to_owned()))
        });
        let Some(Some(refresh)) = refresh else {
            self.session.lapse();
            return Err(ApiError::Unauthorized);
        };
        self.attempted.try_set_value(Some(clock::moment()));
        match self.client.refresh(&refresh).await {
            // The session may have been left meanwhile.
            Ok(_) if !is_current() => Ok(()),
            Ok(tokens) => {
                self.session.renew(tokens, clock::moment());
                self.tabs.tell_renewed().await;
                Ok(())
            }
            Err(error) if is_refusal(&error) => {
                // A tab that this one could not wait for may have used the token before.
                self.tabs.catch_up(generation).await;
                if !is_current() {
                    return Ok(());
                }
                self.session.lapse();
                Err(ApiError::Unauthorized)
            }
            // A lost connection or a failing server says nothing about the session.
            Err(error) => Err(error),
        }
    }
}

/// Whether the API has said that a refresh token is worth nothing (RFC 6749, section 5.2; the
/// documents have 400 and 404).
fn is_refusal(error: &ApiError) -> bool {
    matches!(
        error,
        ApiError::Unauthorized
            | ApiError::Forbidden(_)
            | ApiError::NotFound
            | ApiError::Invalid(_)
            | ApiError::Refused(_)
    )
}

/// Whether an API that did not revoke a token has nothing to be told: it offers no revocation (404,
/// or 405 with an API's own words), or does not know the session any more (401).
fn is_over(error: &ApiError) -> bool {
    matches!(error, ApiError::NotFound | ApiError::Refused(_) | ApiError::Unauthorized)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_apis_own_word_ends_a_session() {
        for error in [ApiError::Refused(None), ApiError::NotFound, ApiError::Unauthorized] {
            assert!(is_refusal(&error), "{error:?}");
        }
        let too_many = ApiError::TooManyRequests { retry_after: None };
        for error in [ApiError::Offline, ApiError::TimedOut, ApiError::Server(500), too_many] {
            assert!(!is_refusal(&error), "{error:?}");
        }
        assert!(!is_refusal(&ApiError::NotAKeyApi));
    }

    #[test]
    fn only_an_api_that_has_nothing_to_revoke_counts_as_told() {
        for error in [ApiError::NotFound, ApiError::Refused(None), ApiError::Unauthorized] {
            assert!(is_over(&error), "{error:?}");
        }
        for error in [ApiError::Forbidden(None), ApiError::Conflict(None), ApiError::Server(500)] {
            assert!(!is_over(&error), "{error:?}");
        }
    }
}
