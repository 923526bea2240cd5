//! The list of keys and the page around it.

use e2e::browser::{Browser, key};
use e2e::scene::Scene;
use e2e::server::Account;
use serde_json::json;

/// What is said of a Key API that cannot be reached.
const UNREACHABLE: &str = "could not be reached: you may be offline, or the service may be down.";

#[test]
fn a_search_survives_a_reload_and_says_what_it_hides() {
    let scene = Scene::open();
    let browser = scene.browser();
    let page = scene.sign_in();
    for name in ["ci-bot", "billing", "bot for chat"] {
        scene.create(name);
    }
    page.until_names_are(&["bot for chat", "billing", "ci-bot"]);
    page.search().fill("BOT ");
    page.until_names_are(&["bot for chat", "ci-bot"]);
    browser.see("2 of 3 keys, 1 hidden by the search");
    assert!(browser.url().ends_with("#/keys?q=BOT%20"), "{}", browser.url());

    browser.reload();
    page.until_names_are(&["bot for chat", "ci-bot"]);
    assert_eq!(page.search().value(), "BOT ");

    page.search().fill("nothing is called that");
    browser.heading("No key matches “nothing is called that”").wait();
    browser.button("Clear search").click();
    page.until_names_are(&["bot for chat", "billing", "ci-bot"]);
}

#[test]
fn a_new_key_is_in_sight_even_if_the_search_would_hide_it() {
    let scene = Scene::open();
    let (page, _) = scene.sign_in_and_create("billing");
    page.search().fill("bill");
    scene.browser().see("1 key");
    scene.create("ci-bot");
    page.until_names_are(&["ci-bot", "billing"]);
    scene.browser().see("Search and filters were cleared to show the new key.");
    assert_eq!(page.search().value(), "");
}

#[test]
fn a_server_that_cannot_be_reached_is_said_in_words_and_takes_nothing_away() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, _) = scene.sign_in_and_create("ci-bot");
    scene.server.stop();
    page.refresh();
    browser.see("This list may be out of date.");
    browser.see(UNREACHABLE);
    page.until_names_are(&["ci-bot"]);
    scene.expect_in_console("ERR_CONNECTION_REFUSED");

    scene.server.start_again();
    browser.button("Try again").click();
    browser.see_no("This list may be out of date.");
    page.until_names_are(&["ci-bot"]);
}

#[test]
fn a_list_that_cannot_be_loaded_is_not_an_empty_one() {
    let scene = Scene::open();
    let browser = scene.browser();
    let form = scene.open_site();
    browser.block("*/keys/");
    form.sign_in(scene.server.account());
    browser.heading("Your keys could not be loaded").wait();
    browser.see(UNREACHABLE);
    browser.see_no("No API keys yet");

    browser.block_nothing();
    browser.button("Try again").click();
    browser.heading("No API keys yet").wait();
    scene.tokens();
}

#[test]
fn the_theme_that_was_chosen_survives_a_reload() {
    let scene = Scene::open();
    let browser = scene.browser();
    scene.open_site();
    let scheme = || browser.script("return getComputedStyle(document.documentElement).colorScheme");
    assert!(browser.choice("System").is_chosen());
    assert_eq!(scheme(), "light dark");
    browser.choice("Dark").click();
    assert_eq!(scheme(), "dark");
    browser.reload();
    assert_eq!(scheme(), "dark");
    assert!(browser.choice("Dark").is_chosen());
}

#[test]
fn nothing_is_wider_than_a_narrow_screen() {
    let scene = Scene::open();
    let browser = scene.browser();
    browser.resize(320, 640);
    let form = scene.open_site();
    fits(browser, "the form");
    form.sign_in(&Account { password: "wrong".to_owned(), ..scene.server.account().clone() });
    form.complaint();
    fits(browser, "the form with a complaint");
    scene.expect_in_console("status of 400");
    form.sign_in(scene.server.account());
    let page = scene.signed_in();
    fits(browser, "the list without keys");

    let name = "x".repeat(100);
    let dialog = page.open_creation();
    dialog.submit().click();
    browser.see("A name needs at least one character.");
    fits(browser, "the dialog with a complaint");
    dialog.create(&name);
    fits(browser, "the concealed secret");
    scene.keep_secret(&dialog.reveal());
    fits(browser, "the revealed secret");
    browser.press(key::ESCAPE);
    dialog.until_it_asks();
    fits(browser, "the question before leaving");
    browser.button("Close without copying").click();
    page.until_names_are(&[&name]);
    fits(browser, "the list");

    page.open_revocation(&name);
    fits(browser, "the question before revoking");
    browser.button("Cancel").click();
    page.search().fill(&"y".repeat(100));
    browser.see("Clear search");
    fits(browser, "the list without a match");
    browser.button("Clear search").click();
    page.open_usage(&name).chart();
    fits(browser, "the usage");
}

#[track_caller]
fn fits(browser: &Browser, what: &str) {
    let report = browser.script(
        "const beyond = (element) => element.scrollWidth - element.clientWidth;
         const dialog = document.querySelector('dialog[open]');
         const page = document.scrollingElement;
         const edge = (dialog ?? page).getBoundingClientRect().left + (dialog ?? page).clientWidth;
         const wide = [...(dialog ?? page).querySelectorAll('*')]
            .filter((element) => element.getBoundingClientRect().right > edge + 1)
            .map((element) => `${element.localName}.${element.className}`);
         return { widths: [innerWidth, beyond(page), dialog ? beyond(dialog) : 0], wide }",
    );
    let widths = &report["widths"];
    assert_eq!(*widths, json!([320, 0, 0]), "{what} is too wide: {}", report["wide"]);
}
