//! The limits on guessing passwords.

use std::collections::BTreeMap;

use crate::support::{ADA, Answer, BOB, PASSWORD, TestServer, text};

const TOO_MANY: &str = "Too many attempts to sign in, try again later";

fn sign_in(server: &TestServer, user: &str, password: &str) -> Answer {
    let form = [("username", user), ("password", password)];
    server.call("POST", "/auth/access-token").form(&form).send()
}

/// The answer must be a 429 that tells to wait so many seconds.
#[track_caller]
fn check_refused(answer: &Answer, seconds: u32) {
    answer.check_error(429, TOO_MANY);
    assert_eq!(answer.header("retry-after"), Some(seconds.to_string().as_str()));
}

#[test]
fn the_eleventh_attempt_is_refused_whether_or_not_there_is_such_a_user() {
    let server = TestServer::start();
    for user in [ADA, "nobody@example.com", "no address"] {
        for number in 1..=10 {
            assert_eq!(sign_in(&server, user, "wrong").status, 400, "{user} {number}");
        }
        check_refused(&sign_in(&server, user, "wrong"), 300);
        check_refused(&sign_in(&server, user, PASSWORD), 300);
    }
    server.add_user(BOB);
    sign_in(&server, BOB, PASSWORD).ok();
}

#[test]
fn the_limit_ends_by_itself_and_trying_does_not_prolong_it() {
    let server = TestServer::start();
    let token = server.access_token(ADA);
    for _ in 0..10 {
        sign_in(&server, ADA, "wrong");
    }
    server.advance(299);
    check_refused(&sign_in(&server, ADA, PASSWORD), 1);
    assert_eq!(server.list(&token).status, 200, "who is signed in is not concerned");
    server.advance(1);
    sign_in(&server, ADA, PASSWORD).ok();
}

#[test]
fn a_clock_that_is_set_back_does_not_prolong_the_limit() {
    let server = TestServer::start();
    for _ in 0..10 {
        sign_in(&server, ADA, "wrong");
    }
    server.set_back(24 * 3600);
    check_refused(&sign_in(&server, ADA, PASSWORD), 300);
    server.advance(300);
    sign_in(&server, ADA, PASSWORD).ok();
}

#[test]
fn a_success_begins_the_count_anew() {
    let server = TestServer::start();
    for _ in 0..3 {
        for _ in 0..9 {
            assert_eq!(sign_in(&server, ADA, "wrong").status, 400);
        }
        sign_in(&server, ADA, PASSWORD).ok();
    }
}

#[test]
fn fifty_attempts_at_once_do_not_pass_the_limit() {
    let server = TestServer::start();
    let mut statuses = BTreeMap::new();
    std::thread::scope(|scope| {
        let attempts: Vec<_> =
            (0..50).map(|_| scope.spawn(|| sign_in(&server, ADA, "wrong").status)).collect();
        for attempt in attempts {
            *statuses.entry(attempt.join().expect("an answer")).or_insert(0) += 1;
        }
    });
    assert_eq!(statuses, BTreeMap::from([(400, 10), (429, 40)]));
}

#[test]
fn a_form_that_is_not_complete_is_no_attempt() {
    let server = TestServer::start();
    for _ in 0..12 {
        let form = [("username", ADA)];
        assert_eq!(server.call("POST", "/auth/access-token").form(&form).send().status, 422);
    }
    assert!(!text(&server.sign_in(ADA)["access_token"]).is_empty());
}
