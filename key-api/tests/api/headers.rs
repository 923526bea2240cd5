//! Every answer has the headers that the one source of them asks for.

use std::fs;

use deploy::address::Origin;
use deploy::headers::{Allowed, Kind, OVER_TLS, headers};
use deploy::page;
use key_api::site::Site;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{ADA, Answer, PASSWORD, TestServer};

const PAGE: &str = "<meta charset=\"utf-8\"><meta name=\"key-api\" content=\"\">\
    <style>p { color: red }</style><script>start()</script>";
const SCRIPT: &str = "occam-keys-1f3c5b7d9a0e2468.js";

fn site_of(page: &str) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    fs::write(folder.path().join("index.html"), page).expect("a writable folder");
    fs::write(folder.path().join(SCRIPT), "script").expect("a writable folder");
    folder
}

fn page_for(api: Option<&Origin>) -> String {
    page::with_api(PAGE, api).expect("a page")
}

/// What the page for the site's own origin is allowed.
fn allowed() -> Allowed {
    page::rules(&page_for(None)).expect("a page that fits")
}

fn serve(folder: &TempDir) -> TestServer {
    let site = Site::open(folder.path()).expect("a site");
    TestServer::start_with(|settings| settings.site = Some(site))
}

/// Each header once, with its value, and nothing that only TLS may say.
#[track_caller]
fn check(answer: &Answer, what: &str, status: u16, kind: Kind, allowed: &Allowed) {
    assert_eq!(answer.status, status, "{what}");
    for (name, value) in headers(kind, allowed) {
        let sent: Vec<_> = answer.headers.get_all(name).iter().collect();
        assert_eq!(sent, [&*value], "{name} of {what}");
    }
    assert!(answer.headers.get(OVER_TLS.0).is_none(), "{what}");
}

#[test]
fn the_page_and_its_files_have_the_headers_of_the_source() {
    let folder = site_of(&page_for(None));
    let server = serve(&folder);
    for (method, path) in [("GET", "/"), ("HEAD", "/"), ("GET", "/index.html"), ("GET", "/?q=x")] {
        check(&server.call(method, path).send(), path, 200, Kind::Page, &allowed());
    }
    let script = format!("/{SCRIPT}");
    check(&server.call("GET", &script).send(), &script, 200, Kind::File, &allowed());
}

#[test]
fn every_other_answer_has_them_too_errors_among_them() {
    let folder = site_of(&page_for(None));
    let server = serve(&folder);
    let token = server.access_token(ADA);
    for (method, path, status) in [
        ("GET", "/healthz", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/keys/", 200),
        ("GET", "/keys", 307),
        ("PUT", "/keys/", 422),
        ("POST", "/keys/", 405),
        ("DELETE", "/healthz", 405),
        ("POST", "/", 405),
        ("POST", "/auth/revoke/", 307),
        ("GET", "/auth/access-token", 422),
        ("GET", "/nothing", 404),
        ("GET", "/main-0000000000000000.css", 404),
        ("DELETE", "/keys/00000000-0000-4000-8000-000000000000", 404),
    ] {
        let answer = server.call(method, path).bearer(&token).send();
        check(&answer, &format!("{method} {path}"), status, Kind::Nothing, &allowed());
    }
    check(&server.call("GET", "/keys/").send(), "no token", 401, Kind::Nothing, &allowed());
    let other = server.call("GET", "/").header("host", "evil.example").send();
    check(&other, "another host", 421, Kind::Nothing, &allowed());
    let form = [("username", ADA), ("password", PASSWORD)];
    let foreign = server.call("POST", "/auth/access-token").form(&form);
    let foreign = foreign.header("origin", "https://evil.example").send();
    check(&foreign, "another origin", 403, Kind::Nothing, &allowed());
    let large = json!({ "name": "x".repeat(70_000) });
    let large = server.call("PUT", "/keys/").bearer(&token).json(&large).send();
    check(&large, "a large body", 413, Kind::Nothing, &allowed());
    let database = rusqlite::Connection::open(server.folder().join("keys.db"));
    database
        .and_then(|database| database.execute_batch("DROP TABLE usage; DROP TABLE api_keys"))
        .expect("tables that go away");
    let broken = server.call("GET", "/keys/").bearer(&token).send();
    check(&broken, "a broken database", 500, Kind::Nothing, &allowed());
}

#[test]
fn a_page_for_another_key_api_may_call_it() {
    let api = Origin::parse("https://keys.example.org").expect("an origin");
    let folder = site_of(&page_for(Some(&api)));
    let page = serve(&folder).call("GET", "/").send();
    check(&page, "/", 200, Kind::Page, &Allowed { api: Some(api), ..allowed() });
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.contains("connect-src 'self' https://keys.example.org;"), "{policy}");
}

#[test]
fn a_page_that_was_changed_by_hand_is_not_served_and_the_words_say_why() {
    let changed = page_for(None).replacen("content=\"\"", "content=\"https://a.example\"", 1);
    let folder = site_of(&changed);
    let error = Site::open(folder.path()).expect_err("its parts do not fit together");
    assert!(error.to_string().contains("Content-Security-Policy"), "{error}");
    assert!(error.to_string().contains("cargo xtask deploy --api"), "{error}");
}

#[test]
fn a_page_beside_an_old_compressed_one_is_not_served() {
    let page = page_for(None);
    let folder = site_of(&page);
    let compressed = folder.path().join("index.html.gz");
    // What a gzip file ends with: the checksum and the length of what it holds.
    let mut end = crc32fast::hash(page.as_bytes()).to_le_bytes().to_vec();
    end.extend(u32::try_from(page.len()).expect("a short page").to_le_bytes());
    fs::write(&compressed, &end).expect("a writable folder");
    assert!(Site::open(folder.path()).is_ok());

    fs::write(folder.path().join("index.html"), page + "\n").expect("a writable folder");
    let error = Site::open(folder.path()).expect_err("the compressed page is another one");
    assert!(error.to_string().contains("index.html.gz and index.html.br"), "{error}");
    fs::remove_file(compressed).expect("it was just written");
    assert!(Site::open(folder.path()).is_ok());
}
