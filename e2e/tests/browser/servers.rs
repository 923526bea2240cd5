//! The built site on other web servers, under several paths, with the API at another origin.

use deploy::address::Origin;
use deploy::headers::{Allowed, Kind, OVER_TLS, headers};
use deploy::page;
use e2e::keys::KeysPage;
use e2e::proxy::message::Answer;
use e2e::scene::Scene;
use e2e::server::Server;
use e2e::sign_in::SignInPage;
use e2e::web_server::{self, Place, WebServer};

#[test]
fn nginx_serves_the_site_from_its_root_and_from_a_path() {
    everything_works_on(web_server::Kind::Nginx);
}

#[test]
fn caddy_serves_the_site_from_its_root_and_from_a_path() {
    everything_works_on(web_server::Kind::Caddy);
}

#[test]
fn apache_serves_the_site_from_its_root_and_from_a_path() {
    everything_works_on(web_server::Kind::Apache);
}

fn everything_works_on(kind: web_server::Kind) {
    for base in ["/", "/a/b/"] {
        let Some(place) = Place::on(kind) else { return };
        let server = Server::start_with(&["--allow-origin", &place.origin()]);
        let api = server.origin();
        let site = place.serve(base, &api);
        every_answer_has_its_headers(&site, &api);
        a_key_is_made_and_revoked(server, &site);
    }
}

fn every_answer_has_its_headers(site: &WebServer, api: &str) {
    let page = site.get("", "identity");
    let allowed = page::rules(&String::from_utf8_lossy(&page.body)).expect("a page that fits");
    assert_eq!(allowed.api, Some(Origin::parse(api).expect("an origin")));
    assert_eq!((allowed.scripts.len(), allowed.styles.len()), (1, 1));
    for path in ["", "index.html"] {
        let page = site.get(path, "identity");
        check(&page, 200, "text/html; charset=utf-8", Kind::Page, &allowed);
        assert!(page.body.starts_with(b"<!DOCTYPE html>"));
    }
    for name in site.files() {
        let content_type = match name.rsplit('.').next() {
            Some("css") => "text/css; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("json") => "application/json",
            Some("svg") => "image/svg+xml",
            _ => "application/wasm",
        };
        let plain = site.get(&name, "identity");
        check(&plain, 200, content_type, Kind::File, &allowed);
        assert_eq!(plain.header("content-encoding"), None, "{name}");
        let packed = site.get(&name, "gzip, br");
        check(&packed, 200, content_type, Kind::File, &allowed);
        assert!(packed.header("content-encoding").is_some(), "{name} is sent plain");
        assert!(packed.body.len() < plain.body.len(), "{name} does not shrink");
    }
    for path in ["nothing", "nothing.html", "a/b.js", "main-0000000000000000.css", "_headers"] {
        let nothing = site.get(path, "identity");
        assert_eq!(nothing.status, 404, "{path}");
        check_headers(&nothing, Kind::Nothing, &allowed);
    }
}

fn check(answer: &Answer, status: u16, content_type: &str, kind: Kind, allowed: &Allowed) {
    assert_eq!(answer.status, status, "{kind:?}");
    assert_eq!(answer.header("content-type"), Some(content_type));
    check_headers(answer, kind, allowed);
}

/// Each header once, and as the source says it.
fn check_headers(answer: &Answer, kind: Kind, allowed: &Allowed) {
    for (name, value) in headers(kind, allowed) {
        let is_it = |(sent, _): &&(String, String)| sent.eq_ignore_ascii_case(name);
        let sent: Vec<&str> =
            answer.headers.iter().filter(is_it).map(|(_, value)| value.as_str()).collect();
        assert_eq!(sent, [&*value], "{name} of {kind:?}");
    }
    assert_eq!(answer.header(&OVER_TLS.0.to_ascii_lowercase()), None, "there is no TLS");
}

fn a_key_is_made_and_revoked(server: Server, site: &WebServer) {
    let scene = Scene::with(server);
    let browser = scene.browser();
    browser.goto(&site.url());
    SignInPage::on(browser).sign_in(scene.server.account());
    let page = scene.signed_in();
    let secret = scene.create("ci-bot");
    page.until_names_are(&["ci-bot"]);
    let token = scene.server.api().exchange(&secret).expect("the API takes the secret");
    scene.keep_secret(&token);
    let dialog = KeysPage::on(browser).open_revocation("ci-bot");
    // The list on show is from before the use.
    dialog.typed_name().fill("ci-bot");
    dialog.confirm();
    dialog.until_closed();
    browser.heading("No API keys yet").wait();
    KeysPage::on(browser).sign_out();
    browser.see("You are signed out.");
}
