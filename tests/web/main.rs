//! Behaviour in a real browser: components and pages, mounted into the runner's page, with the
//! Key API's answers given by the test. One test binary, run in Chromium and in Firefox.
#![cfg(target_arch = "wasm32")]

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

pub mod access;
pub mod api;
pub mod create_key;
pub mod identify;
pub mod key_page;
pub mod key_table;
pub mod keys_page;
pub mod live_usage;
pub mod notices;
pub mod remote;
pub mod revoke_key;
pub mod rotation;
pub mod session;
pub mod sign_in;
pub mod support;
pub mod usage_chart;
pub mod usage_history;
pub mod when;
