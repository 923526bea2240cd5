//! The built front end as static files.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;
use tower_http::services::ServeDir;

use crate::error::ApiError;

/// A folder of files to serve, `index.html` among them.
#[derive(Clone, Debug)]
pub struct Site {
    files: ServeDir,
}

/// Why a folder cannot be served.
#[derive(Debug)]
pub struct SiteError {
    folder: PathBuf,
    error: io::Error,
}

const PAGE: &str = "/index.html";

/// What the page may load and do: its own scripts (WebAssembly among them), styles, pictures
/// and fonts, and calls to its own origin. The rest of the headers keep other pages away from
/// it, and it away from what it has no use for.
const PAGE_HEADERS: [(HeaderName, &str); 8] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'; frame-src 'none'; \
         object-src 'none'; worker-src 'none'",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("origin-agent-cluster"), "?1"),
    (
        HeaderName::from_static("permissions-policy"),
        "accelerometer=(), camera=(), clipboard-read=(), clipboard-write=(self), \
         display-capture=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), \
         microphone=(), midi=(), payment=(), publickey-credentials-get=(), \
         screen-wake-lock=(), serial=(), usb=(), browsing-topics=()",
    ),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::X_DNS_PREFETCH_CONTROL, "off"),
    // Together with the same on the API's answers it keeps a signed-out page out of the
    // browser's back-forward cache; `no-cache` does not.
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
];

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

impl Site {
    /// A site of the files in `folder`.
    ///
    /// # Errors
    /// [`SiteError`] if there is no `index.html` in it.
    pub fn open(folder: &Path) -> Result<Self, SiteError> {
        let index = folder.join("index.html").metadata().and_then(|index| {
            if index.is_file() { Ok(()) } else { Err(io::ErrorKind::NotFound.into()) }
        });
        index.map_err(|error| SiteError { folder: folder.to_owned(), error })?;
        let files = ServeDir::new(folder)
            .append_index_html_on_directories(false)
            .precompressed_br()
            .precompressed_gzip();
        Ok(Self { files })
    }

    /// The page itself.
    pub(crate) async fn page(&self, mut request: Request) -> Response {
        *request.uri_mut() = Uri::from_static(PAGE);
        for conditional in [header::IF_MODIFIED_SINCE, header::IF_NONE_MATCH, header::RANGE] {
            request.headers_mut().remove(conditional);
        }
        let mut response = self.file(request).await;
        if response.status() == StatusCode::OK {
            let headers = response.headers_mut();
            headers.remove(header::LAST_MODIFIED);
            headers.remove(header::ETAG);
            headers.remove(header::ACCEPT_RANGES);
            for (name, value) in PAGE_HEADERS {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
        response
    }

    /// Any file but the page. A file that is not there is a 404, never the page in its place,
    /// and neither is another HTML file, which would come without the page's headers.
    pub(crate) async fn asset(&self, request: Request) -> Response {
        let name = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        let mut response = self.file(request).await;
        if !response.status().is_success() && response.status() != StatusCode::NOT_MODIFIED {
            return response;
        }
        let headers = response.headers_mut();
        if headers.get(header::CONTENT_TYPE).is_some_and(is_html) {
            return NOT_FOUND.into_response();
        }
        let cache = if is_named_by_hash(&name) { FOREVER } else { REVALIDATE };
        headers.insert(header::CACHE_CONTROL, cache);
        response
    }

    async fn file(&self, request: Request) -> Response {
        // `ServeDir` answers every request: its error type has no values.
        let Ok(response) = self.files.clone().oneshot(request).await;
        let status = response.status();
        if status.is_client_error() && status != StatusCode::RANGE_NOT_SATISFIABLE {
            return NOT_FOUND.into_response();
        }
        if status.is_server_error() {
            return ApiError::internal("a file of the site could not be read").into_response();
        }
        let mut response = response.map(Body::new);
        if let Some(typed) = response.headers().get(header::CONTENT_TYPE).and_then(with_charset) {
            response.headers_mut().insert(header::CONTENT_TYPE, typed);
        }
        response
    }
}

impl fmt::Display for SiteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { folder, error } = self;
        write!(f, "cannot serve the site {}: no index.html ({error})", folder.display())
    }
}

impl std::error::Error for SiteError {}

const NOT_FOUND: ApiError = ApiError::NotFound("Not Found");

/// Whether a file's name holds a hash of its content, as in `app-1f3c5b7d9a0e2468_bg.wasm`. Such
/// a file never changes: another content has another name.
fn is_named_by_hash(name: &str) -> bool {
    let Some((stem, _)) = name.split_once('.') else {
        return false;
    };
    stem.split('-').skip(1).any(|part| {
        let hash = part.split('_').next().unwrap_or_default();
        // A build tool that writes the hash as a number leaves out leading zeros.
        hash.len() >= 12 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    })
}

fn is_html(content_type: &HeaderValue) -> bool {
    let essence = content_type.as_bytes().split(|&byte| byte == b';').next();
    matches!(essence, Some(b"text/html" | b"application/xhtml+xml"))
}

/// A text type without a charset, with the one that every file of the site has.
fn with_charset(content_type: &HeaderValue) -> Option<HeaderValue> {
    let text = content_type.to_str().ok()?;
    let bare = text.starts_with("text/") && !text.contains(';');
    bare.then(|| HeaderValue::from_str(&format!("{text}; charset=utf-8")).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_hash_is_told_from_one_without() {
        for hashed in [
            "occam-keys-1f3c5b7d9a0e2468.js",
            "occam-keys-1f3c5b7d9a0e2468_bg.wasm",
            "style-f3c5b7d9a0e2468.css",
            "boot-1f3c5b7d9a0e24681f3c5b7d9a0e2468.js",
            "app-1f3c5b7d9a0e2468.js.br",
        ] {
            assert!(is_named_by_hash(hashed), "{hashed}");
        }
        for plain in
            ["index.html", "boot.js", "favicon.svg", "app-1f3c.js", "occam-keys.js", "", "a-b-c"]
        {
            assert!(!is_named_by_hash(plain), "{plain}");
        }
    }
}
