//! What would be compiled anew wherever it is used, in a form that is compiled once.

use std::sync::Arc;

use leptos::prelude::*;

/// A listener of an element, of one type for all that hear the same kind of event.
pub fn heard<E: 'static>(act: impl FnMut(E) + 'static) -> Box<dyn FnMut(E)> {
    Box::new(act)
}

/// What is drawn anew whenever something changes that `draw` looks at.
pub fn redrawn(draw: impl FnMut() -> AnyView + Send + 'static) -> AnyView {
    in_place(Box::new(draw))
}

fn in_place(mut draw: Box<dyn FnMut() -> AnyView + Send>) -> AnyView {
    view! { {move || draw()} }.into_any()
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

fn drawn(
    numbers: Arc<dyn Fn() -> Vec<i64> + Send + Sync>,
    draw: Arc<dyn Fn(i64) -> AnyView + Send + Sync>,
) -> AnyView {
    view! { <For each=move || numbers() key=|number| *number let(number)>{draw(number)}</For> }
        .into_any()
}
