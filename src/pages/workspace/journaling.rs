//! Keeping each look at usage in the journal of this browser.

use contract::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Workspace;
use crate::browser::journal::{Journal, Recorded};
use crate::browser::{canvas, checksum, download, format};
use crate::components::notice::Notice;
use crate::components::usage_history::Keeping;
use crate::domain::chart::picture::Picture;
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
    /// Whose journal it is: the address of the Key API and the name of the user.
    account: StoredValue<String>,
    journal: StoredValue<State, LocalStorage>,
    /// Whether the histories were held to what they may take, which the first look does.
    is_trimmed: StoredValue<bool>,
    keeping: RwSignal<Keeping>,
    /// The last key that was looked at.
    seen: RwSignal<Option<Seen>>,
}

/// What waits until it is known whether there is a journal.
type Waiting = Box<dyn FnOnce(Option<Journal>)>;

enum State {
    /// Nothing was asked of it yet. Opening it reads what is there, which the start of the app is
    /// not to wait for.
    Closed,
    Opening(Vec<Waiting>),
    Open(Journal),
    Refused,
}

impl Journaling {
    /// The journal of this user of the Key API at this address.
    pub(super) fn of(api: &str, username: &str) -> Self {
        Self {
            // Of whoever signs in by an address in other letters, as `Owner::is` has it.
            account: StoredValue::new([api, &username.to_ascii_lowercase()].join("\n")),
            journal: StoredValue::new_local(State::Closed),
            is_trimmed: StoredValue::new(false),
            keeping: RwSignal::new(Keeping::Kept),
            seen: RwSignal::new(None),
        }
    }

    /// Does this with the journal, which is opened if it is not; or with nothing where the browser
    /// keeps nothing.
    fn with(self, act: impl FnOnce(Option<Journal>) + 'static) {
        let mut act: Option<Waiting> = Some(Box::new(act));
        let journal = self.journal.try_update_value(|state| match state {
            State::Closed => {
                *state = State::Opening(act.take().into_iter().collect());
                spawn_local(self.open());
                None
            }
            State::Opening(waiting) => {
                waiting.extend(act.take());
                None
            }
            State::Open(journal) => Some(journal.clone()),
            State::Refused => None,
        });
        if let (Some(journal), Some(act)) = (journal, act) {
            act(journal);
        }
    }

    /// Reads the note of this name, empty if there is none, for who does `then` with it; nothing if
    /// it cannot be read.
    pub(super) fn read_note(self, name: &'static str, then: impl FnOnce(Option<String>) + 'static) {
        self.with(move |journal| {
            spawn_local(async move {
                then(match journal {
                    Some(journal) => journal.note(name).await,
                    None => None,
                });
            });
        });
    }

    /// Keeps a note under this name, for who does `then` with whether it is kept.
    pub(super) fn keep_note(
        self,
        name: &'static str,
        note: String,
        then: impl FnOnce(bool) + 'static,
    ) {
        self.with(move |journal| {
            spawn_local(async move {
                then(match journal {
                    Some(journal) => journal.keep_note(name, &note).await,
                    None => false,
                });
            });
        });
    }

    async fn open(self) {
        let journal = match checksum::of(&self.account.get_value()).await {
            Some(account) => Journal::open(account).await,
            None => None,
        };
        let state = match &journal {
            Some(journal) => State::Open(journal.clone()),
            None => State::Refused,
        };
        let before = self.journal.try_update_value(|held| std::mem::replace(held, state));
        if let Some(State::Opening(waiting)) = before {
            waiting.into_iter().for_each(|act| act(journal.clone()));
        }
    }

    fn keep(self, id: KeyId, at: Timestamp, figures: Figures) {
        self.with(move |journal| {
            spawn_local(async move {
                let recorded = match journal {
                    Some(journal) => self.record(journal, id, at, figures).await,
                    None => None,
                };
                let keeping = match recorded {
                    Some(Recorded { history, visit, is_kept }) => {
                        self.seen.try_set(Some(Seen { id, history, visit }));
                        if is_kept { Keeping::Kept } else { Keeping::Full }
                    }
                    None => Keeping::Refused,
                };
                self.keeping.try_set(keeping);
            });
        });
    }

    async fn record(
        self,
        journal: Journal,
        id: KeyId,
        at: Timestamp,
        figures: Figures,
    ) -> Option<Recorded> {
        if self.is_trimmed.try_update_value(|is_trimmed| std::mem::replace(is_trimmed, true))
            == Some(false)
        {
            journal.trim().await;
        }
        journal.record(id, at, figures).await
    }
}

impl Workspace {
    /// Keeps a look at a key's usage that was just made.
    pub(super) fn keep_look(&self, id: KeyId, usage: &Usage) {
        self.journaling.keep(id, format::now(), Figures::from(usage));
    }

    /// What was seen of this key, once it was looked at.
    pub(in crate::pages) fn seen(&self, id: KeyId) -> Memo<Option<Seen>> {
        let seen = self.journaling.seen;
        Memo::new(move |before: Option<&Option<Seen>>| {
            let of_this = seen.with(|seen| seen.as_ref().filter(|seen| seen.id == id).cloned());
            // Other keys are looked at, too.
            of_this.or_else(|| before.cloned().flatten())
        })
    }

    /// What becomes of what is seen.
    pub(in crate::pages) fn keeping(&self) -> Memo<Keeping> {
        let keeping = self.journaling.keeping;
        // Each look sets it again.
        Memo::new(move |_| keeping.get())
    }

    /// Forgets what was seen of this key, or of all of them, says so, and looks at it again by
    /// `then`.
    pub(in crate::pages) fn clear_journal(&self, id: Option<KeyId>, then: Callback<()>) {
        let notice = self.front.notice;
        self.journaling.with(move |journal| {
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
        });
    }

    /// Offers a file, or says that the browser did not take it.
    pub(in crate::pages) fn offer(&self, name: &str, media_type: &str, text: &str) {
        self.say_if_refused(download::offer(name, media_type, text));
    }

    /// The same for a picture, as a drawing.
    pub(in crate::pages) fn offer_svg(&self, picture: &Picture) {
        self.offer(&[picture.file, ".svg"].concat(), "image/svg+xml", &picture.svg());
    }

    /// The same for a picture, as an image, which is drawn first.
    pub(in crate::pages) fn offer_png(&self, picture: Picture) {
        let workspace = self.clone();
        spawn_local(async move {
            let file = canvas::png(&picture).await;
            let name = [picture.file, ".png"].concat();
            let is_taken = file.is_some_and(|file| download::offer_blob(&name, &file));
            workspace.say_if_refused(is_taken);
        });
    }

    fn say_if_refused(&self, is_taken: bool) {
        if !is_taken {
            let words = tr("Your browser did not take the file. Try again.");
            self.front.notice.try_set(Some(Notice::of(words)));
        }
    }
}
