//! Metering and what the usage of a key says.

use serde_json::{Value, json};

use crate::support::{ADA, START, TestServer, text};

/// A server with one key, and the tokens of its owner and of the key.
struct Metered {
    server: TestServer,
    owner: String,
    uuid: String,
    secret: Value,
}

impl Metered {
    fn start() -> Self {
        let server = TestServer::start_with(|settings| settings.daily_quota = 10);
        let owner = server.access_token(ADA);
        let key = server.create_key(&owner, "k");
        Self { server, owner, uuid: text(&key["uuid"]), secret: key["api_key"].clone() }
    }

    fn exchange(&self) -> String {
        text(&self.server.exchange(&self.secret).ok()["access_token"])
    }

    /// The usage as the owner's own sign-in sees it, which does not count.
    fn usage(&self) -> Value {
        let path = format!("/keys/{}/usage", self.uuid);
        self.server.call("GET", &path).bearer(&self.owner).send().ok()
    }

    fn sign_in_again(&mut self) {
        self.owner = self.server.access_token(ADA);
    }

    /// Successful and failed requests; their sum must be the completed ones.
    #[track_caller]
    fn check(&self, successful: u64, failed: u64) {
        let usage = self.usage();
        assert_eq!(usage["successful_requests"], successful, "{usage}");
        assert_eq!(usage["failed_requests"], failed, "{usage}");
        assert_eq!(usage["completed_requests"], successful + failed, "{usage}");
    }
}

#[test]
fn a_key_that_was_never_used_has_no_usage() {
    let metered = Metered::start();
    assert_eq!(
        metered.usage(),
        json!({
            "completed_requests": 0,
            "successful_requests": 0,
            "failed_requests": 0,
            "quota_usage_percentage": 0.0,
            "requests_per_day": 0.0,
        })
    );
}

#[test]
fn the_exchange_and_every_request_with_its_token_count() {
    let metered = Metered::start();
    let token = metered.exchange();
    metered.check(1, 0);
    metered.server.list(&token).ok();
    metered.check(2, 0);
    metered.server.create_key(&token, "another");
    metered.check(3, 0);
    let path = format!("/keys/{}/usage", metered.uuid);
    let seen = metered.server.call("GET", &path).bearer(&token).send().ok();
    assert_eq!(seen["completed_requests"], 3, "a request does not count itself");
    metered.check(4, 0);
}

#[test]
fn every_kind_of_error_counts_as_failed() {
    let metered = Metered::start();
    let token = metered.exchange();
    let server = &metered.server;
    let nobody = "/keys/8b1d2f3a-52c6-4a51-8a8c-3a1f5f2f7d02";
    let large = vec![b' '; 65 * 1024];
    let calls = [
        (server.call("PUT", "/keys/").json(&json!({ "name": "" })), 422),
        (server.call("GET", "/keys/x/usage"), 422),
        (server.call("DELETE", nobody), 404),
        (server.call("GET", "/no/such/path"), 404),
        (server.call("POST", "/keys/"), 405),
        (server.call("PUT", "/keys/").body("application/json", large), 413),
    ];
    for (failed, (call, status)) in (1..).zip(calls) {
        assert_eq!(call.bearer(&token).send().status, status);
        metered.check(1, failed);
    }
}

#[test]
fn what_is_turned_away_before_its_token_is_looked_at_does_not_count() {
    let metered = Metered::start();
    let token = metered.exchange();
    let call = || metered.server.call("PUT", "/keys/").bearer(&token).json(&json!({ "name": "" }));
    assert_eq!(call().header("host", "evil.example").send().status, 421);
    assert_eq!(call().header("origin", "https://evil.example").send().status, 403);
    metered.check(1, 0);
    assert_eq!(call().send().status, 422);
    metered.check(1, 1);
}

#[test]
fn other_requests_do_not_count() {
    let metered = Metered::start();
    let server = &metered.server;
    server.list(&metered.owner).ok();
    server.call("GET", "/healthz").send().ok();
    server.exchange(&json!("occ_wrong"));
    metered.check(0, 0);
    let token = metered.exchange();
    server.advance(600);
    assert_eq!(server.list(&token).status, 401, "an expired token identifies nobody");
    let mut metered = metered;
    metered.sign_in_again();
    metered.check(1, 0);
}

#[test]
fn use_moves_the_last_use_and_looking_does_not() {
    let metered = Metered::start();
    let row = || metered.server.list(&metered.owner).ok()[0].clone();
    assert_eq!((&row()["created"], &row()["last_used"]), (&json!(START), &json!(START)));
    metered.usage();
    assert_eq!(row()["last_used"], START);
    let token = metered.exchange();
    assert_eq!(
        row()["last_used"],
        "2026-11-23T12:00:00.251Z",
        "use in the moment of creation is told from no use"
    );
    metered.server.advance(60);
    metered.server.call("GET", "/keys/x/usage").bearer(&token).send();
    assert_eq!(row()["last_used"], "2026-11-23T12:01:00.250Z");
    assert_eq!(row()["created"], START);
}

#[test]
fn the_quota_is_of_the_utc_day_and_may_be_passed() {
    let mut metered = Metered::start();
    let token = metered.exchange();
    for _ in 0..11 {
        metered.server.list(&token).ok();
    }
    assert_eq!(metered.usage()["quota_usage_percentage"], 120.0);
    // From noon to the last second of the day, and one second more.
    metered.server.advance(12 * 3600 - 1);
    metered.sign_in_again();
    assert_eq!(metered.usage()["quota_usage_percentage"], 120.0);
    metered.server.advance(1);
    assert_eq!(metered.usage()["quota_usage_percentage"], 0.0);
    metered.exchange();
    assert_eq!(metered.usage()["quota_usage_percentage"], 10.0);
    metered.check(13, 0);
}

#[test]
fn the_mean_is_over_the_days_since_creation() {
    let mut metered = Metered::start();
    for _ in 0..6 {
        metered.exchange();
    }
    assert_eq!(metered.usage()["requests_per_day"], 6.0, "there is at least one day");
    metered.server.advance(36 * 3600);
    metered.sign_in_again();
    assert_eq!(metered.usage()["requests_per_day"], 4.0);
    metered.server.advance(36 * 3600);
    metered.sign_in_again();
    assert_eq!(metered.usage()["requests_per_day"], 2.0);
}

#[test]
fn requests_at_once_are_all_counted() {
    let metered = Metered::start();
    let token = metered.exchange();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..25 {
                    metered.server.list(&token).ok();
                }
            });
        }
    });
    metered.check(101, 0);
}

#[test]
fn a_clock_that_is_set_back_takes_nothing_back() {
    let mut metered = Metered::start();
    let token = metered.exchange();
    let row = |metered: &Metered| metered.server.list(&metered.owner).ok()[0].clone();
    let last_used = row(&metered)["last_used"].clone();
    metered.server.set_back(3 * 24 * 3600);
    metered.server.list(&token).ok();
    metered.check(2, 0);
    assert_eq!(row(&metered)["last_used"], last_used, "the last use is the latest");
    let usage = metered.usage();
    assert_eq!(usage["quota_usage_percentage"], 10.0, "of the day that it is by the clock");
    assert_eq!(usage["requests_per_day"], 2.0, "there is at least one day");
    // A key that is made now is older than those that were made before.
    let younger = metered.server.create_key(&metered.owner, "made in the past");
    let list = metered.server.list(&metered.owner).ok();
    assert_eq!(list[0]["uuid"], younger["uuid"]);
    metered.server.advance(3 * 24 * 3600);
    metered.sign_in_again();
    assert_eq!(metered.usage()["quota_usage_percentage"], 10.0, "the day is where it was left");
}

#[test]
fn a_clock_that_is_set_back_ends_no_session_and_spends_no_token() {
    let server = TestServer::start();
    let first = server.sign_in(ADA);
    let second = server.refresh(&first["refresh_token"]).ok();
    server.set_back(3600);
    assert_eq!(server.refresh(&first["refresh_token"]).ok(), second, "within the grace still");
    let third = server.refresh(&second["refresh_token"]).ok();
    assert_eq!(third["refresh_token_expires_at"], first["refresh_token_expires_at"]);
    server.list(&text(&third["access_token"])).ok();
}
