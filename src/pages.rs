//! Whole views. Pages own the data and the actions, and hand plain data and callbacks down to the
//! components.

pub mod chunk;
pub mod key;
pub mod keys;
pub mod sign_in;
#[cfg(feature = "styleguide")]
pub mod styleguide;
pub mod usage;
pub mod workspace;
