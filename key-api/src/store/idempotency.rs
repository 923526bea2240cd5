//! What is remembered of requests with an `Idempotency-Key`.

use contract::Timestamp;
use rusqlite::params;

use super::{KeyId, Records, StoreError, UnixMillis, UserId};
use crate::secret::Digest;

/// What is left of an earlier request with the same idempotency key.
#[derive(Clone, Debug)]
pub(crate) enum Remembered {
    /// The answer that handed its API key out, sealed.
    Answer(Vec<u8>),
    /// Its API key was deleted, and the answer with it.
    Deleted,
}

impl UserId {
    /// The id as bytes, for binding something to the user.
    pub(crate) const fn to_bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }
}

/// Idempotency keys.
impl Records<'_> {
    /// What this user's idempotency key came to, if it made an API key and has not expired.
    pub(crate) fn remembered(
        &self,
        user: UserId,
        idempotency_key: Digest,
        now: Timestamp,
    ) -> Result<Option<Remembered>, StoreError> {
        self.row(
            "SELECT sealed FROM idempotency_keys
             LEFT JOIN sealed_answers ON idempotency_key_id = idempotency_keys.id
             WHERE user_id = ?1 AND digest = ?2 AND expires > ?3",
            params![user.0, idempotency_key, UnixMillis(now)],
            |row| Ok(row.get::<_, Option<_>>(0)?.map_or(Remembered::Deleted, Remembered::Answer)),
        )
    }

    /// Remembers until `expires` that this user's idempotency key made `key`, and what was
    /// answered. What it made before must have expired.
    pub(crate) fn remember(
        &self,
        user: UserId,
        idempotency_key: Digest,
        key: KeyId,
        sealed: &[u8],
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<(), StoreError> {
        // The purge may not have come to the earlier one yet.
        self.forget_idempotency_keys(now)?;
        self.execute(
            "INSERT INTO idempotency_keys (user_id, digest, expires) VALUES (?1, ?2, ?3)",
            params![user.0, idempotency_key, UnixMillis(expires)],
        )?;
        self.execute(
            "INSERT INTO sealed_answers (idempotency_key_id, api_key_id, sealed)
             VALUES (?1, ?2, ?3)",
            params![self.transaction.last_insert_rowid(), key.0, sealed],
        )?;
        Ok(())
    }

    /// Removes the idempotency keys that expired before `now`, with their answers.
    pub(super) fn forget_idempotency_keys(&self, now: Timestamp) -> Result<(), StoreError> {
        self.execute("DELETE FROM idempotency_keys WHERE expires <= ?1", [UnixMillis(now)])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::secret::ApiKey;
    use crate::store::Store;

    fn count(records: &Records<'_>) -> Result<(u32, u32), StoreError> {
        let counts = records.row(
            "SELECT (SELECT count(*) FROM idempotency_keys), (SELECT count(*) FROM sealed_answers)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        );
        Ok(counts?.expect("a row"))
    }

    #[test]
    fn the_purge_removes_what_has_expired_and_nothing_else() {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let store = Store::open(&folder.path().join("keys.db")).expect("a new database");
        let at = Timestamp::from_unix_millis;
        let email = "ada@example.com".parse().expect("an e-mail address");
        let counts = store.write(|records| {
            let user = records.add_user(&email, "hash", at(0))?.expect("a new user");
            for expires in [100, 200] {
                let secret = ApiKey::random().expect("the system has random numbers");
                let key = records.add_key(user, Uuid::new_v4(), "k", &secret, at(0))?;
                let digest = Digest([expires as u8; 32]);
                records.remember(user, digest, key, b"sealed", at(0), at(expires))?;
            }
            let before = count(records)?;
            records.purge(at(99), at(0), at(0))?;
            let too_early = count(records)?;
            records.purge(at(100), at(0), at(0))?;
            Ok([before, too_early, count(records)?])
        });
        assert_eq!(counts.expect("the database works"), [(2, 2), (2, 2), (1, 1)]);
    }
}
