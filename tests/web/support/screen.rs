//! Looking at the page and acting on it as a user would: by label and by what is written there.

use leptos::prelude::{document, window};
use leptos::wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Element, Event, EventInit, HtmlElement, HtmlInputElement, KeyboardEvent, KeyboardEventInit,
};

/// How long a condition may take to become true, in milliseconds.
const DEADLINE: f64 = 20_000.0;

/// Waits until `condition` holds.
#[track_caller]
pub fn until(what: &str, condition: impl Fn() -> bool) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        let start = js_sys::Date::now();
        while !condition() {
            let waited = js_sys::Date::now() - start;
            assert!(waited < DEADLINE, "{caller}: waited in vain for: {what}\n{}", text());
            next_frame().await;
        }
    }
}

/// Waits for `text` to be written on the stage.
#[track_caller]
pub fn until_text(text: &'static str) -> impl Future<Output = ()> {
    until(text, move || self::text().contains(text))
}

/// Lets the browser go on: tasks, effects and one more turn of the event loop.
pub async fn next_frame() {
    let frame = js_sys::Promise::new(&mut |resolve, _| {
        window()
            .set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, 4)
            .expect("a timeout can be set");
    });
    JsFuture::from(frame).await.expect("a timeout comes");
}

/// Waits until the page is drawn next: whatever was to happen then, also for a test that is
/// over, has happened.
pub async fn drawn() {
    let drawing = js_sys::Promise::new(&mut |resolve, _| {
        window().request_animation_frame(&resolve).expect("a page is drawn");
    });
    JsFuture::from(drawing).await.expect("it is drawn");
}

/// Waits until the browser has nothing else to do: what asked for that before has had its turn.
pub async fn idle() {
    let idle = js_sys::Promise::new(&mut |resolve, _| {
        window().request_idle_callback(&resolve).expect("these browsers have a word for it");
    });
    JsFuture::from(idle).await.expect("it comes to rest");
}

/// All that is written on the stage and can be seen.
pub fn text() -> String {
    all(".stage").iter().map(|stage| stage.unchecked_ref::<HtmlElement>().inner_text()).collect()
}

/// All markup on the stage, seen or not.
pub fn markup() -> String {
    all(".stage").iter().map(|stage| stage.outer_html()).collect()
}

/// Every element that matches, in document order.
pub fn all(selector: &str) -> Vec<Element> {
    let nodes = document().query_selector_all(selector).expect("a valid selector");
    (0..nodes.length()).filter_map(|at| nodes.get(at)?.dyn_into().ok()).collect()
}

/// The one element on the stage that matches.
#[track_caller]
pub fn one(selector: &str) -> HtmlElement {
    let mut found = all(&format!(".stage {selector}"));
    assert_eq!(found.len(), 1, "{selector} in {}", markup());
    found.remove(0).unchecked_into()
}

/// The button (or link that looks like one) called `name`, by its label or its text.
#[track_caller]
pub fn button(name: &str) -> HtmlElement {
    find_button(name).unwrap_or_else(|| panic!("no button {name:?} in {}", markup()))
}

/// The same, if it is there.
pub fn find_button(name: &str) -> Option<HtmlElement> {
    let called = |element: &Element| {
        let label = element.get_attribute("aria-label");
        label.or_else(|| element.text_content()).is_some_and(|label| label.trim() == name)
    };
    all(".stage button, .stage a").into_iter().find(called).map(JsCast::unchecked_into)
}

/// Clicks a button.
#[track_caller]
pub fn click(name: &str) {
    button(name).click();
}

/// The input of this label.
#[track_caller]
pub fn field(label: &str) -> HtmlInputElement {
    let labels = all(".stage label");
    let found = labels.iter().find(|it| it.text_content().is_some_and(|it| it.trim() == label));
    let input = match found {
        Some(label) => {
            let id = label.get_attribute("for").expect("a label is for something");
            document().get_element_by_id(&id)
        }
        None => all(".stage input")
            .into_iter()
            .find(|input| input.get_attribute("aria-label").as_deref() == Some(label)),
    };
    input.unwrap_or_else(|| panic!("no field {label:?} in {}", markup())).unchecked_into()
}

/// Types into the field of this label, in place of what it holds.
#[track_caller]
pub fn type_into(label: &str, text: &str) {
    let field = field(label);
    field.set_value(text);
    let init = EventInit::new();
    init.set_bubbles(true);
    let event = Event::new_with_event_init_dict("input", &init).expect("an event can be made");
    field.dispatch_event(&event).expect("it can be sent");
}

/// Presses a key where the focus is.
pub fn press(key: &str) {
    let init = KeyboardEventInit::new();
    init.set_bubbles(true);
    init.set_cancelable(true);
    init.set_key(key);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init)
        .expect("an event can be made");
    focused().dispatch_event(&event).expect("it can be sent");
}

/// Sends an event that carries nothing but its kind.
pub fn send(target: &Element, kind: &str, bubbles: bool) {
    let init = EventInit::new();
    init.set_bubbles(bubbles);
    let event = Event::new_with_event_init_dict(kind, &init).expect("an event");
    target.dispatch_event(&event).expect("it is sent");
}

/// The element that has focus.
pub fn focused() -> Element {
    document().active_element().expect("something always has focus")
}

/// Replaces a property of a browser object and puts it back when it goes.
pub struct Replaced {
    object: JsValue,
    property: &'static str,
    /// What stood in the object itself: a window carries its own functions.
    own: JsValue,
}

impl Replaced {
    /// Shadows `property` of `object` with an own property of this value.
    pub fn new(object: &JsValue, property: &'static str, value: &JsValue) -> Self {
        let descriptor = js_sys::Object::new();
        for (name, value) in [("value", value), ("configurable", &JsValue::TRUE)] {
            js_sys::Reflect::set(&descriptor, &name.into(), value).expect("a plain object");
        }
        let target: &js_sys::Object = object.unchecked_ref();
        let own = js_sys::Object::get_own_property_descriptor(target, &property.into());
        js_sys::Object::define_property(target, &property.into(), &descriptor);
        Self { object: object.clone(), property, own }
    }
}

impl Drop for Replaced {
    fn drop(&mut self) {
        let target: &js_sys::Object = self.object.unchecked_ref();
        let property = self.property.into();
        if let Some(own) = self.own.dyn_ref() {
            js_sys::Object::define_property(target, &property, own);
            return;
        }
        // The property of the prototype is in sight again.
        let _ = js_sys::Reflect::delete_property(target, &property);
    }
}
