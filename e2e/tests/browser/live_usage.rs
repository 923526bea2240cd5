//! Live mode of a key's page: real requests with a real key move it.

use e2e::browser::Browser;
use e2e::keys::KeysPage;
use e2e::proxy::Calls;
use e2e::proxy::fault::Fault;
use e2e::proxy::message::Answer;
use e2e::proxy::operation::Operation;
use e2e::scene::Scene;
use e2e::server::Server;

const NAME: &str = "ci-bot";

/// The page's time runs this many times as fast: looks are ten seconds apart.
const FACTOR: u32 = 20;

#[test]
fn requests_move_the_live_chart_and_the_figures_above_it() {
    let scene = Scene::behind_proxy(Server::start());
    let browser = scene.browser();
    let (page, secret) = scene.sign_in_and_create(NAME);
    scene.hasten(FACTOR);
    let usage = page.open_usage(NAME);
    assert!(usage.chart().contains("no requests yet"));
    let before = scene.proxy().seen(Operation::Usage);
    browser.button("Watch live").click();
    browser.see("Asking every 10 seconds.");
    browser.see("New since you began to watch: 0 requests, 0 failed.");
    // It counts from the first look on.
    browser.until("the first look", || scene.proxy().answered(Operation::Usage) > before);
    for _ in 0..3 {
        let token = scene.server.api().exchange(&secret).expect("the key works");
        scene.keep_secret(&token);
    }
    browser.see("New since you began to watch: 3 requests, 0 failed.");
    assert!(usage.chart().contains("3 successful"), "{}", usage.chart());
    assert!(bars(browser).contains('M'), "there is a bar");
    assert!(scene.proxy().seen(Operation::Usage) >= before + 2);

    // Switched off it asks no more, and begins from nothing again.
    browser.button("Watch live").click();
    browser.see("Asks for the figures every 10 seconds while you watch.");
    browser.button("Watch live").click();
    browser.see("New since you began to watch: 0 requests, 0 failed.");
}

#[test]
fn live_mode_says_why_it_waits_and_goes_on_by_itself() {
    let scene = Scene::behind_proxy(Server::start());
    let browser = scene.browser();
    let (page, _) = scene.sign_in_and_create(NAME);
    scene.hasten(FACTOR);
    page.open_usage(NAME).chart();
    browser.button("Watch live").click();
    browser.see("Asking every 10 seconds.");
    scene.expect_in_console("status of 500");
    let broken = Answer::json(500, "{}");
    scene.proxy().inject(Operation::Usage, Calls::From(1), Fault::Answer(broken));
    browser.see("The last look failed. The next ones wait longer.");
    scene.proxy().heal();
    browser.see("Asking every 10 seconds.");
    browser.set_offline(true);
    browser.see("Paused while you are offline.");
    browser.set_offline(false);
    browser.see("Asking every 10 seconds.");
}

#[test]
fn nothing_is_asked_after_the_page_was_left() {
    let scene = Scene::behind_proxy(Server::start());
    let browser = scene.browser();
    let (page, _) = scene.sign_in_and_create(NAME);
    scene.hasten(FACTOR);
    page.open_usage(NAME).chart();
    browser.button("Watch live").click();
    let begun = scene.proxy().seen(Operation::Usage);
    browser.until("a second look", || scene.proxy().seen(Operation::Usage) > begun + 1);
    browser.link("← API keys").click();
    KeysPage::on(browser);
    let left = scene.proxy().answered(Operation::List);
    let asked = scene.proxy().seen(Operation::Usage);
    // As many refreshes as would have been looks: the time of the page goes on meanwhile.
    for more in 1..=3 {
        page.refresh();
        browser.until("a list", || scene.proxy().answered(Operation::List) >= left + more);
    }
    assert!(scene.proxy().seen(Operation::Usage) <= asked + 1, "the one under way, at most");
}

fn bars(browser: &Browser) -> String {
    let path = "return document.querySelector('.live-chart .successful')?.getAttribute('d') ?? ''";
    browser.script(path).as_str().unwrap_or_default().to_owned()
}
