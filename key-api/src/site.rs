//! The built front end as static files.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::{fmt, fs, io};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use deploy::headers::{Allowed, Kind, headers};
use deploy::page::{self, PageError};
use deploy::servers::is_named_by_hash;
use tower::ServiceExt;
use tower_http::services::ServeDir;

use crate::error::ApiError;
use crate::log::FilePath;

/// A folder of files to serve, `index.html` among them.
#[derive(Clone, Debug)]
pub struct Site {
    files: ServeDir,
    /// The headers of the page, and those of a file that is named by its content.
    of_page: HeaderMap,
    of_file: HeaderMap,
}

/// Why a folder cannot be served.
#[derive(Debug)]
pub struct SiteError {
    folder: PathBuf,
    fault: Fault,
}

#[derive(Debug)]
enum Fault {
    NoPage(io::Error),
    Page(PageError),
    Compressed(&'static str),
}

const PAGE: &str = "/index.html";

/// For a file whose name does not hold the hash of its content. The front end's build makes none.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

impl Site {
    /// A site of the files in `folder`.
    ///
    /// # Errors
    /// [`SiteError`] if there is no `index.html` in it, or if it was changed by hand so that its
    /// parts do not fit together.
    pub fn open(folder: &Path) -> Result<Self, SiteError> {
        let failed = |fault| SiteError { folder: folder.to_owned(), fault };
        let index = folder.join("index.html");
        let html = fs::read(&index).map_err(|error| failed(Fault::NoPage(error)))?;
        let allowed = page::rules(&String::from_utf8_lossy(&html))
            .map_err(|error| failed(Fault::Page(error)))?;
        check_compressed(&index, &html).map_err(|what| failed(Fault::Compressed(what)))?;
        let files = ServeDir::new(folder)
            .append_index_html_on_directories(false)
            .precompressed_br()
            .precompressed_gzip();
        let headers = |kind| header_map(kind, &allowed);
        Ok(Self { files, of_page: headers(Kind::Page), of_file: headers(Kind::File) })
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
            headers.insert(header::CONTENT_TYPE, HTML);
            headers.extend(self.of_page.clone());
        }
        response
    }

    /// Any file but the page. A file that is not there is a 404, never the page in its place,
    /// and neither is another HTML file, which would come without the page's headers.
    pub(crate) async fn asset(&self, request: Request) -> Response {
        let path = request.uri().path().to_owned();
        let mut response = self.file(request).await;
        if !response.status().is_success() && response.status() != StatusCode::NOT_MODIFIED {
            return response;
        }
        let headers = response.headers_mut();
        if headers.get(header::CONTENT_TYPE).is_some_and(is_html) {
            return NOT_FOUND.into_response();
        }
        headers.extend(self.of_file.clone());
        if !path.rsplit('/').next().is_some_and(is_named_by_hash) {
            headers.insert(header::CACHE_CONTROL, REVALIDATE);
        }
        response.extensions_mut().insert(FilePath(path));
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
        let Self { folder, fault } = self;
        write!(f, "cannot serve the site {}: ", folder.display())?;
        match fault {
            Fault::NoPage(error) => write!(f, "no index.html ({error})"),
            Fault::Page(error) => {
                write!(f, "{error} (`cargo xtask deploy --api` sets both)")
            }
            Fault::Compressed(name) => {
                write!(
                    f,
                    "index.html was changed, and {name} hold the old page still; \
                     remove them"
                )
            }
        }
    }
}

impl std::error::Error for SiteError {}

/// The headers of one kind of answer, as axum wants them.
pub(crate) fn header_map(kind: Kind, allowed: &Allowed) -> HeaderMap {
    let pairs = headers(kind, allowed).into_iter().filter_map(|(name, value)| {
        // What the source holds is plain text, which its tests see to.
        Some((HeaderName::from_str(name).ok()?, HeaderValue::from_str(&value).ok()?))
    });
    pairs.collect()
}

/// Whether the page's compressed forms are of this page. A gzip file ends with the checksum and
/// the length of what it holds (RFC 1952); the brotli file is made together with it.
fn check_compressed(index: &Path, html: &[u8]) -> Result<(), &'static str> {
    let Ok(gzip) = fs::read(index.with_extension("html.gz")) else { return Ok(()) };
    let mut end = crc32fast::hash(html).to_le_bytes().to_vec();
    end.extend(u32::try_from(html.len()).unwrap_or_default().to_le_bytes());
    if gzip.ends_with(&end) {
        return Ok(());
    }
    Err("index.html.gz and index.html.br")
}

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const NOT_FOUND: ApiError = ApiError::NotFound("Not Found");

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
