//! What is done when a key turns up somewhere, has leaked, or was never saved.

use super::Tour;
use crate::browser::key;
use crate::create_dialog::CreateDialog;
use crate::revoke_dialog::RevokeDialog;
use crate::server::Server;

const FOUND: &str = "release-robot";
const LEAKED: &str = "billing-export";
/// The name that is offered for the key in its place.
const REPLACEMENT: &str = "billing-export-2";
const LOST: &str = "nightly-report";

pub(super) fn walk(tour: &Tour<'_>) {
    let server = Server::demo();
    let token = server.api().sign_in(server.account());
    let [found, leaked] = [FOUND, LEAKED].map(|name| server.api().create(&token, name).api_key);
    tour.sign_in(&server);
    a_key_turns_up(tour, &found);
    a_key_has_leaked(tour, &leaked);
    a_key_was_never_saved(tour);
}

fn a_key_turns_up(tour: &Tour<'_>, secret: &str) {
    let Tour { browser, .. } = *tour;
    browser.button("Identify a key").click();
    browser.until_focus_is_on("Paste here");
    tour.stop("identify");
    browser.paste("only words");
    browser.see("There is no key in this text.");
    tour.stop("identify-no-key");
    browser.paste(secret);
    browser.heading(&format!("This is likely “{FOUND}”")).wait();
    tour.stop("identify-found");
    browser.button(&format!("Does it still work? ({FOUND})")).click();
    browser.see("The Key API still takes this key.");
    tour.stop("identify-alive");
    browser.button(&format!("Revoke {FOUND}")).click();
    let revocation = RevokeDialog::on(browser, FOUND);
    tour.stop("identify-revoke");
    revocation.typed_name().fill(FOUND);
    revocation.confirm();
    browser.until_focus_is_on("Prove it is dead");
    tour.stop("identify-revoked");
    browser.press(key::ENTER);
    browser.see("The Key API rejected it at ");
    tour.stop("identify-dead");
    leave(tour);
    // A key of somebody else.
    browser.button("Identify a key").click();
    browser.until_focus_is_on("Paste here");
    browser.paste(&secret.replace("occ_", "occ_0"));
    browser.see("none of your keys matches it");
    tour.stop("identify-stranger");
    leave(tour);
}

fn a_key_has_leaked(tour: &Tour<'_>, secret: &str) {
    let Tour { browser, .. } = *tour;
    browser.press("l");
    browser.until_focus_is_on("Paste here");
    tour.stop("leak");
    browser.paste(secret);
    browser.heading(&format!("“{LEAKED}” has leaked")).wait();
    tour.stop("leak-found");
    browser.button("Create the replacement").click();
    let creation = CreateDialog::on(browser);
    browser.until_focus_is_on("Name");
    tour.stop("leak-replacement");
    creation.submit().click();
    creation.until_it_shows(REPLACEMENT);
    creation.copy();
    browser.button("I have saved it").click();
    browser.until_focus_is_on("Revoke the leaked key");
    tour.stop("leak-replaced");
    browser.press(key::ENTER);
    browser.until_focus_is_on("Prove it is dead");
    tour.stop("leak-revoked");
    browser.press(key::ENTER);
    browser.see("The Key API rejected it at ");
    tour.stop("leak-dead");
    browser.press(key::ESCAPE);
    browser.until_focus_is_on("Keep open");
    tour.stop("leak-leave");
    browser.button("Close anyway").click();
    browser.css("dialog[open]").wait_gone();
}

fn a_key_was_never_saved(tour: &Tour<'_>) {
    let Tour { browser, .. } = *tour;
    browser.button("Create key").click();
    CreateDialog::on(browser).create(LOST);
    browser.reload_against_advice();
    browser.see(&format!("You created “{LOST}” and never confirmed saving its key."));
    tour.stop("lost-secret");
    browser.button("Replace").click();
    let creation = CreateDialog::on_secret_of(browser, LOST);
    tour.stop("lost-secret-replacement");
    creation.copy();
    creation.close_as_saved();
    browser.see("the old key was revoked");
    tour.stop("lost-secret-replaced");
}

fn leave(tour: &Tour<'_>) {
    tour.browser.press(key::ESCAPE);
    tour.browser.css("dialog[open]").wait_gone();
}
