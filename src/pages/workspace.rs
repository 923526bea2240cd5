//! What somebody who is signed in has before them: the frame around the pages, the list of keys
//! that they share, and the dialogs that make and revoke keys.
//!
//! The dialogs and the new secret live here, above the pages, so that neither Back nor a refreshed
//! list can take a secret away.

mod cleaning;
pub mod commands;
mod creating;
pub(super) mod dialogs;
mod guarding;
mod identifying;
pub(super) mod journaling;
pub(super) mod listing;
pub(super) mod measuring;
pub(super) mod rehearsal;
mod revoking;
mod revoking_many;
mod rotating;

use std::sync::Arc;
use std::time::Duration;

use contract::Timestamp;
use leptos::ev;
use leptos::prelude::*;
use leptos::reactive::owner::WeakOwner;

use self::cleaning::Cleaning;
use self::commands::CommandsButton;
use self::dialogs::Wishes;
use self::guarding::Guard;
use self::identifying::Identifying;
use self::journaling::Journaling;
use self::listing::Strike;
use self::rotating::Rotating;
use super::chunk::{Chunk, Detail, page_of, part_of};
use super::keys::KeysPage;
use super::sign_in::again::SignInAgain;
use crate::access::{Access, Stake};
use crate::api::ApiError;
use crate::browser::locks::Lock;
use crate::browser::{format, language, page};
use crate::components::foreign::Foreign;
use crate::components::key_table::UsageColumn;
use crate::components::mark::Mark;
use crate::components::notice::{Notice, Notices};
use crate::components::offline::OfflineBanner;
use crate::domain::bulk_revocation::BulkRevocation;
use crate::domain::creation::Creation;
use crate::domain::inquiry::Inquiry;
use crate::domain::key::{KeyId, KeyList};
use crate::domain::names::visible;
use crate::domain::revocation::Revocation;
use crate::domain::table::selection::Selection;
use crate::domain::usage::Usage;
use crate::domain::usage_board::UsageBoard;
use crate::reactive::{Effect, heard};
use crate::remote::{Latest, Remote, fetch_into, resume_online};
use crate::route::{Page, Route};
use crate::words::tr;

/// Relative times are worded anew this often.
const CLOCK_TICK: Duration = Duration::from_secs(30);

/// What the rows take, and the frame around the pages: all of a workspace that is not in the file of
/// the details. A handle: clones name the same.
#[derive(Clone)]
pub struct Front {
    access: Access,
    /// The file with what nobody needs to see the rows.
    details: Chunk,
    keys: RwSignal<Remote<Arc<KeyList>>>,
    keys_turn: StoredValue<Latest>,
    /// The key that was last taken out of the list.
    strike: StoredValue<Option<Strike>>,
    /// The keys that were chosen in the table.
    selection: RwSignal<Selection>,
    /// The keys that somebody looks for, which the table marks.
    highlighted: RwSignal<Vec<KeyId>>,
    /// The one of them to whose row they are to be taken.
    sought: RwSignal<Option<KeyId>>,
    /// Whether somebody is on the rows.
    held: RwSignal<bool>,
    /// What takes the file of the details.
    wishes: Wishes,
    /// The column of usage, while the table is there.
    column: RwSignal<Option<UsageColumn>>,
    /// The usage of all keys, as far as it was asked for.
    board: RwSignal<UsageBoard>,
    /// The key that was just made.
    fresh: RwSignal<Option<KeyId>>,
    notice: RwSignal<Option<Notice>>,
    route: RwSignal<Route>,
    now: RwSignal<Timestamp>,
    /// What is behind it, once the file for that is there.
    whole: StoredValue<Option<Workspace>>,
    /// Who owns what is behind it.
    owner: WeakOwner,
}

/// The data and the actions of a session. There is one for each front, and it lives as long. A
/// handle: clones name the same workspace.
#[derive(Clone)]
pub struct Workspace {
    /// What it takes to see the rows.
    pub(in crate::pages) front: Front,
    creation: RwSignal<Creation>,
    /// The name that the form of the create-key dialog begins with.
    suggestion: RwSignal<String>,
    /// What is known of a key whose answer was lost.
    inquiry: RwSignal<Option<Inquiry>>,
    inquiry_turn: StoredValue<u32>,
    /// In whose place the last attempt was to make a key.
    in_place_of: StoredValue<Option<KeyId>>,
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
    /// A list that was asked for in the background and waits until nobody is on the rows.
    newer: StoredValue<Option<Arc<KeyList>>>,
    /// When the list came.
    fetched: StoredValue<Timestamp>,
    journaling: Journaling,
    rotating: Rotating,
    /// The round over the keys that nobody uses.
    cleaning: Cleaning,
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
    let again = access.clone();
    language::install_numbers();
    let front = Front::new(access, notice);
    front.follow_the_window();
    front.refresh_keys();
    front.fetch_details();
    resume_online(front.keys, {
        let front = front.clone();
        move || front.refresh_keys()
    });

    let username = session.owner_untracked().map(|owner| owner.username).unwrap_or_default();
    // On a phone there is only room for a part of it.
    let full_username = visible(&username).into_owned();
    let sign_out = {
        let front = front.clone();
        move |_| front.access.sign_out()
    };
    let route = front.route;
    // A search changes the route too, but not the page.
    let shown = Memo::new(move |_| route.with(Route::page));
    let attendance = part_of(Detail::Attendance, &front);
    let waiting = front.waiting_dialog();
    let dialogs = part_of(Detail::Dialogs, &front);
    view! {
        <header class="top">
            <a class="brand" href=Route::ALL_KEYS.to_string()>
                <Mark class="logo"/>
                {"Occam Keys"}
            </a>
            <div class="account">
                <CommandsButton front=front.clone()/>
                <span class="username" title=full_username><Foreign text=username/></span>
                <button type="button" class="button quiet" on:click=heard(sign_out)>
                    {tr("Sign out")}
                </button>
            </div>
        </header>
        <main class="page">
            <OfflineBanner/>
            <Notices notice/>
            {attendance}
            {move || match shown.get() {
                Page::Keys => {
                    page::set_title(&tr("API keys"));
                    view! { <KeysPage front=front.clone()/> }.into_any()
                }
                Page::Key(id) => page_of(Detail::Key(id), &front),
                Page::Usage => page_of(Detail::Usage, &front),
            }}
        </main>
        {waiting}
        {dialogs}
        // Last, because it covers all else.
        <SignInAgain access=again/>
    }
}

impl Front {
    fn new(access: Access, notice: RwSignal<Option<Notice>>) -> Self {
        Self {
            access,
            details: Chunk::details(),
            keys: RwSignal::new(Remote::LOADING),
            keys_turn: Latest::stored(),
            strike: StoredValue::new(None),
            selection: RwSignal::new(Selection::default()),
            highlighted: RwSignal::new(Vec::new()),
            sought: RwSignal::new(None),
            held: RwSignal::new(false),
            wishes: Wishes::new(),
            column: RwSignal::new(None),
            board: RwSignal::new(UsageBoard::default()),
            fresh: RwSignal::new(None),
            notice,
            route: RwSignal::new(page::route()),
            now: RwSignal::new(format::now()),
            whole: StoredValue::new(None),
            owner: Owner::current().unwrap_or_default().downgrade(),
        }
    }

    /// The workspace that this is the front of, for who has its file.
    pub(super) fn whole(&self) -> Workspace {
        self.whole.get_value().unwrap_or_else(|| {
            let owner = self.owner.upgrade().unwrap_or_default();
            let whole = owner.with(|| Workspace::of(self.clone()));
            self.whole.set_value(Some(whole.clone()));
            whole
        })
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

    /// The column of usage is there, or may be, for as long as the current owner lives.
    pub(super) fn show_column(&self, column: UsageColumn) {
        let shown = self.column;
        shown.set(Some(column));
        on_cleanup(move || {
            shown.try_set(None);
        });
    }

    pub(super) fn highlighted(&self) -> Signal<Vec<KeyId>> {
        self.highlighted.into()
    }

    pub(super) fn sought(&self) -> RwSignal<Option<KeyId>> {
        self.sought
    }

    /// Asks for the list again. The old one stays in sight meanwhile.
    pub(super) fn refresh_keys(&self) {
        let front = self.clone();
        fetch_into(self.keys, self.keys_turn, async move || front.keys_anew().await);
    }

    /// The list as it is now: the one on show itself, as long as nothing has changed.
    pub(super) async fn keys_anew(&self) -> Result<Arc<KeyList>, ApiError> {
        let keys = self.keys;
        let shown = move || keys.try_with_untracked(|keys| keys.value().cloned()).flatten();
        self.access.keys(shown).await
    }

    /// Fetches what the rows do not need as soon as they are there; at once if there is something
    /// to say of what was left before.
    fn fetch_details(&self) {
        let (keys, details) = (self.keys, self.details);
        if self.access.session().has_notes() {
            details.ask();
        }
        details.ask_when_online();
        let are_here = Memo::new(move |_| keys.with(|keys| keys.value().is_some()));
        Effect::new(move |_| {
            if are_here.get() {
                page::after_drawing(move || details.ask());
            }
        });
    }

    /// Keeps the workspace in step with the window around it, for as long as it is mounted.
    fn follow_the_window(&self) {
        let (route, wishes, now) = (self.route, self.wishes, self.now);
        let navigated = window_event_listener(ev::hashchange, move |_| {
            let (before, after) = (route.get_untracked(), page::route());
            let is_other_page = before.page() != after.page();
            route.set(after);
            wishes.forget();
            if is_other_page {
                page::focus("#app h1");
            }
        });
        on_cleanup(move || navigated.remove());
        if let Ok(clock) = set_interval_with_handle(move || now.set(format::now()), CLOCK_TICK) {
            on_cleanup(move || clock.clear());
        }
        page::focus("#app h1");
    }
}

impl Workspace {
    fn of(front: Front) -> Self {
        let access = &front.access;
        let username = access.session().owner_untracked().map(|owner| owner.username);
        let journaling =
            Journaling::of(access.api_address(), username.as_deref().unwrap_or_default());
        Self {
            front,
            creation: RwSignal::new(Creation::Closed),
            suggestion: RwSignal::new(String::new()),
            inquiry: RwSignal::new(None),
            inquiry_turn: StoredValue::new(0),
            in_place_of: StoredValue::new(None),
            attempt_lock: StoredValue::new_local(None),
            guard: Guard::new(),
            identifying: Identifying::new(),
            revocation: RwSignal::new(None),
            revocation_usage: RwSignal::new(Remote::LOADING),
            revocation_usage_turn: Latest::stored(),
            bulk: RwSignal::new(None),
            newer: StoredValue::new(None),
            fetched: StoredValue::new(format::now()),
            journaling,
            rotating: Rotating::new(),
            cleaning: Cleaning::new(),
        }
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
        let usage = self.front.access.read(async |api| api.usage(id).await).await?;
        self.keep_look(id, &usage);
        Ok(usage)
    }

    /// Keeps the dialogs in step with the page behind them, and says what would be lost with them,
    /// for as long as they are there.
    fn follow_what_is_at_stake(&self) {
        let (creation, revocation, bulk) = (self.creation, self.revocation, self.bulk);
        let navigated = window_event_listener(ev::hashchange, move |_| {
            // The page behind a dialog has changed: one that can go goes, one that cannot asks.
            creation.update(Creation::leave);
            revocation.update(Revocation::leave);
            bulk.update(|bulk| {
                bulk.take_if(|bulk| !bulk.is_busy());
            });
        });
        on_cleanup(move || navigated.remove());

        // The listener is only there while a secret could be lost.
        let identifying = self.identifying;
        let at_risk = Memo::new(move |_| {
            creation.with(Creation::warns_on_unload) || identifying.is_unfinished()
        });
        page::ask_before_unload(at_risk.into());

        let stake = self.front.access.stake();
        Effect::new(move |_| {
            stake.set(creation.with(|creation| {
                revocation.with(|revocation| {
                    let is_at_work = bulk
                        .with(|it| it.as_ref().is_some_and(BulkRevocation::has_begun))
                        || identifying.has_begun();
                    at_stake(creation, revocation.as_ref(), is_at_work)
                })
            }));
        });
        on_cleanup(move || {
            stake.try_set(Stake::Nothing);
        });
    }
}

fn act_on<T: 'static>(workspace: &Workspace, action: fn(&Workspace, T)) -> Callback<T> {
    let workspace = workspace.clone();
    Callback::new(move |on| action(&workspace, on))
}

/// What would be lost if the page went now.
fn at_stake(creation: &Creation, revocation: Option<&Revocation>, is_at_work: bool) -> Stake {
    if creation.is_showing() {
        return Stake::Secret;
    }
    let is_creating = creation.is_sending() || creation.is_unknown();
    let is_revoking = revocation.is_some_and(|revocation| revocation.sending);
    match is_at_work || is_creating || is_revoking {
        true => Stake::Work,
        false => Stake::Nothing,
    }
}
