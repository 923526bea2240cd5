//! Makes faults by chance in a real browser, for as many minutes as `OCCAM_KEYS_MINUTES` says, from
//! the seed `OCCAM_KEYS_SEED`: `cargo xtask soak` runs it.

use std::process::ExitCode;

use e2e::browser::Engine;
use e2e::faults::matrix;

fn main() -> ExitCode {
    let report = matrix::soak(Engine::Chromium);
    print!("{report}");
    if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
