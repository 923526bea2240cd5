//! Numbers and instants in words, by the browser's own `Intl`.

use contract::Timestamp;
use js_sys::Intl::{DateTimeFormat, NumberFormat, RelativeTimeFormat};
use js_sys::{Array, Date, Function, Number, Object, Reflect};
use leptos::prelude::{document, window};
use wasm_bindgen::JsValue;

use crate::domain::time::{Wording, wording};
use crate::words::tr;

/// The formats in use. Making one takes far longer than using one, so each is made once.
struct Formats {
    relative: RelativeTimeFormat,
    date: DateTimeFormat,
    local: DateTimeFormat,
    utc: DateTimeFormat,
    whole: NumberFormat,
    decimal: NumberFormat,
    percent: NumberFormat,
}

thread_local! {
    static FORMATS: Formats = Formats::new();
}

/// Makes the formats, when there is time for it: a browser takes as long for them as for the rows of
/// a table.
pub fn prepare() {
    FORMATS.with(|_| ());
}

/// How `then` reads at the time `now`: "3 hours ago", or the date if it is long ago.
pub fn relative(then: Timestamp, now: Timestamp) -> String {
    FORMATS.with(|formats| {
        let ago = |count: i64, unit| formats.relative.format(-(count as f64), unit).into();
        match wording(then, now) {
            Wording::JustNow => tr("just now"),
            Wording::Minutes(count) => ago(count, "minute"),
            Wording::Hours(count) => ago(count, "hour"),
            Wording::Days(count) => ago(count, "day"),
            Wording::Date => instant(&formats.date, then),
        }
    })
}

/// The instant in the user's time zone, to the second, with the zone's name.
pub fn local(at: Timestamp) -> String {
    FORMATS.with(|formats| instant(&formats.local, at))
}

/// The instant in UTC, to the second.
pub fn utc(at: Timestamp) -> String {
    FORMATS.with(|formats| instant(&formats.utc, at))
}

/// A whole number with its groups of digits.
pub fn whole(number: u64) -> String {
    FORMATS.with(|formats| formatted(&formats.whole.format(), &JsValue::from_f64(number as f64)))
}

/// A number with at most one digit after the point.
pub fn decimal(number: f64) -> String {
    FORMATS.with(|formats| formatted(&formats.decimal.format(), &JsValue::from_f64(number)))
}

/// A share as percent with at most one digit after the point: 0.5 reads "50%".
pub fn percent(share: f64) -> String {
    FORMATS.with(|formats| formatted(&formats.percent.format(), &JsValue::from_f64(share)))
}

/// A number with two digits after the point, as attributes of drawings take it.
pub fn plain(number: f64) -> String {
    // Up to a hundred digits are allowed.
    Number::from(number).to_fixed(2).map(String::from).unwrap_or_default()
}

/// The page's language, as `boot.js` has chosen it.
pub fn language() -> String {
    let page = document().document_element().and_then(|html| html.get_attribute("lang"));
    page.unwrap_or_else(|| "en".to_owned())
}

/// The browser's clock.
pub fn now() -> Timestamp {
    Timestamp::from_unix_millis(Date::now() as i64)
}

impl Formats {
    fn new() -> Self {
        let locales = locales();
        let number = |options: &[(&str, JsValue)]| NumberFormat::new(&locales, &object(options));
        let date = |options: &[(&str, JsValue)]| DateTimeFormat::new(&locales, &object(options));
        let one_digit = ("maximumFractionDigits", JsValue::from_f64(1.0));
        let to_the_second = |zone: Option<&str>| {
            let mut options = vec![
                ("year", "numeric".into()),
                ("month", "short".into()),
                ("day", "numeric".into()),
                ("hour", "2-digit".into()),
                ("minute", "2-digit".into()),
                ("second", "2-digit".into()),
                ("timeZoneName", "short".into()),
            ];
            options.extend(zone.map(|zone| ("timeZone", zone.into())));
            date(&options)
        };
        Self {
            // "1 day ago" and not "yesterday": what was 47 hours ago was on the day before that.
            relative: RelativeTimeFormat::new(&locales, &object(&[])),
            date: date(&[("dateStyle", "medium".into())]),
            local: to_the_second(None),
            utc: to_the_second(Some("UTC")),
            whole: number(&[]),
            decimal: number(std::slice::from_ref(&one_digit)),
            percent: number(&[("style", "percent".into()), one_digit]),
        }
    }
}

/// The user's locale where it speaks the page's language, else the page's language: a sentence
/// in one language does not hold a date in another.
fn locales() -> Array {
    let page = language();
    // Some systems name locales in ways that `Intl` throws on, such as `en-US@posix`.
    let is_tag = |text: &String| text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
    let user = window().navigator().language().filter(is_tag);
    let user = user.filter(|user| user.starts_with(&page));
    Array::of1(&user.unwrap_or(page).into())
}

fn instant(format: &DateTimeFormat, at: Timestamp) -> String {
    let date = Date::new(&JsValue::from_f64(at.unix_millis() as f64));
    formatted(&format.format(), &date)
}

/// What the format's bound `format` function makes of `value`; empty if it cannot make anything
/// of it, as of a date beyond the year 275,760.
fn formatted(format: &Function, value: &JsValue) -> String {
    let text = format.call1(&JsValue::UNDEFINED, value);
    text.ok().and_then(|text| text.as_string()).unwrap_or_default()
}

fn object(entries: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in entries {
        // Setting a property of a plain object does not fail.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object
}
