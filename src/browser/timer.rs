//! Waiting.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use js_sys::{Promise, Reflect};
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;

/// Something that happens later, unless this is dropped first.
pub struct Later(Option<TimeoutHandle>);

/// Does `action` when the browser has nothing else to do.
pub fn when_idle(action: impl FnOnce() + 'static) {
    let action = Closure::once_into_js(action).unchecked_into();
    // Safari has no word for it (as of 2026).
    if window().request_idle_callback(&action).is_err() {
        // What is not done ahead of time is done when it is needed.
        let _ = window().set_timeout_with_callback(&action);
    }
}

/// Whether the browser tells when it has nothing else to do, so that [`when_idle`] waits for that.
pub fn tells_idle() -> bool {
    // A window is an object, of which this can be asked.
    Reflect::has(&window(), &"requestIdleCallback".into()).unwrap_or_default()
}

/// Waits this many milliseconds.
pub async fn sleep(millis: u32) {
    let millis = i32::try_from(millis).unwrap_or(i32::MAX);
    let waited = Promise::new(&mut |resolve, _| {
        // A browser that sets no timer (none is known) would end the wait never, or now.
        if window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, millis).is_err()
        {
            let _ = resolve.call0(&wasm_bindgen::JsValue::UNDEFINED);
        }
    });
    // A timer does not fail.
    let _ = JsFuture::from(waited).await;
}

/// Waits until `event` ends, but no longer than this many milliseconds. Yields what it ended with.
pub async fn at_most<T>(millis: u32, event: impl Future<Output = T>) -> Option<T> {
    match select(pin!(event), pin!(sleep(millis))).await {
        Either::Left((value, _)) => Some(value),
        Either::Right(_) => None,
    }
}

impl Later {
    /// Does `action` after this time.
    pub fn after(time: Duration, action: impl FnOnce() + 'static) -> Self {
        Self(set_timeout_with_handle(action, time).ok())
    }
}

impl Drop for Later {
    fn drop(&mut self) {
        if let Some(timer) = self.0.take() {
            timer.clear();
        }
    }
}
