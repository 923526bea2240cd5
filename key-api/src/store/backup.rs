//! A copy of the database while it is in use.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::{fmt, io};

use super::open::{connect, create_private, integrity};
use super::{OpenError, Store, StoreError};

/// Why there is no copy. The file that was asked for is as it was before.
#[derive(Debug)]
pub enum BackupError {
    /// There is a file of this name, which may be somebody's only backup.
    Exists,
    /// The copy cannot be written.
    Io(io::Error),
    /// The database cannot be read, or the copy not be written.
    Store(StoreError),
    /// The copy is damaged, and so the database probably is.
    Damaged(String),
}

impl Store {
    /// Writes a copy of the database to `file`: all that was committed before this moment, and
    /// nothing by half. Others may go on reading and writing.
    ///
    /// The copy is checked and on the disk before it gets its name, and only its owner can read
    /// it. It holds no remains of what was deleted.
    ///
    /// # Errors
    /// [`BackupError`]; in particular if there is a file of that name.
    pub fn backup(&self, file: &Path) -> Result<(), BackupError> {
        if file.exists() {
            return Err(BackupError::Exists);
        }
        let partial = partial(file);
        create_private(&partial)?;
        let written = self.write_copy(&partial).and_then(|()| {
            // Unlike a renaming, this fails if somebody else was faster.
            fs::hard_link(&partial, file)?;
            sync_folder_of(file)?;
            Ok(())
        });
        // What is left over is only disk space, and its name says what it is.
        let _ = fs::remove_file(&partial);
        written
    }

    fn write_copy(&self, partial: &Path) -> Result<(), BackupError> {
        let target = partial.to_str().ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "the file's name is no text")
        })?;
        self.with_writer(|connection| connection.execute("VACUUM INTO ?1", [target]))?;
        let copy = connect(partial)?;
        integrity(&copy)?;
        copy.close().map_err(|(_, error)| StoreError::from(error))?;
        File::open(partial)?.sync_all()?;
        Ok(())
    }
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists => f.write_str("there is a file of this name already"),
            Self::Io(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                f.write_str("there is a file of this name, or one with .partial at its end")
            }
            Self::Io(error) => write!(f, "{error}"),
            Self::Store(error) => write!(f, "{error}"),
            Self::Damaged(verdict) => write!(f, "the copy is damaged ({verdict})"),
        }
    }
}

impl std::error::Error for BackupError {}

impl From<io::Error> for BackupError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<StoreError> for BackupError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<OpenError> for BackupError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Sqlite(error) => Self::Store(error.into()),
            OpenError::Io(error) => Self::Io(error),
            other => Self::Damaged(other.to_string()),
        }
    }
}

/// The name of a copy that is not finished.
fn partial(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

/// Puts the file's name on the disk, where that is not done with the file itself.
fn sync_folder_of(file: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = std::path::absolute(file)?.parent() {
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}
