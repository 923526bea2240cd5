//! The tab's session storage: the only place that outlives a reload, and the only user of
//! `web_sys::Storage`.
//!
//! Session storage ends with the tab and is not shared with other tabs, except that a duplicated
//! tab begins with a copy. A browser may refuse it, or have no room left: then everything lives in
//! memory, and writing says so.

use leptos::prelude::window;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use web_sys::Storage;

use super::record::Record;
use super::{Account, Kept, Parting};
use crate::domain::inquiry::Attempt;
use crate::domain::key::KeyId;

/// The session's name. `boot.js` looks for it too, to hide the sign-in form before the first frame.
const SESSION: &str = "occam-keys.session";

/// The name of the word that is left for after the reload that ends a session.
const PARTING: &str = "occam-keys.parting";

/// The name of the note on a creation whose outcome is not known.
const CREATION: &str = "occam-keys.creation";

/// The name of the note on keys whose secret nobody has confirmed to have saved.
const UNCONFIRMED: &str = "occam-keys.unconfirmed";

/// The note on such keys: which they are, and whose.
#[derive(Serialize, Deserialize)]
struct Unconfirmed {
    username: String,
    keys: Vec<KeyId>,
}

/// The note, and whose it is.
#[derive(Serialize, Deserialize)]
struct Note {
    username: String,
    attempt: Attempt,
}

pub(super) fn read() -> Option<Account> {
    get::<Record>(SESSION)?.into_account()
}

pub(super) fn write(account: &Account) -> Kept {
    match set(SESSION, &Record::of(account)) {
        Some(()) => Kept::InStorage,
        None => {
            // What could not be replaced is older than what is in memory: it would come back.
            clear();
            Kept::InMemoryOnly
        }
    }
}

/// Forgets the tokens.
pub(super) fn clear() {
    remove(SESSION);
}

/// Forgets all that belongs to who was signed in.
pub(super) fn clear_all() {
    clear();
    clear_creation();
    clear_unconfirmed();
}

pub(super) fn write_creation(username: String, attempt: Attempt) {
    // Without it, a reload does not ask what became of the attempt.
    let _ = set(CREATION, &Note { username, attempt });
}

pub(super) fn read_creation(username: &str) -> Option<Attempt> {
    let note: Note = get(CREATION)?;
    (note.username == username).then_some(note.attempt)
}

pub(super) fn clear_creation() {
    remove(CREATION);
}

pub(super) fn write_unconfirmed(username: String, keys: Vec<KeyId>) {
    // Without it, a reload does not ask about them.
    let _ = set(UNCONFIRMED, &Unconfirmed { username, keys });
}

pub(super) fn read_unconfirmed(username: &str) -> Vec<KeyId> {
    let note = get::<Unconfirmed>(UNCONFIRMED).filter(|note| note.username == username);
    note.map(|note| note.keys).unwrap_or_default()
}

pub(super) fn clear_unconfirmed() {
    remove(UNCONFIRMED);
}

/// Whether there is a note of either kind, of whoever.
pub(super) fn has_notes() -> bool {
    let has = |name| storage().is_some_and(|it| matches!(it.get_item(name), Ok(Some(_))));
    has(CREATION) || has(UNCONFIRMED)
}

pub(super) fn write_parting(parting: Parting) {
    // Without it, the form says less.
    let _ = set(PARTING, &parting);
}

/// The word that was left, which is good for one reading.
pub(super) fn take_parting() -> Option<Parting> {
    let parting = get(PARTING);
    remove(PARTING);
    parting
}

fn get<T: DeserializeOwned>(name: &str) -> Option<T> {
    let text = storage()?.get_item(name).ok()??;
    serde_json::from_str(&text).ok()
}

fn set(name: &str, value: &impl Serialize) -> Option<()> {
    let text = serde_json::to_string(value).ok()?;
    storage()?.set_item(name, &text).ok()
}

fn remove(name: &str) {
    if let Some(storage) = storage() {
        // A browser that refuses to store anything has nothing to remove.
        let _ = storage.remove_item(name);
    }
}

/// The tab's session storage, unless the browser refuses access to it.
fn storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}
