//! What holds for every request, whatever it asks for.

use std::io::{Read, Write};

use deploy::address::Origin;
use serde_json::json;

use crate::support::{ADA, PASSWORD, TestServer, text};

#[test]
fn an_unknown_path_is_a_json_404() {
    let server = TestServer::start();
    for path in ["/", "/index.html", "/nothing", "/api/keys/", "/keys/x/y", "/auth", "//", "/%00"] {
        server.call("GET", path).send().check_error(404, "Not Found");
    }
    server.call("POST", "/nothing").send().check_error(404, "Not Found");
}

#[test]
fn a_method_that_a_path_does_not_know_is_a_json_405_with_those_it_knows() {
    let server = TestServer::start();
    let id = "8b1d2f3a-52c6-4a51-8a8c-3a1f5f2f7d02";
    let (key, usage) = (format!("/keys/{id}"), format!("/keys/{id}/usage"));
    for (method, path, allow) in [
        ("POST", "/keys/", "GET,HEAD,PUT"),
        ("PATCH", "/keys/", "GET,HEAD,PUT"),
        ("GET", &key, "DELETE"),
        ("PUT", &usage, "GET,HEAD"),
        ("GET", "/auth/refresh-token", "POST"),
        ("GET", "/auth/revoke", "POST"),
        ("PUT", "/auth/access-token", "GET,HEAD,POST"),
        ("OPTIONS", "/keys/", "GET,HEAD,PUT"),
        ("BREW", "/keys/", "GET,HEAD,PUT"),
    ] {
        let answer = server.call(method, path).send();
        answer.check_error(405, "Method Not Allowed");
        assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
    }
}

#[test]
fn a_path_with_the_other_slash_is_redirected() {
    let server = TestServer::start();
    for (method, path, location) in [
        ("GET", "/keys", "/keys/"),
        ("PUT", "/keys?settings=1", "/keys/?settings=1"),
        ("DELETE", "/keys/x/", "/keys/x"),
        ("GET", "/keys/x/usage/", "/keys/x/usage"),
        ("POST", "/auth/access-token/", "/auth/access-token"),
        ("POST", "/auth/refresh-token/", "/auth/refresh-token"),
        ("POST", "/auth/revoke/", "/auth/revoke"),
    ] {
        let answer = server.call(method, path).send();
        assert_eq!((answer.status, answer.header("location")), (307, Some(location)), "{path}");
    }
}

#[test]
fn unknown_query_parameters_are_ignored() {
    let server = TestServer::start();
    let token = server.access_token(ADA);
    server.call("GET", "/keys/?settings=x&settings=%ff&&=").bearer(&token).send().ok();
}

#[test]
fn a_body_of_64_kib_is_read_and_a_larger_one_refused() {
    let server = TestServer::start();
    let token = server.access_token(ADA);
    let put = |size: usize| {
        let mut body = json!({ "name": "x" }).to_string();
        body.push_str(&" ".repeat(size - body.len()));
        server.call("PUT", "/keys/").bearer(&token).body("application/json", body).send()
    };
    put(64 * 1024).ok();
    for size in [64 * 1024 + 1, 65 * 1024, 900_000] {
        put(size).check_error(413, "The request body is larger than 64 KiB");
    }
    let form = [("username", ADA), ("password", &"p".repeat(65 * 1024))];
    assert_eq!(server.call("POST", "/auth/access-token").form(&form).send().status, 413);
    assert_eq!(server.list(&token).ok().as_array().map(Vec::len), Some(1));
}

#[test]
fn every_answer_of_the_api_is_kept_by_nobody() {
    let server = TestServer::start();
    let token = server.access_token(ADA);
    for (method, path, status) in [
        ("GET", "/healthz", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/keys/", 200),
        ("GET", "/keys", 307),
        ("PUT", "/keys/", 422),
        ("POST", "/keys/", 405),
        ("GET", "/nothing", 404),
        ("GET", "/auth/access-token", 422),
    ] {
        let answer = server.call(method, path).bearer(&token).send();
        assert_eq!(answer.status, status, "{method} {path}");
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{method} {path}: {name}");
        }
        if status != 307 {
            assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
        }
    }
}

#[test]
fn a_request_for_another_host_is_misdirected() {
    let server = TestServer::start_with(|settings| settings.hosts = vec!["keys.example".into()]);
    let port = server.address.port();
    let status = |host: &str| server.call("GET", "/healthz").header("host", host).send().status;
    for ours in ["127.0.0.1", "localhost", "[::1]"] {
        assert_eq!(status(&format!("{ours}:{port}")), 200, "{ours}");
    }
    assert_eq!(status("keys.example"), 200);
    for other in [
        "localhost".to_owned(),
        format!("localhost:{}", port - 1),
        format!("evil.example:{port}"),
        format!("localhost.evil.example:{port}"),
    ] {
        assert_eq!(status(&other), 421, "{other}");
    }
    let answer = server.call("GET", "/").header("host", "evil.example").send();
    answer.check_error(421, "This server does not answer for the requested host");
}

#[test]
fn a_request_that_does_not_name_its_host_once_is_bad() {
    let server = TestServer::start();
    let host = format!("Host: {}\r\n", server.address);
    for hosts in [String::new(), host.repeat(2), "Host: \r\n".to_owned()] {
        let mut stream = server.connect();
        write!(stream, "GET /healthz HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n")
            .expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the server answers and closes");
        assert!(answer.starts_with("HTTP/1.1 400 "), "{hosts}: {answer}");
        let detail = "{\"detail\":\"The request must name its host, and once\"}";
        assert!(answer.ends_with(detail), "{hosts}: {answer}");
    }
}

#[test]
fn a_page_of_another_origin_cannot_change_anything() {
    let server = TestServer::start();
    let form = [("username", ADA), ("password", PASSWORD)];
    let sign_in = |name, value: &str| {
        server.call("POST", "/auth/access-token").form(&form).header(name, value).send()
    };
    let refusal = "Requests from pages of other origins are not allowed";
    sign_in("origin", "http://evil.example").check_error(403, refusal);
    sign_in("origin", "null").check_error(403, refusal);
    sign_in("sec-fetch-site", "cross-site").check_error(403, refusal);
    sign_in("origin", &format!("http://{}", server.address)).ok();
    sign_in("sec-fetch-site", "same-origin").ok();
}

#[test]
fn no_origin_may_read_answers_unless_it_is_allowed() {
    let closed = TestServer::start();
    let call = closed.call("GET", "/healthz").header("origin", "https://keys.example");
    assert_eq!(call.send().header("access-control-allow-origin"), None);

    let origins = ["https://keys.example", "http://localhost:8080"];
    let open = TestServer::start_with(|settings| {
        let told = ["https://Keys.example:443/", "http://localhost:8080"];
        settings.origins = told.map(|origin| Origin::parse(origin).expect("an origin")).into();
    });
    for origin in origins {
        for path in ["/healthz", "/keys/", "/nothing"] {
            let answer = open.call("GET", path).header("origin", origin).send();
            assert_eq!(answer.header("access-control-allow-origin"), Some(origin), "{path}");
            assert_eq!(
                answer.header("access-control-expose-headers"),
                Some("retry-after,date"),
                "{path}"
            );
            assert_eq!(answer.header("access-control-allow-credentials"), None);
            assert!(answer.header("vary").is_some_and(|vary| vary.contains("origin")));
        }
    }
    let other = open.call("GET", "/healthz").header("origin", "https://evil.example").send();
    assert_eq!(other.header("access-control-allow-origin"), None);
    assert!(other.header("vary").is_some_and(|vary| vary.contains("origin")));
}

#[test]
fn a_preflight_allows_what_the_front_end_sends() {
    let origin = "https://keys.example";
    let server = TestServer::start_with(|settings| {
        settings.origins = vec![Origin::parse(origin).expect("an origin")];
    });
    let preflight = server
        .call("OPTIONS", "/keys/")
        .header("origin", origin)
        .header("access-control-request-method", "PUT")
        .header("access-control-request-headers", "authorization,content-type")
        .send();
    assert_eq!(preflight.status, 200);
    for (name, value) in [
        ("access-control-allow-origin", origin),
        ("access-control-allow-methods", "GET,PUT,DELETE,POST"),
        ("access-control-allow-headers", "authorization,content-type,idempotency-key"),
        ("access-control-max-age", "600"),
    ] {
        assert_eq!(preflight.header(name), Some(value), "{name}");
    }
    let form = [("username", ADA), ("password", PASSWORD)];
    let sign_in = server.call("POST", "/auth/access-token").form(&form);
    sign_in.header("origin", origin).header("sec-fetch-site", "cross-site").send().ok();
}

#[test]
fn the_log_has_a_line_a_request_without_its_query_and_without_what_somebody_put_into_its_path() {
    let server = TestServer::start();
    server.call("GET", "/healthz?key=canary").send().ok();
    server.exchange(&json!("occ_canary")).check_error(400, "Invalid API key");
    for path in ["/keys/occ_canary/usage", "/keys/occ%5Fcanary", "/occ_canary", "/occ%5Fcanary/"] {
        server.call("GET", path).send();
    }
    let log = server.log.text();
    let lines: Vec<_> = log.lines().map(|line| line.split(' ').collect::<Vec<_>>()).collect();
    let what: Vec<_> = lines.iter().map(|words| words[1..4].join(" ")).collect();
    assert_eq!(
        what,
        [
            "GET /healthz 200",
            "GET /auth/access-token 400",
            "GET /keys/{uuid}/usage 401",
            "GET /keys/{uuid} 405",
            "GET - 404",
            "GET - 404",
        ]
    );
    assert!(lines.iter().all(|words| words[4].ends_with("ms")));
    assert!(!log.contains("canary"));
}

#[test]
fn a_failure_of_the_database_is_a_500_without_its_reason() {
    let server = TestServer::start();
    let token = server.access_token(ADA);
    let database = rusqlite::Connection::open(server.folder().join("keys.db"));
    database
        .and_then(|database| database.execute_batch("DROP TABLE usage; DROP TABLE api_keys"))
        .expect("tables that go away");
    server.list(&token).check_error(500, "Internal Server Error");
    assert!(server.log.text().contains("no such table"), "the reason is in the log");
}

#[test]
fn a_database_that_somebody_else_holds_is_a_503() {
    let server = TestServer::start();
    let token = server.access_token(ADA);
    let other = rusqlite::Connection::open(server.folder().join("keys.db")).expect("a database");
    other.execute_batch("BEGIN IMMEDIATE").expect("the write lock");
    server.list(&token).ok();
    let answer = server.call("PUT", "/keys/").bearer(&token).json(&json!({ "name": "x" })).send();
    answer.check_error(503, "The server is busy, try again later");
    assert_eq!(answer.header("retry-after"), Some("1"));
    other.execute_batch("ROLLBACK").expect("the lock given back");
    assert!(text(&server.create_key(&token, "x")["uuid"]).len() == 36);
}

#[test]
fn a_head_that_is_too_large_is_refused() {
    let server = TestServer::start();
    let head = |size| format!("GET /healthz HTTP/1.1\r\nX-Padding: {}\r\n", "x".repeat(size));
    let allowed = server.raw(&head(60 * 1024));
    assert!(allowed.starts_with("HTTP/1.1 200 "), "{allowed}");
    let mut stream = server.connect();
    let mut answer = Vec::new();
    // The server answers and closes before all is sent, and the answer may be lost by that.
    let _ = write!(stream, "{}Host: {}\r\n\r\n", head(200 * 1024), server.address);
    let _ = stream.read_to_end(&mut answer);
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 431 "), "{answer:?}");
    let log = server.log.text();
    assert_eq!(log.matches("GET /healthz 200").count(), 1, "{log}");
}
