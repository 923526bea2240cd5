//! What somebody who is signed in has before them: the frame around the pages, the list of keys
//! that they share, and the dialogs that make and revoke keys.
//!
//! The dialogs and the new secret live here, above the pages, so that neither Back nor a refreshed
//! list can take a secret away.

use std::time::Duration;

use contract::Timestamp;
use leptos::either::Either;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::key::KeyPage;
use super::keys::KeysPage;
use crate::api::{ApiError, Authorized, Client};
use crate::browser::{format, page};
use crate::components::create_key::CreateKeyDialog;
use crate::components::mark::Mark;
use crate::components::notice::Notices;
use crate::components::revoke_key::RevokeKeyDialog;
use crate::domain::creation::Creation;
use crate::domain::form::Complaint;
use crate::domain::key::{ApiKey, KeyId, KeyList, KeyName, may_be_a_secret, name_is_taken};
use crate::domain::revocation::Revocation;
use crate::domain::usage::Usage;
use crate::remote::{Remote, fetch_into};
use crate::route::Route;
use crate::session::{Reason, Session};

/// Relative times are worded anew this often.
const CLOCK_TICK: Duration = Duration::from_secs(30);

/// The data and the actions of a session. A handle: clones name the same workspace.
#[derive(Clone)]
pub struct Workspace {
    client: Client,
    session: Session,
    keys: RwSignal<Remote<KeyList>>,
    keys_turn: StoredValue<u32>,
    creation: RwSignal<Creation>,
    revocation: RwSignal<Option<Revocation>>,
    revocation_usage: RwSignal<Remote<Usage>>,
    revocation_usage_turn: StoredValue<u32>,
    /// The key that was just made.
    fresh: RwSignal<Option<KeyId>>,
    notice: RwSignal<Option<String>>,
    route: RwSignal<Route>,
    now: RwSignal<Timestamp>,
    /// The Key API no longer takes the tokens; the session ends as soon as nothing is lost by it.
    expired: RwSignal<bool>,
}

/// The signed-in app.
#[component]
pub fn WorkspacePage(
    /// The session, in which somebody is signed in.
    session: Session,
    /// The Key API.
    client: Client,
    /// The message on show.
    notice: RwSignal<Option<String>>,
) -> impl IntoView {
    let workspace = Workspace::new(session, client, notice);
    workspace.follow_the_window();
    workspace.refresh_keys();

    let creation = workspace.creation;
    let route = workspace.route;
    let username =
        untrack(|| session.with_account(|account| account.username.clone())).unwrap_or_default();
    // On a phone there is only room for a part of it.
    let full_username = username.clone();
    let is_taken = Callback::new({
        let keys = workspace.keys;
        move |name: String| {
            keys.with_untracked(|keys| {
                keys.value().is_some_and(|list| name_is_taken(&name, &list.keys))
            })
        }
    });
    let on_submit = Callback::new({
        let workspace = workspace.clone();
        move |name| workspace.create(name)
    });
    let on_confirmed = Callback::new({
        let workspace = workspace.clone();
        move |id| workspace.revoke(id)
    });
    let sign_out = {
        let workspace = workspace.clone();
        move |_| workspace.sign_out()
    };
    let revocation = workspace.revocation;
    let usage = Signal::from(workspace.revocation_usage);
    let now = workspace.now();
    // A search changes the route too, but not the page.
    let key_id = Memo::new(move |_| match route.get() {
        Route::Keys { .. } => None,
        Route::Key(id) => Some(id),
    });
    view! {
        <header class="top">
            <a class="brand" href=Route::ALL_KEYS.to_string()>
                <Mark class="logo"/>
                {"Occam Keys"}
            </a>
            <div class="account">
                <span class="username" title=full_username><bdi>{username}</bdi></span>
                <button type="button" class="button quiet" on:click=sign_out>
                    {"Sign out"}
                </button>
            </div>
        </header>
        <main class="page">
            <Notices notice/>
            {move || match key_id.get() {
                None => Either::Left(view! { <KeysPage workspace=workspace.clone()/> }),
                Some(id) => Either::Right(view! { <KeyPage id workspace=workspace.clone()/> }),
            }}
        </main>
        <CreateKeyDialog creation is_taken on_submit/>
        <RevokeKeyDialog revocation usage now on_confirmed/>
    }
}

impl Workspace {
    fn new(session: Session, client: Client, notice: RwSignal<Option<String>>) -> Self {
        Self {
            client,
            session,
            keys: RwSignal::new(Remote::Loading),
            keys_turn: StoredValue::new(0),
            creation: RwSignal::new(Creation::Closed),
            revocation: RwSignal::new(None),
            revocation_usage: RwSignal::new(Remote::Loading),
            revocation_usage_turn: StoredValue::new(0),
            fresh: RwSignal::new(None),
            notice,
            route: RwSignal::new(page::route()),
            now: RwSignal::new(format::now()),
            expired: RwSignal::new(false),
        }
    }

    pub(super) fn keys(&self) -> Signal<Remote<KeyList>> {
        self.keys.into()
    }

    pub(super) fn fresh(&self) -> Signal<Option<KeyId>> {
        self.fresh.into()
    }

    pub(super) fn now(&self) -> Signal<Timestamp> {
        self.now.into()
    }

    /// What the table is searched for.
    pub(super) fn query(&self) -> Memo<String> {
        let route = self.route;
        Memo::new(move |_| match route.get() {
            Route::Keys { query } => query,
            Route::Key(_) => String::new(),
        })
    }

    /// Searches the table. The address follows, so that a reload or a shared link finds the same;
    /// but never with what may be a secret that somebody pasted to find its key.
    pub(super) fn search(&self, query: String) {
        let in_address = if may_be_a_secret(&query) { String::new() } else { query.clone() };
        page::replace_route(&Route::Keys { query: in_address });
        self.route.set(Route::Keys { query });
    }

    /// Asks for the list again. The old one stays in sight meanwhile.
    pub(super) fn refresh_keys(&self) {
        fetch_into(self.keys, self.keys_turn, self.call(async |api| api.keys().await));
    }

    /// Asks for a key's usage, into a signal that a page owns.
    pub(super) fn fetch_usage(
        &self,
        id: KeyId,
        usage: RwSignal<Remote<Usage>>,
        turn: StoredValue<u32>,
    ) {
        fetch_into(usage, turn, self.call(async move |api| api.usage(id).await));
    }

    /// Opens the dialog that makes a key.
    pub(super) fn open_creation(&self) {
        self.creation.update(Creation::open);
    }

    /// Opens the dialog that asks whether to revoke `key`.
    pub(super) fn open_revocation(&self, key: ApiKey) {
        let id = key.id;
        self.now.set(format::now());
        self.revocation_usage.set(Remote::Loading);
        self.revocation.set(Some(Revocation::of(key, self.now.get_untracked())));
        self.fetch_usage(id, self.revocation_usage, self.revocation_usage_turn);
    }

    /// Makes a key of this name, once.
    fn create(&self, name: KeyName) {
        if !self.creation.try_update(Creation::send).unwrap_or(false) {
            return;
        }
        let workspace = self.clone();
        spawn_local(async move {
            let called = name.as_str().to_owned();
            let idempotency_key = page::random_uuid();
            match workspace.call(async move |api| api.create(name, idempotency_key).await).await {
                Ok(key) => {
                    workspace.fresh.set(key.id);
                    workspace.creation.update(|creation| creation.show(key));
                    workspace.show_all_keys_if_search_hides(&called);
                    workspace.refresh_keys();
                }
                Err(error) => {
                    let complaint = creation_complaint(&error, &called);
                    workspace.creation.update(|creation| creation.complain(complaint));
                    if error.leaves_outcome_unknown() {
                        workspace.refresh_keys();
                    }
                }
            }
        });
    }

    /// Revokes a key whose revocation was confirmed.
    fn revoke(&self, id: KeyId) {
        let workspace = self.clone();
        spawn_local(async move {
            let result = workspace.call(async move |api| api.revoke(id).await).await;
            // The session may have ended meanwhile, and the workspace with it.
            if workspace.revocation.is_disposed() {
                return;
            }
            let name = workspace
                .revocation
                .with_untracked(|it| it.as_ref().map(|it| it.key.name.clone()))
                .unwrap_or_default();
            match result {
                Ok(()) => workspace.forget_key(id, format!("Revoked “{name}”.")),
                Err(ApiError::NotFound) => {
                    workspace.forget_key(id, format!("“{name}” was gone already."));
                }
                Err(error) => {
                    let unknown = error.leaves_outcome_unknown();
                    let words = match unknown {
                        true => format!("{error} The key may have been revoked all the same."),
                        false => error.to_string(),
                    };
                    workspace.revocation.update(|revocation| {
                        if let Some(revocation) = revocation {
                            revocation.fail(words);
                        }
                    });
                    if unknown {
                        workspace.refresh_keys();
                    }
                }
            }
        });
    }

    /// Takes a key that no longer exists out of sight.
    fn forget_key(&self, id: KeyId, notice: String) {
        self.revocation.set(None);
        self.keys.update(|keys| keys.change(|list| list.keys.retain(|key| key.id != id)));
        self.notice.set(Some(notice));
        if self.route.get_untracked() == Route::Key(id) {
            page::go_to(&Route::ALL_KEYS);
        }
        // The row that had focus is gone.
        page::focus("#app h1");
        self.refresh_keys();
    }

    /// A new key must be in sight: a search that hides it is taken back.
    fn show_all_keys_if_search_hides(&self, name: &str) {
        let hidden = self.route.with_untracked(|route| {
            matches!(route, Route::Keys { query } if !name.to_lowercase()
                .contains(&query.trim().to_lowercase()))
        });
        if hidden {
            self.search(String::new());
            self.notice.set(Some("The search was cleared to show the new key.".to_owned()));
        }
    }

    /// Ends the session here and, where the API offers it, there.
    fn sign_out(&self) {
        let Some(refresh_token) = self.session.end(Reason::Left) else {
            return;
        };
        let client = self.client.clone();
        spawn_local(async move {
            // Signing out is done when this browser has forgotten the tokens. An API that offers
            // no revocation, or cannot be reached, lets them run out.
            let _ = client.revoke_token(&refresh_token).await;
        });
    }

    /// Calls the Key API on behalf of the user. The one place where a refused token is noticed.
    fn call<T>(
        &self,
        call: impl AsyncFnOnce(Authorized) -> Result<T, ApiError> + 'static,
    ) -> impl Future<Output = Result<T, ApiError>> + 'static {
        let workspace = self.clone();
        async move {
            let authorized = untrack(|| {
                workspace
                    .session
                    .with_account(|account| workspace.client.authorized(&account.tokens))
            });
            let result = match authorized {
                Some(authorized) => call(authorized).await,
                None => Err(ApiError::Unauthorized),
            };
            if let Err(ApiError::Unauthorized) = result {
                workspace.expired.try_set(true);
            }
            result
        }
    }

    /// Keeps the workspace in step with the window around it, for as long as it is mounted.
    fn follow_the_window(&self) {
        let (route, creation, now) = (self.route, self.creation, self.now);
        let revocation = self.revocation;
        let navigated = window_event_listener(ev::hashchange, move |_| {
            route.set(page::route());
            // The page behind a dialog has changed: one that can go goes, one that cannot asks.
            creation.update(Creation::leave);
            revocation.update(Revocation::leave);
            page::focus("#app h1");
        });
        on_cleanup(move || navigated.remove());

        // The listener is only there while a secret could be lost.
        let at_risk = Memo::new(move |_| creation.with(Creation::warns_on_unload));
        page::ask_before_unload(at_risk.into());

        if let Ok(clock) = set_interval_with_handle(move || now.set(format::now()), CLOCK_TICK) {
            on_cleanup(move || clock.clear());
        }

        let (expired, session) = (self.expired, self.session);
        Effect::new(move |_| {
            // An expired session never takes a secret with it, nor one that is on its way, nor the
            // answer to whether a key was revoked.
            let at_stake = creation.with(|creation| creation.is_showing() || creation.is_sending())
                || revocation.with(|it| it.as_ref().is_some_and(|it| it.sending));
            if expired.get() && !at_stake {
                session.end(Reason::Expired);
            }
        });
        page::focus("#app h1");
    }
}

/// What to say of a key that could not be made, or may have been.
fn creation_complaint(error: &ApiError, name: &str) -> Complaint {
    if let Some(words) = error.about_field("name") {
        return Complaint::AtField(words.to_owned());
    }
    if error.leaves_outcome_unknown() {
        return Complaint::Overall(format!(
            "{error} We do not know whether the key was made; its secret was not received. If \
             “{name}” shows up in the list, revoke it and make another."
        ));
    }
    Complaint::Overall(error.to_string())
}
