//! Rotation by evidence: real requests with real keys decide when the old one is offered to go.

use std::time::Duration;

use e2e::browser::{Browser, Tab};
use e2e::clock::Clock;
use e2e::create_dialog::CreateDialog;
use e2e::keys::KeysPage;
use e2e::offered::Offered;
use e2e::revoke_dialog::RevokeDialog;
use e2e::scene::Scene;
use e2e::usage::UsagePage;

const OLD: &str = "ci-bot";
const NEW: &str = "ci-bot-2";

const OFFER: &str = "Revoke the old key…";

#[test]
fn the_old_key_is_offered_to_go_when_its_silence_was_long_enough_and_not_before() {
    let scene = Scene::open();
    let browser = scene.browser();
    let clock = Clock::of(browser);
    let (page, old) = scene.sign_in_and_create(OLD);
    scene.use_key(&old, 40);
    page.refresh();
    page.open_usage(OLD).chart();
    let new = make_successor(&scene);
    browser.button("It is in place: watch both").click();
    browser.see("The new key has not been used yet.");
    browser.until_focus_is_on("Rotation");
    assert!(!browser.button(OFFER).is_there(), "nothing was seen");

    // A busy key is watched for a quarter of an hour.
    scene.use_key(&new, 3);
    clock.go_on(minutes(6));
    browser.button("Look now").click();
    browser.see("It is too early to revoke the old key.");
    browser.see("0 new requests in 6 minutes");
    browser.see("3 new requests, 0 failed");
    assert!(!browser.button(OFFER).is_there(), "it is too early");

    // Left in the middle, it goes on where it was; and says on every page that it is under way.
    browser.link("← API keys").click();
    browser.see("You are rotating ci-bot: both keys are watched.");
    browser.reload();
    browser.css(".rotations a").click();
    UsagePage::on(browser, OLD);
    browser.see("Silent for 6 minutes of 15 minutes");

    // Whoever still has the old key is not cut off.
    scene.use_key(&old, 1);
    browser.button("Look now").click();
    browser.see("The old key was used after the new one was in place");
    browser.see("0 new requests in 0 minutes; 1 before that");
    clock.go_on(minutes(14));
    browser.button("Look now").click();
    browser.see("0 new requests in 14 minutes");
    assert!(!browser.button(OFFER).is_there(), "its silence began anew");
    scene.use_key(&new, 1);
    clock.go_on(minutes(2));
    browser.button("Look now").click();
    browser.see("Nothing has used the old key for long enough.");

    // It is asked for as ever, and may be taken back.
    browser.button(OFFER).click();
    RevokeDialog::on(browser, OLD);
    browser.button("Cancel").click();
    browser.button(OFFER).click();
    let dialog = RevokeDialog::on(browser, OLD);
    dialog.typed_name().fill(OLD);
    dialog.confirm();
    KeysPage::on(browser).until_names_are(&[NEW]);
    browser.see_no("You are rotating");
    assert!(scene.server.api().exchange(&old).is_err(), "the old key is dead");
    scene.use_key(&new, 1);
}

#[test]
fn a_successor_whose_secret_may_be_lost_goes_no_further_until_somebody_says_so() {
    let scene = Scene::open();
    let browser = scene.browser();
    let (page, _) = scene.sign_in_and_create(OLD);
    page.open_usage(OLD).chart();
    browser.button("Rotate").click();
    browser.until_focus_is_on("Rotation");
    browser.button("Make the new key").click();
    let dialog = CreateDialog::on(browser);
    browser.button("Cancel").click();
    dialog.until_closed();

    // Nothing was made, so it can be made again.
    browser.button("Make the new key").click();
    let dialog = CreateDialog::on(browser);
    dialog.submit().click();
    dialog.until_it_shows(NEW);
    scene.keep_secret(&dialog.reveal());
    browser.reload_against_advice();
    browser.see("Nobody has said that the secret of the new key is saved.");
    browser.css(".rotation").wait();
    assert!(!browser.button("It is in place: watch both").is_there());
    browser.css(".rotation .primary").click();
    browser.button("It is in place: watch both").wait();
    browser.see_no("never confirmed saving its key");

    // The new key says whose place it takes; if it goes, the old one stays.
    browser.css(".rotation a").click();
    UsagePage::on(browser, NEW);
    browser.see("This key takes the place of ci-bot.");
    browser.button("Revoke").click();
    RevokeDialog::on(browser, NEW).confirm();
    KeysPage::on(browser).until_names_are(&[OLD]);
    KeysPage::on(browser).open_usage(OLD);
    browser.see("The new key is gone, so this one stays in use.");
    browser.css(".rotation .button").click();
    browser.button("Rotate").wait();
}

#[test]
fn a_browser_that_keeps_nothing_rotates_all_the_same_and_says_what_that_means() {
    let scene = Scene::open();
    let browser = scene.browser();
    browser.refuse_database();
    let (page, _) = scene.sign_in_and_create(OLD);
    page.open_usage(OLD).chart();
    make_successor(&scene);
    browser.see("the rotation is forgotten when you leave this page");
    browser.button("It is in place: watch both").click();
    browser.see("The new key has not been used yet.");
    browser.button("Stop: keep both keys").click();
    browser.button("Rotate").wait();
}

/// Opens the page of the old key in two tabs, of which the second one is on show.
fn open_in_two_tabs(scene: &Scene) -> [Tab; 2] {
    let browser = scene.browser();
    let (page, _) = scene.sign_in_and_create(OLD);
    page.open_usage(OLD).chart();
    let first = browser.tab();
    let second = browser.duplicate_tab();
    browser.go_to_tab(&second);
    [first, second]
}

#[test]
fn another_tab_follows_each_step() {
    let scene = Scene::open_in_whole_browser();
    let browser = scene.browser();
    let [first, second] = open_in_two_tabs(&scene);
    UsagePage::on(browser, OLD);
    browser.button("Rotate").wait();
    browser.go_to_tab(&first);
    make_successor(&scene);
    browser.go_to_tab(&second);
    browser.button("It is in place: watch both").click();
    browser.see("The new key has not been used yet.");
    browser.go_to_tab(&first);
    browser.see("The new key has not been used yet.");
    browser.button("Stop: keep both keys").click();
    browser.button("Rotate").wait();
    browser.go_to_tab(&second);
    browser.button("Rotate").wait();
}

#[test]
fn a_successor_that_another_tab_has_made_is_not_made_again() {
    let scene = Scene::open_in_whole_browser();
    let browser = scene.browser();
    let [first, second] = open_in_two_tabs(&scene);
    browser.button("Rotate").click();
    browser.button("Make the new key").click();
    let form = CreateDialog::on(browser);
    browser.go_to_tab(&first);
    browser.button("Make the new key").click();
    let dialog = CreateDialog::on(browser);
    dialog.submit().click();
    dialog.until_it_shows(NEW);
    browser.go_to_tab(&second);
    form.until_closed();
    browser.see("The new key was made in another tab.");
    browser.go_to_tab(&first);
    scene.keep_secret(&dialog.reveal());
    dialog.close_as_saved();
    until_new_key_is_named(browser);
    browser.go_to_tab(&second);
    browser.button("It is in place: watch both").wait();
}

#[test]
fn a_step_is_told_to_a_tab_that_does_not_come_into_sight() {
    let scene = Scene::open_in_whole_browser();
    let browser = scene.browser();
    let [first, second] = open_in_two_tabs(&scene);
    browser.button("Rotate").wait();
    // Whatever the driver does to look into it.
    browser.script("Object.defineProperty(document, 'hidden', { get: () => true })");
    browser.go_to_tab(&first);
    make_successor(&scene);
    browser.go_to_tab(&second);
    browser.button("It is in place: watch both").wait();
    browser.go_to_tab(&first);
    browser.button("Stop: keep both keys").click();
    browser.button("Rotate").wait();
    browser.go_to_tab(&second);
    browser.button("Rotate").wait();
}

#[test]
fn a_reminder_needs_a_day_and_is_offered_as_a_file() {
    let scene = Scene::open();
    let browser = scene.browser();
    let offered = Offered::by(browser);
    let (page, _) = scene.sign_in_and_create(OLD);
    page.open_usage(OLD).chart();
    let remind = browser.button("Reminder for the calendar");
    remind.click();
    browser.see("Choose a day.");
    browser.until_focus_is_on("On this day");
    browser.script("document.querySelector('#reminder-day').value = '2031-02-03'");
    remind.click();
    browser.see_no("Choose a day.");
    let (name, file) = offered.text();
    let file = file.replace("\r\n ", "");
    assert_eq!(name, "rotate-key.ics");
    assert!(file.contains("\r\nDTSTART;VALUE=DATE:20310203\r\n"), "{file}");
    assert!(file.contains("\r\nSUMMARY:Rotate the API key ci-bot\r\n"), "{file}");
    assert!(file.contains(&format!("\r\nURL:{}", browser.url())), "{file}");
    assert!(!file.contains("occ_"), "{file}");
}

/// Begins with the rotation of the key on show, makes its successor and saves its secret, which it
/// gives.
#[track_caller]
fn make_successor(scene: &Scene) -> String {
    let browser = scene.browser();
    browser.button("Rotate").click();
    browser.button("Make the new key").click();
    let dialog = CreateDialog::on(browser);
    assert_eq!(dialog.name().value(), NEW);
    dialog.submit().click();
    dialog.until_it_shows(NEW);
    let secret = dialog.reveal();
    scene.keep_secret(&secret);
    dialog.close_as_saved();
    until_new_key_is_named(browser);
    secret
}

fn until_new_key_is_named(browser: &Browser) {
    browser.see("New key: ci-bot-2");
}

fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}
