//! The table of keys as rules: which keys are on show and in which order, which rows of a long
//! table are mounted, which keys are chosen, and what the list is as a file.
//!
//! The DOM knows rows; these modules know keys by their place in the list and by their identity.

pub mod arrangement;
pub mod export;
pub mod query;
pub mod selection;
pub mod window;
