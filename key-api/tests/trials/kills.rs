//! The server is killed at any moment under load. What it acknowledged is there afterwards.

use std::fmt::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use fastrand::Rng;
use key_api::server::Lifetimes;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::amount::amount;
use crate::process::{Body, Client, Outcome, Process, add_users, serve};
use crate::random;
use crate::support::text;

const USERS: [&str; 3] = ["ada@example.com", "bob@example.com", "eve@example.com"];
/// So many keys a user has at most, so that every round takes the same time.
const MOST_KEYS: usize = 8;

/// What one user was told, and so must find.
struct User {
    random: Rng,
    access: String,
    session: Session,
    keys: Vec<Key>,
    /// Creations whose answer was lost: the idempotency key and the name.
    creations: Vec<(String, String)>,
    /// Deletions whose answer was lost.
    deletions: Vec<Key>,
    gone: Vec<Key>,
    made: usize,
    acknowledged: usize,
    lost_answers: usize,
}

struct Session {
    email: String,
    refresh_token: String,
    /// When the refresh was sent whose answer was lost.
    lost: Option<Instant>,
    /// How often the machine was so slow that the server took a repetition for a theft.
    too_late: usize,
}

#[derive(Clone)]
struct Key {
    uuid: String,
    secret: String,
    name: String,
    /// Between how many requests the server must count.
    uses: (u64, u64),
}

impl User {
    fn sign_in(client: &Client, email: &str, random: Rng) -> Self {
        let tokens = client.sign_in(email);
        // The session that is refreshed is another one than that which looks.
        let session = Session::begin(client, email);
        Self {
            random,
            access: text(&tokens["access_token"]),
            session,
            keys: Vec::new(),
            creations: Vec::new(),
            deletions: Vec::new(),
            gone: Vec::new(),
            made: 0,
            acknowledged: 0,
            lost_answers: 0,
        }
    }

    /// One change, noted by how it ended.
    fn step(&mut self, client: &Client) {
        let number = self.random.usize(..self.keys.len().max(1));
        let known = match self.random.u8(..10) {
            0..4 if self.keys.len() < MOST_KEYS => self.create(client),
            0..5 if !self.keys.is_empty() => {
                let key = self.keys.swap_remove(number);
                match client.delete(&self.access, &key.uuid) {
                    Outcome::Answered(status, body) => {
                        assert_eq!((status, body), (200, json!({})), "{} is deleted", key.name);
                        self.gone.push(key);
                        true
                    }
                    Outcome::Unknown => {
                        self.deletions.push(key);
                        false
                    }
                }
            }
            0..8 if !self.keys.is_empty() => self.keys[number].exchange(client),
            _ => self.session.refresh(client),
        };
        if known {
            self.acknowledged += 1;
        } else {
            self.lost_answers += 1;
        }
    }

    fn create(&mut self, client: &Client) -> bool {
        self.made += 1;
        let name = format!("key {}", self.made);
        let idempotency_key = format!("{:032x}", self.random.u128(..));
        let known = self.put(client, &idempotency_key, &name);
        if !known {
            self.creations.push((idempotency_key, name));
        }
        known
    }

    fn put(&mut self, client: &Client, idempotency_key: &str, name: &str) -> bool {
        let body = Body::Repeatable(idempotency_key, json!({ "name": name }));
        match client.send("PUT", "/keys/", &self.access, body) {
            Outcome::Unknown => false,
            outcome => {
                let made = outcome.ok();
                let (uuid, secret) = (text(&made["uuid"]), text(&made["api_key"]));
                self.keys.push(Key { uuid, secret, name: name.to_owned(), uses: (0, 0) });
                true
            }
        }
    }

    /// Everything that was acknowledged must be there, nothing by half, and nothing else.
    fn check(&mut self, client: &Client) {
        let before = self.rows(client);
        for (idempotency_key, name) in std::mem::take(&mut self.creations) {
            let made = before.iter().filter(|row| row["name"] == name).count();
            assert!(made <= 1, "{name} was made {made} times");
            // Made or not, its repetition gives the one key of this name, with its secret.
            assert!(self.put(client, &idempotency_key, &name), "a server that lives answers");
        }
        let rows = self.rows(client);
        for key in std::mem::take(&mut self.deletions) {
            if rows.iter().any(|row| row["uuid"] == key.uuid) {
                self.keys.push(key);
            } else {
                self.gone.push(key);
            }
        }
        let mut unexplained = String::new();
        for row in &rows {
            let key = self.keys.iter().find(|key| row["uuid"] == key.uuid);
            if key.is_none_or(|key| !key.is_row(row)) {
                writeln!(unexplained, "{row}").expect("a string grows");
            }
        }
        assert!(unexplained.is_empty(), "nobody was told of {unexplained}");
        assert_eq!(rows.len(), self.keys.len(), "keys are missing: {rows:?}");
        for key in &mut self.keys {
            key.check_uses(client, &self.access);
        }
        if let Some(key) = self.random.choice(&self.keys).cloned() {
            assert!(self.keys.iter_mut().all(|it| it.uuid != key.uuid || it.exchange(client)));
        }
        if let Some(key) = self.random.choice(&self.gone) {
            assert_eq!(client.exchange(&key.secret).status(), Some(400), "{} is gone", key.name);
        }
        self.session.check(client);
    }

    fn rows(&self, client: &Client) -> Vec<Value> {
        client.list(&self.access).ok().as_array().expect("a list").clone()
    }
}

impl Key {
    fn exchange(&mut self, client: &Client) -> bool {
        self.uses.1 += 1;
        match client.exchange(&self.secret) {
            Outcome::Unknown => false,
            outcome => {
                outcome.ok();
                self.uses.0 += 1;
                true
            }
        }
    }

    fn is_row(&self, row: &Value) -> bool {
        let masked = format!("{}…{}", &self.secret[..8], &self.secret[49..]);
        row["name"] == self.name && row["api_key"] == masked
    }

    fn check_uses(&mut self, client: &Client, access: &str) {
        let usage = client.usage(access, &self.uuid).ok();
        let count = |name: &str| usage[name].as_u64().expect("a number");
        let completed = count("completed_requests");
        assert!(
            (self.uses.0..=self.uses.1).contains(&completed),
            "{}: {completed} requests, not {:?}",
            self.name,
            self.uses
        );
        assert_eq!(completed, count("successful_requests") + count("failed_requests"));
        self.uses = (completed, completed);
    }
}

impl Session {
    fn begin(client: &Client, email: &str) -> Self {
        let refresh_token = text(&client.sign_in(email)["refresh_token"]);
        Self { email: email.to_owned(), refresh_token, lost: None, too_late: 0 }
    }

    fn refresh(&mut self, client: &Client) -> bool {
        let sent = Instant::now();
        match client.refresh(&self.refresh_token) {
            Outcome::Unknown => {
                self.lost.get_or_insert(sent);
                false
            }
            // What comes after the grace ends the session: that is the promise then.
            Outcome::Answered(400, body) if self.lost.is_some_and(is_after_the_grace) => {
                assert_eq!(body["detail"], "Refresh token expired or is already used");
                let too_late = self.too_late + 1;
                *self = Self { too_late, ..Self::begin(client, &self.email) };
                true
            }
            outcome => {
                self.refresh_token = text(&outcome.ok()["refresh_token"]);
                self.lost = None;
                true
            }
        }
    }

    /// The last token that was received is good, also when the answer to its use was lost.
    fn check(&mut self, client: &Client) {
        assert!(self.refresh(client), "a server that lives answers");
    }
}

fn is_after_the_grace(lost: Instant) -> bool {
    lost.elapsed() > Lifetimes::default().grace
}

fn check_all(users: &mut [User], server: &Process) {
    std::thread::scope(|scope| {
        for user in users {
            let client = server.client();
            scope.spawn(move || user.check(&client));
        }
    });
}

/// Starts the server and kills it before it has come to anything.
fn kill_in_recovery(database: &Path, random: &mut Rng) {
    let mut child = serve(database).spawn().expect("the program starts");
    std::thread::sleep(Duration::from_micros(random.u64(..20_000)));
    child.kill().and_then(|()| child.wait()).expect("it is killed");
}

#[test]
fn nothing_acknowledged_is_lost_when_the_server_is_killed() {
    let rounds: usize = amount("OCCAM_KEYS_KILLS", 200);
    let mut random = random::from_environment();
    let folder = TempDir::new().expect("a temporary folder");
    let database = folder.path().join("keys.db");
    add_users(&database, &USERS);

    let mut server = Process::start(&database);
    let client = server.client();
    let mut users = USERS.map(|email| User::sign_in(&client, email, random.fork()));
    let mut starts = Vec::new();
    for round in 0..rounds {
        check_all(&mut users, &server);
        let killed = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for user in &mut users {
                let (client, killed) = (server.client(), &killed);
                scope.spawn(move || {
                    while !killed.load(Ordering::SeqCst) {
                        user.step(&client);
                    }
                });
            }
            // The moment is what is chosen by chance here, so this is no wait for anything.
            std::thread::sleep(Duration::from_millis(random.u64(5..125)));
            killed.store(true, Ordering::SeqCst);
            let log = server.kill();
            assert!(!log.contains("panicked"), "round {round}: {log}");
            assert!(!log.contains(" 500 "), "round {round}: {log}");
        });
        if random.u8(..10) == 0 {
            kill_in_recovery(&database, &mut random);
        }
        server = Process::start(&database);
        starts.push(server.start);
    }
    check_all(&mut users, &server);

    let sum = |count: fn(&User) -> usize| users.iter().map(count).sum::<usize>();
    let (acknowledged, lost) = (sum(|user| user.acknowledged), sum(|user| user.lost_answers));
    let too_late = sum(|user| user.session.too_late);
    starts.sort();
    println!(
        "{rounds} kills: {acknowledged} acknowledged, {lost} without an answer, {too_late} \
         sessions repeated after the grace; restart {:?} at the median, {:?} at most",
        starts[rounds / 2],
        starts[rounds - 1]
    );
    assert!(acknowledged > rounds, "the load was no load");
    assert!(lost > rounds / 2, "hardly any kill met a request: {lost}");
}
