//! The fault proxy before the real server, with a client that shows every byte.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use e2e::proxy::edit::Edit;
use e2e::proxy::fault::{CutPoint, Fault};
use e2e::proxy::message::Answer;
use e2e::proxy::operation::Operation;
use e2e::proxy::{Calls, Proxy};
use e2e::server::Server;

/// What has not come by then will not come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A scene without a browser.
struct Wire {
    proxy: Proxy,
    server: Server,
    token: String,
}

/// What came back.
struct Got {
    text: String,
    /// How it ended, if it did not end well.
    end: Option<ErrorKind>,
}

impl Wire {
    fn open() -> Self {
        let server = Server::start();
        let token = server.api().sign_in(server.account());
        Self { proxy: Proxy::before(&server), server, token }
    }

    fn address(&self) -> String {
        self.proxy.origin().trim_start_matches("http://").to_owned()
    }

    fn request(&self, method: &str, path: &str, body: &str) -> String {
        format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nOrigin: {}\r\n\
             Authorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.address(),
            self.proxy.origin(),
            self.token,
            body.len()
        )
    }

    fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(self.address())?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(stream)
    }

    fn start(&self, method: &str, path: &str, body: &str) -> io::Result<TcpStream> {
        let mut stream = self.connect()?;
        stream.write_all(self.request(method, path, body).as_bytes())?;
        Ok(stream)
    }

    fn send(&self, method: &str, path: &str, body: &str) -> Got {
        finish(self.start(method, path, body))
    }

    fn list(&self) -> Got {
        self.send("GET", "/keys/", "")
    }

    fn create(&self, name: &str) -> Got {
        self.send("PUT", "/keys/", &format!("{{\"name\":\"{name}\"}}"))
    }

    /// How many keys there really are.
    fn keys(&self) -> usize {
        self.server.api().keys(&self.token).expect("the token holds").len()
    }

    fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let start = std::time::Instant::now();
        while !holds() {
            assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
            std::thread::yield_now();
        }
    }
}

fn finish(stream: io::Result<TcpStream>) -> Got {
    let mut bytes = Vec::new();
    let end = stream.and_then(|mut stream| stream.read_to_end(&mut bytes)).err();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Got { text, end: end.map(|error| error.kind()) }
}

impl Got {
    fn status(&self) -> &str {
        self.text.split(' ').nth(1).unwrap_or_default()
    }

    fn body(&self) -> &str {
        self.text.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default()
    }

    fn is_reset(&self) -> bool {
        self.end == Some(ErrorKind::ConnectionReset)
    }
}

#[test]
fn without_a_fault_the_server_answers_and_everything_is_on_record() {
    let wire = Wire::open();
    assert_eq!(wire.create("a").status(), "200");
    let list = wire.list();
    assert_eq!((list.status(), list.end), ("200", None));
    assert!(list.body().contains("\"name\":\"a\""), "{}", list.text);
    assert_eq!(wire.send("GET", "/none", "").status(), "404");
    assert_eq!(wire.proxy.seen(Operation::Create), 1);
    assert_eq!(wire.proxy.answered(Operation::Create), 1);
    assert_eq!(wire.proxy.seen(Operation::List), 1);
    assert_eq!(wire.proxy.seen(Operation::LoadAssets), 1);
    let seen = &wire.proxy.requests()[0];
    assert_eq!(seen.answered, Some(200));
    assert_eq!(seen.request.body, b"{\"name\":\"a\"}");
    assert_eq!(seen.request.header("origin"), Some(wire.proxy.origin().as_str()));
    let secrets = wire.proxy.secrets();
    assert!(secrets.iter().any(|secret| secret.text.starts_with("occ_")), "{secrets:?}");
}

#[test]
fn pages_carry_the_probe() {
    let wire = Wire::open();
    wire.proxy.hasten(10);
    let page = wire.send("GET", "/", "");
    assert!(page.body().contains("<head><script src=\"/__probe.js\" integrity="), "{}", page.text);
    let elsewhere = wire.proxy.other_origin();
    assert!(
        page.text.contains(&format!("connect-src 'self' http://no-such-host.invalid {elsewhere}"))
    );
    assert!(wire.send("GET", "/__probe.js", "").body().contains("const FACTOR = 10;"));
}

#[test]
fn faults_meet_the_calls_they_were_set_for() {
    let wire = Wire::open();
    let fault = || Fault::Answer(Answer::json(503, "{}"));
    let statuses =
        |wire: &Wire| -> Vec<String> { (0..4).map(|_| wire.list().status().to_owned()).collect() };
    wire.proxy.inject(Operation::List, Calls::Nth(2), fault());
    assert_eq!(statuses(&wire), ["200", "503", "200", "200"]);
    wire.proxy.heal();
    wire.proxy.inject(Operation::List, Calls::From(3), fault());
    assert_eq!(statuses(&wire), ["200", "200", "503", "503"]);
    wire.proxy.heal();
    wire.proxy.inject(Operation::List, Calls::Next(1), fault());
    assert_eq!(wire.create("a").status(), "200");
    assert_eq!(statuses(&wire), ["503", "200", "200", "200"]);
    assert_eq!(wire.proxy.answered(Operation::List), 8);
}

#[test]
fn nobody_listens_until_all_is_healed() {
    let wire = Wire::open();
    let idle = wire.connect().expect("it listens");
    wire.proxy.inject(Operation::List, Calls::From(1), Fault::Refuse);
    let is_refused = || wire.list().end == Some(ErrorKind::ConnectionRefused);
    assert!(is_refused() && is_refused());
    let idle = finish(Ok(idle));
    let is_closed = idle.end.is_none() || idle.is_reset();
    assert!(is_closed && idle.text.is_empty(), "a connection made in advance is closed");
    wire.proxy.heal();
    assert_eq!(wire.list().status(), "200");

    wire.proxy.inject(Operation::LoadAssets, Calls::From(1), Fault::RefuseAfterTheStart);
    assert_eq!(wire.send("GET", "/", "").status(), "200");
    assert_eq!(wire.list().status(), "200", "the page's first script has not been asked for");
    wire.send("GET", "/__probe.js", "");
    wire.until("the refusal", is_refused);
}

#[test]
fn answers_end_before_they_should() {
    let wire = Wire::open();
    wire.create("a");
    let whole = wire.list();
    let inject = |fault: Fault| wire.proxy.inject(Operation::List, Calls::Nth(1), fault);

    inject(Fault::Reset);
    let got = wire.list();
    assert!(got.is_reset() && got.text.is_empty());
    wire.proxy.heal();

    inject(Fault::ResetInBody(500));
    let got = wire.list();
    // What was sent before a reset may be lost with it.
    assert!(got.is_reset() && got.body().len() < whole.body().len());
    wire.proxy.heal();

    inject(Fault::TruncateLength(500));
    let got = wire.list();
    assert_eq!((got.end, got.body().len()), (None, whole.body().len() / 2));
    assert!(got.text.contains(&format!("content-length: {}", whole.body().len())));
    wire.proxy.heal();

    inject(Fault::TruncateChunk(500));
    let got = wire.list();
    let size = format!("{:x}\r\n", whole.body().len());
    assert!(got.text.contains("transfer-encoding: chunked") && got.body().starts_with(&size));
    assert_eq!(got.body().len(), size.len() + whole.body().len() / 2);
    wire.proxy.heal();

    inject(Fault::LoseAnswer);
    let answered = wire.proxy.answered(Operation::List);
    assert!(wire.list().is_reset());
    assert_eq!(wire.proxy.answered(Operation::List), answered + 1);
}

#[test]
fn what_is_held_goes_on_when_all_is_healed() {
    let wire = Wire::open();
    for fault in [Fault::StallHeaders, Fault::StallBody(500), Fault::Drip] {
        wire.proxy.inject(Operation::List, Calls::Nth(1), fault.clone());
        let mut stream = wire.start("GET", "/keys/", "").expect("it listens");
        if fault != Fault::StallHeaders {
            stream.read_exact(&mut [0; 12]).expect("the status line comes");
        }
        wire.until("the request to be on record", || wire.proxy.seen(Operation::List) > 0);
        if fault != Fault::Drip {
            wire.until("the request to be held", || wire.proxy.held() == 1);
        }
        wire.proxy.heal();
        let got = finish(Ok(stream));
        assert!(got.end.is_none() && got.text.ends_with("[]"), "{fault:?}: {}", got.text);
        wire.until("nothing to be held", || wire.proxy.held() == 0);
    }
}

#[test]
fn a_request_whose_sender_has_gone_is_not_sent_on() {
    let wire = Wire::open();
    wire.proxy.inject(Operation::Create, Calls::Nth(1), Fault::StallHeaders);
    let stream = wire.start("PUT", "/keys/", "{\"name\":\"a\"}").expect("it listens");
    wire.until("the request to be held", || wire.proxy.held() == 1);
    drop(stream);
    wire.proxy.heal();
    wire.until("it to be dropped", || wire.proxy.held() == 0);
    assert_eq!(wire.create("b").status(), "200");
    assert_eq!(wire.keys(), 1);
}

#[test]
fn answers_are_others_than_the_servers() {
    let wire = Wire::open();
    wire.create("a");
    let answered = wire.proxy.answered(Operation::List);
    let got = |fault: Fault| {
        wire.proxy.inject(Operation::List, Calls::Nth(1), fault);
        let got = wire.list();
        wire.proxy.heal();
        got
    };
    let limited = Answer::json(429, "{}").with("retry-after", "20");
    let limited = got(Fault::Answer(limited));
    assert_eq!(limited.status(), "429");
    assert!(limited.text.contains("retry-after: 20\r\n"));
    let empty = got(Fault::Answer(Answer { status: 204, headers: Vec::new(), body: Vec::new() }));
    assert_eq!((empty.status(), empty.body()), ("204", ""));
    assert!(!empty.text.contains("content-length"));
    let broken = got(Fault::Edit(Edit::Broken));
    assert!(broken.body().starts_with("[{") && broken.body().ends_with('}'), "{}", broken.text);
    let wrapped = got(Fault::Wrapped { status: 200, content_type: "text/plain" });
    assert!(wrapped.text.contains("content-type: text/plain\r\n") && wrapped.body().ends_with(']'));
    let bomb = wire.proxy.answered(Operation::List);
    assert_eq!(bomb, answered + 2, "made answers are not the server's");

    let flood = got(Fault::Flood);
    assert!(flood.body().len() == 200 * 1024 * 1024 && flood.end.is_none());
    wire.proxy.inject(Operation::List, Calls::Nth(1), Fault::GzipBomb);
    let mut stream = wire.start("GET", "/keys/", "").expect("it listens");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("it comes to its end");
    assert!(bytes.len() < 2 * 1024 * 1024, "{} bytes", bytes.len());
}

#[test]
fn a_lost_create_may_or_may_not_have_made_a_key() {
    let wire = Wire::open();
    wire.proxy.hasten(10);
    for point in CutPoint::ALL {
        let before = wire.keys();
        wire.proxy.inject(Operation::Create, Calls::Nth(1), Fault::Cut(point));
        let got = wire.create("a");
        wire.proxy.heal();
        let made = || wire.keys() - before;
        match point {
            CutPoint::BeforeAnyByte | CutPoint::AfterRequestHead => {
                assert!(got.is_reset(), "{point:?}");
                assert_eq!(made(), 0, "{point:?}");
            }
            // Whether the server goes on when nobody waits is its own affair.
            CutPoint::AfterRequest => assert!(got.is_reset()),
            CutPoint::LateCommit(_) => {
                assert!(got.is_reset());
                wire.until("the late key", || made() == 1);
            }
            CutPoint::BrokenJson => {
                assert!(got.status() == "200" && got.end.is_none() && !got.text.ends_with('}'));
                assert_eq!(made(), 1);
            }
            _ => {
                assert!(got.is_reset(), "{point:?}");
                assert_eq!(made(), 1, "{point:?}");
            }
        }
    }
}

#[test]
fn a_server_that_is_gone_is_a_reset_connection() {
    let wire = Wire::open();
    wire.server.stop();
    assert!(wire.list().is_reset());
    wire.server.start_again();
    assert_eq!(wire.list().status(), "200");
}
