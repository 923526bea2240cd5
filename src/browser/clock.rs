//! The browser's two clocks, and waiting by them.

use js_sys::{Date, Promise};
use leptos::prelude::window;
use wasm_bindgen_futures::JsFuture;

use crate::domain::renewal::Moment;

/// What both clocks say now.
pub fn moment() -> Moment {
    let monotonic = window().performance().map(|clock| clock.now() as i64);
    Moment { wall: Date::now() as i64, monotonic }
}

/// Waits for `millis` milliseconds.
pub async fn pause(millis: u32) {
    // It is only ever resolved.
    let _ = JsFuture::from(timer(millis)).await;
}

/// Waits until `event` ends, but no longer than `millis` milliseconds.
pub async fn wait_at_most(millis: u32, event: impl Future<Output = ()> + 'static) {
    let event = wasm_bindgen_futures::future_to_promise(async move {
        event.await;
        Ok(wasm_bindgen::JsValue::UNDEFINED)
    });
    // Neither of the two is ever rejected.
    let _ = JsFuture::from(Promise::race(&js_sys::Array::of2(&event, &timer(millis)))).await;
}

fn timer(millis: u32) -> Promise {
    Promise::new(&mut |resolve, _| {
        let millis = i32::try_from(millis).unwrap_or(i32::MAX);
        // A window has timers as long as the app runs in it.
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, millis);
    })
}
