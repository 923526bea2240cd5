//! What becomes of a read that meets trouble.

mod faults;
