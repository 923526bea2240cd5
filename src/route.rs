//! The address after `#`: which page, which key, which search. Parsing and printing are pure.
//!
//! A hash needs no rewrite rules, so the site runs from any static host and under any path.

use std::fmt;

use crate::domain::key::KeyId;
use crate::domain::table::query::Query;
use crate::domain::usage_board::Measure;

/// A page of the signed-in app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `#/keys` and `#/keys?q=…&sort=…`: the table, and what is asked of it.
    Keys(Query),
    /// `#/keys/{uuid}`: one key and its usage.
    Key(KeyId),
    /// `#/usage` and `#/usage?by=…`: the usage of all keys, ranked by this.
    Usage(Measure),
}

/// A page, whatever is asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The table of keys.
    Keys,
    /// One key.
    Key(KeyId),
    /// The usage of all keys.
    Usage,
}

impl Route {
    /// The table with every key.
    pub const ALL_KEYS: Self = Self::Keys(Query::ALL);

    /// How the address of [`Route::ALL_KEYS`] is written, for who cannot wait for all that writes
    /// addresses.
    pub const START: &str = "#/keys";

    /// The usage of every key.
    pub const ALL_USAGE: Self = Self::Usage(Measure::Requests);

    /// Reads a location's hash, with or without the `#`. What names no page leads to the table.
    pub fn parse(hash: &str) -> Self {
        let path = hash.strip_prefix('#').unwrap_or(hash);
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        if let Some(id) = path.strip_prefix("/keys/").and_then(|id| id.parse().ok()) {
            return Self::Key(id);
        }
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        if path == "/usage" {
            let by = pairs.find(|(name, _)| *name == "by");
            return Self::Usage(by.map(|(_, value)| Measure::parse(value)).unwrap_or_default());
        }
        Self::Keys(Query::from_pairs(
            pairs.map(|(name, value)| (name.to_owned(), decode_component(value))),
        ))
    }

    /// Which page it is.
    pub fn page(&self) -> Page {
        match self {
            Self::Keys(_) => Page::Keys,
            Self::Key(id) => Page::Key(*id),
            Self::Usage(_) => Page::Usage,
        }
    }
}

impl fmt::Display for Route {
    /// The hash that [`Route::parse`] reads back, with the `#`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let query = match self {
            Self::Keys(query) => query,
            Self::Key(id) => return write!(f, "#/keys/{id}"),
            Self::Usage(Measure::Requests) => return f.write_str("#/usage"),
            Self::Usage(by) => return write!(f, "#/usage?by={}", by.as_str()),
        };
        f.write_str("#/keys")?;
        for (at, (name, value)) in query.pairs().into_iter().enumerate() {
            f.write_str(if at == 0 { "?" } else { "&" })?;
            f.write_str(name)?;
            f.write_str("=")?;
            encode_component(&value, f)?;
        }
        Ok(())
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
    use crate::domain::table::query::{Age, Column, Sort, Use};

    fn search(text: &str) -> Route {
        Route::Keys(Query { search: text.to_owned(), ..Query::ALL })
    }

    #[test]
    fn every_page_has_its_address() {
        let id = "5f0c6c5e-0d1a-4f0e-9d4e-7f6f0b3a9c11";
        let key = Route::Key(id.parse().expect("a uuid"));
        assert_eq!(Route::parse(&format!("#/keys/{id}")), key);
        assert_eq!(key.to_string(), format!("#/keys/{id}"));
        assert_eq!(Route::ALL_KEYS.to_string(), Route::START);
        assert_eq!(Route::parse("#/keys?q=ci%20bot&x=1"), search("ci bot"));
        for measure in Measure::ALL {
            let usage = Route::Usage(measure);
            assert_eq!(Route::parse(&usage.to_string()), usage);
        }
        assert_eq!(Route::parse("#/usage?by=luck"), Route::Usage(Measure::Requests));
    }

    #[test]
    fn everything_that_is_asked_of_the_table_stands_in_the_address() {
        let asked = "#/keys?q=ci&sort=-last-used&used=stale&created=30d&page=2";
        let route = Route::parse(asked);
        assert_eq!(
            route,
            Route::Keys(Query {
                search: "ci".to_owned(),
                sort: Sort { by: Column::LastUsed, descending: true },
                used: Some(Use::Stale),
                created: Some(Age::Month),
                page: 2,
            })
        );
        assert_eq!(route.to_string(), asked);
        for used in Use::ALL {
            let route = Route::Keys(Query { used: Some(used), ..Query::ALL });
            assert_eq!(Route::parse(&route.to_string()), route);
        }
        for by in Column::ALL {
            let route = Route::Keys(Query { sort: Sort { by, descending: true }, ..Query::ALL });
            assert_eq!(Route::parse(&route.to_string()), route);
        }
        let nonsense = "#/keys?sort=price&used=often&created=&page=-1";
        assert_eq!(Route::parse(nonsense), Route::ALL_KEYS);
        assert_eq!(Route::ALL_KEYS.to_string(), "#/keys");
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
            let route = search(&query);
            prop_assert_eq!(Route::parse(&route.to_string()), route);
        }

        #[test]
        fn no_address_makes_it_panic(hash in "[#/?&=%a-f0-9é]{0,20}") {
            let _ = Route::parse(&hash);
        }
    }
}
