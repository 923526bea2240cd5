//! A server for one test, and a client for it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::Duration;

use contract::Timestamp;
use key_api::clock::Clock;
use key_api::log::Log;
use key_api::password;
use key_api::server::{Server, Settings};
use key_api::store::Store;
use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;
use ureq::http;

/// The instant at which every test's clock stands in the beginning: noon of a day, so that a
/// few hours more are still the same day.
pub(crate) const START: &str = "2026-11-23T12:00:00.250Z";

pub(crate) const ADA: &str = "ada@example.com";
pub(crate) const BOB: &str = "bob@example.com";
/// The password of every user.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A server that has not answered by then has hung.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A running server with the user [`ADA`]; it stops when it is dropped.
pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    pub(crate) clock: Clock,
    pub(crate) log: Log,
    pub(crate) store: Store,
    folder: Option<TempDir>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// A request to be sent to a server.
pub(crate) struct Call<'a> {
    server: &'a TestServer,
    method: &'a str,
    path: &'a str,
    headers: Vec<(&'a str, String)>,
    body: Vec<u8>,
}

impl TestServer {
    pub(crate) fn start() -> Self {
        Self::start_with(|_| {})
    }

    /// A server with other settings and a database of its own.
    pub(crate) fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let store = Store::open(&folder.path().join("keys.db")).expect("a new database");
        let mut server = Self::on(store, change);
        server.folder = Some(folder);
        server.add_user(ADA);
        server
    }

    /// A server on a database that is there already.
    pub(crate) fn on(store: Store, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            clock: Clock::manual(Timestamp::parse(START).expect("a datetime")),
            log: Log::memory(),
            ..Settings::default()
        };
        change(&mut settings);
        let (clock, log) = (settings.clock.clone(), settings.log.clone());

        let (stop, stopped) = oneshot::channel();
        let (send_address, address) = std::sync::mpsc::channel();
        let served = store.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let server = Server::bind(served, settings).await.expect("a free port");
                send_address.send(server.address()).expect("the test waits for it");
                server.run(async { drop(stopped.await) }).await;
            });
        });
        let address = address.recv().expect("the server listens");
        Self { address, clock, log, store, folder: None, stop: Some(stop), thread: Some(thread) }
    }

    pub(crate) fn add_user(&self, email: &str) {
        let hash = password::hash(&SecretString::from(PASSWORD)).expect("hashing works");
        let email = email.parse().expect("an e-mail address");
        let now = self.clock.now();
        let added = self.store.write(|records| records.add_user(&email, &hash, now));
        added.expect("the database works").expect("a new user");
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.as_ref().expect("a database of its own").path().to_owned()
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn set_back(&self, seconds: u64) {
        self.clock.set_back(Duration::from_secs(seconds));
    }

    /// Asks the server to stop, without waiting for it.
    pub(crate) fn ask_to_stop(&mut self) {
        drop(self.stop.take());
    }

    /// Waits until the server has stopped.
    pub(crate) fn join(&mut self) {
        self.ask_to_stop();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the server does not panic");
        }
    }

    pub(crate) fn call<'a>(&'a self, method: &'a str, path: &'a str) -> Call<'a> {
        Call { server: self, method, path, headers: Vec::new(), body: Vec::new() }
    }

    /// A connection on which nothing has been sent yet.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket can wait");
        stream
    }

    /// Sends the beginning of a request as it is, with a `Host`, and gives the whole answer.
    pub(crate) fn raw(&self, head: &str) -> String {
        let mut stream = self.connect();
        write!(stream, "{head}Host: {}\r\nConnection: close\r\n\r\n", self.address)
            .expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the server answers and closes");
        answer
    }

    /// Signs in and gives the answer's body.
    pub(crate) fn sign_in(&self, email: &str) -> Value {
        let form = [("username", email), ("password", PASSWORD)];
        self.call("POST", "/auth/access-token").form(&form).send().ok()
    }

    /// Signs in and gives the access token.
    pub(crate) fn access_token(&self, email: &str) -> String {
        text(&self.sign_in(email)["access_token"])
    }

    pub(crate) fn refresh(&self, refresh_token: &Value) -> Answer {
        let body = json!({ "refresh_token": refresh_token });
        self.call("POST", "/auth/refresh-token").json(&body).send()
    }

    /// Creates a key and gives the answer's body.
    pub(crate) fn create_key(&self, token: &str, name: &str) -> Value {
        self.call("PUT", "/keys/").bearer(token).json(&json!({ "name": name })).send().ok()
    }

    pub(crate) fn list(&self, token: &str) -> Answer {
        self.call("GET", "/keys/").bearer(token).send()
    }

    pub(crate) fn exchange(&self, api_key: &Value) -> Answer {
        self.call("GET", &format!("/auth/access-token?key={}", text(api_key))).send()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.ask_to_stop();
        if let Some(thread) = self.thread.take() {
            // A panic of the server is reported by the test that saw its effect.
            drop(thread.join());
        }
    }
}

impl<'a> Call<'a> {
    pub(crate) fn header(mut self, name: &'a str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub(crate) fn form(self, fields: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.body("application/x-www-form-urlencoded", body)
    }

    pub(crate) fn send(self) -> Answer {
        let mut request = http::Request::builder()
            .method(self.method)
            .uri(format!("http://{}{}", self.server.address, self.path));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .allow_non_standard_methods(true)
            .timeout_global(Some(PATIENCE))
            .build()
            .into();
        let request = request.body(self.body).expect("a request");
        let mut response = agent.run(request).expect("an answer");
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.body_mut().read_to_vec().expect("a whole body"),
        }
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("an ASCII header"))
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    /// The body of an answer that must be a success.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        self.json()
    }

    /// The answer must be this error, with the detail as text.
    #[track_caller]
    pub(crate) fn check_error(&self, status: u16, detail: &str) {
        assert_eq!((self.status, self.json()), (status, json!({ "detail": detail })));
    }

    /// The answer must be a 422 with one fault of this place and kind, and nothing of what was
    /// sent.
    #[track_caller]
    pub(crate) fn check_fault(&self, loc: Value, kind: &str) {
        assert_eq!(self.status, 422, "{}", String::from_utf8_lossy(&self.body));
        let body = self.json();
        let faults = body["detail"].as_array().expect("a list of faults");
        assert_eq!(faults.len(), 1, "{body}");
        assert_eq!((&faults[0]["loc"], &faults[0]["type"]), (&loc, &json!(kind)), "{body}");
        let mut names: Vec<_> = faults[0].as_object().expect("an object").keys().collect();
        names.sort();
        assert_eq!(names, ["loc", "msg", "type"]);
    }
}

/// The text of a JSON string.
#[track_caller]
pub(crate) fn text(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}
