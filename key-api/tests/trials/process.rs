//! Servers that are killed and traced, and a client that minds how a request ended.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use key_api::password;
use key_api::store::Store;
use secrecy::SecretString;
use serde_json::{Value, json};
use ureq::http;

use crate::program;
pub(crate) use crate::program::Process;
use crate::support::PASSWORD;

/// How long anything may take before a test gives up.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// Every access token of these servers outlives the test.
const OPTIONS: [&str; 2] = ["--access-token-seconds", "86400"];

/// A client with connections of its own.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    agent: ureq::Agent,
    origin: String,
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// With this status and body.
    Answered(u16, Value),
    /// The connection broke. Nobody knows whether it was done.
    Unknown,
}

/// The command that serves `database` on any free port.
pub(crate) fn serve(database: &Path) -> Command {
    program::serve(database, &OPTIONS)
}

/// The same under strace, with these options.
pub(crate) fn serve_traced(strace: &Path, options: &[&str], database: &Path) -> Command {
    let mut traced = Command::new(strace);
    // As the server's child, not its parent, so that what is killed is the server.
    traced.args(["--daemonize", "--follow-forks", "--quiet=all"]).args(options);
    let plain = serve(database);
    traced.arg(plain.get_program()).args(plain.get_args());
    traced.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    traced
}

/// Adds users to a database, all with the one password of the tests.
pub(crate) fn add_users(database: &Path, emails: &[&str]) {
    let store = Store::open(database).expect("a database");
    let hash = password::hash(&SecretString::from(PASSWORD)).expect("hashing works");
    let now = key_api::clock::Clock::system().now();
    for email in emails {
        let email = email.parse().expect("an e-mail address");
        let added = store.write(|records| records.add_user(&email, &hash, now));
        added.expect("the database works").expect("a new user");
    }
}

impl Process {
    /// Starts the server of `database` and waits until it listens.
    pub(crate) fn start(database: &Path) -> Self {
        Self::serve(database, &OPTIONS)
    }

    pub(crate) fn client(&self) -> Client {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(DEADLINE))
            .build();
        Client { agent: agent.into(), origin: self.origin() }
    }
}

impl Client {
    pub(crate) fn send(&self, method: &str, path: &str, token: &str, body: Body<'_>) -> Outcome {
        let mut request =
            http::Request::builder().method(method).uri(format!("{}{path}", self.origin));
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let (kind, body) = match body {
            Body::None => (None, String::new()),
            Body::Form(fields) => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                let form = form.extend_pairs(fields).finish();
                (Some("application/x-www-form-urlencoded"), form)
            }
            Body::Json(value) => (Some("application/json"), value.to_string()),
            Body::Repeatable(key, value) => {
                request = request.header("idempotency-key", key);
                (Some("application/json"), value.to_string())
            }
        };
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        let answer = self.agent.run(request.body(body).expect("a request"));
        let Ok(mut answer) = answer else { return Outcome::Unknown };
        let status = answer.status().as_u16();
        let body = answer.body_mut().read_to_vec().ok();
        match body.and_then(|body| serde_json::from_slice(&body).ok()) {
            Some(body) => Outcome::Answered(status, body),
            None => Outcome::Unknown,
        }
    }

    /// Signs in and gives the answer.
    pub(crate) fn sign_in(&self, email: &str) -> Value {
        let form = [("username", email), ("password", PASSWORD)];
        self.send("POST", "/auth/access-token", "", Body::Form(&form)).ok()
    }

    pub(crate) fn list(&self, token: &str) -> Outcome {
        self.send("GET", "/keys/", token, Body::None)
    }

    pub(crate) fn create(&self, token: &str, name: &str) -> Outcome {
        self.send("PUT", "/keys/", token, Body::Json(json!({ "name": name })))
    }

    pub(crate) fn delete(&self, token: &str, uuid: &str) -> Outcome {
        self.send("DELETE", &format!("/keys/{uuid}"), token, Body::None)
    }

    pub(crate) fn usage(&self, token: &str, uuid: &str) -> Outcome {
        self.send("GET", &format!("/keys/{uuid}/usage"), token, Body::None)
    }

    pub(crate) fn exchange(&self, secret: &str) -> Outcome {
        self.send("GET", &format!("/auth/access-token?key={secret}"), "", Body::None)
    }

    pub(crate) fn refresh(&self, refresh_token: &str) -> Outcome {
        let body = json!({ "refresh_token": refresh_token });
        self.send("POST", "/auth/refresh-token", "", Body::Json(body))
    }
}

/// What a request carries.
pub(crate) enum Body<'a> {
    None,
    Form(&'a [(&'a str, &'a str)]),
    Json(Value),
    /// With an `Idempotency-Key`.
    Repeatable(&'a str, Value),
}

impl Outcome {
    /// The body of an answer that must be a success.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        match self {
            Self::Answered(200, body) => body,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Answered(status, _) => Some(*status),
            Self::Unknown => None,
        }
    }
}
