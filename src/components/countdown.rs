//! Seconds that have to pass.

use std::time::Duration;

use leptos::prelude::*;

use crate::browser::format;

/// The seconds that are left of this many from now on, once a second; `None` when they have
/// passed. It stops with the current owner.
pub fn countdown(seconds: u32) -> ReadSignal<Option<u32>> {
    let end = format::now().unix_millis().saturating_add(i64::from(seconds) * 1000);
    let left = RwSignal::new((seconds > 0).then_some(seconds));
    let ticking = StoredValue::new(None::<IntervalHandle>);
    let stop = move || {
        if let Some(ticking) = ticking.try_get_value().flatten() {
            ticking.clear();
        }
    };
    if seconds > 0 {
        let tick = move || {
            let by_clock =
                end.saturating_sub(format::now().unix_millis()).saturating_add(999) / 1000;
            // At least one less each time: a clock that is set back does not stop it.
            let next = left.try_update(|left| {
                let by_ticks = left.unwrap_or(1) - 1;
                let next = u32::try_from(by_clock.max(0)).unwrap_or(u32::MAX).min(by_ticks);
                *left = (next > 0).then_some(next);
                *left
            });
            if next.flatten().is_none() {
                stop();
            }
        };
        if let Ok(handle) = set_interval_with_handle(tick, Duration::from_secs(1)) {
            ticking.set_value(Some(handle));
            on_cleanup(move || handle.clear());
        }
    }
    left.read_only()
}
