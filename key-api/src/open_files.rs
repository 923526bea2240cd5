//! How many files this process may have open, of which every connection takes one.

use key_api::server::Settings;

/// What the database, the site and the log take beside the connections, with room to spare.
#[cfg(unix)]
const OTHER_FILES: u64 = 128;

/// As many connections as the server likes, or as many as the system allows. The soft limit is
/// raised first: it is low for programs that could not do with more, and this one can.
#[cfg(unix)]
pub(crate) fn room_for_connections() -> usize {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};

    let wanted = Settings::default().connections;
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return wanted };
    let enough = hard.min(wanted as u64 + OTHER_FILES);
    let raised = soft >= enough || setrlimit(Resource::RLIMIT_NOFILE, enough, hard).is_ok();
    let files = if raised { soft.max(enough) } else { soft };
    let room = usize::try_from(files.saturating_sub(OTHER_FILES)).unwrap_or(wanted);
    room.clamp(1, wanted)
}

/// As many connections as the server likes.
#[cfg(not(unix))]
pub(crate) fn room_for_connections() -> usize {
    Settings::default().connections
}
