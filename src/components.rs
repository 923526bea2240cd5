//! What the pages are made of. Plain data and signals come in as props, what the user wants goes
//! out through callbacks.
//!
//! Architecture Invariant: no component knows the API or the session, so each can be mounted and
//! tested alone.

mod attempt;
pub mod clean_up;
pub mod command;
pub mod countdown;
pub mod create_key;
pub mod dialog;
pub mod foreign;
pub mod identify;
pub mod inquiry;
pub mod key_facts;
pub mod key_filters;
pub mod key_table;
pub mod live_usage;
pub mod lost_secret;
pub mod mark;
pub mod notice;
pub mod offline;
mod over_time;
pub mod palette;
pub mod refresh;
pub mod revoke_key;
pub mod revoke_many;
pub mod rotation;
pub mod secret;
pub mod selection_bar;
pub mod shortcuts;
pub mod snippets;
pub mod submit;
pub mod usage_board;
pub mod usage_chart;
pub mod usage_history;
pub mod waiting;
pub mod when;
