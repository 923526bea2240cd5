//! One cell: one kind of fault at one operation.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::invariants::{traces, violations};
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
    let played = catch_unwind(AssertUnwindSafe(|| play(browser, name.operation, &cell)));
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
    let extra_puts = cell.puts - 1;
    let check = |sight: &Sight| {
        let wrong = violations(stage, sight, extra_puts);
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    };
    let outcome = await_outcome(stage, cell.expect)?;
    if cell.slow && !stage.has_heard_of_slowness() {
        return Err("(c) nothing said that it takes longer".to_owned());
    }
    if cell.expect != Expect::Waits {
        check(&outcome)?;
    }
    stage.heal();
    if let Expect::SignInAgain(_) = cell.expect {
        stage.sign_in();
        stage.until("the session to go on", |sight| !sight.form && !sight.busy)?;
    }
    stage.retry().map_err(|why| format!("(g) {why}"))?;
    let end = stage.until("the page to be at rest", |sight| !sight.busy)?;
    check(&end)?;
    if stage.operation == Operation::Create {
        let dialog = CreateDialog::on_secret(stage.browser);
        let secret = dialog.reveal();
        if !stage.proxy.secrets().iter().any(|known| known.text == secret) {
            return Err("the secret on show is not the API's".to_owned());
        }
        dialog.close_as_saved();
        let end = stage.until("the list with the new key", |sight| !sight.busy && !sight.dialog)?;
        check(&end)?;
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
        Expect::Waits => stage.until("the page to wait", |sight| sight.probed),
        Expect::SignInAgain(words) => stage
            .until(&format!("the sign-in form, with {words:?}"), |sight| {
                sight.form && sight.says(words)
            }),
    }
}
