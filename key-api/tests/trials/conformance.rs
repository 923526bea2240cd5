//! The server against its own description, by Schemathesis: requests that fit the description and
//! requests that do not, hundreds for each operation, and sequences of them.

use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::amount::{amount, tool};
use crate::process::{Process, add_users};
use crate::support::{ADA, text};

#[test]
fn no_request_makes_the_server_fail_or_leave_its_description() {
    let Some(schemathesis) = tool("OCCAM_KEYS_SCHEMATHESIS", "schemathesis") else { return };
    let examples: u32 = amount("OCCAM_KEYS_EXAMPLES", 300);
    let folder = TempDir::new().expect("a temporary folder");
    let database = folder.path().join("keys.db");
    add_users(&database, &[ADA]);
    let server = Process::start(&database);
    let access = text(&server.client().sign_in(ADA)["access_token"]);

    let hooks = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trials");
    let mut command = Command::new(schemathesis);
    command.env("PYTHONPATH", hooks).env("PYTHONDONTWRITEBYTECODE", "1");
    command.env("SCHEMATHESIS_HOOKS", "fresh_idempotency_keys");
    // What it leaves behind belongs to this test.
    command.current_dir(folder.path()).env("HOME", folder.path()).env("NO_COLOR", "1");
    command.args(["run", &format!("http://{}/openapi.json", server.address), "--checks=all"]);
    command.args(["--continue-on-failure", &format!("--max-examples={examples}")]);
    command.args(["--header", &format!("Authorization: Bearer {access}")]);
    let output = command.stdin(Stdio::null()).output().expect("Schemathesis starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let log = server.kill();
    // Only a failure of the server has a reason in the log, in brackets at the end.
    let failed: Vec<_> = log.lines().filter(|line| line.ends_with(')')).collect();
    println!("{}", said.lines().rev().take(6).collect::<Vec<_>>().join("\n"));
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("9 selected / 9 total"), "{said}");
    let statuses = [" 200 ", " 400 ", " 404 ", " 405 ", " 422 "];
    for status in statuses {
        assert!(log.lines().any(|line| line.contains(status)), "no answer was a{status}");
    }
    assert!(!log.contains("panicked"), "{log}");
    assert!(failed.is_empty(), "{failed:#?}");
}
