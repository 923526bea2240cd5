//! What a request must be before anybody looks at what it says: for this host, not from a page
//! of another origin, and not too large.
//!
//! A server on the loopback interface is reachable by every page the user visits, either as
//! another origin or, after DNS rebinding, as what the browser believes to be the same one.

use std::net;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use deploy::address::Origin;
use http_body_util::BodyExt;

use crate::error::ApiError;

/// The largest body a request may have. The largest honest one is a few hundred bytes.
const BODY_LIMIT: usize = 64 * 1024;
/// How much of a body that is too large is read and thrown away. A client that is still sending
/// when the connection closes sees a broken connection instead of the answer.
const DRAIN_LIMIT: usize = 1024 * 1024;
/// How long a body may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// The hosts this server answers for.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    address: net::SocketAddr,
    more: Vec<String>,
}

/// Why a request's body cannot be had.
#[derive(Clone, Copy, Debug)]
pub(crate) enum BodyFault {
    TooLarge,
    TooSlow,
    BrokenOff,
}

impl Hosts {
    pub(crate) fn new(address: net::SocketAddr, more: &[String]) -> Self {
        Self { address, more: more.iter().map(|host| host.to_ascii_lowercase()).collect() }
    }

    /// Whether a `Host` header names this server: as the loopback host or the address it
    /// listens on, with its port, or as one of the hosts it was told, where one that was told
    /// without a port may come with any.
    fn allow(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let (name, port) = split_port(&host);
        if self.more.iter().any(|more| *more == host || more == name) {
            return true;
        }
        let own_port = match port {
            Some(port) => port.parse() == Ok(self.address.port()),
            None => self.address.port() == 80,
        };
        let own_address = match self.address.ip() {
            net::IpAddr::V4(ip) => ip.to_string(),
            net::IpAddr::V6(ip) => format!("[{ip}]"),
        };
        let own_name = ["localhost", "127.0.0.1", "[::1]"].contains(&name) || name == own_address;
        own_port && own_name
    }
}

impl From<BodyFault> for ApiError {
    fn from(fault: BodyFault) -> Self {
        match fault {
            BodyFault::TooLarge => Self::BodyTooLarge,
            BodyFault::TooSlow => Self::BodyTimeout,
            BodyFault::BrokenOff => Self::BadRequest("The request body broke off"),
        }
    }
}

/// Refuses a request that does not say for which host it is, or is for one that is not ours.
pub(crate) async fn check_host(
    State(hosts): State<Arc<Hosts>>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let host = requested_host(request.uri(), request.headers())
        .ok_or(ApiError::BadRequest("The request must name its host, and once"))?;
    if !hosts.allow(host) {
        return Err(ApiError::Misdirected);
    }
    Ok(next.run(request).await)
}

/// Refuses a request that could change something and was sent by a page of another origin.
pub(crate) async fn check_origin(
    State(allowed): State<Arc<[Origin]>>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    if request.method().is_safe() || *request.method() == Method::OPTIONS {
        return Ok(next.run(request).await);
    }
    if is_foreign(request.headers(), &allowed) {
        return Err(ApiError::CrossOrigin);
    }
    Ok(next.run(request).await)
}

/// Reads the body whole, within its limits of size and time. One that cannot be had leaves a
/// [`BodyFault`] in its place, because even such a request is to be metered.
pub(crate) async fn read_body(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let body = tokio::time::timeout(BODY_TIMEOUT, collect(body)).await;
    let body = body.unwrap_or(Err(BodyFault::TooSlow)).unwrap_or_else(|fault| {
        parts.extensions.insert(fault);
        Bytes::new()
    });
    next.run(Request::from_parts(parts, body.into())).await
}

/// Whether a browser says that the request comes from a page of an origin that is neither ours
/// nor allowed. Programs that are no browsers say nothing and are believed.
fn is_foreign(headers: &HeaderMap, allowed: &[Origin]) -> bool {
    let origin = headers.get(header::ORIGIN);
    if origin.is_some_and(|origin| allowed.iter().any(|allowed| origin == allowed.as_str())) {
        return false;
    }
    if let Some(site) = headers.get("sec-fetch-site") {
        return site != "same-origin" && site != "none";
    }
    let Some(origin) = origin else {
        return false;
    };
    // A browser that is too old for `Sec-Fetch-Site`: the origin's host must be the one the
    // request is for, which `check_host` has approved.
    let host = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, h)| h);
    let own = headers.get(header::HOST).and_then(|own| own.to_str().ok());
    host.is_none() || host != own
}

/// The host that a request is for (RFC 9112, section 3.2): that of its target, if it is a whole
/// address, else that of its one `Host`. `None` if there is no `Host`, more than one, or one that
/// is no host.
fn requested_host<'a>(target: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    let mut named = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (named.next(), named.next()) else { return None };
    let host = host.to_str().ok().filter(|host| host.parse::<Authority>().is_ok())?;
    Some(target.authority().map_or(host, Authority::as_str))
}

async fn collect(mut body: Body) -> Result<Bytes, BodyFault> {
    let announced = body.size_hint().lower();
    if announced > DRAIN_LIMIT as u64 {
        return Err(BodyFault::TooLarge);
    }
    let mut collected = Vec::new();
    let mut size = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| BodyFault::BrokenOff)?;
        let Ok(data) = frame.into_data() else { continue };
        size += data.len();
        if size <= BODY_LIMIT {
            collected.extend_from_slice(&data);
        } else if size > DRAIN_LIMIT {
            break;
        }
    }
    if size > BODY_LIMIT { Err(BodyFault::TooLarge) } else { Ok(collected.into()) }
}

/// A host's name and its port, if it has one. The colons within an IPv6 address are no ports.
fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (host, None),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_our_own_hosts_are_answered() {
        let hosts = |address: &str, more: &[&str]| {
            let more: Vec<_> = more.iter().map(|&host| host.to_owned()).collect();
            Hosts::new(address.parse().expect("an address"), &more)
        };
        let local = hosts("127.0.0.1:8000", &["keys.example", "proxy.example:81"]);
        for ours in [
            "localhost:8000",
            "LOCALHOST:8000",
            "127.0.0.1:8000",
            "[::1]:8000",
            "keys.example",
            "keys.example:9",
            "Proxy.Example:81",
        ] {
            assert!(local.allow(ours), "{ours}");
        }
        for other in [
            "",
            "localhost",
            "127.0.0.1",
            "[::1]",
            "localhost:8001",
            "localhost:8000.evil.example",
            "localhost.evil.example:8000",
            "evil.example:8000",
            "127.0.0.2:8000",
            "proxy.example",
            "proxy.example:82",
        ] {
            assert!(!local.allow(other), "{other}");
        }
        assert!(hosts("127.0.0.1:80", &[]).allow("localhost"));
        assert!(hosts("192.0.2.7:8000", &[]).allow("192.0.2.7:8000"));
        assert!(hosts("[2001:db8::1]:8000", &[]).allow("[2001:db8::1]:8000"));
    }

    #[test]
    fn a_request_names_its_host_once() {
        for (target, named, host) in [
            ("/keys/", &["localhost:8000"][..], Some("localhost:8000")),
            ("/keys/", &["[::1]:8000"], Some("[::1]:8000")),
            ("/keys/", &[], None),
            ("/keys/", &["localhost", "localhost"], None),
            ("/keys/", &[""], None),
            ("/keys/", &["local host"], None),
            ("/keys/", &["localhost/"], None),
            ("http://localhost:8000/keys/", &["evil.example"], Some("localhost:8000")),
            ("http://localhost:8000/keys/", &[], None),
            ("http://localhost:8000/keys/", &["localhost", "localhost"], None),
        ] {
            let value = |host: &&'static str| (header::HOST, HeaderValue::from_static(host));
            let headers: HeaderMap = named.iter().map(value).collect();
            assert_eq!(requested_host(&Uri::from_static(target), &headers), host, "{named:?}");
        }
    }

    #[test]
    fn a_page_of_another_origin_is_foreign() {
        let allowed = [Origin::parse("https://Keys.Example:443").expect("an origin")];
        #[track_caller]
        fn check(fields: &[(&'static str, &'static str)], allowed: &[Origin], foreign: bool) {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("localhost:8000"));
            for &(name, value) in fields {
                headers.insert(name, HeaderValue::from_static(value));
            }
            assert_eq!(is_foreign(&headers, allowed), foreign, "{fields:?}");
        }
        check(&[], &allowed, false);
        check(&[("origin", "http://localhost:8000")], &allowed, false);
        check(&[("origin", "https://keys.example")], &allowed, false);
        check(&[("origin", "http://localhost:9000")], &allowed, true);
        check(&[("origin", "null")], &allowed, true);
        check(&[("sec-fetch-site", "same-origin")], &allowed, false);
        check(&[("sec-fetch-site", "none")], &allowed, false);
        check(&[("sec-fetch-site", "same-site")], &allowed, true);
        check(&[("sec-fetch-site", "cross-site")], &allowed, true);
        let cross = ("sec-fetch-site", "cross-site");
        check(&[cross, ("origin", "https://keys.example")], &allowed, false);
        check(&[cross, ("origin", "http://keys.example")], &allowed, true);
    }
}
