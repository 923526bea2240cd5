//! Repeating a creation with its `Idempotency-Key`.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use key_api::server::Settings;
use key_api::store::Store;
use rusqlite::Connection;
use serde_json::json;

use crate::support::{ADA, Answer, BOB, PATIENCE, TestServer, text};

const KEY: &str = "8b1d2f3a-52c6-4a51-8a8c-3a1f5f2f7d02";
const DELETED: &str = "The API key that was made with this Idempotency-Key is deleted, send a new \
                       Idempotency-Key to make another one";

/// A server whose access tokens outlive what it remembers.
fn start() -> TestServer {
    TestServer::start_with(long_lived)
}

fn long_lived(settings: &mut Settings) {
    settings.lifetimes.access = Duration::from_secs(3600);
}

fn put_body(server: &TestServer, token: &str, key: &str, body: &str) -> Answer {
    let call = server.call("PUT", "/keys/").bearer(token).header("idempotency-key", key);
    call.body("application/json", body).send()
}

fn put(server: &TestServer, token: &str, name: &str) -> Answer {
    put_body(server, token, KEY, &json!({ "name": name }).to_string())
}

#[track_caller]
fn check_names(server: &TestServer, token: &str, expected: &[&str]) {
    let list = server.list(token).ok();
    let rows = list.as_array().expect("a list");
    assert_eq!(rows.iter().map(|row| text(&row["name"])).collect::<Vec<_>>(), expected);
}

/// The answers must be the same to the last byte.
#[track_caller]
fn check_same(first: &Answer, second: &Answer) {
    first.ok();
    assert_eq!((first.status, &first.body), (second.status, &second.body));
    assert_eq!(first.header("content-type"), Some("application/json"));
    assert_eq!(first.header("content-type"), second.header("content-type"));
}

fn database(server: &TestServer) -> Connection {
    Connection::open(server.folder().join("keys.db")).expect("the database")
}

/// How many idempotency keys and how many sealed answers the database holds.
fn remembered(server: &TestServer) -> (u32, u32) {
    let counts = database(server).query_row(
        "SELECT (SELECT count(*) FROM idempotency_keys), (SELECT count(*) FROM sealed_answers)",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    );
    counts.expect("two numbers")
}

#[test]
fn a_repetition_has_the_very_same_answer_and_makes_no_second_key() {
    let server = start();
    let token = server.access_token(ADA);
    let first = put(&server, &token, "k");
    check_same(&first, &put(&server, &token, "k"));
    check_same(&first, &put(&server, &server.access_token(ADA), "k"));
    check_names(&server, &token, &["k"]);
    assert_eq!(first.json().as_object().map(serde_json::Map::len), Some(2));
    server.exchange(&first.json()["api_key"]).ok();
}

#[test]
fn another_idempotency_key_and_none_at_all_make_another_key() {
    let server = start();
    let token = server.access_token(ADA);
    let body = json!({ "name": "k" });
    let mut secrets: Vec<_> = ["a", "A", &"x".repeat(255)]
        .map(|key| put_body(&server, &token, key, &body.to_string()).ok()["api_key"].to_string())
        .into();
    secrets.extend([(); 2].map(|()| server.create_key(&token, "k")["api_key"].to_string()));
    secrets.sort();
    secrets.dedup();
    assert_eq!(secrets.len(), 5);
    check_names(&server, &token, &["k"; 5]);
}

#[test]
fn an_answer_is_repeated_after_a_restart() {
    let mut server = start();
    let token = server.access_token(ADA);
    let first = put(&server, &token, "k");
    server.join();
    let reopened = Store::open(&server.folder().join("keys.db")).expect("the database");
    let again = TestServer::on(reopened, |settings| settings.clock = server.clock.clone());
    check_same(&first, &put(&again, &token, "k"));
    check_names(&again, &token, &["k"]);
}

#[test]
fn another_body_is_a_fault_of_the_header() {
    let server = start();
    let token = server.access_token(ADA);
    let first = put(&server, &token, "k");
    for other in [r#"{"name":"l"}"#, r#"{"name": "k"}"#, r#"{"name":"k","x":1}"#] {
        let answer = put_body(&server, &token, KEY, other);
        answer.check_fault(json!(["header", "Idempotency-Key"]), "idempotency_key_reused");
        let msg = answer.json()["detail"][0]["msg"].clone();
        assert!(text(&msg).contains("used for another request"), "{msg}");
    }
    check_names(&server, &token, &["k"]);
    check_same(&first, &put(&server, &token, "k"));
}

#[test]
fn a_header_that_is_no_idempotency_key_is_a_fault() {
    let server = start();
    let token = server.access_token(ADA);
    let body = json!({ "name": "k" }).to_string();
    let loc = json!(["header", "Idempotency-Key"]);
    let long = "x".repeat(256);
    for (key, kind) in [
        ("", "string_too_short"),
        (long.as_str(), "string_too_long"),
        ("a b", "value_error"),
        ("a\tb", "value_error"),
    ] {
        put_body(&server, &token, key, &body).check_fault(loc.clone(), kind);
    }
    let twice = server.call("PUT", "/keys/").bearer(&token).header("idempotency-key", "a");
    let twice = twice.header("idempotency-key", "a").body("application/json", body.as_str());
    twice.send().check_fault(loc, "value_error");
    let head = "PUT /keys/ HTTP/1.1\r\nIdempotency-Key: é\r\n";
    let answer = server.raw(&format!("{head}Authorization: Bearer {token}\r\n"));
    assert!(answer.starts_with("HTTP/1.1 422 "), "{answer}");
    assert!(answer.contains(r#""loc":["header","Idempotency-Key"]"#), "{answer}");
    check_names(&server, &token, &[]);
}

#[test]
fn while_the_first_is_running_the_second_is_told_so() {
    let server = start();
    let token = server.access_token(ADA);
    // What one of the two waits for, so that it is running when the other one comes.
    let other = database(&server);
    other.execute_batch("BEGIN IMMEDIATE").expect("the write lock");
    let (send, answers) = mpsc::channel();
    let made = thread::scope(|scope| {
        for _ in 0..2 {
            let (send, server, token) = (send.clone(), &server, &token);
            scope.spawn(move || drop(send.send(put(server, token, "k"))));
        }
        let early = answers.recv_timeout(PATIENCE).expect("the first answer");
        let detail =
            "An earlier request with this Idempotency-Key is not answered yet, repeat it later";
        early.check_error(409, detail);
        assert_eq!(early.header("retry-after"), Some("1"));
        // A question is answered meanwhile.
        check_names(&server, &token, &[]);
        other.execute_batch("ROLLBACK").expect("the lock given back");
        answers.recv_timeout(PATIENCE).expect("the second answer")
    });
    check_same(&made, &put(&server, &token, "k"));
    check_names(&server, &token, &["k"]);
}

#[test]
fn parallel_repetitions_make_one_key() {
    let first = start();
    let store = Store::open(&first.folder().join("keys.db")).expect("the same database");
    // A second process on the same database knows nothing of what the first one is working on.
    let second = TestServer::on(store, |settings| settings.clock = first.clock.clone());
    let token = first.access_token(ADA);
    let answers: Vec<Answer> = thread::scope(|scope| {
        let puts: Vec<_> = (0..32)
            .map(|number| {
                let server = if number % 2 == 0 { &first } else { &second };
                let token = &token;
                scope.spawn(move || put(server, token, "k"))
            })
            .collect();
        puts.into_iter().map(|put| put.join().expect("an answer")).collect()
    });
    let (made, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert!(!made.is_empty());
    for answer in made {
        check_same(answer, &put(&second, &token, "k"));
    }
    assert!(refused.iter().all(|answer| answer.status == 409), "{refused:?}");
    check_names(&first, &token, &["k"]);
}

#[test]
fn after_ten_minutes_a_new_key_is_made() {
    let server = start();
    let token = server.access_token(ADA);
    let first = put(&server, &token, "k");
    server.advance(599);
    check_same(&first, &put(&server, &token, "k"));
    server.advance(1);
    let second = put(&server, &token, "l").ok();
    assert_ne!(first.json()["uuid"], second["uuid"]);
    check_names(&server, &token, &["k", "l"]);
    assert_eq!(remembered(&server), (1, 1), "the first is forgotten");
}

#[test]
fn a_deleted_key_is_neither_handed_out_nor_made_again() {
    let server = start();
    let token = server.access_token(ADA);
    let uuid = text(&put(&server, &token, "k").ok()["uuid"]);
    assert_eq!(remembered(&server), (1, 1));
    server.call("DELETE", &format!("/keys/{uuid}")).bearer(&token).send().ok();
    assert_eq!(remembered(&server), (1, 0), "the answer went with its key");
    for name in ["k", "l"] {
        let answer = put(&server, &token, name);
        answer.check_error(409, DELETED);
        assert_eq!(answer.header("retry-after"), None, "waiting does not help");
    }
    check_names(&server, &token, &[]);
    server.advance(600);
    put(&server, &token, "k").ok();
    check_names(&server, &token, &["k"]);
}

#[test]
fn the_same_idempotency_key_of_another_user_is_another_one() {
    let server = start();
    server.add_user(BOB);
    let (ada, bob) = (server.access_token(ADA), server.access_token(BOB));
    let (first, second) = (put(&server, &ada, "k"), put(&server, &bob, "k"));
    assert_ne!(first.ok()["api_key"], second.ok()["api_key"]);
    check_same(&first, &put(&server, &ada, "k"));
    check_same(&second, &put(&server, &bob, "k"));
    put(&server, &bob, "l")
        .check_fault(json!(["header", "Idempotency-Key"]), "idempotency_key_reused");
}

#[test]
fn what_is_remembered_of_a_user_goes_with_the_user() {
    let server = start();
    let before = put(&server, &server.access_token(ADA), "k").ok();
    let email = ADA.parse().expect("an e-mail address");
    server.store.write(|records| records.remove_user(&email)).expect("the database works");
    assert_eq!(remembered(&server), (0, 0));
    server.add_user(ADA);
    let token = server.access_token(ADA);
    assert_ne!(put(&server, &token, "k").ok()["api_key"], before["api_key"]);
    check_names(&server, &token, &["k"]);
}

#[test]
fn a_request_that_was_refused_may_be_repeated() {
    let server = start();
    let token = server.access_token(ADA);
    assert_eq!(put(&server, "unknown", "k").status, 401);
    put(&server, &token, "").check_fault(json!(["body", "name"]), "string_too_short");
    put_body(&server, &token, KEY, "{").check_fault(json!(["body", 1]), "json_invalid");
    assert_eq!(put(&server, &token, &"x".repeat(65 * 1024)).status, 413);
    assert_eq!(remembered(&server), (0, 0));
    put(&server, &token, "k").ok();
    check_names(&server, &token, &["k"]);
}

#[test]
fn the_key_and_its_answer_are_kept_both_or_not_at_all() {
    let server = start();
    let token = server.access_token(ADA);
    let other = database(&server);
    other
        .execute_batch(
            "CREATE TRIGGER fails BEFORE INSERT ON sealed_answers
             BEGIN SELECT raise(ABORT, 'no'); END",
        )
        .expect("a trigger");
    put(&server, &token, "k").check_error(500, "Internal Server Error");
    check_names(&server, &token, &[]);
    assert_eq!(remembered(&server), (0, 0));
    other.execute_batch("DROP TRIGGER fails").expect("no trigger");
    put(&server, &token, "k").ok();
    check_names(&server, &token, &["k"]);
}
