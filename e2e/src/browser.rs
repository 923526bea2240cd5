//! The browser as somebody in front of it meets it.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::environment;
use crate::locator::{Locator, Role};
use crate::turn::Turn;
use crate::webdriver::{Driver, ELEMENT, Session};

/// How long anything may take on a busy machine. Tests that pass do not wait for it.
const DEADLINE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(15);

/// Keys that write nothing, as WebDriver names them.
pub mod key {
    /// Enter.
    pub const ENTER: &str = "\u{E007}";
    /// Tab.
    pub const TAB: &str = "\u{E004}";
    /// End.
    pub const END: &str = "\u{E010}";
    /// Escape.
    pub const ESCAPE: &str = "\u{E00C}";
    /// Backspace.
    pub const BACKSPACE: &str = "\u{E003}";
    /// The space bar.
    pub const SPACE: &str = " ";
    /// Control, to be held.
    pub const CONTROL: &str = "\u{E009}";
    /// Alt.
    pub const ALT: &str = "\u{E00A}";
    /// Lets go of the keys that are held, among the text for a field.
    pub(crate) const LET_GO: &str = "\u{E000}";
}

/// A browser with a profile of its own. If its test fails, it says what was on the page, and
/// leaves a screenshot behind.
#[derive(Debug)]
pub struct Browser {
    session: Session,
    engine: Engine,
    /// How long anything may take.
    patience: Cell<Duration>,
    /// Its profile. Removed after the browser has ended.
    folder: Option<TempDir>,
    _turn: Turn,
}

/// Whose browser it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Chromium, which the tests use unless they say otherwise.
    Chromium,
    /// Firefox. It has no DevTools protocol and no console for its driver.
    Firefox,
}

/// Which Chromium is meant, where there are two.
#[derive(Clone, Copy)]
enum Build {
    /// The one without windows, if there is one.
    Headless,
    Whole,
}

/// A tab of a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab(String);

/// A line that the browser wrote to its console.
#[derive(Clone, Debug)]
pub struct ConsoleLine {
    /// `SEVERE`, `WARNING`, `INFO` or `DEBUG`.
    pub level: String,
    /// What it says.
    pub text: String,
}

impl Browser {
    /// Starts Chromium: where there is one, its build without windows, which asks half as much of the
    /// processor. It waits for its turn: not many at once do better than a few.
    pub fn start() -> Self {
        Self::launch(Engine::Chromium, "normal", Build::Headless)
    }

    /// Starts the Chromium that people use. Only there a tab is hidden by another one.
    pub fn start_whole() -> Self {
        Self::launch(Engine::Chromium, "normal", Build::Whole)
    }

    /// Starts a browser of this kind, which does not wait for pages: some never come to an end of
    /// loading. It waits for its turn, as [`Browser::start`] does.
    pub fn start_as(engine: Engine) -> Self {
        Self::launch(engine, "none", Build::Headless)
    }

    fn launch(engine: Engine, page_load_strategy: &str, build: Build) -> Self {
        let turn = Turn::take();
        let folder = TempDir::new().expect("a temporary folder");
        let (driver, mut capabilities) = match engine {
            Engine::Chromium => (Driver::Chromedriver, chromium(folder.path(), build)),
            Engine::Firefox => (Driver::Geckodriver, firefox()),
        };
        capabilities["pageLoadStrategy"] = json!(page_load_strategy);
        let session = Session::start(driver, &capabilities, folder.path());
        let patience = Cell::new(DEADLINE);
        Self { session, engine, patience, folder: Some(folder), _turn: turn }
    }

    /// Ends the browser. Its profile is left, until it is dropped.
    pub fn close(mut self) -> TempDir {
        self.folder.take().expect("it is taken only here")
    }

    /// Whose browser it is.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Lets everything take this long at most, from now on.
    pub fn set_patience(&self, patience: Duration) {
        self.patience.set(patience);
    }

    /// Goes to an address.
    pub fn goto(&self, url: &str) {
        self.post("url", json!({ "url": url }));
    }

    /// Reloads the page, and waits for it.
    pub fn reload(&self) {
        self.post("refresh", json!({}));
    }

    /// Reloads the page though it asks not to be left.
    pub fn reload_against_advice(&self) {
        // By a timer, because a script that opens a prompt does not return before it is answered.
        self.script("setTimeout(() => location.reload())");
        self.until("the browser to ask before the reload", || self.asks());
        self.accept();
    }

    /// Goes back in the history.
    pub fn back(&self) {
        self.post("back", json!({}));
    }

    /// The address.
    pub fn url(&self) -> String {
        self.text_of("url")
    }

    /// The title.
    pub fn title(&self) -> String {
        self.text_of("title")
    }

    /// The text that can be seen.
    pub fn page_text(&self) -> String {
        self.script("return document.body.innerText").as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a text can be seen.
    #[track_caller]
    pub fn see(&self, text: &str) {
        self.until(&format!("to see {text:?}"), || self.page_text().contains(text));
    }

    /// Waits until a text cannot be seen.
    #[track_caller]
    pub fn see_no(&self, text: &str) {
        self.until(&format!("not to see {text:?}"), || !self.page_text().contains(text));
    }

    /// The button of this name.
    pub fn button<'a>(&'a self, name: &'a str) -> Locator<'a> {
        Locator::named(self, Role::Button, name)
    }

    /// The link of this name.
    pub fn link<'a>(&'a self, name: &'a str) -> Locator<'a> {
        Locator::named(self, Role::Link, name)
    }

    /// The heading of this text.
    pub fn heading<'a>(&'a self, name: &'a str) -> Locator<'a> {
        Locator::named(self, Role::Heading, name)
    }

    /// The text field with this label.
    pub fn field<'a>(&'a self, label: &'a str) -> Locator<'a> {
        Locator::named(self, Role::Textbox, label)
    }

    /// The radio button with this label.
    pub fn choice<'a>(&'a self, label: &'a str) -> Locator<'a> {
        Locator::named(self, Role::Radio, label)
    }

    /// The checkbox with this label.
    pub fn checkbox<'a>(&'a self, label: &'a str) -> Locator<'a> {
        Locator::named(self, Role::Checkbox, label)
    }

    /// What matches a selector and can be seen, for what has neither a role nor a name.
    pub fn css<'a>(&'a self, selector: &'a str) -> Locator<'a> {
        Locator::css(self, selector)
    }

    /// Presses and lets go of a key.
    pub fn press(&self, key: &str) {
        self.press_together(&[key]);
    }

    /// Presses keys one after the other, holding each, and lets go of them.
    pub fn press_together(&self, keys: &[&str]) {
        let stroke = |kind: &'static str| move |key: &&str| json!({ "type": kind, "value": key });
        let strokes: Vec<Value> = keys
            .iter()
            .map(stroke("keyDown"))
            .chain(keys.iter().rev().map(stroke("keyUp")))
            .collect();
        self.act(json!({ "type": "key", "id": "keyboard", "actions": strokes }));
    }

    /// Writes a text with the keyboard, wherever the focus is.
    pub fn write(&self, text: &str) {
        let strokes = |letter: char| {
            ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": letter.to_string() }))
        };
        let strokes: Vec<Value> = text.chars().flat_map(strokes).collect();
        self.act(json!({ "type": "key", "id": "keyboard", "actions": strokes }));
    }

    /// Pastes a text into what has the focus, as a browser does: an event, and nothing else if the
    /// page takes it.
    pub fn paste(&self, text: &str) {
        let script = format!(
            "const data = new DataTransfer();
             data.setData('text/plain', {});
             const paste = new ClipboardEvent('paste',
                 {{ clipboardData: data, bubbles: true, cancelable: true }});
             if (document.activeElement.dispatchEvent(paste)) throw new Error('it was not taken');",
            json!(text)
        );
        self.script(&script);
    }

    /// Presses Tab until the focus is on what is called `name`.
    #[track_caller]
    pub fn tab_to(&self, name: &str) {
        const MOST: usize = 60;
        let mut seen = Vec::new();
        for _ in 0..MOST {
            self.press(key::TAB);
            let focused = self.focused_name();
            if focused == name {
                return;
            }
            seen.push(focused);
        }
        panic!("{MOST} times Tab did not lead to {name:?}, but to {seen:?}");
    }

    /// The accessible name of what has the focus; empty if nothing has.
    pub fn focused_name(&self) -> String {
        let label = self.session.get("element/active").and_then(|element| {
            let id = element[ELEMENT].as_str().unwrap_or_default().to_owned();
            self.session.get(&format!("element/{id}/computedlabel"))
        });
        label.ok().and_then(|label| label.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Waits until the focus is on what is called `name`.
    #[track_caller]
    pub fn until_focus_is_on(&self, name: &str) {
        let mut last = String::new();
        self.until_or(
            || {
                last = self.focused_name();
                (last == name).then_some(()).ok_or_else(|| format!("it is on {last:?}"))
            },
            &format!("the focus to be on {name:?}"),
        );
    }

    /// Clicks at a point of the window.
    pub fn click_at(&self, x: u32, y: u32) {
        self.act(json!({
            "type": "pointer",
            "id": "mouse",
            "parameters": { "pointerType": "mouse" },
            "actions": [
                { "type": "pointerMove", "x": x, "y": y },
                { "type": "pointerDown", "button": 0 },
                { "type": "pointerUp", "button": 0 },
            ],
        }));
    }

    /// Makes the window this large, in CSS pixels.
    pub fn resize(&self, width: u32, height: u32) {
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false }),
        );
    }

    /// Runs a script in the page and gives what it returns.
    pub fn script(&self, script: &str) -> Value {
        self.post("execute/sync", json!({ "script": script, "args": [] }))
    }

    /// The same; null if there is no page to run it in, as between two pages.
    pub fn try_script(&self, script: &str) -> Value {
        let body = json!({ "script": script, "args": [] });
        self.session.post("execute/sync", body).unwrap_or_default()
    }

    /// What the page's policy has refused since the page was opened, a line each.
    pub fn violations(&self) -> String {
        let lines = self.script(
            "return window.__watch.events.filter((event) => event.kind === 'violation')
                .map((event) => event.text).join('\\n')",
        );
        lines.as_str().unwrap_or_default().to_owned()
    }

    /// Runs a script in every page that is opened from now on, before any of its own.
    pub fn before_every_page(&self, script: &str) {
        self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }));
    }

    /// Lets no page from now on keep anything in a database.
    pub fn refuse_database(&self) {
        self.before_every_page(
            "Object.defineProperty(window, 'indexedDB', {
                 get() { throw new DOMException('refused', 'SecurityError'); }
             });",
        );
    }

    /// Sends a command of the Chrome DevTools Protocol.
    pub fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.session
            .devtools(command, parameters)
            .unwrap_or_else(|refusal| panic!("the browser does not {command}: {refusal}"))
    }

    /// Lets no request through whose address matches a pattern such as `*/keys/`.
    pub fn block(&self, pattern: &str) {
        self.devtools("Network.enable", json!({}));
        self.devtools("Network.setBlockedURLs", json!({ "urls": [pattern] }));
    }

    /// Lets every request through again.
    pub fn block_nothing(&self) {
        self.devtools("Network.setBlockedURLs", json!({ "urls": [] }));
    }

    /// Opens a tab without an opener, and goes on in it.
    pub fn open_tab(&self) {
        let tab = self.post("window/new", json!({ "type": "tab" }));
        self.post("window", json!({ "handle": tab["handle"] }));
    }

    /// Whether the browser asks the user something, and waits for the answer.
    pub fn asks(&self) -> bool {
        self.session.get("alert/text").is_ok()
    }

    /// Answers "Cancel" to what the browser asks.
    pub fn decline(&self) {
        self.post("alert/dismiss", json!({}));
    }

    /// Opens a tab without an opener, closes the one on show without asking it, and goes on in the
    /// new one.
    pub fn change_tab(&self) {
        let old = self.session.get("window").unwrap_or_default();
        let tab = self.post("window/new", json!({ "type": "tab" }));
        self.post("window", json!({ "handle": old }));
        // A page may ask before it is closed, and the driver then says that it could not.
        let _ = self.session.delete("window");
        self.post("window", json!({ "handle": tab["handle"] }));
    }

    /// Cuts the browser off from every network, or lets it back. Chromium only.
    pub fn set_offline(&self, offline: bool) {
        let network = json!({ "offline": offline, "latency": 0, "throughput": 1_000_000_000 });
        let body = json!({ "network_conditions": network });
        self.post("chromium/network_conditions", body);
    }

    /// What the console got since it was last asked for. Firefox says nothing of it.
    pub fn console(&self) -> Vec<ConsoleLine> {
        if self.engine == Engine::Firefox {
            return Vec::new();
        }
        let lines = self.post("se/log", json!({ "type": "browser" }));
        let text = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let lines = lines.as_array().cloned().unwrap_or_default();
        lines
            .iter()
            .map(|line| ConsoleLine { level: text(line, "level"), text: text(line, "message") })
            .collect()
    }

    /// What the browser told of its network since it was last asked: events of the DevTools
    /// protocol. Chromium only.
    pub(crate) fn network(&self) -> Vec<Value> {
        let lines = self.post("se/log", json!({ "type": "performance" }));
        let lines = lines.as_array().cloned().unwrap_or_default();
        let event = |line: &Value| {
            let text = line["message"].as_str()?;
            Some(serde_json::from_str::<Value>(text).ok()?["message"].take())
        };
        lines.iter().filter_map(event).collect()
    }

    /// A picture (PNG): of the whole page, or of the window if a dialog covers it.
    pub fn picture(&self) -> Vec<u8> {
        let covered = self.css("dialog:modal").is_there();
        let shot = json!({ "format": "png", "captureBeyondViewport": !covered });
        png_of(&self.devtools("Page.captureScreenshot", shot))
    }

    /// Answers "OK" to what the browser asks.
    pub fn accept(&self) {
        self.post("alert/accept", json!({}));
    }

    /// The tab on show.
    pub fn tab(&self) -> Tab {
        Tab(self.text_of("window"))
    }

    /// Opens a tab of the same page, which begins with a copy of this tab's session storage, as a
    /// tab does that its user has duplicated. Goes on in this one.
    pub fn duplicate_tab(&self) -> Tab {
        let before = self.tabs();
        self.script("window.open(location.href)");
        let mut found = None;
        self.until("a duplicated tab", || {
            found = self.tabs().into_iter().find(|tab| !before.contains(tab));
            found.is_some()
        });
        found.expect("it was waited for")
    }

    /// Goes on in this tab.
    pub fn go_to_tab(&self, tab: &Tab) {
        self.post("window", json!({ "handle": tab.0 }));
    }

    /// Every tab there is.
    pub fn tabs(&self) -> Vec<Tab> {
        let tabs = self.session.get("window/handles").unwrap_or_default();
        let tabs = tabs.as_array().cloned().unwrap_or_default();
        tabs.iter().filter_map(|tab| tab.as_str().map(|tab| Tab(tab.to_owned()))).collect()
    }

    /// Waits until a condition holds. What is waited for completes "waited for …".
    #[track_caller]
    pub fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        self.until_or(|| holds().then_some(()).ok_or_else(String::new), what);
    }

    /// Waits until there is something, or says why there was nothing to the last.
    #[track_caller]
    pub fn until_or<T>(&self, mut look: impl FnMut() -> Result<T, String>, what: &str) -> T {
        let deadline = Instant::now() + self.patience.get();
        loop {
            match look() {
                Ok(found) => return found,
                Err(why) if Instant::now() >= deadline => {
                    let why = if why.is_empty() { why } else { format!(" ({why})") };
                    panic!("waited in vain for {what}{why}")
                }
                Err(_) => thread::sleep(PAUSE),
            }
        }
    }

    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    #[track_caller]
    fn post(&self, path: &str, body: Value) -> Value {
        let result = self.session.post(path, body);
        result.unwrap_or_else(|refusal| panic!("the browser does not do {path:?}: {refusal}"))
    }

    fn act(&self, actions: Value) {
        self.post("actions", json!({ "actions": [actions] }));
    }

    fn text_of(&self, path: &str) -> String {
        let text = self.session.get(path);
        let text = text.unwrap_or_else(|refusal| panic!("the browser has no {path}: {refusal}"));
        text.as_str().unwrap_or_default().to_owned()
    }

    /// What can still be learned of a page on which a test has failed.
    fn report_failure(&self) {
        let text = self.session.post(
            "execute/sync",
            json!({ "script": "return `${location}\n${document.body.innerText}`", "args": [] }),
        );
        match text {
            Ok(text) => eprintln!("--- on the page: {}", text.as_str().unwrap_or_default()),
            Err(refusal) => eprintln!("--- the page says nothing: {refusal}"),
        }
        if self.engine == Engine::Chromium
            && let Ok(lines) = self.session.post("se/log", json!({ "type": "browser" }))
        {
            eprintln!("--- in the console: {lines:#}");
        }
        let shot = match self.engine {
            Engine::Chromium => {
                self.session.devtools("Page.captureScreenshot", json!({ "format": "png" }))
            }
            Engine::Firefox => self.session.get("screenshot").map(|data| json!({ "data": data })),
        };
        let Ok(shot) = shot else { return };
        let path = failures_folder().join(format!("{}.png", test_name()));
        let png = png_of(&shot);
        match fs::create_dir_all(failures_folder()).and_then(|()| fs::write(&path, png)) {
            Ok(()) => eprintln!("--- a screenshot: {}", path.display()),
            Err(error) => eprintln!("--- no screenshot at {}: {error}", path.display()),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if thread::panicking() {
            self.report_failure();
        }
    }
}

fn chromium(folder: &Path, build: Build) -> Value {
    let mut options = json!({ "args": [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // A tab that is not on show works as one that is.
        "--disable-background-timer-throttling",
        "--disable-renderer-backgrounding",
        "--window-size=1280,900",
        // A name that no name server knows is asked of none.
        "--host-resolver-rules=MAP *.invalid ~NOTFOUND",
        format!("--user-data-dir={}", folder.join("profile").display()),
    ],
    // What is saved goes where the profile does.
    "prefs": { "download.default_directory": folder.join("saved") } });
    let headless = match build {
        Build::Headless => environment::headless_shell(),
        Build::Whole => None,
    };
    if let Some(chromium) = headless.or_else(environment::chromium) {
        options["binary"] = json!(chromium);
    }
    json!({
        "browserName": "chrome",
        "goog:chromeOptions": options,
        "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        // The question before a page is left stays open until the test has seen it. In a
        // session without WebDriver BiDi the driver would answer it by itself.
        "webSocketUrl": true,
        "unhandledPromptBehavior": { "default": "ignore", "beforeUnload": "ignore" },
    })
}

fn firefox() -> Value {
    let mut options = json!({
        "args": ["-headless", "--width=1280", "--height=900"],
        // A request that fails is not sent again by the browser itself.
        "prefs": { "network.http.speculative-parallel-limit": 0 },
    });
    if let Some(firefox) = environment::firefox() {
        options["binary"] = json!(firefox);
    }
    json!({ "browserName": "firefox", "moz:firefoxOptions": options })
}

/// `e2e-failures` in the target folder, where the running program is.
fn failures_folder() -> PathBuf {
    let program = std::env::current_exe().expect("a running program has a path");
    let target = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists());
    target.map_or_else(std::env::temp_dir, PathBuf::from).join("e2e-failures")
}

/// The test runner names its threads after the tests.
fn test_name() -> String {
    thread::current().name().unwrap_or("main").replace("::", "-")
}

fn png_of(shot: &Value) -> Vec<u8> {
    let data = shot["data"].as_str().expect("a screenshot has data");
    BASE64_STANDARD.decode(data).expect("a screenshot is in base64")
}
