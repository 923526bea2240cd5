//! Forty kinds of fault at eight operations: what the user must see, and what must stay true.
//!
//! [`table`] says for every kind and operation what happens and what is expected, as data.
//! [`stage`] brings the app to the point and does the operation as a user does; [`invariants`]
//! holds what must be true after every step; [`cell`] runs one cell, and [`matrix`] all of them.

pub mod cell;
pub mod invariants;
pub mod matrix;
pub mod stage;
pub mod table;
