//! Opening a database, and looking whether it is whole before anything is written to it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fs, io};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags};

use super::{OpenError, Store, schema};

/// How long a statement waits for another process that holds the database.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

impl Store {
    /// Opens the database at `path`; makes it, and the folders above it, if there is none.
    ///
    /// # Errors
    /// [`OpenError`] if that is not possible or the file is not one of ours.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let path = std::path::absolute(path)?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        // The log of a database that was closed well is empty or gone.
        let was_open = !is_empty(&wal_path(&path));
        if was_open && is_empty(&path) {
            // To SQLite it would be a new database, and the log a leftover to be removed.
            return Err(OpenError::Damaged("it is empty, and its log is not".to_owned()));
        }
        create_private(&path)?;
        let mut writer = connect(&path)?;
        if writer.is_readonly(MAIN_DB)? {
            return Err(OpenError::ReadOnly);
        }
        if was_open {
            // A damaged database is left as it is, its log included: that is what may be saved,
            // and what makes the next start look again. So nothing is moved out of the log when
            // this fails, at whatever step, and nothing is written before the check.
            keep_log(&writer, true)?;
            integrity(&writer)?;
        }
        // Before anything else that writes, because the file may turn out to be somebody else's.
        schema::migrate(&mut writer)?;
        writer.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             PRAGMA secure_delete = ON;
             PRAGMA trusted_schema = OFF;",
        )?;
        let reader = connect(&path)?;
        reader.execute_batch("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF;")?;
        // A first look, so that what could prevent reading is said now, and the files beside the
        // database are there from now on.
        reader.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        keep_log(&writer, false)?;
        Ok(Self { writer: Arc::new(Mutex::new(writer)), reader: Arc::new(Mutex::new(reader)) })
    }
}

/// Makes the file, if there is none, so that only its owner can read it. SQLite gives the files
/// beside it (`-wal`, `-shm`) the same mode.
pub(super) fn create_private(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Whether nothing is in a file, or there is none.
fn is_empty(file: &Path) -> bool {
    file.metadata().map_or(true, |file| file.len() == 0)
}

fn wal_path(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push("-wal");
    path.into()
}

pub(super) fn connect(path: &Path) -> Result<Connection, OpenError> {
    // Without SQLITE_OPEN_URI, so that a file named `file:…` is just that.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// Whether the log stays as it is when the last connection closes.
fn keep_log(connection: &Connection, keep: bool) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep).map(drop)
}

/// Checks that every page, index and reference of a database is sound.
pub(super) fn integrity(connection: &Connection) -> Result<(), OpenError> {
    let verdict = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0));
    let verdict: String = verdict.or_else(|error| match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Ok(error.to_string()),
        _ => Err(error),
    })?;
    if verdict != "ok" {
        // A heading says which database it is about, and the reason has to fit into a sentence.
        let reasons: Vec<_> = verdict.lines().filter(|line| !line.starts_with("***")).collect();
        return Err(OpenError::Damaged(reasons.join("; ")));
    }
    let dangling = "SELECT count(*) FROM pragma_foreign_key_check";
    match connection.query_row(dangling, [], |row| row.get(0))? {
        0 => Ok(()),
        rows => Err(OpenError::Damaged(format!("{rows} rows refer to what is not there"))),
    }
}
