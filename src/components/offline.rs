//! The word that there is no network.

use leptos::prelude::*;

use crate::browser::online;
use crate::words::tr;

/// Says that the browser is offline, for as long as it is. The live region is always mounted,
/// because assistive technology only reads changes of one it knows.
#[component]
pub fn OfflineBanner() -> impl IntoView {
    let online = online::signal();
    view! {
        <div class="offline" role="status">
            {move || {
                match online.get() {
                    true => String::new(),
                    false => tr(
                        "You are offline. What is on show may be out of date; it goes on by \
                         itself when you are back.",
                    ),
                }
            }}
        </div>
    }
}
