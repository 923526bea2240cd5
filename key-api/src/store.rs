//! The database, in the terms of the domain.
//!
//! Architecture Invariant: no other module knows SQL, and this one knows neither HTTP nor any
//! rule about what may be done: it keeps what it is told.

mod backup;
#[cfg(test)]
mod cost;
mod error;
mod idempotency;
mod lock;
mod open;
mod schema;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use contract::Timestamp;
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use uuid::Uuid;

pub use self::backup::BackupError;
pub use self::error::{OpenError, StoreError};
pub(crate) use self::idempotency::Remembered;
pub use self::lock::ServerLock;
use crate::secret::{ApiKey, Digest, Salt};
use crate::user::Email;

/// Two connections to the database, shared by all requests. One writes, because SQLite writes
/// one at a time anyway; the other reads, so that no question waits for a write.
///
/// Several processes may open the same file (the server, and `user add` beside it); each
/// transaction that writes waits up to five seconds for the others.
#[derive(Clone)]
pub struct Store {
    writer: Arc<Mutex<Connection>>,
    reader: Arc<Mutex<Connection>>,
}

/// What the database holds, as one transaction sees and changes it.
pub struct Records<'a> {
    transaction: Transaction<'a>,
}

/// Identifies a user within the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UserId(i64);

/// Identifies an API key within the database. To clients a key is its uuid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyId(i64);

/// Identifies a sign-in and the family of tokens that follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SessionId(i64);

/// Where an access token came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Session(SessionId),
    Key(KeyId),
}

/// An access token as it is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AccessToken {
    pub(crate) user: UserId,
    pub(crate) origin: Origin,
    pub(crate) expires: Timestamp,
}

/// A refresh token as it is kept, with what is known of its family.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RefreshToken {
    pub(crate) session: SessionId,
    pub(crate) user: UserId,
    /// When the whole family expires.
    pub(crate) expires: Timestamp,
    /// Whether the whole family was ended before that.
    pub(crate) ended: bool,
    pub(crate) used: Option<Timestamp>,
    /// What is needed to give the same answer again, if the token may ask for it.
    pub(crate) succession: Option<Succession>,
}

/// What is needed to make a refresh token's answer again, beside the token itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Succession {
    pub(crate) salt: Salt,
    /// When the access token of the answer expires.
    pub(crate) access_expires: Timestamp,
}

/// An API key as a list shows it.
#[derive(Clone, Debug)]
pub(crate) struct KeyRow {
    pub(crate) uuid: Uuid,
    pub(crate) name: String,
    pub(crate) prefix: String,
    pub(crate) last_four: String,
    pub(crate) created: Timestamp,
    pub(crate) last_used: Option<Timestamp>,
}

/// How much an API key was used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyUsage {
    pub(crate) created: Timestamp,
    pub(crate) successful: u64,
    pub(crate) failed: u64,
    /// All requests of the day that was asked about.
    pub(crate) today: u64,
}

/// Requests made with one key on one UTC day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DayUsage {
    /// The last of them.
    pub(crate) last: Timestamp,
    pub(crate) successful: u32,
    pub(crate) failed: u32,
}

impl Store {
    /// Runs `work` in a transaction that may write. What `work` returns is returned only after
    /// the commit has reached the disk.
    ///
    /// # Errors
    /// [`StoreError`] if `work` or the commit fails; then nothing is kept.
    pub fn write<T>(
        &self,
        work: impl FnOnce(&Records<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        transact(&self.writer, TransactionBehavior::Immediate, work)
    }

    /// Runs `work` in a transaction that only reads: everything that was committed before, and
    /// nothing that is under way.
    ///
    /// # Errors
    /// [`StoreError`] if `work` fails.
    pub fn read<T>(
        &self,
        work: impl FnOnce(&Records<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        transact(&self.reader, TransactionBehavior::Deferred, work)
    }

    /// Moves everything from the write-ahead log into the database file, as far as other
    /// processes allow.
    ///
    /// # Errors
    /// [`StoreError`] if SQLite cannot.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        self.with_writer(|writer| {
            writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        })
    }

    /// Does what no transaction may do.
    fn with_writer<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        Ok(work(&self.writer.lock().unwrap_or_else(PoisonError::into_inner))?)
    }
}

/// Users.
impl Records<'_> {
    /// Adds a user, or gives `None` if the e-mail address is taken.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn add_user(
        &self,
        email: &Email,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<Option<UserId>, StoreError> {
        let added = self.execute(
            "INSERT INTO users (email, password_hash, created) VALUES (?1, ?2, ?3)
             ON CONFLICT (email) DO NOTHING",
            params![email.as_str(), password_hash, UnixMillis(now)],
        )?;
        Ok((added == 1).then(|| UserId(self.transaction.last_insert_rowid())))
    }

    /// Removes a user with all keys and tokens, or gives `false` if there is none.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn remove_user(&self, email: &Email) -> Result<bool, StoreError> {
        Ok(self.execute("DELETE FROM users WHERE email = ?1", [email.as_str()])? == 1)
    }

    /// All e-mail addresses, in the order they were added.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn emails(&self) -> Result<Vec<String>, StoreError> {
        self.rows("SELECT email FROM users ORDER BY id", [], |row| row.get(0))
    }

    /// The user with this e-mail address, and the hash of the password.
    pub(crate) fn user(&self, email: &Email) -> Result<Option<(UserId, String)>, StoreError> {
        self.row("SELECT id, password_hash FROM users WHERE email = ?1", [email.as_str()], |row| {
            Ok((UserId(row.get(0)?), row.get(1)?))
        })
    }
}

/// Sessions and tokens.
impl Records<'_> {
    pub(crate) fn add_session(
        &self,
        user: UserId,
        expires: Timestamp,
    ) -> Result<SessionId, StoreError> {
        self.execute(
            "INSERT INTO sessions (user_id, expires) VALUES (?1, ?2)",
            params![user.0, UnixMillis(expires)],
        )?;
        Ok(SessionId(self.transaction.last_insert_rowid()))
    }

    /// Ends a session: none of its tokens is good for anything any more.
    pub(crate) fn end_session(&self, session: SessionId, now: Timestamp) -> Result<(), StoreError> {
        self.execute(
            "UPDATE sessions SET ended = ifnull(ended, ?2) WHERE id = ?1",
            params![session.0, UnixMillis(now)],
        )?;
        self.execute("DELETE FROM access_tokens WHERE session_id = ?1", [session.0])?;
        self.forget_successions(session)
    }

    pub(crate) fn add_access_token(
        &self,
        digest: Digest,
        token: &AccessToken,
    ) -> Result<(), StoreError> {
        let (session, key) = match token.origin {
            Origin::Session(session) => (Some(session.0), None),
            Origin::Key(key) => (None, Some(key.0)),
        };
        self.execute(
            "INSERT INTO access_tokens (digest, user_id, session_id, key_id, expires)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![digest, token.user.0, session, key, UnixMillis(token.expires)],
        )?;
        Ok(())
    }

    pub(crate) fn access_token(&self, digest: Digest) -> Result<Option<AccessToken>, StoreError> {
        self.row(
            "SELECT user_id, session_id, key_id, expires FROM access_tokens WHERE digest = ?1",
            [digest],
            |row| {
                let origin = match row.get(1)? {
                    Some(session) => Origin::Session(SessionId(session)),
                    None => Origin::Key(KeyId(row.get(2)?)),
                };
                let UnixMillis(expires) = row.get(3)?;
                Ok(AccessToken { user: UserId(row.get(0)?), origin, expires })
            },
        )
    }

    pub(crate) fn remove_access_token(&self, digest: Digest) -> Result<(), StoreError> {
        self.execute("DELETE FROM access_tokens WHERE digest = ?1", [digest])?;
        Ok(())
    }

    pub(crate) fn add_refresh_token(
        &self,
        digest: Digest,
        session: SessionId,
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO refresh_tokens (digest, session_id) VALUES (?1, ?2)",
            params![digest, session.0],
        )?;
        Ok(())
    }

    pub(crate) fn refresh_token(&self, digest: Digest) -> Result<Option<RefreshToken>, StoreError> {
        self.row(
            "SELECT session_id, user_id, expires, ended IS NOT NULL,
                    used, successor_salt, successor_expires
             FROM refresh_tokens JOIN sessions ON sessions.id = session_id
             WHERE digest = ?1",
            [digest],
            |row| {
                let salt: Option<[u8; 32]> = row.get(5)?;
                let access_expires: Option<UnixMillis> = row.get(6)?;
                let UnixMillis(expires) = row.get(2)?;
                Ok(RefreshToken {
                    session: SessionId(row.get(0)?),
                    user: UserId(row.get(1)?),
                    expires,
                    ended: row.get(3)?,
                    used: row.get::<_, Option<UnixMillis>>(4)?.map(|UnixMillis(used)| used),
                    succession: salt.zip(access_expires).map(|(salt, UnixMillis(expires))| {
                        Succession { salt: Salt(salt), access_expires: expires }
                    }),
                })
            },
        )
    }

    /// Marks a refresh token as used, and makes it the only one of its family whose answer can
    /// be made again.
    pub(crate) fn use_refresh_token(
        &self,
        digest: Digest,
        session: SessionId,
        succession: &Succession,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.forget_successions(session)?;
        self.execute(
            "UPDATE refresh_tokens SET used = ?2, successor_salt = ?3, successor_expires = ?4
             WHERE digest = ?1",
            params![
                digest,
                UnixMillis(now),
                succession.salt.0,
                UnixMillis(succession.access_expires)
            ],
        )?;
        Ok(())
    }

    /// Removes what time has made useless: access tokens and idempotency keys that expired
    /// before `now`, what would repeat the answer of a refresh token used before
    /// `repeatable_since`, and sessions that expired before `remembered_since`.
    pub(crate) fn purge(
        &self,
        now: Timestamp,
        repeatable_since: Timestamp,
        remembered_since: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute("DELETE FROM access_tokens WHERE expires <= ?1", [UnixMillis(now)])?;
        self.forget_idempotency_keys(now)?;
        self.execute(
            "UPDATE refresh_tokens SET successor_salt = NULL
             WHERE successor_salt IS NOT NULL AND used < ?1",
            [UnixMillis(repeatable_since)],
        )?;
        self.execute("DELETE FROM sessions WHERE expires < ?1", [UnixMillis(remembered_since)])?;
        Ok(())
    }

    fn forget_successions(&self, session: SessionId) -> Result<(), StoreError> {
        self.execute(
            "UPDATE refresh_tokens SET successor_salt = NULL
             WHERE session_id = ?1 AND successor_salt IS NOT NULL",
            [session.0],
        )?;
        Ok(())
    }
}

/// API keys and their usage.
impl Records<'_> {
    pub(crate) fn add_key(
        &self,
        user: UserId,
        uuid: Uuid,
        name: &str,
        key: &ApiKey,
        created: Timestamp,
    ) -> Result<KeyId, StoreError> {
        self.execute(
            "INSERT INTO api_keys (uuid, user_id, name, digest, prefix, last_four, created)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                uuid.to_string(),
                user.0,
                name,
                key.digest(),
                key.prefix(),
                key.last_four(),
                UnixMillis(created)
            ],
        )?;
        Ok(KeyId(self.transaction.last_insert_rowid()))
    }

    /// The key with this digest, and whose it is.
    pub(crate) fn key(&self, digest: Digest) -> Result<Option<(KeyId, UserId)>, StoreError> {
        self.row("SELECT id, user_id FROM api_keys WHERE digest = ?1", [digest], |row| {
            Ok((KeyId(row.get(0)?), UserId(row.get(1)?)))
        })
    }

    /// A user's keys, the oldest first.
    pub(crate) fn keys(&self, user: UserId) -> Result<Vec<KeyRow>, StoreError> {
        self.rows(
            "SELECT uuid, name, prefix, last_four, created, last_used
             FROM api_keys WHERE user_id = ?1 ORDER BY created, id",
            [user.0],
            |row| {
                let uuid: String = row.get(0)?;
                let UnixMillis(created) = row.get(4)?;
                Ok(KeyRow {
                    uuid: Uuid::parse_str(&uuid).map_err(|error| {
                        rusqlite::Error::FromSqlConversionFailure(
                            0,
                            rusqlite::types::Type::Text,
                            error.into(),
                        )
                    })?,
                    name: row.get(1)?,
                    prefix: row.get(2)?,
                    last_four: row.get(3)?,
                    created,
                    last_used: row.get::<_, Option<UnixMillis>>(5)?.map(|UnixMillis(used)| used),
                })
            },
        )
    }

    /// Deletes a key of this user with its tokens and its usage; `false` if there is none.
    pub(crate) fn delete_key(&self, user: UserId, uuid: Uuid) -> Result<bool, StoreError> {
        let deleted = self.execute(
            "DELETE FROM api_keys WHERE user_id = ?1 AND uuid = ?2",
            params![user.0, uuid.to_string()],
        )?;
        Ok(deleted == 1)
    }

    /// How much a key of this user was used, over its life and on the UTC day of `now`.
    pub(crate) fn key_usage(
        &self,
        user: UserId,
        uuid: Uuid,
        now: Timestamp,
    ) -> Result<Option<KeyUsage>, StoreError> {
        self.row(
            "SELECT created, api_keys.successful, api_keys.failed,
                    ifnull(usage.successful, 0) + ifnull(usage.failed, 0)
             FROM api_keys LEFT JOIN usage ON usage.key_id = api_keys.id AND usage.day = ?3
             WHERE user_id = ?1 AND uuid = ?2",
            params![user.0, uuid.to_string(), now.utc_day()],
            |row| {
                let UnixMillis(created) = row.get(0)?;
                Ok(KeyUsage {
                    created,
                    successful: row.get(1)?,
                    failed: row.get(2)?,
                    today: row.get(3)?,
                })
            },
        )
    }

    /// Adds requests to a key's counters and moves its last use. A key that was deleted in the
    /// meantime is passed over.
    pub(crate) fn add_usage(&self, key: KeyId, usage: &DayUsage) -> Result<(), StoreError> {
        // A key whose last use equals its creation would look as if it had never been used.
        let known = self.execute(
            "UPDATE api_keys
             SET last_used = max(ifnull(last_used, 0), created + 1, ?2),
                 successful = successful + ?3, failed = failed + ?4
             WHERE id = ?1",
            params![key.0, UnixMillis(usage.last), usage.successful, usage.failed],
        )?;
        if known == 1 {
            self.execute(
                "INSERT INTO usage (key_id, day, successful, failed) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (key_id, day) DO UPDATE
                 SET successful = successful + excluded.successful,
                     failed = failed + excluded.failed",
                params![key.0, usage.last.utc_day(), usage.successful, usage.failed],
            )?;
        }
        Ok(())
    }
}

impl Records<'_> {
    /// Reads something, so that a database that cannot be read any more is found out.
    pub(crate) fn look(&self) -> Result<(), StoreError> {
        self.row("SELECT count(*) FROM users", [], |_| Ok(()))?;
        Ok(())
    }

    fn execute(&self, sql: &str, params: impl rusqlite::Params) -> Result<usize, StoreError> {
        Ok(self.transaction.prepare_cached(sql)?.execute(params)?)
    }

    fn row<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.transaction.prepare_cached(sql)?.query_row(params, read).optional()?)
    }

    fn rows<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.transaction.prepare_cached(sql)?;
        let rows = statement.query_map(params, read)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

/// A [`Timestamp`] as a column holds it.
struct UnixMillis(Timestamp);

impl ToSql for UnixMillis {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.unix_millis().into())
    }
}

impl FromSql for UnixMillis {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(|millis| Self(Timestamp::from_unix_millis(millis)))
    }
}

impl ToSql for Digest {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0)))
    }
}

fn transact<T>(
    connection: &Mutex<Connection>,
    behavior: TransactionBehavior,
    work: impl FnOnce(&Records<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    // A panic during a transaction rolls it back, so the connection behind a poisoned lock is
    // sound.
    let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
    let records = Records { transaction: connection.transaction_with_behavior(behavior)? };
    let result = work(&records)?;
    records.transaction.commit()?;
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_on_the_disk_and_what_is_deleted_is_gone() {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let store = Store::open(&folder.path().join("keys.db")).expect("a new database");
        let connection = store.writer.lock().expect("nobody panicked");
        for (pragma, value) in [
            ("journal_mode", "wal"),
            ("synchronous", "2"),
            ("foreign_keys", "1"),
            ("secure_delete", "1"),
            ("busy_timeout", "5000"),
        ] {
            let actual = connection.pragma_query_value(None, pragma, |row| {
                row.get::<_, String>(0).or_else(|_| Ok(row.get::<_, i64>(0)?.to_string()))
            });
            assert_eq!(actual.as_deref(), Ok(value), "{pragma}");
        }
    }

    #[test]
    fn a_transaction_that_fails_leaves_nothing() {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let store = Store::open(&folder.path().join("keys.db")).expect("a new database");
        let email: Email = "ada@example.com".parse().expect("an e-mail address");
        let failed: Result<(), _> = store.write(|records| {
            records.add_user(&email, "hash", Timestamp::from_unix_millis(0))?;
            Err(StoreError::Full)
        });
        assert!(matches!(failed, Err(StoreError::Full)));
        assert_eq!(store.read(|records| records.emails()).expect("a list"), [""; 0]);
    }
}
