//! What must be true at every moment at which the user can act, whatever has gone wrong.

use serde_json::Value;

use super::stage::{Sight, Stage};
use super::table::ECHO;
use crate::proxy::operation::Operation;
use crate::sweep::{self, Canary, Kind};

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
    wrong.extend(leaks(stage));
    let (puts, wishes) = (stage.proxy.seen(Operation::Create), stage.wishes());
    if puts > wishes {
        wrong.push(format!("(f) {puts} keys were asked for, not {wishes}"));
    }
    wrong
}

/// What is wrong with what the server has written; to be asked when all is over.
pub fn traces(stage: &Stage<'_>) -> Vec<String> {
    let wrong = stage.server.traces(&canaries(stage)).into_iter();
    wrong.map(|wrong| format!("(d) {wrong}")).collect()
}

/// (b): no trap, no error that nobody caught, no violation of the page's policy.
fn unheard(stage: &Stage<'_>) -> Vec<String> {
    let events = stage.browser.script("return [__watch.events, __watch.console]");
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
        Canary::new(Kind::Password, &stage.server.account().password),
        Canary::new(Kind::Echo, ECHO),
    ];
    let told = stage.proxy.secrets();
    own.into_iter().chain(told.iter().map(|it| Canary::of_field(it.field, &it.text))).collect()
}

/// (d): no secret anywhere but where it has to be.
fn leaks(stage: &Stage<'_>) -> Vec<String> {
    let canaries = canaries(stage);
    let wrong = sweep::page(stage.browser, &canaries).into_iter();
    let mut seen = stage.proxy.requests();
    for seen in &mut seen {
        // A cell may send the operation itself to another origin.
        seen.elsewhere &= seen.operation != stage.operation;
    }
    let sent = sweep::requests(&seen, &canaries);
    wrong.chain(sent).map(|wrong| format!("(d) {wrong}")).collect()
}
