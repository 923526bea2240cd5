//! What is in sight does not move when the rest of a page comes.

use e2e::browser::Browser;
use e2e::proxy::Calls;
use e2e::proxy::fault::Fault;
use e2e::proxy::operation::Operation;
use e2e::scene::Scene;
use e2e::server::Server;
use e2e::tour::{View, settle};

/// The most that counts as good for users (Core Web Vitals, Cumulative Layout Shift): of what moved
/// by itself, its part of the window times how far it went.
const GOOD: f64 = 0.1;

const WATCH: &str = "
    window.shifts = [];
    new PerformanceObserver((list) => {
        for (const { value, hadRecentInput, sources } of list.getEntries()) {
            if (hadRecentInput) continue;
            const what = sources.map(({ node, previousRect, currentRect }) =>
                `${node?.nodeName} ${node?.className}: ${previousRect.y} to ${currentRect.y}`);
            shifts.push({ value, what });
        }
    }).observe({ type: 'layout-shift', buffered: true });";

/// How a page comes: what it asks for, what it shows meanwhile, and what it shows then.
struct Page {
    hash: &'static str,
    asks: Operation,
    waits: &'static str,
    is_there: &'static str,
}

const KEYS: Page =
    Page { hash: "#/", asks: Operation::List, waits: ".skeleton-row", is_there: "tr[data-key]" };
const USAGE: Page = Page {
    hash: "#/usage",
    asks: Operation::Usage,
    waits: ".board td.muted",
    is_there: ".board tr:last-child .board-bar",
};

#[test]
fn nothing_in_sight_moves_when_what_a_page_asked_for_comes() {
    let scene = Scene::behind_proxy(Server::demo());
    let browser = scene.browser();
    browser.before_every_page(WATCH);
    scene.sign_in();
    for view in [View::desktop("light"), View::phone("light")] {
        view.take(browser);
        for page in [KEYS, USAGE] {
            come(&scene, &page);
            let moved = browser.script("return JSON.stringify(shifts, null, 1)");
            let sum = browser.script("return shifts.reduce((sum, { value }) => sum + value, 0)");
            let (width, sum) = (view.width, sum.as_f64().expect("a number"));
            assert!(sum < GOOD, "{} at {width} pixels: {sum}, by {moved}", page.hash);
        }
    }
}

/// Loads a page, and lets its answers come only when it shows that it waits for them.
fn come(scene: &Scene, page: &Page) {
    let (browser, proxy): (&Browser, _) = (scene.browser(), scene.proxy());
    browser.script(&format!("location.hash = '{}'", page.hash));
    proxy.inject(page.asks, Calls::From(1), Fault::StallHeaders);
    browser.reload();
    browser.css(page.waits).wait();
    settle(browser);
    proxy.heal();
    browser.css(page.is_there).wait();
    settle(browser);
}
