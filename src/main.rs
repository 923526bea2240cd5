//! The binary: mounts the app.
fn main() {}
