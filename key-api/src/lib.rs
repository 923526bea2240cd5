//! A local Key API: the operations of the documents on an embedded SQLite database, and beside
//! them the built front end as static files.
//!
//! A request passes the guards of [`server`] (host, origin, size), then the bearer token is
//! resolved and metered in one place (`bearer`), then a thin handler (`auth`, `keys`) puts a
//! question to the store. Rules are pure functions with tests beside them; SQL is in `store`
//! and nowhere else; an answer is sent only after its transaction is committed.
//!
//! Architecture Invariant: nothing secret is ever written to the database or the log. Secrets
//! live in types that do not print; the store is handed their digests. The one answer that is
//! kept with a secret in it is sealed with a key that only the client has (`idempotency`).

pub mod clock;
pub mod demo;
pub mod log;
pub mod openapi;
pub mod password;
pub mod server;
pub mod site;
pub mod store;
pub mod user;

mod attempts;
mod auth;
mod bearer;
mod body;
mod connections;
mod error;
mod guard;
mod idempotency;
mod keys;
mod queue;
mod secret;
mod usage;
