//! A list whose elements stay what they are while others come and go.

use std::sync::Arc;

use leptos::prelude::*;

/// Draws something for each of `numbers`, in their order, once for as long as the number is among
/// them. One function for all lists, whose machinery is large.
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
