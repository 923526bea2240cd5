//! What reacts to signals and events, compiled once.
//!
//! Leptos makes the whole machinery of an effect anew for each closure it is given: up to a
//! kilobyte each time. Here the closure is behind a pointer, and there is one of everything else.

use std::sync::Arc;

use leptos::prelude::*;

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

/// A listener of an element, of one type for all that hear the same kind of event.
pub fn heard<E: 'static>(act: impl FnMut(E) + 'static) -> Box<dyn FnMut(E)> {
    Box::new(act)
}

/// What is drawn anew whenever something changes that `draw` looks at.
pub fn redrawn(draw: impl FnMut() -> AnyView + Send + 'static) -> AnyView {
    in_place(Box::new(draw))
}

/// Draws something for each of `numbers`, in their order, once for as long as the number is among
/// them. The machinery of a list is large.
pub fn each(
    numbers: impl Fn() -> Vec<i64> + Send + Sync + 'static,
    draw: impl Fn(i64) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let numbers: Arc<dyn Fn() -> Vec<i64> + Send + Sync> = Arc::new(numbers);
    let draw: Arc<dyn Fn(i64) -> AnyView + Send + Sync> = Arc::new(draw);
    drawn(numbers, draw)
}

fn effect(mut run: Box<dyn FnMut()>) {
    leptos::prelude::Effect::new(move |_: Option<()>| run());
}

fn in_place(mut draw: Box<dyn FnMut() -> AnyView + Send>) -> AnyView {
    view! { {move || draw()} }.into_any()
}

fn drawn(
    numbers: Arc<dyn Fn() -> Vec<i64> + Send + Sync>,
    draw: Arc<dyn Fn(i64) -> AnyView + Send + Sync>,
) -> AnyView {
    view! { <For each=move || numbers() key=|number| *number let(number)>{draw(number)}</For> }
        .into_any()
}
