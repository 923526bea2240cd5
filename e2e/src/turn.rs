//! How many browsers run at once.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// More of them only take the processor away from each other.
const MOST_AT_ONCE: usize = 2;

static RUNNING: Mutex<usize> = Mutex::new(0);
static ENDED: Condvar = Condvar::new();

/// The right to run a browser, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn(());

impl Turn {
    /// Waits until a browser may run.
    pub(crate) fn take() -> Self {
        let wait = ENDED.wait_while(running(), |running| *running >= MOST_AT_ONCE);
        *wait.unwrap_or_else(PoisonError::into_inner) += 1;
        Self(())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *running() -= 1;
        ENDED.notify_one();
    }
}

fn running() -> MutexGuard<'static, usize> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}
