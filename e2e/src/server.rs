//! The real server on a database of its own.

use std::cell::RefCell;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::api::Api;
use crate::environment;
use crate::process::{Output, Process};
use crate::sweep::{Canary, contains, said};

/// What is not in the log by then will not come.
const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody who may sign in.
#[derive(Clone, Debug)]
pub struct Account {
    /// Their e-mail address.
    pub email: String,
    /// Their password.
    pub password: String,
}

/// A `key-api` process with its database, which serves the built site too. Both go when it is
/// dropped.
#[derive(Debug)]
pub struct Server {
    /// There is none while the server is stopped.
    running: RefCell<Option<Running>>,
    /// With port 0 until it has started once; then it keeps the port it got.
    address: RefCell<String>,
    account: Account,
    /// What it is told on its command line besides.
    options: Vec<String>,
    /// What the server has logged before it was stopped.
    log: RefCell<String>,
    /// What else it has written before it was stopped.
    output: RefCell<String>,
    folder: TempDir,
}

#[derive(Debug)]
struct Running {
    /// Dropped, and so ended, before the logs are read to their end.
    process: Process,
    log: Output,
    chatter: Output,
}

impl Server {
    /// A server with one account and no keys.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with these options, such as `--access-token-seconds`.
    pub fn start_with(options: &[&str]) -> Self {
        let account = Account {
            email: "ada@example.com".to_owned(),
            // A key is pressed for each letter of it, in hundreds of sign-ins.
            password: "battery-staple".to_owned(),
        };
        let mut server = Self::stopped(account);
        server.options = options.iter().map(|&option| option.to_owned()).collect();
        server.add(&server.account);
        server.start_again();
        server
    }

    /// A server with the demo account and its twelve keys.
    pub fn demo() -> Self {
        let nobody = Account { email: String::new(), password: String::new() };
        let mut server = Self::stopped(nobody);
        let printed = run(server.command().args(["demo", "--database"]).arg(server.database()), "");
        let value = |name: &str| {
            let line = printed.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_else(|| panic!("no {name:?} in {printed:?}")).trim().to_owned()
        };
        server.account = Account { email: value("e-mail:"), password: value("password:") };
        server.start_again();
        server
    }

    fn stopped(account: Account) -> Self {
        Self {
            running: RefCell::default(),
            address: RefCell::new("127.0.0.1:0".to_owned()),
            account,
            options: Vec::new(),
            log: RefCell::default(),
            output: RefCell::default(),
            folder: TempDir::new().expect("a temporary folder"),
        }
    }

    /// Who may sign in.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Where the site is, without a path.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address.borrow())
    }

    /// The API, by plain HTTP.
    pub fn api(&self) -> Api {
        Api::at(&self.origin())
    }

    /// Stops the server. Its address and its database stay.
    pub fn stop(&self) {
        if let Some(Running { process, mut log, mut chatter }) = self.running.take() {
            drop(process);
            self.output.borrow_mut().push_str(&chatter.read_to_the_end());
            self.log.borrow_mut().push_str(&log.read_to_the_end());
        }
    }

    /// Ends the server without asking it. Its address and its database stay.
    pub fn kill(&self) {
        if let Some(Running { process, mut log, mut chatter }) = self.running.take() {
            process.kill();
            self.output.borrow_mut().push_str(&chatter.read_to_the_end());
            self.log.borrow_mut().push_str(&log.read_to_the_end());
        }
    }

    /// Starts the server, at the address it had before.
    pub fn start_again(&self) {
        let mut serve = self.command();
        serve.args(["serve", "--listen", &self.address.borrow(), "--database"]);
        serve.arg(self.database()).arg("--site").arg(environment::site());
        serve.args(&self.options);
        serve.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = Process::start(&mut serve);
        let (log, chatter) = (process.stderr(), process.stdout());
        self.address.replace(chatter.await_line("key-api: listening on http://"));
        self.running.replace(Some(Running { process, log, chatter }));
    }

    /// How often the log tells of a request such as `PUT /keys/ 200`; without the status, of any
    /// answer to it.
    pub fn requests(&self, request: &str) -> usize {
        self.catch_up();
        self.logged(&format!(" {request} "))
    }

    /// How many times a key was asked to be revoked, whichever it was.
    pub fn revocations(&self) -> usize {
        self.catch_up();
        self.logged(" DELETE /keys/")
    }

    /// Waits for the log, which comes through a pipe, a moment after the answers: behind a request
    /// that is made now stands everything that was answered before.
    fn catch_up(&self) {
        const MARK: &str = " GET /openapi.json ";
        if self.running.borrow().is_none() {
            return;
        }
        let before = self.logged(MARK);
        self.api().describe();
        let deadline = Instant::now() + PATIENCE;
        while self.logged(MARK) == before {
            assert!(Instant::now() < deadline, "a request does not come into the log");
            thread::yield_now();
        }
    }

    fn logged(&self, text: &str) -> usize {
        self.log().lines().filter(|line| line.contains(text)).count()
    }

    /// What is wrong with what the server has written, where none of these may stand.
    pub(crate) fn traces(&self, canaries: &[Canary]) -> Vec<String> {
        let traces = canaries.iter().flat_map(|canary| {
            let places = canary.forms().into_iter().flat_map(|form| self.traces_of(&form));
            places.map(|place| said(canary.kind, &format!("{place} of the server")))
        });
        traces.collect()
    }

    /// Where `text` stands that the server has written: its log, its output and every file of its
    /// database.
    pub fn traces_of(&self, text: &str) -> Vec<String> {
        let mut written = vec![
            ("the log".to_owned(), self.log().into_bytes()),
            ("the output".to_owned(), self.output().into_bytes()),
        ];
        for entry in fs::read_dir(self.folder.path()).expect("the database's folder") {
            let path = entry.expect("a file of the database").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            // SQLite removes some of its files when it is done with them.
            if let Ok(bytes) = fs::read(&path) {
                written.push((name, bytes));
            }
        }
        let found = written.into_iter().filter(|(_, bytes)| contains(bytes, text.as_bytes()));
        found.map(|(name, _)| name).collect()
    }

    /// Lets somebody else sign in too.
    pub fn add_account(&self, email: &str, password: &str) -> Account {
        let account = Account { email: email.to_owned(), password: password.to_owned() };
        self.add(&account);
        account
    }

    fn add(&self, account: &Account) {
        let mut add = self.command();
        add.args(["user", "add", &account.email, "--password-stdin", "--database"]);
        run(add.arg(self.database()), &account.password);
    }

    fn log(&self) -> String {
        let running = self.running.borrow();
        let so_far = running.as_ref().map(|running| running.log.so_far()).unwrap_or_default();
        format!("{}{so_far}", self.log.borrow())
    }

    fn output(&self) -> String {
        let running = self.running.borrow();
        let so_far = running.as_ref().map(|running| running.chatter.so_far()).unwrap_or_default();
        format!("{}{so_far}", self.output.borrow())
    }

    fn command(&self) -> Command {
        Command::new(environment::server())
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("keys.db")
    }
}

/// Runs a program to its end, and gives what it printed.
fn run(command: &mut Command, input: &str) -> String {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    let mut stdin = child.stdin.take().expect("its input is piped");
    writeln!(stdin, "{input}").expect("it reads its input");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
