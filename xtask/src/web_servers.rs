//! The web servers that the site is tested on. None of them is needed to work on the project, so
//! one that cannot be had is said and left out.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::apt;
use crate::process::{Result, ask, find_on_path, say};
use crate::tools::Toolbox;

/// A web server.
struct Server {
    name: &'static str,
    program: &'static str,
    /// Where Debian's package has it.
    path: &'static str,
    /// The package whose one program is all that is needed, if there is such a package.
    package: Option<&'static str>,
    /// What makes it tell its version.
    version: &'static str,
    /// How the end-to-end tests are told of it.
    variable: &'static str,
}

const SERVERS: [Server; 3] = [
    Server {
        name: "nginx",
        program: "nginx",
        path: "usr/sbin/nginx",
        package: Some("nginx"),
        version: "-v",
        variable: "OCCAM_KEYS_NGINX",
    },
    Server {
        name: "Caddy",
        program: "caddy",
        path: "usr/bin/caddy",
        package: Some("caddy"),
        version: "version",
        variable: "OCCAM_KEYS_CADDY",
    },
    // Its modules and libraries come in many packages.
    Server {
        name: "Apache",
        program: "apache2",
        path: "usr/sbin/apache2",
        package: None,
        version: "-v",
        variable: "OCCAM_KEYS_APACHE",
    },
];

/// The servers that can be had.
#[derive(Debug, Clone)]
pub(crate) struct WebServers(Vec<(&'static str, PathBuf)>);

impl WebServers {
    /// Finds them on this machine, or unpacks Debian's packages among the tools. They are not
    /// installed: that would start them, and needs root.
    pub(crate) fn find_or_fetch(toolbox: &Toolbox) -> Self {
        let found = SERVERS.iter().filter_map(|server| match server.find(toolbox) {
            Ok(program) => Some((server.variable, program)),
            Err(why) => {
                say(format!("The site is not tested on {}: {why}", server.name));
                None
            }
        });
        Self(found.collect())
    }

    /// Tells a command where they are.
    pub(crate) fn tell(&self, command: &mut Command) {
        command.envs(self.0.iter().map(|(variable, program)| (variable, program)));
    }
}

impl Server {
    fn find(&self, toolbox: &Toolbox) -> std::result::Result<PathBuf, String> {
        // Not every user has this folder on PATH.
        let installed = Path::new("/").join(self.path);
        let installed = find_on_path(&[self.program])
            .or_else(|| installed.is_file().then_some(installed))
            .filter(|program| self.runs(program));
        if let Some(program) = installed {
            return Ok(program);
        }
        let Some(package) = self.package else {
            return Err("it is not installed.".to_owned());
        };
        let home = toolbox.folder().join(format!("{package}.debian"));
        let program = home.join(self.path);
        if !self.runs(&program) {
            say(format!("Fetching {} for tests (under a minute, once).", self.name));
            unpack(toolbox, package, &home).map_err(|failure| failure.to_string())?;
        }
        if self.runs(&program) {
            return Ok(program);
        }
        Err(format!("Debian's package {package} does not run by itself here."))
    }

    fn runs(&self, program: &Path) -> bool {
        ask(program, &[self.version]).is_some()
    }
}

fn unpack(toolbox: &Toolbox, package: &str, home: &Path) -> Result<()> {
    toolbox.install(home, |staging| {
        apt::unpack(package, staging)?;
        // The folder is asked for no more; only disk space is lost if this fails.
        let _ = fs::remove_dir_all(staging.join("usr/share"));
        Ok(())
    })
}
