//! A Key API that answers what the test tells it: it stands in for `fetch`, so everything above
//! it is the real client.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::window;
use leptos::wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{AbortSignal, Headers, Request, Response, ResponseInit};

/// What is to be answered.
#[derive(Clone)]
pub enum Answer {
    /// This status with this body.
    With(u16, String),
    /// `fetch` fails, as it does when there is no network.
    Unreachable,
    /// Nothing, until the test [releases](KeyApi::release) it; then this status with this body.
    Held(u16, String),
    /// This status, with these headers and this body.
    Full(u16, Vec<(&'static str, String)>, String),
    /// A success of JSON whose body never ends.
    Endless,
    /// One answer after the other, each once; the last one stays.
    Turns(Vec<Answer>),
    /// Success with this body for who bears this token, and 401 for anybody else.
    For(&'static str, String),
}

/// A request that came in.
#[derive(Clone, Debug)]
pub struct Received {
    /// The method and the path, for example `GET /keys/`.
    pub call: String,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The `Idempotency-Key` header.
    pub idempotency_key: Option<String>,
    /// The body.
    pub body: String,
    /// Aborted once nobody waits for the answer any more.
    pub signal: AbortSignal,
    /// Whether it is to be carried out even if the page is left.
    pub keepalive: bool,
}

#[derive(Default)]
struct Inner {
    begun: usize,
    answers: Vec<(String, Answer)>,
    received: Vec<Received>,
    releases: Vec<(String, Function)>,
}

/// The stand-in, in place as long as it lives.
pub struct KeyApi {
    inner: Rc<RefCell<Inner>>,
    real_fetch: JsValue,
    _fetch: Closure<dyn Fn(Request) -> Promise>,
}

impl KeyApi {
    /// Puts a Key API in place that knows no call yet. A call that it does not know is answered
    /// with 501, which no test expects.
    pub fn in_place() -> Self {
        let inner = Rc::new(RefCell::new(Inner::default()));
        let fetch = Closure::<dyn Fn(Request) -> Promise>::new({
            let inner = inner.clone();
            move |request: Request| {
                inner.borrow_mut().begun += 1;
                future_to_promise(answer(inner.clone(), request))
            }
        });
        let real_fetch = Reflect::get(&window(), &"fetch".into()).expect("a browser has it");
        Reflect::set(&window(), &"fetch".into(), fetch.as_ref()).expect("it can be replaced");
        Self { inner, real_fetch, _fetch: fetch }
    }

    /// From now on, `call` (for example `GET /keys/`) is answered so.
    pub fn on(&self, call: &str, answer: Answer) -> &Self {
        let mut inner = self.inner.borrow_mut();
        inner.answers.retain(|(known, _)| known != call);
        inner.answers.push((call.to_owned(), answer));
        drop(inner);
        self
    }

    /// From now on, `call` is answered with this status and body.
    pub fn answers(&self, call: &str, status: u16, body: &str) -> &Self {
        self.on(call, Answer::With(status, body.to_owned()))
    }

    /// What came in for `call`.
    pub fn received(&self, call: &str) -> Vec<Received> {
        self.inner.borrow().received.iter().filter(|it| it.call == call).cloned().collect()
    }

    /// How many calls have begun so far, which is before they are [received](Self::received).
    pub fn begun(&self) -> usize {
        self.inner.borrow().begun
    }

    /// Lets every held answer go.
    pub fn release(&self) {
        self.release_if(|_| true);
    }

    /// Lets the held answers to `call` go.
    pub fn release_only(&self, call: &str) {
        self.release_if(|held| held == call);
    }

    fn release_if(&self, is_it: impl Fn(&str) -> bool) {
        for (_, release) in self.inner.borrow_mut().releases.extract_if(.., |(it, _)| is_it(it)) {
            release.call0(&JsValue::NULL).expect("a promise can be resolved");
        }
    }
}

impl Drop for KeyApi {
    fn drop(&mut self) {
        Reflect::set(&window(), &"fetch".into(), &self.real_fetch).expect("it can be replaced");
    }
}

async fn answer(inner: Rc<RefCell<Inner>>, request: Request) -> Result<JsValue, JsValue> {
    if request.signal().aborted() {
        return Err(request.signal().reason());
    }
    let url = web_sys::Url::new(&request.url())?;
    // The client's library leaves a separator behind the last parameter.
    let search = url.search();
    let search = search.trim_end_matches('&');
    let call = format!("{} {}{search}", request.method(), url.pathname());
    let body = JsFuture::from(request.text()?).await?.as_string().unwrap_or_default();
    inner.borrow_mut().received.push(Received {
        call: call.clone(),
        authorization: request.headers().get("Authorization")?,
        content_type: request.headers().get("Content-Type")?,
        idempotency_key: request.headers().get("Idempotency-Key")?,
        body,
        signal: request.signal(),
        keepalive: Reflect::get(&request, &"keepalive".into())?.is_truthy(),
    });
    let known = inner
        .borrow_mut()
        .answers
        .iter_mut()
        .find(|(known, _)| *known == call)
        .map(|(_, answer)| next(answer));
    match known {
        Some(Answer::With(status, body)) => response(status, &[], &body),
        Some(Answer::Full(status, headers, body)) => response(status, &headers, &body),
        Some(Answer::Endless) => endless(),
        Some(Answer::Unreachable) => Err(js_sys::TypeError::new("Failed to fetch").into()),
        Some(Answer::Held(status, body)) => {
            let held = Promise::new(&mut |resolve, reject| {
                inner.borrow_mut().releases.push((call.clone(), resolve));
                // As the real one does: who aborts does not wait.
                request.signal().set_onabort(Some(&reject));
            });
            JsFuture::from(held).await?;
            response(status, &[], &body)
        }
        Some(Answer::For(token, body)) => {
            let bearer = request.headers().get("Authorization")?;
            let is_known =
                bearer.as_deref().and_then(|it| it.strip_prefix("Bearer ")) == Some(token);
            response(if is_known { 200 } else { 401 }, &[], if is_known { &body } else { "{}" })
        }
        Some(Answer::Turns(_)) => Err(JsValue::from("turns do not nest")),
        None => response(501, &[], &format!("no answer for {call}")),
    }
}

/// The answer whose turn it is.
fn next(answer: &mut Answer) -> Answer {
    match answer {
        Answer::Turns(turns) if turns.len() > 1 => turns.remove(0),
        Answer::Turns(turns) => turns[0].clone(),
        answer => answer.clone(),
    }
}

/// JSON, unless `headers` say otherwise; statuses that allow no body get none.
fn response(status: u16, headers: &[(&str, String)], body: &str) -> Result<JsValue, JsValue> {
    let all = Headers::new()?;
    all.set("Content-Type", "application/json; charset=utf-8")?;
    for (name, value) in headers {
        all.set(name, value)?;
    }
    let init = ResponseInit::new();
    init.set_status(status);
    init.set_headers(&all);
    let body = (status != 204).then_some(body);
    Response::new_with_opt_str_and_init(body, &init).map(JsValue::from)
}

fn endless() -> Result<JsValue, JsValue> {
    let pull = "const piece = new Uint8Array(1 << 20).fill(32);
        return new Response(
            new ReadableStream({ pull(it) { it.enqueue(piece.slice()) } }),
            { headers: { 'Content-Type': 'application/json' } },
        )";
    js_sys::Function::new_no_args(pull).call0(&JsValue::UNDEFINED)
}
