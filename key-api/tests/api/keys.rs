//! Creating, listing and deleting keys.

use serde_json::{Value, json};

use crate::support::{ADA, Answer, BOB, START, TestServer, text};

fn put(server: &TestServer, token: &str, body: &Value) -> Answer {
    server.call("PUT", "/keys/").bearer(token).json(body).send()
}

#[test]
fn a_new_key_is_shown_whole_once_and_masked_from_then_on() {
    let server = TestServer::start();
    let token = server.access_token(ADA);
    let key = server.create_key(&token, "  ci-bot ");
    assert_eq!(key.as_object().expect("an object").len(), 2);
    let (uuid, secret) = (text(&key["uuid"]), text(&key["api_key"]));
    assert!(secret.starts_with("occ_") && secret.len() == 53);

    let list = server.list(&token);
    let masked = format!("{}…{}", &secret[..8], &secret[49..]);
    let row = json!({
        "uuid": uuid, "name": "ci-bot", "api_key": masked, "created": START, "last_used": START,
    });
    assert_eq!(list.ok(), json!([row]));
}

#[test]
fn the_list_is_the_callers_own_in_the_order_of_creation() {
    let server = TestServer::start();
    server.add_user(BOB);
    let (ada, bob) = (server.access_token(ADA), server.access_token(BOB));
    for name in ["c", "a", "b", "a"] {
        server.create_key(&ada, name);
    }
    server.create_key(&bob, "Bob's");
    let names = |token: &str| {
        let list = server.list(token).ok();
        let rows = list.as_array().expect("a list").clone();
        rows.iter().map(|row| text(&row["name"])).collect::<Vec<_>>()
    };
    assert_eq!(names(&ada), ["c", "a", "b", "a"]);
    assert_eq!(names(&bob), ["Bob's"]);
}

#[test]
fn a_name_is_kept_as_it_came() {
    let server = TestServer::start();
    let token = server.access_token(ADA);
    let names = [
        "<img src=x onerror=alert(1)>",
        "'; DROP TABLE api_keys; --",
        "\u{202e}evil\u{2066}",
        "鍵🔑e\u{301}",
        &"é".repeat(100),
    ];
    for name in names {
        server.create_key(&token, name);
    }
    let list = server.list(&token).ok();
    for (row, name) in list.as_array().expect("a list").iter().zip(names) {
        assert_eq!(row["name"], name);
    }
}

#[test]
fn a_name_that_is_no_name_is_a_fault_of_the_field() {
    let server = TestServer::start();
    let token = server.access_token(ADA);
    let long = "x".repeat(101);
    for (body, kind) in [
        (json!({}), "missing"),
        (json!({ "Name": "x" }), "missing"),
        (json!({ "name": null }), "string_type"),
        (json!({ "name": 1 }), "string_type"),
        (json!({ "name": ["x"] }), "string_type"),
        (json!({ "name": "" }), "string_too_short"),
        (json!({ "name": " \t " }), "string_too_short"),
        (json!({ "name": long }), "string_too_long"),
        (json!({ "name": "a\nb" }), "value_error"),
        (json!({ "name": "a\u{0}b" }), "value_error"),
        (json!({ "name": "a\u{85}b" }), "value_error"),
    ] {
        put(&server, &token, &body).check_fault(json!(["body", "name"]), kind);
    }
    assert_eq!(server.list(&token).ok(), json!([]));
}

#[test]
fn a_body_that_is_no_object_is_a_fault_of_the_body() {
    let server = TestServer::start();
    let token = server.access_token(ADA);
    let call = |content_type, body: &[u8]| {
        server.call("PUT", "/keys/").bearer(&token).body(content_type, body).send()
    };
    for (content_type, body, loc, kind) in [
        ("application/json", "", json!(["body"]), "missing"),
        ("application/json", "[]", json!(["body"]), "model_attributes_type"),
        ("application/json", "\"name\"", json!(["body"]), "model_attributes_type"),
        ("text/plain", "{\"name\":\"x\"}", json!(["body"]), "model_attributes_type"),
        ("application/json", "{\"name\":\"x\"", json!(["body", 11]), "json_invalid"),
        ("application/json", "{\"name\":'x'}", json!(["body", 8]), "json_invalid"),
        ("application/json", "{\"name\":\"\\ud800\"}", json!(["body", 15]), "json_invalid"),
    ] {
        call(content_type, body.as_bytes()).check_fault(loc, kind);
    }
    assert_eq!(call("application/json", b"{\"name\":\"\xff\"}").status, 422);
    assert_eq!(call("application/json; charset=utf-8", b"{\"name\":\"x\"}").status, 200);
}

#[test]
fn a_fault_does_not_repeat_what_was_sent() {
    let server = TestServer::start();
    let token = server.access_token(ADA);
    let canary = "canary-8c1f";
    for body in [
        json!({ "name": [canary] }),
        json!({ "name": format!("{canary}\n.") }),
        json!({ "other": canary }),
        json!([canary]),
    ] {
        let answer = put(&server, &token, &body);
        assert_eq!(answer.status, 422);
        assert!(!String::from_utf8_lossy(&answer.body).contains(canary));
    }
}

#[test]
fn a_deleted_key_and_its_tokens_stop_working_at_once() {
    let server = TestServer::start();
    let token = server.access_token(ADA);
    let key = server.create_key(&token, "k");
    let kept = server.create_key(&token, "kept");
    let from_key = text(&server.exchange(&key["api_key"]).ok()["access_token"]);
    let path = format!("/keys/{}", text(&key["uuid"]));
    let delete = || server.call("DELETE", &path).bearer(&token).send();

    assert_eq!(delete().ok(), json!({}));
    assert_eq!(server.list(&from_key).status, 401);
    server.exchange(&key["api_key"]).check_error(400, "Invalid API key");
    delete().check_error(404, "API key not found");
    let list = server.list(&token).ok();
    assert_eq!(list.as_array().map(Vec::len), Some(1));
    assert_eq!(list[0]["uuid"], kept["uuid"]);
}

#[test]
fn a_key_may_delete_itself() {
    let server = TestServer::start();
    let token = server.access_token(ADA);
    let key = server.create_key(&token, "k");
    let from_key = text(&server.exchange(&key["api_key"]).ok()["access_token"]);
    let path = format!("/keys/{}", text(&key["uuid"]));
    server.call("DELETE", &path).bearer(&from_key).send().ok();
    assert_eq!(server.list(&token).ok(), json!([]));
    assert!(!server.log.text().contains("not metered"));
}

#[test]
fn the_key_of_somebody_else_is_not_found_and_not_touched() {
    let server = TestServer::start();
    server.add_user(BOB);
    let (ada, bob) = (server.access_token(ADA), server.access_token(BOB));
    let uuid = text(&server.create_key(&ada, "Ada's")["uuid"]);
    let delete = server.call("DELETE", &format!("/keys/{uuid}")).bearer(&bob).send();
    delete.check_error(404, "API key not found");
    let usage = server.call("GET", &format!("/keys/{uuid}/usage")).bearer(&bob).send();
    usage.check_error(404, "API key not found");
    assert_eq!(server.list(&ada).ok()[0]["name"], "Ada's");
}

#[test]
fn a_path_without_a_uuid_is_a_fault_of_the_path() {
    let server = TestServer::start();
    let token = server.access_token(ADA);
    for wrong in ["x", "1", "8b1d2f3a-52c6-4a51-8a8c-3a1f5f2f7d0", "%20", "%ff", "%2e%2e"] {
        for (method, path) in
            [("DELETE", format!("/keys/{wrong}")), ("GET", format!("/keys/{wrong}/usage"))]
        {
            let answer = server.call(method, &path).bearer(&token).send();
            answer.check_fault(json!(["path", "uuid"]), "uuid_parsing");
        }
    }
}

#[test]
fn a_uuid_is_the_same_in_capitals() {
    let server = TestServer::start();
    let token = server.access_token(ADA);
    let uuid = text(&server.create_key(&token, "k")["uuid"]).to_uppercase();
    server.call("DELETE", &format!("/keys/{uuid}")).bearer(&token).send().ok();
}

#[test]
fn who_is_asking_is_settled_before_what() {
    let server = TestServer::start();
    let put = server.call("PUT", "/keys/").body("application/json", "{").send();
    assert_eq!(put.status, 401);
    assert_eq!(server.call("DELETE", "/keys/x").send().status, 401);
}
