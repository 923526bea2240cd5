//! Where the usage that this browser has seen is kept: one IndexedDB database for this origin, in
//! it the histories of keys under account and uuid, and beside them notes of what is under way. An
//! account is a few digits that its name cannot be worked out from; no name and no secret is kept.
//!
//! A browser may refuse all of it. Then nothing is kept, and nothing else changes.

use contract::Timestamp;
use js_sys::{Array, Promise};
use leptos::prelude::window;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    IdbDatabase, IdbKeyRange, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction,
    IdbTransactionMode,
};

use crate::domain::journal::change::Visit;
use crate::domain::journal::entry::Figures;
use crate::domain::journal::history::{History, MOST_OF_AN_ACCOUNT, fit_account};
use crate::domain::key::KeyId;

const DATABASE: &str = "occam-keys";
const STORE: &str = "usage";
const VERSION: u32 = 1;

/// A key's history with a look that was made.
#[derive(Debug)]
pub struct Recorded {
    /// What was seen of the key, up to this look.
    pub history: History,
    /// When this browser looked.
    pub visit: Visit,
    /// Whether the look is kept: there may be no room.
    pub is_kept: bool,
}

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
        Some(Self { database: database_of(&request)?, account })
    }

    /// Keeps a look at a key's usage, and that there was a visit. `None` if what was kept before
    /// cannot be read.
    pub async fn record(&self, id: KeyId, at: Timestamp, figures: Figures) -> Option<Recorded> {
        // What reads for a change sees the changes of other tabs, and none comes in between.
        let transaction = self.transaction(IdbTransactionMode::Readwrite)?;
        let store = transaction.object_store(STORE).ok()?;
        let text = async |key: &str| text(&store, key).await;
        let mut history = History::read(&text(&self.key(id)).await?.unwrap_or_default());
        let before = text(&self.visit_key()).await?.and_then(|text| read_visit(&text));
        let visit = Visit::at(before, at);
        history.record(at, figures);
        history.compact(at);
        let is_put = put(&store, &self.key(id), &history.write()).is_some()
            && put(&store, &self.visit_key(), &write_visit(visit)).is_some();
        let is_kept = is_put && is_complete(&transaction).await;
        Some(Recorded { history, visit, is_kept })
    }

    /// Forgets what was seen of this key, or of all keys of the account. Yields whether it is gone.
    pub async fn clear(&self, id: Option<KeyId>) -> bool {
        self.change(|store| {
            match id {
                Some(id) => store.delete(&self.key(id).into()).ok()?,
                None => store.delete(self.whole()?.as_ref()).ok()?,
            };
            Some(())
        })
        .await
    }

    /// The note of this name, empty if there is none; `None` if it cannot be read.
    pub async fn note(&self, name: &str) -> Option<String> {
        let store = self.transaction(IdbTransactionMode::Readonly)?.object_store(STORE).ok()?;
        Some(text(&store, &self.note_key(name)).await?.unwrap_or_default())
    }

    /// Keeps a note under this name. Yields whether it is kept.
    pub async fn keep_note(&self, name: &str, note: &str) -> bool {
        self.change(|store| put(store, &self.note_key(name), note)).await
    }

    /// Holds the histories of the account to what they may take.
    pub async fn trim(&self) -> Option<()> {
        let store = self.transaction(IdbTransactionMode::Readwrite)?.object_store(STORE).ok()?;
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
            put(&store, &self.key(id), &history.write())?;
        }
        Some(())
    }

    /// Changes what is kept. Yields whether the change is there to stay.
    async fn change(&self, change: impl FnOnce(&IdbObjectStore) -> Option<()>) -> bool {
        let begin = || {
            let transaction = self.transaction(IdbTransactionMode::Readwrite)?;
            change(&transaction.object_store(STORE).ok()?)?;
            Some(transaction)
        };
        match begin() {
            Some(transaction) => is_complete(&transaction).await,
            None => false,
        }
    }

    fn transaction(&self, mode: IdbTransactionMode) -> Option<IdbTransaction> {
        self.database.transaction_with_str_and_mode(STORE, mode).ok()
    }

    fn key(&self, id: KeyId) -> String {
        [&*self.account, "/", &id.to_string()].concat()
    }

    fn visit_key(&self) -> String {
        [&*self.account, "/visit"].concat()
    }

    /// Not among the histories, which somebody may clear while a rotation is under way.
    fn note_key(&self, name: &str) -> String {
        [&*self.account, ".", name].concat()
    }

    /// All histories of the account: `0` comes right after `/`.
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

/// Whether all that the transaction was asked for is there to stay. That there is no room may turn
/// out at its end.
async fn is_complete(transaction: &IdbTransaction) -> bool {
    let end = Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    });
    JsFuture::from(end).await.is_ok()
}

/// What is kept under this key, if anything; `None` if it cannot be read.
async fn text(store: &IdbObjectStore, key: &str) -> Option<Option<String>> {
    let request = store.get(&key.into()).ok()?;
    JsFuture::from(answer(&request)).await.ok()?;
    Some(request.result().ok()?.as_string())
}

fn put(store: &IdbObjectStore, key: &str, text: &str) -> Option<()> {
    store.put_with_key(&text.into(), &key.into()).ok()?;
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
