//! Building the static site.
//!
//! Trunk builds into the target folder; [`finish`] turns that into the site that is served, as
//! steps over files; only then does the new `dist/` take the place of the old one, so a failed
//! build leaves a working site alone.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::process::{Failure, Result, command, run, say};
use crate::toolchain::Toolchain;
use crate::tools::Toolbox;
use crate::workspace::Workspace;

/// The endings of files that shrink; images and fonts are compressed already.
const COMPRESSIBLE: [&str; 8] = ["html", "js", "css", "wasm", "svg", "json", "txt", "webmanifest"];

/// What the person who builds may choose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Where the Key API is; without it, where the site itself is.
    pub(crate) api: Option<Origin>,
    /// Under which path the site will lie; without it, the site finds its files from any path.
    pub(crate) base: Option<BasePath>,
}

/// A file of the finished site and how many bytes it takes on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Weight {
    name: String,
    raw: usize,
    brotli: Option<usize>,
}

/// Builds the release site and gives the folder that holds it.
pub(crate) fn build(
    workspace: &Workspace,
    toolchain: &Toolchain,
    options: &Options,
) -> Result<PathBuf> {
    let tools = Toolbox::open()?.build_tools(workspace)?;
    toolchain.fetch_crates(workspace)?;

    say("Building the site (2 to 5 minutes the first time, seconds when little changed).");
    // Clones may share a target folder, and trunk empties this one at its start.
    let built = workspace.target.join(format!("site-{}", std::process::id()));
    let mut trunk = command(&tools.trunk);
    toolchain.prepare(&mut trunk, workspace, &tools.folders)?;
    trunk
        .current_dir(&workspace.root)
        .args(["build", "--release", "--offline", "--locked", "--public-url"])
        .arg(options.base.as_ref().map_or("./", BasePath::as_str))
        .arg("--dist")
        .arg(&built)
        // Trunk refuses to start when this common variable holds `1` and not `true`.
        .env_remove("NO_COLOR");
    let dist = workspace.root.join("dist");
    let next = workspace.root.join("dist.next");
    let _ = fs::remove_dir_all(&next);
    let finished = run(&mut trunk, "`trunk build`").and_then(|()| {
        say("Compressing the site.");
        finish(&built, &next, options)
    });
    let _ = fs::remove_dir_all(&built);
    let weights = finished.inspect_err(|_| {
        let _ = fs::remove_dir_all(&next);
    })?;
    replace(&dist, &next)?;
    print!("{}", table(&weights));
    say(format!("The site is in {}.", dist.display()));
    Ok(dist)
}

/// Copies the files that trunk built from `from` to `to`, each changed and compressed as the site
/// needs it.
fn finish(from: &Path, to: &Path, options: &Options) -> Result<Vec<Weight>> {
    let mut weights = Vec::new();
    for name in files(from)? {
        let source = from.join(&name);
        let mut bytes =
            fs::read(&source).map_err(|error| Failure::file("Reading", &source, &error))?;
        if name == Path::new("index.html")
            && let Some(api) = &options.api
        {
            bytes = with_key_api(&String::from_utf8_lossy(&bytes), api)?.into_bytes();
        }
        let target = to.join(&name);
        write(&target, &bytes)?;
        let mut brotli = None;
        if is_compressible(&name) {
            let small =
                brotlied(&bytes).map_err(|error| Failure::file("Compressing", &source, &error))?;
            brotli = Some(small.len());
            write(&with_ending(&target, "br"), &small)?;
            let small =
                gzipped(&bytes).map_err(|error| Failure::file("Compressing", &source, &error))?;
            write(&with_ending(&target, "gz"), &small)?;
        }
        weights.push(Weight { name: name.display().to_string(), raw: bytes.len(), brotli });
    }
    Ok(weights)
}

/// All files under `folder`, by their paths inside it, in the order of their names.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    fn walk(folder: &Path, inside: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let inside = inside.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                walk(&entry.path(), &inside, found)?;
            } else {
                found.push(inside);
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    walk(folder, Path::new(""), &mut found)
        .map_err(|error| Failure::file("Listing", folder, &error))?;
    found.sort();
    Ok(found)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|error| Failure::file("Creating", folder, &error))?;
    fs::write(path, bytes).map_err(|error| Failure::file("Writing", path, &error))
}

/// Puts the folder `next` where `dist` is.
fn replace(dist: &Path, next: &Path) -> Result<()> {
    if dist.exists() {
        fs::remove_dir_all(dist).map_err(|error| Failure::file("Removing", dist, &error))?;
    }
    fs::rename(next, dist).map_err(|error| Failure::file("Creating", dist, &error))
}

/// The page with the address of the Key API written into its `key-api` meta element.
fn with_key_api(html: &str, api: &Origin) -> Result<String> {
    let missing = || {
        Failure::new(
            "index.html has no <meta name=\"key-api\"> to write the Key API's address into.",
            "Put the element back, then build again.",
        )
    };
    // The minifier may drop quotes and reorder attributes, so the whole element is replaced.
    let (start, element) = html
        .match_indices("<meta")
        .filter_map(|(start, _)| {
            let rest = html.get(start..)?;
            Some((start, rest.get(..=rest.find('>')?)?))
        })
        .find(|(_, element)| {
            ["name=\"key-api\"", "name='key-api'", "name=key-api"]
                .iter()
                .any(|name| element.contains(name))
        })
        .ok_or_else(missing)?;
    let (before, rest) = html.split_at(start);
    let after = rest.get(element.len()..).ok_or_else(missing)?;
    Ok(format!("{before}<meta name=\"key-api\" content=\"{}\">{after}", api.as_str()))
}

fn is_compressible(name: &Path) -> bool {
    name.extension()
        .and_then(|ending| ending.to_str())
        .is_some_and(|ending| COMPRESSIBLE.contains(&ending))
}

/// `app.js` with `br` is `app.js.br`.
fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn brotlied(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let parameters = BrotliEncoderParams { quality: 11, lgwin: 24, ..Default::default() };
    let mut small = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut small, &parameters)?;
    Ok(small)
}

fn gzipped(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn table(weights: &[Weight]) -> String {
    let width = weights.iter().map(|weight| weight.name.len()).max().unwrap_or(0).max(5);
    let mut text = format!("{:<width$}  {:>10}  {:>10}\n", "file", "bytes", "brotli");
    let mut row = |name: &str, raw: usize, brotli: Option<usize>| {
        let brotli = brotli.map_or_else(|| "-".to_owned(), |bytes| bytes.to_string());
        text.push_str(&format!("{name:<width$}  {raw:>10}  {brotli:>10}\n"));
    };
    for weight in weights {
        row(&weight.name, weight.raw, weight.brotli);
    }
    let wire = weights.iter().map(|weight| weight.brotli.unwrap_or(weight.raw)).sum();
    row("total", weights.iter().map(|weight| weight.raw).sum(), Some(wire));
    text
}

/// The scheme, host and port of a Key API, such as `https://keys.example.org:8443`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin(String);

impl Origin {
    /// Takes an address apart and refuses everything that is not an origin alone.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let refuse = |why: &str| {
            Failure::new(
                format!("`{text}` is not the address of a Key API: {why}."),
                "Give the scheme, the host and the port if it is unusual, such as `--api https://keys.example.org`.",
            )
        };
        let lower = text.to_ascii_lowercase();
        let (scheme, rest) = lower
            .split_once("://")
            .ok_or_else(|| refuse("it does not start with http:// or https://"))?;
        if !matches!(scheme, "http" | "https") {
            return Err(refuse("only http and https can be asked by a browser"));
        }
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains('@') {
            return Err(refuse("a user name or password would be published with the site"));
        }
        if authority.contains(['/', '?', '#']) {
            return Err(refuse("it has a path, a query or a fragment after the host"));
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        if let Some(port) = port
            && !port.parse::<u16>().is_ok_and(|port| port > 0)
        {
            return Err(refuse("the port is not a number from 1 to 65535"));
        }
        if !is_host(host) {
            return Err(refuse("the host is missing or holds a character that hosts do not have"));
        }
        Ok(Self(format!("{scheme}://{authority}")))
    }

    /// The origin as browsers write it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    host.split('.').all(|label| {
        !label.is_empty()
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    })
}

/// A path with a slash at both ends, such as `/keys/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BasePath(String);

impl BasePath {
    /// Adds the slashes that are missing and refuses what is not a plain path.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let plain = text.split('/').all(|part| {
            part != "."
                && part != ".."
                && part.chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c))
        });
        let inner = text.trim_matches('/');
        if !plain || inner.contains("//") || text.is_empty() {
            return Err(Failure::new(
                format!("`{text}` is not a path that a site can lie under."),
                "Give letters, digits, `-`, `.`, `_`, `~` and single slashes, such as `--base /keys/`.",
            ));
        }
        Ok(Self(if inner.is_empty() { "/".to_owned() } else { format!("/{inner}/") }))
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::io::Read;
    use std::process;

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
            "https://keys\"><script>",
            "https://[::1",
            "https://[keys]",
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

    #[test]
    fn the_address_is_written_into_the_page() {
        let api = Origin::parse("https://keys.example.org").expect("it is an origin");
        let written = "<head><meta charset=utf-8><meta name=\"key-api\" \
            content=\"https://keys.example.org\"><title>x</title>";
        for page in [
            "<head><meta charset=utf-8><meta name=\"key-api\" content=\"\"><title>x</title>",
            "<head><meta charset=utf-8><meta name=key-api content><title>x</title>",
            "<head><meta charset=utf-8><meta content='' name='key-api' /><title>x</title>",
        ] {
            assert_eq!(with_key_api(page, &api).as_deref(), Ok(written), "{page}");
        }
        assert!(with_key_api("<head><meta charset=utf-8>", &api).is_err());
        assert!(with_key_api("<meta name=key-api", &api).is_err());
    }

    #[test]
    fn a_finished_site_is_whole_and_compressed() {
        let folder = env::temp_dir().join(format!("occam-keys-site-{}", process::id()));
        let (from, to) = (folder.join("from"), folder.join("to"));
        let page = "<meta name=key-api content>".repeat(40);
        write(&from.join("index.html"), page.as_bytes()).expect("the folder is writable");
        write(&from.join("icons/a.png"), b"png").expect("the folder is writable");
        let weights = finish(&from, &to, &Options::default()).expect("the site is small and plain");
        assert_eq!(
            files(&to).expect("it was just written"),
            ["icons/a.png", "index.html", "index.html.br", "index.html.gz"].map(PathBuf::from)
        );
        let mut plain = Vec::new();
        brotli::BrotliDecompress(
            &mut &*fs::read(to.join("index.html.br")).expect("it was listed"),
            &mut plain,
        )
        .expect("brotli made it");
        assert_eq!(plain, page.as_bytes());
        let mut plain = String::new();
        let gz = fs::read(to.join("index.html.gz")).expect("it was listed");
        flate2::read::GzDecoder::new(&*gz).read_to_string(&mut plain).expect("gzip made it");
        assert_eq!(plain, page);
        assert_eq!(weights.first().map(|weight| (weight.raw, weight.brotli)), Some((3, None)));
        fs::remove_dir_all(&folder).expect("the test made it");
    }

    #[test]
    fn the_table_sums_what_goes_over_the_wire() {
        let weight = |name: &str, raw, brotli| Weight { name: name.to_owned(), raw, brotli };
        let text = table(&[weight("a.js", 1000, Some(300)), weight("b.png", 50, None)]);
        assert_eq!(
            text,
            "file        bytes      brotli\n\
             a.js         1000         300\n\
             b.png          50           -\n\
             total        1050         350\n"
        );
    }
}
