//! Elements that are made by hand. A view is shorter, but all that draws views would come with it,
//! and nobody needs that to sign in.

use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement};

/// An element with these classes and these parts. `None` for what is no name of an element.
pub fn element(name: &str, classes: &str, parts: &[Option<Element>]) -> Option<Element> {
    let element = document().create_element(name).ok()?;
    if !classes.is_empty() {
        element.set_class_name(classes);
    }
    for part in parts.iter().flatten() {
        // An element takes children.
        let _ = element.append_child(part);
    }
    Some(element)
}

/// The same with a text in it.
pub fn text(name: &str, classes: &str, text: &str) -> Option<Element> {
    let element = element(name, classes, &[])?;
    element.set_text_content(Some(text));
    Some(element)
}

/// The same with one more attribute.
pub fn with(element: Option<Element>, name: &str, value: &str) -> Option<Element> {
    // It is a valid name of an attribute.
    element.inspect(|element| drop(element.set_attribute(name, value)))
}

/// A button that says this and does that, for as long as the current owner lives.
pub fn button(classes: &str, words: &str, action: impl Fn() + 'static) -> Option<Element> {
    let button = with(text("button", classes, words), "type", "button")?;
    let on_click = Closure::<dyn Fn()>::new(action);
    let element: &HtmlElement = button.unchecked_ref();
    element.set_onclick(Some(on_click.as_ref().unchecked_ref()));
    let on_click = StoredValue::new_local(on_click);
    on_cleanup(move || on_click.dispose());
    Some(button)
}

/// Puts an element at the end of another one, for as long as the current owner lives.
pub fn show_in(host: &Element, element: Option<Element>) {
    let Some(element) = element else {
        return;
    };
    // An element takes children.
    let _ = host.append_child(&element);
    let element = StoredValue::new_local(element);
    on_cleanup(move || {
        element.try_with_value(Element::remove);
    });
}
