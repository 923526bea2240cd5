//! The site itself, as opposed to the Key API.

use gloo_net::http::{Method, RequestBuilder};
use web_sys::{AbortSignal, RequestCache};

/// How long the site may take to answer, in milliseconds.
const DEADLINE: u32 = 3_000;

/// Whether the server of this page answers, so that the page can be loaded anew.
pub async fn answers() -> bool {
    let request = RequestBuilder::new("")
        .method(Method::HEAD)
        .cache(RequestCache::NoStore)
        .abort_signal(Some(&AbortSignal::timeout_with_u32(DEADLINE)));
    request.send().await.is_ok_and(|answer| answer.ok())
}
