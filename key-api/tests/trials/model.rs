//! Steps in any order, each compared with what a model in memory says. The model is written from
//! `docs/KEY_API.md` and knows nothing of the server but its answers.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use contract::{DAY_MILLIS, Timestamp};
use key_api::password;
use key_api::server::Settings;
use key_api::store::Store;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestCaseResult, TestRunner};
use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::amount::amount;
use crate::support::{Answer, BOB, PASSWORD, START, TestServer, text};

const STEPS: usize = 50;
const QUOTA: u32 = 7;
const ACCESS: i64 = 3600;
const SESSION: i64 = 8 * 3600;
const GRACE_MILLIS: i64 = 60_000;
const REMEMBERED_MILLIS: i64 = 10 * 60 * 1000;
const NOBODYS: &str = "8b1d2f3a-52c6-4a51-8a8c-3a1f5f2f7d02";

/// What a user or somebody else does. A number chooses among what there is.
#[derive(Clone, Debug)]
enum Step {
    Create(u8),
    /// With one of three idempotency keys and one of two names.
    CreateRepeatable(u8, u8),
    List,
    Exchange(usize),
    Use(usize),
    UseInVain(usize),
    Usage(usize),
    Revoke(usize),
    RevokeAgain(usize),
    /// Somebody else asks for a key of this user.
    Stranger(usize),
    ExchangeRevoked(usize),
    SignIn,
    Refresh,
    RefreshPrevious,
    RefreshOldest,
    SignOut,
    Advance(u32),
    SetBack(u32),
}

fn step() -> impl Strategy<Value = Step> {
    let any = || 0..100_usize;
    prop_oneof![
        4 => (0..4_u8).prop_map(Step::Create),
        3 => (0..3_u8, 0..2_u8).prop_map(|(key, name)| Step::CreateRepeatable(key, name)),
        4 => Just(Step::List),
        5 => any().prop_map(Step::Exchange),
        6 => any().prop_map(Step::Use),
        2 => any().prop_map(Step::UseInVain),
        5 => any().prop_map(Step::Usage),
        3 => any().prop_map(Step::Revoke),
        1 => any().prop_map(Step::RevokeAgain),
        1 => any().prop_map(Step::Stranger),
        1 => any().prop_map(Step::ExchangeRevoked),
        1 => Just(Step::SignIn),
        4 => Just(Step::Refresh),
        2 => Just(Step::RefreshPrevious),
        1 => Just(Step::RefreshOldest),
        1 => Just(Step::SignOut),
        6 => prop::sample::select(&[1, 59, 61, 300, 599, 1800][..]).prop_map(Step::Advance),
        1 => prop::sample::select(&[12 * 3600, 24 * 3600][..]).prop_map(Step::Advance),
        1 => prop::sample::select(&[1, 60, 3600, 24 * 3600][..]).prop_map(Step::SetBack),
    ]
}

#[derive(Clone, Debug)]
struct Key {
    uuid: String,
    secret: String,
    name: String,
    created: i64,
    last_used: Option<i64>,
    successful: u64,
    failed: u64,
    by_day: HashMap<i64, u64>,
}

/// An access token: of the session, or of the key with this id.
#[derive(Clone, Debug)]
struct Access {
    token: String,
    key: Option<String>,
    expires: i64,
}

#[derive(Clone, Debug)]
struct Session {
    /// All refresh tokens from the first to the newest.
    tokens: Vec<String>,
    /// When the newest but one was used, and what was answered.
    last_use: Option<(i64, Value)>,
    access: Vec<Access>,
    expires: i64,
    ended: bool,
}

/// What was answered to an idempotency key, for which name, until when.
struct Remembered {
    name: String,
    answer: Value,
    expires: i64,
    may_be_gone: bool,
}

struct Model<'a> {
    server: &'a TestServer,
    email: String,
    keys: Vec<Key>,
    revoked: Vec<Key>,
    of_keys: Vec<Access>,
    remembered: HashMap<String, Remembered>,
    session: Session,
    stranger: Option<Access>,
}

impl<'a> Model<'a> {
    fn new(server: &'a TestServer, email: &str, hash: &str) -> Self {
        let user = email.parse().expect("an e-mail address");
        let now = server.clock.now();
        let added = server.store.write(|records| records.add_user(&user, hash, now));
        added.expect("the database works").expect("a new user");
        let mut model = Self {
            server,
            email: email.to_owned(),
            keys: Vec::new(),
            revoked: Vec::new(),
            of_keys: Vec::new(),
            remembered: HashMap::new(),
            session: Session {
                tokens: Vec::new(),
                last_use: None,
                access: Vec::new(),
                expires: 0,
                ended: true,
            },
            stranger: None,
        };
        model.sign_in();
        model
    }

    fn now(&self) -> i64 {
        self.server.clock.now().unix_millis()
    }

    fn holds(&self, expires_seconds: i64) -> bool {
        self.now() < expires_seconds * 1000
    }

    /// What has expired may be gone for good, and may not: so before the clock is set back, nobody
    /// asks for it any more.
    fn forget_expired(&mut self) {
        let now = self.now();
        self.of_keys.retain(|access| now < access.expires * 1000);
        self.session.access.retain(|access| now < access.expires * 1000);
        self.stranger.take_if(|access| now >= access.expires * 1000);
        self.session.last_use.take_if(|(used, _)| now - *used > GRACE_MILLIS);
        for remembered in self.remembered.values_mut().filter(|it| now >= it.expires) {
            remembered.may_be_gone = true;
        }
    }

    fn sign_in(&mut self) {
        let answer = self.server.sign_in(&self.email);
        let seconds = self.now().div_euclid(1000);
        assert_eq!(answer["expires_at"], seconds + ACCESS);
        assert_eq!(answer["refresh_token_expires_at"], seconds + SESSION);
        self.session = Session {
            tokens: vec![text(&answer["refresh_token"])],
            last_use: None,
            access: vec![access(&answer, None)],
            expires: seconds + SESSION,
            ended: false,
        };
    }

    /// The newest access token of the session. If it does not hold, it is refreshed, and if that
    /// does not help, there is a new sign-in.
    fn access(&mut self) -> Result<String, TestCaseError> {
        let is_alive = !self.session.ended && self.holds(self.session.expires);
        if is_alive && self.newest_access().is_none() {
            self.refresh_newest()?;
        }
        if !is_alive || self.newest_access().is_none() {
            self.sign_in();
        }
        Ok(self.newest_access().unwrap_or_default())
    }

    fn newest_access(&self) -> Option<String> {
        let newest = self.session.access.last()?;
        self.holds(newest.expires).then(|| newest.token.clone())
    }

    fn call(&self, method: &str, path: &str, token: &str) -> Answer {
        self.server.call(method, path).bearer(token).send()
    }

    fn add_key(&mut self, made: &Value, name: &str) {
        self.keys.push(Key {
            uuid: text(&made["uuid"]),
            secret: text(&made["api_key"]),
            name: name.to_owned(),
            created: self.now(),
            last_used: None,
            successful: 0,
            failed: 0,
            by_day: HashMap::new(),
        });
    }

    fn use_key(&mut self, uuid: &str, success: bool) {
        let now = self.now();
        if let Some(key) = self.keys.iter_mut().find(|key| key.uuid == uuid) {
            *(if success { &mut key.successful } else { &mut key.failed }) += 1;
            *key.by_day.entry(now.div_euclid(DAY_MILLIS)).or_default() += 1;
            key.last_used = key.last_used.max(Some(now)).max(Some(key.created + 1));
        }
    }

    /// The list, in the order of creation.
    fn rows(&self) -> Value {
        let mut keys: Vec<&Key> = self.keys.iter().collect();
        keys.sort_by_key(|key| key.created);
        let time = |millis| Timestamp::from_unix_millis(millis).to_string();
        keys.iter()
            .map(|key| {
                json!({
                    "uuid": key.uuid,
                    "name": key.name,
                    "api_key": format!("{}…{}", &key.secret[..8], &key.secret[49..]),
                    "created": time(key.created),
                    "last_used": time(key.last_used.unwrap_or(key.created)),
                })
            })
            .collect()
    }

    fn usage(&self, key: &Key) -> Value {
        let (now, completed) = (self.now(), key.successful + key.failed);
        let today = key.by_day.get(&now.div_euclid(DAY_MILLIS)).copied().unwrap_or(0);
        let days = ((now - key.created) as f64 / DAY_MILLIS as f64).max(1.0);
        json!({
            "completed_requests": completed,
            "successful_requests": key.successful,
            "failed_requests": key.failed,
            "quota_usage_percentage": today as f64 * 100.0 / f64::from(QUOTA),
            "requests_per_day": completed as f64 / days,
        })
    }

    fn apply(&mut self, step: &Step) -> TestCaseResult {
        let pick = |number: usize, length: usize| (length > 0).then(|| number % length);
        match *step {
            Step::Create(number) => {
                let (token, name) = (self.access()?, format!("key {number}"));
                let made = self.server.create_key(&token, &name);
                self.add_key(&made, &name);
            }
            Step::CreateRepeatable(key, name) => {
                self.create_repeatable(&format!("{}-{key}", self.email), &format!("name {name}"))?;
            }
            Step::List => {
                let token = self.access()?;
                prop_assert_eq!(self.server.list(&token).ok(), self.rows());
            }
            Step::Exchange(number) => {
                let Some(index) = pick(number, self.keys.len()) else { return Ok(()) };
                let (uuid, secret) =
                    (self.keys[index].uuid.clone(), json!(self.keys[index].secret));
                let answer = self.server.exchange(&secret).ok();
                prop_assert_eq!(&answer["expires_at"], self.now().div_euclid(1000) + ACCESS);
                self.of_keys.push(access(&answer, Some(uuid.clone())));
                self.use_key(&uuid, true);
            }
            Step::Use(number) | Step::UseInVain(number) => {
                let Some(index) = pick(number, self.of_keys.len()) else { return Ok(()) };
                let in_vain = matches!(step, Step::UseInVain(_));
                self.use_token(&self.of_keys[index].clone(), in_vain)?;
            }
            Step::Usage(number) => {
                let token = self.access()?;
                let Some(index) = pick(number, self.keys.len()) else { return Ok(()) };
                let key = &self.keys[index];
                let usage = self.call("GET", &format!("/keys/{}/usage", key.uuid), &token);
                let (usage, expected) = (usage.ok(), self.usage(key));
                for (name, value) in expected.as_object().expect("an object") {
                    // The last digit of a fraction may get lost between text and number.
                    let difference = value.as_f64().zip(usage[name].as_f64()).map(|(a, b)| a - b);
                    prop_assert!(difference.is_some_and(|it| it.abs() < 1e-9), "{usage} {name}");
                }
            }
            Step::Revoke(number) => {
                let token = self.access()?;
                let Some(index) = pick(number, self.keys.len()) else { return Ok(()) };
                let key = self.keys.remove(index);
                let answer = self.call("DELETE", &format!("/keys/{}", key.uuid), &token);
                prop_assert_eq!(answer.ok(), json!({}));
                self.revoked.push(key);
            }
            Step::RevokeAgain(number) => {
                let token = self.access()?;
                let key = pick(number, self.revoked.len()).map(|index| &self.revoked[index].uuid);
                let uuid = key.map_or(NOBODYS, String::as_str);
                let answer = self.call("DELETE", &format!("/keys/{uuid}"), &token);
                prop_assert_eq!(answer.status, 404);
            }
            Step::Stranger(number) => {
                let Some(index) = pick(number, self.keys.len()) else { return Ok(()) };
                let token = self.stranger();
                let path = format!("/keys/{}", self.keys[index].uuid);
                prop_assert_eq!(self.call("DELETE", &path, &token).status, 404);
                let usage = self.call("GET", &format!("{path}/usage"), &token);
                prop_assert_eq!(usage.status, 404);
            }
            Step::ExchangeRevoked(number) => {
                let Some(index) = pick(number, self.revoked.len()) else { return Ok(()) };
                let secret = json!(self.revoked[index].secret);
                prop_assert_eq!(self.server.exchange(&secret).status, 400);
            }
            Step::SignIn => self.sign_in(),
            Step::Refresh => self.refresh_newest()?,
            Step::RefreshPrevious => self.refresh_previous()?,
            Step::RefreshOldest => self.refresh_oldest()?,
            Step::SignOut => {
                let newest = self.session.tokens.last().cloned().unwrap_or_default();
                let form = [("token", &*newest)];
                let answer = self.server.call("POST", "/auth/revoke").form(&form).send();
                prop_assert_eq!(answer.ok(), json!({}));
                self.end_session()?;
            }
            Step::Advance(seconds) => {
                self.server.advance(seconds.into());
            }
            Step::SetBack(seconds) => {
                self.forget_expired();
                self.server.set_back(seconds.into());
            }
        }
        Ok(())
    }

    fn create_repeatable(&mut self, key: &str, name: &str) -> TestCaseResult {
        let token = self.access()?;
        let call = self.server.call("PUT", "/keys/").bearer(&token).header("idempotency-key", key);
        let earlier = self.remembered.get(key);
        if earlier.is_some_and(|earlier| earlier.may_be_gone) {
            return Ok(());
        }
        let is_kept = earlier.is_some_and(|earlier| self.now() < earlier.expires);
        let answer = call.json(&json!({ "name": name })).send();
        let Some(earlier) = earlier.filter(|_| is_kept) else {
            let (made, expires) = (answer.ok(), self.now() + REMEMBERED_MILLIS);
            self.add_key(&made, name);
            let name = name.to_owned();
            let remembered = Remembered { name, answer: made, expires, may_be_gone: false };
            self.remembered.insert(key.to_owned(), remembered);
            return Ok(());
        };
        let is_there = self.keys.iter().any(|key| earlier.answer["uuid"] == key.uuid);
        match (is_there, earlier.name == name) {
            (false, _) => prop_assert_eq!(answer.status, 409),
            (true, true) => prop_assert_eq!(answer.ok(), earlier.answer.clone()),
            (true, false) => prop_assert_eq!(answer.status, 422),
        }
        Ok(())
    }

    fn use_token(&mut self, access: &Access, in_vain: bool) -> TestCaseResult {
        let holds = self.holds(access.expires);
        let uuid = access.key.clone().unwrap_or_default();
        let is_good = holds && self.keys.iter().any(|key| key.uuid == uuid);
        let rows = self.rows();
        let answer = if in_vain {
            self.call("DELETE", &format!("/keys/{NOBODYS}"), &access.token)
        } else {
            self.server.list(&access.token)
        };
        match (is_good, in_vain) {
            (false, _) => prop_assert_eq!(answer.status, 401),
            (true, true) => prop_assert_eq!(answer.status, 404),
            // A request is counted after it was answered.
            (true, false) => prop_assert_eq!(answer.ok(), rows),
        }
        if is_good {
            self.use_key(&uuid, !in_vain);
        }
        Ok(())
    }

    fn stranger(&mut self) -> String {
        let kept = self.stranger.as_ref().filter(|it| self.holds(it.expires));
        if let Some(kept) = kept {
            return kept.token.clone();
        }
        let new = access(&self.server.sign_in(BOB), None);
        self.stranger.insert(new).token.clone()
    }

    fn refresh(&self, token: &str) -> Answer {
        self.server.refresh(&json!(token))
    }

    fn refresh_newest(&mut self) -> TestCaseResult {
        let (now, seconds) = (self.now(), self.now().div_euclid(1000));
        let newest = self.session.tokens.last().cloned().unwrap_or_default();
        let answer = self.refresh(&newest);
        if self.session.ended || seconds >= self.session.expires {
            prop_assert_eq!(answer.status, 400);
            return Ok(());
        }
        let answer = answer.ok();
        let expires = (seconds + ACCESS).min(self.session.expires);
        prop_assert_eq!(&answer["expires_at"], expires);
        prop_assert_eq!(&answer["refresh_token_expires_at"], self.session.expires);
        self.session.tokens.push(text(&answer["refresh_token"]));
        self.session.access.push(access(&answer, None));
        self.session.last_use = Some((now, answer));
        Ok(())
    }

    /// The token before the newest is asked for again: the same answer for a minute, and the end
    /// of the session later.
    fn refresh_previous(&mut self) -> TestCaseResult {
        let Some((used, earlier)) = self.session.last_use.clone() else { return Ok(()) };
        let in_time = self.now() - used <= GRACE_MILLIS;
        let previous = self.session.tokens.iter().nth_back(1).cloned().unwrap_or_default();
        let answer = self.refresh(&previous);
        let is_over = self.session.ended || self.now().div_euclid(1000) >= self.session.expires;
        if is_over || !in_time {
            prop_assert_eq!(answer.status, 400);
            return if is_over { Ok(()) } else { self.end_session() };
        }
        prop_assert_eq!(answer.ok(), earlier);
        Ok(())
    }

    /// A token that was followed by two others ends the session, however young it is.
    fn refresh_oldest(&mut self) -> TestCaseResult {
        if self.session.tokens.len() < 3 {
            return Ok(());
        }
        let oldest = self.session.tokens.first().cloned().unwrap_or_default();
        prop_assert_eq!(self.refresh(&oldest).status, 400);
        let is_over = self.session.ended || self.now().div_euclid(1000) >= self.session.expires;
        if is_over { Ok(()) } else { self.end_session() }
    }

    /// From now on none of the session's tokens is good for anything.
    fn end_session(&mut self) -> TestCaseResult {
        self.session.ended = true;
        for access in &self.session.access {
            prop_assert_eq!(self.server.list(&access.token).status, 401);
        }
        for token in &self.session.tokens {
            prop_assert_eq!(self.refresh(token).status, 400);
        }
        Ok(())
    }
}

fn access(answer: &Value, key: Option<String>) -> Access {
    let expires = answer["expires_at"].as_i64().expect("a number");
    Access { token: text(&answer["access_token"]), key, expires }
}

/// A folder in memory if there is one: how the disk is used is tested elsewhere.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
    folder.expect("a temporary folder")
}

#[test]
fn steps_in_any_order_do_what_the_model_says() {
    let folder = folder();
    let store = Store::open(&folder.path().join("keys.db")).expect("a new database");
    let server = TestServer::on(store, |settings: &mut Settings| {
        settings.daily_quota = QUOTA;
        settings.lifetimes.access = Duration::from_secs(ACCESS as u64);
    });
    assert_eq!(server.clock.now().to_string(), START);
    server.add_user(BOB);
    let hash = password::hash(&SecretString::from(PASSWORD)).expect("hashing works");
    let users = AtomicUsize::new(0);
    let mut config = Config::with_cases(amount("OCCAM_KEYS_SEQUENCES", 200));
    config.failure_persistence = None;
    // A sequence is fifty requests, and finding the shortest that fails takes many.
    config.max_shrink_iters = 500;
    let result = TestRunner::new(config).run(&vec(step(), STEPS), |steps| {
        let number = users.fetch_add(1, Ordering::Relaxed);
        let mut model = Model::new(&server, &format!("user{number}@example.com"), &hash);
        for step in &steps {
            model.apply(step)?;
        }
        model.apply(&Step::List)
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    println!("{} sequences of {STEPS} steps", users.into_inner());
}
