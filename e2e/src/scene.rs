//! Where a test takes place: a server and a browser, and what must be true when it is over.

use std::cell::RefCell;
use std::thread;

use serde_json::Value;

use crate::api::percent_encoded;
use crate::browser::Browser;
use crate::keys::KeysPage;
use crate::proxy::Proxy;
use crate::server::Server;
use crate::sign_in::SignInPage;

/// A server on a database of its own and a browser with a profile of its own.
///
/// When it is dropped, and the test has not failed before, it checks that the server has written
/// none of the secrets it was told, that no page did what its policy forbids, and that the
/// browser's console holds nothing but what was expected.
#[derive(Debug)]
pub struct Scene {
    /// There is one until the scene ends. Declared, and so dropped, before the server.
    browser: Option<Browser>,
    /// What stands between the two, if anything does.
    proxy: Option<Proxy>,
    /// The server.
    pub server: Server,
    secrets: RefCell<Vec<String>>,
    expected: RefCell<Vec<String>>,
}

/// The tokens that the page keeps in its session storage.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// What is presented with every request.
    pub access: String,
    /// What a new access token is bought with.
    pub refresh: String,
}

/// Tells the console of what a page was kept from, which outlives the page there.
const VIOLATION: &str = "a page broke its policy:";
/// What Chromium writes by itself when it keeps a page from something.
const REFUSALS: [&str; 4] =
    ["Content Security Policy", "Integrity-Policy", "Permissions policy", "TrustedHTML"];

/// The name of the one record in session storage.
const SESSION: &str = "occam-keys.session";

impl Scene {
    /// A server with one account and no keys, and a browser that has not been anywhere.
    pub fn open() -> Self {
        Self::with(Server::start())
    }

    /// A browser for this server.
    pub fn with(server: Server) -> Self {
        Self::of(server, None)
    }

    /// A browser that meets this server through a proxy. The time of pages runs `factor` times as
    /// fast. Every secret that the server tells through the proxy is kept.
    pub fn behind_proxy(server: Server, factor: u32) -> Self {
        let proxy = Proxy::before(&server);
        proxy.hasten(factor);
        Self::of(server, Some(proxy))
    }

    fn of(server: Server, proxy: Option<Proxy>) -> Self {
        let scene = Self {
            browser: Some(Browser::start()),
            proxy,
            secrets: RefCell::default(),
            expected: RefCell::default(),
            server,
        };
        scene.keep_secret(&scene.server.account().password);
        scene.browser().before_every_page(&format!(
            "document.addEventListener('securitypolicyviolation', (event) => console.error(
                '{VIOLATION}', event.effectiveDirective, event.blockedURI, event.sample))"
        ));
        scene
    }

    /// The browser.
    pub fn browser(&self) -> &Browser {
        self.browser.as_ref().expect("there is a browser until the scene ends")
    }

    /// The proxy between the browser and the server.
    pub fn proxy(&self) -> &Proxy {
        self.proxy.as_ref().expect("the scene was opened with a proxy")
    }

    /// Where the site is for the browser, without a path.
    pub fn origin(&self) -> String {
        self.proxy.as_ref().map_or_else(|| self.server.origin(), Proxy::origin)
    }

    /// Opens the site, where nobody is signed in yet.
    #[track_caller]
    pub fn open_site(&self) -> SignInPage<'_> {
        self.browser().goto(&self.origin());
        SignInPage::on(self.browser())
    }

    /// Opens the site and signs in.
    #[track_caller]
    pub fn sign_in(&self) -> KeysPage<'_> {
        self.open_site().sign_in(self.server.account());
        self.signed_in()
    }

    /// Waits until somebody is signed in and the list of keys has come.
    #[track_caller]
    pub fn signed_in(&self) -> KeysPage<'_> {
        let page = KeysPage::on(self.browser());
        self.tokens();
        page
    }

    /// Makes a key, closes the dialog with its secret, and gives the secret.
    #[track_caller]
    pub fn create(&self, name: &str) -> String {
        let dialog = KeysPage::on(self.browser()).open_creation();
        dialog.create(name);
        let secret = dialog.reveal();
        self.keep_secret(&secret);
        dialog.close_as_saved();
        secret
    }

    /// Signs in and makes a key. Gives its secret.
    #[track_caller]
    pub fn sign_in_and_create(&self, name: &str) -> (KeysPage<'_>, String) {
        let page = self.sign_in();
        let secret = self.create(name);
        page.until_names_are(&[name]);
        (page, secret)
    }

    /// The tokens of who is signed in. From now on they are secrets.
    #[track_caller]
    pub fn tokens(&self) -> Tokens {
        let record = self.browser().script(&format!("return sessionStorage.getItem('{SESSION}')"));
        let record = record.as_str().expect("somebody is signed in");
        let record: Value = serde_json::from_str(record).expect("the record is JSON");
        let token = |name: &str| {
            let token = record[name].as_str().expect("the record holds the tokens").to_owned();
            self.keep_secret(&token);
            token
        };
        Tokens { access: token("access_token"), refresh: token("refresh_token") }
    }

    /// Says that the server may write this nowhere.
    pub fn keep_secret(&self, secret: &str) {
        self.secrets.borrow_mut().push(secret.to_owned());
    }

    /// Says that the console is to hold lines that contain `part`.
    pub fn expect_in_console(&self, part: &str) {
        self.expected.borrow_mut().push(part.to_owned());
    }

    fn check_console(&self) {
        let lines = self.browser().console();
        let expected = self.expected.borrow();
        for line in &lines {
            let is_expected = expected.iter().any(|part| line.text.contains(part));
            let is_chatter = ["INFO", "DEBUG"].contains(&line.level.as_str());
            // A violation is never what is expected, whatever else its line says.
            let mut refusals = REFUSALS.iter().chain([&VIOLATION]);
            assert!(!refusals.any(|part| line.text.contains(part)), "a violation: {line:?}");
            assert!(is_expected || is_chatter, "the console holds {line:?}");
        }
        for part in expected.iter() {
            let was_seen = lines.iter().any(|line| line.text.contains(part));
            assert!(was_seen, "the console does not hold {part:?}, but {lines:?}");
        }
    }

    /// Looks for the secrets as they are and as a form or a URL would hold them.
    fn check_traces(&self) {
        for secret in self.secrets.borrow().iter() {
            for form in [secret.clone(), percent_encoded(secret)] {
                let traces = self.server.traces_of(&form);
                assert!(traces.is_empty(), "a secret stands in {traces:?}");
            }
        }
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        self.check_console();
        for secret in self.proxy.iter().flat_map(Proxy::secrets) {
            self.keep_secret(&secret.text);
        }
        // While the server runs, what it wrote last is in the write-ahead log of its database.
        self.check_traces();
        drop(self.browser.take());
        self.server.stop();
        self.check_traces();
    }
}
