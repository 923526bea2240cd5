//! Web servers other than `key-api`, with the configurations that `cargo xtask deploy` makes.

use std::fs;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::environment;
use crate::process::{Output, Process};
use crate::proxy::message::{self, Answer};

/// How long a server may take to listen on a busy machine.
const DEADLINE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(15);

/// Whose server it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// nginx.
    Nginx,
    /// Caddy.
    Caddy,
    /// Apache httpd.
    Apache,
}

/// A web server that is going to serve the built site at a port of its own.
#[derive(Debug)]
pub struct Place {
    kind: Kind,
    program: PathBuf,
    address: SocketAddr,
    folder: TempDir,
}

/// A web server that serves the built site. It ends when it is dropped.
#[derive(Debug)]
pub struct WebServer {
    place: Place,
    base: String,
    _chatter: Output,
    _process: Process,
}

impl Place {
    /// A place for the site on a server of this kind. Without such a program there is none, which
    /// is said to whoever watches the tests.
    pub fn on(kind: Kind) -> Option<Self> {
        let name = format!("{kind:?}");
        let Some(program) = environment::web_server(&name.to_ascii_uppercase()) else {
            // Not by a macro, whose output the test runner would keep to itself.
            let line = format!("not tested: {name}, which is not installed\n");
            io::stderr().write_all(line.as_bytes()).expect("standard error");
            return None;
        };
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|port| port.local_addr());
        let address = free.expect("a free port");
        Some(Self { kind, program, address, folder: open_folder() })
    }

    /// Such as `http://127.0.0.1:40000`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Puts the site there, below this path, for a Key API at another origin.
    pub fn serve(self, base: &str, api: &str) -> WebServer {
        let site = self.folder.path().join("site");
        fs::create_dir(&site).expect("a new folder");
        for file in fs::read_dir(environment::site()).expect("the built site") {
            let path = file.expect("a file of the site").path();
            fs::copy(&path, site.join(path.file_name().unwrap_or_default())).expect("a copy");
        }
        let mut deploy = Command::new(environment::xtask());
        deploy.args(["deploy", "--api", api, "--base", base, "--root"]).arg(&site).arg(&site);
        let output = deploy.output().expect("xtask runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{deploy:?} failed: {errors}");

        let mut command = self.command(&self.folder.path().join("site-deploy"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = Process::start(&mut command);
        let chatter = process.stderr();
        let deadline = Instant::now() + DEADLINE;
        while TcpStream::connect(self.address).is_err() {
            let said = chatter.so_far();
            assert!(Instant::now() < deadline, "{command:?} does not listen. It wrote: {said}");
            thread::sleep(PAUSE);
        }
        WebServer { place: self, base: base.to_owned(), _chatter: chatter, _process: process }
    }

    /// The server with the least around the configuration that was made for it.
    fn command(&self, made: &Path) -> Command {
        let (folder, made) = (self.folder.path().display(), made.display());
        let port = self.address.port();
        let mut command = Command::new(&self.program);
        let file = self.folder.path().join("configuration");
        let text = match self.kind {
            Kind::Nginx => {
                command.args(["-e", "stderr", "-p"]).arg(self.folder.path()).arg("-c").arg(&file);
                let scratch: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                    .map(|name| format!("{name}_temp_path {folder}/{name};\n"))
                    .concat();
                format!(
                    "daemon off;\npid {folder}/pid;\nevents {{}}\nhttp {{\naccess_log off;\n\
                     {scratch}server {{\nlisten 127.0.0.1:{port};\ninclude {made}/nginx.conf;\n}}\n}}\n"
                )
            }
            Kind::Caddy => {
                command.args(["run", "--adapter", "caddyfile", "--config"]).arg(&file);
                command.env("HOME", self.folder.path());
                command.env_remove("XDG_CONFIG_HOME").env_remove("XDG_DATA_HOME");
                format!(
                    "{{\nadmin off\nauto_https off\n}}\nhttp://127.0.0.1:{port} {{\n\
                     bind 127.0.0.1\nimport {made}/Caddyfile\n}}\n"
                )
            }
            Kind::Apache => {
                command
                    .args(["-D", "FOREGROUND", "-d"])
                    .arg(self.folder.path())
                    .arg("-f")
                    .arg(&file);
                let modules: String =
                    ["mpm_event", "authz_core", "alias", "dir", "headers", "mime", "rewrite"]
                        .map(|name| {
                            format!("LoadModule {name}_module {APACHE_MODULES}/mod_{name}.so\n")
                        })
                        .concat();
                fs::write(self.folder.path().join("types"), "").expect("a file");
                format!(
                    "{modules}ServerName 127.0.0.1\nListen 127.0.0.1:{port}\nPidFile pid\n\
                     User www-data\nGroup www-data\nErrorLog /dev/stderr\nMutex file:{folder}\n\
                     DefaultRuntimeDir {folder}\nTypesConfig types\nInclude {made}/apache.conf\n"
                )
            }
        };
        fs::write(&file, text).expect("a new file");
        command
    }
}

/// Where Debian's package has them.
const APACHE_MODULES: &str = "/usr/lib/apache2/modules";

impl WebServer {
    /// Where the page is.
    pub fn url(&self) -> String {
        format!("{}{}", self.place.origin(), self.base)
    }

    /// The names of the site's files, without the page and the compressed forms.
    pub fn files(&self) -> Vec<String> {
        let site = fs::read_dir(self.place.folder.path().join("site")).expect("the site");
        let names =
            site.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned());
        names.filter(|name| deploy::servers::is_named_by_hash(name)).collect()
    }

    /// Asks for a path below the site's.
    pub fn get(&self, path: &str, accept_encoding: &str) -> Answer {
        let host = self.place.address;
        let mut stream = message::connect(&host.to_string()).expect("it listens");
        let request = format!(
            "GET {}{path} HTTP/1.1\r\nhost: {host}\r\naccept-encoding: {accept_encoding}\r\n\
             connection: close\r\n\r\n",
            self.base
        );
        stream.write_all(request.as_bytes()).expect("it reads");
        Answer::read(&mut stream, false).expect("it answers")
    }
}

/// A folder that the server's own user can read too.
fn open_folder() -> TempDir {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755));
    builder.tempdir().expect("a temporary folder")
}
