//! The program as people and scripts start it: commands that end, and the server as a process.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A server process; it is killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
    log: Option<JoinHandle<String>>,
    /// How long it took from the start until it listened.
    pub(crate) start: Duration,
}

/// The program with these arguments, and with pipes for all that it reads and writes.
pub(crate) fn key_api(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_key-api"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The command that serves `database` on any free port.
pub(crate) fn serve(database: &Path, options: &[&str]) -> Command {
    let mut command = key_api(&["serve", "--listen", "127.0.0.1:0"]);
    command.args(options).arg("--database").arg(database);
    command
}

/// Runs the program to its end with `input` on its standard input.
pub(crate) fn run(arguments: &[&str], input: &str) -> Output {
    finish(&mut key_api(arguments), input)
}

/// The same with `--database` and nothing to read.
pub(crate) fn run_on(database: &Path, arguments: &[&str]) -> Output {
    finish(key_api(arguments).arg("--database").arg(database), "")
}

fn finish(command: &mut Command, input: &str) -> Output {
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    // A program that refuses its arguments closes the pipe unread.
    drop(stdin.write_all(input.as_bytes()));
    drop(stdin);
    child.wait_with_output().expect("the program ends")
}

/// The program must end with `code` and say `words` on standard error, without a panic.
#[track_caller]
pub(crate) fn check_failure(output: &Output, code: i32, words: &str) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{error}");
    assert!(error.contains(words), "{error}");
    assert!(!error.contains("panicked"), "{error}");
    if code == 1 {
        assert_eq!(error.lines().count(), 1, "one sentence: {error}");
        assert!(error.starts_with("key-api: "), "{error}");
    }
}

impl Process {
    /// Starts the server of `database` and waits until it listens.
    pub(crate) fn serve(database: &Path, options: &[&str]) -> Self {
        Self::run(&mut serve(database, options))
    }

    /// Starts a server by this command and waits until it listens.
    pub(crate) fn run(command: &mut Command) -> Self {
        let begin = Instant::now();
        let mut child = command.spawn().expect("the program starts");
        let mut stderr = child.stderr.take().expect("a pipe");
        let log = std::thread::spawn(move || {
            let mut log = Vec::new();
            // A pipe that breaks has given all there is.
            let _ = stderr.read_to_end(&mut log);
            String::from_utf8_lossy(&log).into_owned()
        });
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        stdout.read_line(&mut line).expect("a pipe");
        let address = line.trim_end().strip_prefix("key-api: listening on http://");
        let Some(address) = address else {
            let _ = child.kill();
            panic!("the server does not listen: {line:?} {}", log.join().expect("no panic"));
        };
        let address = address.parse().expect("an address");
        Self { child, address, log: Some(log), start: begin.elapsed() }
    }

    /// Where its site and its API are, without a slash at the end.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sends it a signal such as `-TERM`, waits until it ends, and gives its code and its log.
    #[cfg(unix)]
    pub(crate) fn end_by(mut self, signal: &str) -> (Option<i32>, String) {
        let kill = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(kill.expect("kill is there").success());
        let code = self.child.wait().expect("the server ends").code();
        (code, self.end())
    }

    /// Ends it by SIGKILL, and gives what it logged.
    pub(crate) fn kill(mut self) -> String {
        self.end()
    }

    fn end(&mut self) -> String {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.log.take().map(|log| log.join().expect("no panic")).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}
