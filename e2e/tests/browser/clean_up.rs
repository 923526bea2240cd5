//! The clean-up round: keys that nobody uses, one at a time, by the keyboard.

use std::time::Duration;

use e2e::browser::{Browser, key};
use e2e::clock::Clock;
use e2e::keys::KeysPage;
use e2e::offered::Offered;
use e2e::revoke_dialog::RevokeDialog;
use e2e::scene::Scene;

/// A key that was never used is new for a week.
const PAST_A_WEEK: Duration = Duration::from_hours(8 * 24);

#[test]
fn keys_are_kept_left_for_later_and_revoked_by_the_keyboard_alone() {
    let (scene, secrets) = with_unused_keys(["alpha", "beta", "gamma"]);
    let browser = scene.browser();
    let offered = Offered::by(browser);
    browser.reload();
    KeysPage::on(browser);
    open_from_the_palette(browser);
    browser.until_focus_is_on("Do you still need “alpha”?");
    browser.see("1 of 3 · Never used");
    browser.css(".clean-up .facts dd:last-child").wait();
    // A key that is held down decides once.
    browser.script(
        "const init = { key: 'k', code: 'KeyK', bubbles: true, repeat: true };
         document.activeElement.dispatchEvent(new KeyboardEvent('keydown', init));",
    );
    browser.press_together(&[key::ALT, "k"]);
    browser.heading("Do you still need “alpha”?").wait();

    browser.press("k");
    browser.heading("Do you still need “beta”?").wait();
    browser.press("b");
    browser.heading("Do you still need “alpha”?").wait();
    browser.press("k");
    browser.heading("Do you still need “beta”?").wait();

    // The dialog in front has the keyboard; what is taken back leaves the key where it is.
    browser.press("r");
    RevokeDialog::on(browser, "beta");
    browser.until_focus_is_on("Cancel");
    browser.press("k");
    browser.press(key::ESCAPE);
    browser.until_focus_is_on("Do you still need “beta”?");
    assert!(scene.server.api().exchange(&secrets[1]).is_ok_and(|token| {
        scene.keep_secret(&token);
        true
    }));
    // That was a use, of which the list on show knows nothing.
    browser.press("r");
    RevokeDialog::on(browser, "beta");
    browser.until_focus_is_on("Cancel");
    browser.see("something may still depend on it");
    browser.write("beta");
    browser.press(key::ENTER);
    browser.until_focus_is_on("Do you still need “gamma”?");
    assert!(scene.server.api().exchange(&secrets[1]).is_err(), "it was revoked");

    browser.press("l");
    browser.until_focus_is_on("The clean-up is done");
    for words in ["1 key is kept", "1 key was revoked", "1 key is left for later"] {
        browser.see(words);
    }
    browser.tab_to("Save for the calendar");
    browser.press(key::ENTER);
    browser.see("The file was handed to your browser.");
    check_reminder(browser, &offered.text().1);

    browser.tab_to("Done");
    browser.press(key::ENTER);
    browser.css("dialog[open]").wait_gone();
    KeysPage::on(browser).until_names_are(&["gamma", "alpha"]);
}

#[test]
fn a_round_that_was_left_goes_on_after_a_reload_and_begins_anew_after_its_end() {
    let (scene, _) = with_unused_keys(["alpha", "beta", "gamma"]);
    let browser = scene.browser();
    open_from_the_board(browser);
    browser.until_focus_is_on("Do you still need “alpha”?");
    browser.press("k");
    browser.heading("Do you still need “beta”?").wait();
    browser.press(key::ESCAPE);
    browser.css("dialog[open]").wait_gone();
    browser.until_focus_is_on("Clean up unused keys");
    browser.reload();
    open_from_the_board(browser);
    browser.until_focus_is_on("Do you still need “beta”?");
    browser.see("2 of 3");
    browser.press("l");
    browser.press("k");
    browser.until_focus_is_on("The clean-up is done");
    browser.see("2 keys are kept");
    browser.button("Done").click();
    browser.css("dialog[open]").wait_gone();
    open_from_the_board(browser);
    browser.until_focus_is_on("Do you still need “alpha”?");
    browser.see("1 of 3");
}

#[test]
fn a_revocation_that_failed_is_said_where_the_key_is_and_tried_again() {
    let (scene, secrets) = with_unused_keys(["alpha", "beta"]);
    let browser = scene.browser();
    open_from_the_board(browser);
    browser.until_focus_is_on("Do you still need “alpha”?");
    // Its usage is known before the network goes.
    browser.see("Requests\n0");
    browser.press("r");
    let dialog = RevokeDialog::on(browser, "alpha");
    browser.set_offline(true);
    dialog.confirm();
    browser.css("dialog[open] .form-error:not(:empty)").wait();
    browser.set_offline(false);
    browser.button("Cancel").click();
    browser.heading("Revoke “alpha”?").wait_gone();
    browser.heading("Do you still need “alpha”?").wait();
    browser.css(".clean-up .warning").wait();
    browser.press("r");
    RevokeDialog::on(browser, "alpha").confirm();
    browser.until_focus_is_on("Do you still need “beta”?");
    browser.css(".clean-up .warning").wait_gone();
    assert!(scene.server.api().exchange(&secrets[0]).is_err(), "it was revoked");
    scene.expect_in_console("ERR_INTERNET_DISCONNECTED");
}

#[test]
fn who_has_no_unused_key_or_a_browser_that_keeps_nothing_reads_what_is_so() {
    let scene = Scene::open();
    let browser = scene.browser();
    let clock = Clock::of(browser);
    browser.refuse_database();
    scene.sign_in_and_create("alpha");
    open_from_the_palette(browser);
    browser.until_focus_is_on("There is no unused key");
    browser.press(key::ESCAPE);
    browser.css("dialog[open]").wait_gone();
    clock.go_on(PAST_A_WEEK);
    open_from_the_palette(browser);
    browser.until_focus_is_on("Do you still need “alpha”?");
    browser.press("l");
    browser.until_focus_is_on("The clean-up is done");
    browser.button("Back").click();
    browser.until_focus_is_on("Do you still need “alpha”?");
    browser.button("Go on another time").click();
    browser.css("dialog[open]").wait_gone();
    open_from_the_palette(browser);
    browser.until_focus_is_on("The clean-up is done");
}

#[test]
fn a_key_that_is_in_use_after_all_is_not_asked_about() {
    let (scene, secrets) = with_unused_keys(["alpha", "beta"]);
    let browser = scene.browser();
    // The list on show does not know of it; the usage does.
    let token = scene.server.api().exchange(&secrets[1]).expect("the key works");
    scene.keep_secret(&token);
    open_from_the_palette(browser);
    browser.until_focus_is_on("Do you still need “alpha”?");
    browser.see("Requests\n0");
    browser.press("k");
    browser.until_focus_is_on("The clean-up is done");
    browser.see("1 key is in use after all");
}

/// Somebody who made keys of these names more than a week ago, by the clock of the page, with the
/// list before them. Gives the secrets.
fn with_unused_keys<const COUNT: usize>(names: [&str; COUNT]) -> (Scene, Vec<String>) {
    let scene = Scene::open();
    let browser = scene.browser();
    let clock = Clock::of(browser);
    scene.sign_in();
    let secrets = names.map(|name| scene.create(name)).to_vec();
    clock.go_on(PAST_A_WEEK);
    browser.reload();
    KeysPage::on(browser);
    (scene, secrets)
}

fn open_from_the_palette(browser: &Browser) {
    browser.press_together(&[key::CONTROL, "k"]);
    browser.until_focus_is_on("Search commands and keys");
    browser.write("clean");
    browser.press(key::ENTER);
}

fn open_from_the_board(browser: &Browser) {
    browser.script("location.hash = '#/usage'");
    browser.button("Clean up unused keys").click();
}

/// The file is an event that says which key to look at, and when.
fn check_reminder(browser: &Browser, file: &str) {
    let day = browser.script("return document.querySelector('#clean-up-day').value");
    let day = day.as_str().unwrap_or_default().replace('-', "");
    let lines: Vec<&str> = file.split("\r\n").collect();
    for line in ["BEGIN:VEVENT", &format!("DTSTART;VALUE=DATE:{day}"), "DESCRIPTION:gamma"] {
        assert!(lines.contains(&line), "{line:?} is not a line of {file}");
    }
    assert!(lines.iter().any(|line| line.starts_with("UID:review-")), "{file}");
}
