//! The sweep for secrets, which ends every test, can find one wherever it looks.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use e2e::browser::Browser;
use e2e::scene::Scene;
use e2e::server::Server;
use e2e::sweep::{self, Canary, Kind, PAGE_SINKS};

/// How each sink of a page is given a text, `$`.
const PLANTS: [(&str, &str); PAGE_SINKS.len()] = [
    ("document", "document.body.append(document.createComment('$'))"),
    ("text", "document.body.append('$')"),
    ("attributes", "document.body.setAttribute('data-planted', '$')"),
    ("fields", "document.getElementById('username').value = '$'"),
    (
        "selection",
        "const box = document.body.appendChild(document.createElement('p'));
         box.append('$');
         getSelection().selectAllChildren(box)",
    ),
    ("title", "document.title = '$'"),
    ("url", "history.replaceState(null, '', '#$')"),
    (
        "referrer",
        "Object.defineProperty(document, 'referrer', { get: () => 'http://elsewhere.invalid/$' })",
    ),
    ("state", "history.replaceState({ kept: '$' }, '')"),
    ("entries", "history.pushState(null, '', '?$'); history.pushState(null, '', '?')"),
    ("name", "window.name = '$'"),
    ("local", "localStorage.setItem('planted', '$')"),
    ("session", "sessionStorage.setItem('planted', '$')"),
    ("cookie", "document.cookie = 'planted=$'"),
    (
        "indexedDb",
        "await new Promise((resolve) => {
            const opening = indexedDB.open('planted');
            opening.onupgradeneeded = () => opening.result.createObjectStore('store');
            opening.onsuccess = () => {
                const writing = opening.result.transaction('store', 'readwrite');
                writing.objectStore('store').put('$', 1);
                writing.oncomplete = () => { opening.result.close(); resolve(); };
            };
         })",
    ),
    (
        "caches",
        "const cache = await caches.open('planted');
         await cache.put('/planted', new Response('$'))",
    ),
    // The page's policy lets no worker be registered.
    ("workers", "navigator.serviceWorker.getRegistrations = async () => [{ scope: 'http://a/$' }]"),
    ("console", "console.debug({ kept: '$' })"),
    ("errors", "window.dispatchEvent(new ErrorEvent('error', { message: '$' }))"),
    (
        "rejections",
        "const [promise, reason] = [Promise.resolve(), '$'];
         window.dispatchEvent(new PromiseRejectionEvent('unhandledrejection', { promise, reason }))",
    ),
    ("violations", "document.body.appendChild(new Image()).src = 'http://elsewhere.invalid/$'"),
    ("resources", "await (await fetch('/healthz?$')).text()"),
    (
        "memory",
        "const [memory] = __watch.memories;
         const page = memory.grow(1) * 65536;
         new Uint8Array(memory.buffer, page).set(new TextEncoder().encode('$'))",
    ),
];

fn canary(number: usize) -> Canary {
    Canary::new(Kind::ApiKey, format!("canary-{number}-d41d8c"))
}

/// Runs a script of the plants in the page.
fn run(browser: &Browser, script: &str, text: &str) {
    browser.script(&format!("return (async () => {{ {} }})()", script.replace('$', text)));
}

#[test]
fn every_sink_of_a_page_is_looked_into_and_gives_up_what_is_planted_there() {
    let server = Server::start();
    let browser = Browser::start();
    browser.before_every_page(sweep::script());
    browser.goto(&server.origin());
    browser.until("the app to be there", || browser.css("form[data-adopted]").is_there());
    let canaries: Vec<Canary> = (0..PLANTS.len()).map(canary).collect();
    let before = sweep::look(&browser, &canaries);
    assert_eq!(before.found, [], "nothing is planted yet");
    assert_eq!(before.looked, PAGE_SINKS);

    let mut silent = Vec::new();
    for (number, (sink, plant)) in PLANTS.into_iter().enumerate() {
        run(&browser, plant, &canaries[number].text);
        // Some of what a page does is told to it a moment later.
        let found = || {
            let look = sweep::look(&browser, &canaries[number..=number]);
            look.found.iter().any(|(found, _)| found == sink)
        };
        let in_time = catch_unwind(AssertUnwindSafe(|| browser.until(sink, found)));
        silent.extend(in_time.err().map(|_| sink));
    }
    assert_eq!(silent, Vec::<&str>::new());
}

#[test]
fn a_secret_in_a_request_is_found_wherever_in_it_it_stands() {
    let plants = [
        ("the address", "await fetch('/healthz?a=$')"),
        ("the header x-planted", "await fetch('/healthz', { headers: { 'X-Planted': '$' } })"),
        ("the body", "await fetch('/healthz', { method: 'POST', body: '$' })"),
        (
            "the header referer",
            "await fetch('/healthz', { referrer: '/?$', referrerPolicy: 'unsafe-url' })",
        ),
    ];
    let scene = Scene::open();
    scene.open_site();
    for (number, (_, plant)) in plants.iter().enumerate() {
        let text = canary(number).text;
        scene.keep(Kind::ApiKey, &text);
        run(scene.browser(), plant, &text);
    }
    scene.expect_in_console("status of 405");
    let wrong = ends_badly(scene);
    let places: BTreeSet<&str> = wrong
        .lines()
        .filter_map(|line| line.split(" stands in ").nth(1)?.split(" of ").next())
        .collect();
    for (place, _) in plants {
        assert!(places.contains(place), "{place} is not among {wrong}");
    }
}

#[test]
fn a_scene_does_not_end_well_with_a_secret_in_its_page_or_in_the_browsers_profile() {
    let scene = Scene::open();
    scene.open_site();
    scene.keep(Kind::Echo, &canary(0).text);
    run(scene.browser(), "document.title = '$'", &canary(0).text);
    assert!(ends_badly(scene).contains("the page's title"));

    let scene = Scene::open();
    scene.open_site();
    scene.keep(Kind::AccessToken, &canary(0).text);
    run(scene.browser(), "localStorage.setItem('planted', '$')", &canary(0).text);
    let wrong = ends_badly(scene);
    assert!(
        wrong.contains("Local Storage") && wrong.contains("of the browser's profile"),
        "{wrong}"
    );
}

#[test]
fn what_the_server_says_is_looked_through_and_every_file_of_its_database() {
    let server = Server::start();
    let token = server.api().sign_in(server.account());
    assert_eq!(server.traces_of("listening on"), ["the output"]);
    let of_zeros = server.traces_of("\0");
    for file in ["keys.db", "keys.db-wal", "keys.db-shm"] {
        assert!(of_zeros.iter().any(|place| place == file), "{file} is not among {of_zeros:?}");
    }
    assert_eq!(server.traces_of(&token), Vec::<String>::new());
}

fn ends_badly(scene: Scene) -> String {
    let end = catch_unwind(AssertUnwindSafe(|| drop(scene)));
    let message = end.expect_err("the scene ends badly").downcast::<String>();
    *message.expect("it says why")
}
