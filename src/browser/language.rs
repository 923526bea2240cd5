//! The language that `boot.js` chose and fetched the words of. The catalog stays with the browser,
//! which has read it already; a text is looked up in it when it is drawn.

use js_sys::Intl::PluralRules;
use js_sys::{Array, Object, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};

use super::format;
use crate::words::{self, Language, Numbers};

/// Where `boot.js` puts the catalog: texts by the English ones, and for a text with a number its
/// forms by their CLDR categories. Without one, the page is English.
const CATALOG: &str = "occamKeysWords";

thread_local! {
    static WORDS: Option<Object> = get(&window(), CATALOG).dyn_into().ok();
    static RULES: PluralRules = {
        let locales = Array::of1(&format::language().into());
        PluralRules::new(&locales, &Object::new())
    };
}

/// Lets [`words`] speak the page's language from here on.
pub fn install() {
    words::install(Language { find });
}

/// Lets it write numbers in that language too.
pub fn install_numbers() {
    words::install_numbers(Numbers { find_plural, number });
}

fn find(text: &str) -> Option<String> {
    WORDS.with(|words| get(words.as_ref()?, text).as_string())
}

fn find_plural(many: &str, count: usize) -> Option<String> {
    let forms = WORDS.with(|words| Some(get(words.as_ref()?, many)))?;
    let form = RULES.with(|rules| Reflect::get(&forms, &rules.select(count as f64)));
    form.ok().and_then(|form| form.as_string())
}

fn number(number: usize) -> String {
    format::whole(number as u64)
}

/// A property; `undefined` if there is nothing that could have it.
fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}
