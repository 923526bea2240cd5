//! The little of WebDriver (W3C) that the tests need: a driver, one session in it, and commands
//! as JSON over HTTP.
//!
//! The client crates for it are asynchronous and bring a licence or features that the rest of
//! the workspace would have to share; the protocol itself is one kind of request.

use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::{Method, Request};

use crate::process::{Output, Process};
use crate::{environment, http};

/// The name under which the protocol hands out elements.
pub(crate) const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A script that has not ended by then never will. Some walk through the whole site; the driver
/// must say so before [`http`] loses its patience.
const SCRIPT_MILLIS: u32 = 80_000;

/// A program that steers a kind of browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Driver {
    /// For Chromium.
    Chromedriver,
    /// For Firefox.
    Geckodriver,
}

/// A browser under the control of its own driver.
#[derive(Debug)]
pub(crate) struct Session {
    agent: Agent,
    address: String,
    /// The driver, which ends the browser before it ends.
    _driver: Process,
    _chatter: Output,
}

/// Why the driver did not do what it was told.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// One of the protocol's error codes, such as `stale element reference`.
    code: String,
    message: String,
}

impl Session {
    /// Starts a driver, and through it a browser with these capabilities. What they leave lying
    /// about, they leave in `scratch`.
    pub(crate) fn start(driver: Driver, capabilities: &Value, scratch: &Path) -> Self {
        let (driver, chatter, port) = start_driver(driver, scratch);
        let agent = http::agent();
        let driver_address = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
        let mut capabilities = capabilities.clone();
        capabilities["timeouts"] = json!({ "script": SCRIPT_MILLIS });
        let body = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let value = send(&agent, Method::POST, format!("{driver_address}/session"), body)
            .unwrap_or_else(|refusal| panic!("no browser: {refusal}"));
        let id = value["sessionId"].as_str().expect("a new session has an id");
        let address = format!("{driver_address}/session/{id}");
        Self { agent, address, _driver: driver, _chatter: chatter }
    }

    pub(crate) fn get(&self, path: &str) -> Result<Value, Refusal> {
        send(&self.agent, Method::GET, self.url(path), Value::Null)
    }

    pub(crate) fn post(&self, path: &str, body: Value) -> Result<Value, Refusal> {
        send(&self.agent, Method::POST, self.url(path), body)
    }

    pub(crate) fn delete(&self, path: &str) -> Result<Value, Refusal> {
        send(&self.agent, Method::DELETE, self.url(path), Value::Null)
    }

    /// Sends a command of the Chrome DevTools Protocol.
    pub(crate) fn devtools(&self, command: &str, parameters: Value) -> Result<Value, Refusal> {
        self.post("goog/cdp/execute", json!({ "cmd": command, "params": parameters }))
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.address)
    }
}

/// Starts a driver and learns its port. The driver takes a free port of one address family and
/// then the same of the other, which somebody else may have got in between: then it ends at once,
/// and another one is started.
fn start_driver(driver: Driver, scratch: &Path) -> (Process, Output, String) {
    const ATTEMPTS: usize = 5;
    let mut written = String::new();
    for _ in 0..ATTEMPTS {
        let mut command = match driver {
            Driver::Chromedriver => Command::new(environment::chromedriver()),
            Driver::Geckodriver => Command::new(environment::geckodriver()),
        };
        command.arg("--port=0").env("TMPDIR", scratch);
        if driver == Driver::Geckodriver {
            // Its second port would be the same for all.
            command.arg("--websocket-port=0");
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = Process::start(&mut command);
        let chatter = process.stdout();
        let announcement = match driver {
            Driver::Chromedriver => "ChromeDriver was started successfully on port ",
            Driver::Geckodriver => "Listening on 127.0.0.1:",
        };
        match chatter.find_line(announcement) {
            Ok(port) => return (process, chatter, port),
            Err(before) => written = before,
        }
    }
    panic!("no driver started. The last one wrote: {written:?}")
}

impl Drop for Session {
    fn drop(&mut self) {
        // The driver ends next, and takes a browser with it that did not listen.
        let _ = send(&self.agent, Method::DELETE, self.address.clone(), Value::Null);
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The driver adds its own stack trace, which says nothing about the page.
        write!(f, "{}: {}", self.code, self.message.lines().next().unwrap_or_default())
    }
}

fn send(agent: &Agent, method: Method, url: String, body: Value) -> Result<Value, Refusal> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let request = Request::builder()
        .method(method)
        .uri(url)
        .header("Content-Type", "application/json; charset=utf-8")
        .body(body)
        .expect("a request that is well-formed");
    match http::send(agent, request) {
        Ok((200, mut answer)) => Ok(answer["value"].take()),
        Ok((_, answer)) => {
            let text = |name: &str| answer["value"][name].as_str().unwrap_or_default().to_owned();
            Err(Refusal { code: text("error"), message: text("message") })
        }
        Err(error) => Err(Refusal { code: "no answer".to_owned(), message: error.to_string() }),
    }
}
