//! Stopping in the middle of something, and starting again.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use key_api::store::Store;

use crate::support::{ADA, PASSWORD, TestServer, text};

/// A sign-in whose head is sent, and which the server has begun to work on.
fn begin_sign_in(server: &TestServer) -> (BufReader<TcpStream>, String) {
    let body = format!("username={ADA}&password={}", PASSWORD.replace(' ', "+"));
    let mut stream = server.connect();
    write!(
        stream,
        "POST /auth/access-token HTTP/1.1\r\nHost: {}\r\nExpect: 100-continue\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        server.address,
        body.len()
    )
    .expect("the server reads");
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).expect("the server answers");
    assert_eq!(line, "HTTP/1.1 100 Continue\r\n");
    stream.read_line(&mut line).expect("the end of the interim answer");
    (stream, body)
}

#[test]
fn a_stop_finishes_what_is_under_way() {
    let mut server = TestServer::start();
    let (mut stream, body) = begin_sign_in(&server);
    server.ask_to_stop();
    stream.get_mut().write_all(body.as_bytes()).expect("the server reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the server answers and closes");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    server.join();
    assert!(TcpStream::connect(server.address).is_err(), "it does not listen any more");
    let log = server.folder().join("keys.db-wal").metadata().map_or(0, |log| log.len());
    assert_eq!(log, 0, "everything is in the database file");
}

#[test]
fn a_request_is_finished_though_its_client_has_gone() {
    let mut server = TestServer::start();
    let (mut stream, body) = begin_sign_in(&server);
    stream.get_mut().write_all(body.as_bytes()).expect("the server reads");
    drop(stream);
    server.join();
    let log = server.log.text();
    assert!(log.contains("POST /auth/access-token 200"), "{log}");
}

/// What a connection that stays open is answered, up to the end of the head; empty if it is closed.
fn ask(stream: &mut TcpStream, request: &str) -> String {
    // To write to a connection that is closed may fail or not; reading tells.
    drop(stream.write_all(request.as_bytes()));
    let mut head = String::new();
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        if line.is_empty() {
            break;
        }
        head.push_str(&line);
        head.push('\n');
    }
    head
}

#[test]
fn a_connection_goes_only_when_another_has_come_and_its_wait_begins_when_it_is_there() {
    let server = TestServer::start_with(|settings| settings.connections = 2);
    let connect = || server.connect();
    let head = "HEAD /healthz HTTP/1.1\r\n";
    let request = &format!("{head}Host: {}\r\n\r\n", server.address);
    let is_served = |stream: &mut TcpStream| ask(stream, request).starts_with("HTTP/1.1 200 ");

    let (mut first, mut second) = (connect(), connect());
    assert!(is_served(&mut second), "there is room for two");
    assert!(is_served(&mut first), "and both stay");
    drop(second);

    let mut second = connect();
    second.write_all(head.as_bytes()).expect("the server reads");
    let mut third = connect();
    assert!(is_served(&mut third), "somebody goes for the third");
    assert_eq!(ask(&mut first, request), "", "the first has waited longest");
    let rest = request.strip_prefix(head).expect("the beginning");
    assert!(ask(&mut second, rest).starts_with("HTTP/1.1 200 "), "the second has time for a head");
}

#[test]
fn what_was_answered_is_there_after_a_restart() {
    let mut server = TestServer::start();
    let tokens = server.sign_in(ADA);
    let key = server.create_key(&text(&tokens["access_token"]), "k");
    let second = server.refresh(&tokens["refresh_token"]).ok();
    server.join();

    let reopened = Store::open(&server.folder().join("keys.db")).expect("the database");
    let again = TestServer::on(reopened, |settings| settings.clock = server.clock.clone());
    assert_eq!(again.list(&text(&tokens["access_token"])).ok()[0]["uuid"], key["uuid"]);
    again.exchange(&key["api_key"]).ok();
    assert_eq!(
        again.refresh(&tokens["refresh_token"]).ok(),
        second,
        "the answer of a refresh can be repeated though it was never stored"
    );
}

#[test]
fn two_servers_may_share_a_database() {
    let first = TestServer::start();
    let store = Store::open(&first.folder().join("keys.db")).expect("the same database");
    let second = TestServer::on(store, |_| {});
    let token = first.access_token(ADA);
    std::thread::scope(|scope| {
        for server in [&first, &second] {
            let token = &token;
            scope.spawn(move || (0..20).for_each(|_| drop(server.create_key(token, "k"))));
        }
    });
    assert_eq!(first.list(&token).ok().as_array().map(Vec::len), Some(40));
    let old = second.sign_in(ADA);
    let new = first.refresh(&old["refresh_token"]).ok();
    assert_eq!(second.refresh(&old["refresh_token"]).ok(), new);
}
