//! Work that may not be done all at once: a few have their turn, some wait, the rest is refused.
//!
//! Whatever takes memory, a processor or a lock for longer than a moment goes through a queue of
//! known length. A burst then costs those who come last a 503, and nobody the server.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::error::ApiError;

/// How long a request waits for its turn before the server says that it is too busy.
const PATIENCE: Duration = Duration::from_secs(10);

/// A queue of bounded length, in the order of arrival. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    /// What is waited for, for the log.
    name: &'static str,
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

impl Queue {
    /// A queue in which `at_once` have their turn while at most `waiting` more wait for theirs.
    pub(crate) fn new(name: &'static str, at_once: usize, waiting: usize) -> Self {
        Self {
            name,
            places: Arc::new(Semaphore::new(at_once + waiting)),
            turns: Arc::new(Semaphore::new(at_once)),
        }
    }

    /// Does `work` when its turn has come, on a thread that may block. It is done to its end even
    /// if nobody waits for it any more.
    ///
    /// # Errors
    /// 503 if the queue is full, or the turn does not come within ten seconds.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let Self { name, places, turns } = self;
        let place = Arc::clone(places)
            .try_acquire_owned()
            .map_err(|_| ApiError::unavailable(format!("the queue for {name} is full")))?;
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(turns).acquire_owned())
            .await
            .map_err(|_| ApiError::unavailable(format!("the queue for {name} is too slow")))?
            .map_err(|_| ApiError::internal(format!("the queue for {name} is closed")))?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop((turn, place));
            done
        });
        done.await.map_err(|error| ApiError::internal(format!("the thread for {name}: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use axum::response::IntoResponse;

    use super::*;

    #[tokio::test]
    async fn a_queue_does_no_more_at_once_than_it_may_and_refuses_what_finds_no_place() {
        let queue = Queue::new("a test", 2, 3);
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (begun, begins) = mpsc::channel();
        let mut release = Vec::new();
        let jobs: Vec<_> = (0..5)
            .map(|_| {
                let (go, gone) = mpsc::channel::<()>();
                release.push(go);
                let (queue, begun) = (queue.clone(), begun.clone());
                let (running, most) = (Arc::clone(&running), Arc::clone(&most));
                tokio::spawn(async move {
                    let job = queue.run(move || {
                        most.fetch_max(
                            running.fetch_add(1, Ordering::SeqCst) + 1,
                            Ordering::SeqCst,
                        );
                        begun.send(()).expect("the test waits");
                        assert!(gone.recv().is_err(), "the test lets go");
                        running.fetch_sub(1, Ordering::SeqCst);
                    });
                    job.await.is_ok()
                })
            })
            .collect();
        let both = tokio::task::spawn_blocking(move || {
            let both = (begins.recv().is_ok(), begins.recv().is_ok());
            (both, begins)
        });
        let (both, begins) = both.await.expect("two have their turn");
        assert_eq!(both, (true, true));
        let all_have_a_place = async {
            while queue.places.available_permits() > 0 {
                tokio::task::yield_now().await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(10), all_have_a_place).await;
        assert!(in_time.is_ok(), "five fill the queue");
        let refused = queue.run(|| ()).await.map_err(|error| error.into_response().status());
        assert_eq!(refused.map_err(|status| status.as_u16()), Err(503), "the sixth");
        drop(release);
        for job in jobs {
            assert!(job.await.expect("no panic"), "who has a place has a turn in the end");
        }
        assert_eq!(most.load(Ordering::SeqCst), 2);
        assert_eq!(begins.iter().take(3).count(), 3);
        assert!(queue.run(|| ()).await.is_ok(), "places are given back");
    }

    #[tokio::test]
    async fn work_that_panics_gives_its_place_back() {
        let queue = Queue::new("a test", 1, 0);
        let failed = queue.run(|| std::panic::resume_unwind(Box::new(()))).await;
        let failed: Result<(), _> = failed;
        assert_eq!(failed.map_err(|error| error.into_response().status().as_u16()), Err(500));
        assert!(queue.run(|| ()).await.is_ok());
    }
}
