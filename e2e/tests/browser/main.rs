//! End to end: the built site and the real server in a real browser.

mod harness;
mod hostile;
mod journey;
mod list;
mod lost_create;
mod revoking;
mod secrets;
mod session;
mod show_once;
mod sign_in;
mod sweep;
mod without_a_mouse;
