//! The table of keys, what is asked of it, and the pages of single keys.

use super::Tour;
use crate::browser::key;
use crate::hold::Hold;
use crate::keys::KeysPage;
use crate::server::Server;

/// Keys of the demo account, and what is special about their usage.
const USAGES: [(&str, &str); 4] = [
    ("Production backend", "healthy"),
    ("Webhook relay", "failing"),
    ("Load test", "over-quota"),
    ("Spare for the on-call phone", "none"),
];

pub(super) fn walk(tour: &Tour<'_>) {
    let Tour { browser, .. } = *tour;
    let demo = Server::demo();
    let page = tour.sign_in(&demo);
    tour.stop("list");
    what_is_asked(tour, page);
    what_opens(tour);
    what_is_chosen(tour, page);
    for (name, kind) in USAGES {
        page.open_usage(name).chart();
        tour.stop(&format!("usage-{kind}"));
        if kind == "healthy" {
            browser.button("Watch live").click();
            browser.see("New since you began to watch");
            tour.stop("usage-live");
        }
        browser.link("← API keys").click();
        KeysPage::on(browser);
    }
    browser.css(".toolbar a[href='#/usage']").click();
    browser.heading("Usage of all keys").wait();
    browser.see("Failing");
    browser.see_no("not loaded yet");
    tour.stop("usage-all");
    browser.link("← API keys").click();
    KeysPage::on(browser);
    imitations(tour, page, &demo);
    browser.block("*/keys/");
    browser.reload();
    browser.heading("Your keys could not be loaded").wait();
    tour.stop("list-failed");
    browser.block_nothing();
}

fn what_is_asked(tour: &Tour<'_>, page: KeysPage<'_>) {
    let Tour { browser, .. } = *tour;
    page.search().fill("back");
    browser.see("hidden by the search");
    tour.stop("list-searched");
    page.search().fill("nothing is called that");
    browser.heading("No key matches “nothing is called that”").wait();
    tour.stop("list-no-match");
    browser.button("Clear search").click();
    browser.css("[role=columnheader] [data-action=name]").click();
    browser.css("[role=columnheader][aria-sort=ascending]").wait();
    page.filter("used", "never");
    browser.see("hidden by filters");
    tour.stop("list-filtered");
    page.filter("used", "");
    browser.see_no("hidden by filters");
}

fn what_opens(tour: &Tour<'_>) {
    let Tour { browser, .. } = *tour;
    for (name, state) in [
        ("View", "view-menu"),
        ("Export", "export-menu"),
        ("More for Production backend", "row-menu"),
    ] {
        browser.button(name).click();
        browser.css("[popover]:popover-open").wait();
        tour.stop(state);
        browser.press(key::ESCAPE);
        browser.css("[popover]:popover-open").wait_gone();
    }
    browser.button("More for Production backend").click();
    browser.button("Copy name").click();
    browser.see("Copied the name");
    tour.stop("toast");
    browser.button("Dismiss").click();
}

fn what_is_chosen(tour: &Tour<'_>, page: KeysPage<'_>) {
    let Tour { browser, .. } = *tour;
    for name in ["new-service", "Load test"] {
        page.choose(name);
    }
    browser.see("2 keys selected");
    tour.stop("list-selected");
    browser.button("Revoke selected…").click();
    browser.heading("Revoke 2 keys?").wait();
    tour.stop("revoke-many");
    browser.button("Revoke 2 keys").click();
    browser.see("Type 2 to confirm.");
    tour.stop("revoke-many-wrong");
    browser.button("Cancel").click();
    browser.button("Clear selection").click();
}

/// More keys than are drawn at once, and what revoking some of them looks like on the way.
pub(super) fn walk_many(tour: &Tour<'_>) {
    const KEYS: usize = 120;
    let Tour { browser, .. } = *tour;
    let server = Server::start();
    let token = server.api().sign_in(server.account());
    for number in 1..=KEYS {
        server.api().create(&token, &format!("worker-{number:03}"));
    }
    let page = tour.sign_in(&server);
    browser.see("120 keys");
    browser.script("scrollTo(0, document.documentElement.scrollHeight / 2)");
    browser.css("tr[aria-rowindex='61']").wait();
    tour.stop("many");
    browser.script("scrollTo(0, 0)");
    browser.button("View").click();
    browser.choice("Pages of 50").click();
    browser.press(key::ESCAPE);
    browser.see("Page 1 of 3");
    tour.stop("many-in-pages");

    for name in ["worker-120", "worker-119", "worker-118"] {
        page.choose(name);
    }
    browser.button("Revoke selected…").click();
    browser.css("#revoke-many-count").fill("3");
    let revocation = Hold::here(browser, "DELETE", "");
    browser.button("Revoke 3 keys").click();
    revocation.until_it_holds();
    tour.stop("revoke-many-running");
    browser.button("Stop").click();
    browser.see("Stopping after this key…");
    tour.stop("revoke-many-stopping");
    revocation.let_go();
    browser.button("Go on with the rest").wait();
    tour.stop("revoke-many-stopped");
    browser.button("Done").click();
    browser.script("localStorage.clear()");
}

/// Keys whose names imitate another, or hide something.
fn imitations(tour: &Tour<'_>, page: KeysPage<'_>, server: &Server) {
    let Tour { browser, .. } = *tour;
    let token = server.api().sign_in(server.account());
    let names = ["Productiоn backend", "invoice\u{202E}fdp.exe", "מפתח לבדיקות 123"];
    for name in names {
        server.api().create(&token, name);
    }
    page.refresh();
    browser.see(names[0]);
    tour.stop("list-imitations");
    page.open_revocation("Production backend");
    browser.css("dialog[open] .lookalikes").wait();
    tour.stop("revoke-alike");
    browser.button("Cancel").click();
    for name in names {
        page.choose(&shown(name));
    }
    browser.button("Revoke selected…").click();
    browser.css("#revoke-many-count").fill("3");
    browser.button("Revoke 3 keys").click();
    browser.button("Done").wait();
    tour.stop("revoke-many-over");
    browser.button("Done").click();
}

/// A name as labels have it.
fn shown(name: &str) -> String {
    name.replace('\u{202E}', "⟨U+202E⟩")
}
