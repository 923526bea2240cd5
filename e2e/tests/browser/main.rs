//! End to end: the built site and the real server in a real browser.

mod accessibility;
mod accessibility_tree;
mod complaints;
mod forced_colors;
mod harness;
mod hostile;
mod journey;
mod languages;
mod leak_drill;
mod list;
mod lost_create;
mod many_keys;
mod policy;
mod revoking;
mod secrets;
mod servers;
mod session;
mod shortcuts;
mod show_once;
mod sign_in;
mod sweep;
mod tabs;
mod tampered;
mod without_a_mouse;
mod zoom;
