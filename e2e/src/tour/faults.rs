//! What a bad network and a bad server look like.

use super::Tour;
use crate::inquiry_dialog::InquiryDialog;
use crate::keys::KeysPage;
use crate::proxy::edit::Edit;
use crate::proxy::fault::Fault;
use crate::proxy::message::Answer;
use crate::proxy::operation::Operation;
use crate::proxy::{Calls, Proxy};
use crate::server::Server;
use crate::sign_in::SignInPage;

/// How many times as fast the time of pages runs that wait for a fault to end.
const HASTE: u32 = 10;

/// From here on nothing comes about in the page by the passing of time.
const STOP_TIME: &str = "const { clearTimeout } = window;
     for (let id = Number(setTimeout(() => {})); id > 0; id -= 1) clearTimeout(id)";

pub(super) fn walk(tour: &Tour<'_>) {
    let Tour { browser, .. } = *tour;
    let server = Server::demo();
    let proxy = open(tour, &server);
    let page = KeysPage::on(browser);

    proxy.inject(Operation::List, Calls::From(1), Fault::StallHeaders);
    browser.script(STOP_TIME);
    page.refresh();
    browser.see("taking longer");
    tour.stop("fault-slow");
    heal(tour, &proxy);
    proxy.inject(Operation::List, Calls::From(1), Fault::StallHeaders);
    page.refresh();
    browser.see("did not answer in time");
    tour.stop("fault-timed-out");
    heal(tour, &proxy);

    let portal = Answer::html(200, "Welcome to the wireless network");
    for (fault, words, state) in [
        (Fault::Answer(portal), "did not come from a Key API", "not-an-api"),
        (Fault::Reset, "could not be reached", "unreachable"),
        (Fault::Edit(Edit::Remove("created")), "unreadable", "unreadable-row"),
        (Fault::Answer(Answer::json(429, "{}").with("retry-after", "90")), "90", "throttled"),
    ] {
        proxy.inject(Operation::List, Calls::From(1), fault);
        page.refresh();
        browser.see(words);
        tour.stop(&format!("fault-{state}"));
        heal(tour, &proxy);
    }

    browser.set_offline(true);
    browser.see("You are offline.");
    tour.stop("fault-offline");
    browser.set_offline(false);
    let refused = Answer::json(400, "{}");
    proxy.expire_tokens();
    proxy.inject(Operation::Refresh, Calls::From(1), Fault::Answer(refused));
    page.refresh();
    browser.see("Your session has ended.");
    tour.stop("fault-session-ended");

    // At another address, because the browser has kept the files of this one.
    let proxy = Proxy::before(&server);
    proxy.inject(Operation::LoadAssets, Calls::From(1), Fault::Answer(Answer::json(404, "{}")));
    browser.goto(&proxy.origin());
    browser.see("Something went wrong");
    tour.stop("fault-no-app");

    let proxy = Proxy::before(&server);
    proxy.change(|path, answer| {
        if path.starts_with("/workspace-") {
            answer.body.clear();
        }
    });
    browser.goto(&proxy.origin());
    SignInPage::on(browser).sign_in(server.account());
    browser.see("The app could not be loaded");
    tour.stop("fault-no-app-behind-the-sign-in");
}

/// Creations whose answer was lost.
pub(super) fn walk_creations(tour: &Tour<'_>) {
    let Tour { browser, .. } = *tour;
    let server = Server::demo();
    let proxy = open(tour, &server);
    let page = KeysPage::on(browser);
    for (fault, name, state) in [
        (Fault::LoseAnswer, "billing, production", "found"),
        (Fault::Reset, "nightly-job", "not-found"),
    ] {
        proxy.inject(Operation::Create, Calls::Nth(1), fault);
        let creation = page.open_creation();
        creation.name().fill(name);
        creation.submit().click();
        InquiryDialog::on(browser, name).until_decided();
        tour.stop(&format!("fault-lost-create-{state}"));
        browser.button("Close").click();
        tour.stop(&format!("fault-lost-create-{state}-closed"));
    }
}

fn open(tour: &Tour<'_>, server: &Server) -> Proxy {
    let proxy = Proxy::before(server);
    tour.browser.goto(&proxy.origin());
    // A busy machine takes its time for the check of a password.
    SignInPage::on(tour.browser).sign_in(server.account());
    KeysPage::on(tour.browser);
    proxy.hasten(HASTE);
    tour.browser.reload();
    KeysPage::on(tour.browser);
    proxy
}

fn heal(tour: &Tour<'_>, proxy: &Proxy) {
    proxy.heal();
    tour.browser.reload();
    KeysPage::on(tour.browser);
}
