//! One server for one database.
//!
//! SQLite lets any number of processes share a file, and `user add` beside a server relies on it.
//! A second server would lose nothing either, but the limits on sign-ins and on work at once are
//! kept in a server's memory: two servers would allow twice as much.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

/// Held by the server of a database. The system lets go of it when the process ends, however it
/// ends.
#[derive(Debug)]
pub struct ServerLock {
    _file: File,
}

impl ServerLock {
    /// Takes the lock of the database at `path`, or gives `None` if another server has it. There
    /// need not be a database yet.
    ///
    /// # Errors
    /// What the system says about the file beside the database that is locked.
    pub fn take(path: &Path) -> io::Result<Option<Self>> {
        let path = std::path::absolute(path)?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut name = path.into_os_string();
        name.push("-lock");
        let mut options = OpenOptions::new();
        options.create(true).write(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(name)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}
