//! Whether the browser has a network at all. It may be wrong in one direction: a browser that
//! says it is online may still reach nobody.

use leptos::ev;
use leptos::prelude::*;

/// Whether the browser has a network now.
pub fn is_online() -> bool {
    window().navigator().on_line()
}

/// The same as it changes, for as long as the current owner lives.
pub fn signal() -> Signal<bool> {
    let online = RwSignal::new(is_online());
    let follow = move || {
        online.try_set(is_online());
    };
    let came = window_event_listener(ev::online, move |_| follow());
    let went = window_event_listener(ev::offline, move |_| follow());
    on_cleanup(move || {
        came.remove();
        went.remove();
    });
    online.into()
}
