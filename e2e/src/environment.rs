//! What is tested, and with what: `cargo xtask test e2e` sets these variables.

use std::env;
use std::path::PathBuf;

/// The folder of the built site.
pub(crate) fn site() -> PathBuf {
    required("OCCAM_KEYS_SITE")
}

/// The `key-api` program.
pub(crate) fn server() -> PathBuf {
    required("OCCAM_KEYS_SERVER")
}

/// The `chromedriver` program.
pub(crate) fn chromedriver() -> PathBuf {
    required("CHROMEDRIVER")
}

/// The browser, if it is not the one that the driver finds by itself.
pub(crate) fn chromium() -> Option<PathBuf> {
    env::var_os("OCCAM_KEYS_CHROMIUM").map(PathBuf::from)
}

/// The same browser without windows, if there is one.
pub(crate) fn headless_shell() -> Option<PathBuf> {
    env::var_os("OCCAM_KEYS_HEADLESS_SHELL").map(PathBuf::from)
}

/// The `geckodriver` program.
pub(crate) fn geckodriver() -> PathBuf {
    required("GECKODRIVER")
}

/// The Firefox, if it is not the one that the driver finds by itself.
pub(crate) fn firefox() -> Option<PathBuf> {
    env::var_os("OCCAM_KEYS_FIREFOX").map(PathBuf::from)
}

/// The script of axe-core, which knows the rules of accessibility.
pub(crate) fn axe() -> PathBuf {
    required("OCCAM_KEYS_AXE")
}

/// The `xtask` program.
pub(crate) fn xtask() -> PathBuf {
    required("OCCAM_KEYS_XTASK")
}

/// A web server other than `key-api`, if there is one: `NGINX`, `CADDY` or `APACHE`.
pub(crate) fn web_server(name: &str) -> Option<PathBuf> {
    env::var_os(format!("OCCAM_KEYS_{name}")).map(PathBuf::from)
}

/// What the random choices of fault cells follow from, if it is given.
pub(crate) fn seed() -> Option<u64> {
    number("OCCAM_KEYS_SEED")
}

/// How long a run by chance is to take, in minutes, if it is given.
pub(crate) fn minutes() -> Option<u64> {
    number("OCCAM_KEYS_MINUTES")
}

/// The fault cells that are to be run alone, such as `F17xlist`, `F17` or `xlist`.
pub(crate) fn cells() -> Vec<String> {
    let text = env::var("OCCAM_KEYS_CELL").unwrap_or_default();
    text.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

fn required(name: &str) -> PathBuf {
    match env::var_os(name) {
        Some(path) => path.into(),
        None => panic!("{name} is not set: run `cargo xtask test e2e`, which builds and sets all."),
    }
}
