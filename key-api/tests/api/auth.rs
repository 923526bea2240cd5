//! Signing in, refreshing, exchanging and revoking.

use serde_json::{Value, json};

use crate::support::{ADA, Answer, BOB, PASSWORD, TestServer, text};

/// 2026-11-23T12:00:00Z.
const START_SECONDS: i64 = 1_795_435_200;

fn sign_in(server: &TestServer, fields: &[(&str, &str)]) -> Answer {
    server.call("POST", "/auth/access-token").form(fields).send()
}

fn revoke(server: &TestServer, token: &Value) -> Answer {
    server.call("POST", "/auth/revoke").form(&[("token", &text(token))]).send()
}

#[test]
fn signing_in_gives_tokens_with_their_expiry() {
    let server = TestServer::start();
    let answer = server.sign_in(ADA);
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_at"], START_SECONDS + 600);
    assert_eq!(answer["refresh_token_expires_at"], START_SECONDS + 8 * 3600);
    assert_eq!(answer.as_object().expect("an object").len(), 5);
    for token in ["access_token", "refresh_token"] {
        assert_eq!(text(&answer[token]).len(), 43, "256 bits in base 62");
    }
    assert_ne!(answer["access_token"], server.sign_in(ADA)["access_token"]);
    assert_eq!(server.list(&text(&answer["access_token"])).ok(), json!([]));
}

#[test]
fn an_e_mail_address_is_the_same_in_capitals() {
    let server = TestServer::start();
    sign_in(&server, &[("username", " Ada@EXAMPLE.com"), ("password", PASSWORD)]).ok();
}

#[test]
fn the_optional_fields_of_the_form_are_accepted() {
    let server = TestServer::start();
    let fields = [
        ("grant_type", "password"),
        ("username", ADA),
        ("password", PASSWORD),
        ("scope", "a b"),
        ("client_id", ""),
        ("client_secret", "x"),
        ("unknown", "y"),
    ];
    sign_in(&server, &fields).ok();
    sign_in(&server, &[("grant_type", ""), ("username", ADA), ("password", PASSWORD)]).ok();
    let fault = sign_in(
        &server,
        &[("grant_type", "client_credentials"), ("username", ADA), ("password", PASSWORD)],
    );
    fault.check_fault(json!(["body", "grant_type"]), "string_pattern_mismatch");
}

#[test]
fn an_unknown_user_and_a_wrong_password_are_answered_alike() {
    let server = TestServer::start();
    let wrong = PASSWORD.to_uppercase();
    let answers = [
        sign_in(&server, &[("username", ADA), ("password", &wrong)]),
        sign_in(&server, &[("username", BOB), ("password", PASSWORD)]),
        sign_in(&server, &[("username", "no address"), ("password", PASSWORD)]),
    ];
    for answer in answers {
        answer.check_error(400, "Invalid email or password");
    }
}

#[test]
fn a_form_without_a_required_field_names_it() {
    let server = TestServer::start();
    sign_in(&server, &[("password", "p")]).check_fault(json!(["body", "username"]), "missing");
    sign_in(&server, &[("username", ADA)]).check_fault(json!(["body", "password"]), "missing");
    let empty = [("username", ADA), ("password", "")];
    sign_in(&server, &empty).check_fault(json!(["body", "password"]), "missing");

    let both = json!([["body", "username"], ["body", "password"]]);
    let as_json = json!({ "username": ADA, "password": PASSWORD });
    let of_another_type = server.call("POST", "/auth/access-token").json(&as_json).send();
    for answer in [sign_in(&server, &[]), of_another_type] {
        assert_eq!(answer.status, 422);
        let detail = answer.json()["detail"].clone();
        let faults = detail.as_array().expect("a list of faults");
        assert_eq!(json!(faults.iter().map(|fault| &fault["loc"]).collect::<Vec<_>>()), both);
        assert!(!detail.to_string().contains(PASSWORD));
    }
}

#[test]
fn an_operation_without_a_valid_bearer_token_is_refused() {
    let server = TestServer::start();
    let id = "8b1d2f3a-52c6-4a51-8a8c-3a1f5f2f7d02";
    let (delete, usage) = (format!("/keys/{id}"), format!("/keys/{id}/usage"));
    for (method, path) in
        [("GET", "/keys/"), ("PUT", "/keys/"), ("DELETE", delete.as_str()), ("GET", &usage)]
    {
        let none = server.call(method, path).send();
        none.check_error(401, "Not authenticated");
        assert_eq!(none.header("www-authenticate"), Some("Bearer realm=\"Key API\""));
        let basic = server.call(method, path).header("authorization", "Basic YTpi").send();
        basic.check_error(401, "Not authenticated");
        let unknown = server.call(method, path).bearer("unknown").send();
        unknown.check_error(401, "Invalid or expired access token");
        let challenge = "Bearer realm=\"Key API\", error=\"invalid_token\"";
        assert_eq!(unknown.header("www-authenticate"), Some(challenge));
    }
}

#[test]
fn an_access_token_expires_when_it_said() {
    let server = TestServer::start();
    let token = server.access_token(ADA);
    server.advance(599);
    assert_eq!(server.list(&token).status, 200);
    server.advance(1);
    assert_eq!(server.list(&token).status, 401);
}

#[test]
fn the_tokens_of_a_removed_user_stop_working() {
    let server = TestServer::start();
    let tokens = server.sign_in(ADA);
    let key = server.create_key(&text(&tokens["access_token"]), "k");
    let email = ADA.parse().expect("an e-mail address");
    server.store.write(|records| records.remove_user(&email)).expect("the database works");
    assert_eq!(server.list(&text(&tokens["access_token"])).status, 401);
    server.refresh(&tokens["refresh_token"]).check_error(404, "Refresh token does not exist");
    assert_eq!(server.exchange(&key["api_key"]).status, 400);
}

#[test]
fn refreshing_gives_new_tokens_and_keeps_the_last_day() {
    let server = TestServer::start();
    let first = server.sign_in(ADA);
    server.advance(3600);
    let second = server.refresh(&first["refresh_token"]).ok();
    assert_ne!(first["access_token"], second["access_token"]);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(second["expires_at"], START_SECONDS + 3600 + 600);
    assert_eq!(second["refresh_token_expires_at"], first["refresh_token_expires_at"]);
    assert_eq!(server.list(&text(&second["access_token"])).status, 200);
}

#[test]
fn a_session_ends_at_its_last_second_however_often_it_is_refreshed() {
    let server = TestServer::start();
    let first = server.sign_in(ADA);
    server.advance(8 * 3600 - 60);
    let second = server.refresh(&first["refresh_token"]).ok();
    assert_eq!(second["expires_at"], first["refresh_token_expires_at"], "not beyond the session");
    server.advance(60);
    assert_eq!(server.list(&text(&second["access_token"])).status, 401);
    let spent = "Refresh token expired or is already used";
    server.refresh(&second["refresh_token"]).check_error(400, spent);
}

#[test]
fn the_last_refresh_token_gives_the_same_answer_for_a_minute() {
    let server = TestServer::start();
    let first = server.sign_in(ADA);
    let second = server.refresh(&first["refresh_token"]).ok();
    server.advance(60);
    assert_eq!(server.refresh(&first["refresh_token"]).ok(), second);
    let third = server.refresh(&second["refresh_token"]).ok();
    assert_eq!(server.list(&text(&third["access_token"])).status, 200);
}

#[test]
fn tabs_that_refresh_at_once_get_one_answer() {
    let server = TestServer::start();
    let first = server.sign_in(ADA);
    let answers: Vec<_> = std::thread::scope(|scope| {
        let refresh = || server.refresh(&first["refresh_token"]).ok();
        let tabs: Vec<_> = (0..8).map(|_| scope.spawn(refresh)).collect();
        tabs.into_iter().map(|tab| tab.join().expect("an answer")).collect()
    });
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
}

/// Every token of the session must be dead.
#[track_caller]
fn check_dead(server: &TestServer, answers: &[&Value]) {
    let spent = "Refresh token expired or is already used";
    for answer in answers {
        assert_eq!(server.list(&text(&answer["access_token"])).status, 401);
        server.refresh(&answer["refresh_token"]).check_error(400, spent);
    }
}

#[test]
fn reuse_after_the_grace_ends_the_session() {
    let server = TestServer::start();
    let other = server.sign_in(ADA);
    let first = server.sign_in(ADA);
    let second = server.refresh(&first["refresh_token"]).ok();
    server.advance(61);
    assert_eq!(server.refresh(&first["refresh_token"]).status, 400);
    check_dead(&server, &[&first, &second]);
    assert_eq!(server.list(&text(&other["access_token"])).status, 200, "another session lives");
}

#[test]
fn reuse_of_an_older_token_ends_the_session_even_within_the_grace() {
    let server = TestServer::start();
    let first = server.sign_in(ADA);
    let second = server.refresh(&first["refresh_token"]).ok();
    let third = server.refresh(&second["refresh_token"]).ok();
    assert_eq!(server.refresh(&first["refresh_token"]).status, 400);
    check_dead(&server, &[&first, &second, &third]);
}

#[test]
fn neither_a_refresh_nor_its_repetition_moves_the_last_day() {
    let server = TestServer::start();
    let mut tokens = server.sign_in(ADA);
    let expires = tokens["refresh_token_expires_at"].clone();
    for hour in 1..8 {
        server.advance(3600);
        let next = server.refresh(&tokens["refresh_token"]).ok();
        server.advance(5);
        assert_eq!(server.refresh(&tokens["refresh_token"]).ok(), next, "hour {hour}");
        assert_eq!(next["refresh_token_expires_at"], expires, "hour {hour}");
        tokens = next;
    }
    server.advance(3600 - 7 * 5 - 1);
    let last = server.refresh(&tokens["refresh_token"]).ok();
    assert_eq!(last["refresh_token_expires_at"], expires);
    server.advance(1);
    check_dead(&server, &[&tokens, &last]);
}

#[test]
fn only_the_newest_of_the_used_tokens_has_a_second_chance() {
    let server = TestServer::start();
    let first = server.sign_in(ADA);
    let second = server.refresh(&first["refresh_token"]).ok();
    let third = server.refresh(&second["refresh_token"]).ok();
    server.advance(59);
    assert_eq!(server.refresh(&second["refresh_token"]).ok(), third);
    assert_eq!(server.list(&text(&third["access_token"])).status, 200);
    server.advance(2);
    assert_eq!(server.refresh(&second["refresh_token"]).status, 400, "the grace is not renewed");
    check_dead(&server, &[&first, &second, &third]);
}

#[test]
fn an_unknown_refresh_token_does_not_exist() {
    let server = TestServer::start();
    server.refresh(&json!("unknown")).check_error(404, "Refresh token does not exist");
    let access = server.access_token(ADA);
    server.refresh(&json!(access)).check_error(404, "Refresh token does not exist");
}

#[test]
fn a_refresh_that_does_not_validate_says_where() {
    let server = TestServer::start();
    let call = || server.call("POST", "/auth/refresh-token");
    call().json(&json!({})).send().check_fault(json!(["body", "refresh_token"]), "missing");
    server.refresh(&json!(1)).check_fault(json!(["body", "refresh_token"]), "string_type");
    call().send().check_fault(json!(["body"]), "missing");
    let form = call().form(&[("refresh_token", "x")]).send();
    form.check_fault(json!(["body"]), "model_attributes_type");
    let broken = call().body("application/json", "{\"refresh_token\": x}").send();
    broken.check_fault(json!(["body", 18]), "json_invalid");
}

#[test]
fn revoking_either_token_ends_the_session() {
    let server = TestServer::start();
    for which in ["access_token", "refresh_token"] {
        let first = server.sign_in(ADA);
        let second = server.refresh(&first["refresh_token"]).ok();
        assert_eq!(revoke(&server, &second[which]).ok(), json!({}));
        check_dead(&server, &[&first, &second]);
        assert_eq!(revoke(&server, &second[which]).ok(), json!({}), "once more is no error");
    }
}

#[test]
fn revoking_what_is_no_token_is_no_error() {
    let server = TestServer::start();
    assert_eq!(revoke(&server, &json!("unknown")).ok(), json!({}));
    let hinted = [("token", "x"), ("token_type_hint", "refresh_token")];
    server.call("POST", "/auth/revoke").form(&hinted).send().ok();
    let none = server.call("POST", "/auth/revoke").form(&[]).send();
    none.check_fault(json!(["body", "token"]), "missing");
}

#[test]
fn a_key_is_exchanged_for_a_token_of_its_user() {
    let server = TestServer::start();
    server.add_user(BOB);
    let ada = server.access_token(ADA);
    server.create_key(&server.access_token(BOB), "Bob's");
    let key = server.create_key(&ada, "Ada's");
    let answer = server.exchange(&key["api_key"]).ok();
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_at"], START_SECONDS + 600);
    assert_eq!(answer.as_object().expect("an object").len(), 3);
    let token = text(&answer["access_token"]);
    assert_eq!(server.list(&token).ok()[0]["name"], "Ada's");
    server.create_key(&token, "made by a key");
    server.advance(600);
    assert_eq!(server.list(&token).status, 401);
}

#[test]
fn a_wrong_key_is_told_from_a_missing_one() {
    let server = TestServer::start();
    let key = text(&server.create_key(&server.access_token(ADA), "k")["api_key"]);
    let unknown = {
        let other = TestServer::start();
        text(&other.create_key(&other.access_token(ADA), "k")["api_key"])
    };
    for wrong in ["", "x", &key[..52], &key.to_lowercase(), &unknown, "%00", "%ff"] {
        server.exchange(&json!(wrong)).check_error(400, "Invalid API key");
    }
    for query in ["", "?", "?other=1", "?Key=x"] {
        let answer = server.call("GET", &format!("/auth/access-token{query}")).send();
        answer.check_fault(json!(["query", "key"]), "missing");
    }
    server.call("GET", &format!("/auth/access-token?settings=1&key={key}")).send().ok();
}

#[test]
fn revoking_the_token_of_a_key_leaves_the_key_alone() {
    let server = TestServer::start();
    let access = server.access_token(ADA);
    let key = server.create_key(&access, "k");
    let first = server.exchange(&key["api_key"]).ok();
    let second = server.exchange(&key["api_key"]).ok();
    revoke(&server, &first["access_token"]).ok();
    assert_eq!(server.list(&text(&first["access_token"])).status, 401);
    assert_eq!(server.list(&text(&second["access_token"])).status, 200);
    assert_eq!(server.list(&access).status, 200);
}
