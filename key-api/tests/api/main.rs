//! The server as its clients meet it: over HTTP, on a port of its own for each test.

mod attempts;
mod auth;
mod command_line;
mod contract;
mod database;
mod headers;
mod http;
mod idempotency;
mod keys;
mod openapi;
#[expect(dead_code, reason = "the trials use the rest")]
mod program;
mod running;
mod secrets;
mod site;
mod support;
mod usage;
