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

fn required(name: &str) -> PathBuf {
    match env::var_os(name) {
        Some(path) => path.into(),
        None => panic!("{name} is not set: run `cargo xtask test e2e`, which builds and sets all."),
    }
}
