//! Where a Key API or a page is, and under which path the site lies.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The scheme, host and port of a server as browsers write them in an `Origin` header (RFC 6454,
/// section 6.1; WHATWG URL, section 3.5): in small letters, and without the port that the scheme
/// has anyway. For example `https://keys.example.org:8443`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

/// A path with a slash at both ends, such as `/keys/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasePath(String);

/// Why a text is not the address it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidAddress(&'static str);

impl Origin {
    /// Takes an address apart, refuses everything that is not an origin alone, and writes the rest
    /// as browsers do, so that two of them are the same if their texts are.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        let refuse = |why| Err(InvalidAddress(why));
        let lower = text.to_ascii_lowercase();
        let Some((scheme, rest)) = lower.split_once("://") else {
            return refuse("it does not start with https:// or http://");
        };
        let usual = match scheme {
            "https" => 443,
            "http" => 80,
            _ => return refuse("only https can be asked by a browser, and http"),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains('@') {
            return refuse("a user name or password would be published with the site");
        }
        if authority.contains(['/', '?', '#']) {
            return refuse("it has a path, a query or a fragment after the host");
        }
        let (host, port) = split_port(authority);
        let Some(port) = port.map_or(Some(usual), port_number) else {
            return refuse("the port is not a number from 1 to 65535");
        };
        let Some(host) = host_as_written(host) else {
            return refuse("the host is missing or not written as hosts are");
        };
        let port = if port == usual { String::new() } else { format!(":{port}") };
        Ok(Self(format!("{scheme}://{host}{port}")))
    }

    /// The origin of a Key API, to which passwords and tokens are sent: plain http is for the same
    /// machine alone, because it would carry them in the clear to any other (Secure Contexts,
    /// section 3.1).
    ///
    /// # Errors
    /// Why it is refused.
    pub fn of_key_api(text: &str) -> Result<Self, InvalidAddress> {
        let origin = Self::parse(text)?;
        let in_the_clear =
            origin.0.strip_prefix("http://").map(|authority| split_port(authority).0);
        if in_the_clear.is_some_and(|host| !is_this_machine(host)) {
            return Err(InvalidAddress(
                "plain http to another machine would carry tokens in the clear",
            ));
        }
        Ok(origin)
    }

    /// The origin as browsers write it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl BasePath {
    /// The path of a site that has a host for itself.
    #[must_use]
    pub fn root() -> Self {
        Self("/".to_owned())
    }

    /// Adds the slashes that are missing and refuses what is not a plain path.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        let plain = text.split('/').all(|part| {
            part != "."
                && part != ".."
                && part.chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c))
        });
        let inner = text.trim_matches('/');
        if !plain || inner.contains("//") || text.is_empty() {
            return Err(InvalidAddress(
                "it may have letters, digits, `-`, `.`, `_`, `~` and single slashes",
            ));
        }
        Ok(Self(if inner.is_empty() { "/".to_owned() } else { format!("/{inner}/") }))
    }

    /// The path with its slashes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path without the slash at its end, if it is more than that.
    pub(crate) fn without_slash(&self) -> Option<&str> {
        self.0.strip_suffix('/').filter(|path| !path.is_empty())
    }
}

impl fmt::Display for InvalidAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for InvalidAddress {}

/// A host and its port, if it has one. The colons within an IPv6 address are no ports.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

fn port_number(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port > 0)
}

/// A host in small letters as browsers write it, if it is one.
fn host_as_written(host: &str) -> Option<String> {
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return address.parse().ok().map(ipv6_as_written);
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    // What ends in a number is an address to browsers, which know more ways to write one than this
    // and would make another text of it.
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x");
    let is_host = host.split('.').all(is_label) && (!is_number || host.parse::<Ipv4Addr>().is_ok());
    is_host.then(|| host.to_owned())
}

/// In the shortest form (RFC 5952), but an IPv4 address within is written like all the rest.
fn ipv6_as_written(address: Ipv6Addr) -> String {
    match (address.to_ipv4_mapped(), address.segments()) {
        (Some(_), [.., high, low]) => format!("[::ffff:{high:x}:{low:x}]"),
        _ => format!("[{address}]"),
    }
}

/// What browsers take for a secure context without TLS: the machine itself.
fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host == "[::1]"
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_taken_as_browsers_write_them() {
        for (text, origin) in [
            ("https://keys.example.org", "https://keys.example.org"),
            ("https://Keys.Example.org/", "https://keys.example.org"),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("http://[::1]:8000", "http://[::1]:8000"),
            ("http://[::1]", "http://[::1]"),
            ("HTTP://localhost:65535", "http://localhost:65535"),
            ("https://keys.example.org:443", "https://keys.example.org"),
            ("http://keys.example.org:80/", "http://keys.example.org"),
            ("http://keys.example.org:443", "http://keys.example.org:443"),
            ("https://keys.example.org:080", "https://keys.example.org:80"),
            ("https://[2001:DB8:0:0::1]:0443", "https://[2001:db8::1]"),
            ("https://[::ffff:192.0.2.1]", "https://[::ffff:c000:201]"),
        ] {
            assert_eq!(Origin::parse(text).as_ref().map(Origin::as_str), Ok(origin), "{text}");
        }
    }

    #[test]
    fn what_is_not_an_origin_is_refused() {
        for text in [
            "",
            "keys.example.org",
            "ftp://keys.example.org",
            "javascript://x",
            "https://",
            "https:///",
            "https://keys.example.org/api",
            "https://keys.example.org?x",
            "https://keys.example.org#x",
            "https://me:secret@keys.example.org",
            "https://keys.example.org:0",
            "https://keys.example.org:65536",
            "https://keys.example.org:",
            "https://keys.example.org:+80",
            "https://keys.example.org:8o",
            "https://127.1",
            "https://127.0.0.0x1",
            "https://2130706433",
            "https://keys..example.org",
            "https://keys example.org",
            "https://keys.example.org; script-src *",
            "https://keys\"><script>",
            "https://[::1",
            "https://[keys]",
            "*",
            "null",
        ] {
            assert!(Origin::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn tokens_go_over_plain_http_to_this_machine_only() {
        for text in ["https://keys.example.org", "http://localhost", "http://[::1]:8000"] {
            assert_eq!(Origin::of_key_api(text), Origin::parse(text), "{text}");
        }
        for text in ["http://127.0.0.1:80", "http://127.255.0.1:8000"] {
            assert!(Origin::of_key_api(text).is_ok(), "{text}");
        }
        for text in ["http://keys.example.org", "http://127.0.0.1.example.org", "http://[::2]:80"] {
            assert!(Origin::parse(text).is_ok() && Origin::of_key_api(text).is_err(), "{text}");
        }
        assert!(Origin::of_key_api("keys.example.org").is_err());
    }

    #[test]
    fn base_paths_get_their_slashes() {
        for (text, path) in [("/", "/"), ("keys", "/keys/"), ("/a/b", "/a/b/"), ("/a/", "/a/")] {
            assert_eq!(BasePath::parse(text).as_ref().map(BasePath::as_str), Ok(path), "{text}");
        }
        for text in ["", "..", "/a/../b", "a//b", "https://x/", "/a b/", "/a\"/", "/a?b"] {
            assert!(BasePath::parse(text).is_err(), "{text}");
        }
    }
}
