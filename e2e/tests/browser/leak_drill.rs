//! A key has leaked: from the paste to the note.

use e2e::browser::{Browser, key};
use e2e::create_dialog::CreateDialog;
use e2e::keys::KeysPage;
use e2e::scene::Scene;

const NAME: &str = "ci-bot";
/// The name that is offered for the key in its place.
const SUCCESSOR: &str = "ci-bot-2";

/// Paste, replace, revoke, prove and note; no pointer is moved from the paste on.
#[test]
fn a_leaked_key_is_told_replaced_revoked_and_proven_dead_by_the_keyboard_alone() {
    let scene = Scene::open();
    let browser = scene.browser();
    let page = scene.sign_in();
    let dialog = page.open_creation();
    dialog.create(NAME);
    let leaked = dialog.reveal();
    scene.keep_secret(&leaked);
    dialog.copy();
    dialog.close_as_saved();
    page.until_names_are(&[NAME]);
    browser.until_focus_is_on("Create key");
    let token = scene.server.api().exchange(&leaked).expect("it is alive");
    scene.keep_secret(&token);

    browser.write("l");
    browser.until_focus_is_on("Paste here");
    browser.write("typed");
    browser.press_together(&[key::CONTROL, "v"]);
    browser.heading("“ci-bot” has leaked").wait();
    let html = browser.script("return document.documentElement.outerHTML").to_string();
    assert!(!html.contains(&leaked), "what was pasted stands in the page");

    // The paste needed no Enter. Whoever presses it all the same begins nothing.
    browser.until_focus_is_on("“ci-bot” has leaked");
    browser.press(key::ENTER);
    browser.press(key::ENTER);
    browser.tab_to("Create the replacement");
    browser.press(key::ENTER);
    let dialog = CreateDialog::on(browser);
    browser.until_focus_is_on("Name");
    assert_eq!(dialog.name().value(), SUCCESSOR, "two keys of one name would be a trap");
    browser.press(key::ENTER);
    dialog.until_it_shows(SUCCESSOR);
    browser.tab_to("Reveal");
    browser.press(key::ENTER);
    let replacement = dialog.secret().text();
    scene.keep_secret(&replacement);
    browser.tab_to("Copy");
    browser.press(key::ENTER);
    assert_eq!(dialog.status(), "Copied to the clipboard.");
    browser.tab_to("I have saved it");
    browser.press(key::ENTER);

    browser.until_focus_is_on("Revoke the leaked key");
    browser.see("Saved at ");
    assert!(scene.server.api().exchange(&leaked).is_ok(), "nothing is revoked before it is said");
    browser.press(key::ENTER);
    browser.until_focus_is_on("Prove it is dead");
    browser.see("Revoked at ");
    browser.press(key::ENTER);
    browser.see("The Key API rejected it at ");
    browser.until_focus_is_on("Copy the note");
    assert!(scene.server.api().exchange(&leaked).is_err(), "the server says the same");
    let kept = scene.server.api().exchange(&replacement).expect("the replacement lives");
    scene.keep_secret(&kept);

    // What was done is not lost by a slip.
    browser.press(key::ESCAPE);
    browser.see("You have not taken the note as it stands now. Close anyway?");
    browser.until_focus_is_on("Keep open");
    browser.press(key::ENTER);
    browser.until_focus_is_on("Copy the note");
    browser.press(key::ENTER);
    browser.see("The note is on the clipboard.");
    browser.press(key::ESCAPE);
    browser.css("dialog[open]").wait_gone();
    page.until_names_are(&[SUCCESSOR]);
    check_note(&pasted(browser), &leaked);
    scene.expect_in_console("status of 400");
}

#[test]
fn a_leaked_key_is_revoked_at_once_without_a_replacement_and_the_note_is_a_file() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, leaked) = scene.sign_in_and_create(NAME);
    KeysPage::on(browser).begin_drill(&leaked);
    browser.button("Does it still work?").click();
    browser.see("The Key API still takes this key.");
    browser.button("Revoke without a replacement").click();
    browser.until_focus_is_on("Prove it is dead");
    assert!(scene.server.api().exchange(&leaked).is_err());
    // The end of the dialog needs two steps while nobody has the note.
    browser.button("Close").click();
    browser.until_focus_is_on("Keep open");
    browser.script("setTimeout(() => location.reload())");
    browser.until("the browser to ask before the reload", || browser.asks());
    browser.decline();
    browser.button("Keep open").click();
    browser.button("Download the note").click();
    browser.button("Close").click();
    browser.css("dialog[open]").wait_gone();
    page.until_names_are(&[]);
}

#[test]
fn a_replacement_that_was_thrown_away_is_none() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, leaked) = scene.sign_in_and_create(NAME);
    KeysPage::on(browser).begin_drill(&leaked);
    browser.button("Create the replacement").click();
    let dialog = CreateDialog::on(browser);
    dialog.submit().click();
    dialog.until_it_shows(SUCCESSOR);
    scene.keep_secret(&dialog.reveal());
    browser.press(key::ESCAPE);
    dialog.until_it_asks();
    browser.button("Close without copying").click();
    browser.until_focus_is_on("Create the replacement");
    browser.see_no("Saved at ");
    browser.button("Revoke without a replacement").wait();
    browser.button("Close").click();
    page.until_names_are(&[SUCCESSOR, NAME]);
}

#[test]
fn a_revocation_that_fails_is_said_and_tried_again() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (_, leaked) = scene.sign_in_and_create(NAME);
    KeysPage::on(browser).begin_drill(&leaked);
    browser.button("Revoke without a replacement").wait();
    browser.set_offline(true);
    browser.button("Revoke without a replacement").click();
    // The step is there again, with its reason.
    browser.see_no("Revoking…");
    browser.button("Revoke without a replacement").wait();
    let lived = scene.server.api().exchange(&leaked).expect("nothing was revoked");
    scene.keep_secret(&lived);
    browser.set_offline(false);
    browser.button("Revoke without a replacement").click();
    browser.see("Revoked at ");
    assert!(scene.server.api().exchange(&leaked).is_err());
    browser.button("Close").click();
    browser.button("Close anyway").click();
    browser.css("dialog[open]").wait_gone();
    scene.expect_in_console("ERR_INTERNET_DISCONNECTED");
}

fn check_note(note: &str, leaked: &str) {
    assert!(note.starts_with("# Leaked API key: ci\\-bot\n"), "{note}");
    assert!(!note.contains(leaked) && note.contains("The note holds no secret."), "{note}");
    for line in ["- Noticed: ", "- Replacement in safe hands: ", "- Revoked: "] {
        let (_, rest) = note.split_once(line).expect(line);
        let time = rest.lines().next().unwrap_or_default();
        assert!(time.starts_with("20") && time.contains("Z"), "{line}{time}");
    }
    assert!(note.contains("- Requests in all when it was revoked: 2\n"), "{note}");
    assert!(!note.contains("not tried"), "{note}");
}

/// What a paste gives, read where it is taken.
fn pasted(browser: &Browser) -> String {
    browser.script(
        "document.addEventListener('paste', (event) => {
             window.pasted = event.clipboardData.getData('text/plain');
             event.preventDefault();
         }, { once: true, capture: true });
         document.querySelector('input[type=search]').focus();",
    );
    browser.press_together(&[key::CONTROL, "v"]);
    let text = || browser.script("return window.pasted ?? null");
    browser.until("the paste", || text().is_string());
    text().as_str().unwrap_or_default().to_owned()
}
