//! Ten thousand connections that are opened and never finish what they begin keep nobody out.

use std::io::Write;
use std::net::TcpStream;

use tempfile::TempDir;

use crate::process::{Process, add_users};
use crate::support::{ADA, text};

/// How many connections are opened, if this system lets a process have so many.
const SOCKETS: usize = 10_000;
/// What else has a file here.
const OTHER_FILES: usize = 100;

/// What a connection begins and never ends: nothing, a head, a body.
const BEGINNINGS: [&str; 3] = [
    "",
    "GET /keys/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: appl",
    "POST /auth/access-token HTTP/1.1\r\nContent-Length: 500\r\nHost: ",
];

#[cfg(unix)]
fn room() -> usize {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("a limit");
    let wanted = hard.min((SOCKETS + OTHER_FILES) as u64);
    setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).expect("the soft limit may be raised");
    wanted as usize - OTHER_FILES
}

#[cfg(not(unix))]
fn room() -> usize {
    SOCKETS
}

#[test]
fn ten_thousand_connections_that_do_nothing_keep_nobody_out() {
    let folder = TempDir::new().expect("a temporary folder");
    let database = folder.path().join("keys.db");
    add_users(&database, &[ADA]);
    let server = Process::start(&database);
    let room = room();
    if room < SOCKETS {
        eprintln!("only {room} connections: this system allows a process no more files");
    }
    let mut open = Vec::new();
    let mut served = 0;
    for number in 0..room {
        let mut stream = TcpStream::connect(server.address).expect("the server listens");
        let beginning = match BEGINNINGS[number % BEGINNINGS.len()] {
            body if body.ends_with("Host: ") => {
                format!("{body}{}\r\n\r\nusername=", server.address)
            }
            other => other.to_owned(),
        };
        // The server may have closed it already, to make room for a later one.
        let _ = stream.write_all(beginning.as_bytes());
        open.push(stream);
        if number % 500 == 499 {
            // Somebody new comes, who has a connection of their own each time.
            let client = server.client();
            let access = text(&client.sign_in(ADA)["access_token"]);
            client.create(&access, &format!("key {number}")).ok();
            served += 1;
            let list = client.list(&access).ok();
            assert_eq!(list.as_array().map(Vec::len), Some(served), "after {number} connections");
        }
    }
    let log = server.kill();
    assert!(!log.contains("panicked") && !log.contains("cannot accept"), "{log}");
    println!("{} connections, {served} users served meanwhile", open.len());
    assert_eq!(served, room / 500);
}
