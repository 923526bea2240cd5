//! What this browser has seen of its keys' usage. The API tells five numbers and no history, so
//! each look is kept: which key, when, the five numbers, and never a name or a secret.
//!
//! Architecture Invariant: looks stand in the order in which they were made. The clock may jump;
//! the order of the looks, and so what was added from one to the next, does not hang on it.

pub mod change;
pub mod entry;
pub mod export;
pub mod history;
pub mod runway;

use super::time::{DAY_MILLIS as DAY, HOUR_MILLIS as HOUR, MINUTE_MILLIS as MINUTE};
