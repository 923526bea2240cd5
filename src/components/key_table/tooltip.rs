//! The exact times that an instant tells on demand (WCAG 2.2, 1.4.13).

use web_sys::Event;

use super::row::explain;
use crate::browser::table;

/// Puts the exact time where the event asks for it.
pub(super) fn show(event: &Event) {
    if let Some(when) = table::closest(event, ".when") {
        explain(&when);
    }
}

/// Hides an exact time without moving pointer or focus.
pub(super) fn dismiss(event: &Event) {
    if let Some(when) = table::closest(event, ".when:not([data-dismissed])") {
        event.stop_propagation();
        // An attribute of this name is always taken.
        let _ = when.set_attribute("data-dismissed", "");
    }
}

/// One that was hidden is to be seen again the next time.
pub(super) fn allow(event: &Event) {
    if let Some(when) = table::closest(event, "[data-dismissed]") {
        // Taking off what is on does not fail.
        let _ = when.remove_attribute("data-dismissed");
    }
}
