//! Nothing secret is left anywhere but in the answer that hands it out.

use std::fs;

use serde_json::json;

use crate::support::{ADA, PASSWORD, TestServer, text};

const IDEMPOTENCY_KEY: &str = "0d7c4b1e-93f2-4c58-b6aa-71e2f9d05c3b";
const WRONG: &str = "wrong-canary-7f3a";

#[test]
fn neither_the_database_nor_the_log_holds_a_secret() {
    let mut server = TestServer::start();
    let first = server.sign_in(ADA);
    let second = server.refresh(&first["refresh_token"]).ok();
    server.refresh(&first["refresh_token"]).ok();
    let access = text(&second["access_token"]);
    let put = || {
        let call = server.call("PUT", "/keys/").header("idempotency-key", IDEMPOTENCY_KEY);
        call.bearer(&access).json(&json!({ "name": "a name to be found" })).send()
    };
    let key = put().ok();
    assert_eq!(put().ok(), key, "the answer is kept, whatever is found of it");
    let other_body = server.call("PUT", "/keys/").header("idempotency-key", IDEMPOTENCY_KEY);
    assert_eq!(other_body.bearer(&access).json(&json!({ "name": "x" })).send().status, 422);
    let from_key = server.exchange(&key["api_key"]).ok();
    server.list(&text(&from_key["access_token"])).ok();
    let wrong = [("username", ADA), ("password", WRONG)];
    server.call("POST", "/auth/access-token").form(&wrong).send();
    let broken = format!("{{\"name\": \"{PASSWORD}");
    server.call("PUT", "/keys/").bearer(&access).body("application/json", broken).send();
    server.call("GET", &format!("/keys/{}", text(&key["api_key"]))).bearer(&access).send();
    server.refresh(&json!(text(&key["api_key"]))).check_error(404, "Refresh token does not exist");

    let secrets: Vec<String> = [
        &first["access_token"],
        &first["refresh_token"],
        &second["access_token"],
        &second["refresh_token"],
        &from_key["access_token"],
        &key["api_key"],
    ]
    .into_iter()
    .map(text)
    .chain([PASSWORD, WRONG, IDEMPOTENCY_KEY].map(str::to_owned))
    .collect();
    let files = |server: &TestServer| -> Vec<u8> {
        let entries = fs::read_dir(server.folder()).expect("the folder of the database");
        entries
            .flat_map(|entry| fs::read(entry.expect("a file").path()).expect("a readable file"))
            .collect()
    };
    let while_it_runs = files(&server);
    server.join();
    let after_the_stop = files(&server);
    let log = server.log.text().into_bytes();

    assert!(holds(&while_it_runs, "a name to be found"), "the search finds what is there");
    assert!(holds(&after_the_stop, "a name to be found"), "the search finds what is there");
    assert!(holds(&log, "/auth/access-token"), "the search finds what is there");
    for (place, bytes) in
        [("files", &while_it_runs), ("files after the stop", &after_the_stop), ("log", &log)]
    {
        for secret in &secrets {
            // The random part alone would be as bad as the whole.
            let part = &secret[secret.len().min(8)..];
            let part = if part.is_empty() { secret } else { part };
            assert!(!holds(bytes, part), "{secret} is in the {place}");
        }
    }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
