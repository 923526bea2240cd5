//! All cells of a browser, and what came of them.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use super::cell::{self, Name};
use super::table::{self, Kind, Plan};
use crate::browser::{Browser, Engine};
use crate::environment;
use crate::proxy::operation::Operation;

/// How many browsers work on the cells.
const WORKERS: usize = 2;

/// What came of the cells of one browser.
#[derive(Debug)]
pub struct Report {
    engine: Engine,
    run: usize,
    cannot_meet: usize,
    failures: Vec<(Name, String)>,
    seed: u64,
}

impl Report {
    /// Whether every cell was as it must be.
    pub fn is_good(&self) -> bool {
        self.failures.is_empty()
    }
}

impl fmt::Display for Report {
    /// The failures, each with the command that runs it alone, and the line with the counts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, why) in &self.failures {
            writeln!(f, "{name} ({:?}, seed {}): {why}", self.engine, self.seed)?;
            writeln!(
                f,
                "    again: OCCAM_KEYS_CELL={name} OCCAM_KEYS_SEED={} cargo xtask test e2e",
                self.seed
            )?;
        }
        let Self { run, cannot_meet, failures, engine, .. } = self;
        let failed = failures.len();
        writeln!(
            f,
            "fault cells: {run} run, {failed} failed, {cannot_meet} cannot meet ({engine:?})"
        )
    }
}

/// Runs cells in a browser: all that were chosen from outside, else at most `most`, spread over
/// kinds and operations.
pub fn run(engine: Engine, most: usize) -> Report {
    let seed = environment::seed().unwrap_or(1);
    let chosen = environment::cells();
    let mut names = spread(most, seed);
    if !chosen.is_empty() {
        names =
            all().filter(|name| chosen.iter().any(|pattern| is_chosen(*name, pattern))).collect();
    }
    let cannot_meet = names.iter().filter(|name| !can_meet(**name, seed)).count();
    names.retain(|name| can_meet(*name, seed));
    let run = names.len();
    let queue = Mutex::new(VecDeque::from(names));
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..WORKERS.min(run) {
            scope.spawn(|| work(engine, seed, &queue, &failures));
        }
    });
    let failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    Report { engine, run, cannot_meet, failures, seed }
}

fn work(
    engine: Engine,
    seed: u64,
    queue: &Mutex<VecDeque<Name>>,
    failures: &Mutex<Vec<(Name, String)>>,
) {
    let mut browser = Browser::start_as(engine);
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let Some(name) = next else { return };
        let start = Instant::now();
        let Err(why) = cell::run(&browser, name, seed) else {
            eprintln!("{name} ({engine:?}): ok, {} ms", start.elapsed().as_millis());
            continue;
        };
        eprintln!("{name} ({engine:?}): {} ms: {why}", start.elapsed().as_millis());
        failures.lock().unwrap_or_else(PoisonError::into_inner).push((name, why));
        // What the failure has left behind is not to fail the next cell.
        drop(browser);
        browser = Browser::start_as(engine);
    }
}

fn all() -> impl Iterator<Item = Name> {
    Kind::all().flat_map(|kind| Operation::ALL.map(|operation| Name { kind, operation }))
}

fn can_meet(Name { kind, operation }: Name, seed: u64) -> bool {
    matches!(table::plan(kind, operation, seed), Plan::Run(_))
}

/// Whether a pattern chooses a cell: `F17xlist` this one, `F17` all of a kind, `xlist` all of an
/// operation.
fn is_chosen(name: Name, pattern: &str) -> bool {
    let full = name.to_string();
    full == pattern || name.kind.to_string() == pattern || format!("x{}", name.operation) == pattern
}

/// At most this many cells, those that cannot meet only if all are wanted: every kind once, and
/// then again, each time at the operation that has had fewest.
fn spread(most: usize, seed: u64) -> Vec<Name> {
    let everything: Vec<Name> = all().collect();
    if most >= everything.len() {
        return everything;
    }
    let mut left: Vec<Name> = everything.into_iter().filter(|name| can_meet(*name, seed)).collect();
    let mut taken: Vec<Name> = Vec::new();
    while taken.len() < most {
        for kind in Kind::all() {
            let had =
                |name: &Name| taken.iter().filter(|it| it.operation == name.operation).count();
            let fewest = left.iter().filter(|name| name.kind == kind).min_by_key(|name| had(name));
            let Some(name) = fewest.copied() else { continue };
            left.retain(|it| *it != name);
            if taken.len() < most {
                taken.push(name);
            }
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_cells_meet_every_kind_and_every_operation() {
        let few = spread(64, 1);
        assert_eq!(few.len(), 64);
        for kind in Kind::all().filter(|kind| kind.to_string() != "F15") {
            assert!(few.iter().any(|name| name.kind == kind), "{kind}");
        }
        for operation in Operation::ALL {
            let count = few.iter().filter(|name| name.operation == operation).count();
            assert!(count >= 4, "{operation} has {count}");
        }
        assert_eq!(spread(320, 1).len(), 320);
    }

    #[test]
    fn cells_are_chosen_by_name_kind_or_operation() {
        let name = |text: &str| all().find(|name| name.to_string() == text).expect("there is one");
        let cell = name("F17xlist");
        for pattern in ["F17xlist", "F17", "xlist"] {
            assert!(is_chosen(cell, pattern), "{pattern}");
        }
        for pattern in ["F1", "F17xload", "xload", ""] {
            assert!(!is_chosen(cell, pattern), "{pattern}");
        }
    }
}
