//! An answer is sent after what it acknowledges is on the disk, not only on its way there. Killing
//! a process cannot show that, for what the system has it keeps; the order of its calls can.

use std::collections::HashSet;
use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::amount::tool;
use crate::process::{Body, Process, add_users, serve_traced};
use crate::support::{ADA, text};

/// What a trace tells of one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    /// All that was written to the log was on the disk.
    Synced,
    /// Something was written, and the system was not asked to bring it to the disk.
    NotSynced,
    /// Nothing was written.
    NothingWritten,
}

/// What came before each successful answer, by a trace of strace with the names of files.
///
/// A call that waits is told of in two lines, "unfinished" and "resumed"; it is done with the
/// second.
fn judge(trace: &str) -> Vec<Before> {
    let mut answers = Vec::new();
    let mut state = Before::NothingWritten;
    let mut syncing = HashSet::new();
    for line in trace.lines() {
        let thread = line.split(' ').next().unwrap_or_default();
        let of_log = line.contains("keys.db-wal>");
        let failed = line.contains("= -1");
        if of_log && line.contains("pwrite64(") {
            state = Before::NotSynced;
        } else if of_log && line.contains("sync(") {
            if line.ends_with("<unfinished ...>") {
                syncing.insert(thread);
            } else if !failed {
                state = Before::Synced;
            }
        } else if line.contains("sync resumed>") {
            if syncing.remove(thread) && !failed {
                state = Before::Synced;
            }
        } else if line.contains("\"HTTP/1.1 200 ") {
            answers.push(std::mem::replace(&mut state, Before::NothingWritten));
        }
    }
    answers
}

#[test]
fn a_trace_is_judged_by_the_order_of_its_calls() {
    let write = "7 pwrite64(9</d/keys.db-wal>, \"\", 24, 0) = 24\n";
    let sync = "7 fdatasync(9</d/keys.db-wal>) = 0\n";
    let waits = "7 fdatasync(9</d/keys.db-wal> <unfinished ...>\n";
    let resumed = "7 <... fdatasync resumed>) = 0\n";
    let other = "8 fdatasync(4</d/keys.db>) = 0\n8 <... fdatasync resumed>) = 0\n";
    let failed = "7 fdatasync(9</d/keys.db-wal>) = -1 EIO (Input/output error)\n";
    let answer = "8 writev(12<socket:[5]>, [{iov_base=\"HTTP/1.1 200 OK\\r\\n\"}], 2) = 9\n";
    for (parts, verdict) in [
        (&[answer][..], Before::NothingWritten),
        (&[write, sync, answer], Before::Synced),
        (&[write, waits, other, resumed, answer], Before::Synced),
        (&[write, answer], Before::NotSynced),
        (&[write, other, answer], Before::NotSynced),
        (&[write, waits, other, answer], Before::NotSynced),
        (&[write, sync, write, answer], Before::NotSynced),
        (&[write, failed, answer], Before::NotSynced),
        (&[sync, write, answer], Before::NotSynced),
    ] {
        assert_eq!(judge(&parts.concat()), [verdict], "{parts:?}");
    }
    assert_eq!(judge(&[write, sync, answer, answer].concat()).len(), 2);
}

#[test]
fn every_change_is_on_the_disk_before_it_is_acknowledged() {
    let Some(strace) = tool("OCCAM_KEYS_STRACE", "strace") else { return };
    let folder = TempDir::new().expect("a temporary folder");
    let (database, trace) = (folder.path().join("keys.db"), folder.path().join("trace"));
    add_users(&database, &[ADA]);
    let output = format!("--output={}", trace.display());
    let calls = "--trace=pwrite64,fsync,fdatasync,write,writev,sendto,sendmsg";
    let mut traced = serve_traced(&strace, &["--decode-fds=path", &output, calls], &database);
    let server = Process::run(&mut traced);
    let client = server.client();

    let mut tokens = client.sign_in(ADA);
    let mut changes = 1;
    let mut change = |body: Value| {
        changes += 1;
        body
    };
    for round in 0..11 {
        let access = text(&tokens["access_token"]);
        let name = format!("key {round}");
        let keys = [(); 2].map(|()| change(client.create(&access, &name).ok()));
        let idempotency_key = format!("round-{round}");
        let repeatable = Body::Repeatable(&idempotency_key, json!({ "name": name }));
        change(client.send("PUT", "/keys/", &access, repeatable).ok());
        let from_key = change(client.exchange(&text(&keys[0]["api_key"])).ok());
        // A request with the token of a key is counted before it is answered.
        change(client.list(&text(&from_key["access_token"])).ok());
        for key in &keys {
            change(client.delete(&access, &text(&key["uuid"])).ok());
        }
        let other = change(client.sign_in(ADA));
        let form = [("token", &*text(&other["refresh_token"]))];
        change(client.send("POST", "/auth/revoke", "", Body::Form(&form)).ok());
        tokens = change(client.refresh(&text(&tokens["refresh_token"])).ok());
    }
    server.kill();
    let trace = fs::read_to_string(trace).expect("a trace");
    let answers = judge(&trace);
    println!("{changes} changes, {} of them on the disk before they were acknowledged", {
        answers.iter().filter(|&&before| before == Before::Synced).count()
    });
    assert!(changes >= 100);
    assert_eq!(answers, vec![Before::Synced; changes]);
}
