//! Where the usage that this browser has seen is kept: one IndexedDB database for this origin, in
//! it the histories of keys under account and uuid. An account is a few digits that its name cannot
//! be worked out from; no name and no secret is kept.
//!
//! A browser may refuse all of it. Then nothing is kept, and nothing else changes.

use contract::Timestamp;
use js_sys::{Array, Promise};
use leptos::prelude::window;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    IdbDatabase, IdbKeyRange, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransactionMode,
};

use crate::domain::journal::change::Visit;
use crate::domain::journal::entry::Figures;
use crate::domain::journal::history::{History, MOST_OF_AN_ACCOUNT, fit_account};
use crate::domain::key::KeyId;

const DATABASE: &str = "occam-keys";
const STORE: &str = "usage";
const VERSION: u32 = 1;

/// The journal of one account.
#[derive(Clone, Debug)]
pub struct Journal {
    database: IdbDatabase,
    account: String,
}

impl Journal {
    /// Opens the journal of this account. `None` where the browser keeps nothing.
    pub async fn open(account: String) -> Option<Self> {
        let request = window().indexed_db().ok()??.open_with_u32(DATABASE, VERSION).ok()?;
        let made = {
            let request = request.clone();
            // A store that cannot be made fails the opening.
            Closure::once(move || {
                drop(database_of(&request).map(|it| it.create_object_store(STORE)))
            })
        };
        request.set_onupgradeneeded(Some(made.as_ref().unchecked_ref()));
        JsFuture::from(answer(&request)).await.ok()?;
        let journal = Self { database: database_of(&request)?, account };
        journal.trim().await;
        Some(journal)
    }

    /// Keeps a look at a key's usage, and that there was a visit. Yields the key's history and the
    /// visit; `None` if they could not be kept.
    pub async fn record(
        &self,
        id: KeyId,
        at: Timestamp,
        figures: Figures,
    ) -> Option<(History, Visit)> {
        let store = self.store(IdbTransactionMode::Readwrite)?;
        let mut history = History::read(&text(&store, &self.key(id)).await.unwrap_or_default());
        let before = text(&store, &self.visit_key()).await.and_then(|text| read_visit(&text));
        let visit = Visit::at(before, at);
        history.record(at, figures);
        history.compact(at);
        put(&store, &self.key(id), &history.write()).await?;
        put(&store, &self.visit_key(), &write_visit(visit)).await?;
        Some((history, visit))
    }

    /// Forgets what was seen of this key, or of all keys of the account. Yields whether it is gone.
    pub async fn clear(&self, id: Option<KeyId>) -> bool {
        let clear = || {
            let store = self.store(IdbTransactionMode::Readwrite)?;
            match id {
                Some(id) => store.delete(&self.key(id).into()).ok(),
                None => store.delete(self.whole()?.as_ref()).ok(),
            }
        };
        match clear() {
            Some(request) => JsFuture::from(answer(&request)).await.is_ok(),
            None => false,
        }
    }

    /// Holds the account to what it may keep.
    async fn trim(&self) -> Option<()> {
        let store = self.store(IdbTransactionMode::Readwrite)?;
        let keys = store.get_all_keys_with_key(self.whole()?.as_ref()).ok()?;
        let texts = store.get_all_with_key(self.whole()?.as_ref()).ok()?;
        let (keys, texts) = (all(&keys).await?, all(&texts).await?);
        let parse = |(key, text): (JsValue, JsValue)| {
            let id =
                key.as_string()?.strip_prefix(&self.account)?.strip_prefix('/')?.parse().ok()?;
            Some((id, History::read(&text.as_string()?)))
        };
        let mut histories: Vec<(KeyId, History)> =
            keys.iter().zip(texts.iter()).filter_map(parse).collect();
        let count =
            |all: &[(KeyId, History)]| all.iter().map(|it| it.1.entries().len()).sum::<usize>();
        if count(&histories) <= MOST_OF_AN_ACCOUNT {
            return Some(());
        }
        fit_account(&mut histories, MOST_OF_AN_ACCOUNT);
        for (id, history) in histories {
            put(&store, &self.key(id), &history.write()).await?;
        }
        Some(())
    }

    fn store(&self, mode: IdbTransactionMode) -> Option<IdbObjectStore> {
        let transaction = self.database.transaction_with_str_and_mode(STORE, mode).ok()?;
        transaction.object_store(STORE).ok()
    }

    fn key(&self, id: KeyId) -> String {
        [&*self.account, "/", &id.to_string()].concat()
    }

    fn visit_key(&self) -> String {
        [&*self.account, "/visit"].concat()
    }

    /// All of the account: `0` comes right after `/`.
    fn whole(&self) -> Option<IdbKeyRange> {
        let end = |end: &str| JsValue::from([&*self.account, end].concat());
        IdbKeyRange::bound(&end("/"), &end("0")).ok()
    }
}

fn database_of(request: &IdbOpenDbRequest) -> Option<IdbDatabase> {
    request.result().ok()?.dyn_into().ok()
}

/// Resolved when the request has succeeded.
fn answer(request: &IdbRequest) -> Promise {
    Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    })
}

async fn text(store: &IdbObjectStore, key: &str) -> Option<String> {
    let request = store.get(&key.into()).ok()?;
    JsFuture::from(answer(&request)).await.ok()?;
    request.result().ok()?.as_string()
}

async fn put(store: &IdbObjectStore, key: &str, text: &str) -> Option<()> {
    let request = store.put_with_key(&text.into(), &key.into()).ok()?;
    JsFuture::from(answer(&request)).await.ok()?;
    Some(())
}

async fn all(request: &IdbRequest) -> Option<Array> {
    JsFuture::from(answer(request)).await.ok()?;
    request.result().ok()?.dyn_into().ok()
}

fn write_visit(visit: Visit) -> String {
    let millis = |at: Timestamp| at.unix_millis().to_string();
    let previous = visit.previous.map(millis).unwrap_or_default();
    [previous, millis(visit.last)].join(",")
}

fn read_visit(text: &str) -> Option<Visit> {
    let (previous, last) = text.split_once(',')?;
    let at = |millis: &str| millis.parse().ok().map(Timestamp::from_unix_millis);
    Some(Visit { previous: at(previous), last: at(last)? })
}
