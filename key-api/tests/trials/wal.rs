//! The write-ahead log is cut off or damaged at chosen points, as a loss of power or a bad disk
//! would leave it. What was acknowledged before that point is there, whole and in order.

use std::fs;
use std::path::{Path, PathBuf};

use fastrand::Rng;
use key_api::clock::Clock;
use key_api::store::Store;
use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use serde_json::Value;
use tempfile::TempDir;

use crate::amount::amount;
use crate::random;
use crate::support::{ADA, TestServer, text};

/// The log begins with a header, and each page in it has one (the file format of SQLite, 4.1).
const HEADER: usize = 32;

/// A database and its log while the server that wrote them still ran, and what was in it after
/// each answer.
struct History {
    database: Vec<u8>,
    log: Vec<u8>,
    states: Vec<State>,
}

/// What the database held when the log had this length.
struct State {
    length: usize,
    rows: Rows,
}

type Rows = Vec<(String, Vec<Vec<Cell>>)>;

fn log_of(database: &Path) -> PathBuf {
    database.with_extension("db-wal")
}

/// All rows of all tables.
fn rows(connection: &Connection) -> Rows {
    let strings = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).expect("a statement");
        let rows = statement.query_map([], |row| row.get(0)).expect("rows");
        rows.collect::<Result<_, _>>().expect("text")
    };
    let tables = strings("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    let table = |name: &String| {
        let mut statement =
            connection.prepare(&format!("SELECT * FROM {name} ORDER BY 1, 2")).expect("a table");
        let columns = statement.column_count();
        let rows = statement
            .query_map([], |row| (0..columns).map(|column| row.get(column)).collect())
            .expect("rows");
        rows.collect::<Result<_, _>>().expect("cells")
    };
    tables.iter().map(|name| (name.clone(), table(name))).collect()
}

/// Lets a server do sixty changes, each of which is one transaction.
fn history(random: &mut Rng) -> History {
    let server = TestServer::start();
    let database = server.folder().join("keys.db");
    let mut tokens = server.sign_in(ADA);
    server.store.checkpoint().expect("nobody else uses the database");
    let connection = Connection::open(&database).expect("the database");
    let length = || fs::metadata(log_of(&database)).map_or(0, |log| log.len() as usize);
    let mut states = vec![State { length: length(), rows: rows(&connection) }];
    assert_eq!(states[0].length, 0, "the log is empty");

    let (mut keys, mut other): (Vec<Value>, Option<Value>) = (Vec::new(), None);
    for number in 0..60 {
        let token = text(&tokens["access_token"]);
        match random.u8(..8) {
            0..3 => keys.push(server.create_key(&token, &format!("key {number}"))),
            3..5 if !keys.is_empty() => {
                server.exchange(&random.choice(&keys).expect("one")["api_key"]).ok();
            }
            5 if !keys.is_empty() => {
                let key = keys.swap_remove(random.usize(..keys.len()));
                let path = format!("/keys/{}", text(&key["uuid"]));
                server.call("DELETE", &path).bearer(&token).send().ok();
            }
            6 => match other.take() {
                None => other = Some(server.sign_in(ADA)),
                Some(other) => {
                    let revoked = [("token", &*text(&other["refresh_token"]))];
                    server.call("POST", "/auth/revoke").form(&revoked).send().ok();
                }
            },
            _ => tokens = server.refresh(&tokens["refresh_token"]).ok(),
        }
        states.push(State { length: length(), rows: rows(&connection) });
    }
    let read = |path: &Path| fs::read(path).expect("a file");
    let history = History { database: read(&database), log: read(&log_of(&database)), states };
    assert_eq!(history.log.len(), history.states[60].length, "nothing came after the last answer");
    history
}

/// A place in the log: near the end of an answer's changes, in a header, or anywhere.
fn place(history: &History, random: &mut Rng) -> usize {
    let pages = (history.log.len() - HEADER) / (24 + 4096);
    let place = match random.u8(..4) {
        0 => random.choice(&history.states).map_or(0, |state| state.length) + random.usize(..3),
        1 => HEADER + random.usize(..pages) * (24 + 4096) + random.usize(..25),
        2 => random.usize(..HEADER + 1),
        _ => random.usize(..history.log.len()),
    };
    place.saturating_sub(1).min(history.log.len() - 1)
}

#[test]
fn whatever_happens_to_the_log_what_was_acknowledged_before_is_there() {
    let tries: usize = amount("OCCAM_KEYS_CUTS", 500);
    let mut random = random::from_environment();
    let history = history(&mut random);
    let mut found = vec![0; history.states.len()];
    for number in 0..tries {
        let place = place(&history, &mut random);
        let (what, log) = if number % 2 == 0 {
            ("cut", history.log[..place].to_vec())
        } else {
            let mut log = history.log.clone();
            log[place] ^= 1 << random.u8(..8);
            ("damaged", log)
        };
        let folder = TempDir::new().expect("a temporary folder");
        let database = folder.path().join("keys.db");
        fs::write(&database, &history.database).expect("a writable folder");
        fs::write(log_of(&database), log).expect("a writable folder");

        let store = Store::open(&database);
        let store = store.unwrap_or_else(|error| panic!("{what} at {place}: {error}"));
        let whole = history.states.iter().rposition(|state| state.length <= place);
        let whole = whole.expect("the log was empty in the beginning");
        let connection = Connection::open(&database).expect("the database");
        assert!(
            rows(&connection) == history.states[whole].rows,
            "{what} at {place}: not what it was after answer {whole}"
        );
        found[whole] += 1;
        let bob = "bob@example.com".parse().expect("an e-mail address");
        let added = store.write(|records| records.add_user(&bob, "hash", Clock::system().now()));
        assert!(added.is_ok_and(|user| user.is_some()), "{what} at {place}: it goes on");
    }
    println!("{tries} damaged logs of {} bytes ended in {found:?}", history.log.len());
    assert!(found.iter().filter(|&&count| count > 0).count() > 30, "{found:?}: too few places");
}

#[test]
fn a_damaged_file_is_found_out_after_an_unclean_stop() {
    let mut random = random::from_environment();
    let mut history = history(&mut random);
    // The log holds the newest form of the pages that it changed; the others are damaged here.
    let page = 4096;
    let logged: Vec<usize> = history.log[HEADER..]
        .chunks_exact(24 + page)
        .map(|frame| u32::from_be_bytes([frame[0], frame[1], frame[2], frame[3]]) as usize)
        .collect();
    let pages = history.database.len() / page;
    let damaged = (2..=pages).find(|number| !logged.contains(number)).expect("an untouched page");
    history.database[(damaged - 1) * page..][..page].fill(0x5a);
    let folder = TempDir::new().expect("a temporary folder");
    let database = folder.path().join("keys.db");
    fs::write(&database, &history.database).expect("a writable folder");
    fs::write(log_of(&database), &history.log).expect("a writable folder");
    for start in 1..=2 {
        let error = Store::open(&database).expect_err("it is damaged").to_string();
        assert!(error.contains("it is damaged"), "start {start}: {error}");
        let log = fs::read(log_of(&database)).expect("the log");
        assert!(log == history.log, "start {start}: what may be saved is left alone");
    }
}
