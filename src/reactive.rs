//! What reacts to signals, compiled once.
//!
//! Leptos makes the whole machinery of an effect anew for each closure it is given: up to a
//! kilobyte each time. Here the closure is behind a pointer, and there is one of everything else.

use leptos::prelude::{RenderEffect, StoredValue};

/// Something that is done now and again whenever a signal changes that it has read, for as long as
/// the current owner lives. It stands in front of [`leptos::prelude::Effect`], so that nobody makes
/// one of those by mistake.
#[derive(Clone, Copy, Debug)]
pub struct Effect;

impl Effect {
    /// Runs `run` on the next tick, and whenever something changes that it has read. It gets what
    /// it has yielded the last time.
    #[expect(clippy::new_ret_no_self, reason = "an effect ends with its owner; nobody holds it")]
    pub fn new<T: 'static>(mut run: impl FnMut(Option<T>) -> T + 'static) {
        let mut last = None;
        effect(Box::new(move || last = Some(run(last.take()))));
    }
}

/// Does something at once, and again whenever a signal changes that it has read, for as long as the
/// current owner lives: what a view does, for what is drawn without one.
pub fn draw(run: impl FnMut() + 'static) {
    let mut run: Box<dyn FnMut()> = Box::new(run);
    StoredValue::new_local(RenderEffect::new(move |_: Option<()>| run()));
}

fn effect(mut run: Box<dyn FnMut()>) {
    leptos::prelude::Effect::new(move |_: Option<()>| run());
}
