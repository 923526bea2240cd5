//! Popovers (HTML, the `popover` attribute). The browser opens and closes them, on Escape and on a
//! click elsewhere too, and gives the focus back; where they stand is decided here.

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// The space between a button and its popover, in CSS pixels.
const GAP: f64 = 4.0;
/// The height in which a menu of a few lines has all of them, in CSS pixels.
const ROOM: f64 = 240.0;

/// Puts the popover of this id beside `button`: below it, or above it where it is cramped below and
/// there is more room, and along the edge that is nearer to the side of the page.
pub fn place_beside(id: &str, button: &Element) {
    let popover = document().get_element_by_id(id).and_then(|it| it.dyn_into::<HtmlElement>().ok());
    let size = |size: Result<wasm_bindgen::JsValue, wasm_bindgen::JsValue>| {
        size.ok().and_then(|size| size.as_f64()).unwrap_or_default()
    };
    let Some(popover) = popover else {
        return;
    };
    let (width, height) = (size(window().inner_width()), size(window().inner_height()));
    let button = button.get_bounding_client_rect();
    let (above, below) = (button.top(), height - button.bottom());
    let (left, right) = (button.left(), width - button.right());
    let set = |name: &str, length: Option<f64>| {
        let value = length.map_or_else(|| "auto".to_owned(), |it| format!("{}px", it as i32));
        // Lengths like these are never refused.
        let _ = popover.style().set_property(name, &value);
    };
    let opens_down = opens_down(above, below);
    // What does not fit scrolls within.
    set("max-height", Some((if opens_down { below } else { above }) - 2.0 * GAP));
    set("top", opens_down.then_some(button.bottom() + GAP));
    set("bottom", (!opens_down).then_some(height - button.top() + GAP));
    set("left", (left <= right).then_some(left.max(0.0)));
    set("right", (left > right).then_some(right.max(0.0)));
}

/// Whether a popover stands below its button, by the heights above and below. That is where it is
/// looked for, and where it covers nothing that was read before.
fn opens_down(above: f64, below: f64) -> bool {
    below >= above.min(ROOM)
}

/// Closes the popover of this id, if it is open.
pub fn close(id: &str) {
    let popover = document().get_element_by_id(id).and_then(|it| it.dyn_into::<HtmlElement>().ok());
    if let Some(popover) = popover {
        // One that is closed stays so.
        let _ = popover.hide_popover();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_popover_stands_above_only_where_it_is_cramped_below() {
        assert!(opens_down(100.0, 700.0));
        assert!(opens_down(700.0, 300.0));
        assert!(!opens_down(700.0, 200.0));
        assert!(opens_down(150.0, 200.0));
    }
}
