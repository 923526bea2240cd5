//! The table of cells: forty kinds of fault at eight operations.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::proxy::edit::Edit;
use crate::proxy::fault::Fault;
use crate::proxy::message::Answer;
use crate::proxy::operation::Operation::{
    self, Create, List, LoadAssets, Refresh, Revoke, SignIn, SignOut, Usage,
};

/// A kind of fault, from 1 to 40.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kind(u8);

/// What is to be done with one kind of fault at one operation.
#[derive(Clone, Debug)]
pub enum Plan {
    /// A cell to run.
    Run(Cell),
    /// The fault and the operation cannot meet, for this reason.
    CannotMeet(&'static str),
}

/// What happens in a cell, and what is expected.
#[derive(Clone, Debug)]
pub struct Cell {
    /// What happens before the operation, in this order.
    pub steps: Vec<Step>,
    /// What the user must see.
    pub expect: Expect,
    /// Whether "taking longer" must be said before that.
    pub slow: bool,
}

/// Something that is brought about before the operation.
#[derive(Clone, Debug)]
pub enum Step {
    /// This fault at every call of this operation from now on.
    Always(Operation, Fault),
    /// This fault at the next call of this operation only.
    Once(Operation, Fault),
    /// The requests of the operation go to a name that no name server knows.
    NoSuchHost,
    /// The requests of the operation go to an origin that does not allow it.
    OtherOrigin,
    /// The browser is cut off from the network.
    Offline,
    /// The network goes and comes, and is there in the end.
    Flapping,
    /// The network goes, and comes back after the operation has begun.
    OfflineForAWhile,
    /// The clocks jump by so many milliseconds: the wall clock, and the one that only counts on.
    Jump(i64, i64),
    /// Somebody else deletes the key that the operation is about.
    DeleteKey,
    /// The server is killed while it has the request.
    KillServer,
}

/// What the user must see while the fault is on. Words are compared without regard to case; each
/// entry must be there; `|` stands between alternatives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// The operation succeeds all the same.
    Success,
    /// It succeeds, and these words are said.
    SuccessWith(Words),
    /// These words; after healing, one retry succeeds.
    Message(Words),
    /// Either of them: the fault leaves both open.
    SuccessOr(Words),
    /// Whatever comes of it: what must always be true is all that is asked.
    Anything,
    /// The page waits for the operation; after healing, it succeeds by itself.
    Waits,
    /// The sign-in form over the page, with these words.
    SignInAgain(Words),
}

/// Words that must all be said.
pub type Words = &'static [&'static str];

/// What is said of each way to fail.
pub mod words {
    use super::Words;

    /// No connection, or one that broke.
    pub const UNREACHABLE: Words = &["could not be reached"];
    /// No whole answer in time.
    pub const TIMED_OUT: Words = &["did not answer in time"];
    /// While an answer is awaited.
    pub const SLOW: Words = &["taking longer"];
    /// The browser has no network.
    pub const OFFLINE: Words = &["offline"];
    /// Something else answered.
    pub const NOT_AN_API: Words = &["did not come from a Key API"];
    /// An answer that is longer than any, or takes longer than any to unpack.
    pub const TOO_LONG: Words = &["did not come from a Key API|did not answer in time"];
    /// A key that may or may not have been made.
    pub const UNKNOWN: Words = &["We do not know"];
    /// A key that is not there any more.
    pub const GONE: Words = &["gone already"];
    /// The API asks for a pause.
    pub const LIMITED: Words = &["Too many requests"];
    /// The API no longer takes the session's tokens.
    pub const SESSION_OVER: Words = &["session has ended"];
    /// A change that was refused because the token was over, and certainly not made.
    pub const NOT_DONE: Words = &["no longer good", "try again"];
    /// A row that cannot be read, beside others that can.
    pub const UNREADABLE: Words = &["unreadable"];
    /// The app itself could not be loaded.
    pub const NO_APP: Words = &["something went wrong|could not", "reload"];
    /// Signed out here, and nobody else was told.
    pub const SIGNED_OUT_HERE: Words = &["signed out", "could not be told|could not tell"];
    /// The server's own sentence of [`super::SENTENCE`].
    pub const SENTENCE: Words = &["Your plan does not include this"];
    /// What [`super::SENTENCE`] says of a field.
    pub const FIELD: Words = &["should be shorter than this"];
    /// What is said of a password that was refused.
    pub const WRONG: Words = &["email or the password is wrong"];
}

/// A sentence of the server that the user must read.
pub const SENTENCE: &str = "Your plan does not include this.";
/// What an answer of status 422 repeats of what was sent. It must not be found anywhere.
pub const ECHO: &str = "canary-echo-7f3a91";

const ROWS: usize = 10_000;
const FIVE_MEGABYTES: usize = 5 * 1024 * 1024;
const MINUTE: i64 = 60_000;
const YEAR: i64 = 365 * 24 * 60 * MINUTE;

impl Kind {
    /// All forty.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=40).map(Self)
    }

    /// The kind of this number.
    pub fn numbered(number: u8) -> Option<Self> {
        (1..=40).contains(&number).then_some(Self(number))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "F{}", self.0)
    }
}

impl Cell {
    fn new(steps: Vec<Step>, expect: Expect) -> Self {
        Self { steps, expect, slow: false }
    }
}

/// What happens when a fault of this kind meets this operation. `seed` chooses where there is a
/// choice, such as where an answer is cut.
pub fn plan(Kind(kind): Kind, operation: Operation, seed: u64) -> Plan {
    let mut random = fastrand::Rng::with_seed(seed ^ u64::from(kind) << 8 ^ operation as u64);
    let share = random.u16(1..1000);
    let always = |fault: Fault| vec![Step::Always(operation, fault)];
    let failing =
        |fault: Fault, words| Plan::Run(Cell::new(always(fault), fails(operation, words)));
    match kind {
        1 if operation == LoadAssets => failing(Fault::RefuseAfterTheStart, words::UNREACHABLE),
        1 => failing(Fault::Refuse, words::UNREACHABLE),
        2 | 14 if operation == LoadAssets => {
            Plan::CannotMeet("the app's files lie beside the page, at the same origin")
        }
        2 => Plan::Run(Cell::new(vec![Step::NoSuchHost], fails(operation, words::UNREACHABLE))),
        14 => Plan::Run(Cell::new(vec![Step::OtherOrigin], fails(operation, words::UNREACHABLE))),
        3 => failing(Fault::Reset, words::UNREACHABLE),
        4 => in_body(operation, Fault::ResetInBody(share), words::UNREACHABLE),
        5 => in_body(operation, Fault::TruncateLength(share), words::UNREACHABLE),
        6 => in_body(operation, Fault::TruncateChunk(share), words::UNREACHABLE),
        7 => stalls(operation, Fault::StallHeaders),
        // Whether the key is gone can be seen in the list.
        8 if operation == Revoke => {
            let cell =
                Cell::new(always(Fault::StallBody(share)), Expect::SuccessOr(words::TIMED_OUT));
            Plan::Run(Cell { slow: true, ..cell })
        }
        8 => stalls(operation, Fault::StallBody(share)),
        9 => match operation {
            Revoke | SignOut => Plan::Run(Cell::new(always(Fault::Drip), Expect::Success)),
            _ => stalls(operation, Fault::Drip),
        },
        10 => {
            let delay = Duration::from_millis(random.u64(4_000..6_000));
            let cell = Cell::new(always(Fault::Delay(delay)), Expect::Success);
            Plan::Run(Cell { slow: says_slow(operation), ..cell })
        }
        11..=13 => network(kind, operation),
        15 => Plan::CannotMeet("mixed content needs a page that came over TLS"),
        16 => failing(redirect("/__login"), words::NOT_AN_API),
        17 => in_body(operation, html(200), words::NOT_AN_API),
        18 => in_body(operation, Fault::Answer(Answer::json(200, "")), words::NOT_AN_API),
        19 => in_body(operation, no_content(), words::NOT_AN_API),
        20 => {
            let wrapped = Fault::Wrapped { status: 200, content_type: "text/plain" };
            in_body(operation, wrapped, words::NOT_AN_API)
        }
        21 => failing(redirect("http://portal.invalid/"), words::NOT_AN_API),
        22..=27 => in_json(kind, operation),
        28 => in_body(operation, Fault::Flood, words::TOO_LONG),
        29 => in_body(operation, Fault::GzipBomb, words::TOO_LONG),
        30..=32 => token(kind, operation),
        33 if operation == Revoke => {
            Plan::Run(Cell::new(vec![Step::DeleteKey], Expect::SuccessWith(words::GONE)))
        }
        33 => {
            let forbidden = Fault::Answer(Answer::json(403, detail(SENTENCE)));
            match operation {
                Refresh => Plan::Run(Cell::new(
                    always(forbidden),
                    Expect::SignInAgain(words::SESSION_OVER),
                )),
                _ => failing(forbidden, words::SENTENCE),
            }
        }
        34 => refused(operation),
        35 => failing(limited(operation), words::LIMITED),
        36 => {
            let (status, said): (u16, Words) = [
                (500, &["failed (status 500)"][..]),
                (502, &["failed (status 502)"]),
                (503, &["failed (status 503)"]),
                (504, &["failed (status 504)"]),
            ][random.usize(0..4)];
            failing(html(status), said)
        }
        37 | 38 => clock(kind, operation),
        39 => long(operation),
        _ => Plan::Run(Cell::new(vec![Step::KillServer], fails(operation, words::UNREACHABLE))),
    }
}

/// Passing faults at other operations than this one, as a bad day has them. They come beside what
/// [`plan`] says.
pub fn noise(operation: Operation, seed: u64) -> Vec<Step> {
    let mut random = fastrand::Rng::with_seed(!seed);
    let others: Vec<Operation> =
        [Refresh, List, Usage].into_iter().filter(|other| *other != operation).collect();
    let count = random.usize(1..4);
    let mut one = || {
        let share = random.u16(1..1000);
        let fault = match random.u8(0..8) {
            0 => Fault::Reset,
            1 => Fault::ResetInBody(share),
            2 => Fault::TruncateLength(share),
            3 => Fault::TruncateChunk(share),
            4 => Fault::Delay(Duration::from_millis(random.u64(100..9_000))),
            5 => html(502),
            6 => Fault::Edit(Edit::Broken),
            _ => Fault::LoseAnswer,
        };
        Step::Once(others[random.usize(..others.len())], fault)
    };
    (0..count).map(|_| one()).collect()
}

/// What the user sees of a failure that is told with these words where nothing else is at stake.
fn fails(operation: Operation, said: Words) -> Expect {
    let is_certain = [words::SENTENCE, words::FIELD, words::LIMITED].contains(&said);
    match operation {
        LoadAssets => Expect::Message(words::NO_APP),
        SignOut => Expect::SuccessWith(words::SIGNED_OUT_HERE),
        Create if !is_certain => Expect::Message(words::UNKNOWN),
        _ => Expect::Message(said),
    }
}

/// A fault of the body only. Of a revocation and of signing out, the status says enough.
fn in_body(operation: Operation, fault: Fault, said: Words) -> Plan {
    let expect = match operation {
        Revoke => Expect::SuccessOr(said),
        SignOut => Expect::Success,
        _ => fails(operation, said),
    };
    Plan::Run(Cell::new(vec![Step::Always(operation, fault)], expect))
}

fn says_slow(operation: Operation) -> bool {
    [SignIn, List, Create, Revoke, Usage].contains(&operation)
}

fn stalls(operation: Operation, fault: Fault) -> Plan {
    let expect = match operation {
        LoadAssets => Expect::Waits,
        // Whoever signs out does not wait for the API.
        SignOut => Expect::Success,
        _ => fails(operation, words::TIMED_OUT),
    };
    let cell = Cell::new(vec![Step::Always(operation, fault)], expect);
    Plan::Run(Cell { slow: says_slow(operation), ..cell })
}

fn network(kind: u8, operation: Operation) -> Plan {
    let (step, expect) = match (kind, operation) {
        (_, LoadAssets) => {
            return Plan::CannotMeet("without a network, the browser shows a page of its own");
        }
        (11, SignOut) => (Step::Offline, Expect::SuccessWith(words::SIGNED_OUT_HERE)),
        (11, Create) => (Step::Offline, Expect::Message(&["offline|We do not know"])),
        (11, _) => (Step::Offline, Expect::Message(words::OFFLINE)),
        (12, _) => (Step::Flapping, Expect::Success),
        (_, SignOut) => (Step::OfflineForAWhile, Expect::Success),
        (_, List | Usage | Refresh) => (Step::OfflineForAWhile, Expect::Success),
        _ => (
            Step::OfflineForAWhile,
            Expect::SuccessOr(&["offline|could not be reached|We do not know"]),
        ),
    };
    Plan::Run(Cell::new(vec![step], expect))
}

fn in_json(kind: u8, operation: Operation) -> Plan {
    let edit = match (kind, operation) {
        (_, LoadAssets) => return Plan::CannotMeet("no file of the app is JSON"),
        (22, _) => Edit::Broken,
        (23, Revoke | SignOut) => return Plan::CannotMeet("the answer holds no number"),
        (23, SignIn) => Edit::Put("expires_at", "1e999".to_owned()),
        (23, Refresh) => Edit::Put("expires_at", "NaN".to_owned()),
        (23, List) => Edit::Put("created", "NaN".to_owned()),
        (23, Create) => Edit::Put("uuid", "9223372036854775808".to_owned()),
        (23, _) => Edit::Put("completed_requests", "-3".to_owned()),
        (24, Revoke | SignOut) => return Plan::CannotMeet("the answer holds no field"),
        (24, SignIn) => Edit::Remove("access_token"),
        (24, Refresh) => Edit::Put("access_token", "null".to_owned()),
        (24, List) => Edit::Put("name", "[1]".to_owned()),
        (24, Create) => Edit::Remove("api_key"),
        (24, _) => Edit::Put("successful_requests", "\"many\"".to_owned()),
        (25, List) => Edit::Twice,
        (25, _) => return Plan::CannotMeet("only a list holds several ids"),
        (26, _) => Edit::Extra,
        (_, SignIn | Refresh) => Edit::Put("access_token", nested(ROWS)),
        (_, Create) => Edit::Put("api_key", nested(ROWS)),
        (_, Usage) => Edit::Put("completed_requests", nested(ROWS)),
        _ => Edit::Nested(ROWS),
    };
    let steps = vec![Step::Always(operation, Fault::Edit(edit))];
    let expect = match (kind, operation) {
        (24 | 25 | 27, List) => Expect::SuccessWith(words::UNREADABLE),
        // How long a token is good for is only a hint.
        (23, SignIn) => Expect::Success,
        (23, Usage) => Expect::SuccessOr(words::NOT_AN_API),
        (26, _) | (_, SignOut) => Expect::Success,
        (_, Revoke) => Expect::SuccessOr(words::NOT_AN_API),
        _ => fails(operation, words::NOT_AN_API),
    };
    Plan::Run(Cell::new(steps, expect))
}

fn token(kind: u8, operation: Operation) -> Plan {
    let expired = Fault::Answer(Answer::json(401, detail("Could not validate credentials")));
    let once = |fault: Fault| Step::Once(operation, fault);
    let needs_token = [List, Create, Revoke, Usage].contains(&operation);
    match (kind, operation) {
        (30, LoadAssets) => {
            let steps = vec![Step::Always(operation, expired)];
            Plan::Run(Cell::new(steps, Expect::Message(words::NO_APP)))
        }
        (30, SignIn) => Plan::Run(Cell::new(vec![once(expired)], Expect::Message(words::WRONG))),
        (30, SignOut) => Plan::Run(Cell::new(vec![once(expired)], Expect::Success)),
        // What leads to a refresh is a 401 in itself.
        (30, Refresh) => Plan::Run(Cell::new(Vec::new(), Expect::Success)),
        // A change is not sent again by itself, though nothing was done.
        (30, Create | Revoke) => {
            Plan::Run(Cell::new(vec![once(expired)], Expect::Message(words::NOT_DONE)))
        }
        (30, _) => Plan::Run(Cell::new(vec![once(expired)], Expect::Success)),
        (_, LoadAssets | SignIn | SignOut) => {
            Plan::CannotMeet("the operation does not wait for a new access token")
        }
        _ => {
            let mut steps = if needs_token { vec![once(expired)] } else { Vec::new() };
            let expect = if kind == 31 {
                let sentence = detail("Refresh token expired or is already used");
                steps.push(Step::Always(Refresh, Fault::Answer(Answer::json(400, sentence))));
                Expect::SignInAgain(words::SESSION_OVER)
            } else {
                steps.push(Step::Once(Refresh, Fault::LoseAnswer));
                Expect::SuccessOr(&["could not be reached|session has ended|no longer good"])
            };
            Plan::Run(Cell::new(steps, expect))
        }
    }
}

fn refused(operation: Operation) -> Plan {
    let at = |place: &str| {
        format!(
            "{{\"detail\":[{{\"loc\":[\"body\",\"{place}\"],\"msg\":\"should be shorter than this\",\
             \"type\":\"string_too_long\",\"input\":{{\"all\":\"{ECHO}\"}},\
             \"ctx\":{{\"given\":\"{ECHO}\"}},\"url\":\"https://errors.example/{ECHO}\"}}]}}"
        )
    };
    let (answer, said) = match operation {
        Create => (Answer::json(422, at("name")), words::FIELD),
        SignIn | Revoke => (Answer::json(422, at("elsewhere")), words::FIELD),
        Usage | Refresh => (Answer::json(422, detail(SENTENCE)), words::SENTENCE),
        _ => (Answer::json(409, detail(SENTENCE)), words::SENTENCE),
    };
    let expect = match operation {
        // A refresh that is not acceptable will not become so.
        Refresh => Expect::SignInAgain(words::SESSION_OVER),
        _ => fails(operation, said),
    };
    Plan::Run(Cell::new(vec![Step::Always(operation, Fault::Answer(answer))], expect))
}

fn clock(kind: u8, operation: Operation) -> Plan {
    if operation == LoadAssets {
        return Plan::CannotMeet("nothing looks at a clock before the app is there");
    }
    let steps = match (kind, operation) {
        (38, _) => vec![Step::Jump(8 * 60 * MINUTE, 8 * 60 * MINUTE)],
        (_, SignIn) => {
            let past = Edit::Put("expires_at", "1".to_owned());
            vec![Step::Always(operation, Fault::Edit(past))]
        }
        (_, Refresh) => {
            let milliseconds = Edit::Put("expires_at", "4102444800000".to_owned());
            vec![Step::Always(operation, Fault::Edit(milliseconds))]
        }
        (_, List) => vec![Step::Jump(10 * YEAR, 0)],
        (_, Create) => vec![Step::Jump(-10 * YEAR, 0)],
        (_, Revoke) => vec![Step::Jump(MINUTE, 0)],
        (_, Usage) => vec![Step::Jump(-MINUTE, 0)],
        _ => vec![Step::Jump(YEAR, 0)],
    };
    Plan::Run(Cell::new(steps, Expect::Success))
}

fn long(operation: Operation) -> Plan {
    let edit = match operation {
        LoadAssets => {
            return Plan::CannotMeet("how long the app's files are is the build's affair");
        }
        List => Edit::More(ROWS),
        _ => Edit::Padded(FIVE_MEGABYTES),
    };
    Plan::Run(Cell::new(vec![Step::Always(operation, Fault::Edit(edit))], Expect::Success))
}

/// So many arrays inside each other.
fn nested(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

fn detail(sentence: &str) -> String {
    serde_json::json!({ "detail": sentence }).to_string()
}

fn html(status: u16) -> Fault {
    Fault::Answer(Answer::html(status, "Welcome to the wireless network"))
}

fn no_content() -> Fault {
    Fault::Wrapped { status: 204, content_type: "" }
}

fn redirect(to: &str) -> Fault {
    Fault::Answer(Answer::html(302, "Moved").with("location", to))
}

/// Each operation meets another form of `Retry-After` (RFC 9110, section 10.2.3).
fn limited(operation: Operation) -> Fault {
    let now = SystemTime::now();
    let answer = Answer::json(429, detail("Slow down")).with("date", httpdate::fmt_http_date(now));
    let retry_after = match operation {
        SignIn | Create | SignOut => "15".to_owned(),
        List => httpdate::fmt_http_date(now + Duration::from_secs(15)),
        Usage => "soon".to_owned(),
        Revoke => "315360000".to_owned(),
        LoadAssets | Refresh => return Fault::Answer(answer),
    };
    Fault::Answer(answer.with("retry-after", retry_after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_and_every_kind_has_cells() {
        let runs = |kind, operation| matches!(plan(kind, operation, 1), Plan::Run(_));
        for operation in Operation::ALL {
            let count = Kind::all().filter(|kind| runs(*kind, operation)).count();
            assert!(count >= 20, "{operation} has {count}");
        }
        for kind in Kind::all() {
            let met = Operation::ALL.into_iter().filter(|operation| runs(kind, *operation)).count();
            assert!(met >= 1 || kind == Kind(15), "{kind} meets nothing");
        }
    }

    #[test]
    fn a_seed_leads_to_the_same_cell() {
        for kind in Kind::all() {
            for operation in Operation::ALL {
                // The date in one of the answers goes on.
                if kind == Kind(35) {
                    continue;
                }
                let plan = |seed| format!("{:?}", plan(kind, operation, seed));
                assert_eq!(plan(7), plan(7), "{kind} x {operation}");
            }
        }
    }
}
