//! The open connections: so many at once, and who makes others wait for nothing goes first.
//!
//! A connection costs its client nothing. Ten thousand that are opened and left alone, or send
//! their request a byte a minute, must not keep anybody else out. So there is room for a fixed
//! number, and when it is full, the connection is closed that has waited longest for its client:
//! for a request's head or body, or to have an answer taken. One whose request has arrived is
//! being worked on and is never closed for another's sake.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

/// The room for connections. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Connections {
    room: Arc<Semaphore>,
    table: Arc<Mutex<Table>>,
    /// Told when a connection begins to wait for its client again.
    waits: Arc<Notify>,
}

/// A connection's place, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    all: Connections,
    number: u64,
    closed: CancellationToken,
    /// There is some as long as this lives.
    room: Option<OwnedSemaphorePermit>,
}

/// A connection as its requests know it.
#[derive(Clone, Debug)]
pub(crate) struct Served {
    all: Connections,
    number: u64,
}

/// While this lives, a request of the connection is being worked on.
#[derive(Debug)]
struct Busy(Served);

#[derive(Debug, Default)]
struct Table {
    open: HashMap<u64, Open>,
    /// Those that wait for their client, the longest first.
    waiting: BTreeMap<u64, u64>,
    /// How many are told to go and have not gone yet.
    leaving: usize,
    /// Counts connections, and the beginnings of their waits.
    count: u64,
}

#[derive(Debug)]
struct Open {
    closed: CancellationToken,
    /// The key in `waiting`, if it waits.
    since: Option<u64>,
}

impl Connections {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            room: Arc::new(Semaphore::new(most.max(1))),
            table: Arc::default(),
            waits: Arc::default(),
        }
    }

    /// A place for one more connection, which has come already; if there is no room, the one that
    /// waits longest is closed.
    pub(crate) async fn place(&self) -> Place {
        let room = loop {
            {
                // At once: between the two, one may go by itself, and another would have to go too.
                let mut table = self.table();
                if let Ok(room) = Arc::clone(&self.room).try_acquire_owned() {
                    break room;
                }
                // One that is told to go already is enough for one place.
                if table.leaving == 0 {
                    table.close_longest_waiting();
                }
            }
            tokio::select! {
                Ok(room) = Arc::clone(&self.room).acquire_owned() => break room,
                () = self.waits.notified() => {}
            }
        };
        let closed = CancellationToken::new();
        let number = self.table().add(closed.clone());
        Place { all: self.clone(), number, closed, room: Some(room) }
    }

    /// Closes the connection that has waited longest for its client, if any waits.
    pub(crate) fn close_longest_waiting(&self) {
        self.table().close_longest_waiting();
    }

    fn table(&self) -> std::sync::MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// What the requests of this connection are told.
    pub(crate) fn served(&self) -> Served {
        Served { all: self.all.clone(), number: self.number }
    }

    /// Resolves when the connection has to go.
    pub(crate) fn closed(&self) -> impl Future<Output = ()> + use<> {
        self.closed.clone().cancelled_owned()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut table = self.all.table();
        let since = table.open.remove(&self.number).and_then(|open| open.since);
        since.map(|since| table.waiting.remove(&since));
        table.leaving -= usize::from(self.closed.is_cancelled());
        // Whoever looks for a place sees both or neither.
        drop(self.room.take());
        drop(table);
    }
}

impl Served {
    fn busy(self) -> Busy {
        let mut table = self.all.table();
        let since = table.open.get_mut(&self.number).and_then(|open| open.since.take());
        since.map(|since| table.waiting.remove(&since));
        drop(table);
        Busy(self)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let Served { all, number } = &self.0;
        all.table().wait(*number);
        // The one that looks for a place may be told before it listens.
        all.waits.notify_one();
    }
}

impl Table {
    fn add(&mut self, closed: CancellationToken) -> u64 {
        self.count += 1;
        let number = self.count;
        self.open.insert(number, Open { closed, since: None });
        self.wait(number);
        number
    }

    fn close_longest_waiting(&mut self) {
        if let Some((_, number)) = self.waiting.pop_first()
            && let Some(open) = self.open.get_mut(&number)
        {
            open.since = None;
            open.closed.cancel();
            self.leaving += 1;
        }
    }

    /// The connection begins to wait, unless it is closed already.
    fn wait(&mut self, number: u64) {
        self.count += 1;
        if let Some(open) = self.open.get_mut(&number).filter(|open| !open.closed.is_cancelled()) {
            open.since = Some(self.count);
            self.waiting.insert(self.count, number);
        }
    }
}

/// Keeps the connection of a request that has arrived whole from being closed for another's sake.
pub(crate) async fn occupy(mut request: Request, next: Next) -> Response {
    let busy = request.extensions_mut().remove::<Served>().map(Served::busy);
    let response = next.run(request).await;
    drop(busy);
    response
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};
    use std::time::Duration;

    use super::*;

    /// Whether it is ready without waiting.
    fn now<T>(future: impl Future<Output = T>) -> Option<T> {
        match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        }
    }

    #[test]
    fn the_connection_that_waits_longest_makes_room() {
        let all = Connections::new(3);
        let place = || now(all.place());
        let [a, b, c] = [(); 3].map(|()| place().expect("room"));
        let is_closed = |place: &Place| now(place.closed()).is_some();
        // The first one is spoken to again, so the second has waited longest.
        drop(a.served().busy());
        assert!(place().is_none(), "no room before one has gone");
        assert_eq!([&a, &b, &c].map(is_closed), [false, true, false]);
        drop(b);
        let d = place().expect("room");
        assert!(place().is_none());
        assert_eq!([&a, &c, &d].map(is_closed), [false, true, false]);
    }

    #[test]
    fn a_connection_that_goes_by_itself_costs_no_other_its_place() {
        for _ in 0..20_000 {
            let all = Connections::new(2);
            let place = || now(all.place());
            let [first, second] = [(); 2].map(|()| place().expect("room"));
            let going = std::thread::spawn(move || drop(first));
            // Whether the first one has gone or has to go, the second one stays.
            let third = place();
            going.join().expect("it goes");
            assert!(now(second.closed()).is_none());
            drop(third);
        }
    }

    #[test]
    fn a_connection_that_is_worked_on_stays() {
        let all = Connections::new(2);
        let place = || now(all.place());
        let [a, b] = [(); 2].map(|()| place().expect("room"));
        let (busy, other) = (a.served().busy(), b.served().busy());
        assert!(place().is_none());
        assert!(now(a.closed()).is_none() && now(b.closed()).is_none());
        drop(other);
        assert!(place().is_none());
        assert!(now(a.closed()).is_none() && now(b.closed()).is_some());
        drop(b);
        drop(place().expect("room"));
        drop(a);
        // A request outlives its connection; nothing is left of either.
        drop(busy);
        let table = all.table();
        assert!(table.open.is_empty() && table.waiting.is_empty() && table.leaving == 0);
    }

    #[tokio::test]
    async fn who_looks_for_a_place_hears_of_a_connection_that_begins_to_wait() {
        let all = Connections::new(1);
        let first = all.place().await;
        let (busy, closed) = (first.served().busy(), first.closed());
        let next = tokio::spawn({
            let all = all.clone();
            async move { drop(all.place().await) }
        });
        tokio::task::yield_now().await;
        drop(busy);
        let in_time = |future| tokio::time::timeout(Duration::from_secs(10), future);
        in_time(closed).await.expect("the connection is told to go");
        drop(first);
        next.await.expect("a place");
    }
}
