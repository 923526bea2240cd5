//! The elements of `index.html` that tell where the Key API is and what the page may do.
//!
//! The address stands in `<meta name="key-api">`, where the app reads it, and in the policy. Both
//! are written here together, because one without the other is a page that cannot work. So do the
//! hashes of the script and the style that stand in the page itself.

use std::fmt;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use sha2::{Digest, Sha256};

use crate::address::{InvalidAddress, Origin};
use crate::headers::{self, Allowed};

/// Why a page cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageError {
    /// There is no such element to write to.
    Missing(&'static str),
    /// The address of the Key API in it is none.
    Address(String, InvalidAddress),
    /// Its policy is not the one for its Key API, its script and its style.
    Policy,
}

const KEY_API: &str = "<meta name=\"key-api\" content=\"";
const POLICY: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"";
const CHARSET: &str = "<meta charset=\"utf-8\">";
const END: &str = "\">";

/// The page with the address of its Key API and the policy that allows it; without an address,
/// the Key API is where the site is.
///
/// # Errors
/// [`PageError::Missing`] if the page has no place for them.
pub fn with_api(html: &str, api: Option<&Origin>) -> Result<String, PageError> {
    let address = api.map_or("", Origin::as_str);
    let html = with_content(html, KEY_API, address).ok_or(PageError::Missing(KEY_API))?;
    let policy = headers::policy_in_page(&allowed(&html, api.cloned()));
    if let Some(html) = with_content(&html, POLICY, &policy) {
        return Ok(html);
    }
    // A policy holds for what stands behind it, so it comes first.
    let (before, after) = html.split_once(CHARSET).ok_or(PageError::Missing(CHARSET))?;
    Ok(format!("{before}{CHARSET}\n    {POLICY}{policy}{END}{after}"))
}

/// What a page is allowed, by a policy that fits it. A page that names no Key API, not even an
/// empty one, is no page of this app, and is allowed nothing.
///
/// # Errors
/// [`PageError::Address`] and [`PageError::Policy`] if somebody changed one of both by hand.
pub fn rules(html: &str) -> Result<Allowed, PageError> {
    let Some(address) = content(html, KEY_API) else { return Ok(Allowed::default()) };
    let api = match address {
        "" => None,
        address => Some(
            Origin::of_key_api(address)
                .map_err(|why| PageError::Address(address.to_owned(), why))?,
        ),
    };
    let written = api.as_ref().map_or("", Origin::as_str);
    let fits = written == address;
    let allowed = allowed(html, api);
    if !fits || content(html, POLICY) != Some(&headers::policy_in_page(&allowed)) {
        return Err(PageError::Policy);
    }
    Ok(allowed)
}

/// How a policy names a script or a style that stands in the page (CSP3, section 2.3.1).
fn source(content: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(content)))
}

fn allowed(html: &str, api: Option<Origin>) -> Allowed {
    let sources = |element: &str| {
        let (start, end) = (format!("<{element}>"), format!("</{element}>"));
        let inner = html.split(&start).skip(1).filter_map(|rest| rest.split_once(&end));
        inner.map(|(content, _)| source(content)).collect()
    };
    Allowed { api, scripts: sources("script"), styles: sources("style") }
}

fn content<'a>(html: &'a str, element: &str) -> Option<&'a str> {
    let (_, rest) = html.split_once(element)?;
    rest.split_once(END).map(|(content, _)| content)
}

fn with_content(html: &str, element: &str, content: &str) -> Option<String> {
    let (before, rest) = html.split_once(element)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{element}{content}{END}{after}"))
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(element) => write!(f, "index.html has no {element}…{END}"),
            Self::Address(address, why) => {
                write!(f, "index.html names `{address}` as its Key API, but {why}")
            }
            Self::Policy => f.write_str(
                "the Content-Security-Policy in index.html is not the one for its Key API, \
                 its script and its style",
            ),
        }
    }
}

impl std::error::Error for PageError {}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<head><meta charset=\"utf-8\"><meta name=\"key-api\" content=\"\"></head>";

    fn origin(text: &str) -> Origin {
        Origin::parse(text).expect("an origin")
    }

    fn api_of(html: &str) -> Result<Option<Origin>, PageError> {
        rules(html).map(|allowed| allowed.api)
    }

    #[test]
    fn the_address_and_the_policy_are_written_together() {
        let page = with_api(PAGE, None).expect("a page");
        assert!(page.starts_with(
            "<head><meta charset=\"utf-8\">\n    <meta http-equiv=\"Content-Security-Policy\" \
             content=\"default-src 'none'; "
        ));
        assert_eq!(api_of(&page), Ok(None));
        for address in ["https://keys.example.org", "https://b.example", "http://127.0.0.1:8000"] {
            let page = with_api(&page, Some(&origin(address))).expect("a page");
            assert_eq!(page.matches(address).count(), 2, "{page}");
            assert_eq!(page.matches(POLICY).count(), 1, "{page}");
            assert_eq!(api_of(&page), Ok(Some(origin(address))));
            assert_eq!(with_api(&page, None), with_api(PAGE, None), "there is a way back");
        }
    }

    #[test]
    fn a_page_that_was_changed_by_hand_is_found_out() {
        let page = with_api(PAGE, Some(&origin("https://a.example"))).expect("a page");
        let changed =
            page.replacen("content=\"https://a.example", "content=\"https://b.example", 1);
        assert_eq!(rules(&changed), Err(PageError::Policy));
        let emptied = page.replacen("content=\"https://a.example", "content=\"", 1);
        assert_eq!(rules(&emptied), Err(PageError::Policy));
        let opened = page.replace("connect-src 'self'", "connect-src *");
        assert_eq!(rules(&opened), Err(PageError::Policy));
        let spelled =
            page.replacen("content=\"https://a.example", "content=\"https://A.example/", 1);
        assert_eq!(rules(&spelled), Err(PageError::Policy));
        let broken = page.replacen("content=\"https://a.example", "content=\"a.example", 1);
        assert!(matches!(rules(&broken), Err(PageError::Address(..))));
        assert_eq!(rules("<!doctype html>page<style>p{}</style>"), Ok(Allowed::default()));
    }

    #[test]
    fn what_stands_in_the_page_is_allowed_by_its_hash() {
        let parts = "<style>main</style><script src=\"a.js\"></script><script>boot</script>";
        let html = PAGE.replace("</head>", &format!("{parts}</head>"));
        let page = with_api(&html, None).expect("a page");
        // From `printf boot | openssl dgst -sha256 -binary | base64`, and so on.
        let allowed = Allowed {
            api: None,
            scripts: vec!["'sha256-RQm+sKtAHXH6SlzZSlXJp08TMyd2rkAZxb/EwgBRV/8='".to_owned()],
            styles: vec!["'sha256-DW5AeeNnA+vTfAByL1iR0osOKBHcEUsSkhUSOtzONgU='".to_owned()],
        };
        assert_eq!(rules(&page), Ok(allowed));
        for (from, to) in [("boot", "Boot"), ("main<", "main <")] {
            assert_eq!(rules(&page.replace(from, to)), Err(PageError::Policy));
        }
    }

    #[test]
    fn a_page_without_a_place_for_them_is_refused() {
        assert_eq!(with_api("<meta charset=\"utf-8\">", None), Err(PageError::Missing(KEY_API)));
        let rest = "<meta name=\"key-api\" content=\"\">";
        assert_eq!(with_api(rest, None), Err(PageError::Missing(CHARSET)));
        assert!(with_api("<meta name=\"key-api\" content=\"", None).is_err());
    }
}
