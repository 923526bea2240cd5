//! A proxy between the browser and the server that makes the faults of a network and of a server.
//!
//! It speaks HTTP/1.1 over plain sockets, one exchange per connection, because most faults lie
//! below what an HTTP library lets one do. Until told otherwise it passes everything on, and the
//! server takes every request for its own. It keeps what it saw, and it puts a [`probe`] into
//! every page.

pub mod edit;
pub mod fault;
mod listener;
pub mod message;
pub mod operation;
pub mod probe;

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Write};
use std::net::TcpStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use self::fault::{CutPoint, Fault};
use self::listener::Listener;
use self::message::{Answer, Request};
use self::operation::Operation;
use self::probe::Pace;
use crate::server::Server;

/// A proxy before one server. It ends when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    listener: Listener,
    elsewhere: Listener,
    shared: Arc<Shared>,
}

/// Which calls of an operation a fault meets, counted from when it was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calls {
    /// Only this one; the first is 1.
    Nth(usize),
    /// This one and all that follow.
    From(usize),
    /// So many, from the next one on.
    Next(usize),
}

/// A request that the proxy saw.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What it asked for.
    pub operation: Operation,
    /// The request as the browser sent it.
    pub request: Request,
    /// The status with which the real server answered, if it was asked and did.
    pub answered: Option<u16>,
    /// Whether it met a fault.
    pub faulty: bool,
    /// Whether it came to the origin that sends no CORS headers.
    pub elsewhere: bool,
}

/// Everything that the threads of a proxy share.
#[derive(Debug)]
struct Shared {
    /// The server's address, such as `127.0.0.1:8080`.
    server: String,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    injections: Vec<Injection>,
    /// Files that the server does not have, by their paths. Both origins have them.
    extra: HashMap<String, Answer>,
    changes: Vec<Change>,
    seen: Vec<Seen>,
    secrets: Vec<Secret>,
    /// Access tokens that are not taken any more.
    expired: Vec<String>,
    /// How often everything was healed. What waits, waits for the next time.
    healings: usize,
    /// How many requests are held until the next healing.
    held: usize,
    /// How fast the time of pages runs, and that of delays here.
    pace: Pace,
}

/// Something that is done to every answer of the real server.
#[derive(Clone)]
struct Change(Arc<How>);

type How = dyn Fn(&str, &mut Answer) + Send + Sync;

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Change")
    }
}

#[derive(Debug)]
struct Injection {
    operation: Operation,
    calls: Calls,
    fault: Fault,
    met: usize,
}

/// Something secret that the server has told the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// The field of the answer in which it stood, such as `access_token`.
    pub field: &'static str,
    /// The secret.
    pub text: String,
}

const ACCESS_TOKEN: &str = "access_token";
/// The fields of answers that hold secrets.
const SECRET_FIELDS: [&str; 3] = [ACCESS_TOKEN, "refresh_token", "api_key"];
/// Where redirects lead: pages that are no part of the site.
const LOGIN: &str = "/__login";

impl Proxy {
    /// A proxy that passes everything on to this server.
    pub fn before(server: &Server) -> Self {
        let origin = server.origin();
        let shared = Arc::new(Shared {
            server: origin.trim_start_matches("http://").to_owned(),
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let elsewhere = {
            let shared = Arc::clone(&shared);
            Listener::open(move |stream, _| shared.serve(stream, None))
        };
        let listener = {
            let shared = Arc::clone(&shared);
            let elsewhere = elsewhere.origin();
            Listener::open(move |stream, listener| {
                shared.serve(stream, Some((listener, &elsewhere)));
            })
        };
        Self { listener, elsewhere, shared }
    }

    /// Where the site is for the browser, without a path.
    pub fn origin(&self) -> String {
        self.listener.origin()
    }

    /// A second address of the same server. To pages of the first it is another origin, and it
    /// sends no CORS headers.
    pub fn other_origin(&self) -> String {
        self.elsewhere.origin()
    }

    /// From the next page on, lets the time of pages run this many times as fast. Delays of the
    /// proxy become shorter at once.
    pub fn hasten(&self, factor: u32) {
        self.shared.state().pace = Pace::from_now(factor);
    }

    /// Sets a fault for some calls of an operation. Of several that meet a call, the first one
    /// set happens. A fault of [`Operation::LoadAssets`] spares the page and its first script,
    /// without which there would be nothing to look at.
    pub fn inject(&self, operation: Operation, calls: Calls, fault: Fault) {
        if fault == Fault::Refuse {
            self.listener.close();
        }
        self.shared.state().injections.push(Injection { operation, calls, fault, met: 0 });
    }

    /// Lets every access token that the server has told so far count as expired: who bears one is
    /// answered with 401. Healing does not bring them back.
    pub fn expire_tokens(&self) {
        let mut state = self.shared.state();
        let access = state.secrets.iter().filter(|secret| secret.field == ACCESS_TOKEN);
        state.expired = access.map(|secret| secret.text.clone()).collect();
    }

    /// Answers with this file at a path, at both origins.
    pub fn serve(&self, path: &str, answer: Answer) {
        self.shared.state().extra.insert(path.to_owned(), answer);
    }

    /// Does something to every answer of the real server, whose path is told too.
    pub fn change(&self, how: impl Fn(&str, &mut Answer) + Send + Sync + 'static) {
        self.shared.state().changes.push(Change(Arc::new(how)));
    }

    /// Ends all faults: whoever was refused is let in, and what was held goes on.
    pub fn heal(&self) {
        let mut state = self.shared.state();
        state.injections.clear();
        state.healings += 1;
        drop(state);
        self.shared.changed.notify_all();
        self.listener.reopen();
    }

    /// How many requests for this operation came, faulty ones included.
    pub fn seen(&self, operation: Operation) -> usize {
        let state = self.shared.state();
        state.seen.iter().filter(|seen| seen.operation == operation && !seen.elsewhere).count()
    }

    /// How many requests for this operation the real server has answered.
    pub fn answered(&self, operation: Operation) -> usize {
        let state = self.shared.state();
        let of_it = state.seen.iter().filter(|seen| seen.operation == operation);
        of_it.filter(|seen| seen.answered.is_some()).count()
    }

    /// Whether the page has been answered, and the script that stands in it.
    pub fn has_answered_page(&self) -> bool {
        let state = self.shared.state();
        state.seen.iter().any(|seen| is_page(&seen.request) && seen.answered.is_some())
    }

    /// How many requests wait to be let go by [`Proxy::heal`].
    pub fn held(&self) -> usize {
        self.shared.state().held
    }

    /// Every request so far, in the order of their coming.
    pub fn requests(&self) -> Vec<Seen> {
        self.shared.state().seen.clone()
    }

    /// Every secret that was in an answer of the real server, whether or not it reached the
    /// browser.
    pub fn secrets(&self) -> Vec<Secret> {
        self.shared.state().secrets.clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.heal();
    }
}

impl Calls {
    fn include(self, number: usize) -> bool {
        match self {
            Self::Nth(nth) => number == nth,
            Self::From(first) => number >= first,
            Self::Next(count) => number <= count,
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Serves one exchange. Without a listener it came to the other origin, where no fault is.
    fn serve(&self, mut stream: TcpStream, at: Option<(&Listener, &str)>) {
        // A browser opens connections in advance and may never use them.
        let Ok(Some(request)) = Request::read(&mut stream) else { return };
        if request.target == probe::PATH {
            let pace = self.state().pace;
            let _ = probe::answer(pace).write(&mut stream);
            fault::end(&stream);
            // No script of a page is asked for before the probe; its own first one stands in it.
            let closes = |fault: &Injection| fault.fault == Fault::RefuseAfterTheStart;
            if let Some((listener, _)) = at
                && self.state().injections.iter().any(closes)
            {
                listener.close();
            }
            return;
        }
        let extra = self.state().extra.get(&request.target).cloned();
        if let Some(extra) = extra {
            let _ = extra.write(&mut stream);
            return fault::end(&stream);
        }
        if request.target == LOGIN {
            let _ = Answer::html(200, "Sign in to the network").write(&mut stream);
            return fault::end(&stream);
        }
        let operation = Operation::of(&request.method, &request.target);
        let (index, fault, healings) = {
            let mut state = self.state();
            // What a page needs to say that it cannot start.
            let spared = at.is_none() || is_page(&request);
            let fault = if spared { None } else { state.fault_for(operation) };
            let fault = fault.or_else(|| state.bears_expired_token(&request).then(unauthorized));
            state.seen.push(Seen {
                operation,
                request: request.clone(),
                answered: None,
                faulty: fault.is_some(),
                elsewhere: at.is_none(),
            });
            (state.seen.len() - 1, fault, state.healings)
        };
        let exchange = Exchange { shared: self, request: &request, index, healings, at };
        // The browser may go at any time, and then nobody is left to tell.
        let _ = exchange.answer(stream, fault);
    }

    /// Waits until everything is healed, or this long. Whether it was healed.
    fn wait(&self, healings: usize, most: Option<Duration>) -> bool {
        let deadline = most.map(|most| Instant::now() + most);
        let mut state = self.state();
        while state.healings == healings {
            state = match deadline {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return false;
                    }
                    let waited = self.changed.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        true
    }

    /// Holds an exchange until everything is healed.
    fn hold(&self, healings: usize) {
        self.state().held += 1;
        self.wait(healings, None);
        self.state().held -= 1;
    }

    /// A time of the page's clock as the proxy waits for it.
    fn hastened(&self, time: Duration) -> Duration {
        time / self.state().pace.factor
    }
}

impl State {
    /// The fault that this call meets. Every fault of the operation counts it.
    fn fault_for(&mut self, operation: Operation) -> Option<Fault> {
        let mut found = None;
        for injection in self.injections.iter_mut().filter(|one| one.operation == operation) {
            injection.met += 1;
            if found.is_none() && injection.calls.include(injection.met) {
                found = Some(injection.fault.clone());
            }
        }
        found
    }

    fn bears_expired_token(&self, request: &Request) -> bool {
        let bearer = request.header("authorization").and_then(|it| it.strip_prefix("Bearer "));
        bearer.is_some_and(|bearer| self.expired.iter().any(|expired| expired == bearer))
    }
}

/// What a Key API answers whose token has expired.
fn unauthorized() -> Fault {
    Fault::Answer(Answer::json(401, "{\"detail\":\"Could not validate credentials\"}"))
}

/// One request and what becomes of it.
struct Exchange<'a> {
    shared: &'a Shared,
    request: &'a Request,
    /// Its place among what was seen.
    index: usize,
    /// How often everything had been healed when it came.
    healings: usize,
    at: Option<(&'a Listener, &'a str)>,
}

impl Exchange<'_> {
    fn answer(&self, mut stream: TcpStream, fault: Option<Fault>) -> io::Result<()> {
        let fault = match fault {
            None | Some(Fault::Refuse) => {
                return self.pass_on(stream, |_| {});
            }
            Some(fault) => fault,
        };
        match fault {
            Fault::Refuse => {}
            // It slipped in before the socket was closed.
            Fault::RefuseAfterTheStart => return fault::reset(stream),
            Fault::Reset => return fault::reset(stream),
            Fault::ResetInBody(share) => {
                let answer = self.ask()?;
                fault::write_part(&mut stream, &answer, share)?;
                return fault::reset(stream);
            }
            Fault::TruncateLength(share) => {
                let answer = self.ask()?;
                fault::write_part(&mut stream, &answer, share)?;
            }
            Fault::TruncateChunk(share) => {
                let answer = self.ask()?;
                fault::write_part_of_chunk(&mut stream, &answer, share)?;
            }
            Fault::StallHeaders => {
                self.shared.hold(self.healings);
                if is_gone(&stream) {
                    return Ok(());
                }
                return self.pass_on(stream, |_| {});
            }
            Fault::StallBody(share) => {
                let answer = self.ask()?;
                fault::write_part(&mut stream, &answer, share)?;
                self.shared.hold(self.healings);
                stream.write_all(&answer.body[fault::part(&answer.body, share).len()..])?;
            }
            Fault::Drip => self.drip(&mut stream)?,
            Fault::Delay(time) => {
                self.shared.wait(self.healings, Some(self.shared.hastened(time)));
                return self.pass_on(stream, |_| {});
            }
            Fault::Answer(answer) => answer.write(&mut stream)?,
            Fault::Wrapped { status, content_type } => {
                return self.pass_on(stream, |answer| {
                    answer.status = status;
                    answer.headers.retain(|(name, _)| name != "content-type");
                    if !content_type.is_empty() {
                        answer.headers.push(("content-type".to_owned(), content_type.to_owned()));
                    }
                });
            }
            Fault::Edit(edit) => {
                return self.pass_on(stream, |answer| answer.body = edit.apply(&answer.body));
            }
            Fault::Flood => fault::flood(&mut stream)?,
            Fault::GzipBomb => fault::gzip_bomb().write(&mut stream)?,
            Fault::LoseAnswer => {
                self.ask()?;
                return fault::reset(stream);
            }
            Fault::Cut(point) => return self.cut(stream, point),
        }
        fault::end(&stream);
        Ok(())
    }

    /// Asks the server, and answers with what it says after `change`.
    fn pass_on(&self, mut stream: TcpStream, change: impl FnOnce(&mut Answer)) -> io::Result<()> {
        let Ok(mut answer) = self.ask() else {
            // Without the proxy, the browser would have seen the same.
            return fault::reset(stream);
        };
        change(&mut answer);
        if self.request.method == "HEAD" {
            stream.write_all(&answer.whole_head())?;
        } else {
            answer.write(&mut stream)?;
        }
        fault::end(&stream);
        Ok(())
    }

    fn drip(&self, stream: &mut TcpStream) -> io::Result<()> {
        let answer = self.ask()?;
        stream.set_nodelay(true)?;
        stream.write_all(&answer.whole_head())?;
        let pace = self.shared.hastened(Duration::from_secs(1));
        for (at, byte) in answer.body.iter().enumerate() {
            if self.shared.wait(self.healings, Some(pace)) {
                return stream.write_all(&answer.body[at..]);
            }
            stream.write_all(&[*byte])?;
        }
        Ok(())
    }

    fn cut(&self, mut stream: TcpStream, point: CutPoint) -> io::Result<()> {
        match point {
            CutPoint::BeforeAnyByte => return fault::reset(stream),
            CutPoint::AfterRequestHead => {
                let mut server = self.connect()?;
                server.write_all(&self.head())?;
                fault::reset(server)?;
                return fault::reset(stream);
            }
            CutPoint::AfterRequest => {
                let mut server = self.connect()?;
                server.write_all(&self.head())?;
                server.write_all(&self.request.body)?;
                fault::end(&server);
                return fault::reset(stream);
            }
            CutPoint::LateCommit(time) => {
                fault::reset(stream)?;
                let mut server = self.connect()?;
                server.write_all(&self.head())?;
                let last = self.request.body.len().saturating_sub(1);
                server.write_all(&self.request.body[..last])?;
                // Not cut short by healing: a slow server does not know that the network is well.
                thread::sleep(self.shared.hastened(time));
                server.write_all(&self.request.body[last..])?;
                self.receive(server)?;
                return Ok(());
            }
            CutPoint::BeforeStatus => {
                self.ask()?;
            }
            CutPoint::MidStatus => {
                self.ask()?;
                stream.write_all(b"HTTP/1.1 2")?;
            }
            CutPoint::AfterHead => {
                let answer = self.ask()?;
                stream.write_all(&answer.whole_head())?;
            }
            CutPoint::MidBody(share) => {
                let answer = self.ask()?;
                stream.write_all(&answer.whole_head())?;
                stream.write_all(fault::part(&answer.body, share))?;
            }
            CutPoint::BrokenJson => {
                let broken = edit::Edit::Broken;
                return self.pass_on(stream, |answer| answer.body = broken.apply(&answer.body));
            }
        }
        stream.flush()?;
        fault::reset(stream)
    }

    /// Asks the server, and keeps what it answered.
    fn ask(&self) -> io::Result<Answer> {
        let mut server = self.connect()?;
        server.write_all(&self.head())?;
        server.write_all(&self.request.body)?;
        self.receive(server)
    }

    fn receive(&self, mut server: TcpStream) -> io::Result<Answer> {
        let mut answer = Answer::read(&mut server, self.request.method == "HEAD")?;
        let mut state = self.shared.state();
        state.seen[self.index].answered = Some(answer.status);
        let secrets = secrets_in(state.seen[self.index].operation, &answer.body);
        state.secrets.extend(secrets);
        if let Some((_, elsewhere)) = self.at {
            probe::inject(&mut answer, state.pace, elsewhere);
        }
        let changes = state.changes.clone();
        drop(state);
        let path = self.request.target.split('?').next().unwrap_or_default();
        for Change(change) in changes {
            change(path, &mut answer);
        }
        Ok(answer)
    }

    fn connect(&self) -> io::Result<TcpStream> {
        message::connect(&self.shared.server)
    }

    fn head(&self) -> Vec<u8> {
        let origin = self.at.map(|(listener, _)| listener.origin()).unwrap_or_default();
        self.request.head_for(&self.shared.server, &origin)
    }
}

/// Whether the browser has left the connection.
fn is_gone(stream: &TcpStream) -> bool {
    if stream.set_nonblocking(true).is_err() {
        return true;
    }
    let gone = match stream.peek(&mut [0]) {
        Ok(count) => count == 0,
        Err(error) => error.kind() != io::ErrorKind::WouldBlock,
    };
    gone || stream.set_nonblocking(false).is_err()
}

/// Whether it asks for the page, in which the first script stands.
fn is_page(request: &Request) -> bool {
    let path = request.target.split('?').next().unwrap_or_default();
    Operation::of(&request.method, &request.target) == Operation::LoadAssets
        && (path.ends_with('/') || path.ends_with(".html"))
}

/// A list has masked keys only.
fn secrets_in(operation: Operation, body: &[u8]) -> Vec<Secret> {
    if ![Operation::SignIn, Operation::Refresh, Operation::Create].contains(&operation) {
        return Vec::new();
    }
    let Ok(tree) = serde_json::from_slice::<Value>(body) else { return Vec::new() };
    let secret = |field: &'static str| {
        tree[field].as_str().map(|text| Secret { field, text: text.to_owned() })
    };
    SECRET_FIELDS.into_iter().filter_map(secret).collect()
}
