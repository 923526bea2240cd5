//! Where a test takes place: a server and a browser, and what must be true when it is over.

use std::cell::RefCell;
use std::thread;

use serde_json::Value;

use crate::browser::Browser;
use crate::keys::KeysPage;
use crate::proxy::Proxy;
use crate::server::Server;
use crate::sign_in::SignInPage;
use crate::sweep::{self, Canary, Kind};

/// A server on a database of its own and a browser with a profile of its own.
///
/// When it is dropped, and the test has not failed before, it checks that no page did what its policy
/// forbids, that the browser's console holds nothing but what was expected, and that none of the
/// secrets it was told stands where it must not: see [`sweep`].
#[derive(Debug)]
pub struct Scene {
    /// There is one until the scene ends. Declared, and so dropped, before the server.
    browser: Option<Browser>,
    /// What stands between the two, if anything does.
    proxy: Option<Proxy>,
    /// The server.
    pub server: Server,
    canaries: RefCell<Vec<Canary>>,
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

    /// The same in the Chromium that people use, with all that belongs to a window: tabs that hide each
    /// other among them.
    pub fn open_in_whole_browser() -> Self {
        Self::of(Server::start(), None, Browser::start_whole())
    }

    /// A browser for this server.
    pub fn with(server: Server) -> Self {
        Self::of(server, None, Browser::start())
    }

    /// A browser that meets this server through a proxy. Every secret that the server tells through
    /// the proxy is kept.
    pub fn behind_proxy(server: Server) -> Self {
        let proxy = Proxy::before(&server);
        Self::of(server, Some(proxy), Browser::start())
    }

    /// The same in the Chromium that people use.
    pub fn behind_proxy_in_whole_browser() -> Self {
        let server = Server::start();
        let proxy = Proxy::before(&server);
        Self::of(server, Some(proxy), Browser::start_whole())
    }

    fn of(server: Server, proxy: Option<Proxy>, browser: Browser) -> Self {
        let scene = Self {
            browser: Some(browser),
            proxy,
            canaries: RefCell::default(),
            expected: RefCell::default(),
            server,
        };
        scene.browser().before_every_page(sweep::WATCH);
        scene.browser().before_every_page(&format!(
            "document.addEventListener('securitypolicyviolation', (event) => console.error(
                '{VIOLATION}', event.effectiveDirective, event.blockedURI, event.sample))"
        ));
        scene.keep(Kind::Password, &scene.server.account().password);
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

    /// From now on, lets time run this many times as fast: in this tab, in pages to come, and for the
    /// proxy. Not while somebody signs in: to check a password takes a server longer than a page in
    /// haste waits.
    pub fn hasten(&self, factor: u32) {
        self.proxy().hasten(factor);
        self.browser().script(&format!("__probe.hasten({factor})"));
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

    /// Uses a key so many times. Of the tokens that it yields, the last is looked for in the end: to
    /// look for hundreds takes minutes.
    #[track_caller]
    pub fn use_key(&self, secret: &str, times: usize) {
        let tokens = (0..times).map(|_| self.server.api().exchange(secret).expect("the key works"));
        if let Some(token) = tokens.last() {
            self.keep_secret(&token);
        }
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
            self.canaries.borrow_mut().push(Canary::of_field(name, &token));
            token
        };
        Tokens { access: token("access_token"), refresh: token("refresh_token") }
    }

    /// Says that this is a secret: a whole API key, or one that no page has anything to do with.
    pub fn keep_secret(&self, secret: &str) {
        let kind = if secret.starts_with("occ_") { Kind::ApiKey } else { Kind::Echo };
        self.keep(kind, secret);
    }

    /// Says that this is a secret of this kind.
    pub fn keep(&self, kind: Kind, secret: &str) {
        self.canaries.borrow_mut().push(Canary::new(kind, secret));
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

    /// What is wrong with where secrets stand while the browser and the server run: in every tab,
    /// in what was sent, and in what the server has written. (What it wrote last is in the
    /// write-ahead log of its database.)
    fn sweep(&self, canaries: &[Canary]) -> Vec<String> {
        let mut wrong = sweep::requests(&sweep::sent(self.browser(), &self.origin()), canaries);
        for tab in self.browser().tabs() {
            self.browser().go_to_tab(&tab);
            wrong.extend(sweep::page(self.browser(), canaries));
        }
        wrong.extend(self.server.traces(canaries));
        wrong
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        self.check_console();
        let told = self.proxy.iter().flat_map(Proxy::secrets);
        self.canaries.get_mut().extend(told.map(|it| Canary::of_field(it.field, &it.text)));
        let canaries = self.canaries.take();
        let mut wrong = self.sweep(&canaries);
        if let Some(browser) = self.browser.take() {
            let profile = browser.close();
            // A browser keeps what stood in session storage there for a while, also when it was
            // removed: docs/SECURITY.md says so.
            wrong.extend(sweep::folder(profile.path(), "Session Storage", &canaries));
        }
        self.server.stop();
        wrong.extend(self.server.traces(&canaries));
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
