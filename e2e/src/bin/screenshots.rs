//! Takes a picture of every state of the site, in light and dark, narrow and wide:
//! `cargo run -p e2e --bin screenshots -- FOLDER`, with the variables of `cargo xtask test e2e`.

use std::path::{Path, PathBuf};
use std::{env, fs};

use e2e::browser::{Browser, key};
use e2e::inquiry_dialog::InquiryDialog;
use e2e::keys::KeysPage;
use e2e::proxy::edit::Edit;
use e2e::proxy::fault::Fault;
use e2e::proxy::message::Answer;
use e2e::proxy::operation::Operation;
use e2e::proxy::{Calls, Proxy};
use e2e::server::{Account, Server};
use e2e::sign_in::SignInPage;
use serde_json::json;

/// A window and the colours that its user prefers.
#[derive(Clone, Copy, Debug)]
struct Variant {
    scheme: &'static str,
    width: u32,
    height: u32,
}

/// Takes pictures in one variant.
#[derive(Clone, Copy, Debug)]
struct Photographer<'a> {
    browser: &'a Browser,
    variant: Variant,
    folder: &'a Path,
}

const VARIANTS: [Variant; 4] = [
    Variant { scheme: "light", width: 1280, height: 800 },
    Variant { scheme: "dark", width: 1280, height: 800 },
    Variant { scheme: "light", width: 390, height: 844 },
    Variant { scheme: "dark", width: 390, height: 844 },
];

/// Keys of the demo account, and what is special about their usage.
const USAGES: [(&str, &str); 4] = [
    ("Production backend", "healthy"),
    ("Webhook relay", "failing"),
    ("Load test", "over-quota"),
    ("Spare for the on-call phone", "none"),
];

/// How many times as fast the time of pages runs that wait for a fault to end.
const HASTE: u32 = 10;

fn main() {
    let Some(folder) = env::args_os().nth(1).map(PathBuf::from) else {
        panic!("usage: screenshots FOLDER")
    };
    fs::create_dir_all(&folder).expect("the folder can be made");
    let browser = Browser::start();
    for variant in VARIANTS {
        let photographer = Photographer { browser: &browser, variant, folder: &folder };
        photographer.set_up();
        photographer.take_all();
    }
}

impl<'a> Photographer<'a> {
    fn set_up(self) {
        let Variant { scheme, width, height } = self.variant;
        self.browser.resize(width, height);
        self.browser.devtools("Emulation.setScrollbarsHidden", json!({ "hidden": true }));
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.browser.devtools("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    fn take_all(self) {
        let empty = Server::start();
        self.sign_in(&empty);
        self.browser.heading("No API keys yet").wait();
        self.take("list-empty");

        let demo = Server::demo();
        self.take_sign_in(&demo);
        let page = self.sign_in(&demo);
        self.take("list");
        self.take_creation(page);
        self.take_revocation(page);
        self.take_imitations(page, &demo);
        for (name, kind) in USAGES {
            page.open_usage(name).chart();
            self.take(&format!("usage-{kind}"));
            self.browser.link("← API keys").click();
        }
        self.take_failure();
        self.take_faults();
    }

    fn take_sign_in(self, server: &Server) {
        self.browser.goto(&server.origin());
        let page = SignInPage::on(self.browser);
        self.take("sign-in");
        page.sign_in(&Account { password: "wrong".to_owned(), ..server.account().clone() });
        page.complaint();
        self.take("sign-in-wrong");
    }

    fn sign_in(self, server: &Server) -> KeysPage<'a> {
        self.browser.goto(&server.origin());
        SignInPage::on(self.browser).sign_in(server.account());
        KeysPage::on(self.browser)
    }

    fn take_creation(self, page: KeysPage<'a>) {
        let dialog = page.open_creation();
        self.take("create");
        dialog.submit().click();
        self.browser.until_focus_is_on("Name");
        self.take("create-wrong");
        dialog.name().fill("Productlon\u{200B} backend");
        self.browser.see("This looks like your key");
        self.take("create-alike");
        dialog.create("billing, production");
        self.take("create-concealed");
        dialog.reveal();
        self.take("create-revealed");
        self.browser.press(key::ESCAPE);
        dialog.until_it_asks();
        self.take("create-leave");
        self.browser.button("Keep open").click();
        dialog.copy();
        self.browser.see("Copied to the clipboard.");
        self.take("create-copied");
        dialog.close_as_saved();
    }

    fn take_revocation(self, page: KeysPage<'a>) {
        for (name, kind) in [("new-service", "never-used"), ("Production backend", "in-use")] {
            page.open_revocation(name);
            self.browser.css("dialog[open] dd:last-of-type").wait();
            self.take(&format!("revoke-{kind}"));
            self.browser.button("Cancel").click();
        }
    }

    /// Keys whose names imitate another, or hide something.
    fn take_imitations(self, page: KeysPage<'a>, server: &Server) {
        let token = server.api().sign_in(server.account());
        let names = ["Productiоn backend", "invoice\u{202E}fdp.exe", "מפתח לבדיקות 123"];
        for name in names {
            server.api().create(&token, name);
        }
        page.refresh();
        self.browser.see(names[0]);
        self.take("list-imitations");
        page.open_revocation("Production backend");
        self.browser.css("dialog[open] .lookalikes").wait();
        self.take("revoke-alike");
        self.browser.button("Cancel").click();
    }

    fn take_failure(self) {
        self.browser.block("*/keys/");
        self.browser.reload();
        self.browser.heading("Your keys could not be loaded").wait();
        self.take("list-failed");
        self.browser.block_nothing();
    }

    /// What a bad network and a bad server look like.
    fn take_faults(self) {
        let server = Server::demo();
        let proxy = Proxy::before(&server);
        proxy.hasten(HASTE);
        self.browser.goto(&proxy.origin());
        SignInPage::on(self.browser).sign_in(server.account());
        let page = KeysPage::on(self.browser);
        let browser = self.browser;

        proxy.inject(Operation::List, Calls::From(1), Fault::StallHeaders);
        page.refresh();
        browser.see("taking longer");
        self.take("fault-slow");
        browser.see("did not answer in time");
        self.take("fault-timed-out");
        proxy.heal();

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
            self.take(&format!("fault-{state}"));
            proxy.heal();
            browser.reload();
            KeysPage::on(browser);
        }

        proxy.inject(Operation::Create, Calls::Nth(1), Fault::LoseAnswer);
        let creation = page.open_creation();
        creation.name().fill("billing, production");
        creation.submit().click();
        InquiryDialog::on(browser, "billing, production").until_decided();
        self.take("fault-lost-create-found");
        browser.button("Close").click();
        proxy.inject(Operation::Create, Calls::Nth(1), Fault::Reset);
        let creation = page.open_creation();
        creation.name().fill("nightly-job");
        creation.submit().click();
        InquiryDialog::on(browser, "nightly-job").until_decided();
        self.take("fault-lost-create-not-found");
        browser.button("Close").click();

        browser.set_offline(true);
        browser.see("You are offline.");
        self.take("fault-offline");
        browser.set_offline(false);
        let refused = Answer::json(400, "{}");
        proxy.expire_tokens();
        proxy.inject(Operation::Refresh, Calls::From(1), Fault::Answer(refused));
        page.refresh();
        browser.see("Your session has ended.");
        self.take("fault-session-ended");

        // At another address, because the browser has kept the files of this one.
        let proxy = Proxy::before(&server);
        proxy.inject(Operation::LoadAssets, Calls::From(1), Fault::Answer(Answer::json(404, "{}")));
        browser.goto(&proxy.origin());
        browser.see("Something went wrong");
        self.take("fault-no-app");
    }

    fn take(self, state: &str) {
        self.browser.until("all movement to end", || {
            self.browser.script("return document.getAnimations().length") == 0
        });
        let Variant { scheme, width, .. } = self.variant;
        let path = self.folder.join(format!("{state}-{scheme}-{width}.png"));
        fs::write(&path, self.browser.picture()).expect("the picture can be written");
    }
}
