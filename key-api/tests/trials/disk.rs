//! Disks that are full or fail, and files that may not be written or are damaged: an answer that
//! says so or a start that does not come about, and nothing acknowledged is lost.

use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use crate::amount::tool;
use crate::process::{Body, Client, Outcome, Process, add_users, serve_traced};
use crate::support::{ADA, text};

/// A server whose calls of one kind on its log fail: in each of its threads from the `first` on.
fn failing(strace: &Path, database: &Path, call: &str, error: &str, first: usize) -> Process {
    let log = database.with_extension("db-wal");
    let path = format!("--trace-path={}", log.display());
    let inject = format!("--inject={call}:error={error}:when={first}+");
    let options = ["--output=/dev/null", &path, &inject];
    Process::run(&mut serve_traced(strace, &options, database))
}

/// Creates fifty keys; gives the names of those that were acknowledged, and the refusals.
fn create_many(client: &Client, access: &str) -> (Vec<String>, Vec<Outcome>) {
    let (mut made, mut refusals) = (Vec::new(), Vec::new());
    for number in 0..50 {
        let name = format!("key {number}");
        match client.create(access, &name) {
            Outcome::Answered(200, _) => made.push(name),
            refusal => refusals.push(refusal),
        }
    }
    (made, refusals)
}

fn names(client: &Client, access: &str) -> Vec<String> {
    let list = client.list(access).ok();
    list.as_array().expect("a list").iter().map(|row| text(&row["name"])).collect()
}

#[test]
fn a_disk_that_is_full_or_fails_is_said_and_loses_nothing_that_was_acknowledged() {
    let Some(strace) = tool("OCCAM_KEYS_STRACE", "strace") else { return };
    let unusable = json!({ "detail": "The server cannot use its database" });
    let full = json!({ "detail": "The server has no space left to store this" });
    for (call, error, refusal) in [
        ("pwrite64", "ENOSPC", Outcome::Answered(507, full)),
        ("pwrite64", "EIO", Outcome::Answered(503, unusable.clone())),
        ("pwrite64", "EROFS", Outcome::Answered(503, unusable.clone())),
        ("fsync,fdatasync", "EIO", Outcome::Answered(503, unusable)),
    ] {
        let what = format!("{error} from {call}");
        let folder = TempDir::new().expect("a temporary folder");
        let database = folder.path().join("keys.db");
        add_users(&database, &[ADA]);
        let first = if call == "pwrite64" { 60 } else { 8 };
        let server = failing(&strace, &database, call, error, first);
        let client = server.client();
        let access = text(&client.sign_in(ADA)["access_token"]);
        let (made, refusals) = create_many(&client, &access);
        assert!(!made.is_empty() && refusals.len() > 3, "{what}: {made:?} {refusals:?}");
        assert!(refusals.iter().all(|it| *it == refusal), "{what}: {refusals:?}");
        assert_eq!(names(&client, &access), made, "{what}: what there is can be read");
        let log = server.kill();
        assert!(!log.contains("panicked"), "{what}: {log}");

        let healed = Process::start(&database);
        let client = healed.client();
        let found = names(&client, &access);
        // What was refused may be there all the same: no answer can promise that it is not.
        let lost: Vec<_> = made.iter().filter(|name| !found.contains(name)).collect();
        assert!(lost.is_empty(), "{what}: {lost:?} are lost");
        client.create(&access, "after").ok();
    }
}

/// A folder that others may look into, with a database and a program for them.
#[cfg(unix)]
fn for_everybody() -> (TempDir, PathBuf, PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().expect("a temporary folder");
    let set = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("our own file");
    };
    let (database, program) = (folder.path().join("keys.db"), folder.path().join("key-api"));
    add_users(&database, &[ADA]);
    fs::copy(env!("CARGO_BIN_EXE_key-api"), &program).expect("room for a copy");
    set(&database, 0o444);
    set(folder.path(), 0o777);
    (folder, database, program)
}

#[cfg(unix)]
#[test]
fn a_file_that_may_only_be_read_prevents_the_start_in_one_sentence() {
    use std::os::unix::process::CommandExt;
    let (folder, database, program) = for_everybody();
    let is_root = fs::metadata("/proc/self").is_ok_and(|process| {
        use std::os::unix::fs::MetadataExt;
        process.uid() == 0
    });
    let mut command = Command::new(program);
    command.args(["serve", "--listen", "127.0.0.1:0", "--database"]).arg(&database);
    if is_root {
        // Root may write to every file. Nobody may not.
        command.uid(65534);
    }
    let output = command.output().expect("the program starts");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("keys.db: it may only be read here. Make it writable"), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    drop(folder);
}

#[test]
fn a_file_that_is_damaged_under_the_server_is_said_and_does_not_end_it() {
    let folder = TempDir::new().expect("a temporary folder");
    let database = folder.path().join("keys.db");
    add_users(&database, &[ADA]);
    let server = Process::start(&database);
    let access = text(&server.client().sign_in(ADA)["access_token"]);
    for number in 0..200 {
        server.client().create(&access, &format!("key {number}")).ok();
    }
    server.kill();
    // A clean stop, so that nothing is checked at the next start.
    drop(key_api::store::Store::open(&database).expect("a database"));
    let pages = fs::metadata(&database).expect("a file").len() / 4096;
    let mut file = OpenOptions::new().write(true).open(&database).expect("a file");
    // The first page is what the file is recognised by, and the tables' roots come first.
    for page in pages / 2..pages {
        file.seek(SeekFrom::Start(page * 4096)).expect("a place in the file");
        file.write_all(&[0x5a; 4096]).expect("room");
    }
    drop(file);
    let server = Process::start(&database);
    let client = server.client();
    let outcomes: Vec<_> = (0..3).map(|_| client.list(&access).status()).collect();
    for status in &outcomes {
        assert!(matches!(status, Some(200 | 401 | 503)), "{outcomes:?}");
    }
    assert!(outcomes.contains(&Some(503)), "{outcomes:?}: nothing was damaged that is needed");
    assert_eq!(client.send("GET", "/openapi.json", "", Body::None).status(), Some(200));
    let log = server.kill();
    assert!(!log.contains("panicked") && log.contains("malformed"), "{log}");
}
