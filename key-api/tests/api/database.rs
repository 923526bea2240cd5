//! One database, its server, its copies, and the shapes it had in earlier versions.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use key_api::clock::Clock;
use key_api::store::{BackupError, Store};
use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

use crate::program::{Process, check_failure, run_on};
use crate::support::{ADA, TestServer, text};

#[test]
fn a_second_server_is_refused_until_the_first_has_ended_however_it_ends() {
    let folder = TempDir::new().expect("a temporary folder");
    let database = folder.path().join("keys.db");
    let first = Process::serve(&database, &[]);
    // At its address, so that one that were let in would end all the same.
    let second = run_on(&database, &["serve", "--listen", &first.address.to_string()]);
    check_failure(&second, 1, "another server uses the database");
    assert!(run_on(&database, &["user", "list"]).status.success(), "other commands go on");
    first.kill();
    drop(Process::serve(&database, &[]));
}

#[test]
fn a_file_that_another_program_holds_prevents_the_start() {
    let folder = TempDir::new().expect("a temporary folder");
    let database = folder.path().join("keys.db");
    let other = Connection::open(&database).expect("a new database");
    other.execute_batch("BEGIN EXCLUSIVE").expect("the lock");
    check_failure(&run_on(&database, &["user", "list"]), 1, "keys.db: another program holds it.");
}

#[test]
fn a_damaged_database_is_left_as_it_is_with_its_log() {
    let folder = TempDir::new().expect("a temporary folder");
    let database = folder.path().join("keys.db");
    let server = Process::serve(&database, &[]);
    let store = Store::open(&database).expect("the database of the server");
    let (bob, now) = ("bob@example.com".parse().expect("an e-mail address"), Clock::system().now());
    store.write(|records| records.add_user(&bob, "hash", now)).expect("the database works");
    server.kill();
    // What a killed process leaves, which this one, because it closes its connections, does not.
    let files = [database.clone(), folder.path().join("keys.db-wal")];
    let [whole, log] = files.each_ref().map(|file| fs::read(file).expect("a file"));
    drop(store);

    // A byte of the first page: what SQLite knows a file by, the kind of the page, and where its
    // cells begin. And all of it: to SQLite an empty file is a new database.
    let flip = |place: usize| {
        let mut damaged = whole.clone();
        damaged[place] ^= 0xff;
        damaged
    };
    for damaged in [flip(0), flip(100), flip(105), Vec::new()] {
        for (file, content) in files.iter().zip([&damaged, &log]) {
            fs::write(file, content).expect("a writable folder");
        }
        for command in [&["user", "list"][..], &["serve", "--listen", "127.0.0.1:0"]] {
            check_failure(&run_on(&database, command), 1, "keys.db: it is damaged (");
            let [database, kept] = files.each_ref().map(|file| fs::read(file).expect("a file"));
            assert!(database == damaged && kept == log, "{command:?} changed a file");
        }
        fs::write(&database, &whole).expect("a writable folder");
        fs::write(&files[1], &log).expect("a writable folder");
        let healed = run_on(&database, &["user", "list"]);
        assert_eq!(String::from_utf8_lossy(&healed.stdout), "bob@example.com\n", "{healed:?}");
    }
}

#[test]
fn a_copy_is_whole_private_and_served_like_the_original() {
    let server = TestServer::start();
    let token = server.access_token(ADA);
    let key = server.create_key(&token, "in the copy");
    let gone = server.create_key(&token, "a name that was deleted");
    let path = format!("/keys/{}", text(&gone["uuid"]));
    server.call("DELETE", &path).bearer(&token).send().ok();

    let (database, copy) = (server.folder().join("keys.db"), server.folder().join("copy.db"));
    let output = run_on(&database, &["backup", copy.to_str().expect("a path in UTF-8")]);
    assert!(output.status.success(), "{output:?}");
    assert!(!copy.with_extension("db.partial").exists());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&copy).expect("the copy").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    server.create_key(&token, "after the copy");

    let store = Store::open(&copy).expect("a database");
    let restored = TestServer::on(store, |settings| settings.clock = server.clock.clone());
    let list = restored.list(&token).ok();
    assert_eq!(list.as_array().map(Vec::len), Some(1), "{list}");
    assert_eq!(list[0]["uuid"], key["uuid"]);
    restored.exchange(&key["api_key"]).ok();
    let bytes = fs::read(&copy).expect("the copy");
    let remains = bytes.windows(10).any(|window| window == &b"a name that was deleted"[..10]);
    assert!(!remains, "what was deleted is not copied");
}

#[test]
fn a_copy_replaces_nothing_and_needs_a_database() {
    let server = TestServer::start();
    let taken = server.folder().join("only-backup");
    fs::write(&taken, "precious").expect("a writable folder");
    let database = server.folder().join("keys.db");
    let backup = |file: &Path, database: &Path| {
        run_on(database, &["backup", file.to_str().expect("a path in UTF-8")])
    };
    check_failure(&backup(&taken, &database), 1, "there is a file of this name");
    assert_eq!(fs::read_to_string(&taken).expect("the file"), "precious");
    let new = server.folder().join("new");
    check_failure(&backup(&new, &server.folder().join("no.db")), 1, "there is no database");
    check_failure(
        &backup(&server.folder().join("no/folder"), &database),
        1,
        "cannot write the copy",
    );
    assert!(!new.exists() && !server.folder().join("no.db").exists());
}

/// Tells a thread to stop, also when the test fails before it does.
struct StopsAtTheEnd<'a>(&'a AtomicBool);

impl Drop for StopsAtTheEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn a_copy_under_load_holds_all_that_was_acknowledged_before_it() {
    let server = TestServer::start();
    let token = server.access_token(ADA);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                server.create_key(&token, "k");
            }
        });
        let _stops = StopsAtTheEnd(&stop);
        for number in 0..5 {
            let before = server.list(&token).ok().as_array().map_or(0, Vec::len);
            let copy = server.folder().join(format!("copy-{number}.db"));
            server.store.backup(&copy).expect("room for a copy");
            let after = server.list(&token).ok().as_array().map_or(0, Vec::len);
            let copied = Connection::open(&copy).expect("a database");
            let copied = copied.query_row("SELECT count(*) FROM api_keys", [], |row| row.get(0));
            let copied: usize = copied.expect("a number");
            assert!((before..=after).contains(&copied), "{before} {copied} {after}");
            let again = server.store.backup(&copy);
            assert!(matches!(again, Err(BackupError::Exists)), "{again:?}");
        }
    });
}

/// The databases that released versions left, with rows in every table, as text.
fn released() -> Vec<(u32, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/released");
    let entries = fs::read_dir(folder).expect("the folder of released versions");
    let mut files: Vec<_> = entries
        .map(|entry| {
            let path = entry.expect("a file").path();
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name.trim_start_matches("version-").parse().expect("version-N.sql"), path)
        })
        .collect();
    files.sort();
    files
}

fn shape(database: &Path) -> Vec<String> {
    let connection = Connection::open(database).expect("a database");
    let mut statement = connection
        .prepare("SELECT ifnull(sql, name) FROM sqlite_schema ORDER BY type, name")
        .expect("a statement");
    let rows = statement.query_map([], |row| row.get(0)).expect("rows");
    rows.collect::<Result<_, _>>().expect("text")
}

#[test]
fn a_database_of_every_released_version_is_brought_forward_with_all_it_holds() {
    let folder = TempDir::new().expect("a temporary folder");
    let new = folder.path().join("new.db");
    drop(Store::open(&new).expect("a new database"));
    let newest: u32 = Connection::open(&new)
        .and_then(|it| it.pragma_query_value(None, "user_version", |row| row.get(0)))
        .expect("a number");
    let released = released();
    let versions: Vec<_> = released.iter().map(|(version, _)| *version).collect();
    assert_eq!(versions, (1..=newest).collect::<Vec<_>>(), "each version has its fixture");

    for (version, fixture) in released {
        let database = folder.path().join(format!("{version}.db"));
        let connection = Connection::open(&database).expect("a new database");
        let sql = fs::read_to_string(fixture).expect("a fixture");
        connection.execute_batch(&sql).expect("rows of a released version");
        let kept = connection.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0));
        assert_eq!(kept.expect("a number"), version);
        drop(connection);

        let store = Store::open(&database).expect("a database that can be brought forward");
        assert_eq!(shape(&database), shape(&new), "version {version}");
        let server = TestServer::on(store, |_| {});
        // The secrets of the fixture are written in it.
        let access = server.access_token(ADA);
        let list = server.list(&access).ok();
        let names: Vec<_> =
            list.as_array().expect("a list").iter().map(|row| &row["name"]).collect();
        assert_eq!(names, ["never used", "in use"], "version {version}");
        let usage = format!("/keys/{}/usage", text(&list[1]["uuid"]));
        let usage = server.call("GET", &usage).bearer(&access).send().ok();
        let counts = [&usage["successful_requests"], &usage["failed_requests"]];
        assert_eq!(counts, [&json!(42), &json!(2)], "version {version}");
        server.exchange(&json!("occ_IyHqaDSUKIt0HfYKbk8U0vcnC3dQLyhImVHImBbNIsg2AqpW6")).ok();
        server.refresh(&json!("released-refresh-token")).ok();
    }
}
