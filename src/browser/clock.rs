//! The browser's two clocks.

use js_sys::Date;
use leptos::prelude::window;

use crate::domain::renewal::Moment;

/// What both clocks say now.
pub fn moment() -> Moment {
    let monotonic = window().performance().map(|clock| clock.now() as i64);
    Moment { wall: Date::now() as i64, monotonic }
}

/// Milliseconds of the clock that only goes forward, where the browser has one.
pub fn millis() -> i64 {
    let Moment { wall, monotonic } = moment();
    monotonic.unwrap_or(wall)
}
