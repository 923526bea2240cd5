//! Serving the site with a local Key API behind it.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::{Failure, Result, capture, cargo, command, not_started, run, say};
use crate::site;
use crate::toolchain::Toolchain;
use crate::workspace::Workspace;

/// The account of the first start. It is shaped like an e-mail address, because that is what the
/// sign-in form and password managers expect.
const ACCOUNT: &str = "you@localhost";

/// Letters and digits that no one mistakes for each other.
const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

const PASSWORD_LENGTH: usize = 24;

/// How to serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    /// The port on this machine.
    pub(crate) port: u16,
    /// Whether to use a throw-away database with something in every view.
    pub(crate) demo: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { port: 8080, demo: false }
    }
}

/// Builds everything and serves it until the user stops it.
pub(crate) fn serve(workspace: &Workspace, options: &Options) -> Result<()> {
    // The build takes minutes, so what can be known before it is said before it.
    check_port(options.port)?;
    let toolchain = Toolchain::find_or_install()?;
    let site = site::build(workspace, &toolchain, &site::Options::default())?;
    let server = build_server(workspace)?;

    let stop = stop_signals()?;
    let database = if options.demo { Database::throw_away()? } else { Database::of_the_user()? };
    if options.demo {
        fill_with_examples(&server, &database)?;
    } else {
        ensure_account(&server, &database)?;
    }
    let child = start(&server, &site, &database, options.port)?;
    supervise(child, &stop)
}

/// Builds the local Key API and gives its program.
pub(crate) fn build_server(workspace: &Workspace) -> Result<PathBuf> {
    say("Building the Key API (1 to 3 minutes the first time, seconds later).");
    let mut build = cargo();
    build.current_dir(&workspace.root).args([
        "build",
        "--locked",
        "--profile",
        "server",
        "--package",
        "key-api",
    ]);
    run(&mut build, "Building the Key API")?;
    Ok(workspace.target.join("server").join(format!("key-api{}", env::consts::EXE_SUFFIX)))
}

/// Fails if no server can listen on `port`.
fn check_port(port: u16) -> Result<()> {
    let Err(error) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) else { return Ok(()) };
    let problem = match error.kind() {
        ErrorKind::AddrInUse => {
            format!("Port {port} on 127.0.0.1 is in use by another program.")
        }
        ErrorKind::PermissionDenied => {
            format!("Port {port} on 127.0.0.1 may not be used by this user.")
        }
        _ => format!("Port {port} on 127.0.0.1 cannot be used: {error}."),
    };
    let free = (8081..=8999).find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok());
    let remedy = match free {
        Some(free) => format!("Choose another: `cargo xtask serve --port {free}` is free."),
        None => "Choose another with `--port`.".to_owned(),
    };
    Err(Failure::new(problem, remedy))
}

/// The SQLite file of the Key API.
#[derive(Debug)]
struct Database {
    file: PathBuf,
    /// The folder to remove in the end, if the database is a throw-away one.
    folder: Option<PathBuf>,
}

impl Database {
    /// The database that lasts, where the user's programs keep their data.
    fn of_the_user() -> Result<Self> {
        let folder = data_folder(|name| env::var_os(name).map(PathBuf::from), env::home_dir())
            .ok_or_else(|| {
                Failure::new(
                    "There is no home folder to keep the database in.",
                    "Set XDG_DATA_HOME to a folder for it, or use `--demo`.",
                )
            })?;
        create_private(&folder)?;
        Ok(Self { file: folder.join("keys.sqlite3"), folder: None })
    }

    /// A database that is removed when it is dropped.
    fn throw_away() -> Result<Self> {
        let folder = env::temp_dir().join(format!("occam-keys-demo-{}", std::process::id()));
        create_private(&folder)?;
        Ok(Self { file: folder.join("keys.sqlite3"), folder: Some(folder) })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            // The system empties its temporary folder in any case.
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// Where this system keeps a program's data; `variable` reads the environment.
fn data_folder(
    variable: impl Fn(&str) -> Option<PathBuf>,
    home: Option<PathBuf>,
) -> Option<PathBuf> {
    // The specification of the variable tells to ignore relative paths.
    let base = variable("XDG_DATA_HOME").filter(|path| path.is_absolute()).or_else(|| {
        if cfg!(windows) {
            variable("APPDATA")
        } else if cfg!(target_os = "macos") {
            home.map(|home| home.join("Library/Application Support"))
        } else {
            home.map(|home| home.join(".local/share"))
        }
    })?;
    Some(base.join("occam-keys"))
}

/// Creates a folder that other users of the machine cannot look into.
fn create_private(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| Failure::file("Creating", folder, &error))
}

/// Makes the account of the first start and shows its password, this once.
fn ensure_account(server: &Path, database: &Database) -> Result<()> {
    if database.file.exists() {
        let users = capture(
            command(server).args(["user", "list", "--database"]).arg(&database.file),
            "Reading the accounts of the Key API",
        )?;
        if !users.trim().is_empty() {
            return Ok(());
        }
    }
    let password = random_password()?;
    let mut add = command(server);
    add.args(["user", "add", ACCOUNT, "--password-stdin", "--database"])
        .arg(&database.file)
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    let mut child = add.spawn().map_err(|error| not_started(&add, &error))?;
    // A broken pipe means that the program gave up; its exit status tells.
    if let Some(mut stdin) = child.stdin.take() {
        let _ = writeln!(stdin, "{password}");
    }
    let status = child.wait().map_err(|error| not_started(&add, &error))?;
    if !status.success() {
        return Err(Failure::new(
            format!("Making the first account failed ({status})."),
            "The lines above say why.",
        ));
    }
    println!();
    println!("A new account, because {} is new:", database.file.display());
    println!("  e-mail    {ACCOUNT}");
    println!("  password  {password}");
    println!("Keep the password now: it is shown this once and stored only as a hash.");
    Ok(())
}

/// Fills the throw-away database; the Key API prints the account that it made.
fn fill_with_examples(server: &Path, database: &Database) -> Result<()> {
    println!();
    println!("A throw-away database with examples; it is removed at the end:");
    run(
        command(server).args(["demo", "--database"]).arg(&database.file),
        "Filling the throw-away database",
    )
}

/// A password from the system's random numbers.
fn random_password() -> Result<String> {
    let mut password = String::with_capacity(PASSWORD_LENGTH);
    while password.len() < PASSWORD_LENGTH {
        let mut bytes = [0; 64];
        getrandom::fill(&mut bytes).map_err(|error| {
            Failure::new(
                format!("The system gives no random numbers: {error}."),
                "A password cannot be made without them.",
            )
        })?;
        let wanted = PASSWORD_LENGTH - password.len();
        password.extend(bytes.iter().filter_map(|byte| letter(*byte)).take(wanted));
    }
    Ok(password)
}

/// The letter for a random byte. The bytes past the last whole round of the alphabet are thrown
/// away, because they would make its first letters more likely.
fn letter(byte: u8) -> Option<char> {
    let round = 256 / ALPHABET.len() * ALPHABET.len();
    let index = usize::from(byte);
    (index < round).then(|| ALPHABET.get(index % ALPHABET.len()).copied()).flatten().map(char::from)
}

/// Starts the Key API; the address is printed when it answers.
fn start(server: &Path, site: &Path, database: &Database, port: u16) -> Result<Child> {
    let mut serve: Command = command(server);
    serve
        .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--database"])
        .arg(&database.file)
        .arg("--site")
        .arg(site)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let mut child = serve.spawn().map_err(|error| not_started(&serve, &error))?;
    if let Some(stdout) = child.stdout.take() {
        // The thread ends with the child, whose end closes the pipe.
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(std::result::Result::ok) {
                match line.strip_prefix("key-api: listening on ") {
                    Some(address) => {
                        println!();
                        println!("Occam Keys is at {}", address.trim_end_matches('/'));
                        println!("Ctrl-C stops it.");
                    }
                    None => println!("{line}"),
                }
            }
        });
    }
    Ok(child)
}

/// Receives one message for each request to stop: Ctrl-C, or a polite signal.
fn stop_signals() -> Result<Receiver<()>> {
    let (sender, receiver) = mpsc::channel();
    ctrlc::set_handler(move || {
        // Nobody listens any more once the server has been stopped.
        let _ = sender.send(());
    })
    .map_err(|error| {
        Failure::new(
            format!("Ctrl-C cannot be handled: {error}."),
            "Run the command again in a plain terminal.",
        )
    })?;
    Ok(receiver)
}

/// Waits until the server ends by itself, which is a failure, or is to be stopped, which is not.
fn supervise(mut child: Child, stop: &Receiver<()>) -> Result<()> {
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            // Ctrl-C in a terminal reaches the server as well, and it may be the faster one.
            if status.success() || stop.try_recv().is_ok() {
                return Ok(());
            }
            return Err(Failure::new(
                format!("The Key API stopped ({status})."),
                "The lines above say why.",
            ));
        }
        if stop.recv_timeout(Duration::from_millis(100)).is_ok() {
            stop_child(&mut child);
            return Ok(());
        }
    }
}

/// Ends the server: it may finish by itself, is then asked to, and is at last made to.
fn stop_child(child: &mut Child) {
    if ended_within(child, Duration::from_millis(500)) {
        return;
    }
    ask_to_end(child);
    if !ended_within(child, Duration::from_secs(10)) {
        // Both fail only when the child is gone already.
        let _ = child.kill();
        let _ = child.wait();
    }
}

#[cfg(unix)]
fn ask_to_end(child: &Child) {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    if let Ok(id) = i32::try_from(child.id()) {
        // This fails only when the child is gone already.
        let _ = kill(Pid::from_raw(id), Signal::SIGTERM);
    }
}

#[cfg(not(unix))]
fn ask_to_end(_child: &Child) {}

fn ended_within(child: &mut Child, limit: Duration) -> bool {
    let start = Instant::now();
    while start.elapsed() < limit {
        if matches!(child.try_wait(), Ok(Some(_)) | Err(_)) {
            return true;
        }
        thread::sleep(Duration::from_millis(20));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_long_and_never_the_same() {
        let first = random_password().expect("the system has random numbers");
        let second = random_password().expect("the system has random numbers");
        assert_eq!(first.len(), PASSWORD_LENGTH);
        assert!(first.bytes().all(|byte| ALPHABET.contains(&byte)));
        assert_ne!(first, second);
    }

    #[test]
    fn every_letter_is_equally_likely() {
        for wanted in ALPHABET {
            let count =
                (0..=u8::MAX).filter(|byte| letter(*byte) == Some(char::from(*wanted))).count();
            assert_eq!(count, 256 / ALPHABET.len());
        }
    }

    #[test]
    fn a_taken_port_is_refused_with_a_free_one() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("some port is free");
        let port = taken.local_addr().expect("it is bound").port();
        let failure = check_port(port).expect_err("it is taken").to_string();
        assert!(failure.starts_with(&format!("Port {port} on 127.0.0.1 is in use")), "{failure}");
        assert!(failure.contains("cargo xtask serve --port "), "{failure}");
    }

    #[test]
    fn the_data_folder_follows_the_environment() {
        let home = || Some(PathBuf::from("/someone"));
        let set = |value: &'static str| {
            move |name: &str| (name == "XDG_DATA_HOME").then(|| PathBuf::from(value))
        };
        assert_eq!(data_folder(set("/data"), home()), Some("/data/occam-keys".into()));
        if cfg!(all(unix, not(target_os = "macos"))) {
            let default = Some(PathBuf::from("/someone/.local/share/occam-keys"));
            assert_eq!(data_folder(set("relative"), home()), default);
            assert_eq!(data_folder(|_| None, home()), default);
            assert_eq!(data_folder(|_| None, None), None);
        }
    }

    #[test]
    fn a_throw_away_database_is_thrown_away() {
        let database = Database::throw_away().expect("the temporary folder is writable");
        let folder = database.folder.clone().expect("it has a folder of its own");
        fs::write(&database.file, "x").expect("the folder was just made");
        drop(database);
        assert!(!folder.exists());
    }
}
