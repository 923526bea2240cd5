//! Whether the browser has a network at all. It may be wrong in one direction: a browser that
//! says it is online may still reach nobody.

use leptos::ev;
use leptos::prelude::*;

use crate::reactive::Effect;

/// Whether the browser has a network now.
pub fn is_online() -> bool {
    window().navigator().on_line()
}

/// Does something whenever the browser comes back online, for as long as the current owner lives.
pub fn on_return(action: impl Fn() + 'static) {
    let online = signal();
    Effect::new(move |was_online: Option<bool>| {
        let is_online = online.get();
        if is_online && was_online == Some(false) {
            action();
        }
        is_online
    });
}

/// Whether the browser has a network, as it changes, for as long as the current owner lives.
pub fn signal() -> ReadSignal<bool> {
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
    online.read_only()
}
