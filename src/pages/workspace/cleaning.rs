//! The clean-up round over the keys that nobody uses. What was decided is kept in this browser, so
//! that a round which is left goes on where it was.

use leptos::prelude::*;

use super::Workspace;
use super::measuring::InSight;
use crate::browser::{download, format, page};
use crate::components::clean_up::{CleanUpActions, CleanUpDialog};
use crate::components::notice::Notice;
use crate::domain::health::clean_up::{CleanUp, Fate, Outcome, unused};
use crate::domain::key::KeyId;
use crate::domain::names::visible;
use crate::domain::rotation::reminder::{Day, Due, MEDIA_TYPE, Purpose, Reminder};
use crate::reactive::Effect;
use crate::route::Route;
use crate::words::{tr, tr_count};

/// What the note of a round is called in the journal.
const NOTE: &str = "clean-up";

/// So many keys are asked for their usage before their turn comes.
const AHEAD: usize = 4;

/// A reminder names so many keys at most.
const MOST_NAMED: usize = 20;

/// The round of the workspace. A handle: copies name the same.
#[derive(Clone, Copy)]
pub(super) struct Cleaning {
    pub(super) round: RwSignal<Option<CleanUp>>,
    /// What was said of the last attempt to save a reminder.
    pub(super) said: RwSignal<String>,
    /// What the last round has to be kept, for a browser that keeps nothing.
    record: StoredValue<String>,
}

impl Cleaning {
    pub(super) fn new() -> Self {
        Self {
            round: RwSignal::new(None),
            said: RwSignal::new(String::new()),
            record: StoredValue::new(String::new()),
        }
    }

    pub(super) fn is_open(self) -> bool {
        self.round.with_untracked(Option::is_some)
    }
}

impl Workspace {
    /// Opens the round, where it was left if it was.
    pub(in crate::pages) fn open_clean_up(&self) {
        if self.front.keys.with_untracked(|keys| keys.value().is_none()) {
            let words = tr("Your list of keys is not here yet. Try again in a moment.");
            return self.front.notice.set(Some(Notice::of(words)));
        }
        let workspace = self.clone();
        self.journaling.read_note(NOTE, move |note| {
            // The session may have ended meanwhile, and the workspace with it.
            if !workspace.cleaning.round.is_disposed() {
                workspace.begin_clean_up(note);
            }
        });
    }

    fn begin_clean_up(&self, note: Option<String>) {
        if self.cleaning.is_open() {
            return;
        }
        let record = note.unwrap_or_else(|| self.cleaning.record.get_value());
        self.front.now.set(format::now());
        self.cleaning.said.set(String::new());
        self.cleaning.round.set(Some(CleanUp::new(&self.unused_keys(), &record)));
        self.look_after_clean_up();
    }

    /// The dialog of the round.
    pub(super) fn clean_up_dialog(&self) -> AnyView {
        let Cleaning { round, said, .. } = self.cleaning;
        let (keys, board) = (self.front.keys(), self.front.board);
        let actions = self.clean_up_actions();
        view! { <CleanUpDialog round said keys board now=self.front.now() actions/> }.into_any()
    }

    fn clean_up_actions(&self) -> CleanUpActions {
        let act = |action: fn(&Workspace)| {
            let workspace = self.clone();
            Callback::new(move |()| action(&workspace))
        };
        CleanUpActions {
            on_keep: act(|workspace| workspace.change_clean_up(CleanUp::keep)),
            on_revoke: act(Workspace::revoke_unused),
            on_later: act(|workspace| workspace.change_clean_up(CleanUp::later)),
            on_back: act(|workspace| workspace.change_clean_up(CleanUp::back)),
            on_remind: super::act_on(self, Workspace::save_reminder),
            on_leave: act(Workspace::leave_clean_up),
        }
    }

    /// Keeps the round in step with the list, the usage and the dialog that revokes a key, for as
    /// long as the workspace is mounted.
    pub(super) fn follow_clean_up(&self) {
        let round = self.cleaning.round;
        let is_open = Memo::new(move |_| round.with(Option::is_some));
        let workspace = self.clone();
        Effect::new(move |_| {
            if !is_open.get() {
                return;
            }
            // What is made here goes when the round is left, and nothing more is asked for then.
            let in_sight = InSight::new();
            let measuring = workspace.clone();
            Effect::new(move |_| {
                in_sight.set(round.with(soon));
                measuring.measure(in_sight);
            });
            workspace.measure_when_seen(in_sight);
        });
        let workspace = self.clone();
        Effect::new(move |_| {
            workspace.front.keys.track();
            workspace.front.board.track();
            workspace.front.now.track();
            if is_open.get() {
                workspace.look_after_clean_up();
            }
        });
        let workspace = self.clone();
        self.on_revocation_end(move |_, why| {
            workspace.settle_clean_up(why.map_or(Outcome::TakenBack, Outcome::Failed));
        });
    }

    /// Says what came of revoking the key whose turn it is, if that was asked for.
    pub(super) fn settle_clean_up(&self, outcome: Outcome) {
        let is_asking = |round: &Option<CleanUp>| round.as_ref().is_some_and(CleanUp::is_asking);
        if self.cleaning.round.with_untracked(is_asking) {
            self.change_clean_up(|round| round.settle(outcome));
        }
    }

    fn unused_keys(&self) -> Vec<KeyId> {
        let now = self.front.now.get_untracked();
        self.front.keys.with_untracked(|keys| {
            let keys = keys.value().map(|list| list.keys.as_slice()).unwrap_or_default();
            self.front.board.with_untracked(|board| unused(keys, board, now))
        })
    }

    /// Passes over what is gone or in use meanwhile.
    fn look_after_clean_up(&self) {
        let unused = self.unused_keys();
        let seen = self.front.keys.with_untracked(|keys| {
            let mut round = self.cleaning.round.get_untracked()?;
            round.see(keys.value()?, &unused);
            Some(round)
        });
        // Whoever looks at the round is not told of what has not changed.
        if seen.is_some() && self.cleaning.round.with_untracked(|round| *round != seen) {
            self.cleaning.round.set(seen);
        }
    }

    fn revoke_unused(&self) {
        let id = self.cleaning.round.with_untracked(|round| Some(round.as_ref()?.current()?.id));
        // One that the list does not show cannot be asked about.
        let Some(key) = id.and_then(|id| self.front.listed(id)) else {
            return;
        };
        let asks = self.cleaning.round.try_update(|round| round.as_mut()?.revoke()).flatten();
        if asks.is_some() {
            self.open_revocation(key);
        }
    }

    fn save_reminder(&self, day: String) {
        let later: Vec<KeyId> = self.cleaning.round.with_untracked(|round| {
            round.as_ref().map(|it| it.of_fate(Fate::Later).collect()).unwrap_or_default()
        });
        // A date field that its browser does not let be empty has a day.
        let (Some(day), Some(first)) = (Day::parse(&day), later.first()) else {
            return;
        };
        let named = later.iter().take(MOST_NAMED).filter_map(|id| self.front.listed(*id));
        let mut lines: Vec<String> = named.map(|key| visible(&key.name).into_owned()).collect();
        let more = later.len().saturating_sub(MOST_NAMED);
        if more > 0 {
            lines.push(tr_count(more, "{n} more", "{n} more"));
        }
        let reminder = Reminder {
            of: *first,
            purpose: Purpose::Review,
            due: Due::On(day),
            summary: &tr("Look again at API keys that nobody uses"),
            description: &lines.join("\n"),
            url: &page::address_of(&Route::ALL_USAGE),
        };
        let is_taken = download::offer("api-keys.ics", MEDIA_TYPE, &reminder.write(format::now()));
        self.cleaning.said.set(match is_taken {
            true => tr("The file was handed to your browser."),
            false => tr("Your browser did not take the file. Try again."),
        });
    }

    /// Leaves the round. One that is over begins anew the next time.
    fn leave_clean_up(&self) {
        let is_over = self
            .cleaning
            .round
            .with_untracked(|round| round.as_ref().is_some_and(|round| round.current().is_none()));
        if is_over {
            self.keep_clean_up(String::new());
        }
        self.cleaning.round.set(None);
    }

    fn change_clean_up(&self, change: impl FnOnce(&mut CleanUp)) {
        let change = |round: &mut CleanUp| {
            change(round);
            round.write()
        };
        let record = self.cleaning.round.try_update(|round| round.as_mut().map(change)).flatten();
        if let Some(record) = record {
            self.keep_clean_up(record);
        }
    }

    fn keep_clean_up(&self, record: String) {
        self.cleaning.record.set_value(record.clone());
        // What is not kept is not there after a reload, and nothing else changes.
        self.journaling.keep_note(NOTE, record, |_| {});
    }
}

/// The key whose turn it is, and some of those whose turn will come.
fn soon(round: &Option<CleanUp>) -> Vec<KeyId> {
    let Some(round) = round else {
        return Vec::new();
    };
    let current = round.current().map(|item| item.id);
    current.into_iter().chain(round.of_fate(Fate::Open).take(AHEAD)).collect()
}
