//! The headers of every answer that is not the API's. This is the one source of them.

use std::borrow::Cow;

use crate::address::Origin;

/// A header's name in its usual spelling, and its value.
pub type Header = (&'static str, Cow<'static, str>);

/// What a page may do that not every page may: the policy names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Another origin that it may call: where its Key API is.
    pub api: Option<Origin>,
    /// The scripts that stand in it, as sources of the policy, such as `'sha256-…'`.
    pub scripts: Vec<String>,
    /// The styles that stand in it, likewise.
    pub styles: Vec<String>,
}

/// What an answer carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `index.html`, under its own name or that of its folder.
    Page,
    /// A file whose name holds the hash of its content: scripts, the WebAssembly, styles, icons.
    File,
    /// Nothing of the site: an error.
    Nothing,
}

/// Only over TLS, where whoever ends TLS sends it: a browser ignores it elsewhere.
///
/// RFC 6797. Two years and all subdomains are what the preload lists of browsers ask for.
pub const OVER_TLS: Header =
    ("Strict-Transport-Security", Cow::Borrowed("max-age=63072000; includeSubDomains"));

/// What every page may load and do; what is [`Allowed`] to one is added.
///
/// Nothing is allowed that is not named. The one word that opens something is
/// `'wasm-unsafe-eval'`, without which no WebAssembly compiles; `eval` stays closed. `'none'` for
/// Trusted Types means that no script of the page can make HTML, or a script's address, out of a
/// text. See <https://www.w3.org/TR/CSP3/> and <https://www.w3.org/TR/trusted-types/>.
const DIRECTIVES: [(&str, &str); 15] = [
    ("default-src", "'none'"),
    ("script-src", "'self' 'wasm-unsafe-eval'"),
    ("style-src", "'self'"),
    ("img-src", "'self'"),
    ("font-src", "'self'"),
    ("connect-src", "'self'"),
    ("manifest-src", "'self'"),
    ("base-uri", "'none'"),
    ("form-action", "'none'"),
    ("frame-ancestors", "'none'"),
    ("frame-src", "'none'"),
    ("object-src", "'none'"),
    ("worker-src", "'none'"),
    ("require-trusted-types-for", "'script'"),
    ("trusted-types", "'none'"),
];

/// Directives that browsers ignore in a `<meta>` element (CSP3, section 3.3).
const HEADER_ONLY: [&str; 1] = ["frame-ancestors"];

/// With every answer. None of it is for another origin: the page loads its own files only.
const EVERYWHERE: [(&str, &str); 3] = [
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
];

/// With the page, beside its Content-Security-Policy.
///
/// `require-corp` costs nothing here: whatever comes from another origin is the Key API's answer
/// to a CORS request, and those need no `Cross-Origin-Resource-Policy`. In exchange no other
/// page's process ever holds this one's memory.
///
/// The Integrity-Policy names scripts only: Chromium knows no other destination yet and says so
/// in the console of every page. The style is held against its hash all the same.
///
/// `no-store`, together with the same on the API's answers, keeps a signed-out page out of the
/// browser's back-forward cache; `no-cache` does not.
const WITH_PAGE: [(&str, &str); 8] = [
    ("Cache-Control", "no-store"),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Integrity-Policy", "blocked-destinations=(script)"),
    ("Origin-Agent-Cluster", "?1"),
    (
        "Permissions-Policy",
        "accelerometer=(), camera=(), clipboard-read=(), clipboard-write=(self), \
         display-capture=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), microphone=(), \
         midi=(), payment=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), \
         usb=(), browsing-topics=()",
    ),
    ("X-DNS-Prefetch-Control", "off"),
    ("X-Frame-Options", "DENY"),
];

/// For an answer that is no page, should a browser be led to show it as one.
const INERT: (&str, &str) =
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox");

/// The headers of an answer of a site whose page is allowed this.
#[must_use]
pub fn headers(kind: Kind, allowed: &Allowed) -> Vec<Header> {
    let own: &[(&str, &str)] = match kind {
        Kind::Page => &WITH_PAGE,
        Kind::File => &[INERT, ("Cache-Control", "public, max-age=31536000, immutable")],
        Kind::Nothing => &[INERT, ("Cache-Control", "no-store")],
    };
    let fixed = |&(name, value): &(&'static str, &'static str)| (name, Cow::Borrowed(value));
    let mut headers: Vec<Header> = EVERYWHERE.iter().chain(own).map(fixed).collect();
    if kind == Kind::Page {
        headers.push(("Content-Security-Policy", Cow::Owned(policy(allowed))));
    }
    headers.sort_by_key(|&(name, _)| name);
    headers
}

/// The page's Content-Security-Policy, as a header says it.
#[must_use]
pub fn policy(allowed: &Allowed) -> String {
    join(allowed, |_| true)
}

/// The part of the policy that a `<meta>` element can say, for hosts that send no headers.
pub(crate) fn policy_in_page(allowed: &Allowed) -> String {
    join(allowed, |directive| !HEADER_ONLY.contains(&directive))
}

fn join(allowed: &Allowed, keep: impl Fn(&str) -> bool) -> String {
    let mut directives = Vec::new();
    for (name, value) in DIRECTIVES.iter().filter(|(name, _)| keep(name)) {
        let more: Vec<&str> = match *name {
            "connect-src" => allowed.api.iter().map(Origin::as_str).collect(),
            "script-src" => allowed.scripts.iter().map(String::as_str).collect(),
            "style-src" => allowed.styles.iter().map(String::as_str).collect(),
            _ => Vec::new(),
        };
        directives.push([&[*name, *value], more.as_slice()].concat().join(" "));
    }
    directives.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that a page can be allowed.
    fn all() -> Allowed {
        Allowed {
            api: Some(Origin::parse("https://keys.example.org").expect("an origin")),
            scripts: vec!["'sha256-c2NyaXB0'".to_owned(), "'sha256-bW9yZQ=='".to_owned()],
            styles: vec!["'sha256-c3R5bGU='".to_owned()],
        }
    }

    fn value(headers: &[Header], name: &str) -> String {
        let found: Vec<_> = headers.iter().filter(|(found, _)| *found == name).collect();
        assert_eq!(found.len(), 1, "{name} in {headers:?}");
        found[0].1.clone().into_owned()
    }

    #[test]
    fn the_policy_opens_nothing_that_the_app_does_not_need() {
        let none = Allowed::default();
        for policy in [policy(&none), policy(&all()), policy_in_page(&all())] {
            let words: Vec<&str> = policy.split([' ', ';']).collect();
            for open in
                ["'unsafe-inline'", "'unsafe-eval'", "data:", "blob:", "*", "http:", "https:"]
            {
                assert!(!words.contains(&open), "{open} in {policy}");
            }
            assert!(policy.starts_with("default-src 'none'; "), "{policy}");
        }
    }

    #[test]
    fn what_is_allowed_to_a_page_stands_in_its_directive_and_nowhere_else() {
        let (none, all) = (policy(&Allowed::default()), policy(&all()));
        for (directive, without, with) in [
            ("connect-src", "'self'", " https://keys.example.org"),
            ("script-src", "'self' 'wasm-unsafe-eval'", " 'sha256-c2NyaXB0' 'sha256-bW9yZQ=='"),
            ("style-src", "'self'", " 'sha256-c3R5bGU='"),
        ] {
            assert!(none.contains(&format!("; {directive} {without}; ")), "{none}");
            assert!(all.contains(&format!("; {directive} {without}{with}; ")), "{all}");
            assert_eq!(all.matches(with).count(), 1, "{all}");
        }
    }

    #[test]
    fn a_page_loses_only_its_frame_ancestors_without_headers() {
        let lost: Vec<String> = policy(&all())
            .split("; ")
            .filter(|directive| !policy_in_page(&all()).contains(directive))
            .map(str::to_owned)
            .collect();
        assert_eq!(lost, ["frame-ancestors 'none'"]);
    }

    #[test]
    fn every_answer_has_each_header_once() {
        for kind in [Kind::Page, Kind::File, Kind::Nothing] {
            let headers = headers(kind, &all());
            for name in [
                "Cache-Control",
                "Content-Security-Policy",
                "Cross-Origin-Resource-Policy",
                "Referrer-Policy",
                "X-Content-Type-Options",
            ] {
                assert!(!value(&headers, name).is_empty());
            }
        }
        assert_eq!(value(&headers(Kind::Page, &all()), "Cache-Control"), "no-store");
        assert!(value(&headers(Kind::File, &all()), "Cache-Control").ends_with("immutable"));
    }

    #[test]
    fn values_can_stand_between_double_quotes_in_every_configuration() {
        for kind in [Kind::Page, Kind::File, Kind::Nothing] {
            for (name, value) in headers(kind, &all()).into_iter().chain([OVER_TLS]) {
                let plain = |c: char| c.is_ascii_graphic() && !"\"\\$%{}`".contains(c) || c == ' ';
                assert!(value.chars().all(plain), "{name}: {value}");
            }
        }
    }
}
