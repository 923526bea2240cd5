//! Every kind of fault at every operation, in real browsers.

use std::io::{self, Write};

use e2e::browser::Engine;
use e2e::faults::matrix::{self, Report};

/// As many as there are; those that cannot meet are counted.
const ALL: usize = 320;
/// As many as Firefox runs: every kind and every operation, but not every pair.
const FEW: usize = 64;

#[test]
fn every_fault_at_every_operation_in_chromium() {
    report_on(&matrix::run(Engine::Chromium, ALL));
}

#[test]
fn some_faults_at_every_operation_in_firefox() {
    report_on(&matrix::run(Engine::Firefox, FEW));
}

/// Says what came of the cells where the counts are read, also if all is well: the test harness
/// would keep what is printed.
#[track_caller]
fn report_on(report: &Report) {
    write!(io::stdout().lock(), "\n{report}").expect("somebody reads it");
    assert!(report.is_good(), "some cells failed");
}
