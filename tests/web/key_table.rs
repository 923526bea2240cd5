//! The table of keys, within the signed-in app: its order, its choices, and what does not move.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Reflect};
use leptos::prelude::*;
use leptos::wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{
    Blob, HtmlElement, MouseEvent, MouseEventInit, MutationObserver, MutationObserverInit,
};

use crate::keys_page::{name_a_key, signed_in};
use crate::support::key_api::{Answer, KeyApi};
use crate::support::screen::{
    self, Replaced, click, focused, next_frame, send, type_into, until, until_text,
};

const DAY: &str = "2026-11-";

/// A list of keys called `key 1` and so on, made one day after the other.
fn list(numbers: impl IntoIterator<Item = usize>) -> String {
    let key = |number: usize| {
        let day = number % 20 + 1;
        let (created, used) =
            (format!("{DAY}{day:02}T00:00:00Z"), format!("{DAY}{day:02}T01:00:00Z"));
        format!(
            r#"{{"uuid": "{}", "name": "key {number}", "api_key": "occ_{number:04}…abcd",
            "created": "{created}", "last_used": "{used}"}}"#,
            uuid(number)
        )
    };
    format!("[{}]", numbers.into_iter().map(key).collect::<Vec<_>>().join(","))
}

fn uuid(number: usize) -> String {
    format!("00000000-0000-0000-0000-{number:012}")
}

fn names() -> Vec<String> {
    let names = screen::all(".stage tbody .key-name bdi");
    names.iter().filter_map(|name| name.text_content()).collect()
}

fn choose(name: &str, with_shift: bool) {
    let label = format!("Select {name}");
    let found = screen::all(".stage tbody [data-action=choose]")
        .into_iter()
        .find(|it| it.get_attribute("aria-label").as_ref() == Some(&label));
    let init = MouseEventInit::new();
    init.set_bubbles(true);
    init.set_cancelable(true);
    init.set_shift_key(with_shift);
    let event = MouseEvent::new_with_mouse_event_init_dict("click", &init).expect("an event");
    found.expect("a row of this name").dispatch_event(&event).expect("it is sent");
}

fn sort_by(column: &str) {
    let header = screen::one(&format!("thead [data-action={column}]"));
    header.click();
}

/// A browser whose clock is ahead, as long as it lives.
struct Later {
    date: JsValue,
    real: JsValue,
    _now: Closure<dyn Fn() -> f64>,
}

impl Later {
    fn by(millis: f64) -> Self {
        let later = js_sys::Date::now() + millis;
        let now = Closure::<dyn Fn() -> f64>::new(move || later);
        let date = js_sys::Reflect::get(&window(), &"Date".into()).expect("there is one");
        let real = js_sys::Reflect::get(&date, &"now".into()).expect("it tells the time");
        js_sys::Reflect::set(&date, &"now".into(), now.as_ref()).expect("it can be replaced");
        Self { date, real, _now: now }
    }
}

impl Drop for Later {
    fn drop(&mut self) {
        js_sys::Reflect::set(&self.date, &"now".into(), &self.real).expect("it can be replaced");
    }
}

#[wasm_bindgen_test]
async fn a_header_orders_the_table_says_so_and_stands_in_the_address() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, &list([2, 10, 1]));
    let _stage = signed_in();
    until("three rows", || names().len() == 3).await;
    assert_eq!(names(), ["key 10", "key 2", "key 1"], "the newest first");
    sort_by("name");
    until("the order", || names() == ["key 1", "key 2", "key 10"]).await;
    assert_eq!(window().location().hash().as_deref(), Ok("#/keys?sort=name"));
    let header = screen::one("thead .col-name");
    assert_eq!(header.get_attribute("aria-sort").as_deref(), Some("ascending"));
    sort_by("name");
    until("the other way", || names() == ["key 10", "key 2", "key 1"]).await;
    assert_eq!(window().location().hash().as_deref(), Ok("#/keys?sort=-name"));
}

/// The numbers of rows that the table has had since this was made, one after the other.
struct RowCounts {
    seen: Rc<RefCell<Vec<usize>>>,
    observer: MutationObserver,
    _note: Closure<dyn Fn()>,
}

impl RowCounts {
    fn from_now() -> Self {
        let seen = Rc::new(RefCell::new(vec![names().len()]));
        let noted = seen.clone();
        let note = Closure::<dyn Fn()>::new(move || {
            let count = names().len();
            if noted.borrow().last() != Some(&count) {
                noted.borrow_mut().push(count);
            }
        });
        let observer = MutationObserver::new(note.as_ref().unchecked_ref()).expect("one");
        let init = MutationObserverInit::new();
        init.set_child_list(true);
        init.set_subtree(true);
        observer.observe_with_options(&document(), &init).expect("the page can be watched");
        Self { seen, observer, _note: note }
    }

    fn seen(&self) -> Vec<usize> {
        self.seen.borrow().clone()
    }
}

impl Drop for RowCounts {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

#[wasm_bindgen_test]
async fn rows_in_sight_do_not_wait_for_those_that_are_not() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, &list(1..=50));
    let counts = RowCounts::from_now();
    let _stage = signed_in();
    until("all rows", || names().len() == 50).await;
    let seen = counts.seen();
    assert!(matches!(seen[..], [0, first, 50] if (4..50).contains(&first)), "{seen:?}");

    // Whoever is on the page already may have scrolled: nothing goes and comes again.
    sort_by("name");
    until("the order", || names().first().is_some_and(|it| it == "key 1")).await;
    assert_eq!(counts.seen(), seen);
}

#[wasm_bindgen_test]
async fn a_long_table_that_is_ordered_anew_draws_what_is_in_sight_first() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, &list(1..=500));
    let _stage = signed_in();
    until("a row", || !names().is_empty()).await;
    let is_first = |name: &str| names().first().is_some_and(|it| it == name);
    let rises = |seen: &[usize]| matches!(seen, [.., few, all] if few < all);
    sort_by("name");
    let counts = RowCounts::from_now();
    until("the order, and the rows around", || is_first("key 1") && rises(&counts.seen())).await;

    let counts = RowCounts::from_now();
    sort_by("name");
    until("the order, and the rows around", || is_first("key 500") && rises(&counts.seen())).await;
    let seen = counts.seen();
    assert!(matches!(seen[..], [all, few, again] if few < all && again == all), "{seen:?}");
}

#[wasm_bindgen_test]
async fn a_filter_says_what_it_hides_and_can_be_taken_back() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, &list([1, 2]));
    let _stage = signed_in();
    until("two rows", || names().len() == 2).await;
    let used: web_sys::HtmlSelectElement = screen::one("select[name=used]").unchecked_into();
    used.set_value("never");
    send(&used, "change", true);
    until_text("No key passes the filters").await;
    assert!(screen::text().contains("0 of 2 keys, 2 hidden by filters"));
    assert_eq!(window().location().hash().as_deref(), Ok("#/keys?used=never"));
    click("Clear search and filters");
    until("two rows", || names().len() == 2).await;
    assert_eq!(used.value(), "");
}

#[wasm_bindgen_test]
async fn chosen_keys_are_revoked_one_by_one_and_what_fails_stays_chosen() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, &list([1, 2, 3, 4]));
    let _stage = signed_in();
    until("four rows", || names().len() == 4).await;
    choose("key 4", false);
    choose("key 2", true);
    until_text("3 keys selected").await;
    click("Revoke selected…");
    until_text("Revoke 3 keys?").await;
    type_into("Type 3 to confirm", "2");
    click("Revoke 3 keys");
    until_text("Type 3 to confirm.").await;
    // A second mistake is met as the first one was.
    until("the field has the focus", || focused().id() == "revoke-many-count").await;
    type_into("Type 3 to confirm", "4");
    screen::button("Revoke 3 keys").focus().expect("it takes the focus");
    click("Revoke 3 keys");
    until("the field has the focus", || focused().id() == "revoke-many-count").await;
    assert!(api.received(&format!("DELETE /keys/{}", uuid(4))).is_empty());

    api.answers(&format!("DELETE /keys/{}", uuid(4)), 200, "{}");
    api.answers(&format!("DELETE /keys/{}", uuid(3)), 403, "{}");
    api.answers(&format!("DELETE /keys/{}", uuid(2)), 404, "{}");
    api.answers("GET /keys/", 200, &list([1, 3]));
    type_into("Type 3 to confirm", "٣");
    click("Revoke 3 keys");
    until_text("Revoked 2 of 3 keys").await;
    assert!(screen::text().contains("Was gone already"));
    // Enter may have been pressed twice: the second one neither stops nor closes anything.
    until("the title has the focus", || focused().id() == "revoke-many-title").await;
    api.answers(&format!("DELETE /keys/{}", uuid(3)), 200, "{}");
    api.answers("GET /keys/", 200, &list([1]));
    click("Try the failed ones again");
    until_text("All 3 keys are revoked").await;
    click("Done");
    until("one row", || names() == ["key 1"]).await;
    assert!(!screen::text().contains("selected,") && screen::all(".selection button").is_empty());
    for number in [2, 3, 4] {
        let tries = api.received(&format!("DELETE /keys/{}", uuid(number))).len();
        assert_eq!(tries, if number == 3 { 2 } else { 1 });
    }
}

#[wasm_bindgen_test]
async fn revoking_many_can_be_stopped_between_two_keys() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, &list([1, 2]));
    api.on(&format!("DELETE /keys/{}", uuid(2)), Answer::Held(200, "{}".to_owned()));
    let _stage = signed_in();
    until("two rows", || names().len() == 2).await;
    screen::one("thead [data-action=choose-all]").click();
    until_text("2 keys selected").await;
    click("Revoke selected…");
    until_text("Revoke 2 keys?").await;
    type_into("Type 2 to confirm", "2");
    click("Revoke 2 keys");
    until("the first is on its way", || {
        !api.received(&format!("DELETE /keys/{}", uuid(2))).is_empty()
    })
    .await;
    click("Stop");
    until_text("Stopping after this key…").await;
    api.answers("GET /keys/", 200, &list([1]));
    api.release();
    until_text("Revoked 1 of 2 keys").await;
    assert!(api.received(&format!("DELETE /keys/{}", uuid(1))).is_empty());
    click("Done");
    until_text("1 key selected").await;
}

/// What is offered as a file, which this browser takes none of.
async fn offered(button: &str) -> String {
    let refuse = Function::new_no_args(
        "return (blob) => { window.offered = blob; throw new TypeError('no files') }",
    );
    let refuse = refuse.call0(&JsValue::UNDEFINED).expect("it makes a function");
    let url = Reflect::get(&window(), &"URL".into()).expect("every browser has it");
    let _refusing = Replaced::new(&url, "createObjectURL", &refuse);
    click(button);
    let taken = || Reflect::get(&window(), &"offered".into()).expect("a window");
    until("a file is offered", || taken().is_truthy()).await;
    let blob: Blob = taken().unchecked_into();
    Reflect::delete_property(&window(), &"offered".into()).expect("it is ours");
    let text = JsFuture::from(blob.text()).await.expect("it is in memory");
    text.as_string().expect("text")
}

#[wasm_bindgen_test]
async fn a_file_holds_the_chosen_keys_whatever_is_on_show_or_else_those_on_show() {
    let api = KeyApi::in_place();
    let rows = list([1, 2, 3, 10]).replacen('[', "[{},", 1);
    api.answers("GET /keys/", 200, &rows);
    let _stage = signed_in();
    let says = |extent: &str| {
        let menu = screen::one("[popover][aria-label=Export]").text_content();
        menu.is_some_and(|text| text.contains(extent))
    };
    until("the extent", || says("Takes the 4 keys on show.")).await;
    let lines = offered("As CSV, for spreadsheets").await.lines().count();
    assert_eq!(lines, 5, "what cannot be read is in no file");

    choose("key 1", false);
    choose("key 10", false);
    type_into("Search keys", "key 2");
    until("one row", || names() == ["key 2"]).await;
    until("the extent", || says("Takes the 2 selected keys.")).await;
    let file = offered("As CSV, for spreadsheets").await;
    let rows: Vec<&str> = file.lines().skip(1).collect();
    assert_eq!(rows.len(), 2, "{file}");
    assert!(rows[0].contains("key 10") && rows[1].contains("key 1,"), "{file}");
}

#[wasm_bindgen_test]
async fn a_new_key_is_on_show_whichever_page_is() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, &list(1..=60));
    let made = format!(r#"{{"uuid": "{}", "api_key": "occ_{}"}}"#, uuid(61), "0".repeat(48));
    api.answers("PUT /keys/", 200, &made);
    let root = document().document_element().expect("every page has one");
    root.set_attribute("data-layout", "pages").expect("a valid name");
    let _stage = signed_in();
    until("a page of keys", || names().len() == 50).await;
    click("Next page");
    until("the other page", || names().len() == 10).await;
    name_a_key("key 61").await;
    api.answers("GET /keys/", 200, &list(1..=61));
    click("Create");
    until("the first page", || names().first().is_some_and(|name| name == "key 61")).await;
    assert_eq!(window().location().hash().as_deref(), Ok("#/keys"));
    root.remove_attribute("data-layout").expect("a valid name");
}

#[wasm_bindgen_test]
async fn a_long_table_mounts_what_is_in_sight_and_keeps_the_focus_on_its_key() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, &list(1..=2000));
    let _stage = signed_in();
    until("rows", || names().len() > 5).await;
    let table = screen::one("table.keys");
    assert_eq!(table.get_attribute("aria-rowcount").as_deref(), Some("2001"));
    assert!(names().len() < 100, "{}", names().len());
    sort_by("name");
    until("the order", || names()[0] == "key 1").await;
    let first = screen::button("Revoke key 1");
    first.focus().expect("it takes the focus");
    until("it has it", || focused().is_same_node(Some(&first))).await;

    window().scroll_to_with_x_and_y(0.0, 15_000.0);
    until("other rows", || names().iter().any(|name| name.len() > "key 99".len())).await;
    assert_eq!(focused().get_attribute("aria-label").as_deref(), Some("Revoke key 1"));
    let numbers: Vec<usize> = screen::all(".stage tbody [aria-rowindex]")
        .iter()
        .filter_map(|row| row.get_attribute("aria-rowindex")?.parse().ok())
        .collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    assert_eq!(numbers[0], 2, "the row with the focus stays");
    window().scroll_to_with_x_and_y(0.0, 0.0);
}

#[wasm_bindgen_test]
async fn a_refresh_in_the_background_moves_nothing_under_the_pointer() {
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, &list([1, 2]));
    let _stage = signed_in();
    until("two rows", || names() == ["key 2", "key 1"]).await;
    let body = screen::one("table.keys tbody");
    send(&body, "mouseenter", false);

    let _later = Later::by(61_000.0);
    api.answers("GET /keys/", 200, &list([1, 2, 3]));
    let document: HtmlElement = document().unchecked_into();
    send(&document, "visibilitychange", true);
    until("it was asked for", || api.received("GET /keys/").len() == 2).await;
    for _ in 0..5 {
        next_frame().await;
    }
    assert_eq!(names(), ["key 2", "key 1"]);
    send(&body, "mouseleave", false);
    until("three rows", || names() == ["key 3", "key 2", "key 1"]).await;
}

#[wasm_bindgen_test]
async fn bars_come_when_they_are_wanted_each_in_its_row_and_take_no_focus() {
    const USAGE: &str = include_str!("../../contract/fixtures/api_key_usage.json");
    let api = KeyApi::in_place();
    api.answers("GET /keys/", 200, &list([1, 2, 3]));
    let call = |number| format!("GET /keys/{}/usage", uuid(number));
    api.on(&call(3), Answer::Held(200, USAGE.to_owned()));
    api.answers(&call(2), 200, USAGE);
    api.answers(&call(1), 500, "");
    let _stage = signed_in();
    until("three rows", || names() == ["key 3", "key 2", "key 1"]).await;
    let cells = || -> Vec<String> {
        let cells = screen::all(".stage tbody .col-usage");
        cells.iter().filter_map(|cell| cell.text_content()).collect()
    };
    assert!(cells().is_empty() && api.received(&call(3)).is_empty(), "nobody wants it");
    let switch = screen::one("input[value=usage]");
    switch.click();
    let said = ["…Loading…", "1,28414 failed", "The Key API failed (status 500)."];
    until("what is known of each", || cells() == said).await;
    let bars = screen::all(".stage tbody .col-usage rect");
    let widths: Vec<_> = bars.iter().filter_map(|bar| bar.get_attribute("width")).collect();
    assert_eq!(widths, ["990", "10"]);

    screen::button("Revoke key 3").focus().expect("it can have the focus");
    api.release();
    until("the last figure", || cells()[0] == "1,28414 failed").await;
    assert_eq!(focused().get_attribute("aria-label").as_deref(), Some("Revoke key 3"));
    switch.click();
    until("no column", || cells().is_empty()).await;
    for number in 1..=3 {
        assert_eq!(api.received(&call(number)).len(), 1);
    }
}
