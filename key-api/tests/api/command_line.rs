//! The program as it is started by people and scripts.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;

use tempfile::TempDir;

use crate::program::{Process, check_failure, run};
use crate::support::{ADA, PASSWORD};

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).to_str().expect("a path in UTF-8").to_owned()
}

#[test]
fn wrong_flags_end_with_code_2_and_a_sentence() {
    for (arguments, words) in [
        (&[][..], "Usage"),
        (&["frobnicate"], "unrecognized subcommand 'frobnicate'"),
        (&["serve"], "--database <FILE>"),
        (&["serve", "--database"], "a value is required"),
        (&["serve", "--database", "x", "--port", "1"], "unexpected argument '--port'"),
        (&["serve", "--database", "x", "--listen", "nowhere"], "invalid socket address"),
        (&["serve", "--database", "x", "--daily-quota", "0"], "0 is not in 1.."),
        (&["serve", "--database", "x", "--daily-quota", "many"], "invalid digit"),
        (&["serve", "--database", "x", "--allow-origin", "*"], "does not start with https://"),
        (&["user", "add", ADA, "--database", "x"], "--password-stdin"),
        (&["user", "add", "ada", "--password-stdin", "--database", "x"], "not an e-mail address"),
        (&["user", "add", "--password-stdin", "--database", "x"], "<EMAIL>"),
        (&["demo"], "--database <FILE>"),
    ] {
        check_failure(&run(arguments, ""), 2, words);
    }
}

#[test]
fn every_command_explains_itself() {
    for command in [
        &["--help"][..],
        &["serve", "--help"],
        &["user", "--help"],
        &["user", "add", "--help"],
        &["user", "remove", "--help"],
        &["user", "list", "--help"],
        &["demo", "--help"],
        &["backup", "--help"],
        &["openapi", "--help"],
    ] {
        let output = run(command, "");
        assert!(output.status.success() && out(&output).contains("Usage: key-api"), "{command:?}");
    }
}

#[test]
fn users_are_added_listed_and_removed_where_there_is_a_database() {
    let folder = TempDir::new().expect("a temporary folder");
    let database = &path(&folder, "not/yet/there/keys.db");
    let user = |command: &[&str], input: &str| {
        run(&[&["user"], command, &["--database", database]].concat(), input)
    };
    for command in [&["list"][..], &["remove", ADA]] {
        check_failure(&user(command, ""), 1, "there is no database");
        assert!(fs::read_dir(folder.path()).expect("a folder").next().is_none(), "{command:?}");
    }
    let added = user(&["add", "Ada@Example.com", "--password-stdin"], "a b\n");
    assert!(added.status.success(), "{added:?}");
    assert!(user(&["add", "bob@example.com", "--password-stdin"], "x").status.success());
    assert_eq!(out(&user(&["list"], "")), "ada@example.com\nbob@example.com\n");

    let again = user(&["add", ADA, "--password-stdin"], "other\n");
    check_failure(&again, 1, "there is a user ada@example.com already");
    check_failure(&user(&["add", "c@example.com", "--password-stdin"], "\n"), 1, "empty");
    assert!(user(&["remove", ADA], "").status.success());
    check_failure(&user(&["remove", ADA], ""), 1, "there is no user");
    assert_eq!(out(&user(&["list"], "")), "bob@example.com\n");
    assert!(user(&["remove", "bob@example.com"], "").status.success());
    assert_eq!(out(&user(&["list"], "")), "", "a database without users is one");
}

#[test]
fn a_new_database_is_for_its_owner_only() {
    let folder = TempDir::new().expect("a temporary folder");
    let server = Process::serve(&folder.path().join("keys.db"), &[]);
    ureq::get(format!("{}/healthz", server.origin())).call().expect("the server answers");
    #[cfg(unix)]
    for file in ["keys.db", "keys.db-wal", "keys.db-shm"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path(&folder, file)).expect("the file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[test]
fn what_prevents_a_start_is_said_in_one_sentence() {
    let folder = TempDir::new().expect("a temporary folder");
    let database = &path(&folder, "keys.db");
    let serve = |database: &str, more: &[&str]| {
        run(&[&["serve", "--listen", "127.0.0.1:0", "--database", database], more].concat(), "")
    };

    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("its address").to_string();
    let output = run(&["serve", "--listen", &address, "--database", database], "");
    check_failure(&output, 1, "the port is in use");

    let text = path(&folder, "text.db");
    fs::write(
        &text,
        "this is not a database, and it is long enough to be sure of that\n".repeat(9),
    )
    .expect("a writable folder");
    check_failure(&serve(&text, &[]), 1, "cannot open the database");
    check_failure(&serve(&path(&folder, ""), &[]), 1, "cannot open the database");
    check_failure(&serve("/dev/null/keys.db", &[]), 1, "cannot open the database");

    check_failure(&serve(database, &["--site", &path(&folder, "no")]), 1, "no index.html");
    check_failure(
        &serve(database, &["--site", &path(&folder, "")]),
        1,
        "Build the front end first",
    );
}

#[test]
fn the_database_of_another_program_is_left_alone() {
    let folder = TempDir::new().expect("a temporary folder");
    let file = path(&folder, "other.db");
    let other = rusqlite::Connection::open(&file).expect("a new database");
    other.execute_batch("CREATE TABLE notes (text TEXT)").expect("a table");
    drop(other);
    let before = fs::read(&file).expect("the file");
    let output = run(&["user", "list", "--database", &file], "");
    check_failure(&output, 1, "the database of another program");
    assert!(fs::read(&file).expect("the file") == before);

    let newer = path(&folder, "newer.db");
    run(&["user", "add", ADA, "--password-stdin", "--database", &newer], PASSWORD);
    let database = rusqlite::Connection::open(&newer).expect("the database");
    database.pragma_update(None, "user_version", 99).expect("another version");
    let output = run(&["user", "list", "--database", &newer], "");
    check_failure(&output, 1, "a newer version of key-api");
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_server_cleanly() {
    for signal in ["-TERM", "-INT"] {
        let folder = TempDir::new().expect("a temporary folder");
        let server = Process::serve(&folder.path().join("keys.db"), &[]);
        let health = ureq::get(format!("{}/healthz", server.origin())).call();
        assert_eq!(health.expect("the server answers").status(), 200);
        let (code, log) = server.end_by(signal);
        assert_eq!(code, Some(0), "{signal}");
        assert!(log.contains(" GET /healthz 200 "), "{log}");
        assert!(!Path::new(&path(&folder, "keys.db-wal")).exists(), "nothing is left to recover");
    }
}

#[test]
fn a_user_can_be_added_while_the_server_runs() {
    let folder = TempDir::new().expect("a temporary folder");
    let database = path(&folder, "keys.db");
    let server = Process::serve(Path::new(&database), &["--access-token-seconds", "7"]);
    let url = server.origin();
    let sign_in = || {
        let form = [("username", ADA), ("password", PASSWORD)];
        ureq::post(format!("{url}/auth/access-token")).send_form(form)
    };
    assert!(sign_in().is_err());
    let add = ["user", "add", ADA, "--password-stdin", "--database", &database];
    assert!(run(&add, PASSWORD).status.success());
    assert_eq!(sign_in().expect("an account").status(), 200);
    let log = server.kill();
    assert!(!log.contains(PASSWORD), "{log}");
}

#[test]
fn the_description_of_the_api_is_printed() {
    let output = run(&["openapi"], "");
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(document["info"]["title"], "Key API");
}

#[test]
fn the_demo_is_an_account_with_keys_of_every_kind() {
    let folder = TempDir::new().expect("a temporary folder");
    let database = path(&folder, "demo.db");
    let demo = || run(&["demo", "--database", &database], "");
    let printed = out(&demo());
    let mut lines = printed.lines();
    let email = lines.next().and_then(|line| line.strip_prefix("e-mail: ")).expect("an e-mail");
    let password =
        lines.next().and_then(|line| line.strip_prefix("password: ")).expect("a password");
    check_failure(&demo(), 1, "has users already");

    let server = Process::serve(Path::new(&database), &[]);
    let url = server.origin();
    let json = |mut answer: ureq::http::Response<ureq::Body>| -> serde_json::Value {
        let body = answer.body_mut().read_to_vec().expect("a body");
        serde_json::from_slice(&body).expect("JSON")
    };
    let form = [("username", email), ("password", password)];
    let answer = ureq::post(format!("{url}/auth/access-token")).send_form(form);
    let tokens = json(answer.expect("the printed account"));
    let token = tokens["access_token"].as_str().expect("a token");
    let get = |path: &str| {
        let call = ureq::get(format!("{url}{path}"));
        json(call.header("authorization", format!("Bearer {token}")).call().expect("an answer"))
    };
    let keys = get("/keys/");
    let keys = keys.as_array().expect("a list");
    assert_eq!(keys.len(), 12);
    assert_eq!(keys.iter().filter(|key| key["created"] == key["last_used"]).count(), 2);
    let usage: Vec<_> = keys
        .iter()
        .map(|key| get(&format!("/keys/{}/usage", key["uuid"].as_str().expect("a uuid"))))
        .collect();
    let number = |usage: &serde_json::Value, name: &str| usage[name].as_f64().expect("a number");
    let quota = |usage: &serde_json::Value| number(usage, "quota_usage_percentage");
    assert_eq!(usage.iter().filter(|usage| quota(usage) > 100.0).count(), 1, "one over quota");
    let count = |usage: &serde_json::Value| number(usage, "completed_requests");
    assert!(usage.iter().any(|usage| count(usage) > 1e6), "one with a very high count");
    let failing = |usage: &&serde_json::Value| {
        count(usage) > 0.0 && number(usage, "failed_requests") / count(usage) > 0.5
    };
    assert_eq!(usage.iter().filter(failing).count(), 1, "one that mostly fails");
}
