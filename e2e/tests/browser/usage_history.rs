//! What this browser has seen of usage over time, and what it says of the quota.

use std::time::Duration;

use e2e::browser::{Browser, key};
use e2e::clock::Clock;
use e2e::keys::KeysPage;
use e2e::offered::Offered;
use e2e::scene::Scene;
use serde_json::json;

const NAME: &str = "ci-bot";

const FIRST: &str = "This browser sees this key’s usage for the first time.";

/// Asks for the figures as the button does, without taking the focus.
const REFRESH: &str = "document.querySelector('.page-actions .button').click()";

#[test]
fn what_was_seen_outlives_a_reload_and_a_clock_that_jumps_by_a_week() {
    let scene = Scene::open();
    let browser = scene.browser();
    let clock = Clock::of(browser);
    let (page, secret) = scene.sign_in_and_create(NAME);
    scene.use_key(&secret, 2);
    page.open_usage(NAME).chart();
    browser.see(FIRST);
    scene.use_key(&secret, 3);
    clock.go_on(Duration::from_hours(7 * 24));
    browser.reload();
    browser.see("3 requests, 0 failed.");
    browser.see("Since your last visit (");
    // The chart of a month has what came in between, and tells it by keyboard.
    browser.choice("30 days").click();
    browser.until("a drawing", || {
        let path =
            "return document.querySelector('.history-chart .successful.gap')?.getAttribute('d')";
        browser.script(path).as_str().is_some_and(|path| path.contains('M'))
    });
    browser.css(".history-chart").click();
    browser.press(key::END);
    browser.see(": 3 requests, 0 failed");

    // A look takes nothing away from who reads: not the focus, and not an open table.
    browser.css(".history summary").click();
    browser.css(".history-chart").click();
    scene.use_key(&secret, 1);
    browser.script(REFRESH);
    browser.see("4 requests, 0 failed.");
    assert_eq!(browser.script("return document.activeElement.className"), "history-chart");
    browser.css(".history details[open] tbody td").wait();

    browser.button("Clear the history…").click();
    browser.until_focus_is_on("Keep it");
    browser.button("Of this key").click();
    browser.see("The history was cleared.");
    browser.see(FIRST);
}

#[test]
fn the_end_of_a_quota_lies_within_what_is_said_of_it() {
    let scene = Scene::open();
    let browser = scene.browser();
    let clock = Clock::of(browser);
    let (page, secret) = scene.sign_in_and_create(NAME);
    let noon = |minutes: u32| {
        let noon = "new Date(Date.now()).setUTCHours(12, 0, 0, 0)";
        clock.set(&format!("{noon} + {minutes} * 60000"));
    };
    noon(0);
    scene.use_key(&secret, 100);
    let usage = page.open_usage(NAME);
    assert!(usage.chart().contains("100 successful"));
    browser.see("cannot be said yet");
    for look in 1..=2 {
        noon(6 * look);
        scene.use_key(&secret, 100);
        usage.refresh_until_chart_says(&format!("{} successful", 100 * (look + 1)));
    }
    // A hundred in six minutes: the other seven hundred of a thousand last for 42.
    browser.see("At today’s pace the quota is used up between ");
    let inside = browser.script(
        "const words = document.querySelector('.history').innerText;
         const [, from, until] = words.match(/used up between (.*?) and (.*?)\\.\\n/);
         const end = new Date(Date.now()).setUTCHours(12, 54, 0, 0);
         return Date.parse(from) <= end && end <= Date.parse(until);",
    );
    assert_eq!(inside, true, "{}", browser.page_text());
}

#[test]
fn a_browser_that_keeps_nothing_says_so_once_and_all_else_works() {
    let scene = Scene::open();
    let browser = scene.browser();
    browser.refuse_database();
    let (page, secret) = scene.sign_in_and_create(NAME);
    scene.use_key(&secret, 1);
    let usage = page.open_usage(NAME);
    assert!(usage.chart().contains("1 successful"));
    browser.see("This browser keeps nothing for this site, so there is no history.");
    assert_eq!(browser.page_text().matches("keeps nothing").count(), 1);
    scene.use_key(&secret, 1);
    usage.refresh_until_chart_says("2 successful");
    browser.link("← API keys").click();
    KeysPage::on(browser);
    browser.see_no("keeps nothing");
}

#[test]
fn a_pointer_reads_the_chart_out_and_it_is_taken_away_as_two_pictures() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (clock, pictures) = (Clock::of(browser), Offered::by(browser));
    let (page, secret) = scene.sign_in_and_create(NAME);
    let usage = page.open_usage(NAME);
    assert!(usage.chart().contains("no requests yet"), "{}", usage.chart());
    browser.see(FIRST);
    scene.use_key(&secret, 3);
    clock.go_on(Duration::from_secs(30 * 60));
    usage.refresh_until_chart_says("3 successful");
    let readout = "return document.querySelector('.history-readout').innerText";
    // What came in the last half hour lies at the right end, and nothing lies in the middle.
    point(browser, 1.0);
    browser.until("the read-out", || {
        browser.script(readout).as_str().is_some_and(|it| it.ends_with(": 3 requests, 0 failed"))
    });
    point(browser, 0.5);
    browser.until("no read-out", || browser.script(readout) == "");

    browser.button("Chart as SVG").click();
    let (name, svg) = pictures.text();
    assert_eq!(name, "api-key-history.svg");
    assert!(svg.starts_with("<svg xmlns=") && svg.contains(">Requests of ci-bot</text>"), "{svg}");
    assert!(svg.contains("d=\"M"), "{svg}");

    browser.button("Chart as PNG").click();
    let (name, png) = pictures.file(
        "blob.arrayBuffer().then(async (buffer) => {
             const image = await createImageBitmap(blob);
             const canvas = Object.assign(document.createElement('canvas'), image);
             canvas.width = image.width;
             canvas.height = image.height;
             const context = canvas.getContext('2d');
             context.drawImage(image, 0, 0);
             const { data } = context.getImageData(0, 0, image.width, image.height);
             const successful = [15, 118, 110, 255];
             let drawn = 0;
             for (let at = 0; at < data.length; at += 4) {
                 drawn += successful.every((value, index) => data[at + index] === value) ? 1 : 0;
             }
             const first = [...new Uint8Array(buffer)].slice(0, 8);
             return { first, size: [image.width, image.height], isDrawn: drawn > 1000 };
         })",
    );
    assert_eq!(name, "api-key-history.png");
    let first = [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n'];
    assert_eq!(png, json!({ "first": first, "size": [1280, 460], "isDrawn": true }));

    browser.button("Usage as SVG").click();
    let (name, svg) = pictures.text();
    assert_eq!(name, "api-key-usage.svg");
    for part in [">Usage of ci-bot</text>", ">100% successful</text>", ">Successful: 3</text>"] {
        assert!(svg.contains(part), "{part} in {svg}");
    }
    browser.button("Usage as PNG").click();
    let (name, first) =
        pictures.file("blob.arrayBuffer().then((it) => [...new Uint8Array(it)].slice(1, 4))");
    assert_eq!(name, "api-key-usage.png");
    assert_eq!(first, json!(b"PNG"));
}

#[test]
fn a_browser_without_room_says_so_once_shows_what_it_kept_and_all_else_works() {
    let scene = Scene::open();
    let browser = scene.browser();
    // That there is no room turns out at the end of what was to be written.
    browser.before_every_page(
        "const ended = new WeakSet();
         const put = IDBObjectStore.prototype.put;
         IDBObjectStore.prototype.put = function (...what) {
             const request = put.apply(this, what);
             const { transaction } = this;
             if (window.isFull && !ended.has(transaction)) {
                 ended.add(transaction);
                 queueMicrotask(() => transaction.abort());
             }
             return request;
         };",
    );
    let (page, secret) = scene.sign_in_and_create(NAME);
    scene.use_key(&secret, 1);
    let usage = page.open_usage(NAME);
    assert!(usage.chart().contains("1 successful"));
    browser.see(FIRST);
    let before = kept(browser);
    assert!(before.contains(",1,"), "{before}");

    browser.script("window.isFull = true");
    scene.use_key(&secret, 2);
    usage.refresh_until_chart_says("3 successful");
    browser.see("This browser has no more room for this site");
    assert_eq!(browser.page_text().matches("no more room").count(), 1);
    assert_eq!(kept(browser), before, "nothing new is kept");
    // What was kept is there, with this look.
    browser.css(".history summary").click();
    assert_eq!(browser.script("return document.querySelectorAll('.history tbody tr').length"), 1);
    browser.link("← API keys").click();
    KeysPage::on(browser);
    browser.see_no("no more room");
    page.open_usage(NAME);
    browser.see("This browser has no more room for this site");

    browser.script("window.isFull = false");
    scene.use_key(&secret, 1);
    usage.refresh_until_chart_says("4 successful");
    browser.see_no("no more room");
    browser.until("the look to be kept", || kept(browser) != before);
}

#[test]
fn the_journal_holds_neither_a_name_nor_who_looked() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, _) = scene.sign_in_and_create(NAME);
    page.open_usage(NAME).chart();
    browser.see(FIRST);
    let kept = kept(browser);
    assert!(kept.contains(",0,0,0,"), "a look is kept: {kept}");
    for text in [NAME, scene.server.account().email.as_str(), "occ_"] {
        assert!(!kept.contains(text), "{text:?} stands in {kept}");
    }
}

/// Moves the pointer over the chart, to this part of its width.
fn point(browser: &Browser, part: f64) {
    browser.css(".history-chart").click();
    let place = browser.script(
        "const box = document.querySelector('.history-chart svg').getBoundingClientRect();
         return [box.left + 2, box.width - 4, (box.top + box.bottom) / 2];",
    );
    let [left, width, y] = [0, 1, 2].map(|at| place[at].as_f64().expect("a number"));
    let moved = json!({ "type": "mouseMoved", "x": left + part * width, "y": y });
    browser.devtools("Input.dispatchMouseEvent", moved);
}

/// All that is in the database.
fn kept(browser: &Browser) -> String {
    let kept = browser.script(
        "return new Promise((done) => {
             const opening = indexedDB.open('occam-keys');
             opening.onsuccess = () => {
                 const store = opening.result.transaction('usage').objectStore('usage');
                 const keys = store.getAllKeys();
                 const texts = store.getAll();
                 texts.onsuccess = () => done(JSON.stringify([keys.result, texts.result]));
             };
         })",
    );
    assert_ne!(kept, json!(null));
    kept.as_str().unwrap_or_default().to_owned()
}
