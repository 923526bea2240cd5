//! Thin adapters to what the browser already has: its clocks, its formats, its clipboard, its
//! window, and the ways between its tabs. They hold no rules.

pub mod canvas;
pub mod channel;
pub mod checksum;
pub mod clipboard;
pub mod clock;
pub mod download;
pub mod element;
pub mod format;
pub mod journal;
pub mod language;
pub mod last_resort;
pub mod locks;
pub mod online;
pub mod page;
pub mod popover;
pub mod preference;
pub mod table;
pub mod text;
pub mod timer;
