//! Where a cell takes place: a server and a proxy of its own, a fresh tab, and the operation as a
//! user does it.

use std::cell::{Cell, RefCell};
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::table::{Step, words};
use crate::browser::{Browser, Engine};
use crate::create_dialog::CreateDialog;
use crate::keys::KeysPage;
use crate::proxy::fault::Fault;
use crate::proxy::operation::Operation;
use crate::proxy::{Calls, Proxy, probe};
use crate::server::Server;

/// The page's time runs this many times as fast.
const HASTE: u32 = 10;
/// How long anything may take, in the test's own time.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks, which keep the app from its work. What is on show for a second of the page's
/// time must be seen.
const PAUSE: Duration = Duration::from_millis(20);
const LOOK: &str = include_str!("look.js");
/// What looks at the list again, where the user is to know what became of a key.
const LOOK_AGAIN: &str = "Look again";

/// The key that is there from the beginning.
const OLD: &str = "ci-bot";
/// Another one, which stays.
const OTHER: &str = "billing";
/// The key that was made behind the page's back, so that a new list differs from an old one.
const NEWS: &str = "made-elsewhere";
/// The key that the page makes.
const MADE: &str = "made-here";

/// A browser before a site that a proxy can fail.
#[derive(Debug)]
pub struct Stage<'a> {
    /// The browser, in a tab of its own.
    pub browser: &'a Browser,
    /// The real server.
    pub server: Server,
    /// What stands between them.
    pub proxy: Proxy,
    /// What the user wants to do.
    pub operation: Operation,
    wishes: Cell<usize>,
    heard: RefCell<String>,
    kills: Cell<bool>,
    comes_back: Cell<bool>,
}

/// What can be seen of the page.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Sight {
    /// The texts of its alerts and status lines.
    pub messages: String,
    /// All its text.
    pub page: String,
    /// Its headings.
    pub headings: Vec<String>,
    /// The names in the table of keys.
    pub names: Vec<String>,
    /// What can be pressed now.
    pub buttons: Vec<String>,
    /// Whether the sign-in form can be seen.
    pub form: bool,
    /// Whether the app has taken over that form.
    pub adopted: bool,
    /// Whether a chart can be seen.
    pub chart: bool,
    /// Whether a dialog is open.
    pub dialog: bool,
    /// Whether the tab's storage holds a session.
    pub session: bool,
    /// Whether something says that it is busy.
    pub busy: bool,
    /// What has the focus; empty if nothing has.
    pub focus: String,
    /// Whether this is a page of the site at all.
    pub probed: bool,
}

impl Sight {
    /// Whether all these words are said, without regard to case; `|` between alternatives.
    pub fn says(&self, words: &[&str]) -> bool {
        said(&self.messages, words)
    }
}

/// Whether `text` holds all these words, without regard to case; `|` between alternatives.
pub fn said(text: &str, words: &[&str]) -> bool {
    let text = text.to_lowercase();
    words.iter().all(|word| word.split('|').any(|one| text.contains(&one.to_lowercase())))
}

impl<'a> Stage<'a> {
    /// Brings the app to the point at which this operation is the next thing to do.
    ///
    /// # Errors
    /// What did not come about.
    pub fn set(browser: &'a Browser, operation: Operation) -> Result<Self, String> {
        browser.set_patience(PATIENCE);
        let server = Server::start();
        let proxy = Proxy::before(&server);
        let stage = Self {
            browser,
            server,
            proxy,
            operation,
            wishes: Cell::new(0),
            heard: RefCell::default(),
            kills: Cell::new(false),
            comes_back: Cell::new(false),
        };
        browser.change_tab();
        if operation == Operation::LoadAssets {
            stage.proxy.hasten(HASTE);
            return Ok(stage);
        }
        let token = stage.server.api().sign_in(stage.server.account());
        for name in [OTHER, OLD] {
            stage.server.api().create(&token, name);
        }
        stage.open();
        stage.until("the app to be there", |sight| sight.adopted)?;
        if operation == Operation::SignIn {
            stage.hasten();
            return Ok(stage);
        }
        stage.sign_in();
        stage.until("the list", |sight| sight.names == [OLD, OTHER] && !sight.busy)?;
        if [Operation::List, Operation::Refresh].contains(&operation) {
            stage.server.api().create(&token, NEWS);
        }
        match operation {
            Operation::Create => {
                KeysPage::on(browser).open_creation().name().fill(MADE);
            }
            Operation::Revoke => {
                KeysPage::on(browser).open_revocation(OLD);
            }
            _ => {}
        }
        stage.hasten();
        Ok(stage)
    }

    /// Lets time run fast from now on, when no more is to be got ready: a deadline that passes before
    /// would say nothing.
    fn hasten(&self) {
        self.proxy.hasten(HASTE);
        self.browser.script(&format!("__probe.hasten({HASTE})"));
    }

    /// Brings a step about.
    pub fn take(&self, step: &Step) {
        match step {
            Step::Always(operation, fault) => {
                self.proxy.inject(*operation, Calls::From(1), fault.clone());
            }
            Step::Once(operation, fault) => {
                self.proxy.inject(*operation, Calls::Next(1), fault.clone());
            }
            Step::NoSuchHost => self.divert(probe::NO_SUCH_HOST),
            Step::OtherOrigin => self.divert(&self.proxy.other_origin()),
            Step::Offline => self.set_offline(true),
            Step::Flapping => {
                for offline in [true, false, true, false] {
                    self.set_offline(offline);
                }
            }
            Step::OfflineForAWhile => {
                self.set_offline(true);
                self.comes_back.set(true);
            }
            Step::Jump(wall, monotonic) => {
                self.browser.script(&format!(
                    "__probe.jump({wall}, {monotonic});
                     document.dispatchEvent(new Event('visibilitychange'));"
                ));
            }
            Step::DeleteKey => {
                let api = self.server.api();
                let token = api.sign_in(self.server.account());
                let keys = api.keys(&token).unwrap_or_default();
                for key in keys.iter().filter(|key| key.name == OLD) {
                    api.delete(&token, &key.uuid);
                }
            }
            Step::KillServer => {
                self.proxy.inject(self.operation, Calls::From(1), Fault::StallHeaders);
                self.kills.set(true);
            }
        }
    }

    /// Does the operation, up to where the user has no more to do.
    ///
    /// # Errors
    /// What did not come about.
    pub fn act(&self) -> Result<(), String> {
        let browser = self.browser;
        match self.operation {
            Operation::LoadAssets => self.open(),
            Operation::SignIn => self.sign_in(),
            Operation::Refresh => {
                self.proxy.expire_tokens();
                browser.button("Refresh").click();
            }
            Operation::List => browser.button("Refresh").click(),
            Operation::Create => {
                self.wish();
                browser.button("Create").click();
            }
            Operation::Revoke => browser.button("Revoke key").click(),
            Operation::Usage => browser.link(&format!("Usage of {OLD}")).click(),
            Operation::SignOut => browser.button("Sign out").click(),
        }
        if self.kills.get() {
            self.wait("the server to have the request", || {
                self.proxy.held() > 0 && self.proxy.has_answered_page()
            })?;
            self.server.kill();
            self.proxy.heal();
        }
        if self.comes_back.get() {
            self.look();
            self.set_offline(false);
        }
        Ok(())
    }

    /// Whether the operation has done what it is for.
    pub fn is_done(&self, sight: &Sight) -> bool {
        match self.operation {
            Operation::LoadAssets => sight.adopted && sight.form,
            Operation::SignIn => {
                !sight.form && !sight.busy && sight.names.iter().any(|name| name == OLD)
            }
            Operation::Refresh | Operation::List => {
                !sight.form && sight.names.iter().any(|name| name == NEWS)
            }
            Operation::Create => {
                let title = format!("Copy the key “{MADE}” now");
                !sight.form && sight.headings.contains(&title)
            }
            Operation::Revoke => {
                let has = |name: &str| sight.names.iter().any(|shown| shown == name);
                !sight.form && !sight.dialog && has(OTHER) && !has(OLD)
            }
            Operation::Usage => !sight.form && sight.chart && sight.headings.contains(&OLD.into()),
            Operation::SignOut => {
                sight.form && sight.adopted && !sight.session && sight.says(&["signed out"])
            }
        }
    }

    /// Ends every fault.
    pub fn heal(&self) {
        self.proxy.heal();
        if self.kills.replace(false) {
            self.server.start_again();
        }
        self.set_offline(false);
        self.browser.script("window.__probe?.undivert()");
    }

    /// Does what the page offers to try again, once, as soon as it offers it; and waits for
    /// success. If it succeeds by itself before, nothing is done.
    ///
    /// # Errors
    /// What did not come about.
    pub fn retry(&self) -> Result<(), String> {
        let offer = self.await_offer(self.offers())?;
        if offer == Some(LOOK_AGAIN) {
            // What became of the key is to be known before another is made.
            self.browser.button(LOOK_AGAIN).click();
            let rest = self.offers().iter().copied().filter(|it| *it != LOOK_AGAIN);
            let offer = self.await_offer(&rest.collect::<Vec<_>>())?;
            return self.take_up(offer);
        }
        self.take_up(offer)
    }

    /// Waits for the first of these that is offered; `None` if there is success without.
    fn await_offer(&self, offers: &[&'static str]) -> Result<Option<&'static str>, String> {
        let mut sight = self.look();
        let deadline = Instant::now() + PATIENCE;
        // Whoever does not offer anything yet may be trying by itself.
        loop {
            if self.is_done(&sight) {
                return Ok(None);
            }
            let offer = offers.iter().find(|offer| sight.buttons.iter().any(|it| it == *offer));
            if let Some(offer) = offer
                && !sight.busy
            {
                return Ok(Some(*offer));
            }
            if Instant::now() >= deadline {
                let buttons = &sight.buttons;
                return Err(format!("nothing is offered to try again, but {buttons:?}"));
            }
            // A long countdown ends sooner.
            self.browser.script("window.__probe?.jump(2000)");
            thread::sleep(PAUSE);
            sight = self.look();
        }
    }

    /// Does what is offered, and waits for success.
    fn take_up(&self, offer: Option<&'static str>) -> Result<(), String> {
        let Some(offers) = offer else { return Ok(()) };
        match (self.operation, offers) {
            (_, "Reload the page") => self.browser.link(offers).click(),
            (_, "Sign in") => self.sign_in(),
            (Operation::Create, "Create") => {
                self.wish();
                CreateDialog::on(self.browser).name().fill(MADE);
                self.browser.button(offers).click();
            }
            (Operation::Create, "Make another") => {
                self.browser.button(offers).click();
                let made = |sight: &Sight| {
                    self.is_done(sight) || sight.buttons.iter().any(|button| button == "Create")
                };
                self.wish();
                let sight = self.until("another key or the form for one", made)?;
                if !self.is_done(&sight) {
                    CreateDialog::on(self.browser).name().fill(MADE);
                    self.browser.button("Create").click();
                }
            }
            (Operation::Create, _) => {
                self.wish();
                self.browser.button(offers).click();
            }
            // A page that finds out meanwhile that all is well takes its offer back.
            _ => {
                self.until("the offer to be taken up", |sight| {
                    self.is_done(sight) || self.browser.button(offers).try_click()
                })?;
            }
        }
        let heading = format!("one press of {offers:?} to succeed");
        self.until(&heading, |sight| self.is_done(sight)).map(drop)
    }

    /// Signs in by the form on show.
    pub fn sign_in(&self) {
        let account = self.server.account();
        self.browser.css("#username").fill(&account.email);
        self.browser.css("#password").fill(&account.password);
        self.browser.button("Sign in").click();
    }

    /// Looks at the page.
    pub fn look(&self) -> Sight {
        let seen = self.browser.try_script(LOOK);
        let sight: Sight = serde_json::from_value(seen).unwrap_or_default();
        let mut heard = self.heard.borrow_mut();
        if !sight.messages.is_empty() && !heard.ends_with(&sight.messages) {
            heard.push('\n');
            heard.push_str(&sight.messages);
        }
        sight
    }

    /// Whether these words have been said at any time so far.
    pub fn has_heard(&self, words: &[&str]) -> bool {
        said(&self.heard.borrow(), words)
    }

    /// Whether "taking longer" has been said at any time so far.
    pub fn has_heard_of_slowness(&self) -> bool {
        self.has_heard(words::SLOW)
    }

    /// How many keys the user has asked for.
    pub fn wishes(&self) -> usize {
        self.wishes.get()
    }

    /// Looks until what is seen is as it should be.
    ///
    /// # Errors
    /// What was waited for, and what was seen last.
    pub fn until(&self, what: &str, holds: impl Fn(&Sight) -> bool) -> Result<Sight, String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let sight = self.look();
            if holds(&sight) {
                return Ok(sight);
            }
            if Instant::now() >= deadline {
                return Err(format!("waited in vain for {what}; there was {sight:?}"));
            }
            thread::sleep(PAUSE);
        }
    }

    fn wait(&self, what: &str, holds: impl Fn() -> bool) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        while !holds() {
            if Instant::now() >= deadline {
                return Err(format!("waited in vain for {what}"));
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }

    fn open(&self) {
        self.browser.goto(&self.proxy.origin());
    }

    fn wish(&self) {
        self.wishes.set(self.wishes.get() + 1);
    }

    /// What may be offered to try again, the best first.
    fn offers(&self) -> &'static [&'static str] {
        match self.operation {
            Operation::LoadAssets => &["Try again", "Reload the page"],
            Operation::SignIn | Operation::SignOut => &["Try again", "Sign in"],
            Operation::Refresh | Operation::List | Operation::Usage => &["Try again", "Refresh"],
            Operation::Create => &["Try again", "Make another", LOOK_AGAIN, "Create"],
            Operation::Revoke => &["Try again", "Revoke key"],
        }
    }

    fn divert(&self, base: &str) {
        let (method, path) = match self.operation {
            Operation::LoadAssets => ("GET", "wasm$"),
            Operation::SignIn => ("POST", "/auth/access-token$"),
            Operation::Refresh => ("POST", "/auth/refresh-token$"),
            Operation::List => ("GET", "/keys/$"),
            Operation::Create => ("PUT", "/keys/$"),
            Operation::Revoke => ("DELETE", "/keys/[^/]+$"),
            Operation::Usage => ("GET", "/keys/[^/]+/usage$"),
            Operation::SignOut => ("POST", "/auth/revoke$"),
        };
        self.browser.script(&format!("__probe.divert('{method}', '{path}', '{base}', 1000)"));
    }

    fn set_offline(&self, offline: bool) {
        match self.browser.engine() {
            Engine::Chromium => self.browser.set_offline(offline),
            Engine::Firefox => {
                self.browser.script(&format!("window.__probe?.setOffline({offline})"));
            }
        }
    }
}
