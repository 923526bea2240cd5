//! What can go wrong between a browser and a server, as bytes on the wire.

use std::io::{self, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::OnceLock;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use socket2::SockRef;

use super::edit::Edit;
use super::message::Answer;

/// How much a body has that is far too long.
const FLOOD: usize = 200 * 1024 * 1024;

/// One way to fail. Where it says "half", the seed of the caller may choose another share, in
/// thousandths.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// Nobody listens at the address, from now until everything is healed, whatever the
    /// operation and the call.
    Refuse,
    /// Nobody listens any more as soon as the page's first script has been answered.
    RefuseAfterTheStart,
    /// The request is read and the connection reset. The server never hears of it.
    Reset,
    /// The head comes and this share of the body, then a reset.
    ResetInBody(u16),
    /// The head promises the whole body; this share of it comes, then the connection ends.
    TruncateLength(u16),
    /// A chunk is promised; this share of it comes, then the connection ends.
    TruncateChunk(u16),
    /// Nothing comes, and the server does not hear of the request, until everything is healed.
    StallHeaders,
    /// The head comes and this share of the body; the rest when everything is healed.
    StallBody(u16),
    /// The head comes, and then one byte a second.
    Drip,
    /// The answer comes this much later.
    Delay(Duration),
    /// This answer in place of the server's, which does not hear of the request.
    Answer(Answer),
    /// The server's answer with this status, and its type and body.
    Wrapped {
        /// The status in place of the server's.
        status: u16,
        /// The type in place of the server's.
        content_type: &'static str,
    },
    /// The server's answer with a change in its JSON.
    Edit(Edit),
    /// 200 MB of white space where JSON should be.
    Flood,
    /// The same in 200 kB of gzip.
    GzipBomb,
    /// The server does what it is asked and answers; the answer is lost.
    LoseAnswer,
    /// The exchange is cut at this point.
    Cut(CutPoint),
}

/// Where an exchange is cut that changes something at the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutPoint {
    /// Before the server has got any byte.
    BeforeAnyByte,
    /// The server has got the head, but not the body.
    AfterRequestHead,
    /// The server has got everything, and nobody waits for its answer.
    AfterRequest,
    /// The browser's connection is reset; the server gets the last byte this much later.
    LateCommit(Duration),
    /// The server has answered; nothing of the answer comes.
    BeforeStatus,
    /// In the middle of the status line.
    MidStatus,
    /// After the head of the answer.
    AfterHead,
    /// After this share of the body, in thousandths.
    MidBody(u16),
    /// The whole body comes, and it is no JSON.
    BrokenJson,
}

impl CutPoint {
    /// The points at which the proxy can cut, in the order in which an exchange meets them.
    pub const ALL: [Self; 11] = [
        Self::BeforeAnyByte,
        Self::AfterRequestHead,
        Self::AfterRequest,
        Self::LateCommit(Duration::from_secs(3)),
        Self::BeforeStatus,
        Self::MidStatus,
        Self::AfterHead,
        Self::MidBody(1),
        Self::MidBody(500),
        Self::MidBody(999),
        Self::BrokenJson,
    ];
}

/// The beginning of a body: `share` thousandths of it, but never all.
pub(crate) fn part(body: &[u8], share: u16) -> &[u8] {
    let most = body.len().saturating_sub(1);
    &body[..most.min(body.len() * usize::from(share) / 1000)]
}

/// Ends a connection at once, so that the other side sees a reset and not an end.
pub(crate) fn reset(stream: TcpStream) -> io::Result<()> {
    SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
    drop(stream);
    Ok(())
}

/// Ends a connection as it ends after an answer.
pub(crate) fn end(stream: &TcpStream) {
    // The browser may have gone first.
    let _ = stream.shutdown(Shutdown::Both);
}

/// Writes the head of an answer and a share of its body.
pub(crate) fn write_part(stream: &mut TcpStream, answer: &Answer, share: u16) -> io::Result<()> {
    stream.write_all(&answer.head(&format!("content-length: {}", answer.body.len().max(1))))?;
    stream.write_all(part(&answer.body, share))?;
    stream.flush()
}

/// Writes the head of an answer and a share of its body inside a chunk that promises all.
pub(crate) fn write_part_of_chunk(
    stream: &mut TcpStream,
    answer: &Answer,
    share: u16,
) -> io::Result<()> {
    stream.write_all(&answer.head("transfer-encoding: chunked"))?;
    write!(stream, "{:x}\r\n", answer.body.len().max(1))?;
    stream.write_all(part(&answer.body, share))?;
    stream.flush()
}

/// Writes white space until the browser has had enough of it, or 200 MB.
pub(crate) fn flood(stream: &mut TcpStream) -> io::Result<()> {
    let answer = Answer::json(200, "");
    stream.write_all(&answer.head(&format!("content-length: {FLOOD}")))?;
    let part = vec![b' '; 64 * 1024];
    for _ in 0..FLOOD / part.len() {
        stream.write_all(&part)?;
    }
    stream.flush()
}

/// 200 MB of white space in gzip.
pub(crate) fn gzip_bomb() -> Answer {
    static BOMB: OnceLock<Vec<u8>> = OnceLock::new();
    let bomb = BOMB.get_or_init(|| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        let part = vec![b' '; 1024 * 1024];
        for _ in 0..FLOOD / part.len() {
            encoder.write_all(&part).expect("memory takes all that is written");
        }
        encoder.finish().expect("memory takes all that is written")
    });
    Answer::json(200, bomb.clone()).with("content-encoding", "gzip")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_never_the_whole() {
        assert_eq!(part(b"0123456789", 500), b"01234");
        assert_eq!(part(b"0123456789", 0), b"");
        assert_eq!(part(b"0123456789", 1000), b"012345678");
        assert_eq!(part(b"", 500), b"");
    }

    #[test]
    fn the_bomb_is_small_until_it_goes_off() {
        let bomb = gzip_bomb().body;
        assert!(bomb.len() < 2 * 1024 * 1024, "{} bytes", bomb.len());
        let mut inside = flate2::read::GzDecoder::new(bomb.as_slice());
        let size = io::copy(&mut inside, &mut io::sink()).expect("it is gzip");
        assert_eq!(size, FLOOD as u64);
    }
}
