//! Web Locks: what only one tab may do at a time, and who is there. The browser takes a lock back
//! when its tab goes, however it goes.
//!
//! `web-sys` counts the interface among its unstable ones, so the two calls are declared here.

use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

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
pub struct Lock(Function);

/// Waits for the lock of this name. `None` where the browser offers no locks (outside a secure
/// context it does not).
pub async fn hold(name: &str, mode: Mode) -> Option<Lock> {
    let manager = manager()?;
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
    let lock = Lock(release?);
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

/// The names of all locks that some tab holds; `None` where the browser offers no locks.
pub async fn held() -> Option<Vec<String>> {
    let snapshot = JsFuture::from(manager()?.query().ok()?).await.ok()?;
    let held: Array = Reflect::get(&snapshot, &"held".into()).ok()?.dyn_into().ok()?;
    let name = |lock: JsValue| Reflect::get(&lock, &"name".into()).ok()?.as_string();
    Some(held.iter().filter_map(name).collect())
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Resolving a promise does not fail.
        let _ = self.0.call0(&JsValue::NULL);
    }
}

fn manager() -> Option<LockManager> {
    let manager = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
    (!manager.is_undefined()).then(|| manager.unchecked_into())
}
