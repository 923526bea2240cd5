//! Where the Key API is, and under which path the site lies.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The scheme, host and port of a Key API, such as `https://keys.example.org:8443`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

/// A path with a slash at both ends, such as `/keys/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasePath(String);

/// Why a text is not the address it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidAddress(&'static str);

impl Origin {
    /// Takes an address apart and refuses everything that is not an origin alone, and plain http
    /// to another machine, which would carry passwords and tokens in the clear.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        let refuse = |why| Err(InvalidAddress(why));
        let lower = text.to_ascii_lowercase();
        let Some((scheme, rest)) = lower.split_once("://") else {
            return refuse("it does not start with https://");
        };
        if !matches!(scheme, "http" | "https") {
            return refuse("only https can be asked by a browser, and http on the same machine");
        }
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains('@') {
            return refuse("a user name or password would be published with the site");
        }
        if authority.contains(['/', '?', '#']) {
            return refuse("it has a path, a query or a fragment after the host");
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        if let Some(port) = port
            && !port.parse::<u16>().is_ok_and(|port| port > 0)
        {
            return refuse("the port is not a number from 1 to 65535");
        }
        if !is_host(host) {
            return refuse("the host is missing or holds a character that hosts do not have");
        }
        if scheme == "http" && !is_this_machine(host) {
            return refuse("plain http to another machine would carry tokens in the clear");
        }
        Ok(Self(format!("{scheme}://{authority}")))
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

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    host.split('.').all(|label| {
        !label.is_empty()
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    })
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
            "https://keys..example.org",
            "https://keys example.org",
            "https://keys.example.org; script-src *",
            "https://keys\"><script>",
            "https://[::1",
            "https://[keys]",
            "http://keys.example.org",
            "http://127.0.0.1.example.org",
        ] {
            assert!(Origin::parse(text).is_err(), "{text}");
        }
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
