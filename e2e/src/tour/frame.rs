//! What is there on every page, and the page without keys.

use super::Tour;
use crate::browser::key;
use crate::keys::KeysPage;
use crate::server::{Account, Server};
use crate::sign_in::SignInPage;

pub(super) fn walk(tour: &Tour<'_>) {
    let Tour { browser, .. } = *tour;
    let empty = Server::start();
    browser.goto(&empty.origin());
    let page = SignInPage::on(browser);
    tour.stop("sign-in");
    page.sign_in(&Account { password: "wrong".to_owned(), ..empty.account().clone() });
    page.complaint();
    tour.stop("sign-in-wrong");
    tour.sign_in(&empty);
    browser.heading("No API keys yet").wait();
    tour.stop("list-empty");

    browser.press("?");
    browser.heading("Keyboard shortcuts").wait();
    tour.stop("shortcuts");
    browser.press(key::ESCAPE);
    browser.css("dialog[open]").wait_gone();
    browser.press_together(&[key::CONTROL, "k"]);
    browser.css("[role=listbox] [role=option]").wait();
    tour.stop("palette");
    browser.write("nothing is called so");
    browser.see("No command and no key matches.");
    tour.stop("palette-nothing");
    browser.press(key::ESCAPE);
    browser.css("dialog[open]").wait_gone();
}

/// The main pages from right to left, in their own words. Elements are found by what they are:
/// their names are other ones here.
pub(super) fn walk_in_arabic(tour: &Tour<'_>) {
    let Tour { browser, .. } = *tour;
    let demo = Server::demo();
    browser.goto(&demo.origin());
    SignInPage::on(browser);
    browser.script("localStorage.setItem('occam-keys.language', 'ar'); location.reload()");
    browser.css("html[dir=rtl] #sign-in-form[data-adopted]").wait();
    tour.stop("arabic-sign-in");
    browser.css("#username").fill(&demo.account().email);
    browser.css("#password").fill(&demo.account().password);
    browser.css("#sign-in-submit").click();
    browser.css("main [aria-busy=false] [role=rowheader]").wait();
    tour.stop("arabic-list");
    browser.press("?");
    browser.css("dialog[open] .shortcuts").wait();
    tour.stop("arabic-shortcuts");
    browser.press(key::ESCAPE);
    browser.css("dialog[open]").wait_gone();
    browser.css(".page-head .button.primary").click();
    browser.css("dialog[open] input").fill("billing, production");
    tour.stop("arabic-create");
    browser.css("dialog[open] [type=submit]").click();
    browser.css("dialog[open] .secret").wait();
    tour.stop("arabic-create-concealed");
    browser.press(key::ESCAPE);
    browser.css("dialog[open] .question").wait();
    tour.stop("arabic-create-leave");
    browser.css("dialog[open] .question .danger").click();
    browser.css("dialog[open]").wait_gone();
    browser.css("[data-action=revoke]").click();
    browser.css("dialog[open] dd:last-of-type").wait();
    tour.stop("arabic-revoke");
    browser.press(key::ESCAPE);
    browser.css("dialog[open]").wait_gone();
    browser.css("[role=row] a[href^='#/keys/']").click();
    browser.css("svg[role=img]").wait();
    tour.stop("arabic-usage");
    browser.script("localStorage.clear(); location.hash = '#/keys'; location.reload()");
    KeysPage::on(browser);
}

pub(super) fn walk_styleguide(tour: &Tour<'_>) {
    let Tour { browser, .. } = *tour;
    let server = Server::start();
    browser.goto(&format!("{}/#/styleguide", server.origin()));
    browser.heading("Design system of Occam Keys").wait();
    tour.stop("styleguide");
}
