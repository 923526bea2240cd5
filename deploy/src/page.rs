//! The elements of `index.html` that tell where the Key API is and what the page may do.
//!
//! The address stands in `<meta name="key-api">`, where the app reads it, and in the policy. Both
//! are written here together, because one without the other is a page that cannot work.

use std::fmt;

use crate::address::{InvalidAddress, Origin};
use crate::headers;

/// Why a page cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageError {
    /// There is no such element to write to.
    Missing(&'static str),
    /// The address of the Key API in it is none.
    Address(String, InvalidAddress),
    /// Its policy is not the one for its Key API.
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
    let policy = headers::policy_in_page(api);
    if let Some(html) = with_content(&html, POLICY, &policy) {
        return Ok(html);
    }
    // A policy holds for what stands behind it, so it comes first.
    let (before, after) = html.split_once(CHARSET).ok_or(PageError::Missing(CHARSET))?;
    Ok(format!("{before}{CHARSET}\n    {POLICY}{policy}{END}{after}"))
}

/// The Key API of a page whose policy allows it. A page that names none, not even an empty one,
/// is no page of this app, and has no rules.
///
/// # Errors
/// [`PageError::Address`] and [`PageError::Policy`] if somebody changed one of both by hand.
pub fn api(html: &str) -> Result<Option<Origin>, PageError> {
    let Some(address) = content(html, KEY_API) else { return Ok(None) };
    let api = match address {
        "" => None,
        address => Some(
            Origin::parse(address).map_err(|why| PageError::Address(address.to_owned(), why))?,
        ),
    };
    let written = api.as_ref().map_or("", Origin::as_str);
    let policy = content(html, POLICY);
    if written != address || policy != Some(&headers::policy_in_page(api.as_ref())) {
        return Err(PageError::Policy);
    }
    Ok(api)
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
                "the Content-Security-Policy in index.html is not the one for its Key API",
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

    #[test]
    fn the_address_and_the_policy_are_written_together() {
        let page = with_api(PAGE, None).expect("a page");
        assert!(page.starts_with(
            "<head><meta charset=\"utf-8\">\n    <meta http-equiv=\"Content-Security-Policy\" \
             content=\"default-src 'none'; "
        ));
        assert_eq!(api(&page), Ok(None));
        for address in ["https://keys.example.org", "https://b.example", "http://127.0.0.1:8000"] {
            let page = with_api(&page, Some(&origin(address))).expect("a page");
            assert_eq!(page.matches(address).count(), 2, "{page}");
            assert_eq!(page.matches(POLICY).count(), 1, "{page}");
            assert_eq!(api(&page), Ok(Some(origin(address))));
            assert_eq!(with_api(&page, None), with_api(PAGE, None), "there is a way back");
        }
    }

    #[test]
    fn a_page_that_was_changed_by_hand_is_found_out() {
        let page = with_api(PAGE, Some(&origin("https://a.example"))).expect("a page");
        let changed =
            page.replacen("content=\"https://a.example", "content=\"https://b.example", 1);
        assert_eq!(api(&changed), Err(PageError::Policy));
        let emptied = page.replacen("content=\"https://a.example", "content=\"", 1);
        assert_eq!(api(&emptied), Err(PageError::Policy));
        let opened = page.replace("connect-src 'self'", "connect-src *");
        assert_eq!(api(&opened), Err(PageError::Policy));
        let spelled =
            page.replacen("content=\"https://a.example", "content=\"https://A.example/", 1);
        assert_eq!(api(&spelled), Err(PageError::Policy));
        let broken = page.replacen("content=\"https://a.example", "content=\"a.example", 1);
        assert!(matches!(api(&broken), Err(PageError::Address(..))));
        assert_eq!(api("<!doctype html>page"), Ok(None));
    }

    #[test]
    fn a_page_without_a_place_for_them_is_refused() {
        assert_eq!(with_api("<meta charset=\"utf-8\">", None), Err(PageError::Missing(KEY_API)));
        let rest = "<meta name=\"key-api\" content=\"\">";
        assert_eq!(with_api(rest, None), Err(PageError::Missing(CHARSET)));
        assert!(with_api("<meta name=\"key-api\" content=\"", None).is_err());
    }
}
