//! Thin adapters to what the browser already has: its clock, its formats, its clipboard, its
//! window. They hold no rules.

pub mod clipboard;
pub mod format;
pub mod page;
