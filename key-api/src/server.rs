//! The HTTP server: what every request passes through, and which operation answers it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{io, thread};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, delete, get, post};
use axum::{Json, Router};
use deploy::address::Origin;
use deploy::headers::{Allowed, Kind};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpSocket};
use tokio_util::task::TaskTracker;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;

use crate::attempts::Attempts;
pub use crate::auth::Lifetimes;
use crate::clock::Clock;
use crate::connections::{Connections, occupy};
use crate::error::{ApiError, Reason};
use crate::guard::Hosts;
use crate::idempotency::Running;
use crate::log::{Log, loggable};
use crate::password::Passwords;
use crate::queue::Queue;
use crate::site::{Site, header_map};
use crate::store::{Records, Store, StoreError};
use crate::{auth, bearer, guard, idempotency, keys, openapi};

/// How long a connection may take to send a request's head, and how long it may stay idle.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
/// The largest head of a request.
const HEAD_LIMIT: usize = 64 * 1024;
/// How long a stop waits for requests that are under way.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// How often what time has made useless is removed from the database.
const PURGE_INTERVAL: Duration = Duration::from_secs(60);
/// How many connections the system keeps until the server takes them.
const BACKLOG: u32 = 4096;
/// How many requests have a thread for the database. They take turns with its connection; the
/// others are there so that the next is ready when one has done.
const AT_ONCE: usize = 4;
/// How many requests may wait for such a thread. More than these would wait longer than the clients
/// do.
const WAITING: usize = 512;

/// How a server is to run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The built front end, if it is to be served too.
    pub site: Option<Site>,
    /// Requests a key may make a day; passing it is told, not prevented.
    pub daily_quota: u32,
    /// How long tokens live.
    pub lifetimes: Lifetimes,
    /// Hosts to answer for beside the loopback ones, with or without a port.
    pub hosts: Vec<String>,
    /// Origins whose pages may call the API.
    pub origins: Vec<Origin>,
    /// How many connections may be open at once. When there are as many, a new one takes the place
    /// of the one that has waited longest for its client.
    pub connections: usize,
    /// What time it is.
    pub clock: Clock,
    /// Where the log goes.
    pub log: Log,
}

/// A server that listens, and answers as soon as it runs.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    pub(crate) app: Arc<App>,
    router: Router,
    connections: Connections,
    requests: TaskTracker,
}

/// The address of a request's sender. Behind a proxy it is the proxy's: what a header says about
/// it anybody could have written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// What the operations share.
#[derive(Debug)]
pub(crate) struct App {
    store: Store,
    /// Who waits for the store's two connections.
    reads: Queue,
    writes: Queue,
    site: Option<Site>,
    log: Log,
    pub(crate) clock: Clock,
    pub(crate) passwords: Passwords,
    pub(crate) attempts: Attempts,
    pub(crate) running: Running,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) daily_quota: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8000)),
            site: None,
            daily_quota: 1000,
            lifetimes: Lifetimes::default(),
            hosts: Vec::new(),
            origins: Vec::new(),
            connections: 1024,
            clock: Clock::system(),
            log: Log::stderr(),
        }
    }
}

impl Server {
    /// Begins to listen.
    ///
    /// # Errors
    /// What the system says, for example that the port is in use.
    pub async fn bind(store: Store, settings: Settings) -> io::Result<Self> {
        let listener = listen(settings.listen)?;
        let address = listener.local_addr()?;
        let app = Arc::new(App {
            store,
            reads: Queue::new("reading", AT_ONCE, WAITING),
            writes: Queue::new("writing", AT_ONCE, WAITING),
            site: settings.site,
            log: settings.log,
            clock: settings.clock,
            passwords: Passwords::new(thread::available_parallelism().map_or(1, usize::from)),
            attempts: Attempts::default(),
            running: Running::default(),
            lifetimes: settings.lifetimes,
            daily_quota: settings.daily_quota,
        });
        let requests = TaskTracker::new();
        let hosts = Hosts::new(address, &settings.hosts);
        let router = router(&app, hosts, settings.origins, requests.clone());
        let connections = Connections::new(settings.connections);
        Ok(Self { listener, address, app, router, connections, requests })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until `stop`; then finishes those that are under way and leaves the
    /// database tidy.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Self { listener, app, router, connections, requests, .. } = self;
        let service = TowerToHyperService::new(router);
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(HEAD_LIMIT);
        let open = GracefulShutdown::new();
        let accepting = async {
            loop {
                let (stream, peer) = match listener.accept().await {
                    Ok(accepted) => accepted,
                    // Most likely other files than connections took what the system gives.
                    Err(error) => {
                        app.log.line(format_args!("cannot accept a connection: {error}"));
                        connections.close_longest_waiting();
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        continue;
                    }
                };
                // Only now: nobody has to go for a client that has not come, and nobody's wait
                // begins before they are here.
                let place = connections.place().await;
                let (service, served) = (service.clone(), place.served());
                let service = service_fn(move |mut request: hyper::Request<Incoming>| {
                    request.extensions_mut().insert(Peer(peer.ip()));
                    request.extensions_mut().insert(served.clone());
                    service.call(request)
                });
                let connection = http.serve_connection(TokioIo::new(stream), service);
                let connection = open.watch(connection);
                tokio::spawn(async move {
                    tokio::select! {
                        () = place.closed() => {}
                        // How a connection ends is the client's affair.
                        _ = connection => {}
                    }
                });
            }
        };
        let purging = async {
            let mut interval = tokio::time::interval(PURGE_INTERVAL);
            loop {
                interval.tick().await;
                let app = Arc::clone(&app);
                requests.spawn(async move { app.purge().await });
            }
        };
        // Each goes on by itself, so that no connection is lost to a purge while it waits for room.
        tokio::select! {
            () = stop => {}
            () = accepting => {}
            () = purging => {}
        }
        drop(listener);
        requests.close();
        let finished = async {
            open.shutdown().await;
            requests.wait().await;
        };
        if tokio::time::timeout(STOP_TIMEOUT, finished).await.is_err() {
            app.log.line("stopping although some requests are not finished");
        }
        if let Err(error) = app.store.checkpoint() {
            app.log.line(format_args!("cannot checkpoint the database: {error}"));
        }
    }
}

impl App {
    /// [`Store::read`] when its turn has come, on a thread that may block.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Records<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let store = self.store.clone();
        Ok(self.reads.run(move || store.read(work)).await??)
    }

    /// [`Store::write`] when its turn has come, on a thread that may block.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Records<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let store = self.store.clone();
        Ok(self.writes.run(move || store.write(work)).await??)
    }

    async fn purge(&self) {
        let (now, lifetimes) = (self.clock.now(), self.lifetimes);
        let purged = self.write(move |records| auth::purge(records, now, &lifetimes)).await;
        if let Err(ApiError::Server(_, reason) | ApiError::Unusable(reason)) = purged {
            self.log.line(format_args!("cannot purge the database: {reason}"));
        }
    }
}

/// Listens with a longer queue than the usual 128: a burst of connections that overflows it makes
/// everybody in it wait whole seconds for the system to try again.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // So that a server that was just stopped can be started again. Windows means another thing.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn router(app: &Arc<App>, hosts: Hosts, origins: Vec<Origin>, requests: TaskTracker) -> Router {
    let cors = cors(&origins);
    let router = Router::new()
        .route("/auth/access-token", get(auth::token_from_key).post(auth::sign_in))
        .route("/auth/refresh-token", post(auth::refresh))
        .route("/auth/revoke", post(auth::revoke))
        .route("/keys/", get(keys::list).put(keys::create))
        .route("/keys/{uuid}", delete(keys::delete))
        .route("/keys/{uuid}/usage", get(keys::usage))
        .route("/healthz", get(healthz))
        .route("/openapi.json", get(openapi::answer))
        .route("/", get(page))
        .route("/index.html", get(page))
        .route("/auth/access-token/", any(other_slash))
        .route("/auth/refresh-token/", any(other_slash))
        .route("/auth/revoke/", any(other_slash))
        .route("/keys", any(other_slash))
        .route("/keys/{uuid}/", any(other_slash))
        .route("/keys/{uuid}/usage/", any(other_slash))
        .fallback(asset)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .with_state(Arc::clone(app))
        // The last layer is the first to see a request.
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(Arc::clone(app), bearer::resolve_and_meter))
        .layer(from_fn(occupy))
        .layer(from_fn(guard::read_body))
        .layer(from_fn_with_state(Arc::from(origins), guard::check_origin));
    let router = match cors {
        Some(cors) => router.layer(cors),
        None => router,
    };
    router
        .layer(from_fn_with_state(Arc::new(hosts), guard::check_host))
        .layer(from_fn_with_state(
            Arc::new(header_map(Kind::Nothing, &Allowed::default())),
            default_headers,
        ))
        .layer(from_fn_with_state(app.log.clone(), log_request))
        .layer(from_fn_with_state(requests, run_to_the_end))
}

async fn healthz(State(app): State<Arc<App>>) -> Result<Json<serde_json::Value>, ApiError> {
    app.read(|records| records.look()).await?;
    Ok(Json(serde_json::json!({ "status": "ok" })))
}

async fn page(State(app): State<Arc<App>>, request: Request) -> Response {
    match &app.site {
        Some(site) => site.page(request).await,
        None => ApiError::NotFound("Not Found").into_response(),
    }
}

async fn asset(State(app): State<Arc<App>>, request: Request) -> Response {
    match &app.site {
        Some(site) if [Method::GET, Method::HEAD].contains(request.method()) => {
            site.asset(request).await
        }
        _ => ApiError::NotFound("Not Found").into_response(),
    }
}

/// 307 to the same path with the slash at its end added or taken away, as FastAPI does.
async fn other_slash(uri: Uri) -> Response {
    let path = match uri.path().strip_suffix('/') {
        Some(without) => without.to_owned(),
        None => format!("{}/", uri.path()),
    };
    let location = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    match HeaderValue::from_str(&location) {
        Ok(location) => {
            (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location)]).into_response()
        }
        Err(_) => ApiError::NotFound("Not Found").into_response(),
    }
}

/// Lets a request run to its end though its client has gone, so that nothing is done by half:
/// what was asked for is done, metered and logged.
async fn run_to_the_end(
    State(requests): State<TaskTracker>,
    request: Request,
    next: Next,
) -> Response {
    let response = requests.spawn(next.run(request)).await;
    response.unwrap_or_else(|_| ApiError::internal("the request was aborted").into_response())
}

/// One line a request: when, what, the status and how long it took. The query string is left
/// out because `auth_token_from_key` carries a secret in it, and of the path there is only what
/// [`loggable`] lets through.
async fn log_request(State(log): State<Log>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let (method, route) = (request.method().clone(), request.extensions().get().cloned());
    let response = next.run(request).await;
    let (now, status) = (Clock::system().now(), response.status().as_u16());
    let millis = start.elapsed().as_secs_f64() * 1000.0;
    let path = loggable(route.as_ref().map(MatchedPath::as_str), response.extensions().get());
    match response.extensions().get() {
        Some(Reason(reason)) => {
            log.line(format_args!("{now} {method} {path} {status} {millis:.1}ms ({reason})"));
        }
        None => log.line(format_args!("{now} {method} {path} {status} {millis:.1}ms")),
    }
    response
}

/// Headers for every answer that does not bring its own.
async fn default_headers(
    State(defaults): State<Arc<HeaderMap>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in defaults.iter() {
        response.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
    response
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    // The panic's own message is on standard error already.
    ApiError::internal("a request panicked").into_response()
}

fn cors(origins: &[Origin]) -> Option<CorsLayer> {
    if origins.is_empty() {
        return None;
    }
    // An origin is plain text, which every header takes.
    let origins = origins.iter().filter_map(|origin| HeaderValue::from_str(origin.as_str()).ok());
    let layer = CorsLayer::new()
        .allow_origin(origins.collect::<Vec<_>>())
        .allow_methods([Method::GET, Method::PUT, Method::DELETE, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, idempotency::HEADER])
        .expose_headers([header::RETRY_AFTER, header::DATE])
        .max_age(Duration::from_secs(600));
    Some(layer)
}
