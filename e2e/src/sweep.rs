//! Looking for secrets everywhere that they could have got to, in the one way that every end-to-end
//! test and every cell of the faults does.
//!
//! A secret is a [`Canary`]: a text that stands in few places only, and nowhere else. Where those
//! are depends on what is on show, which the page itself says; the rules are pure functions.

use std::path::Path;
use std::{fs, io};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::percent_encoded;
use crate::browser::Browser;
use crate::proxy::Seen;
use crate::proxy::message::Request;
use crate::proxy::operation::Operation;

/// What runs in every page before its own scripts.
pub(crate) const WATCH: &str = include_str!("sweep/watch.js");

/// What is to run in every page before its own scripts, so that [`look`] sees everything.
pub fn script() -> &'static str {
    WATCH
}

/// Everything in a page in which a secret could stand. Each is looked into at the end of every
/// end-to-end test, for each of which the browser was started by [`crate::scene`].
pub const PAGE_SINKS: [&str; 23] = [
    "document",
    "text",
    "attributes",
    "fields",
    "selection",
    "title",
    "url",
    "referrer",
    "state",
    "entries",
    "name",
    "local",
    "session",
    "cookie",
    "indexedDb",
    "caches",
    "workers",
    "console",
    "errors",
    "rejections",
    "violations",
    "resources",
    MEMORY,
];

/// The linear memory of the WebAssembly. There is none before the app has started.
const MEMORY: &str = "memory";

/// A secret that a test knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canary {
    /// What it is, which says where it may stand.
    pub kind: Kind,
    /// The secret.
    pub text: String,
}

/// What a secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A password, right or wrong.
    Password,
    /// A bearer token.
    AccessToken,
    /// What new tokens are bought with.
    RefreshToken,
    /// A whole API key.
    ApiKey,
    /// What a server repeats of what was sent, which nobody is to see.
    Echo,
}

/// Where canaries stand in a page, and what is on show there.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Look {
    /// The sinks that were looked into.
    pub looked: Vec<String>,
    /// Pairs of a sink and the number of a canary.
    pub found: Vec<(String, usize)>,
    /// Whether somebody is signed in.
    session: bool,
    /// Whether the sign-in form can be seen.
    form: bool,
    /// Whether a new key is on show, concealed or not.
    secret: bool,
    /// Whether it is revealed.
    revealed: bool,
}

impl Canary {
    /// A canary of this kind.
    pub fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    /// A secret that the server told in this field of an answer.
    pub(crate) fn of_field(field: &str, text: &str) -> Self {
        let kind = match field {
            "access_token" => Kind::AccessToken,
            "refresh_token" => Kind::RefreshToken,
            _ => Kind::ApiKey,
        };
        Self::new(kind, text)
    }

    /// The secret as it is, and as a form or an address would hold it.
    pub(crate) fn forms(&self) -> Vec<String> {
        let mut forms = vec![self.text.clone(), percent_encoded(&self.text)];
        forms.dedup();
        forms
    }
}

/// Looks for canaries in the page on show.
pub fn look(browser: &Browser, canaries: &[Canary]) -> Look {
    let texts: Vec<&str> = canaries.iter().map(|canary| canary.text.as_str()).collect();
    // A tab that was opened by the page was not watched from its beginning.
    let found = browser.script(&format!("{WATCH}; return __watch.find({})", json!(texts)));
    serde_json::from_value(found).expect("the page says where it looked")
}

/// What is wrong with where canaries stand in the page on show.
pub fn page(browser: &Browser, canaries: &[Canary]) -> Vec<String> {
    let look = look(browser, canaries);
    for sink in PAGE_SINKS.iter().filter(|sink| **sink != MEMORY) {
        assert!(look.looked.iter().any(|looked| looked == sink), "{sink} was not looked into");
    }
    let wrong =
        look.found.iter().filter(|(sink, number)| !look.allows(sink, canaries[*number].kind));
    wrong
        .map(|(sink, number)| said(canaries[*number].kind, &format!("the page's {sink}")))
        .collect()
}

impl Look {
    /// Whether a secret of this kind may stand in this sink now.
    fn allows(&self, sink: &str, kind: Kind) -> bool {
        match kind {
            Kind::Password => sink == "fields" && self.form,
            Kind::AccessToken | Kind::RefreshToken => {
                ["session", MEMORY].contains(&sink) && self.session
            }
            Kind::ApiKey => match sink {
                MEMORY => self.secret,
                "document" | "text" | "selection" => self.revealed,
                _ => false,
            },
            Kind::Echo => false,
        }
    }
}

/// Everything that the browser has sent since it was last asked, as it was sent. Chromium only.
pub(crate) fn sent(browser: &Browser, origin: &str) -> Vec<Seen> {
    browser.network().iter().filter_map(|event| request_of(event, origin)).collect()
}

/// What is wrong with what was sent.
pub(crate) fn requests(sent: &[Seen], canaries: &[Canary]) -> Vec<String> {
    let wrong =
        sent.iter().flat_map(|seen| canaries.iter().map(move |canary| leak_in(seen, canary)));
    wrong.flatten().collect()
}

/// What is wrong with what lies in a folder, in which nothing may stand but in the files of known
/// names, one of which is `except`.
pub(crate) fn folder(folder: &Path, except: &str, canaries: &[Canary]) -> Vec<String> {
    let mut wrong = Vec::new();
    // A file that goes away meanwhile holds nothing any more.
    let _ = visit(folder, &mut |path| {
        let name = path.strip_prefix(folder).unwrap_or(path).display().to_string();
        if name.contains(except) {
            return;
        }
        let bytes = fs::read(path).unwrap_or_default();
        for canary in canaries {
            if canary.forms().iter().any(|form| contains(&bytes, form.as_bytes())) {
                wrong.push(said(canary.kind, &format!("{name} of the browser's profile")));
            }
        }
    });
    wrong
}

/// How it is said that a secret stands where it must not.
pub(crate) fn said(kind: Kind, place: &str) -> String {
    format!("a secret stands in {place}: {kind:?}")
}

pub(crate) fn contains(bytes: &[u8], part: &[u8]) -> bool {
    assert!(!part.is_empty(), "an empty text is everywhere");
    memchr::memmem::find(bytes, part).is_some()
}

fn visit(folder: &Path, look: &mut impl FnMut(&Path)) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_symlink() {
            continue;
        } else if path.is_dir() {
            // The same holds for a folder.
            let _ = visit(&path, look);
        } else if path.is_file() {
            look(&path);
        }
    }
    Ok(())
}

/// The request that an event of the DevTools protocol's Network domain tells of.
fn request_of(event: &Value, origin: &str) -> Option<Seen> {
    let parameters = &event["params"];
    let (request, headers) = match event["method"].as_str()? {
        "Network.requestWillBeSent" => (&parameters["request"], &parameters["request"]["headers"]),
        // What was added on the way, such as `Referer`.
        "Network.requestWillBeSentExtraInfo" => (&Value::Null, &parameters["headers"]),
        _ => return None,
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (method, url) = (text(&request["method"]), text(&request["url"]));
    let path = url.strip_prefix(origin);
    let headers = headers.as_object().into_iter().flatten();
    // The address is that of the line of the request.
    let headers = headers.filter(|(name, _)| !name.starts_with(':'));
    let request = Request {
        method,
        target: path.unwrap_or(&url).to_owned(),
        headers: headers.map(|(name, value)| (name.to_lowercase(), text(value))).collect(),
        body: text(&request["postData"]).into_bytes(),
    };
    let operation = Operation::of(&request.method, &request.target);
    let elsewhere = path.is_none() && !url.is_empty();
    Some(Seen { operation, request, answered: None, faulty: false, elsewhere })
}

/// Where a request carries a secret that it must not.
pub(crate) fn leak_in(seen: &Seen, canary: &Canary) -> Option<String> {
    let Seen { operation, request, .. } = seen;
    let forms = canary.forms();
    let holds = |text: &str| forms.iter().any(|form| text.contains(form));
    let wrong =
        |place: String| Some(said(canary.kind, &format!("{place} of a request: {operation}")));
    // The API has no other way to try a key; its user asked for it and was told.
    let is_trial = canary.kind == Kind::ApiKey
        && !seen.elsewhere
        && request.method == "GET"
        && request.target.starts_with("/auth/access-token?key=");
    if !is_trial && holds(&request.target) {
        return wrong("the address".to_owned());
    }
    for (header, value) in &request.headers {
        let allowed =
            header == "authorization" && canary.kind == Kind::AccessToken && !seen.elsewhere;
        if !allowed && holds(value) {
            return wrong(format!("the header {header}"));
        }
    }
    let allowed = match operation {
        Operation::SignIn => canary.kind == Kind::Password,
        Operation::Refresh | Operation::SignOut => canary.kind == Kind::RefreshToken,
        _ => false,
    };
    let body = String::from_utf8_lossy(&request.body);
    if (!allowed || seen.elsewhere) && holds(&body) {
        return wrong("the body".to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leak(operation: Operation, target: &str, header: &str, body: &str) -> Option<String> {
        let request = Request {
            method: "POST".to_owned(),
            target: target.to_owned(),
            headers: vec![(header.to_owned(), "Bearer tell-tale".to_owned())],
            body: body.as_bytes().to_vec(),
        };
        let seen = Seen { operation, request, answered: None, faulty: false, elsewhere: false };
        leak_in(&seen, &Canary::new(Kind::AccessToken, "tell-tale"))
    }

    #[test]
    fn a_token_belongs_into_one_header_and_nowhere_else() {
        assert_eq!(leak(Operation::List, "/keys/", "authorization", ""), None);
        assert!(leak(Operation::List, "/keys/", "referer", "").is_some());
        assert!(leak(Operation::List, "/?a=tell-tale", "authorization", "").is_some());
        assert!(leak(Operation::Create, "/keys/", "authorization", "tell-tale").is_some());
    }

    #[test]
    fn a_secret_may_stand_where_it_is_on_show_and_nowhere_else() {
        let nothing = Look::default();
        let all =
            Look { session: true, form: true, secret: true, revealed: true, ..Look::default() };
        let places = |look: &Look, kind| -> Vec<&str> {
            PAGE_SINKS.into_iter().filter(|sink| look.allows(sink, kind)).collect()
        };
        for kind in [Kind::Password, Kind::AccessToken, Kind::RefreshToken, Kind::ApiKey] {
            assert!(places(&nothing, kind).is_empty(), "{kind:?}");
        }
        assert_eq!(places(&all, Kind::Password), ["fields"]);
        assert_eq!(places(&all, Kind::RefreshToken), ["session", MEMORY]);
        assert_eq!(places(&all, Kind::ApiKey), ["document", "text", "selection", MEMORY]);
        assert!(places(&all, Kind::Echo).is_empty());
        let concealed = Look { revealed: false, ..all };
        assert_eq!(places(&concealed, Kind::ApiKey), [MEMORY]);
    }

    #[test]
    fn a_request_is_read_from_what_the_browser_tells_of_it() {
        let event = json!({ "method": "Network.requestWillBeSent", "params": { "request": {
            "method": "POST", "url": "http://a:1/auth/revoke", "postData": "token=x",
            "headers": { "Accept": "b" },
        }}});
        let seen = request_of(&event, "http://a:1").expect("a request");
        assert_eq!((seen.operation, seen.elsewhere), (Operation::SignOut, false));
        assert_eq!(seen.request.headers, [("accept".to_owned(), "b".to_owned())]);
        assert_eq!(seen.request.body, b"token=x");
        assert!(request_of(&event, "http://b:1").expect("a request").elsewhere);
        let extra = json!({ "method": "Network.requestWillBeSentExtraInfo", "params": {
            "headers": { "Referer": "http://a:1/?x" },
        }});
        let seen = request_of(&extra, "http://a:1").expect("a request");
        assert_eq!(seen.request.header("referer"), Some("http://a:1/?x"));
        assert!(request_of(&json!({ "method": "Page.loadEventFired" }), "").is_none());
    }
}
