//! Configurations for servers that send the site, made from [`crate::headers`].
//!
//! Each answers with the page at the folder's address, with the files whose names carry a hash,
//! precompressed where the server can, and with 404 for all else. The page itself is compressed
//! on the fly, if at all: a copy beside it would outlive a change by hand.

use crate::address::BasePath;
use crate::headers::{Allowed, Header, Kind, OVER_TLS, headers};

/// Where and what a server is to serve.
#[derive(Clone, Debug)]
pub struct Setup<'a> {
    /// What the page is allowed.
    pub allowed: &'a Allowed,
    /// The path that the site lies under.
    pub base: &'a BasePath,
    /// The folder of the site on the server.
    pub root: &'a str,
    /// The files that [`is_named_by_hash`] knows, by name.
    pub files: &'a [String],
}

/// A configuration by the name of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// The name of its file.
    pub name: &'static str,
    /// Its text.
    pub text: String,
}

/// What the names of all files but the page match, as every server understands it: the shape that
/// [`is_named_by_hash`] knows.
const FILE: &str = "[A-Za-z0-9_.-]+-[0-9a-f]{16}(_bg)?\\.(css|js|json|svg|wasm)";

/// The endings of the files, and how they are to be announced.
const TYPES: [(&str, &str); 5] = [
    ("css", "text/css"),
    ("js", "text/javascript"),
    ("json", "application/json"),
    ("svg", "image/svg+xml"),
    ("wasm", "application/wasm"),
];

/// Whether the hash of a file's content is in its name, as the site's build puts it there: sixteen
/// hexadecimal digits behind the last `-`, as in `main-1f3c5b7d9a0e2468.css` and, of the
/// WebAssembly, `occam-keys-1f3c5b7d9a0e2468_bg.wasm`. Such a file never changes, because another
/// content has another name. The configurations serve these files and the page, and no other.
#[must_use]
pub fn is_named_by_hash(name: &str) -> bool {
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    let stem = stem.strip_suffix("_bg").unwrap_or(stem);
    let Some((start, hash)) = stem.rsplit_once('-') else { return false };
    TYPES.iter().any(|(known, _)| *known == ending)
        && !start.is_empty()
        && start.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
        && hash.len() == 16
        && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Every configuration there is.
#[must_use]
pub fn configurations(setup: &Setup<'_>) -> [Configuration; 4] {
    [
        Configuration { name: "nginx.conf", text: nginx(setup) },
        Configuration { name: "Caddyfile", text: caddy(setup) },
        Configuration { name: "apache.conf", text: apache(setup) },
        Configuration { name: "_headers", text: static_host(setup) },
    ]
}

fn heading(how: &str) -> String {
    format!("# Occam Keys. Made by `cargo xtask deploy`, as docs/DEPLOY.md tells. {how}\n")
}

/// A line for each header, between `before` and `after`.
fn lines(headers: &[Header], indent: &str, before: &str, between: &str, after: &str) -> String {
    headers
        .iter()
        .map(|(name, value)| format!("{indent}{before}{name}{between}{value}{after}\n"))
        .collect()
}

/// To be included in a `server` block.
fn nginx(setup: &Setup<'_>) -> String {
    let Setup { allowed, base, root, .. } = setup;
    let (tls_name, tls_value) = OVER_TLS;
    let add = |kind, after| {
        let mut lines =
            lines(&headers(kind, allowed), "    ", "add_header ", " \"", &format!("\"{after};"));
        lines.push_str(&format!("    add_header {tls_name} $occam_keys_over_tls{after};\n"));
        lines
    };
    // nginx has its own opinion of some types; here all are said.
    let types: String = TYPES.iter().map(|(ending, what)| format!(" {what} {ending};")).collect();
    let slash = base.without_slash().map_or_else(String::new, |path| {
        format!("location = {path} {{\n    absolute_redirect off;\n    return 308 {path}/;\n}}\n")
    });
    let (page, file, nothing) =
        (add(Kind::Page, " always"), add(Kind::File, ""), add(Kind::Nothing, " always"));
    let (base, pattern) = (base.as_str(), base.as_str().replace('.', "\\."));
    format!(
        "{heading}\
server_tokens off;
set $occam_keys_over_tls \"\";
if ($https) {{
    set $occam_keys_over_tls \"{tls_value}\";
}}
{slash}location = {base} {{
    rewrite ^ {base}index.html last;
}}
location = {base}index.html {{
    alias \"{root}/index.html\";
    types {{ text/html html; }}
    charset utf-8;
    gzip on;
    etag off;
    if_modified_since off;
{page}}}
location ~ \"^{pattern}({FILE})$\" {{
    alias \"{root}/$1\";
    types {{{types} }}
    charset utf-8;
    charset_types text/css text/javascript;
    gzip_static on;
    # With the module ngx_brotli, a fifth less is sent: brotli_static on;
    error_page 404 = @occam_keys_nothing;
{file}}}
location {base} {{
    error_page 404 = @occam_keys_nothing;
    return 404;
}}
location @occam_keys_nothing {{
{nothing}    return 404;
}}
",
        heading = heading("Include it in a `server` block."),
    )
}

/// To be imported into a site block.
fn caddy(setup: &Setup<'_>) -> String {
    let Setup { allowed, base, root, .. } = setup;
    let set = |kind| lines(&headers(kind, allowed), "\t\t\t", "", " \"", "\"");
    let (tls_name, tls_value) = OVER_TLS;
    let slash =
        base.without_slash().map_or_else(String::new, |path| format!("redir {path} {path}/ 308\n"));
    format!(
        "{heading}\
{slash}handle_path {base}* {{
\troot * \"{root}\"
\theader -Server
\t@over_tls protocol https
\theader @over_tls {tls_name} \"{tls_value}\"
\t@page path / /index.html
\thandle @page {{
\t\theader {{
\t\t\t-Etag
\t\t\t-Last-Modified
\t\t\tdefer
\t\t}}
\t\theader {{
{page}\t\t}}
\t\trewrite * /index.html
\t\tencode gzip
\t\tfile_server
\t}}
\t@file {{
\t\tpath_regexp ^/{FILE}$
\t\tfile
\t}}
\thandle @file {{
\t\theader {{
{file}\t\t}}
\t\tfile_server {{
\t\t\tprecompressed br gzip
\t\t}}
\t}}
\thandle {{
\t\theader {{
{nothing}\t\t}}
\t\trespond 404
\t}}
}}
",
        heading = heading("Import it into a site block."),
        base = base.as_str(),
        page = set(Kind::Page),
        file = set(Kind::File),
        nothing = set(Kind::Nothing),
    )
}

/// To be included in a `VirtualHost`.
fn apache(setup: &Setup<'_>) -> String {
    let Setup { allowed, base, root, .. } = setup;
    let set = |kind, after: &str| {
        lines(
            &headers(kind, allowed),
            "        ",
            "Header always set ",
            " \"",
            &format!("\"{after}"),
        )
    };
    let (tls_name, tls_value) = OVER_TLS;
    let types: String =
        TYPES.iter().map(|(ending, what)| format!("    AddType {what} .{ending}\n")).collect();
    let slash = base.without_slash().map_or_else(String::new, |path| {
        format!("RedirectMatch 308 \"^{}$\" \"{path}/\"\n", path.replace('.', "\\."))
    });
    // Errors of files that are not there come without a file to match, so the headers of an error
    // are those of the folder.
    format!(
        "{heading}\
# It needs mod_alias, mod_dir, mod_headers, mod_mime and mod_rewrite.
{slash}Alias \"{base}\" \"{root}/\"
<Directory \"{root}\">
    Require all granted
    # mod_rewrite asks for it.
    Options SymLinksIfOwnerMatch
    AllowOverride None
    DirectoryIndex index.html
    FileETag None
{types}    AddType text/html .html
    AddCharset utf-8 .css .html .js
    <IfModule mod_headers.c>
{nothing}        Header always set {tls_name} \"{tls_value}\" \"expr=%{{HTTPS}} == 'on'\"
    </IfModule>
    <Files \"index.html\">
{page}    </Files>
    <FilesMatch \"^{FILE}(\\.br|\\.gz)?$\">
{file}    </FilesMatch>
    RewriteEngine On
    RewriteBase \"{base}\"
    RewriteCond %{{HTTP:Accept-Encoding}} \\bbr\\b
    RewriteCond %{{REQUEST_FILENAME}}.br -f
    RewriteRule \"^({FILE})$\" \"$1.br\" [L,E=no-gzip:1,E=no-brotli:1]
    RewriteCond %{{HTTP:Accept-Encoding}} \\bgzip\\b
    RewriteCond %{{REQUEST_FILENAME}}.gz -f
    RewriteRule \"^({FILE})$\" \"$1.gz\" [L,E=no-gzip:1,E=no-brotli:1]
    RewriteCond %{{REQUEST_FILENAME}} !-d
    RewriteRule \"!^(index\\.html|{FILE}(\\.br|\\.gz)?)?$\" - [R=404,L]
    <FilesMatch \"^{FILE}\\.br$\">
        RemoveType .br
        AddEncoding br .br
        Header always merge Vary Accept-Encoding
    </FilesMatch>
    <FilesMatch \"^{FILE}\\.gz$\">
        RemoveType .gz
        AddEncoding gzip .gz
        Header always merge Vary Accept-Encoding
    </FilesMatch>
</Directory>
",
        heading = heading("Include it in a `VirtualHost`."),
        base = base.as_str(),
        page = set(Kind::Page, ""),
        file = set(Kind::File, " \"expr=%{REQUEST_STATUS} != 404\""),
        nothing = set(Kind::Nothing, ""),
    )
}

/// The `_headers` file of static hosts such as Netlify and Cloudflare Pages, which serve over TLS.
///
/// Such hosts join the values of every rule that matches, so no header is in two of them: what
/// all answers share is said for all, and the rest for each file by its name.
fn static_host(setup: &Setup<'_>) -> String {
    let kinds = [Kind::Page, Kind::File, Kind::Nothing].map(|kind| headers(kind, setup.allowed));
    let [page, file, nothing] = &kinds;
    let is_shared = |header: &Header| kinds.iter().all(|headers| headers.contains(header));
    let shared: Vec<Header> =
        nothing.iter().filter(|header| is_shared(header)).cloned().chain([OVER_TLS]).collect();
    let own = |headers: &[Header]| -> Vec<Header> {
        headers.iter().filter(|header| !is_shared(header)).cloned().collect()
    };
    let rule = |path: &str, headers: &[Header]| {
        format!("{}{path}\n{}", setup.base.as_str(), lines(headers, "  ", "", ": ", ""))
    };
    let mut text = heading("Put it into the site's folder.");
    text.push_str(&rule("*", &shared));
    text.push_str(&rule("", &own(page)));
    text.push_str(&rule("index.html", &own(page)));
    for name in setup.files {
        text.push_str(&rule(name, &own(file)));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::address::Origin;

    /// The headers of one kind of answer, as a configuration says them.
    type Said = BTreeMap<String, String>;

    const FILE_NAME: &str = "main-0123456789abcdef.css";

    fn with_configurations(check: impl Fn(&Setup<'_>, &dyn Fn(&str) -> String)) {
        let all = Allowed {
            api: Some(Origin::parse("https://keys.example.org").expect("an origin")),
            scripts: vec!["'sha256-c2NyaXB0'".to_owned()],
            styles: vec!["'sha256-c3R5bGU='".to_owned()],
        };
        let files = [FILE_NAME.to_owned()];
        for allowed in [&Allowed::default(), &all] {
            for base in ["/", "/a.b/c/"] {
                let base = BasePath::parse(base).expect("a path");
                let setup = Setup { allowed, base: &base, root: "/srv/occam-keys", files: &files };
                let made = configurations(&setup);
                check(&setup, &|name| {
                    let found = made.iter().find(|made| made.name == name);
                    found.expect("it is made").text.clone()
                });
            }
        }
    }

    fn source(kind: Kind, allowed: &Allowed) -> Said {
        headers(kind, allowed)
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect()
    }

    /// The text from the line that starts with `first` to the line `last`.
    fn section<'a>(text: &'a str, first: &str, last: &str) -> &'a str {
        let (_, rest) = text.split_once(first).unwrap_or_else(|| panic!("no {first:?} in {text}"));
        rest.split_once(last).unwrap_or_else(|| panic!("no {last:?} behind {first:?}")).0
    }

    /// The headers in the lines of a section that start with `before`.
    fn said(section: &str, before: &str) -> Said {
        let mut said = Said::new();
        for line in section.lines().filter_map(|line| line.trim_start().strip_prefix(before)) {
            let Some((name, rest)) = line.split_once(" \"") else { continue };
            let value = rest.split('"').next().unwrap_or_default();
            let twice = said.insert(name.to_owned(), value.to_owned());
            assert_eq!(twice, None, "{name} twice in {section}");
        }
        said
    }

    #[test]
    fn nginx_sends_what_the_source_says() {
        with_configurations(|setup, made| {
            let (text, base) = (made("nginx.conf"), setup.base.as_str());
            let page = format!("\nlocation = {base}index.html {{");
            let over_tls = format!("    add_header {} $occam_keys_over_tls", OVER_TLS.0);
            for (first, kind) in [
                (&*page, Kind::Page),
                ("\nlocation ~ ", Kind::File),
                ("\nlocation @occam_keys_nothing {", Kind::Nothing),
            ] {
                let section = section(&text, first, "\n}\n");
                assert_eq!(said(section, "add_header "), source(kind, setup.allowed));
                assert!(section.contains(&over_tls), "{section}");
                // A 404 must not be kept for a year.
                let always = section.matches("\" always;").count();
                assert_eq!(always > 0, kind != Kind::File, "{section}");
            }
            assert!(text.contains(&format!("set $occam_keys_over_tls \"{}\";", OVER_TLS.1)));
        });
    }

    #[test]
    fn caddy_sends_what_the_source_says() {
        with_configurations(|setup, made| {
            let text = made("Caddyfile");
            for (first, kind) in [
                ("\thandle @page {", Kind::Page),
                ("\thandle @file {", Kind::File),
                ("\thandle {", Kind::Nothing),
            ] {
                let said = said(section(&text, first, "\n\t}\n"), "");
                assert_eq!(said, source(kind, setup.allowed));
            }
            assert!(text.contains(&format!("header @over_tls {} \"{}\"", OVER_TLS.0, OVER_TLS.1)));
        });
    }

    #[test]
    fn apache_sends_what_the_source_says() {
        with_configurations(|setup, made| {
            let text = made("apache.conf");
            let of_folder = said(
                section(&text, "<IfModule mod_headers.c>", "</IfModule>"),
                "Header always set ",
            );
            let mut nothing = source(Kind::Nothing, setup.allowed);
            nothing.insert(OVER_TLS.0.to_owned(), OVER_TLS.1.clone().into_owned());
            assert_eq!(of_folder, nothing);
            for (first, last, kind) in [
                ("<Files \"index.html\">", "</Files>", Kind::Page),
                ("<FilesMatch ", "</FilesMatch>", Kind::File),
            ] {
                let said = said(section(&text, first, last), "Header always set ");
                assert_eq!(said, source(kind, setup.allowed));
            }
        });
    }

    #[test]
    fn static_hosts_send_what_the_source_says() {
        with_configurations(|setup, made| {
            let text = made("_headers");
            let mut rules: BTreeMap<String, Said> = BTreeMap::new();
            let mut path = String::new();
            for line in text.lines().filter(|line| !line.starts_with('#')) {
                match line.strip_prefix("  ").map(|line| line.split_once(": ")) {
                    Some(Some((name, value))) => {
                        let rule = rules.entry(path.clone()).or_default();
                        assert_eq!(rule.insert(name.to_owned(), value.to_owned()), None);
                    }
                    Some(None) => panic!("{line}"),
                    None => line.clone_into(&mut path),
                }
            }
            let base = setup.base.as_str();
            let everywhere = rules[&format!("{base}*")].clone();
            for (name, kind) in
                [("", Kind::Page), ("index.html", Kind::Page), (FILE_NAME, Kind::File)]
            {
                let mut joined = rules[&format!("{base}{name}")].clone();
                for (name, value) in &everywhere {
                    let twice = joined.insert(name.clone(), value.clone());
                    assert_eq!(twice, None, "the host would send {name} twice");
                }
                let mut wanted = source(kind, setup.allowed);
                wanted.insert(OVER_TLS.0.to_owned(), OVER_TLS.1.into_owned());
                assert_eq!(joined, wanted, "{name}");
            }
        });
    }

    #[test]
    fn the_path_and_the_folder_are_in_every_configuration() {
        with_configurations(|setup, made| {
            for name in ["nginx.conf", "Caddyfile", "apache.conf"] {
                assert!(made(name).contains(setup.root), "{name}");
                assert!(made(name).contains(setup.base.as_str()), "{name}");
            }
            if setup.base.as_str() != "/" {
                assert!(made("nginx.conf").contains("location = /a.b/c {"));
                assert!(made("nginx.conf").contains("location ~ \"^/a\\.b/c/("));
            }
        });
    }

    #[test]
    fn files_are_known_by_the_hash_in_their_names() {
        for name in [
            FILE_NAME,
            "occam-keys-0123456789abcdef.js",
            "occam-keys-0123456789abcdef_bg.wasm",
            "icon-0123456789abcdef.svg",
        ] {
            assert!(is_named_by_hash(name), "{name}");
        }
        for name in [
            "index.html",
            "boot.js",
            "main-0123.css",
            "main-0123456789abcde.css",
            "main-0123456789abcdef0.css",
            "main-0123456789abcdef_.css",
            "main-0123456789ABCDEF.css",
            "main-0123456789abcdef.png",
            "a/main-0123456789abcdef.css",
            "-0123456789abcdef.css",
            "main-0123456789abcdef.css.br",
        ] {
            assert!(!is_named_by_hash(name), "{name}");
        }
    }
}
