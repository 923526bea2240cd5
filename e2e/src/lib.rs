//! The built site and the real server in a real browser.
//!
//! A test opens a [`scene::Scene`]: a server on a database of its own and a browser with a
//! profile of its own. It finds its way through page objects ([`sign_in`], [`keys`],
//! [`create_dialog`], [`inquiry_dialog`], [`revoke_dialog`], [`usage`]), which find the parts of a
//! page as a user does: by role and name. A scene that ends well has left nothing secret on the
//! server's disk and nothing untoward in the browser's console.
//!
//! Nothing sleeps: whatever takes time is waited for with a deadline, and what was waited for
//! is said when the deadline has passed.

pub mod api;
pub mod browser;
pub mod clock;
pub mod create_dialog;
mod environment;
pub mod faults;
pub mod hold;
mod http;
pub mod inquiry_dialog;
pub mod inspection;
pub mod keys;
pub mod locator;
pub mod offered;
mod process;
pub mod proxy;
pub mod revoke_dialog;
pub mod scene;
pub mod server;
pub mod sign_in;
pub mod sweep;
pub mod tour;
mod turn;
pub mod usage;
pub mod web_server;
mod webdriver;
