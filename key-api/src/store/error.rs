//! What can go wrong with the database.

use std::{fmt, io};

use rusqlite::ErrorCode;

/// Why a database cannot be opened.
#[derive(Debug)]
pub enum OpenError {
    /// The file or its folder cannot be made or read.
    Io(io::Error),
    /// SQLite cannot use the file.
    Sqlite(rusqlite::Error),
    /// The file is a database of some other program.
    Foreign,
    /// The file was written by a newer version of this program.
    Newer,
    /// The check after an unclean stop found damage.
    Damaged(String),
    /// This user may not write to the file.
    ReadOnly,
}

/// Why a transaction failed. Nothing of it was kept.
#[derive(Debug)]
pub enum StoreError {
    /// Another process held the database for too long.
    Busy,
    /// The disk is full.
    Full,
    /// The file cannot be read or written: it is damaged or read-only, or the disk fails.
    Unusable(rusqlite::Error),
    /// Anything else.
    Other(rusqlite::Error),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "{error}"),
            Self::Sqlite(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                    f.write_str("another program holds it")
                }
                _ => write!(f, "{error}"),
            },
            Self::Foreign => f.write_str("it is the database of another program"),
            Self::Newer => f.write_str("it was written by a newer version of key-api"),
            Self::Damaged(verdict) => write!(f, "it is damaged ({verdict})"),
            Self::ReadOnly => f.write_str("it may only be read here"),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("the database is held by another process"),
            Self::Full => f.write_str("the disk is full"),
            Self::Unusable(error) | Self::Other(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(
                ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::ReadOnly
                | ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen,
            ) => Self::Unusable(error),
            _ => Self::Other(error),
        }
    }
}
