//! What time it is, so that tests can say.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use contract::Timestamp;

/// A source of the current time. Clones of a manual clock move together.
///
/// It tells two times, as computers do: what day it is, which somebody may set back, and how much
/// time has gone by, which only ever grows.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System {
        start: Instant,
    },
    /// Both in milliseconds.
    Manual {
        now: Arc<AtomicI64>,
        elapsed: Arc<AtomicI64>,
    },
}

impl Clock {
    /// The computer's clock.
    pub fn system() -> Self {
        Self(Source::System { start: Instant::now() })
    }

    /// A clock that stands at `start` until it is [advanced](Self::advance) or
    /// [set back](Self::set_back).
    pub fn manual(start: Timestamp) -> Self {
        let now = Arc::new(AtomicI64::new(start.unix_millis()));
        Self(Source::Manual { now, elapsed: Arc::default() })
    }

    /// The current time.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(match &self.0 {
            Source::System { .. } => match SystemTime::now().duration_since(UNIX_EPOCH) {
                Ok(since) => millis(since),
                Err(before) => -millis(before.duration()),
            },
            Source::Manual { now, .. } => now.load(Ordering::SeqCst),
        })
    }

    /// How much time has gone by since the clock was made, whatever it was set to meanwhile.
    pub fn elapsed(&self) -> Duration {
        match &self.0 {
            Source::System { start } => start.elapsed(),
            Source::Manual { elapsed, .. } => {
                let millis = elapsed.load(Ordering::SeqCst);
                Duration::from_millis(u64::try_from(millis).unwrap_or_default())
            }
        }
    }

    /// Lets time go by on a manual clock. The computer's clock does not listen.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual { now, elapsed } = &self.0 {
            now.fetch_add(millis(by), Ordering::SeqCst);
            elapsed.fetch_add(millis(by), Ordering::SeqCst);
        }
    }

    /// Sets a manual clock back, as somebody might do with the computer's.
    pub fn set_back(&self, by: Duration) {
        if let Source::Manual { now, .. } = &self.0 {
            now.fetch_sub(millis(by), Ordering::SeqCst);
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now().to_string()).finish()
    }
}

/// A duration in whole milliseconds, at the end of numbers if it is longer.
pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
