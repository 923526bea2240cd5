//! What the app is about, as plain types and rules: keys, names, secrets, usage, time.
//!
//! Architecture Invariant: nothing here knows Leptos, the DOM, HTTP or the clock. Every rule is a
//! pure function, so it is tested natively.

pub mod bulk_revocation;
pub mod chart;
pub mod creation;
pub mod drill;
pub mod form;
pub mod health;
pub mod identify;
pub mod incident;
pub mod inquiry;
pub mod journal;
pub mod key;
pub mod live;
pub mod lookalike;
pub mod lost_secret;
pub mod names;
mod order;
pub mod renewal;
pub mod retry;
pub mod revocation;
pub mod rotation;
pub mod secret;
pub mod shortcut;
pub mod snippet;
pub mod suggest;
pub mod table;
pub mod time;
pub mod toast;
pub mod tokens;
pub mod trial;
pub mod usage;
pub mod usage_board;
