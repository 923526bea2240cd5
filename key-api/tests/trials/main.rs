//! What is promised of everything that was acknowledged, tried out: by ends at any moment, by
//! disks that fail, by more clients than there is room for, and by steps in any order.
//!
//! How much is tried is chosen for every commit. `cargo xtask endure` tries ten times as much.

mod amount;
mod conformance;
mod disk;
mod kills;
mod model;
mod process;
mod random;
mod sockets;
mod sync;
mod wal;

#[expect(dead_code, reason = "the tests of the API use the rest")]
#[path = "../api/program.rs"]
mod program;
#[expect(dead_code, reason = "the tests of the API use the rest")]
#[path = "../api/support.rs"]
mod support;
