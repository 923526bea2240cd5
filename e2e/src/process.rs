//! Child processes that do not outlive their test.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A program that has not started or stopped by then has hung.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at a program that is starting or stopping.
const PAUSE: Duration = Duration::from_millis(2);

/// A running program that is stopped and awaited when it is dropped.
#[derive(Debug)]
pub(crate) struct Process(Child);

/// What a program writes, kept as it comes. Reading never stops, so that the program is never
/// held up by a full pipe.
#[derive(Debug)]
pub(crate) struct Output {
    text: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Process {
    pub(crate) fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}")))
    }

    pub(crate) fn stdout(&mut self) -> Output {
        Output::of(self.0.stdout.take().expect("its output is piped"))
    }

    pub(crate) fn stderr(&mut self) -> Output {
        Output::of(self.0.stderr.take().expect("its errors are piped"))
    }

    /// Ends it without asking, as a crash would.
    pub(crate) fn kill(mut self) {
        // It may have ended already.
        let _ = self.0.kill();
    }
}

impl Drop for Process {
    /// Asks it to stop, as a supervisor would, and waits until it has.
    fn drop(&mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        // If it cannot be asked, it has ended already, or there is no gentler way here.
        let asked = asked.is_ok_and(|status| status.success());
        let deadline = Instant::now() + PATIENCE;
        let mut runs_still = || asked && matches!(self.0.try_wait(), Ok(None));
        while runs_still() && Instant::now() < deadline {
            thread::sleep(PAUSE);
        }
        let has_hung = runs_still();
        // Nobody is left to hear how it ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
        // A second panic would take the words of the first one with it.
        assert!(!has_hung || thread::panicking(), "a program did not stop when it was asked to");
    }
}

impl Output {
    fn of(source: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let written = Arc::clone(&text);
        let reader = thread::spawn(move || {
            let mut source = BufReader::new(source);
            let mut line = Vec::new();
            while source.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
                let line_text = String::from_utf8_lossy(&line).into_owned();
                written.lock().unwrap_or_else(PoisonError::into_inner).push_str(&line_text);
                line.clear();
            }
        });
        Self { text, reader: Some(reader) }
    }

    pub(crate) fn so_far(&self) -> String {
        self.text.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for the first line that holds `mark`, and gives what stands behind it.
    pub(crate) fn await_line(&self, mark: &str) -> String {
        self.find_line(mark).unwrap_or_else(|written| {
            panic!("the program did not write {mark:?}. It wrote: {written:?}")
        })
    }

    /// The same, or all that was written if no such line comes.
    pub(crate) fn find_line(&self, mark: &str) -> Result<String, String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            // In this order: what is written last is there when reading has ended.
            let has_ended = self.reader.as_ref().is_none_or(JoinHandle::is_finished);
            let written = self.so_far();
            let line = written.lines().find_map(|line| line.split_once(mark));
            if let Some((_, rest)) = line {
                return Ok(rest.to_owned());
            }
            if has_ended || Instant::now() >= deadline {
                return Err(written);
            }
            thread::sleep(PAUSE);
        }
    }

    /// All of it, once the program has ended.
    pub(crate) fn read_to_the_end(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().expect("reading a pipe does not panic");
        }
        self.so_far()
    }
}
