//! The usage of all keys side by side: what is asked for, in which order, and what is said of what
//! did not come.

use e2e::browser::{Browser, key};
use e2e::keys::KeysPage;
use e2e::proxy::Calls;
use e2e::proxy::fault::Fault;
use e2e::proxy::message::Answer;
use e2e::proxy::operation::Operation;
use e2e::scene::Scene;
use e2e::server::Server;
use e2e::tour::View;
use serde_json::Value;

/// More keys than are asked for by themselves.
const KEYS: usize = 600;
/// The rows of a page.
const ROWS: usize = 50;

/// Writes down which usages the page asks for, in order, and how many at once.
const WATCH: &str = "
    const send = window.fetch;
    window.asked = [];
    window.atOnce = 0;
    window.mostAtOnce = 0;
    window.fetch = async (what, ...rest) => {
        const path = new URL(what.url ?? what, location).pathname;
        if (!path.endsWith('/usage')) return send(what, ...rest);
        window.asked.push(path.split('/').at(-2));
        window.atOnce += 1;
        window.mostAtOnce = Math.max(window.mostAtOnce, window.atOnce);
        try {
            return await send(what, ...rest);
        } finally {
            window.atOnce -= 1;
        }
    };";

#[test]
fn what_is_in_sight_is_asked_for_first_and_never_more_than_four_at_once() {
    let scene = Scene::open();
    let browser = scene.browser();
    scene.sign_in();
    let token = scene.tokens().access;
    for number in 1..=KEYS {
        scene.server.api().create(&token, &format!("worker-{number:03}"));
    }
    browser.reload();
    KeysPage::on(browser);
    asks_for_what_is_in_sight_first(browser, "600 keys, 0 requests; 550 not loaded yet");
    browser.button("Load all 600").click();
    browser.until("all to be loaded", || !browser.page_text().contains("not loaded yet"));
    asked_for_each_once_and_four_at_most(browser, KEYS);
}

/// Opens the page from that of the keys: when this is `said`, what is in sight was asked for, in
/// its order, and nothing else.
#[track_caller]
pub(crate) fn asks_for_what_is_in_sight_first(browser: &Browser, said: &str) {
    browser.script(WATCH);
    browser.link("Usage").click();
    browser.heading("Usage of all keys").wait();
    browser.see(said);
    let in_sight = rows(browser);
    assert_eq!(in_sight.len(), ROWS);
    assert_eq!(asked(browser), in_sight, "nothing else is asked for by itself");
}

/// At least so many usages were asked for, none of them twice, and never more than four at once.
#[track_caller]
pub(crate) fn asked_for_each_once_and_four_at_most(browser: &Browser, usages: usize) {
    let mut all = asked(browser);
    let count = all.len();
    assert!(count >= usages, "{count}");
    all.sort();
    all.dedup();
    assert_eq!(all.len(), count, "each was asked for once");
    assert_eq!(browser.script("return window.mostAtOnce"), 4);
}

#[test]
fn keys_are_ranked_compared_and_reached_and_the_address_says_by_what() {
    let scene = Scene::with(Server::demo());
    let browser = scene.browser();
    scene.sign_in();
    browser.press("g");
    browser.press("u");
    browser.heading("Usage of all keys").wait();
    browser.until("the ranking", || names(browser)[0] == "Data warehouse, nightly export");
    browser.script(
        "const select = document.querySelector('select[name=rank]');
         select.value = 'failures';
         select.dispatchEvent(new Event('change', { bubbles: true }));",
    );
    browser.until("the other ranking", || names(browser)[0] == "Webhook relay");
    assert!(browser.url().ends_with("#/usage?by=failures"), "{}", browser.url());
    browser.reload();
    browser.until("the same after a reload", || {
        names(browser).first().is_some_and(|name| name == "Webhook relay")
    });
    browser.checkbox("Compare ci-bot").click();
    browser.checkbox("Compare Grafana").click();
    browser.script(
        "const select = document.querySelector('select[name=show]');
         select.value = 'chosen';
         select.dispatchEvent(new Event('change', { bubbles: true }));",
    );
    browser.until("the chosen ones", || names(browser) == ["ci-bot", "Grafana"]);
    browser.link("ci-bot").click();
    browser.heading("ci-bot").wait();
    browser.back();
    browser.heading("Usage of all keys").wait();
}

/// What folds away above the list of keys has a button there.
#[test]
fn what_the_ranking_is_by_and_shows_is_within_reach_on_a_phone() {
    let scene = Scene::with(Server::demo());
    let browser = scene.browser();
    scene.sign_in();
    View::phone("light").take(browser);
    browser.press("g");
    browser.press("u");
    browser.css("select[name=rank]").click();
    browser.css("select[name=show]").click();
}

#[test]
fn a_usage_that_does_not_come_is_said_in_its_row_and_asked_for_again() {
    let scene = with_a_usage_that_does_not_come();
    let browser = scene.browser();
    browser.link("Usage").click();
    browser.see("2 keys, 0 requests; 1 could not be loaded");
    browser.see("The Key API failed (status 500).");
    // Of calls made at once, either may come first.
    browser.css(".board-failed button").click();
    browser.see_no("could not be loaded");
    browser.see_no("status 500");
}

#[test]
fn the_table_of_keys_has_bars_when_they_are_wanted_and_asks_for_those_in_sight() {
    let scene = Scene::open();
    let browser = scene.browser();
    browser.before_every_page(WATCH);
    scene.sign_in();
    let token = scene.tokens().access;
    for number in 1..=120 {
        scene.server.api().create(&token, &format!("worker-{number:03}"));
    }
    browser.reload();
    let secret = scene.create("ci-bot");
    for _ in 0..3 {
        scene.keep_secret(&scene.server.api().exchange(&secret).expect("the key works"));
    }
    assert!(asked(browser).is_empty(), "nobody wants it yet");

    choose_usage(browser);
    until_all_is_known(browser);
    let mut in_sight = table_rows(browser);
    assert!((5..100).contains(&in_sight.len()), "{in_sight:?}");
    let mut asked_for = asked(browser);
    in_sight.sort();
    asked_for.sort();
    assert_eq!(asked_for, in_sight, "each was asked for once, and no other");
    assert_eq!(browser.script("return window.mostAtOnce"), 4);
    assert_eq!(usages(browser)[..2], ["3", "0"]);
    let bars = browser.script(
        "return [...document.querySelectorAll('tbody .col-usage .successful')]
            .slice(0, 2).map((bar) => bar.getAttribute('width'))",
    );
    assert_eq!(texts(bars), ["1000", "0"]);

    browser.script("scrollTo(0, document.documentElement.scrollHeight)");
    browser.until("other rows", || browser.page_text().contains("worker-001"));
    until_all_is_known(browser);
    assert!(asked(browser).len() < 100, "those in between are not asked for");

    // It is remembered, and so is that it is not wanted any more.
    browser.reload();
    browser
        .until("the figure of the first", || usages(browser).first().is_some_and(|it| it == "3"));
    choose_usage(browser);
    browser.css(".col-usage").wait_gone();
    browser.reload();
    KeysPage::on(browser);
    browser.css("tbody tr[data-key]").wait();
    assert!(asked(browser).is_empty() && usages(browser).is_empty());
}

#[test]
fn a_bar_that_does_not_come_is_said_in_its_row_and_all_else_works() {
    let scene = with_a_usage_that_does_not_come();
    let browser = scene.browser();
    let page = KeysPage::on(browser);
    choose_usage(browser);
    browser.until("one figure and one failure", || {
        let mut usages = usages(browser);
        // Of calls made at once, either may come first.
        usages.sort();
        usages == ["0", "The Key API failed (status 500)."]
    });
    page.search().fill("web");
    page.until_names_are(&["web"]);
    page.search().fill("");
    page.until_names_are(&["web", "ci-bot"]);
    page.refresh();
    browser.until("both figures", || usages(browser) == ["0", "0"]);
}

/// Somebody with two keys, of whose usages one will not come, with the list before them.
fn with_a_usage_that_does_not_come() -> Scene {
    let scene = Scene::behind_proxy(Server::start());
    let browser = scene.browser();
    scene.sign_in();
    let token = scene.tokens().access;
    for name in ["ci-bot", "web"] {
        scene.server.api().create(&token, name);
    }
    scene.expect_in_console("status of 500");
    browser.reload();
    KeysPage::on(browser).until_names_are(&["web", "ci-bot"]);
    let broken = Answer::json(500, "{}");
    scene.proxy().inject(Operation::Usage, Calls::Nth(1), Fault::Answer(broken));
    scene
}

/// Switches the column of usage in the table of keys.
fn choose_usage(browser: &Browser) {
    browser.button("View").click();
    browser.checkbox("Usage").click();
    browser.press(key::ESCAPE);
}

fn until_all_is_known(browser: &Browser) {
    browser.until("all in sight to be known", || {
        let usages = usages(browser);
        !usages.is_empty() && usages.iter().all(|usage| !usage.contains('…'))
    });
}

/// What the column of usage says, from row to row.
fn usages(browser: &Browser) -> Vec<String> {
    texts(browser.script(
        "return [...document.querySelectorAll('tbody .col-usage')].map(it => it.innerText.trim())",
    ))
}

/// The uuids of the keys in the table of keys that are drawn.
fn table_rows(browser: &Browser) -> Vec<String> {
    texts(browser.script(
        "return [...document.querySelectorAll('tbody tr[data-key]')].map(it => it.dataset.key)",
    ))
}

fn asked(browser: &Browser) -> Vec<String> {
    texts(browser.script("return window.asked"))
}

/// The uuids of the keys on show.
fn rows(browser: &Browser) -> Vec<String> {
    texts(browser.script(
        "return [...document.querySelectorAll('.board tbody a')].map(it => it.href.split('/').at(-1))",
    ))
}

fn names(browser: &Browser) -> Vec<String> {
    texts(browser.script(
        "return [...document.querySelectorAll('.board tbody a')].map(it => it.textContent)",
    ))
}

fn texts(list: Value) -> Vec<String> {
    let list = list.as_array().cloned().unwrap_or_default();
    list.iter().filter_map(|it| it.as_str().map(str::to_owned)).collect()
}
