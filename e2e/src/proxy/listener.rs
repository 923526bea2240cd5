//! A listening socket that can be closed and opened again at the same address.

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use socket2::{Domain, Protocol, SockRef, Socket, Type};

/// A socket that is not opened or closed by then never will be.
const PATIENCE: Duration = Duration::from_secs(20);

/// A listener on the loopback interface, at a port that no other of this process has or had. A
/// handle: copies name the same one, which ends with the last handle outside its own threads.
#[derive(Debug)]
pub(crate) struct Listener {
    inner: Arc<Inner>,
    owner: bool,
}

#[derive(Debug)]
struct Inner {
    address: SocketAddr,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// What should be.
    wanted: Wanted,
    /// Whether the socket listens.
    open: bool,
    next: u64,
    /// Connections that have not sent anything yet.
    idle: HashMap<u64, TcpStream>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Wanted {
    #[default]
    Open,
    Closed,
    Ended,
}

impl Listener {
    /// Listens, and serves every connection in a thread of its own, as soon as there is something
    /// to read from it.
    pub(crate) fn open(serve: impl Fn(TcpStream, &Self) + Send + Sync + 'static) -> Self {
        let (socket, address) = listen_anew().expect("a free port");
        let state = Mutex::new(State { open: true, ..State::default() });
        let inner = Arc::new(Inner { address, state, changed: Condvar::new() });
        let accepting = Self { inner: Arc::clone(&inner), owner: false };
        let serve = Arc::new(serve);
        thread::spawn(move || accepting.accept(socket, &serve));
        Self { inner, owner: true }
    }

    /// Such as `http://127.0.0.1:40000`.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.inner.address)
    }

    /// Closes the socket, and the connections that were made in advance. When it returns, nobody
    /// can connect.
    pub(crate) fn close(&self) {
        self.want(Wanted::Closed);
    }

    /// Opens the socket again, if it was closed.
    pub(crate) fn reopen(&self) {
        self.want(Wanted::Open);
    }

    fn want(&self, wanted: Wanted) {
        let mut state = self.state();
        if state.wanted == Wanted::Ended {
            return;
        }
        state.wanted = wanted;
        let open = wanted == Wanted::Open;
        if !open {
            for (_, stream) in state.idle.drain() {
                // It may have been closed by the browser.
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
        let was_open = state.open;
        drop(state);
        self.inner.changed.notify_all();
        if was_open && !open {
            // The thread that accepts wakes up by a connection and looks what is wanted.
            let _ = TcpStream::connect(self.inner.address);
        }
        // Whoever wants something else meanwhile waits for that.
        let is_coming = |state: &mut State| state.wanted == wanted && state.open != open;
        let wait = self.inner.changed.wait_timeout_while(self.state(), PATIENCE, is_coming);
        let (state, waited) = wait.unwrap_or_else(PoisonError::into_inner);
        drop(state);
        // A second panic would take the words of the first one with it.
        assert!(!waited.timed_out() || thread::panicking(), "the socket is still not {wanted:?}");
    }

    fn accept<S>(&self, mut socket: TcpListener, serve: &Arc<S>)
    where
        S: Fn(TcpStream, &Self) + Send + Sync + 'static,
    {
        loop {
            let accepted = socket.accept();
            let mut state = self.state();
            if state.wanted == Wanted::Open {
                if let Ok((stream, _)) = accepted
                    && let Ok(copy) = stream.try_clone()
                {
                    // Here, because whoever closes next must find every connection.
                    state.next += 1;
                    let number = state.next;
                    state.idle.insert(number, copy);
                    self.spawn(number, stream, serve);
                }
                continue;
            }
            drop(accepted);
            // A child of this process that is not a program of its own yet has the socket too.
            let _ = SockRef::from(&socket).shutdown(Shutdown::Both);
            drop(socket);
            // Nobody else gets the port meanwhile.
            let bound = bind(self.inner.address);
            state.open = false;
            self.inner.changed.notify_all();
            let closed = |state: &mut State| state.wanted == Wanted::Closed;
            let wait = self.inner.changed.wait_while(state, closed);
            let mut state = wait.unwrap_or_else(PoisonError::into_inner);
            if state.wanted == Wanted::Ended {
                return;
            }
            socket = bound.and_then(listen).expect("the port is still ours");
            state.open = true;
            self.inner.changed.notify_all();
        }
    }

    fn spawn<S>(&self, number: u64, stream: TcpStream, serve: &Arc<S>)
    where
        S: Fn(TcpStream, &Self) + Send + Sync + 'static,
    {
        let listener = Self { inner: Arc::clone(&self.inner), owner: false };
        let serve = Arc::clone(serve);
        thread::spawn(move || {
            if listener.speaks(number, &stream) {
                serve(stream, &listener);
            }
        });
    }

    /// Waits for the first byte, and whether there was one. Meanwhile the connection can be closed
    /// from here.
    fn speaks(&self, number: u64, stream: &TcpStream) -> bool {
        let count = stream.peek(&mut [0]);
        // A reset happens only when the last copy of a socket is closed.
        self.state().idle.remove(&number);
        count.is_ok_and(|count| count > 0)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if self.owner {
            self.want(Wanted::Ended);
        }
    }
}

/// Listens at a port that this process has never listened at before: browsers are used for one test
/// after the other, and would show the files of an earlier one from their cache, whatever the
/// listener answers.
fn listen_anew() -> io::Result<(TcpListener, SocketAddr)> {
    static HAD: LazyLock<Mutex<HashSet<u16>>> = LazyLock::new(Mutex::default);
    loop {
        let socket = listen(bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?)?;
        let address = socket.local_addr()?;
        let mut had = HAD.lock().unwrap_or_else(PoisonError::into_inner);
        if had.insert(address.port()) {
            return Ok((socket, address));
        }
    }
}

/// A socket with an address, at which nobody listens. It can have it while old connections of the
/// address still wait to be forgotten.
fn bind(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

fn listen(socket: Socket) -> io::Result<TcpListener> {
    socket.listen(128)?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    /// Enough to close a socket at every moment of a connection's coming.
    const CLOSINGS: usize = 1_000;

    #[test]
    fn a_connection_that_was_made_in_advance_is_closed_with_the_socket() {
        let listener = Listener::open(|_, _| {});
        for _ in 0..CLOSINGS {
            let mut silent = TcpStream::connect(listener.inner.address).expect("it listens");
            silent.set_read_timeout(Some(PATIENCE)).expect("it can wait");
            listener.close();
            let end = silent.read(&mut [0]).map_err(|error| error.kind());
            assert!(matches!(end, Ok(0) | Err(io::ErrorKind::ConnectionReset)), "{end:?}");
            listener.reopen();
        }
    }

    #[test]
    fn who_closes_while_another_opens_does_not_wait_for_ever() {
        let listener = Listener::open(|_, _| {});
        thread::scope(|scope| {
            scope.spawn(|| (0..CLOSINGS).for_each(|_| listener.close()));
            scope.spawn(|| (0..CLOSINGS).for_each(|_| listener.reopen()));
        });
    }

    /// More than there can be without one that comes twice, if nobody sees to it.
    const MANY: usize = 1_500;

    #[test]
    fn no_listener_has_the_port_of_an_earlier_one() {
        let ports = (0..MANY).map(|_| Listener::open(|_, _| {}).inner.address.port());
        let unlike: HashSet<u16> = ports.collect();
        assert_eq!(unlike.len(), MANY);
    }
}
