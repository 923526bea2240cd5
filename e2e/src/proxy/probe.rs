//! The script that the proxy puts first into every page.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use sha2::{Digest, Sha384};

use super::message::Answer;
use crate::sweep::WATCH;

/// Where the proxy answers with the probe itself.
pub(crate) const PATH: &str = "/__probe.js";
const PROBE: &str = include_str!("probe.js");

/// A host that no name server knows (RFC 6761, section 6.4).
pub const NO_SUCH_HOST: &str = "http://no-such-host.invalid";

/// The probe for pages whose time runs `factor` times as fast, behind what watches every page.
pub(crate) fn script(factor: u32) -> String {
    format!("{WATCH}\nconst FACTOR = {factor};\n{PROBE}")
}

/// The answer that carries the probe.
pub(crate) fn answer(factor: u32) -> Answer {
    Answer::of(200, "text/javascript; charset=utf-8", script(factor))
        .with("cache-control", "no-store")
        .with("x-content-type-options", "nosniff")
        .with("cross-origin-resource-policy", "same-origin")
}

/// Puts the probe into a page, and lets the page call `elsewhere` too.
pub(crate) fn inject(page: &mut Answer, factor: u32, elsewhere: &str) {
    if !page.header("content-type").is_some_and(|what| what.starts_with("text/html")) {
        return;
    }
    let open = format!("connect-src 'self' {NO_SUCH_HOST} {elsewhere}");
    for (name, value) in &mut page.headers {
        if name == "content-security-policy" {
            *value = value.replace("connect-src 'self'", &open);
        }
    }
    let hash = BASE64_STANDARD.encode(Sha384::digest(script(factor)));
    let tag = format!("<head><script src=\"{PATH}\" integrity=\"sha384-{hash}\"></script>");
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
        inject(&mut page, 10, "http://127.0.0.1:1");
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
        inject(&mut data, 10, "http://127.0.0.1:1");
        assert_eq!(data, before);
    }
}
