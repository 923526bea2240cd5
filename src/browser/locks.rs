//! Web Locks: what only one tab may do at a time, and who is there. The browser takes a lock back
//! when its tab goes, however it goes.
//!
//! Outside a secure context, as over plain http, a browser offers none. There the tabs tell each
//! other by a channel which locks they hold: who is there is still known, though nobody waits for
//! anybody.
//!
//! `web-sys` counts the interface among its unstable ones, so the two calls are declared here.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::channel::Channel;
use super::timer;

/// How long to listen for other tabs where only they can say which locks they hold, in
/// milliseconds. A tab that is busy for longer is missed.
const LISTEN_MILLIS: u32 = 500;

/// The name of the channel on which they do.
const LINE: &str = "occam-keys.locks";

/// What asks them. Every other text is the name of a lock.
const QUESTION: &str = "";

#[wasm_bindgen]
extern "C" {
    type LockManager;
    #[wasm_bindgen(method, catch)]
    fn request(
        this: &LockManager,
        name: &str,
        options: &Object,
        callback: &JsValue,
    ) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn query(this: &LockManager) -> Result<Promise, JsValue>;
}

/// Whether others may hold a lock of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They may not.
    Exclusive,
    /// They may, as long as they share it too.
    Shared,
}

/// A lock that is held, or waited for, until this is dropped.
#[derive(Debug)]
pub struct Lock(Hold);

#[derive(Debug)]
enum Hold {
    /// By the browser, until this is called.
    Granted(Function),
    /// By this tab's own word, for as long as this answers with its name.
    Said(#[expect(dead_code, reason = "it answers until it is dropped")] Channel),
}

/// Waits for the lock of this name; where the browser offers none, for nothing. `None` if the
/// browser refuses.
pub async fn hold(name: &str, mode: Mode) -> Option<Lock> {
    let Some(manager) = manager() else {
        return say(name).map(Hold::Said).map(Lock);
    };
    let options = Object::new();
    let mode = match mode {
        Mode::Exclusive => "exclusive",
        Mode::Shared => "shared",
    };
    // A new object takes any property.
    let _ = Reflect::set(&options, &"mode".into(), &mode.into());

    let mut release = None;
    let held = Promise::new(&mut |resolve, _| release = Some(resolve));
    // Made before it is granted: whoever stops waiting gives it back by dropping this.
    let lock = Lock(Hold::Granted(release?));
    let mut requested = None;
    let granted = Promise::new(&mut |resolve, _| {
        let held = held.clone();
        let on_grant = Closure::once_into_js(move |_: JsValue| {
            // Resolving a promise does not fail.
            let _ = resolve.call0(&JsValue::NULL);
            held
        });
        requested = manager.request(name, &options, &on_grant).ok();
    });
    // The request itself only ends before it is granted if it is refused.
    JsFuture::from(Promise::race(&Array::of2(&granted, requested?.as_ref()))).await.ok()?;
    Some(lock)
}

/// The names of all locks that some tab holds.
pub async fn held() -> Vec<String> {
    match manager() {
        Some(manager) => granted(&manager).await.unwrap_or_default(),
        None => said().await,
    }
}

async fn granted(manager: &LockManager) -> Option<Vec<String>> {
    let snapshot = JsFuture::from(manager.query().ok()?).await.ok()?;
    let held: Array = Reflect::get(&snapshot, &"held".into()).ok()?.dyn_into().ok()?;
    let name = |lock: JsValue| Reflect::get(&lock, &"name".into()).ok()?.as_string();
    Some(held.iter().filter_map(name).collect())
}

async fn said() -> Vec<String> {
    let heard = Rc::new(RefCell::new(Vec::new()));
    let place = heard.clone();
    let line = Channel::open(LINE, move |text| place.borrow_mut().push(text.to_owned()));
    if let Some(line) = line {
        line.post(QUESTION);
        timer::sleep(LISTEN_MILLIS).await;
    }
    heard.take()
}

fn say(name: &str) -> Option<Channel> {
    let name = name.to_owned();
    Channel::open(LINE, move |text| {
        if text == QUESTION {
            Channel::post_once(LINE, &name);
        }
    })
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Hold::Granted(release) = &self.0 {
            // Resolving a promise does not fail.
            let _ = release.call0(&JsValue::NULL);
        }
    }
}

fn manager() -> Option<LockManager> {
    let manager = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
    (!manager.is_undefined()).then(|| manager.unchecked_into())
}
