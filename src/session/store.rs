//! One record in the tab's session storage: the only place that outlives a reload, and the only
//! user of `web_sys::Storage`.
//!
//! Session storage ends with the tab and is not shared with other tabs. What it holds is treated
//! as somebody else's input: whatever does not fit is no session.

use leptos::prelude::window;
use serde::{Deserialize, Serialize};
use web_sys::Storage;

use super::{Account, Kept};
use crate::domain::secret::Secret;
use crate::domain::tokens::{Tokens, is_sendable};

/// The record's name. `boot.js` looks for it too, to hide the sign-in form before the first frame.
const RECORD: &str = "occam-keys.session";

/// The record as it is written.
#[derive(Serialize, Deserialize)]
struct Record {
    username: String,
    access_token: String,
    refresh_token: Option<String>,
}

pub(super) fn read() -> Option<Account> {
    let text = storage()?.get_item(RECORD).ok()??;
    let record: Record = serde_json::from_str(&text).ok()?;
    if !is_sendable(&record.access_token) {
        return None;
    }
    Some(Account {
        username: record.username,
        tokens: Tokens {
            access: Secret::new(record.access_token),
            life_millis: None,
            refresh: record.refresh_token.map(Secret::new),
        },
    })
}

pub(super) fn write(account: &Account) -> Kept {
    let tokens = &account.tokens;
    let record = Record {
        username: account.username.clone(),
        access_token: tokens.access.reveal().to_owned(),
        refresh_token: tokens.refresh.as_ref().map(|token| token.reveal().to_owned()),
    };
    let written = || {
        let text = serde_json::to_string(&record).ok()?;
        storage()?.set_item(RECORD, &text).ok()
    };
    match written() {
        Some(()) => Kept::InStorage,
        None => Kept::InMemoryOnly,
    }
}

pub(super) fn clear() {
    if let Some(storage) = storage() {
        // A browser that refuses to store anything has nothing to remove.
        let _ = storage.remove_item(RECORD);
    }
}

/// The tab's session storage, unless the browser refuses access to it.
fn storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}
