//! Installing Debian packages, when this machine and this user may.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::process::{Failure, Result, ask, command, find_on_path, run, say};

/// Installs `packages`, or says which command the user has to run.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    if !is_debian() {
        return Err(Failure::new(
            format!(
                "This machine does not take Debian packages, so {list} cannot be installed here."
            ),
            "Install the same programs by the system's own means, then run the command again.",
        ));
    }
    if !is_root() {
        return Err(Failure::new(
            format!("Only root may install the missing Debian packages {list}."),
            format!("Run `sudo apt-get install {list}`, then run the command again."),
        ));
    }
    say(format!("apt-get install {list}"));
    // Without the network the lists may still be there, so only the installation decides.
    let _ = run(apt().args(["update", "--quiet=2"]), "`apt-get update`");
    let options = ["install", "--yes", "--quiet=2", "--no-install-recommends", "--no-remove"];
    run(apt().args(options).args(packages), "`apt-get install`").map_err(|_| {
        Failure::new(
            format!("The Debian packages {list} could not be installed; apt-get says why above."),
            format!("Check the network, try `apt-get install {list}`, then run the command again."),
        )
    })
}

/// Unpacks a package into `folder` without installing it, which any user may.
pub(crate) fn unpack(package: &str, folder: &Path) -> Result<()> {
    if !is_debian() {
        return Err(Failure::new(
            format!("This machine does not take Debian packages such as {package}."),
            "Install the program by the system's own means, then run the command again.",
        ));
    }
    run(apt().current_dir(folder).args(["download", package]), "`apt-get download`")?;
    let entries = fs::read_dir(folder).map_err(|error| Failure::file("Listing", folder, &error))?;
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.extension().is_some_and(|ending| ending == "deb") {
            run(command("dpkg-deb").arg("-x").arg(&path).arg(folder), "`dpkg-deb -x`")?;
            // Only disk space is lost if this fails.
            let _ = fs::remove_file(&path);
        }
    }
    Ok(())
}

fn apt() -> Command {
    let mut apt = command("apt-get");
    // Errors come on stderr; what it unpacks is of no interest.
    apt.env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
    apt
}

/// Whether apt's packages are Debian's own: elsewhere the same names mean other things.
fn is_debian() -> bool {
    find_on_path(&["apt-get"]).is_some()
        && fs::read_to_string("/etc/os-release")
            .is_ok_and(|release| release.lines().any(|line| line == "ID=debian"))
}

fn is_root() -> bool {
    ask("id", &["-u"]).is_some_and(|user| user.trim() == "0")
}
