//! What somebody who is signed in has before them: the frame around the pages, the list of keys
//! that they share, and the dialogs that make and revoke keys.
//!
//! The dialogs and the new secret live here, above the pages, so that neither Back nor a refreshed
//! list can take a secret away.

mod cleaning;
pub mod commands;
mod creating;
mod guarding;
mod identifying;
pub(super) mod journaling;
pub(super) mod listing;
pub(super) mod measuring;
mod revoking;
mod revoking_many;
mod rotating;

use std::sync::Arc;
use std::time::Duration;

use contract::Timestamp;
use leptos::ev;
use leptos::prelude::*;

use self::cleaning::Cleaning;
use self::commands::Commands;
use self::guarding::Guard;
use self::identifying::Identifying;
use self::journaling::Journaling;
use self::rotating::Rotating;
use super::chunk::{Chunk, Detail, page_of};
use super::keys::KeysPage;
use crate::access::{Access, Stake};
use crate::api::ApiError;
use crate::browser::locks::Lock;
use crate::browser::text::decomposed;
use crate::browser::{format, page};
use crate::components::create_key::{CreateActions, CreateKeyDialog};
use crate::components::foreign::Foreign;
use crate::components::inquiry::{InquiryActions, InquiryReminder};
use crate::components::lost_secret::{GuardActions, LostSecretOffer};
use crate::components::mark::Mark;
use crate::components::notice::{Notice, Notices};
use crate::components::offline::OfflineBanner;
use crate::components::revoke_key::RevokeKeyDialog;
use crate::components::rotation::banner::RotationBanner;
use crate::domain::bulk_revocation::BulkRevocation;
use crate::domain::creation::Creation;
use crate::domain::inquiry::Inquiry;
use crate::domain::key::{KeyId, KeyList};
use crate::domain::lookalike::{Names, lookalikes};
use crate::domain::names::visible;
use crate::domain::revocation::Revocation;
use crate::domain::suggest::next_names;
use crate::domain::table::selection::Selection;
use crate::domain::usage::Usage;
use crate::domain::usage_board::UsageBoard;
use crate::remote::{Latest, Remote, fetch_into, resume_online};
use crate::route::{Page, Route};
use crate::words::tr;

/// Relative times are worded anew this often.
const CLOCK_TICK: Duration = Duration::from_secs(30);

/// The data and the actions of a session. A handle: clones name the same workspace.
#[derive(Clone)]
pub struct Workspace {
    access: Access,
    /// The file with what nobody needs to see the rows.
    details: Chunk,
    keys: RwSignal<Remote<Arc<KeyList>>>,
    keys_turn: StoredValue<Latest>,
    creation: RwSignal<Creation>,
    /// The name that the form of the create-key dialog begins with.
    suggestion: RwSignal<String>,
    /// What is known of a key whose answer was lost.
    inquiry: RwSignal<Option<Inquiry>>,
    inquiry_turn: StoredValue<u32>,
    /// Says to other tabs that the attempt is this one's.
    attempt_lock: StoredValue<Option<Lock>, LocalStorage>,
    /// The keys whose secret nobody may have.
    guard: Guard,
    /// What is known of a text that was pasted.
    identifying: Identifying,
    revocation: RwSignal<Option<Revocation>>,
    revocation_usage: RwSignal<Remote<Usage>>,
    revocation_usage_turn: StoredValue<Latest>,
    bulk: RwSignal<Option<BulkRevocation>>,
    /// The keys that were chosen in the table.
    selection: RwSignal<Selection>,
    /// The keys that somebody looks for, which the table marks.
    highlighted: RwSignal<Vec<KeyId>>,
    /// A list that was asked for in the background and waits until nobody is on the rows.
    newer: StoredValue<Option<KeyList>>,
    /// Whether somebody is.
    held: StoredValue<bool>,
    /// When the list came.
    fetched: StoredValue<Timestamp>,
    /// The usage of all keys, as far as it was asked for.
    board: RwSignal<UsageBoard>,
    journaling: Journaling,
    rotating: Rotating,
    /// The round over the keys that nobody uses.
    cleaning: Cleaning,
    /// The key that was just made.
    fresh: RwSignal<Option<KeyId>>,
    notice: RwSignal<Option<Notice>>,
    route: RwSignal<Route>,
    now: RwSignal<Timestamp>,
}

/// The signed-in app.
#[component]
pub fn WorkspacePage(
    /// Access on behalf of who is signed in.
    access: Access,
    /// The message on show.
    notice: RwSignal<Option<Notice>>,
) -> impl IntoView {
    let session = access.session();
    let workspace = Workspace::new(access, notice);
    workspace.follow_the_window();
    workspace.refresh_keys();
    workspace.resume_inquiry();
    workspace.resume_look_online();
    workspace.guard_secrets();
    workspace.follow_replacements();
    workspace.follow_doubts();
    workspace.follow_the_list();
    workspace.follow_rotations();
    workspace.follow_clean_up();
    workspace.fetch_details();
    resume_online(workspace.keys, {
        let workspace = workspace.clone();
        move || workspace.refresh_keys()
    });

    let creation = workspace.creation;
    let (suggestion, inquiry) = (workspace.suggestion, workspace.inquiry);
    let route = workspace.route;
    let username = session.owner_untracked().map(|owner| owner.username).unwrap_or_default();
    // On a phone there is only room for a part of it.
    let full_username = visible(&username).into_owned();
    let keys = workspace.keys;
    // Worked out when a name is first typed, and not again until the list changes.
    let list = Memo::new(move |_| keys.with(Remote::identity));
    let names = Memo::new(move |_| {
        list.with(|_| ());
        keys.with_untracked(|keys| keys.value().map(|list| Names::of(&list.keys, decomposed)))
    });
    let likeness = Callback::new(move |name: String| {
        names.with_untracked(|names| {
            keys.with_untracked(|keys| {
                names.as_ref()?.likeness(&name, &keys.value()?.keys, decomposed)
            })
        })
    });
    let next = Callback::new(move |()| {
        keys.with_untracked(|keys| {
            let keys = keys.value().map(|list| list.keys.as_slice()).unwrap_or_default();
            next_names(keys.iter().map(|key| key.name.as_str()))
        })
    });
    let act = |action: fn(&Workspace)| {
        let workspace = workspace.clone();
        Callback::new(move |()| action(&workspace))
    };
    let inquiry_actions = InquiryActions {
        on_again: act(Workspace::create_again),
        on_another: act(Workspace::create_another),
        on_look: act(Workspace::look_for_key),
        on_leave: act(Workspace::inquiry_was_left),
        on_revoke: act_on(&workspace, Workspace::revoke_found),
    };
    let create_actions = CreateActions {
        on_submit: act_on(&workspace, Workspace::create),
        on_discard: act(Workspace::discard_secret),
        on_try: act(Workspace::try_key),
    };
    let guard = workspace.guard;
    let offer = workspace.lost_secret_offer();
    let guard_actions = GuardActions {
        on_replace: act_on(&workspace, Workspace::replace),
        on_revoke: act_on(&workspace, Workspace::open_revocation),
        on_keep: act_on(&workspace, Workspace::confirm_saved),
    };
    let replaces = Memo::new(move |_| guard.unconfirmed.with(|it| it.replacing().is_some()));
    let api = StoredValue::new(workspace.access.api_address().to_owned());
    let identify = workspace.identify_when_here();
    let clean_up = workspace.clean_up_when_here();
    let revoke_many = workspace.revoke_many_when_here();
    let on_reopen = act(Workspace::reopen_inquiry);
    let on_confirmed = act_on(&workspace, Workspace::revoke);
    let sign_out = {
        let workspace = workspace.clone();
        move |_| workspace.access.sign_out()
    };
    let revocation = workspace.revocation;
    let usage = Signal::from(workspace.revocation_usage);
    // Not with each step of the revocation: to look at all names takes its time.
    let asked = Memo::new(move |_| {
        revocation.with(|it| it.as_ref().map(|it| (it.key.id, it.key.name.clone())))
    });
    let alike = Memo::new(move |_| {
        list.with(|_| ());
        let (id, name) = asked.get()?;
        keys.with_untracked(|keys| {
            let keys = &keys.value()?.keys;
            Some(lookalikes(&name, Some(id), keys, decomposed).cloned().collect::<Vec<_>>())
        })
    });
    let alike = Signal::derive(move || alike.get().unwrap_or_default());
    let now = workspace.now();
    // A search changes the route too, but not the page.
    let shown = Memo::new(move |_| route.with(Route::page));
    let key_shown = Memo::new(move |_| match shown.get() {
        Page::Key(id) => Some(id),
        Page::Keys | Page::Usage => None,
    });
    let find_key = {
        let workspace = workspace.clone();
        Callback::new(move |id| workspace.listed(id))
    };
    view! {
        <header class="top">
            <a class="brand" href=Route::ALL_KEYS.to_string()>
                <Mark class="logo"/>
                {"Occam Keys"}
            </a>
            <div class="account">
                <Commands workspace=workspace.clone()/>
                <span class="username" title=full_username><Foreign text=username/></span>
                <button type="button" class="button quiet" on:click=sign_out>
                    {tr("Sign out")}
                </button>
            </div>
        </header>
        <main class="page">
            <OfflineBanner/>
            <Notices notice/>
            <InquiryReminder creation inquiry on_open=on_reopen/>
            <LostSecretOffer offer actions=guard_actions/>
            <RotationBanner rotations=workspace.rotations() find=find_key on_show=key_shown/>
            {move || match shown.get() {
                Page::Keys => view! { <KeysPage workspace=workspace.clone()/> }.into_any(),
                Page::Key(id) => page_of(Detail::Key(id), &workspace),
                Page::Usage => page_of(Detail::Usage, &workspace),
            }}
        </main>
        {identify}
        <CreateKeyDialog
            creation
            likeness
            next
            suggestion=suggestion.into()
            replaces
            api
            trial=guard.trial
            actions=create_actions
            inquiry
            inquiry_actions
            now
        />
        {clean_up}
        <RevokeKeyDialog revocation usage now lookalikes=alike on_confirmed/>
        {revoke_many}
    }
}

impl Workspace {
    fn new(access: Access, notice: RwSignal<Option<Notice>>) -> Self {
        let username = access.session().owner_untracked().map(|owner| owner.username);
        let journaling =
            Journaling::of(access.api_address(), username.as_deref().unwrap_or_default());
        Self {
            access,
            details: Chunk::details(),
            keys: RwSignal::new(Remote::LOADING),
            keys_turn: Latest::stored(),
            creation: RwSignal::new(Creation::Closed),
            suggestion: RwSignal::new(String::new()),
            inquiry: RwSignal::new(None),
            inquiry_turn: StoredValue::new(0),
            attempt_lock: StoredValue::new_local(None),
            guard: Guard::new(),
            identifying: Identifying::new(),
            revocation: RwSignal::new(None),
            revocation_usage: RwSignal::new(Remote::LOADING),
            revocation_usage_turn: Latest::stored(),
            bulk: RwSignal::new(None),
            selection: RwSignal::new(Selection::default()),
            highlighted: RwSignal::new(Vec::new()),
            newer: StoredValue::new(None),
            held: StoredValue::new(false),
            fetched: StoredValue::new(format::now()),
            board: RwSignal::new(UsageBoard::default()),
            journaling,
            rotating: Rotating::new(),
            cleaning: Cleaning::new(),
            fresh: RwSignal::new(None),
            notice,
            route: RwSignal::new(page::route()),
            now: RwSignal::new(format::now()),
        }
    }

    pub(super) fn details(&self) -> Chunk {
        self.details
    }

    pub(super) fn keys(&self) -> Signal<Remote<Arc<KeyList>>> {
        self.keys.into()
    }

    pub(super) fn fresh(&self) -> Signal<Option<KeyId>> {
        self.fresh.into()
    }

    pub(super) fn now(&self) -> Signal<Timestamp> {
        self.now.into()
    }

    pub(super) fn selection(&self) -> RwSignal<Selection> {
        self.selection
    }

    pub(super) fn highlighted(&self) -> Signal<Vec<KeyId>> {
        self.highlighted.into()
    }

    /// Asks for the list again. The old one stays in sight meanwhile.
    pub(super) fn refresh_keys(&self) {
        let access = self.access.clone();
        fetch_into(self.keys, self.keys_turn, async move || {
            access.read(async |api| api.keys().await).await.map(Arc::new)
        });
    }

    /// Fetches what the rows do not need as soon as they are there.
    fn fetch_details(&self) {
        let (keys, details) = (self.keys, self.details);
        details.ask_when_online();
        let are_here = Memo::new(move |_| keys.with(|keys| keys.value().is_some()));
        Effect::new(move |_| {
            if are_here.get() {
                page::after_drawing(move || details.ask());
            }
        });
    }

    /// Asks for a key's usage, into a signal that a page owns.
    pub(super) fn fetch_usage(
        &self,
        id: KeyId,
        usage: RwSignal<Remote<Usage>>,
        turn: StoredValue<Latest>,
    ) {
        let workspace = self.clone();
        fetch_into(usage, turn, async move || workspace.usage_of(id).await);
    }

    /// Looks at a key's usage once, and keeps what it sees.
    pub(super) async fn usage_of(&self, id: KeyId) -> Result<Usage, ApiError> {
        let usage = self.access.read(async |api| api.usage(id).await).await?;
        self.keep_look(id, &usage);
        Ok(usage)
    }

    /// Keeps the workspace in step with the window around it, for as long as it is mounted.
    fn follow_the_window(&self) {
        let (route, creation, now) = (self.route, self.creation, self.now);
        let revocation = self.revocation;
        let bulk = self.bulk;
        let navigated = window_event_listener(ev::hashchange, move |_| {
            let (before, after) = (route.get_untracked(), page::route());
            let is_other_page = before.page() != after.page();
            route.set(after);
            // The page behind a dialog has changed: one that can go goes, one that cannot asks.
            creation.update(Creation::leave);
            revocation.update(Revocation::leave);
            bulk.update(|bulk| {
                bulk.take_if(|bulk| !bulk.is_busy());
            });
            if is_other_page {
                page::focus("#app h1");
            }
        });
        on_cleanup(move || navigated.remove());

        // The listener is only there while a secret could be lost.
        let identifying = self.identifying;
        let at_risk = Memo::new(move |_| {
            creation.with(Creation::warns_on_unload) || identifying.is_unfinished()
        });
        page::ask_before_unload(at_risk.into());

        if let Ok(clock) = set_interval_with_handle(move || now.set(format::now()), CLOCK_TICK) {
            on_cleanup(move || clock.clear());
        }

        let stake = self.access.stake();
        Effect::new(move |_| {
            stake.set(creation.with(|creation| {
                revocation.with(|revocation| {
                    let is_busy = bulk.with(|it| it.as_ref().is_some_and(BulkRevocation::is_busy))
                        || identifying.is_revoking();
                    at_stake(creation, revocation.as_ref(), is_busy)
                })
            }));
        });
        on_cleanup(move || {
            stake.try_set(Stake::Nothing);
        });
        page::focus("#app h1");
    }
}

fn act_on<T: 'static>(workspace: &Workspace, action: fn(&Workspace, T)) -> Callback<T> {
    let workspace = workspace.clone();
    Callback::new(move |on| action(&workspace, on))
}

/// What would be lost if the page went now.
fn at_stake(creation: &Creation, revocation: Option<&Revocation>, is_busy: bool) -> Stake {
    if creation.is_showing() {
        return Stake::Secret;
    }
    let is_sending = revocation.is_some_and(|revocation| revocation.sending);
    match creation.is_sending() || is_sending || is_busy {
        true => Stake::Change,
        false => Stake::Nothing,
    }
}
