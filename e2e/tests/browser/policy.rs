//! What the page's policy forbids does not happen, and would happen without it.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use e2e::browser::{Browser, Engine};
use e2e::proxy::Proxy;
use e2e::proxy::message::Answer;
use e2e::server::Server;
use serde_json::Value;
use sha2::{Digest, Sha384};

const ATTEMPTS: &str = include_str!("attempts.js");

/// What is needed, and so allowed.
const ALLOWED: [&str; 1] = ["WebAssembly"];

#[test]
fn chromium_does_nothing_that_the_policy_forbids() {
    nothing_forbidden_happens_in(Engine::Chromium);
}

#[test]
fn firefox_does_nothing_that_the_policy_forbids() {
    nothing_forbidden_happens_in(Engine::Firefox);
}

fn nothing_forbidden_happens_in(engine: Engine) {
    let server = Server::start();
    let (happened, violations) = attempts(&server, engine, Policy::AsItIs);
    for (name, happened) in &happened {
        assert_eq!(*happened, ALLOWED.contains(&name.as_str()), "{name} in {engine:?}");
    }
    for directive in [
        "base-uri",
        "connect-src",
        "frame-src",
        "img-src",
        "require-trusted-types-for",
        "script-src-attr",
        "script-src-elem",
        "style-src-attr",
        "style-src-elem",
        "trusted-types",
    ] {
        assert!(violations.contains(directive), "{directive} was not broken: {violations}");
    }

    // The attempts are real ones: without the policy, every one succeeds.
    let (happened, violations) = attempts(&server, engine, Policy::TakenAway);
    let failed: Vec<&String> = happened.iter().filter(|(_, ok)| !**ok).map(|(n, _)| n).collect();
    assert!(failed.is_empty(), "without a policy, these fail in {engine:?}: {failed:?}");
    assert_eq!(violations, "");
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Policy {
    AsItIs,
    TakenAway,
}

/// What happened of what was tried, and the directives that were broken.
fn attempts(server: &Server, engine: Engine, policy: Policy) -> (BTreeMap<String, bool>, String) {
    let proxy = proxy_with_files(server);
    let elsewhere = proxy.other_origin();
    let script = format!("const ELSEWHERE = \"{elsewhere}\";\n{ATTEMPTS}");
    let hash = BASE64_STANDARD.encode(Sha384::digest(&script));
    let parts = format!(
        "<style>#attempt-style {{ color: rgb(1, 2, 3); }}</style>\
         <p id=attempt-style></p><p id=attempt-attribute style='color: rgb(1, 2, 3)'></p>\
         <button id=attempt-handler type=button onclick='window.handlerRan = true'></button>\
         <a id=attempt-link href='javascript:void (window.linkRan = true)'></a>\
         <script>window.inlineRan = true</script>\
         <script src='{elsewhere}/__foreign.js'></script><script src='/__plain.js'></script>\
         <script src='/__attempts.js' integrity='sha384-{hash}' crossorigin=anonymous></script>\
         </body>"
    );
    proxy.serve("/__attempts.js", script_of(&script));
    proxy.change(move |path, answer| {
        if path != "/" {
            return;
        }
        let mut html = String::from_utf8_lossy(&answer.body).replace("</body>", &parts);
        if policy == Policy::TakenAway {
            html = html.replace("http-equiv=\"Content-Security-Policy\"", "name=\"taken-away\"");
            take_away_policy(answer);
        }
        // The proxy lets the page call its second origin, which is not to be tested here.
        let close = |text: &str| text.replace(&format!(" {elsewhere}"), "");
        answer.body = close(&html).into_bytes();
        for (_, value) in &mut answer.headers {
            *value = close(value);
        }
    });
    let browser = Browser::start_as(engine);
    browser.set_patience(Duration::from_secs(60));
    browser.goto(&proxy.origin());
    let mut happened = Value::Null;
    browser.until("all attempts to be made", || {
        happened = browser.try_script("return window.attempts ?? null");
        !happened.is_null()
    });
    let happened = serde_json::from_value(happened).expect("names and whether they happened");
    (happened, browser.violations())
}

fn take_away_policy(answer: &mut Answer) {
    answer.headers.retain(|(name, _)| {
        !name.ends_with("-policy")
            && name != "x-frame-options"
            && !name.ends_with("-embedder-policy")
    });
}

fn proxy_with_files(server: &Server) -> Proxy {
    let proxy = Proxy::before(server);
    let open = |answer: Answer| {
        answer
            .with("access-control-allow-origin", "*")
            .with("cross-origin-resource-policy", "cross-origin")
    };
    let run = |what: &str| {
        script_of(&format!(
            "(self.window ?? self).{what}Ran = true; self.window || postMessage(1);"
        ))
    };
    proxy.serve("/__foreign.js", open(run("foreign")));
    proxy.serve("/__plain.js", run("plain"));
    proxy.serve("/__open.json", open(Answer::json(200, "{}")));
    let picture = "<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>";
    proxy.serve("/__picture.svg", open(Answer::of(200, "image/svg+xml", picture)));
    let framed = "<!DOCTYPE html><title>framed</title>";
    let framed = Answer::of(200, "text/html; charset=utf-8", framed);
    proxy.serve("/__framed.html", framed.with("cross-origin-embedder-policy", "require-corp"));
    proxy
}

fn script_of(text: &str) -> Answer {
    Answer::of(200, "text/javascript; charset=utf-8", text)
        .with("cross-origin-embedder-policy", "require-corp")
}

#[test]
fn no_page_of_another_origin_frames_the_site() {
    let server = Server::start();
    for engine in [Engine::Chromium, Engine::Firefox] {
        assert!(!is_framed(&server, engine, Policy::AsItIs), "{engine:?}");
        assert!(is_framed(&server, engine, Policy::TakenAway), "the attempt is a real one");
    }
}

/// Whether the site runs in a frame of another origin's page: only then are its files asked for.
fn is_framed(server: &Server, engine: Engine, policy: Policy) -> bool {
    let proxy = Proxy::before(server);
    let site = proxy.origin();
    let page = format!(
        "<!DOCTYPE html><title>around</title>\
         <iframe src='{site}/' onload='window.loaded = true'></iframe>"
    );
    proxy.serve("/__around.html", Answer::of(200, "text/html; charset=utf-8", page));
    if policy == Policy::TakenAway {
        proxy.change(|_, answer| take_away_policy(answer));
    }
    let browser = Browser::start_as(engine);
    browser.set_patience(Duration::from_secs(60));
    browser.goto(&format!("{}/__around.html", proxy.other_origin()));
    browser.until("the frame to have loaded", || {
        browser.try_script("return window.loaded === true") == true
    });
    proxy.requests().iter().any(|seen| !seen.elsewhere && seen.request.target.starts_with("/boot-"))
}
