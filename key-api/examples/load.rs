//! How much a server bears: requests a second and the slowest of a hundred, beside a handler that
//! does no more than axum and SQLite must; and how much memory it takes over time.
//!
//! ```text
//! cargo run --profile server --package key-api --example load -- compare
//! cargo run --profile server --package key-api --example load -- memory 10
//! cargo run --profile server --package key-api --example load -- sign-ins 1000
//! ```
//!
//! Both servers are processes of their own, the load comes from this one, and they take turns, so
//! that whatever else the machine does disturbs both.

use std::env;
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use key_api::clock::Clock;
use key_api::store::Store;
use rusqlite::Connection;
use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;

type Anything<T> = Result<T, Box<dyn Error + Send + Sync>>;

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery staple";
/// How many clients ask at once.
const CLIENTS: usize = 8;
/// How often the servers take turns, and for how long each.
const TURNS: usize = 5;
const TURN: Duration = Duration::from_secs(2);
const KEYS: usize = 100;

fn main() -> Anything<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["compare"] => compare(),
        ["memory", minutes] => memory(minutes.parse()?),
        ["sign-ins", pairs] => sign_ins(pairs.parse()?),
        ["minimal", database] => minimal(Path::new(database)),
        _ => Err("compare, memory MINUTES, or sign-ins PAIRS".into()),
    }
}

/// A server process, which ends with this value.
struct Server {
    child: Child,
    origin: String,
}

impl Server {
    fn start(command: &mut Command) -> Anything<Self> {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().ok_or("no pipe")?).read_line(&mut line)?;
        let origin = line.rsplit(' ').next().unwrap_or_default().trim().to_owned();
        Ok(Self { child, origin })
    }

    /// The server itself, from the folder of programs that this one is in.
    fn key_api(database: &Path) -> Anything<Self> {
        let this = env::current_exe()?;
        let programs = this.parent().and_then(Path::parent).ok_or("no folder of programs")?;
        let mut command = Command::new(programs.join("key-api"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--access-token-seconds", "86400"]);
        Self::start(command.arg("--database").arg(database))
    }

    fn minimal(database: &Path) -> Anything<Self> {
        Self::start(Command::new(env::current_exe()?).arg("minimal").arg(database))
    }

    /// The memory that is its own, in KiB.
    fn memory(&self) -> Anything<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        Ok(line.and_then(|line| line.trim().split(' ').next()).ok_or("no VmRSS")?.parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a request is: the method, the path, the token, and a body.
#[derive(Clone)]
struct Ask {
    method: &'static str,
    path: String,
    token: String,
    body: Option<Value>,
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}

fn ask(agent: &ureq::Agent, origin: &str, ask: &Ask) -> Anything<Value> {
    let mut request =
        ureq::http::Request::builder().method(ask.method).uri(format!("{origin}{}", ask.path));
    if !ask.token.is_empty() {
        request = request.header("authorization", format!("Bearer {}", ask.token));
    }
    let body = match &ask.body {
        Some(body) => {
            request = request.header("content-type", "application/json");
            body.to_string()
        }
        None => String::new(),
    };
    let mut answer = agent.run(request.body(body)?)?;
    let body = answer.body_mut().read_to_vec()?;
    if answer.status() != 200 {
        return Err(format!("{} {}", ask.path, answer.status()).into());
    }
    Ok(serde_json::from_slice(&body)?)
}

fn sign_in(origin: &str, user: &str, password: &str) -> Anything<(u16, Value)> {
    let form = [("username", user), ("password", password)];
    let mut answer = agent().post(format!("{origin}/auth/access-token")).send_form(form)?;
    let (status, body) = (answer.status().as_u16(), answer.body_mut().read_to_vec()?);
    Ok((status, serde_json::from_slice(&body)?))
}

/// Sends the same request from all clients for one turn; gives how long each took.
fn turn(server: &Server, request: &Ask) -> Anything<Vec<Duration>> {
    let end = Instant::now() + TURN;
    let all = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                scope.spawn(|| {
                    let (agent, mut times) = (agent(), Vec::new());
                    while Instant::now() < end {
                        let begin = Instant::now();
                        ask(&agent, &server.origin, request)?;
                        times.push(begin.elapsed());
                    }
                    all.lock().map_err(|_| "a client panicked")?.append(&mut times);
                    Anything::Ok(())
                })
            })
            .collect();
        clients.into_iter().try_for_each(|it| it.join().map_err(|_| "a client panicked")?)
    })?;
    Ok(all.into_inner()?)
}

fn compare() -> Anything<()> {
    let folder = TempDir::new()?;
    let databases = ["ours.db", "minimal.db"].map(|name| folder.path().join(name));
    prepare(&databases[0])?;
    let ours = Server::key_api(&databases[0])?;
    let minimal = Server::minimal(&databases[1])?;
    let (_, tokens) = sign_in(&ours.origin, ADA, PASSWORD)?;
    let token = tokens["access_token"].as_str().ok_or("no token")?.to_owned();
    let made = fill(&ours, &token)?;
    let get = |path: &str, token: &str| Ask {
        method: "GET",
        path: path.to_owned(),
        token: token.to_owned(),
        body: None,
    };
    let create = Ask { method: "PUT", body: Some(json!({ "name": "k" })), ..get("/keys/", &token) };
    let exchange = format!("/auth/access-token?key={}", made.1);
    // What is written is measured last, because a list of thousands is another list.
    let cases = [
        ("list of 100", get("/keys/", &token), get("/list", "")),
        ("usage", get(&format!("/keys/{}/usage", made.0), &token), get("/one", "")),
        ("exchange", get(&exchange, ""), get("/write", "")),
        ("create", create, get("/write", "")),
    ];
    println!("{CLIENTS} clients, {TURNS} turns of {} s each; p99 in ms", TURN.as_secs());
    for (name, for_ours, for_minimal) in cases {
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..TURNS {
            times[0].append(&mut turn(&ours, &for_ours)?);
            times[1].append(&mut turn(&minimal, &for_minimal)?);
        }
        let [(rate, p99), (most, least)] = times.map(figures);
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        println!(
            "{name:12} {rate:7.0}/s of {most:7.0}/s: {:.2}   p99 {p99:6.1} to {least:6.1}: {:.2}   \
             load {}",
            rate / most,
            p99 / least,
            load.split(' ').next().unwrap_or_default()
        );
    }
    Ok(())
}

/// Requests a second, and the 99th of a hundred in milliseconds.
fn figures(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort();
    let rate = times.len() as f64 / (TURN.as_secs_f64() * TURNS as f64);
    let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
    (rate, p99.as_secs_f64() * 1000.0)
}

fn prepare(database: &Path) -> Anything<()> {
    let store = Store::open(database)?;
    let hash = key_api::password::hash(&SecretString::from(PASSWORD))?;
    let email = ADA.parse()?;
    store.write(|records| records.add_user(&email, &hash, Clock::system().now()))?;
    Ok(())
}

/// Makes a hundred keys; gives the uuid and the secret of the last.
fn fill(server: &Server, token: &str) -> Anything<(String, String)> {
    let agent = agent();
    let mut last = Value::Null;
    for number in 0..KEYS {
        let body = Some(json!({ "name": format!("key {number}") }));
        let put = Ask { method: "PUT", path: "/keys/".to_owned(), token: token.to_owned(), body };
        last = ask(&agent, &server.origin, &put)?;
    }
    let text = |name: &str| last[name].as_str().map(str::to_owned).ok_or("no text");
    Ok((text("uuid")?, text("api_key")?))
}

/// The least that a server with axum and SQLite does: one connection behind a lock, one statement
/// a request, and a commit that is on the disk where something is written.
fn minimal(database: &Path) -> Anything<()> {
    let connection = Connection::open(database)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE rows (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT, d INT, e INT);",
    )?;
    for number in 0..KEYS {
        let sql = "INSERT INTO rows (a, b, c, d, e) VALUES (?1, 'a name', 'a mask', 1, 2)";
        connection.execute(sql, [format!("8b1d2f3a-52c6-4a51-8a8c-{number:012}")])?;
    }
    let shared: &'static Mutex<Connection> = Box::leak(Box::new(Mutex::new(connection)));
    let rows = |sql: &'static str| {
        move |State(connection): State<&'static Mutex<Connection>>| async move {
            let rows = tokio::task::spawn_blocking(move || -> rusqlite::Result<Vec<Value>> {
                let connection = connection.lock().unwrap_or_else(|it| it.into_inner());
                let mut statement = connection.prepare_cached(sql)?;
                let row = |row: &rusqlite::Row<'_>| {
                    Ok(json!({
                        "uuid": row.get::<_, String>(0)?, "name": row.get::<_, String>(1)?,
                        "api_key": row.get::<_, String>(2)?, "created": row.get::<_, i64>(3)?,
                    }))
                };
                statement.query_map([], row)?.collect()
            });
            Json(rows.await.map_or(json!(null), |rows| json!(rows.unwrap_or_default())))
        }
    };
    let insert = "INSERT INTO rows (a, b, c, d, e) VALUES ('x', 'y', 'z', 1, 2)
                  RETURNING a, b, c, d";
    let router = Router::new()
        .route("/list", get(rows("SELECT a, b, c, d FROM rows WHERE id <= 100 ORDER BY id")))
        .route("/one", get(rows("SELECT a, b, c, d FROM rows WHERE id = 50")))
        .route("/write", get(rows(insert)))
        .with_state(shared);
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("listening on http://{}", listener.local_addr()?);
        serve(listener, router).await
    })
}

async fn serve(listener: tokio::net::TcpListener, router: Router) -> Anything<()> {
    let service = hyper_util::service::TowerToHyperService::new(router);
    loop {
        let (stream, _) = listener.accept().await?;
        let stream = hyper_util::rt::TokioIo::new(stream);
        let http = hyper::server::conn::http1::Builder::new();
        tokio::spawn(http.serve_connection(stream, service.clone()));
    }
}

/// The memory of a server under a load of everything, once every half minute.
fn memory(minutes: u64) -> Anything<()> {
    let folder = TempDir::new()?;
    let database = folder.path().join("keys.db");
    prepare(&database)?;
    let server = Server::key_api(&database)?;
    let end = Instant::now() + Duration::from_secs(minutes * 60);
    let stop = AtomicBool::new(false);
    let asked = std::sync::atomic::AtomicU64::new(0);
    std::thread::scope(|scope| {
        for client in 0..4 {
            let (server, stop, asked) = (&server, &stop, &asked);
            scope.spawn(move || {
                while !stop.load(Ordering::SeqCst) {
                    match everything(server, client) {
                        Ok(requests) => asked.fetch_add(requests, Ordering::SeqCst),
                        Err(error) => {
                            eprintln!("{error}");
                            return;
                        }
                    };
                }
            });
        }
        while Instant::now() < end {
            std::thread::sleep(Duration::from_secs(30).min(end - Instant::now()));
            match server.memory() {
                Ok(memory) => {
                    println!("{memory} KiB after {} requests", asked.load(Ordering::SeqCst))
                }
                Err(error) => println!("{error}"),
            }
        }
        stop.store(true, Ordering::SeqCst);
    });
    Ok(())
}

/// A whole life of a session and a key, in vain and not; gives how many requests it took.
fn everything(server: &Server, client: usize) -> Anything<u64> {
    let agent = agent();
    let send = |method, path: String, token: &str, body: Option<Value>| {
        let request = Ask { method, path, token: token.to_owned(), body };
        ask(&agent, &server.origin, &request)
    };
    // Wrong passwords of somebody else each time, until the limit for everybody is reached.
    drop(sign_in(&server.origin, &format!("nobody{client}@example.com"), "wrong"));
    let (_, tokens) = sign_in(&server.origin, ADA, PASSWORD)?;
    let token = tokens["access_token"].as_str().ok_or("no token")?;
    let keys: Vec<Value> = (0..5)
        .map(|_| send("PUT", "/keys/".into(), token, Some(json!({ "name": "k" }))))
        .collect::<Result<_, _>>()?;
    for key in &keys {
        let secret = key["api_key"].as_str().ok_or("no key")?;
        let of_key = send("GET", format!("/auth/access-token?key={secret}"), "", None)?;
        let of_key = of_key["access_token"].as_str().ok_or("no token")?;
        for _ in 0..20 {
            send("GET", "/keys/".into(), of_key, None)?;
        }
    }
    for key in &keys {
        let uuid = key["uuid"].as_str().ok_or("no uuid")?;
        send("GET", format!("/keys/{uuid}/usage"), token, None)?;
        send("DELETE", format!("/keys/{uuid}"), token, None)?;
    }
    let refresh = json!({ "refresh_token": tokens["refresh_token"] });
    send("POST", "/auth/refresh-token".into(), "", Some(refresh))?;
    Ok(2 + 5 + 5 * 21 + 10 + 1)
}

/// How long sign-ins of a user who exists and of one who does not take, in pairs and in a random
/// order: the chance that the longer one is the user's (the area under the curve), and the medians.
fn sign_ins(pairs: usize) -> Anything<()> {
    let folder = TempDir::new()?;
    let database = folder.path().join("keys.db");
    prepare(&database)?;
    let mut times = [Vec::new(), Vec::new()];
    let mut server = Server::key_api(&database)?;
    for pair in 0..pairs {
        if pair % 9 == 0 {
            // The limit on sign-ins is kept in memory.
            drop(server);
            server = Server::key_api(&database)?;
            sign_in(&server.origin, "warm@example.com", "up")?;
        }
        let first = usize::from(uuid::Uuid::new_v4().as_bytes()[0] & 1 == 1);
        for which in [first, 1 - first] {
            let user = [ADA, "bob@example.com"][which];
            let begin = Instant::now();
            let form = [("username", user), ("password", "wrong")];
            let config = ureq::Agent::config_builder().http_status_as_error(false).build();
            let agent: ureq::Agent = config.into();
            let status = agent
                .post(format!("{}/auth/access-token", server.origin))
                .send_form(form)?
                .status();
            times[which].push(begin.elapsed());
            if status != 400 {
                return Err(format!("{user} {status}").into());
            }
        }
    }
    let [known, unknown] = &times;
    let wins: f64 = known
        .iter()
        .flat_map(|a| unknown.iter().map(move |b| a.cmp(b)))
        .map(|order| (f64::from(order as i8) + 1.0) / 2.0)
        .sum();
    let auc = wins / (known.len() * unknown.len()) as f64;
    let median = |times: &[Duration]| {
        let mut times = times.to_vec();
        times.sort();
        times.get(times.len() / 2).copied().unwrap_or_default()
    };
    println!(
        "{pairs} pairs: AUC {auc:.3}; medians {:?} (known) and {:?} (unknown)",
        median(known),
        median(unknown)
    );
    Ok(())
}
