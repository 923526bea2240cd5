//! The script that the proxy puts first into every page.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use sha2::{Digest, Sha384};

use super::message::Answer;
use crate::sweep::WATCH;

/// Where the proxy answers with the probe itself.
pub(crate) const PATH: &str = "/__probe.js";
const PROBE: &str = include_str!("probe.js");

/// A host that no name server knows (RFC 6761, section 6.4).
pub const NO_SUCH_HOST: &str = "http://no-such-host.invalid";

/// How fast the time of pages runs. Pages of the same pace have the same wall clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// How many times as fast as it does here.
    pub(crate) factor: u32,
    /// From when on, in milliseconds since the Unix epoch.
    start: u128,
}

impl Pace {
    /// So many times as fast from now on.
    pub(crate) fn from_now(factor: u32) -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        Self { factor, start: since_epoch.expect("it is after 1970").as_millis() }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self { factor: 1, start: 0 }
    }
}

/// The probe for pages whose time runs at this pace, behind what watches every page.
fn script(Pace { factor, start }: Pace) -> String {
    format!("{WATCH}\nconst FACTOR = {factor};\nconst START = {start};\n{PROBE}")
}

/// The answer that carries the probe.
pub(crate) fn answer(pace: Pace) -> Answer {
    Answer::of(200, "text/javascript; charset=utf-8", script(pace))
        .with("cache-control", "no-store")
        .with("x-content-type-options", "nosniff")
        .with("cross-origin-resource-policy", "same-origin")
}

/// Puts the probe into a page, and lets the page call `elsewhere` too.
pub(crate) fn inject(page: &mut Answer, pace: Pace, elsewhere: &str) {
    if !page.header("content-type").is_some_and(|what| what.starts_with("text/html")) {
        return;
    }
    let open = format!("connect-src 'self' {NO_SUCH_HOST} {elsewhere}");
    for (name, value) in &mut page.headers {
        if name == "content-security-policy" {
            *value = value.replace("connect-src 'self'", &open);
        }
    }
    let hash = BASE64_STANDARD.encode(Sha384::digest(script(pace)));
    let tag = format!(
        "<head><script src=\"{PATH}\" integrity=\"sha384-{hash}\" crossorigin=\"anonymous\">\
         </script>"
    );
    let html = String::from_utf8_lossy(&page.body).replace("connect-src 'self'", &open);
    page.body = html.replacen("<head>", &tag, 1).into_bytes();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_gets_the_probe_and_nothing_else_does() {
        let body = "<html><head><title>a</title></head></html>";
        let mut page = Answer::of(200, "text/html; charset=utf-8", body)
            .with("content-security-policy", "default-src 'none'; connect-src 'self'; a 'b'");
        inject(&mut page, Pace::from_now(10), "http://127.0.0.1:1");
        let html = String::from_utf8(page.body.clone()).expect("it is text");
        assert!(html.starts_with("<html><head><script src=\"/__probe.js\" integrity=\"sha384-"));
        assert!(html.ends_with("</script><title>a</title></head></html>"), "{html}");
        assert_eq!(
            page.header("content-security-policy"),
            Some(
                "default-src 'none'; connect-src 'self' http://no-such-host.invalid \
                 http://127.0.0.1:1; a 'b'"
            )
        );

        let mut data = Answer::json(200, body);
        let before = data.clone();
        inject(&mut data, Pace::from_now(10), "http://127.0.0.1:1");
        assert_eq!(data, before);
    }
}
