//! HTTP/1.1 messages as bytes: what is read from one side and written to the other.
//!
//! One exchange takes one connection, so a message ends where its framing or the connection says.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// The first line and the headers of a message are never longer here.
const LONGEST_HEAD: usize = 64 * 1024;
const MOST_HEADERS: usize = 100;
/// A server that has not answered by then has hung, which no test asks of it.
const PATIENCE: Duration = Duration::from_secs(60);

/// The headers of a message, in their order, with names in lower case.
pub type Headers = Vec<(String, String)>;

/// A request as the browser sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Such as `GET`.
    pub method: String,
    /// The path with its query.
    pub target: String,
    /// Its headers.
    pub headers: Headers,
    /// Its body; empty if it has none.
    pub body: Vec<u8>,
}

/// An answer, be it the server's or a made one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status, such as 200.
    pub status: u16,
    /// Its headers, without those that say how long the body is.
    pub headers: Headers,
    /// Its body.
    pub body: Vec<u8>,
}

impl Request {
    /// Reads a request to its end; `None` if the connection ends before one has begun.
    pub(crate) fn read(source: &mut impl Read) -> io::Result<Option<Self>> {
        let Some((head, mut rest)) = read_head(source)? else { return Ok(None) };
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut parsed = httparse::Request::new(&mut headers);
        parsed.parse(&head).map_err(invalid)?;
        let headers = owned(parsed.headers);
        let (method, target) = (parsed.method.unwrap_or_default(), parsed.path.unwrap_or_default());
        let length = header(&headers, "content-length").and_then(|text| text.parse().ok());
        let length: usize = length.unwrap_or_default();
        read_until(source, &mut rest, length)?;
        rest.truncate(length);
        let (method, target) = (method.to_owned(), target.to_owned());
        Ok(Some(Self { method, target, headers, body: rest }))
    }

    /// The value of a header, named in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The first line and the headers as they go to the server at `host`, which must take them
    /// for its own: `Host` and, where it names the proxy at `origin`, `Origin` are changed. The
    /// answer must come as it is, so that it can be changed.
    pub(crate) fn head_for(&self, host: &str, origin: &str) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nhost: {host}\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            let value = match name.as_str() {
                "host" | "connection" | "keep-alive" | "accept-encoding" | "if-none-match"
                | "if-modified-since" => continue,
                "origin" if value == origin => format!("http://{host}"),
                _ => value.clone(),
            };
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("accept-encoding: identity\r\nconnection: close\r\n\r\n");
        head.into_bytes()
    }
}

impl Answer {
    /// A made answer of this type.
    pub fn of(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self { status, headers, body: body.into() }
    }

    /// A made answer in JSON.
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::of(status, "application/json", body).with("cache-control", "no-store")
    }

    /// A made answer in HTML.
    pub fn html(status: u16, text: &str) -> Self {
        let body = format!("<!DOCTYPE html><html><body><h1>{text}</h1></body></html>");
        Self::of(status, "text/html; charset=utf-8", body).with("cache-control", "no-store")
    }

    /// The same with one more header.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The value of a header, named in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// Reads an answer to the end of the connection.
    pub(crate) fn read(source: &mut impl Read, is_head: bool) -> io::Result<Self> {
        let Some((head, mut rest)) = read_head(source)? else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut parsed = httparse::Response::new(&mut headers);
        parsed.parse(&head).map_err(invalid)?;
        let status = parsed.code.unwrap_or_default();
        let mut headers = owned(parsed.headers);
        let length = header(&headers, "content-length").and_then(|text| text.parse().ok());
        let is_chunked = header(&headers, "transfer-encoding").is_some_and(|how| how == "chunked");
        if is_head || status == 204 || status == 304 {
            rest.clear();
        } else if let Some(length) = length {
            read_until(source, &mut rest, length)?;
            rest.truncate(length);
        } else {
            source.read_to_end(&mut rest)?;
        }
        let body = if is_chunked { unchunked(&rest)? } else { rest };
        headers.retain(|(name, _)| {
            !["content-length", "transfer-encoding", "connection", "keep-alive"]
                .contains(&name.as_str())
        });
        Ok(Self { status, headers, body })
    }

    /// The status line and the headers, with `framing` such as `content-length: 2`.
    pub(crate) fn head(&self, framing: &str) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} -\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !framing.is_empty() {
            head.push_str(framing);
            head.push_str("\r\n");
        }
        head.push_str("connection: close\r\n\r\n");
        head.into_bytes()
    }

    /// The head of the whole answer.
    pub(crate) fn whole_head(&self) -> Vec<u8> {
        match self.status {
            204 | 304 => self.head(""),
            _ => self.head(&format!("content-length: {}", self.body.len())),
        }
    }

    /// Writes all of it.
    pub(crate) fn write(&self, sink: &mut impl Write) -> io::Result<()> {
        sink.write_all(&self.whole_head())?;
        sink.write_all(&self.body)?;
        sink.flush()
    }
}

/// A connection to the server, with `address` such as `127.0.0.1:8080`.
pub(crate) fn connect(address: &str) -> io::Result<TcpStream> {
    let address: SocketAddr = address.parse().map_err(invalid)?;
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

fn header<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
}

fn owned(headers: &[httparse::Header<'_>]) -> Headers {
    let owned = headers.iter().map(|header| {
        (header.name.to_ascii_lowercase(), String::from_utf8_lossy(header.value).into_owned())
    });
    owned.collect()
}

fn invalid(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// The bytes up to the empty line, and those behind it that have come already.
fn read_head(source: &mut impl Read) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let mut read = Vec::new();
    let mut part = [0; 8 * 1024];
    loop {
        let count = source.read(&mut part)?;
        if count == 0 {
            return if read.is_empty() {
                Ok(None)
            } else {
                Err(io::ErrorKind::UnexpectedEof.into())
            };
        }
        // The empty line may lie across two reads.
        let from = read.len().saturating_sub(3);
        read.extend_from_slice(&part[..count]);
        if let Some(at) = read[from..].windows(4).position(|window| window == b"\r\n\r\n") {
            let rest = read.split_off(from + at + 4);
            return Ok(Some((read, rest)));
        }
        if read.len() > LONGEST_HEAD {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
}

fn read_until(source: &mut impl Read, read: &mut Vec<u8>, length: usize) -> io::Result<()> {
    let missing = length.saturating_sub(read.len());
    let count = source.take(missing as u64).read_to_end(read)?;
    if count < missing { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

fn unchunked(mut bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let httparse::Status::Complete((start, size)) = httparse::parse_chunk_size(bytes)
            .map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?
        else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        let Ok(size) = usize::try_from(size) else {
            return Err(io::ErrorKind::InvalidData.into());
        };
        if size == 0 {
            return Ok(body);
        }
        let end = start + size;
        let chunk = bytes.get(start..end).ok_or(io::ErrorKind::UnexpectedEof)?;
        body.extend_from_slice(chunk);
        bytes = bytes.get(end + 2..).ok_or(io::ErrorKind::UnexpectedEof)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_with_its_body_and_sent_on_as_the_servers_own() {
        let wire = b"POST /auth/revoke?a=1 HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\
            Origin: http://127.0.0.1:1\r\nContent-Length: 3\r\nX-A: b\r\n\r\nabcd";
        let request = Request::read(&mut wire.as_slice());
        let request = request.expect("it is well-formed").expect("there is one");
        assert_eq!((request.method.as_str(), request.body.as_slice()), ("POST", &b"abc"[..]));
        assert_eq!(request.header("host"), Some("127.0.0.1:1"));
        let head = request.head_for("127.0.0.1:2", "http://127.0.0.1:1");
        let head = String::from_utf8(head).expect("it is text");
        assert_eq!(
            head,
            "POST /auth/revoke?a=1 HTTP/1.1\r\nhost: 127.0.0.1:2\r\n\
             origin: http://127.0.0.1:2\r\ncontent-length: 3\r\nx-a: b\r\n\
             accept-encoding: identity\r\nconnection: close\r\n\r\n"
        );
        assert!(Request::read(&mut &b""[..]).is_ok_and(|request| request.is_none()));
        assert!(Request::read(&mut &b"GET / HT"[..]).is_err());
    }

    #[test]
    fn an_answer_is_read_however_it_is_framed() {
        for wire in [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello, and more",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: b\r\n\r\n\
             2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX-A: b\r\n\r\nhello",
        ] {
            let answer = Answer::read(&mut wire.as_bytes(), false).expect("it is well-formed");
            let headers = vec![("x-a".to_owned(), "b".to_owned())];
            assert_eq!(answer, Answer { status: 200, headers, body: b"hello".to_vec() });
        }
        let cut = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell";
        assert!(Answer::read(&mut cut.as_bytes(), false).is_err());
    }
}
