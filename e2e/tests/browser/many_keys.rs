//! Ten thousand keys: what is in sight is drawn, all of it is found, and nothing moves to another
//! key under the focus.

use std::cmp::Ordering;
use std::thread;
use std::time::Instant;

use contract::{HiddenApiKeyResponse, Timestamp};
use e2e::browser::{Browser, key};
use e2e::keys::KeysPage;
use e2e::scene::Scene;
use serde_json::{Value, json};

use crate::usage_board::{asked_for_each_once_and_four_at_most, asks_for_what_is_in_sight_first};

const KEYS: usize = 10_000;
/// Every so many-th key has been used.
const USED: usize = 500;

/// Elements in the whole document (issue 5, "10,000 keys").
const MOST_NODES: u64 = 1_500;

/// So many usages are asked for before the test looks at how.
const SOME_USAGES: usize = 200;

/// Requests that go on at the same time while the keys are made.
const HANDS: usize = 4;

/// Lets the memory of the program be measured.
const KEEP_MEMORY: &str = "
    const instantiate = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (...all) => {
        const made = await instantiate.apply(WebAssembly, all);
        window.wasmMemory = made.instance.exports.memory;
        return made;
    };";

/// What is wrong with the rows in sight: one without a text, a hole between two or at an edge, one
/// that is not what its number says, or none at all.
const LOOK: &str = "
    const rows = [...document.querySelectorAll('tbody tr[data-row]')];
    const box = (it) => it.getBoundingClientRect();
    const body = box(document.querySelector('tbody'));
    const seen = rows.filter((row) => box(row).bottom > 0 && box(row).top < innerHeight);
    const faults = [];
    if (seen.length === 0) return ['no row is in sight'];
    for (const row of seen) {
        const name = row.querySelector('.key-name bdi')?.innerText ?? '';
        if (!name) faults.push(`row ${row.ariaRowIndex} is blank`);
    }
    if (box(seen[0]).top > Math.max(0, body.top) + 2) faults.push('a hole at the top');
    if (box(seen.at(-1)).bottom < Math.min(innerHeight, body.bottom) - 2)
        faults.push('a hole at the bottom');
    seen.slice(1).forEach((row, at) => {
        const gap = box(row).top - box(seen[at]).bottom;
        if (Math.abs(gap) > 2) faults.push(`a hole of ${gap} px above row ${row.ariaRowIndex}`);
        if (Number(row.ariaRowIndex) !== Number(seen[at].ariaRowIndex) + 1)
            faults.push(`row ${row.ariaRowIndex} follows row ${seen[at].ariaRowIndex}`);
    });
    return faults;";

#[test]
fn ten_thousand_keys_are_drawn_where_they_are_looked_at_and_found_wherever_they_are() {
    let scene = Scene::open();
    let keys = make_keys(&scene);
    let browser = scene.browser();
    browser.before_every_page(KEEP_MEMORY);
    scene.sign_in();
    browser.see("10,000 keys");
    assert_eq!(row_count(browser), json!("10001"), "the header is a row too");
    has_few_nodes(browser);
    no_row_is_blank_on_the_way_to_the_end(browser);
    the_columns_fill_the_table(browser);
    has_few_nodes(browser);
    report(browser);
    every_order_is_right_at_both_ends(browser, &keys);
    every_search_finds_what_a_plain_look_finds(browser, &keys);
    the_focus_stays_on_its_key(browser);
    the_same_in_pages(browser);
    all_usages_come_a_few_at_a_time(browser);
}

#[test]
fn in_a_long_table_a_name_is_cut_at_its_end_and_the_focus_is_below_the_head() {
    let scene = Scene::open();
    let browser = scene.browser();
    let api = scene.server.api();
    let token = api.sign_in(scene.server.account());
    for number in 0..60 {
        api.create(&token, &name(number));
    }
    let long = [
        "production billing service of the finance department in the regional office number one",
        "خدمة الفوترة الإنتاجية لقسم المالية في المكتب الإقليمي رقم واحد في العاصمة القديمة",
    ];
    for name in long {
        api.create(&token, name);
    }
    scene.sign_in();
    // What is cut is the end if a name is in a box that it does not fit.
    let uncut = browser.script(
        "const names = [...document.querySelectorAll('.key-name bdi')].slice(0, 2);
        return names.filter((name) => {
            const [own, cell] = [name, name.closest('th')].map((it) => it.getBoundingClientRect());
            const isWithin = own.left >= cell.left && own.right <= cell.right;
            return !isWithin || name.scrollWidth <= name.clientWidth;
        }).map((name) => name.textContent)",
    );
    assert_eq!(uncut, json!([]));

    browser.script("scrollTo(0, 1000)");
    let covered = "
        const head = document.querySelector('thead th').getBoundingClientRect().bottom;
        const isCovered = (it) => it.getBoundingClientRect().top < head;";
    browser.until("a row behind the head", || {
        browser.script(&format!(
            "{covered}
            const row = [...document.querySelectorAll('tbody input')].filter(isCovered).at(-1);
            row?.focus();
            return row === document.activeElement"
        )) == true
    });
    browser.until("the focus to be below the head", || {
        browser.script(&format!("{covered} return isCovered(document.activeElement)")) == false
    });
}

fn name(number: usize) -> String {
    format!("service {number} of {}", ["web", "billing", "mail"][number % 3])
}

/// Makes the keys, and gives them as the API tells them.
fn make_keys(scene: &Scene) -> Vec<HiddenApiKeyResponse> {
    let api = scene.server.api();
    let token = api.sign_in(scene.server.account());
    let began = Instant::now();
    thread::scope(|scope| {
        for hand in 0..HANDS {
            let (api, token) = (api.clone(), token.clone());
            scope.spawn(move || {
                for number in (hand..KEYS).step_by(HANDS) {
                    let key = api.create(&token, &name(number));
                    if number % USED == 0 {
                        api.exchange(&key.api_key).expect("the API takes the key");
                    }
                }
            });
        }
    });
    println!("made {KEYS} keys in {:?}", began.elapsed());
    api.keys(&token).expect("the list")
}

fn no_row_is_blank_on_the_way_to_the_end(browser: &Browser) {
    let fails = browser.script(&format!(
        "return (async () => {{
            const look = () => {{ {LOOK} }};
            const frame = () => new Promise((done) => requestAnimationFrame(done));
            const fails = [];
            const end = document.documentElement.scrollHeight - innerHeight;
            for (let step = 0; step <= 60; step += 1) {{
                scrollTo(0, end * step / 60);
                await frame();
                await frame();
                const faults = look();
                if (faults.length) fails.push([step, ...faults]);
            }}
            return fails;
        }})()"
    ));
    assert_eq!(fails, json!([]));
    assert_eq!(rows(browser).last().map(|row| row.0), Some(KEYS + 1), "the end is the last key");
}

/// There are gaps on show, which must not be wider than the rows.
fn the_columns_fill_the_table(browser: &Browser) {
    let left = browser.script(
        "const right = (it) => document.querySelector(it).getBoundingClientRect().right;
        return Math.round(right('table.keys') - right('table.keys th:last-child'))",
    );
    assert!(left.as_i64().is_some_and(|left| left.abs() <= 1), "{left} pixels are left");
}

fn every_order_is_right_at_both_ends(browser: &Browser, keys: &[HiddenApiKeyResponse]) {
    type Order = fn(&HiddenApiKeyResponse, &HiddenApiKeyResponse) -> Ordering;
    let orders: [(&str, Order); 4] = [
        ("name", |a, b| number_in(&a.name).cmp(&number_in(&b.name))),
        ("key", |a, b| a.api_key.cmp(&b.api_key)),
        ("created", |a, b| a.created.cmp(&b.created)),
        ("last-used", |a, b| last_use(a).cmp(&last_use(b))),
    ];
    for (column, order) in orders {
        let mut seen = Vec::new();
        for _ in 0..2 {
            browser.script("scrollTo(0, 0)");
            let header = format!("th.col-{column}");
            let before = sort_of(browser, &header);
            browser.css(&format!("{header} .sort")).click();
            browser.until("another order", || sort_of(browser, &header) != before);
            let sort = sort_of(browser, &header);
            let mut model: Vec<&HiddenApiKeyResponse> = keys.iter().collect();
            model.sort_by(|a, b| {
                let order = if sort == "descending" { order(b, a) } else { order(a, b) };
                order.then_with(|| a.uuid.cmp(&b.uuid))
            });
            for (to, edge) in [("0", 2), ("document.documentElement.scrollHeight", KEYS + 1)] {
                browser.script(&format!("scrollTo(0, {to})"));
                browser.until(&format!("row {edge} by {column}, {sort}"), || {
                    let rows = rows(browser);
                    rows.iter().any(|row| row.0 == edge)
                        && rows.iter().all(|(at, uuid)| model[at - 2].uuid == *uuid)
                });
            }
            seen.push(sort);
        }
        seen.sort();
        assert_eq!(seen, ["ascending", "descending"], "{column}");
    }
}

/// A use at the very time of creation counts as none.
fn last_use(key: &HiddenApiKeyResponse) -> Option<Timestamp> {
    key.last_used.filter(|at| *at != key.created)
}

fn sort_of(browser: &Browser, header: &str) -> String {
    let sort = browser.script(&format!("return document.querySelector('{header}').ariaSort"));
    sort.as_str().unwrap_or_default().to_owned()
}

fn number_in(name: &str) -> usize {
    name.split(' ').nth(1).and_then(|number| number.parse().ok()).unwrap_or(usize::MAX)
}

fn every_search_finds_what_a_plain_look_finds(browser: &Browser, keys: &[HiddenApiKeyResponse]) {
    let search = KeysPage::on(browser).search();
    let uuid = &keys[KEYS / 2].uuid;
    for text in ["service 777 ", "OF BILLING", "e 99", uuid, "no such key"] {
        let needle = text.trim().to_lowercase();
        let found = keys.iter().filter(|key| {
            [&key.name, &key.api_key, &key.uuid]
                .into_iter()
                .any(|text| text.to_lowercase().contains(&needle))
        });
        search.fill(text);
        match found.count() {
            0 => browser.see("No key matches"),
            found => browser.see(&format!("{} of 10,000 keys", grouped(found))),
        }
    }
    search.fill("");
    browser.until("all keys again", || row_count(browser) == "10001");
}

/// The focus stays on its key, out of sight too, and never gets to another one.
fn the_focus_stays_on_its_key(browser: &Browser) {
    browser.script("scrollTo(0, 0)");
    browser.css("tbody [data-action=revoke]").wait();
    browser.script("document.querySelector('tbody [data-action=revoke]').focus()");
    let held = browser.focused_name();
    let number = "document.activeElement.closest('tr')?.ariaRowIndex ?? ''";
    let before = browser.script(&format!("return {number}"));
    for to in [200_000, 400_000, 100_000] {
        browser.script(&format!("scrollTo(0, {to})"));
        browser.until("other rows", || browser.script(LOOK) == json!([]));
        assert_eq!(browser.focused_name(), held);
    }
    browser.script("scrollTo(0, 0)");
    browser.until("the first rows", || browser.script(LOOK) == json!([]));
    assert_eq!(browser.focused_name(), held);
    assert_eq!(browser.script(&format!("return {number}")), before);
    browser.script("document.activeElement.blur()");
}

fn the_same_in_pages(browser: &Browser) {
    browser.button("View").click();
    browser.choice("Pages of 50").click();
    browser.press(key::ESCAPE);
    browser.see("Page 1 of 200");
    has_few_nodes(browser);
    assert_eq!(rows(browser).len(), 50);
    assert_eq!(row_count(browser), json!("10001"));
    browser.button("Next page").click();
    browser.see("Page 2 of 200");
    assert!(browser.url().contains("page=2"), "{}", browser.url());
    assert_eq!(rows(browser).first().map(|row| row.0), Some(52));
    browser.reload();
    browser.see("Page 2 of 200");
    has_few_nodes(browser);
    browser.back();
    browser.see("Page 1 of 200");
}

fn all_usages_come_a_few_at_a_time(browser: &Browser) {
    asks_for_what_is_in_sight_first(browser, "; 9,950 not loaded yet");
    has_few_nodes(browser);
    // To ask for all of them takes more than a minute. They come while their user reads the first.
    browser.button("Load all 10,000").click();
    let asked = "return window.asked.length";
    browser.until("more usages", || browser.script(asked).as_u64() >= Some(SOME_USAGES as u64));
    asked_for_each_once_and_four_at_most(browser, SOME_USAGES);
    // Whoever leaves the page needs no more of them.
    browser.link("← API keys").click();
    KeysPage::on(browser);
    has_few_nodes(browser);
}

/// The mounted rows, as what assistive technology is told of their number, and their uuid.
fn rows(browser: &Browser) -> Vec<(usize, String)> {
    let rows = browser.script(
        "return [...document.querySelectorAll('tbody tr[data-key]')]
            .map((row) => [row.ariaRowIndex, row.dataset.key])",
    );
    let rows = rows.as_array().cloned().unwrap_or_default();
    let text = |row: &Value, at: usize| row[at].as_str().unwrap_or_default().to_owned();
    rows.iter().map(|row| (text(row, 0).parse().unwrap_or_default(), text(row, 1))).collect()
}

fn row_count(browser: &Browser) -> Value {
    browser.script("return document.querySelector('table.keys')?.ariaRowCount ?? ''")
}

fn nodes(browser: &Browser) -> u64 {
    browser.script("return document.querySelectorAll('*').length").as_u64().unwrap_or(u64::MAX)
}

#[track_caller]
fn has_few_nodes(browser: &Browser) {
    let nodes = nodes(browser);
    println!("{nodes} elements");
    assert!(nodes <= MOST_NODES, "{nodes}");
}

/// Says for the record what ten thousand keys take.
fn report(browser: &Browser) {
    browser.devtools("HeapProfiler.collectGarbage", json!({}));
    let counters = browser.devtools("Memory.getDOMCounters", json!({}));
    let heap = browser.devtools("Runtime.getHeapUsage", json!({}));
    let wasm = browser.script("return window.wasmMemory?.buffer.byteLength ?? null");
    println!("10,000 keys: wasm memory {wasm} bytes, counters {counters}, heap {heap}");
}

fn grouped(number: usize) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", number / 1000, number % 1000),
    }
}
