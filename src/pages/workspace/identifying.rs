//! Telling which key a text holds, and the drill for one that has leaked.

use contract::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use super::revoking::{COUNT_MILLIS, why_not_revoked};
use super::{Workspace, act_on};
use crate::api::ApiError;
use crate::browser::{clipboard, download, format, page, timer};
use crate::components::identify::{IdentifyActions, IdentifyDialog, Step};
use crate::domain::creation::Custody;
use crate::domain::drill::{Drill, Identification};
use crate::domain::identify::identify;
use crate::domain::incident::{self, Replacement, Revoked};
use crate::domain::key::{ApiKey, KeyId};
use crate::domain::trial::Trial;
use crate::route::Route;
use crate::words::tr;

/// A file that is larger is no list of keys, in bytes.
const LARGEST_FILE: f64 = 16.0 * 1024.0 * 1024.0;

/// What the workspace knows of a text that was pasted.
#[derive(Clone, Copy)]
pub(super) struct Identifying {
    pub(super) state: RwSignal<Identification>,
    /// What was said of the last attempt to read a file or to copy.
    pub(super) said: RwSignal<String>,
    /// The keys that were revoked here since the page was opened, and when: whoever still has one
    /// can prove it dead.
    revoked: StoredValue<Vec<(ApiKey, Timestamp)>>,
}

impl Identifying {
    pub(super) fn new() -> Self {
        Self {
            state: RwSignal::new(Identification::Closed),
            said: RwSignal::new(String::new()),
            revoked: StoredValue::new(Vec::new()),
        }
    }

    /// Whether a drill has something to do, or to tell.
    pub(super) fn has_begun(self) -> bool {
        self.state.with(|state| state.drill().is_some_and(Drill::has_begun))
    }

    /// Whether leaving the page now would lose what the drill has to tell.
    pub(super) fn is_unfinished(self) -> bool {
        self.state.with(|state| state.drill().is_some_and(Drill::is_unfinished))
    }
}

impl Workspace {
    /// The dialog that tells which key a text holds.
    pub(super) fn identify_dialog(&self) -> AnyView {
        let Identifying { state, said, .. } = self.identifying;
        let actions = IdentifyActions {
            on_text: act_on(self, Workspace::identify_text),
            on_file: act_on(self, Workspace::identify_file),
            on_show: act_on(self, Workspace::show_matches),
            on_open: act_on(self, Workspace::open_match),
            on_revoke: act_on(self, Workspace::revoke_match),
            on_prove: act_on(self, Workspace::prove),
            on_leaked: act_on(self, Workspace::begin_drill),
            on_step: act_on(self, Workspace::take_step),
            on_leave: act_on(self, |workspace, ()| workspace.leave_identification()),
        };
        view! { <IdentifyDialog identification=state said now=self.front.now() actions/> }
            .into_any()
    }

    /// Opens the dialog that tells which key a text holds.
    pub(in crate::pages) fn open_identification(&self) {
        self.ask_for_key(false);
    }

    /// Opens the same for a key that has leaked.
    pub(in crate::pages) fn open_leak_drill(&self) {
        self.ask_for_key(true);
    }

    /// Looks in `text`, which is then dropped, for keys of the list and for those that were revoked
    /// here.
    pub(super) fn identify_text(&self, text: String) {
        self.identifying.said.set(String::new());
        let Some(mut keys) =
            self.front.keys.with_untracked(|keys| keys.value().map(|list| list.keys.clone()))
        else {
            return self.say(tr("Your list of keys is not here yet, so there is nothing to \
                compare with. Try again."));
        };
        let revoked = self.identifying.revoked.get_value();
        keys.extend(revoked.iter().map(|(key, _)| key.clone()));
        let finding = identify(&text, &keys);
        let now = format::now();
        self.identifying.state.update(|state| {
            state.find(finding, now);
            for (key, then) in revoked {
                state.see_revoked(key.id, then);
            }
        });
    }

    /// The same with a file.
    pub(super) fn identify_file(&self, file: web_sys::File) {
        if file.size() > LARGEST_FILE {
            return self.identifying.said.set(tr("This file is too large to be looked at here."));
        }
        let workspace = self.clone();
        spawn_local(async move {
            let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
            if workspace.identifying.state.is_disposed() {
                return;
            }
            match text {
                Some(text) => workspace.identify_text(text),
                None => {
                    workspace.identifying.said.set(tr("Your browser could not read this file."))
                }
            }
        });
    }

    /// Keeps a key that no longer exists, so that what is pasted is still known to be of it.
    pub(super) fn remember_revoked(&self, key: ApiKey) {
        self.identifying.revoked.update_value(|revoked| revoked.push((key, format::now())));
    }

    /// Marks these rows in the table, and shows them.
    pub(super) fn show_matches(&self, ids: Vec<KeyId>) {
        self.leave_identification();
        match self.front.route.get_untracked() {
            Route::Keys(query) if query.search.is_empty() && !query.filters() => {}
            // They may be hidden. The order in which somebody has their keys stays.
            Route::Keys(_) => self.front.widen(),
            Route::Key(_) | Route::Usage(_) => page::go_to(&Route::ALL_KEYS),
        }
        self.front.sought.set(ids.first().copied());
        self.front.highlighted.set(ids);
    }

    /// Asks whether to revoke a key that was found, as the list knows it now: it may have been
    /// used since, if only by a trial.
    pub(super) fn revoke_match(&self, key: ApiKey) {
        let listed = untrack(|| self.front.listed(key.id));
        self.open_revocation(listed.unwrap_or(key));
    }

    /// Opens the page of a key that was found.
    pub(super) fn open_match(&self, id: KeyId) {
        self.leave_identification();
        page::go_to(&Route::Key(id));
    }

    /// This key has leaked.
    pub(super) fn begin_drill(&self, id: KeyId) {
        let now = format::now();
        self.identifying.state.update(|state| state.choose(id, now));
    }

    /// The dialog is left, and with it every pasted key.
    pub(super) fn leave_identification(&self) {
        self.identifying.said.set(String::new());
        self.identifying.state.update(Identification::leave);
        if self.identifying.state.with_untracked(|it| it.drill().is_some_and(Drill::is_leaving)) {
            page::focus("dialog[open] .leaving .primary");
        }
    }

    /// Takes a step of the drill.
    pub(super) fn take_step(&self, step: Step) {
        self.identifying.said.set(String::new());
        match step {
            Step::Replace => self.replace_leaked(),
            Step::Revoke => self.revoke_leaked(),
            Step::Prove => {
                let id = self.identifying.state.with_untracked(|it| it.drill().map(|it| it.key.id));
                if let Some(id) = id {
                    self.prove(id);
                }
            }
            Step::Copy => self.copy_note(),
            Step::Download => {
                let note = self.note();
                if download::offer("leaked-key.md", "text/markdown;charset=utf-8", &note) {
                    self.change_drill(Drill::note_is_taken);
                    page::rescue_focus("dialog[open] [data-first]");
                } else {
                    self.say(tr("Your browser did not take the file. Try again."));
                }
            }
            Step::Stay => {
                self.change_drill(Drill::stay);
                page::rescue_focus("dialog[open] [data-first]");
            }
            Step::LeaveAnyway => self.identifying.state.update(Identification::leave_anyway),
        }
    }

    /// Sees how the dialog ends in which a replacement is made.
    pub(super) fn follow_replacements(&self) {
        let workspace = self.clone();
        self.on_creation_end(move |custody| {
            let is_safe = custody.is_some_and(|custody| custody != Custody::PageOnly);
            let id = workspace.front.fresh.get_untracked();
            let replacement = is_safe.then(|| Replacement { id, at: format::now() });
            workspace.change_drill(|drill| {
                if drill.is_replacing() {
                    drill.end_replacing(replacement);
                }
                page::focus("dialog[open] [data-first]");
            });
        });
    }

    /// The user does not want the secret on show: if it is that of a replacement, there is none.
    pub(super) fn replacement_is_discarded(&self) {
        self.change_drill(|drill| {
            if drill.is_replacing() {
                drill.end_replacing(None);
            }
        });
    }

    fn ask_for_key(&self, leaked: bool) {
        if self.identifying.state.with_untracked(Identification::is_open) {
            return;
        }
        self.front.highlighted.set(Vec::new());
        self.identifying.said.set(String::new());
        self.identifying.state.set(Identification::Asking { leaked, nothing: None });
    }

    fn replace_leaked(&self) {
        let leaked = self.change_drill(|drill| drill.key.clone());
        let Some(leaked) = leaked.filter(|leaked| !self.asks_about_another(leaked.id)) else {
            return;
        };
        let begins = self.change_drill(|drill| {
            drill.begin_replacing();
            drill.is_replacing()
        });
        if begins == Some(true) {
            // Two keys of one name, one of which has leaked, would be a trap.
            self.open_creation_for(Some(leaked.id), self.successor_name_of(&leaked.name));
        }
    }

    fn revoke_leaked(&self) {
        let Some(id) = self.change_drill(Drill::revoke).flatten() else {
            return;
        };
        let workspace = self.clone();
        spawn_local(async move {
            // The last count before the end is what the note is asked for. A leaked key does not
            // live on for it.
            let usage = workspace.front.access.read(async |api| api.usage(id).await);
            let usage = timer::at_most(COUNT_MILLIS, usage).await.and_then(Result::ok);
            if workspace.identifying.state.is_disposed() {
                return;
            }
            let result = workspace.front.access.change(async |api| api.revoke(id).await).await;
            if workspace.identifying.state.is_disposed() {
                return;
            }
            match result {
                Ok(()) | Err(ApiError::NotFound) => {
                    let requests = usage.map(|usage| usage.completed);
                    let revoked = Revoked { at: format::now(), requests };
                    workspace.change_drill(|drill| drill.end(revoked));
                    workspace.inquiry_is_rid_of(id);
                    workspace.strike(id);
                }
                Err(error) => {
                    let why = why_not_revoked(&error);
                    workspace.change_drill(|drill| drill.fail_to_revoke(why));
                }
            }
            workspace.front.refresh_keys();
            page::rescue_focus("dialog[open] [data-first]");
        });
    }

    /// Asks the Key API, once, whether it takes this key.
    pub(super) fn prove(&self, id: KeyId) {
        let state = self.identifying.state;
        let Some(key) = state.try_update(|state| state.prove(id)).flatten() else {
            return;
        };
        let workspace = self.clone();
        spawn_local(async move {
            let trial = match workspace.front.access.exchange_key(&key).await {
                Ok(()) => Trial::Works,
                Err(error) if error.is_refused_key() => Trial::Refused,
                Err(error) => Trial::Unknown(error.to_string()),
            };
            let is_used = trial == Trial::Works;
            if state.try_update(|state| state.take_proof(id, trial, format::now())).is_none() {
                return;
            }
            if is_used {
                // It counts as a use, and who revokes the key next is told so.
                workspace.front.refresh_keys();
            }
            page::rescue_focus("dialog[open] [data-first]");
        });
    }

    fn copy_note(&self) {
        let anchor = document().query_selector("dialog[open] #identify-title").ok().flatten();
        let (note, workspace) = (self.note(), self.clone());
        spawn_local(async move {
            let is_copied = match anchor {
                Some(anchor) => clipboard::copy(&note, &anchor).await,
                None => false,
            };
            if is_copied {
                workspace.change_drill(Drill::note_is_taken);
                page::rescue_focus("dialog[open] [data-first]");
            }
            workspace.say(match is_copied {
                true => tr("The note is on the clipboard."),
                false => tr("Your browser did not let this page copy. Download the note instead."),
            });
        });
    }

    fn note(&self) -> String {
        let note = |state: &Identification| state.drill().map(|it| incident::note(&it.incident()));
        self.identifying.state.with_untracked(note).unwrap_or_default()
    }

    fn say(&self, words: String) {
        self.identifying.said.try_set(words);
    }

    fn change_drill<T>(&self, change: impl FnOnce(&mut Drill) -> T) -> Option<T> {
        self.identifying.state.try_update(|state| state.drill_mut().map(change)).flatten()
    }
}
