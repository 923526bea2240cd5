//! The tab's session storage: the only place that outlives a reload, and the only user of
//! `web_sys::Storage`.
//!
//! Session storage ends with the tab and is not shared with other tabs, except that a duplicated
//! tab begins with a copy. A browser may refuse it, or have no room left: then everything lives in
//! memory, and writing says so.

use leptos::prelude::window;
use web_sys::Storage;

use super::record::Record;
use super::{Account, Kept, Parting, is_same};
use crate::domain::inquiry::Attempt;
use crate::domain::key::KeyId;
use crate::json::{self, Object, Value};

/// The session's name. `boot.js` looks for it too, to hide the sign-in form before the first frame.
const SESSION: &str = "occam-keys.session";

/// The name of the word that is left for after the reload that ends a session.
const PARTING: &str = "occam-keys.parting";

/// The name of the note on a creation whose outcome is not known.
const CREATION: &str = "occam-keys.creation";

/// The name of the note on keys whose secret nobody has confirmed to have saved.
const UNCONFIRMED: &str = "occam-keys.unconfirmed";

pub(super) fn read() -> Option<Account> {
    get(SESSION, Record::from_json)?.into_account()
}

pub(super) fn write(account: &Account) -> Kept {
    match set(SESSION, &Record::of(account).to_json()) {
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
    // A word that was left for a reload which did not come would be of another session later.
    remove(PARTING);
}

/// Forgets all but the notes of this user. The sign-in, which does without the rest of them, reads no
/// more than their beginning.
pub(super) fn clear_all_but_notes_of(username: &str) {
    let beginning = note_of(username).end();
    let beginning = beginning.trim_end_matches('}');
    for name in [CREATION, UNCONFIRMED] {
        let note = storage().and_then(|it| it.get_item(name).ok()?);
        let is_theirs = note.is_some_and(|note| {
            note.get(..beginning.len()).is_some_and(|it| is_same(it, beginning))
        });
        if !is_theirs {
            remove(name);
        }
    }
    clear();
    remove(PARTING);
}

pub(super) fn write_creation(username: &str, attempt: &Attempt) {
    let before = attempt.before.as_deref().map_or_else(|| "null".to_owned(), written);
    let attempt = Object::default()
        .text("id", &attempt.id.to_string())
        .text("name", &attempt.name)
        .raw("before", &before)
        .end();
    let note = note_of(username).raw("attempt", &attempt).end();
    // Without it, a reload does not ask what became of the attempt.
    let _ = set(CREATION, &note);
}

pub(super) fn read_creation(username: &str) -> Option<Attempt> {
    get(CREATION, |note| {
        let [owner, attempt] = note.members(["username", "attempt"])?;
        let [id, name, before] = attempt?.members(["id", "name", "before"])?;
        let before = match before.filter(|before| !before.is_null()) {
            Some(before) => Some(keys_of(before)?),
            None => None,
        };
        let attempt = Attempt { id: id?.text()?.parse().ok()?, name: name?.text()?, before };
        is_same(&owner?.text()?, username).then_some(attempt)
    })
}

pub(super) fn clear_creation() {
    remove(CREATION);
}

pub(super) fn write_unconfirmed(username: &str, keys: &[KeyId]) {
    let note = note_of(username).raw("keys", &written(keys)).end();
    // Without it, a reload does not ask about them.
    let _ = set(UNCONFIRMED, &note);
}

pub(super) fn read_unconfirmed(username: &str) -> Vec<KeyId> {
    let keys = get(UNCONFIRMED, |note| {
        let [owner, keys] = note.members(["username", "keys"])?;
        keys_of(keys?)
            .filter(|_| owner.and_then(Value::text).is_some_and(|it| is_same(&it, username)))
    });
    keys.unwrap_or_default()
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
    let word = match parting {
        Parting::Told => "Told",
        Parting::Untold => "Untold",
        Parting::Elsewhere => "Elsewhere",
    };
    // Without it, the form says less.
    let _ = set(PARTING, &json::quoted(word));
}

/// The word that was left, which is good for one reading.
pub(super) fn take_parting() -> Option<Parting> {
    let parting = get(PARTING, |word| match &*word.text()? {
        "Told" => Some(Parting::Told),
        "Untold" => Some(Parting::Untold),
        "Elsewhere" => Some(Parting::Elsewhere),
        _ => None,
    });
    remove(PARTING);
    parting
}

/// The beginning of a note: whose it is stands in front.
fn note_of(username: &str) -> Object {
    Object::default().text("username", username)
}

/// Keys as an array of JSON.
fn written(keys: &[KeyId]) -> String {
    let keys: Vec<_> = keys.iter().map(|key| json::quoted(&key.to_string())).collect();
    format!("[{}]", keys.join(","))
}

fn keys_of(array: Value<'_>) -> Option<Vec<KeyId>> {
    array.items()?.map(|key| key.text()?.parse().ok()).collect()
}

fn get<T>(name: &str, read: impl FnOnce(Value<'_>) -> Option<T>) -> Option<T> {
    let text = storage()?.get_item(name).ok()??;
    read(json::parse(text.as_bytes())?)
}

fn set(name: &str, json: &str) -> Option<()> {
    storage()?.set_item(name, json).ok()
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
