//! The main job by the keyboard alone.

use e2e::browser::key;
use e2e::create_dialog::CreateDialog;
use e2e::keys::KeysPage;
use e2e::revoke_dialog::RevokeDialog;
use e2e::scene::Scene;
use e2e::sign_in::SignInPage;

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
