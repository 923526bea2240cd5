//! End to end: the built site and the real server in a real browser.

mod journey;
