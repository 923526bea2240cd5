//! What must be true at every moment at which the user can act, whatever has gone wrong.

use serde_json::Value;

use super::stage::{Sight, Stage};
use super::table::ECHO;
use crate::proxy::Seen;
use crate::proxy::operation::Operation;

/// A text that may stand in few places only.
struct Canary {
    name: &'static str,
    text: String,
}

/// (e): the page is there, the focus is somewhere, and nothing says that it is busy. What has just
/// changed may take a moment to come to rest.
pub fn is_at_rest(stage: &Stage<'_>, sight: &Sight) -> bool {
    let has_focus = !sight.focus.is_empty() || stage.operation == Operation::LoadAssets;
    sight.probed && has_focus && !sight.busy
}

/// What is wrong now; nothing if all is well.
pub fn violations(stage: &Stage<'_>, sight: &Sight) -> Vec<String> {
    let mut wrong = Vec::new();
    if !sight.probed || sight.page.is_empty() {
        wrong.push(format!("(a) the page is blank or not the site's: {:?}", sight.page));
        return wrong;
    }
    wrong.extend(unheard(stage));
    wrong.extend(leaks(stage, sight));
    let (puts, wishes) = (stage.proxy.seen(Operation::Create), stage.wishes());
    if puts > wishes {
        wrong.push(format!("(f) {puts} keys were asked for, not {wishes}"));
    }
    wrong
}

/// What is wrong with what the server has written; to be asked when all is over.
pub fn traces(stage: &Stage<'_>) -> Vec<String> {
    let found = canaries(stage).into_iter().flat_map(|Canary { name, text }| {
        let places = stage.server.traces_of(&text).into_iter();
        places.map(move |place| format!("(d) the {name} stands in {place} of the server"))
    });
    found.collect()
}

/// (b): no trap, no error that nobody caught, no violation of the page's policy.
fn unheard(stage: &Stage<'_>) -> Vec<String> {
    let events = stage.browser.script("return [__probe.events, __probe.console]");
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let listed = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut wrong: Vec<String> = listed(&events[0])
        .iter()
        .filter(|event| {
            text(event, "kind") != "violation" || stage.operation != Operation::LoadAssets
        })
        .map(|event| format!("(b) {}: {}", text(event, "kind"), text(event, "text")))
        .collect();
    // The policy is what keeps out a file of the app that comes from somewhere else.
    let is_policy = |line: &str| {
        line.contains("Content Security Policy") && stage.operation == Operation::LoadAssets
    };
    let bad = ["panicked", "unreachable", "RuntimeError", "Content Security Policy"];
    let lines = listed(&events[1]).iter().map(|line| text(line, "text")).collect::<Vec<_>>();
    let own = stage.browser.console().into_iter().map(|line| line.text);
    wrong.extend(
        lines
            .into_iter()
            .chain(own)
            .filter(|line| bad.iter().any(|bad| line.contains(bad)) && !is_policy(line))
            .map(|line| format!("(b) the console holds {line:?}")),
    );
    wrong
}

fn canaries(stage: &Stage<'_>) -> Vec<Canary> {
    let own = [
        Canary { name: "password", text: stage.server.account().password.clone() },
        Canary { name: "echo", text: ECHO.to_owned() },
    ];
    let told = stage.proxy.secrets().into_iter();
    own.into_iter()
        .chain(told.map(|secret| Canary { name: secret.field, text: secret.text }))
        .collect()
}

/// (d): no secret anywhere but where it has to be.
fn leaks(stage: &Stage<'_>, sight: &Sight) -> Vec<String> {
    let sinks = stage.browser.script("return __probe.sinks()");
    let mut wrong = Vec::new();
    let canaries = canaries(stage);
    for (sink, text) in sinks.as_object().into_iter().flatten() {
        let text = text.as_str().unwrap_or_default();
        for Canary { name, text: secret } in &canaries {
            let allowed = match sink.as_str() {
                "session" => name.ends_with("_token") && sight.session,
                "fields" => *name == "password" && sight.form,
                _ => false,
            };
            if !allowed && text.contains(secret.as_str()) {
                wrong.push(format!("(d) the {name} stands in the page's {sink}"));
            }
        }
    }
    for mut seen in stage.proxy.requests() {
        // A cell may send the operation itself to another origin.
        seen.elsewhere &= seen.operation != stage.operation;
        for Canary { name, text } in &canaries {
            wrong.extend(leak_in(&seen, name, text));
        }
    }
    wrong
}

/// Where a request carries a secret that it must not.
fn leak_in(seen: &Seen, name: &str, secret: &str) -> Option<String> {
    let Seen { operation, request, .. } = seen;
    let what = format!("(d) the {name} stands in the");
    if request.target.contains(secret) {
        return Some(format!("{what} address of a request: {operation}"));
    }
    for (header, value) in &request.headers {
        let allowed = header == "authorization" && name == "access_token" && !seen.elsewhere;
        if !allowed && value.contains(secret) {
            return Some(format!("{what} header {header} of a request: {operation}"));
        }
    }
    let allowed = match operation {
        Operation::SignIn => name == "password",
        Operation::Refresh | Operation::SignOut => name == "refresh_token",
        _ => false,
    };
    let body = String::from_utf8_lossy(&request.body);
    if (!allowed || seen.elsewhere) && body.contains(secret) {
        return Some(format!("{what} body of a request: {operation}"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::message::Request;

    fn leak(operation: Operation, target: &str, header: &str, body: &str) -> Option<String> {
        let request = Request {
            method: "POST".to_owned(),
            target: target.to_owned(),
            headers: vec![(header.to_owned(), "Bearer tell-tale".to_owned())],
            body: body.as_bytes().to_vec(),
        };
        let seen = Seen { operation, request, answered: None, faulty: false, elsewhere: false };
        leak_in(&seen, "access_token", "tell-tale")
    }

    #[test]
    fn a_token_belongs_into_one_header_and_nowhere_else() {
        assert_eq!(leak(Operation::List, "/keys/", "authorization", ""), None);
        assert!(leak(Operation::List, "/keys/", "referer", "").is_some());
        assert!(leak(Operation::List, "/?a=tell-tale", "authorization", "").is_some());
        assert!(leak(Operation::Create, "/keys/", "authorization", "tell-tale").is_some());
    }
}
