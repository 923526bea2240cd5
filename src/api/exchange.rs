//! One request and its whole answer, by `fetch` through gloo-net: under one deadline, no longer than
//! a cap, and cancelled when nobody waits for it any more.

use gloo_net::http::{Request, Response};
use js_sys::{Array, Date, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, AbortSignal, Headers, ReadableStreamDefaultReader, ReadableStreamReadResult,
};

use super::decode::{Answer, is_json};
use crate::domain::retry::{http_date, retry_after_seconds};
use contract::Timestamp;

/// The longest answer that is read, in bytes. A list of 40,000 keys is half as long.
pub(super) const LONGEST_BODY: usize = 16 * 1024 * 1024;

/// What is to be sent.
pub(super) struct Call<'a> {
    /// The method, for example `GET`.
    pub(super) method: &'static str,
    /// Where to, for example `https://keys.example.com/keys/`.
    pub(super) url: &'a str,
    /// How long the whole exchange may take, in milliseconds.
    pub(super) deadline: u32,
    /// The headers besides `Accept`.
    pub(super) headers: &'a [(&'static str, &'a str)],
    /// What `fetch` takes as a body; undefined for none.
    pub(super) body: JsValue,
    /// How.
    pub(super) sending: Sending,
}

/// How a call is sent.
#[derive(Debug)]
pub(super) enum Sending {
    /// As long as somebody waits for it.
    Usual,
    /// It is carried out even if the page is left meanwhile.
    Outliving,
    /// The same call was sent before the app was there: this is where its response comes, or where
    /// nothing comes, and the call is to be sent.
    Begun(Promise),
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// `fetch` failed, or the answer broke off.
    Failed,
    /// The deadline passed.
    TimedOut,
    /// The answer is longer than any that a Key API sends.
    TooLong,
}

/// Sends the call and reads the whole answer. Dropping the future aborts the exchange, unless it
/// is to outlive the page.
pub(super) async fn exchange(call: Call<'_>) -> Result<Answer, Cut> {
    let deadline = AbortSignal::timeout_with_u32(call.deadline);
    let cut = || if deadline.aborted() { Cut::TimedOut } else { Cut::Failed };
    let controller = AbortController::new().map_err(|_| cut())?;
    let signal = AbortSignal::any(&Array::of2(&deadline, &controller.signal()));
    let request = request(&call, &signal).map_err(|_| cut())?;
    let is_outliving = matches!(call.sending, Sending::Outliving);
    let abort = AbortOnDrop((!is_outliving).then_some(controller));

    let begun = match call.sending {
        Sending::Begun(begun) => read_begun(begun).await,
        Sending::Usual | Sending::Outliving => None,
    };
    let (response, body) = match begun {
        Some(begun) => begun,
        None => {
            let response = request.send().await.map_err(|_| cut())?;
            let body = body(&response).await.map_err(|_| cut())?;
            (response, body)
        }
    };
    let body = body.ok_or(Cut::TooLong)?;
    abort.disarm();

    let headers = response.headers();
    let header = |name| headers.get(name);
    // Another origin's headers are readable only where it exposes them.
    let date = header("Date").as_deref().and_then(http_date);
    let at = date.unwrap_or_else(|| Timestamp::from_unix_millis(Date::now() as i64));
    Ok(Answer {
        status: response.status(),
        is_json: header("Content-Type").as_deref().is_some_and(is_json),
        at,
        retry_after: header("Retry-After").and_then(|text| retry_after_seconds(&text, at)),
        body,
    })
}

/// A response that was begun before the app was there, and its body; `None` if it breaks off, as it
/// does when the app took so long that the deadline of that request has passed meanwhile.
async fn read_begun(begun: Promise) -> Option<(Response, Option<Vec<u8>>)> {
    let response: web_sys::Response = JsFuture::from(begun).await.ok()?.dyn_into().ok()?;
    let response = Response::from(response);
    let body = body(&response).await.ok()?;
    Some((response, body))
}

/// The answer to a request for the keys that `boot.js` has sent with this `Authorization`, at most
/// once: it is taken from there.
pub(super) fn begun_listing(authorization: &str) -> Option<Promise> {
    const PLACE: &str = "occamKeysListing";
    let window = web_sys::window()?;
    let take: Function = Reflect::get(&window, &PLACE.into()).ok()?.dyn_into().ok()?;
    // It holds the token, for which there is no use any more.
    let _ = Reflect::delete_property(&window, &PLACE.into());
    take.call1(&JsValue::UNDEFINED, &authorization.into()).ok()?.dyn_into().ok()
}

/// Aborts an exchange that nobody waits for any more.
struct AbortOnDrop(Option<AbortController>);

impl AbortOnDrop {
    /// The whole answer is there: nothing is left to abort.
    fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}

/// A request for `url` that is as `how` says, in the words of `fetch`. What is undefined is not said.
///
/// The builder of gloo-net has no word for some of them, and the sign-in would wait for it.
pub(super) fn request_as(url: &str, how: &[(&str, JsValue)]) -> Result<Request, JsValue> {
    let init = Object::new();
    for (name, value) in how {
        Reflect::set(&init, &(*name).into(), value)?;
    }
    web_sys::Request::new_with_str_and_init(url, init.unchecked_ref()).map(Request::from)
}

fn request(call: &Call<'_>, signal: &AbortSignal) -> Result<Request, JsValue> {
    let headers = Headers::new()?;
    headers.set("Accept", "application/json")?;
    for (name, value) in call.headers {
        headers.set(name, value)?;
    }
    request_as(
        call.url,
        &[
            ("method", call.method.into()),
            ("headers", headers.into()),
            ("body", call.body.clone()),
            ("cache", "no-store".into()),
            ("credentials", "omit".into()),
            // Following one would drop the bearer header, or carry it somewhere else.
            ("redirect", "manual".into()),
            ("referrerPolicy", "no-referrer".into()),
            ("signal", signal.into()),
            ("keepalive", matches!(call.sending, Sending::Outliving).into()),
        ],
    )
}

/// The whole body; `None` if it is too long. It is read piece by piece, so that one that never
/// ends (or unpacks to gigabytes) is given up and not held.
async fn body(response: &Response) -> Result<Option<Vec<u8>>, JsValue> {
    let mut body = Vec::new();
    let Some(stream) = response.body() else {
        return Ok(Some(body));
    };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    loop {
        let piece: ReadableStreamReadResult = JsFuture::from(reader.read()).await?.unchecked_into();
        if piece.get_done() == Some(true) {
            return Ok(Some(body));
        }
        let piece: Uint8Array = piece.get_value().dyn_into()?;
        let start = body.len();
        let end = start + piece.length() as usize;
        if end > LONGEST_BODY {
            return Ok(None);
        }
        body.resize(end, 0);
        piece.copy_to(&mut body[start..]);
    }
}
