//! The built front end, served as files.

use std::fs;

use key_api::site::Site;
use tempfile::TempDir;

use crate::support::{PASSWORD, TestServer};

const SCRIPT: &str = "/occam-keys-1f3c5b7d9a0e2468.js";
const WASM: &str = "/occam-keys-1f3c5b7d9a0e2468_bg.wasm";
const STYLE: &str = "/style-0f3c5b7d9a0e2468.css";

/// A file beside the folder of the site.
const OUTSIDE: &str = "secret";

/// A server for files like those that the front end's build makes.
fn start() -> (TestServer, TempDir) {
    let folder = TempDir::new().expect("a temporary folder");
    for (name, content) in [
        ("index.html", "<!doctype html>page"),
        ("index.html.br", "page in brotli"),
        ("other.html", "<!doctype html>other"),
        ("favicon.svg", "<svg/>"),
        (&SCRIPT[1..], "script"),
        ("occam-keys-1f3c5b7d9a0e2468.js.br", "script in brotli"),
        ("occam-keys-1f3c5b7d9a0e2468.js.gz", "script in gzip"),
        (&WASM[1..], "\0asm"),
        (&STYLE[1..], "style"),
        ("style-0f3c5b7d9a0e2468.css.gz", "style in gzip"),
        ("snippets/inline0.js", "inner script"),
        ("year-201512312359.js", "no hash"),
    ] {
        let file = folder.path().join("site").join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a writable folder");
        fs::write(file, content).expect("a writable folder");
    }
    fs::write(folder.path().join(OUTSIDE), PASSWORD).expect("a writable folder");
    let site = Site::open(&folder.path().join("site")).expect("a site");
    (TestServer::start_with(|settings| settings.site = Some(site)), folder)
}

#[test]
fn the_page_comes_with_a_strict_policy_and_is_kept_by_nobody() {
    let (server, _folder) = start();
    for path in ["/", "/index.html", "/?q=x"] {
        let page = server.call("GET", path).send();
        assert_eq!((page.status, &*page.body), (200, &b"<!doctype html>page"[..]), "{path}");
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(page.header(name), Some(value), "{path}: {name}");
        }
        assert!(page.header("permissions-policy").is_some());
        let policy = page.header("content-security-policy").expect("a policy");
        let directives: Vec<_> = policy.split("; ").collect();
        for directive in [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "style-src 'self'",
            "img-src 'self'",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(directives.contains(&directive), "{directive} in {policy}");
        }
    }
}

#[test]
fn a_file_has_the_type_of_its_name() {
    let (server, _folder) = start();
    for (path, content_type) in [
        (SCRIPT, "text/javascript; charset=utf-8"),
        (WASM, "application/wasm"),
        (STYLE, "text/css; charset=utf-8"),
        ("/favicon.svg", "image/svg+xml"),
    ] {
        let file = server.call("GET", path).send();
        assert_eq!((file.status, file.header("content-type")), (200, Some(content_type)), "{path}");
        assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
    }
}

#[test]
fn only_a_file_that_is_named_by_its_content_is_cached_for_good() {
    let (server, _folder) = start();
    for path in [SCRIPT, WASM, STYLE] {
        let file = server.call("GET", path).send();
        let forever = Some("public, max-age=31536000, immutable");
        assert_eq!(file.header("cache-control"), forever, "{path}");
    }
    for path in ["/favicon.svg", "/snippets/inline0.js", "/year-201512312359.js"] {
        let file = server.call("GET", path).send();
        assert_eq!(file.header("cache-control"), Some("no-cache"), "{path}");
        let etag = file.header("etag").expect("something to ask for again with");
        let again = server.call("GET", path).header("if-none-match", etag).send();
        assert_eq!((again.status, again.body.len()), (304, 0));
    }
}

#[test]
fn a_compressed_file_is_sent_to_those_who_can_read_it() {
    let (server, _folder) = start();
    for (path, accept, encoding, body) in [
        (SCRIPT, "gzip, deflate, br, zstd", Some("br"), "script in brotli"),
        (SCRIPT, "gzip", Some("gzip"), "script in gzip"),
        (SCRIPT, "identity", None, "script"),
        (SCRIPT, "br;q=0, gzip", Some("gzip"), "script in gzip"),
        (STYLE, "gzip, br", Some("gzip"), "style in gzip"),
        (WASM, "gzip, br", None, "\0asm"),
        ("/", "br", Some("br"), "page in brotli"),
    ] {
        // The client must not unpack what is no real brotli or gzip.
        let answer = server.raw(&format!("GET {path} HTTP/1.1\r\nAccept-Encoding: {accept}\r\n"));
        let sent = answer.lines().find_map(|line| line.strip_prefix("content-encoding: "));
        assert_eq!(sent, encoding, "{path} {accept}");
        assert!(answer.contains("vary: accept-encoding"), "{path} {accept}");
        assert!(answer.ends_with(&format!("\r\n\r\n{body}")), "{path} {accept}: {answer}");
        assert!(!answer.contains("content-type: application/gzip"));
    }
}

#[test]
fn a_missing_file_is_a_404_and_never_the_page() {
    let (server, _folder) = start();
    for path in [
        "/missing.js",
        "/assets/missing.css",
        "/occam-keys-0000000000000000_bg.wasm",
        "/snippets",
        "/snippets/",
        "/other.html",
        "/%69ndex.html",
        "/index.html/",
        "/about",
    ] {
        let answer = server.call("GET", path).header("accept", "text/html").send();
        answer.check_error(404, "Not Found");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[test]
fn no_file_outside_the_folder_is_served() {
    let (server, folder) = start();
    let outside = folder.path().join(OUTSIDE);
    assert!(outside.exists());
    for path in [
        format!("/../{OUTSIDE}"),
        format!("/%2e%2e/{OUTSIDE}"),
        format!("/..%2f{OUTSIDE}"),
        format!("/snippets/../../{OUTSIDE}"),
        format!("/..\\{OUTSIDE}"),
        format!("/{}", outside.display()),
    ] {
        let answer = server.raw(&format!("GET {path} HTTP/1.1\r\n"));
        assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
    }
}

#[test]
fn a_page_is_only_read() {
    let (server, _folder) = start();
    let post = server.call("POST", "/").send();
    post.check_error(405, "Method Not Allowed");
    assert_eq!(post.header("allow"), Some("GET,HEAD"));
    server.call("POST", SCRIPT).send().check_error(404, "Not Found");
    let head = server.call("HEAD", "/").send();
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[test]
fn a_folder_without_a_page_is_no_site() {
    let folder = TempDir::new().expect("a temporary folder");
    let error = Site::open(folder.path()).expect_err("there is no page");
    assert!(error.to_string().contains("no index.html"), "{error}");
    assert!(Site::open(&folder.path().join("missing")).is_err());
}

#[test]
fn the_log_names_a_file_that_is_there_and_no_other_path() {
    let (server, _folder) = start();
    for path in
        [SCRIPT, "/snippets/inline0.js", "/other.html", "/occ%5Fcanary.js", "/favicon.svg/occ"]
    {
        server.call("GET", path).send();
    }
    let log = server.log.text();
    let paths: Vec<_> = log.lines().filter_map(|line| line.split(' ').nth(2)).collect();
    assert_eq!(paths, [SCRIPT, "/snippets/inline0.js", "-", "-", "-"]);
}
