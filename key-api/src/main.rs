//! The command line.

mod open_files;

use std::fmt::Display;
use std::io;
use std::io::{BufRead, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, value_parser};
use deploy::address::Origin;
use key_api::clock::Clock;
use key_api::server::{Lifetimes, Server, Settings};
use key_api::site::Site;
use key_api::store::{OpenError, ServerLock, Store};
use key_api::user::Email;
use key_api::{demo, openapi, password};
use secrecy::{ExposeSecret, SecretString};
use tokio::signal;

/// A local Key API on an embedded SQLite database.
#[derive(Parser)]
#[command(name = "key-api", version)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answer requests until stopped by Ctrl+C or SIGTERM
    ///
    /// A database has one server. Users can be added and copies be made while it runs.
    Serve(Serve),
    /// Add, remove or list the people who may sign in
    #[command(subcommand)]
    User(User),
    /// Fill a fresh database with a demo account, and print its e-mail address and password
    Demo {
        #[command(flatten)]
        database: Database,
    },
    /// Write a copy of the database to a new file, also while a server uses it
    Backup {
        /// The file to write; it must not exist
        #[arg(value_name = "FILE")]
        copy: PathBuf,
        #[command(flatten)]
        database: Database,
    },
    /// Print the description of the API (OpenAPI 3.1, JSON)
    Openapi,
}

#[derive(Args)]
struct Serve {
    /// The address to listen on; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8000")]
    listen: SocketAddr,
    #[command(flatten)]
    database: Database,
    /// The folder of the built front end, to be served too
    #[arg(long, value_name = "FOLDER")]
    site: Option<PathBuf>,
    /// Requests a key may make a day; passing it is told, not prevented
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = value_parser!(u32).range(1..))]
    daily_quota: u32,
    /// A host to answer for beside localhost, 127.0.0.1 and [::1]; without a port, with any
    /// (repeatable)
    #[arg(long, value_name = "HOST[:PORT]")]
    allow_host: Vec<String>,
    /// An origin whose pages may call the API, such as https://keys.example (repeatable)
    #[arg(long, value_name = "ORIGIN", value_parser = Origin::parse)]
    allow_origin: Vec<Origin>,
    /// How long an access token lives
    #[arg(long, value_name = "N", default_value_t = seconds(Lifetimes::default().access), value_parser = value_parser!(u32).range(1..))]
    access_token_seconds: u32,
    /// How long a sign-in lives, however often it is refreshed
    #[arg(long, value_name = "N", default_value_t = seconds(Lifetimes::default().refresh), value_parser = value_parser!(u32).range(1..))]
    refresh_token_seconds: u32,
}

#[derive(Subcommand)]
enum User {
    /// Add a user
    Add {
        /// The e-mail address to sign in with
        email: Email,
        /// Read the password from the first line of standard input (a password on the command
        /// line could be seen by others)
        #[arg(long, required = true)]
        password_stdin: bool,
        #[command(flatten)]
        database: Database,
    },
    /// Remove a user with all keys and tokens
    Remove {
        /// The e-mail address
        email: Email,
        #[command(flatten)]
        database: Database,
    },
    /// Print one e-mail address a line
    List {
        #[command(flatten)]
        database: Database,
    },
}

#[derive(Args)]
struct Database {
    /// The SQLite database; `serve`, `user add` and `demo` make it if there is none
    #[arg(long = "database", value_name = "FILE")]
    file: PathBuf,
}

fn main() -> ExitCode {
    let result = match CommandLine::parse().command {
        Command::Serve(arguments) => serve(arguments),
        Command::User(User::Add { email, password_stdin: _, database }) => {
            add_user(&email, &database)
        }
        Command::User(User::Remove { email, database }) => remove_user(&email, &database),
        Command::User(User::List { database }) => list_users(&database),
        Command::Demo { database } => fill_demo(&database),
        Command::Backup { copy, database } => backup(&copy, &database),
        Command::Openapi => print(openapi::DOCUMENT),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            drop(writeln!(io::stderr(), "key-api: {message}"));
            ExitCode::FAILURE
        }
    }
}

/// Runs the server. Errors are sentences that say what to do.
fn serve(arguments: Serve) -> Result<(), String> {
    let site = arguments.site.map(|folder| Site::open(&folder)).transpose().map_err(|error| {
        format!("{error}. Build the front end first, or leave out --site to serve only the API.")
    })?;
    // First, so that a second server changes nothing, not even an older shape of the database.
    let _lock = arguments.database.lock()?;
    let store = arguments.database.open()?;
    let settings = Settings {
        listen: arguments.listen,
        site,
        daily_quota: arguments.daily_quota,
        lifetimes: Lifetimes {
            access: Duration::from_secs(arguments.access_token_seconds.into()),
            refresh: Duration::from_secs(arguments.refresh_token_seconds.into()),
            ..Lifetimes::default()
        },
        hosts: arguments.allow_host,
        origins: arguments.allow_origin,
        connections: open_files::room_for_connections(),
        ..Settings::default()
    };
    let runtime =
        tokio::runtime::Runtime::new().map_err(|error| format!("cannot start: {error}."))?;
    runtime.block_on(async {
        let server = Server::bind(store, settings).await.map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => format!(
                "cannot listen on {}: the port is in use. Stop the program that uses it, or \
                     choose another port with --listen.",
                arguments.listen
            ),
            _ => format!(
                "cannot listen on {}: {error}. Choose another address with --listen.",
                arguments.listen
            ),
        })?;
        let stop = stop_signal().map_err(|error| format!("cannot wait for signals: {error}."))?;
        let address = server.address();
        if !address.ip().is_loopback() {
            let warning = "key-api: other computers can reach this server, and it does not \
                           encrypt; put a proxy with TLS before it";
            drop(writeln!(io::stderr(), "{warning}"));
        }
        print(format_args!("key-api: listening on http://{address}\n"))?;
        server.run(stop).await;
        Ok(())
    })
}

fn add_user(email: &Email, database: &Database) -> Result<(), String> {
    let mut line = String::new();
    io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| format!("cannot read the password from standard input: {error}."))?;
    let password = SecretString::from(line.trim_end_matches(['\n', '\r']).to_owned());
    if password.expose_secret().is_empty() {
        return Err("the password is empty. Give it on standard input.".to_owned());
    }
    let hash = password::hash(&password).map_err(sentence)?;
    let store = database.open()?;
    let now = Clock::system().now();
    match store.write(|records| records.add_user(email, &hash, now)).map_err(sentence)? {
        Some(_) => print(format_args!("added {}\n", email.as_str())),
        None => Err(format!(
            "there is a user {} already. Remove it first to give it another password.",
            email.as_str()
        )),
    }
}

fn remove_user(email: &Email, database: &Database) -> Result<(), String> {
    let store = database.open_existing()?;
    if store.write(|records| records.remove_user(email)).map_err(sentence)? {
        print(format_args!("removed {}\n", email.as_str()))
    } else {
        Err(format!("there is no user {}.", email.as_str()))
    }
}

fn list_users(database: &Database) -> Result<(), String> {
    let store = database.open_existing()?;
    let emails = store.read(|records| records.emails()).map_err(sentence)?;
    emails.iter().try_for_each(|email| print(format_args!("{email}\n")))
}

fn fill_demo(database: &Database) -> Result<(), String> {
    let store = database.open()?;
    let account = demo::fill(&store, Clock::system().now()).map_err(sentence)?;
    let password = account.password.expose_secret();
    print(format_args!("e-mail: {}\npassword: {password}\n", account.email))
}

fn backup(copy: &Path, database: &Database) -> Result<(), String> {
    let copied = database.open_existing()?.backup(copy);
    copied.map_err(|error| format!("cannot write the copy {}: {error}.", copy.display()))?;
    print(format_args!("copied {} to {}\n", database.file.display(), copy.display()))
}

impl Database {
    /// For a command that has nothing to do in a new database: a name with a typing error must not
    /// become one.
    fn open_existing(&self) -> Result<Store, String> {
        if !self.file.exists() {
            let file = self.file.display();
            return Err(format!("there is no database {file}. Name another file with --database."));
        }
        self.open()
    }

    fn open(&self) -> Result<Store, String> {
        Store::open(&self.file).map_err(|error| {
            let remedy = match error {
                OpenError::Damaged(_) => "Put a backup in its place, or choose another file",
                OpenError::ReadOnly => "Make it writable, or choose another file",
                _ => "Choose another file",
            };
            let file = self.file.display();
            format!("cannot open the database {file}: {error}. {remedy} with --database.")
        })
    }

    fn lock(&self) -> Result<ServerLock, String> {
        let file = self.file.display();
        match ServerLock::take(&self.file) {
            Ok(Some(lock)) => Ok(lock),
            Ok(None) => Err(format!(
                "another server uses the database {file}. Stop it, or choose another file with \
                 --database."
            )),
            Err(error) => Err(format!(
                "cannot open the database {file}: {error}. Choose another file with --database."
            )),
        }
    }
}

/// Resolves at the first SIGINT or SIGTERM. Further ones change nothing: the stop is bounded in
/// time anyway, and a terminal and a supervisor may both send one.
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        #[cfg(not(unix))]
        drop(signal::ctrl_c().await);
    })
}

fn print(text: impl Display) -> Result<(), String> {
    let mut out = io::stdout().lock();
    write!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(|error| format!("cannot write to standard output: {error}."))
}

fn sentence(error: impl Display) -> String {
    format!("{error}.")
}

fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}
