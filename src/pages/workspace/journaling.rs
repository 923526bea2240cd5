//! Keeping each look at usage in the journal of this browser.

use contract::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Workspace;
use crate::browser::journal::Journal;
use crate::browser::{checksum, download, format};
use crate::components::notice::Notice;
use crate::domain::journal::change::Visit;
use crate::domain::journal::entry::Figures;
use crate::domain::journal::history::History;
use crate::domain::key::KeyId;
use crate::domain::usage::Usage;
use crate::words::tr;

/// What was seen of one key, as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::pages) struct Seen {
    /// The key.
    pub(in crate::pages) id: KeyId,
    /// What was seen of it.
    pub(in crate::pages) history: History,
    /// When this browser looked.
    pub(in crate::pages) visit: Visit,
}

/// The journal of the workspace. A handle: copies name the same.
#[derive(Clone, Copy)]
pub(super) struct Journaling {
    journal: StoredValue<State, LocalStorage>,
    is_refused: RwSignal<bool>,
    /// The last key that was looked at.
    seen: RwSignal<Option<Seen>>,
}

enum State {
    /// It is being opened; these looks wait to be kept.
    Opening(Vec<(KeyId, Timestamp, Figures)>),
    Open(Journal),
    Refused,
}

impl Journaling {
    pub(super) fn new() -> Self {
        Self {
            journal: StoredValue::new_local(State::Opening(Vec::new())),
            is_refused: RwSignal::new(false),
            seen: RwSignal::new(None),
        }
    }

    fn refuse(self) {
        self.journal.try_set_value(State::Refused);
        self.is_refused.try_set(true);
    }

    fn keep(self, id: KeyId, at: Timestamp, figures: Figures) {
        let journal = self.journal.try_update_value(|state| match state {
            State::Opening(waiting) => {
                waiting.push((id, at, figures));
                None
            }
            State::Open(journal) => Some(journal.clone()),
            State::Refused => None,
        });
        if let Some(journal) = journal.flatten() {
            spawn_local(async move {
                match journal.record(id, at, figures).await {
                    Some((history, visit)) => {
                        self.seen.try_set(Some(Seen { id, history, visit }));
                    }
                    None => self.refuse(),
                }
            });
        }
    }
}

impl Workspace {
    /// Opens the journal of who is signed in.
    pub(super) fn open_journal(&self, username: &str) {
        let account = [self.access.api_address(), username].join("\n");
        let journaling = self.journaling;
        spawn_local(async move {
            let journal = match checksum::of(&account).await {
                Some(account) => Journal::open(account).await,
                None => None,
            };
            let Some(journal) = journal else {
                return journaling.refuse();
            };
            let mut state = State::Open(journal);
            journaling.journal.try_update_value(|held| std::mem::swap(held, &mut state));
            if let State::Opening(waiting) = state {
                for (id, at, figures) in waiting {
                    journaling.keep(id, at, figures);
                }
            }
        });
    }

    /// Keeps a look at a key's usage that was just made.
    pub(super) fn keep_look(&self, id: KeyId, usage: &Usage) {
        self.journaling.keep(id, format::now(), Figures::from(usage));
    }

    /// What was seen of this key, once it was looked at.
    pub(in crate::pages) fn seen(&self, id: KeyId) -> Memo<Option<Seen>> {
        let seen = self.journaling.seen;
        Memo::new(move |before: Option<&Option<Seen>>| {
            let of_this = seen.with(|seen| seen.clone().filter(|seen| seen.id == id));
            // Other keys are looked at, too.
            of_this.or_else(|| before.cloned().flatten())
        })
    }

    /// Whether this browser keeps no journal.
    pub(in crate::pages) fn keeps_no_journal(&self) -> Signal<bool> {
        self.journaling.is_refused.into()
    }

    /// Forgets what was seen of this key, or of all of them, says so, and looks at it again by
    /// `then`.
    pub(in crate::pages) fn clear_journal(&self, id: Option<KeyId>, then: Callback<()>) {
        let journal = self.journaling.journal.with_value(|state| match state {
            State::Open(journal) => Some(journal.clone()),
            _ => None,
        });
        let notice = self.notice;
        spawn_local(async move {
            let is_gone = match journal {
                Some(journal) => journal.clear(id).await,
                None => false,
            };
            notice.try_set(Some(Notice::of(match is_gone {
                true => tr("The history was cleared."),
                false => tr("Your browser did not clear the history. Try again."),
            })));
            then.try_run(());
        });
    }

    /// Offers a file, or says that the browser did not take it.
    pub(in crate::pages) fn offer(&self, name: &str, media_type: &str, text: &str) {
        if !download::offer(name, media_type, text) {
            self.notice.set(Some(Notice::of(tr("Your browser did not take the file. Try again."))));
        }
    }
}
