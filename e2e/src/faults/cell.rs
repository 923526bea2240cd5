//! One cell: one kind of fault at one operation.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::invariants::{is_at_rest, traces, violations};
use super::stage::{Sight, Stage};
use super::table::{self, Cell, Expect, Kind, Plan};
use crate::browser::Browser;
use crate::create_dialog::CreateDialog;
use crate::proxy::operation::Operation;

/// The name of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    /// The fault.
    pub kind: Kind,
    /// Where it happens.
    pub operation: Operation,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.kind, self.operation)
    }
}

/// Runs a cell, if the fault and the operation can meet.
///
/// # Errors
/// What was not as it must be, one line each.
pub fn run(browser: &Browser, name: Name, seed: u64) -> Result<(), String> {
    let Plan::Run(cell) = table::plan(name.kind, name.operation, seed) else { return Ok(()) };
    guarded(browser, name.operation, &cell)
}

/// Runs a cell amid other faults, by which nothing that must always be true may be broken.
///
/// # Errors
/// What was not as it must be, one line each.
pub fn run_amid_others(browser: &Browser, name: Name, seed: u64) -> Result<(), String> {
    let Plan::Run(mut cell) = table::plan(name.kind, name.operation, seed) else { return Ok(()) };
    cell.steps.extend(table::noise(name.operation, seed));
    if !matches!(cell.expect, Expect::Waits | Expect::SignInAgain(_)) {
        cell.expect = Expect::Anything;
    }
    cell.slow = false;
    guarded(browser, name.operation, &cell)
}

fn guarded(browser: &Browser, operation: Operation, cell: &Cell) -> Result<(), String> {
    let played = catch_unwind(AssertUnwindSafe(|| play(browser, operation, cell)));
    played.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(text.unwrap_or_else(|| "a panic without words".to_owned()))
    })
}

fn play(browser: &Browser, operation: Operation, cell: &Cell) -> Result<(), String> {
    let stage = Stage::set(browser, operation)?;
    for step in &cell.steps {
        stage.take(step);
    }
    let result = stage.act().and_then(|()| judge(&stage, cell));
    // A browser that stays offline would fail every cell after this one.
    stage.heal();
    result
}

fn judge(stage: &Stage<'_>, cell: &Cell) -> Result<(), String> {
    let check = || {
        let what = "(e) the focus to be somewhere and nothing to be busy";
        let sight = stage.until(what, |sight| is_at_rest(stage, sight))?;
        let wrong = violations(stage, &sight);
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    };
    await_outcome(stage, cell.expect)?;
    if cell.slow && !stage.has_heard_of_slowness() {
        return Err("(c) nothing said that it takes longer".to_owned());
    }
    if cell.expect != Expect::Waits {
        check()?;
    }
    stage.heal();
    if let Expect::SignInAgain(_) = cell.expect {
        stage.sign_in();
        stage.until("the session to go on", |sight| !sight.form && !sight.busy)?;
    }
    stage.retry().map_err(|why| format!("(g) {why}"))?;
    check()?;
    if stage.operation == Operation::Create {
        let dialog = CreateDialog::on_secret(stage.browser);
        let secret = dialog.reveal();
        if !stage.proxy.secrets().iter().any(|known| known.text == secret) {
            return Err("the secret on show is not the API's".to_owned());
        }
        dialog.close_as_saved();
        stage.until("the dialog to be gone", |sight| !sight.dialog)?;
        check()?;
    }
    let wrong = traces(stage);
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// Waits for what the user must see while the fault is on.
fn await_outcome(stage: &Stage<'_>, expect: Expect) -> Result<Sight, String> {
    match expect {
        Expect::Success => stage.until("success all the same", |sight| stage.is_done(sight)),
        Expect::SuccessWith(words) => stage.until(&format!("success, with {words:?}"), |sight| {
            stage.is_done(sight) && stage.has_heard(words)
        }),
        Expect::Message(words) => stage.until(&format!("(c) the words {words:?}"), |sight| {
            sight.says(words) && !stage.is_done(sight) && !sight.busy
        }),
        Expect::SuccessOr(words) => stage
            .until(&format!("success or the words {words:?}"), |sight| {
                stage.is_done(sight) || (sight.says(words) && !sight.busy)
            }),
        Expect::Anything => stage.until("the page to be at rest", |sight| is_at_rest(stage, sight)),
        Expect::Waits => stage.until("the page to wait", |sight| sight.probed),
        Expect::SignInAgain(words) => stage
            .until(&format!("the sign-in form, with {words:?}"), |sight| {
                sight.form && sight.says(words)
            }),
    }
}
