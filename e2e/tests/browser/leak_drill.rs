//! A key has leaked: from the paste to the note, by the keyboard alone.

use e2e::browser::key;
use e2e::create_dialog::CreateDialog;
use e2e::scene::Scene;

#[test]
fn a_leaked_key_is_told_replaced_revoked_and_proven_dead_by_the_keyboard_alone() {
    let scene = Scene::open();
    let browser = scene.browser();
    let page = scene.sign_in();
    let dialog = page.open_creation();
    dialog.create("ci-bot");
    let leaked = dialog.reveal();
    scene.keep_secret(&leaked);
    dialog.copy();
    dialog.close_as_saved();
    page.until_names_are(&["ci-bot"]);
    browser.until_focus_is_on("Create key");

    browser.write("l");
    browser.until_focus_is_on("Paste here");
    browser.write("typed");
    browser.press_together(&[key::CONTROL, "v"]);
    browser.see("“ci-bot” has leaked");
    let html = browser.script("return document.documentElement.outerHTML").to_string();
    assert!(!html.contains(&leaked), "what was pasted stands in the page");

    browser.until_focus_is_on("Create the replacement");
    browser.press(key::ENTER);
    let dialog = CreateDialog::on(browser);
    browser.until_focus_is_on("Name");
    assert_eq!(dialog.name().value(), "ci-bot");
    browser.press(key::ENTER);
    dialog.until_it_shows("ci-bot");
    browser.tab_to("Reveal");
    browser.press(key::ENTER);
    let replacement = dialog.secret().text();
    scene.keep_secret(&replacement);
    browser.tab_to("I have saved it");
    browser.press(key::ENTER);
    browser.see("In safe hands since");

    browser.tab_to("Revoke the leaked key");
    browser.press(key::ENTER);
    browser.see("Revoked at");
    browser.tab_to("Prove it is dead");
    browser.press(key::ENTER);
    browser.see("The Key API rejected it at");
    scene.expect_in_console("status of 400");
    browser.tab_to("Copy the note");
    browser.press(key::ENTER);
    browser.see("The note is on the clipboard.");
    browser.press(key::ESCAPE);
    browser.css("dialog[open]").wait_gone();
    page.until_names_are(&["ci-bot"]);
    assert!(scene.server.api().exchange(&leaked).is_err());
    assert!(scene.server.api().exchange(&replacement).is_ok());
}
