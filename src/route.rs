//! The address after `#`: which page, which key, which search. Parsing and printing are pure.
//!
//! A hash needs no rewrite rules, so the site runs from any static host and under any path.

use std::fmt;

use crate::domain::key::KeyId;

/// A page of the signed-in app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `#/keys` and `#/keys?q=…`: the table, filtered by a search.
    Keys {
        /// What is searched for; empty for all keys.
        query: String,
    },
    /// `#/keys/{uuid}`: one key and its usage.
    Key(KeyId),
}

impl Route {
    /// The table with every key.
    pub const ALL_KEYS: Self = Self::Keys { query: String::new() };

    /// Reads a location's hash, with or without the `#`. What names no page leads to the table.
    pub fn parse(hash: &str) -> Self {
        let path = hash.strip_prefix('#').unwrap_or(hash);
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        if let Some(id) = path.strip_prefix("/keys/").and_then(|id| id.parse().ok()) {
            return Self::Key(id);
        }
        let query = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("q="))
            .map(decode_component)
            .unwrap_or_default();
        Self::Keys { query }
    }
}

impl fmt::Display for Route {
    /// The hash that [`Route::parse`] reads back, with the `#`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keys { query } if query.is_empty() => f.write_str("#/keys"),
            Self::Keys { query } => {
                f.write_str("#/keys?q=")?;
                encode_component(query, f)
            }
            Self::Key(id) => write!(f, "#/keys/{id}"),
        }
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986, section 2.3.
fn encode_component(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    text.bytes().try_for_each(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            f.write_str(char::from(byte).encode_utf8(&mut [0; 4]))
        }
        _ => write!(f, "%{byte:02X}"),
    })
}

/// Undoes [`encode_component`]. A `%` that starts no escape stands for itself, and bytes that are
/// not UTF-8 are replaced: an address that was cut short still finds something.
fn decode_component(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if first == b'%'
            && let Some((escape, after)) = tail.split_at_checked(2)
            && let Some(byte) = std::str::from_utf8(escape).ok().and_then(hex_byte)
        {
            bytes.push(byte);
            rest = after;
        } else {
            bytes.push(first);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex_byte(escape: &str) -> Option<u8> {
    let all_hex = escape.bytes().all(|byte| byte.is_ascii_hexdigit());
    all_hex.then(|| u8::from_str_radix(escape, 16).ok()).flatten()
}

// Property tests draw random numbers, which their library cannot do in a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_page_has_its_address() {
        let id = "5f0c6c5e-0d1a-4f0e-9d4e-7f6f0b3a9c11";
        let key = Route::Key(id.parse().expect("a uuid"));
        assert_eq!(Route::parse(&format!("#/keys/{id}")), key);
        assert_eq!(key.to_string(), format!("#/keys/{id}"));
        assert_eq!(Route::parse("#/keys?q=ci%20bot&x=1"), Route::Keys { query: "ci bot".into() });
    }

    #[test]
    fn what_names_no_page_leads_to_the_table() {
        for hash in ["", "#", "#/", "#/keys", "#/keys/", "#/keys/not-a-uuid", "#/elsewhere"] {
            assert_eq!(Route::parse(hash), Route::ALL_KEYS, "{hash}");
        }
    }

    proptest! {
        #[test]
        fn any_search_survives_its_address(query in "\\PC{0,20}") {
            let route = Route::Keys { query };
            prop_assert_eq!(Route::parse(&route.to_string()), route);
        }

        #[test]
        fn no_address_makes_it_panic(hash in "[#/?&=%a-f0-9é]{0,20}") {
            let _ = Route::parse(&hash);
        }
    }
}
