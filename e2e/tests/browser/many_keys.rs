//! Ten thousand keys: what is in sight is drawn, all of it is found, and nothing moves to another
//! key under the focus.

use std::thread;

use e2e::browser::Browser;
use e2e::keys::KeysPage;
use e2e::scene::Scene;
use serde_json::{Value, json};

const KEYS: usize = 10_000;

/// Elements in the whole document (issue 5, "10,000 keys").
const MOST_NODES: u64 = 1_500;

/// Requests that go on at the same time while the keys are made.
const HANDS: usize = 8;

fn name(number: usize) -> String {
    format!("service {number} of {}", ["web", "billing", "mail"][number % 3])
}

/// A scene with many keys, signed in.
fn scene_with_keys() -> Scene {
    let scene = Scene::open();
    let api = scene.server.api();
    let token = api.sign_in(scene.server.account());
    thread::scope(|scope| {
        for hand in 0..HANDS {
            let (api, token) = (api.clone(), token.clone());
            scope.spawn(move || {
                for number in (hand..KEYS).step_by(HANDS) {
                    api.create(&token, &name(number));
                }
            });
        }
    });
    scene
}

/// What of the rows in sight is wrong: one without a text, a hole between two, or none at all.
const LOOK: &str = "
    const rows = [...document.querySelectorAll('tbody tr[data-row]')];
    const seen = rows.filter((row) => {
        const { top, bottom } = row.getBoundingClientRect();
        return bottom > 0 && top < innerHeight;
    });
    const faults = [];
    if (seen.length === 0) faults.push('no row is in sight');
    for (const row of seen) {
        const name = row.querySelector('.key-name bdi')?.innerText ?? '';
        if (!name) faults.push(`row ${row.ariaRowIndex} is blank`);
    }
    seen.slice(1).forEach((row, at) => {
        const gap = row.getBoundingClientRect().top - seen[at].getBoundingClientRect().bottom;
        if (Math.abs(gap) > 2) faults.push(`a hole of ${gap} px above row ${row.ariaRowIndex}`);
    });
    return faults;";

fn faults(browser: &Browser) -> Value {
    browser.script(LOOK)
}

fn nodes(browser: &Browser) -> u64 {
    browser.script("return document.querySelectorAll('*').length").as_u64().unwrap_or(u64::MAX)
}

fn first_name(browser: &Browser) -> String {
    KeysPage::on(browser).names().first().cloned().unwrap_or_default()
}

fn sort_by(browser: &Browser, column: &str, first: &str) {
    browser.script(&format!("document.querySelector('thead [data-action={column}]').click()"));
    browser.until(&format!("{first} to come first"), || first_name(browser) == first);
}

#[test]
fn ten_thousand_keys_are_drawn_where_they_are_looked_at_and_found_wherever_they_are() {
    let scene = scene_with_keys();
    let browser = scene.browser();
    let page = scene.sign_in();
    browser.see("10,000 keys");
    let table = browser.script("return document.querySelector('table.keys').ariaRowCount");
    assert_eq!(table, json!("10001"));
    assert_eq!(faults(browser), json!([]));
    assert!(nodes(browser) <= MOST_NODES, "{}", nodes(browser));

    // To the end in sixty steps: after each frame, what is in sight is there.
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
    let last = browser
        .script("return [...document.querySelectorAll('tbody tr[data-row]')].at(-1).ariaRowIndex");
    assert_eq!(last, json!("10001"));
    assert!(nodes(browser) <= MOST_NODES, "{}", nodes(browser));
    report(browser);

    // What is searched for is found as a plain look finds it.
    for search in ["service 777 ", "OF BILLING", "no such key"] {
        let found = (0..KEYS).filter(|at| name(*at).contains(&search.to_lowercase())).count();
        page.search().fill(search);
        match found {
            0 => browser.see("No key matches"),
            found => browser.see(&format!("{} of 10,000 keys", grouped(found))),
        }
    }
    page.search().fill("");
    browser.see("10,000 keys");

    sort_by(browser, "name", &name(0));
    sort_by(browser, "name", &name(KEYS - 1));
    sort_by(browser, "created", &first_of_newest(&scene));

    // The focus stays on its key, out of sight too, and never gets to another one.
    browser.script("scrollTo(0, 0)");
    let held = first_name(browser);
    browser.script("document.querySelector('tbody [data-action=revoke]').focus()");
    browser.script("scrollTo(0, 200000)");
    browser.until("other rows", || !browser.css(&format!("[title='{held}']")).is_there());
    assert_eq!(browser.focused_name(), format!("Revoke {held}"));
    browser.script("scrollTo(0, 0)");
    browser.css(&format!("[title='{held}']")).wait();
    assert_eq!(browser.focused_name(), format!("Revoke {held}"));

    // In pages too.
    browser.button("View").click();
    browser.choice("Pages of 50").click();
    browser.press(e2e::browser::key::ESCAPE);
    browser.see("Page 1 of 200");
    assert!(nodes(browser) <= MOST_NODES, "{}", nodes(browser));
    browser.button("Next page").click();
    browser.see("Page 2 of 200");
    assert!(browser.url().ends_with("page=2"), "{}", browser.url());
    browser.reload();
    browser.see("Page 2 of 200");
    browser.back();
    browser.see("Page 1 of 200");
}

/// The newest key, by the server's own list.
fn first_of_newest(scene: &Scene) -> String {
    let api = scene.server.api();
    let token = api.sign_in(scene.server.account());
    let keys = api.keys(&token).expect("the list");
    let newest = keys.iter().max_by(|a, b| (a.created.cmp(&b.created)).then(b.uuid.cmp(&a.uuid)));
    newest.map(|key| key.name.clone()).unwrap_or_default()
}

/// Says for the record what ten thousand keys take.
fn report(browser: &Browser) {
    browser.devtools("HeapProfiler.collectGarbage", json!({}));
    let counters = browser.devtools("Memory.getDOMCounters", json!({}));
    let heap = browser.devtools("Runtime.getHeapUsage", json!({}));
    println!("10,000 keys: {} elements, counters {counters}, heap {heap}", nodes(browser));
}

fn grouped(number: usize) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", number / 1000, number % 1000),
    }
}
