//! The shape of the database, and how an older one gets it.

use rusqlite::{Connection, TransactionBehavior};

use super::OpenError;

/// Marks a database as one of ours ("OccK"), so that no other program's file is ever changed.
const APPLICATION_ID: i32 = 0x4f63_634b;

/// What makes each version out of the one before it; the first makes version 1 out of nothing.
/// A new database goes the same way as an old one, so both have the same shape in the end. For
/// that, a step that was once released is never changed.
const STEPS: [&str; 2] = [include_str!("schema.sql"), include_str!("idempotency.sql")];

/// Brings a database to the newest version, in one transaction: it is left as it was if
/// anything fails.
///
/// # Errors
/// [`OpenError`] if it is not one of ours, was written by a newer server, or cannot be changed.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let number = |pragma| transaction.query_row(pragma, [], |row| row.get::<_, i32>(0));
    let is_new = number("SELECT count(*) FROM sqlite_schema")? == 0;
    if !is_new && number("PRAGMA application_id")? != APPLICATION_ID {
        return Err(OpenError::Foreign);
    }
    let version = if is_new { 0 } else { number("PRAGMA user_version")? };
    let done = usize::try_from(version).map_err(|_| OpenError::Foreign)?;
    let steps = STEPS.get(done..).ok_or(OpenError::Newer)?;
    for step in steps {
        transaction.execute_batch(step)?;
    }
    // A database that is up to date is not written to.
    if !steps.is_empty() {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", STEPS.len() as i32)?;
    }
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A database as the server of this version made it.
    fn database(version: usize) -> Connection {
        let connection = Connection::open_in_memory().expect("a database");
        for step in &STEPS[..version] {
            connection.execute_batch(step).expect("a schema");
        }
        connection.pragma_update(None, "application_id", APPLICATION_ID).expect("a pragma");
        connection.pragma_update(None, "user_version", version as i32).expect("a pragma");
        connection
    }

    fn shape(connection: &Connection) -> Vec<String> {
        let mut statement = connection
            .prepare("SELECT ifnull(sql, name) FROM sqlite_schema ORDER BY name")
            .expect("a statement");
        let rows = statement.query_map([], |row| row.get(0)).expect("rows");
        rows.collect::<Result<_, _>>().expect("text")
    }

    fn version(connection: &Connection) -> i32 {
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).expect("a number")
    }

    #[test]
    fn a_database_of_the_first_version_gets_the_shape_of_a_new_one_and_keeps_its_rows() {
        let mut new = Connection::open_in_memory().expect("a database");
        migrate(&mut new).expect("a new database");
        let mut old = database(1);
        old.execute_batch(
            "INSERT INTO users VALUES (1, 'ada@example.com', 'hash', 0);
             INSERT INTO api_keys (uuid, user_id, name, digest, prefix, last_four, created)
             VALUES ('u', 1, 'k', x'00', 'p', 'l', 0);",
        )
        .expect("rows");
        assert_ne!(shape(&old), shape(&new));
        for _ in 0..2 {
            migrate(&mut old).expect("a database that can be opened again");
            assert_eq!((shape(&old), version(&old)), (shape(&new), version(&new)));
        }
        let name: String = old
            .query_row("SELECT name FROM api_keys JOIN users ON users.id = user_id", [], |row| {
                row.get(0)
            })
            .expect("the row");
        assert_eq!(name, "k");
    }

    #[test]
    fn a_database_of_a_newer_server_is_left_alone() {
        let mut newer = database(STEPS.len());
        newer.pragma_update(None, "user_version", STEPS.len() as i32 + 1).expect("a pragma");
        assert!(matches!(migrate(&mut newer), Err(OpenError::Newer)));
        assert_eq!(version(&newer), STEPS.len() as i32 + 1);
    }
}
