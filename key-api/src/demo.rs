//! A demo account with keys of every kind, for looking at the front end.

use std::fmt;

use contract::{DAY_MILLIS, Timestamp};
use secrecy::SecretString;
use uuid::Uuid;

use crate::password::{self, HashError};
use crate::secret::{ApiKey, Token};
use crate::store::{DayUsage, Store, StoreError};
use crate::user::Email;

/// The demo account.
#[derive(Debug)]
pub struct Account {
    /// Its e-mail address.
    pub email: &'static str,
    /// Its password, made for this database.
    pub password: SecretString,
}

/// Why there is no demo account now.
#[derive(Debug)]
pub enum DemoError {
    /// Somebody uses the database already: it is not one to throw away.
    NotFresh,
    /// The password could not be hashed.
    Hash(HashError),
    /// There are no random numbers.
    Random(getrandom::Error),
    /// The database failed.
    Store(StoreError),
}

const EMAIL: &str = "demo@example.com";

/// A key, when it was made, and how it was used from then on.
struct Key {
    name: &'static str,
    /// Days since it was made.
    age: i64,
    /// Days since it was used last, or none if it never was.
    idle: Option<i64>,
    /// Requests on an ordinary weekday.
    daily: u32,
    /// How many of a thousand requests fail.
    failing: u32,
}

const fn key(name: &'static str, age: i64, idle: Option<i64>, daily: u32, failing: u32) -> Key {
    Key { name, age, idle, daily, failing }
}

/// Ordinary ones, and each kind of odd one that the front end has something to say about.
const KEYS: [Key; 12] = [
    key("Production backend", 214, Some(0), 640, 4),
    key("Staging backend", 180, Some(0), 85, 21),
    key("ci-bot", 151, Some(0), 120, 9),
    key("Old laptop", 240, Some(128), 14, 30),
    key("Data warehouse, nightly export", 97, Some(1), 48_000, 2),
    key("Migration 2026 (remove me)", 131, Some(104), 900, 55),
    key("Webhook relay", 62, Some(0), 75, 730),
    key("Grafana", 88, Some(1), 288, 0),
    key("Load test", 12, Some(0), 1_900, 120),
    key("Équipe Zürich – 分析", 41, Some(3), 33, 15),
    key("Spare for the on-call phone", 117, None, 0, 0),
    key("new-service", 0, None, 0, 0),
];

/// Fills a fresh database with the demo account.
///
/// # Errors
/// [`DemoError`] if the database has users already, or fails.
pub fn fill(store: &Store, now: Timestamp) -> Result<Account, DemoError> {
    let password = SecretString::from(Token::random()?.expose()[..20].to_owned());
    let hash = password::hash(&password).map_err(DemoError::Hash)?;
    let email = Email::as_presented(EMAIL);
    let secrets = KEYS.iter().map(|_| ApiKey::random()).collect::<Result<Vec<_>, _>>()?;
    let fresh = store.write(|records| {
        if !records.emails()?.is_empty() {
            return Ok(false);
        }
        let Some(user) = records.add_user(&email, &hash, days_before(now, 250))? else {
            return Ok(false);
        };
        for (key, secret) in KEYS.iter().zip(&secrets) {
            let created = days_before(now, key.age);
            let id = records.add_key(user, Uuid::new_v4(), key.name, secret, created)?;
            for usage in history(key, now) {
                records.add_usage(id, &usage)?;
            }
        }
        Ok(true)
    })?;
    if fresh { Ok(Account { email: EMAIL, password }) } else { Err(DemoError::NotFresh) }
}

/// One entry for each day on which the key was used.
fn history(key: &Key, now: Timestamp) -> impl Iterator<Item = DayUsage> {
    let days = key.idle.map(|idle| idle..=key.age);
    days.into_iter().flatten().rev().map(move |ago| {
        // Some minutes before the time of day it is now, never in the future.
        let noise = noise(key.name, ago);
        let last = days_before(now, ago).unix_millis() - i64::from(noise % 600_000);
        // Today is never a quiet day, so that the load test is over its quota whenever one looks.
        let weekend =
            ago > 0 && [2, 3].contains(&Timestamp::from_unix_millis(last).utc_day().rem_euclid(7));
        let ordinary = if weekend { key.daily / 4 } else { key.daily };
        let total = ordinary * (75 + noise % 50) / 100 + 1;
        let failed = (total * key.failing).div_ceil(1000);
        let last = Timestamp::from_unix_millis(last);
        DayUsage { last, successful: total - failed, failed }
    })
}

/// A number that looks random and is the same each time (FNV-1a).
fn noise(name: &str, day: i64) -> u32 {
    let bytes = name.bytes().chain(day.to_le_bytes());
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn days_before(now: Timestamp, days: i64) -> Timestamp {
    Timestamp::from_unix_millis(now.unix_millis() - days * DAY_MILLIS)
}

impl fmt::Display for DemoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFresh => {
                f.write_str("the database has users already; give the demo a database of its own")
            }
            Self::Hash(error) => write!(f, "{error}"),
            Self::Random(error) => write!(f, "no random numbers: {error}"),
            Self::Store(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for DemoError {}

impl From<StoreError> for DemoError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<getrandom::Error> for DemoError {
    fn from(error: getrandom::Error) -> Self {
        Self::Random(error)
    }
}
