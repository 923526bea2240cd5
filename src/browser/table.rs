//! The table in the window: where its rows stand, and which of its controls an event is about.

use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, HtmlElement};

use crate::domain::table::window::Viewport;

/// What a row's height counts as until there is a row to measure, in CSS pixels.
const USUAL_ROW: f64 = 57.0;

/// The window over the rows of `body`, a table body whose first row is not above its upper edge.
pub fn viewport(body: &Element) -> Viewport {
    Viewport {
        row_height: row_height(body).unwrap_or(USUAL_ROW),
        offset: -body.get_bounding_client_rect().top(),
        height: window_height(),
    }
}

/// What is known of the window before there is a row to measure.
pub fn usual_viewport() -> Viewport {
    Viewport { row_height: USUAL_ROW, offset: 0.0, height: window_height() }
}

fn window_height() -> f64 {
    window().inner_height().ok().as_ref().and_then(JsValue::as_f64).unwrap_or_default()
}

/// The distance from one row to the next.
fn row_height(body: &Element) -> Option<f64> {
    let rows = body.query_selector_all("tr[data-row]").ok()?;
    let top = |at: u32| {
        let row = rows.get(at)?.dyn_into::<Element>().ok()?;
        Some((row.get_bounding_client_rect(), row.get_attribute("aria-rowindex")?))
    };
    let (first, _) = top(0)?;
    // Two rows that follow each other tell the space between them too.
    for at in 1..rows.length() {
        let ((before, number), (after, next)) = (top(at - 1)?, top(at)?);
        if number.parse::<u32>().ok()? + 1 == next.parse::<u32>().ok()? {
            return Some(after.top() - before.top()).filter(|height| *height > 0.0);
        }
    }
    Some(first.height()).filter(|height| *height > 0.0)
}

/// Scrolls so that the row at this place stands in the middle of the window.
pub fn scroll_to(body: &Element, place: usize) {
    let Viewport { row_height, height, offset } = viewport(body);
    let top = window().page_y_offset().unwrap_or_default() - offset;
    let to = top + row_height * place as f64 - (height - row_height) / 2.0;
    window().scroll_to_with_x_and_y(0.0, to);
}

/// Scrolls so that the row at this place, which bears this number, is in sight. Yields whether it is
/// there. Where it is not, a table that draws the rows in sight is scrolled to where it will be.
pub fn bring_into_sight(body: &Element, place: usize, number: usize) -> bool {
    let Some(row) = row(body, number) else {
        if body.closest("table.windowed").is_ok_and(|table| table.is_some()) {
            scroll_to(body, place);
        }
        return false;
    };
    let row = row.get_bounding_client_rect();
    let height = window_height();
    if row.top() < 0.0 || row.bottom() > height {
        let to = row.top() - (height - row.height()) / 2.0;
        window().scroll_by_with_x_and_y(0.0, to);
    }
    true
}

/// The row that bears this number, if it is mounted.
pub fn row(body: &Element, number: usize) -> Option<Element> {
    body.query_selector(&format!("tr[aria-rowindex=\"{number}\"]")).ok().flatten()
}

/// The element at or around the event's target that matches `selector`.
pub fn closest(event: &Event, selector: &str) -> Option<HtmlElement> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    target.closest(selector).ok()??.dyn_into().ok()
}
