//! Time in the hands of a test: nobody waits for real seconds.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Reflect};
use leptos::prelude::window;
use leptos::wasm_bindgen::prelude::*;

/// Waits shorter than this are the page's and the test's own turns of the event loop.
const SHORTEST_PAUSE: i32 = 250;

/// The number of the first timer. The browser's own never get there.
const FIRST_TIMER: i32 = 1_000_000_000;

#[derive(Default)]
struct Pauses {
    begun: i32,
    waiting: Vec<(i32, i32, Function)>,
}

/// A clock on which the page's pauses end when the test says so, as long as it lives.
pub struct Clock {
    pauses: Rc<RefCell<Pauses>>,
    real_set: JsValue,
    real_clear: JsValue,
    _set: Closure<dyn Fn(Function, JsValue) -> JsValue>,
    _clear: Closure<dyn Fn(JsValue)>,
}

impl Clock {
    /// Takes `setTimeout` and `clearTimeout` over.
    pub fn in_hand() -> Self {
        let pauses = Rc::new(RefCell::new(Pauses::default()));
        let real_set = property("setTimeout");
        let real_clear = property("clearTimeout");
        let set = Closure::<dyn Fn(Function, JsValue) -> JsValue>::new({
            let (pauses, real) = (pauses.clone(), real_set.clone());
            move |action: Function, millis: JsValue| {
                let pause = millis.as_f64().unwrap_or_default() as i32;
                if pause < SHORTEST_PAUSE {
                    let real: &Function = real.unchecked_ref();
                    return real.call2(&window(), &action, &millis).expect("a timer is set");
                }
                let mut pauses = pauses.borrow_mut();
                pauses.begun += 1;
                let timer = FIRST_TIMER + pauses.begun;
                pauses.waiting.push((timer, pause, action));
                JsValue::from(timer)
            }
        });
        let clear = Closure::<dyn Fn(JsValue)>::new({
            let (pauses, real) = (pauses.clone(), real_clear.clone());
            move |timer: JsValue| {
                let number = timer.as_f64().unwrap_or_default() as i32;
                pauses.borrow_mut().waiting.retain(|(other, ..)| *other != number);
                if number < FIRST_TIMER {
                    let real: &Function = real.unchecked_ref();
                    real.call1(&window(), &timer).expect("a timer is cleared");
                }
            }
        });
        set_property("setTimeout", set.as_ref());
        set_property("clearTimeout", clear.as_ref());
        Self { pauses, real_set, real_clear, _set: set, _clear: clear }
    }

    /// The pauses that last, in milliseconds, in the order in which they were begun.
    pub fn pauses(&self) -> Vec<i32> {
        self.pauses.borrow().waiting.iter().map(|(_, pause, _)| *pause).collect()
    }

    /// Ends the pauses of these lengths, and says how many there were.
    pub fn end(&self, which: impl Fn(i32) -> bool) -> usize {
        let waiting = std::mem::take(&mut self.pauses.borrow_mut().waiting);
        let (ended, left): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|(_, pause, _)| which(*pause));
        self.pauses.borrow_mut().waiting = left;
        for (.., action) in &ended {
            action.call0(&JsValue::UNDEFINED).expect("it does not throw");
        }
        ended.len()
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        set_property("setTimeout", &self.real_set);
        set_property("clearTimeout", &self.real_clear);
    }
}

fn property(name: &str) -> JsValue {
    Reflect::get(&window(), &name.into()).expect("a browser has it")
}

fn set_property(name: &str, value: &JsValue) {
    Reflect::set(&window(), &name.into(), value).expect("it can be replaced");
}
