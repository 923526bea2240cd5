//! The main job by the keyboard alone.

use e2e::browser::{Browser, key};
use e2e::create_dialog::CreateDialog;
use e2e::keys::KeysPage;
use e2e::revoke_dialog::RevokeDialog;
use e2e::scene::Scene;
use e2e::sign_in::SignInPage;
use e2e::usage::UsagePage;

const ARROW_DOWN: &str = "\u{E015}";
const SHIFT: &str = "\u{E008}";
const PALETTE: &str = "Search commands and keys";

#[test]
fn a_key_can_be_created_copied_and_revoked_without_a_mouse() {
    let scene = Scene::open();
    let browser = scene.browser();
    scene.open_site();
    browser.until_focus_is_on("Email");
    browser.write(&scene.server.account().email);
    browser.press(key::TAB);
    browser.write(&scene.server.account().password);
    browser.press(key::ENTER);
    let page = scene.signed_in();
    browser.until_focus_is_on("API keys");

    browser.tab_to("Create key");
    browser.press(key::ENTER);
    let dialog = CreateDialog::on(browser);
    browser.until_focus_is_on("Name");
    browser.write("ci-bot");
    browser.press(key::ENTER);
    dialog.until_it_shows("ci-bot");
    browser.until_focus_is_on("Key, concealed");
    browser.tab_to("Copy");
    browser.press(key::SPACE);
    assert_eq!(dialog.status(), "Copied to the clipboard.");
    browser.tab_to("I have saved it");
    browser.press(key::ENTER);
    dialog.until_closed();
    browser.until_focus_is_on("Create key");
    page.until_names_are(&["ci-bot"]);

    browser.tab_to("Usage of ci-bot");
    browser.tab_to("Revoke ci-bot");
    browser.press(key::ENTER);
    let dialog = RevokeDialog::on(browser, "ci-bot");
    browser.until_focus_is_on("Cancel");
    browser.press(key::ENTER);
    dialog.until_closed();
    browser.until_focus_is_on("Revoke ci-bot");
    browser.press(key::ENTER);
    browser.until_focus_is_on("Cancel");
    browser.tab_to("Revoke key");
    browser.press(key::SPACE);
    browser.see("Revoked “ci-bot”.");
    browser.until_focus_is_on("API keys");
    KeysPage::on(browser).until_names_are(&[]);

    browser.tab_to("Sign out");
    browser.press(key::ENTER);
    SignInPage::on(browser);
    browser.until_focus_is_on("Email");
}

/// Everything that the workspace does, and no pointer is ever moved.
#[test]
fn the_whole_workspace_can_be_used_without_a_mouse() {
    let scene = Scene::open();
    let browser = scene.browser();
    sign_in(&scene);
    let secret = create(&scene, "ci-bot");
    for name in ["web 1", "web 2", "web 3"] {
        create(&scene, name);
    }
    let token = scene.server.api().exchange(&secret).expect("the API takes the key");
    scene.keep_secret(&token);
    browser.press("r");
    browser.until("the use to be in the table", || {
        browser.page_text().matches("Never used").count() == 3
    });
    find_and_order(browser);
    look_at_the_usage(browser);
    revoke_three_at_once(browser);
    revoke_by_name(browser);
    leave_through_the_palette(browser);
}

fn sign_in(scene: &Scene) {
    let browser = scene.browser();
    scene.open_site();
    browser.until_focus_is_on("Email");
    browser.write(&scene.server.account().email);
    browser.press(key::TAB);
    browser.write(&scene.server.account().password);
    browser.press(key::ENTER);
    scene.signed_in();
    browser.until_focus_is_on("API keys");
}

/// Opens the form with its shortcut, makes a key, reveals, copies and acknowledges its secret.
fn create(scene: &Scene, name: &str) -> String {
    let browser = scene.browser();
    browser.press("c");
    let dialog = CreateDialog::on(browser);
    browser.until_focus_is_on("Name");
    browser.press_together(&[key::CONTROL, "a"]);
    browser.write(name);
    browser.press(key::ENTER);
    dialog.until_it_shows(name);
    browser.until_focus_is_on("Key, concealed");
    browser.tab_to("Reveal");
    browser.press(key::ENTER);
    let secret = dialog.secret().text();
    scene.keep_secret(&secret);
    browser.tab_to("Copy");
    browser.press(key::ENTER);
    assert_eq!(dialog.status(), "Copied to the clipboard.");
    browser.tab_to("I have saved it");
    browser.press(key::ENTER);
    dialog.until_closed();
    browser.until_focus_is_on("API keys");
    secret
}

fn find_and_order(browser: &Browser) {
    let page = KeysPage::on(browser);
    browser.press("/");
    browser.until_focus_is_on("Search keys");
    browser.write("web");
    page.until_names_are(&["web 3", "web 2", "web 1"]);
    browser.press_together(&[key::CONTROL, "a"]);
    browser.press(key::BACKSPACE);
    page.until_names_are(&["web 3", "web 2", "web 1", "ci-bot"]);
    browser.tab_to("Used");
    browser.write("Never");
    page.until_names_are(&["web 3", "web 2", "web 1"]);
    // The header's name may end with an arrow.
    browser.until("Tab to lead to the header of the names", || {
        browser.press(key::TAB);
        browser.focused_name().starts_with("Name")
    });
    browser.press(key::ENTER);
    // The newest key stays first, whatever the order.
    page.until_names_are(&["web 3", "web 1", "web 2"]);
    assert!(browser.focused_name().starts_with("Name"), "the focus stays on the header");
    browser.css("th[aria-sort=ascending]").wait();
    browser.press("g");
    browser.press("k");
    page.until_names_are(&["web 3", "web 2", "web 1", "ci-bot"]);
}

fn look_at_the_usage(browser: &Browser) {
    browser.tab_to("Usage of ci-bot");
    browser.press(key::ENTER);
    UsagePage::on(browser, "ci-bot").chart();
    browser.until_focus_is_on("ci-bot");
    browser.back();
    KeysPage::on(browser);
}

/// Space chooses one, Shift with the arrow those that follow; the number is typed.
fn revoke_three_at_once(browser: &Browser) {
    browser.tab_to("Select web 3");
    browser.press(key::SPACE);
    browser.see("1 key selected");
    browser.press_together(&[SHIFT, ARROW_DOWN]);
    browser.until_focus_is_on("Select web 2");
    browser.press_together(&[SHIFT, ARROW_DOWN]);
    browser.until_focus_is_on("Select web 1");
    browser.see("3 keys selected");
    browser.tab_to("Revoke selected…");
    browser.press(key::ENTER);
    browser.heading("Revoke 3 keys?").wait();
    browser.until_focus_is_on("Cancel");
    browser.tab_to("Type 3 to confirm");
    browser.write("2");
    browser.press(key::ENTER);
    browser.see("Type 3 to confirm.");
    browser.until_focus_is_on("Type 3 to confirm");
    browser.press_together(&[key::CONTROL, "a"]);
    browser.write("3");
    browser.press(key::ENTER);
    browser.see("All 3 keys are revoked");
    browser.tab_to("Done");
    browser.press(key::ENTER);
    browser.css("dialog[open]").wait_gone();
    KeysPage::on(browser).until_names_are(&["ci-bot"]);
}

fn revoke_by_name(browser: &Browser) {
    browser.tab_to("Revoke ci-bot");
    browser.press(key::ENTER);
    let dialog = RevokeDialog::on(browser, "ci-bot");
    browser.until_focus_is_on("Cancel");
    browser.tab_to("Type ci-bot to confirm");
    browser.write("ci-bot");
    browser.press(key::ENTER);
    dialog.until_closed();
    browser.see("Revoked “ci-bot”.");
    browser.heading("No API keys yet").wait();
    browser.until_focus_is_on("API keys");
}

fn leave_through_the_palette(browser: &Browser) {
    browser.press("?");
    browser.heading("Keyboard shortcuts").wait();
    browser.until_focus_is_on("Close");
    browser.press(key::ESCAPE);
    browser.heading("Keyboard shortcuts").wait_gone();
    browser.press_together(&[key::CONTROL, "k"]);
    browser.until_focus_is_on(PALETTE);
    browser.write("sign out");
    browser.press(key::ENTER);
    SignInPage::on(browser);
    browser.until_focus_is_on("Email");
}
