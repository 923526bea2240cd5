//! The dialogs that make and revoke keys.

use super::Tour;
use crate::browser::key;
use crate::create_dialog::CreateDialog;
use crate::keys::KeysPage;
use crate::server::Server;

pub(super) fn walk(tour: &Tour<'_>) {
    let demo = Server::demo();
    let page = tour.sign_in(&demo);
    creation(tour, page);
    revocation(tour, page);
    rotation(tour, page);
    clean_up(tour);
}

fn creation(tour: &Tour<'_>, page: KeysPage<'_>) {
    let Tour { browser, .. } = *tour;
    let dialog = page.open_creation();
    tour.stop("create");
    dialog.submit().click();
    browser.until_focus_is_on("Name");
    tour.stop("create-wrong");
    dialog.name().fill("Productlon\u{200B} backend");
    browser.see("This looks like your key");
    tour.stop("create-alike");
    dialog.create("billing, production");
    tour.stop("create-concealed");
    dialog.reveal();
    tour.stop("create-revealed");
    browser.press(key::ESCAPE);
    dialog.until_it_asks();
    tour.stop("create-leave");
    browser.button("Keep open").click();
    dialog.copy();
    browser.see("Copied to the clipboard.");
    tour.stop("create-copied");
    dialog.close_as_saved();
    tour.stop("list-with-new-key");
}

fn revocation(tour: &Tour<'_>, page: KeysPage<'_>) {
    let Tour { browser, .. } = *tour;
    for (name, kind) in [("new-service", "never-used"), ("Production backend", "in-use")] {
        page.open_revocation(name);
        browser.css("dialog[open] dd:last-of-type").wait();
        tour.stop(&format!("revoke-{kind}"));
        browser.button("Cancel").click();
    }
    page.open_revocation("Production backend").confirm();
    browser.css("dialog[open] .field [role=alert]:not(:empty)").wait();
    tour.stop("revoke-wrong");
    browser.button("Cancel").click();
}

fn rotation(tour: &Tour<'_>, page: KeysPage<'_>) {
    let Tour { browser, .. } = *tour;
    page.open_usage("ci-bot").chart();
    browser.button("Rotate").click();
    browser.button("Make the new key").wait();
    tour.stop("rotation-begun");
    browser.button("Make the new key").click();
    let dialog = CreateDialog::on(browser);
    dialog.submit().click();
    dialog.until_it_shows("ci-bot-2");
    dialog.reveal();
    dialog.close_as_saved();
    browser.button("It is in place: watch both").click();
    browser.see("The new key has not been used yet.");
    tour.stop("rotation-watching");
    browser.link("← API keys").click();
    browser.css(".rotations a").wait();
    tour.stop("rotation-under-way");
}

fn clean_up(tour: &Tour<'_>) {
    let Tour { browser, .. } = *tour;
    browser.script("location.hash = '#/usage'");
    browser.button("Clean up unused keys").click();
    browser.css(".clean-up .facts").wait();
    tour.stop("clean-up");
    // Each of them, until none is left.
    browser.until("the end of the round", || {
        browser.press("l");
        browser.css("#clean-up-day").is_there()
    });
    tour.stop("clean-up-over");
    browser.button("Done").click();
    browser.css("dialog[open]").wait_gone();
}
