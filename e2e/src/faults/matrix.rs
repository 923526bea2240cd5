//! All cells of a browser, and what came of them.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

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
    failures: Vec<Failure>,
}

/// What was not as it must be.
#[derive(Debug)]
struct Failure {
    name: Name,
    seed: u64,
    why: String,
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
        for Failure { name, seed, why } in &self.failures {
            writeln!(f, "{name} ({:?}, seed {seed}): {why}", self.engine)?;
            writeln!(
                f,
                "    again: OCCAM_KEYS_CELL={name} OCCAM_KEYS_SEED={seed} cargo xtask test e2e"
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
    let queue = Mutex::new(VecDeque::from(names));
    let next = || {
        let name = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front()?;
        Some(Task { name, seed, run: cell::run })
    };
    Report { cannot_meet, ..work_off(engine, &next) }
}

/// Runs cells by chance, every second one amid other faults. How long, and the seed that the choices
/// follow from, comes from outside; each failure tells the seed that leads to it.
pub fn soak(engine: Engine) -> Report {
    let end = Instant::now() + Duration::from_secs(60 * environment::minutes().unwrap_or(1));
    let random = Mutex::new(fastrand::Rng::with_seed(environment::seed().unwrap_or(1)));
    let everything: Vec<Name> = all().collect();
    let next = || {
        let mut random = random.lock().unwrap_or_else(PoisonError::into_inner);
        while Instant::now() < end {
            let (name, seed) = (everything[random.usize(..everything.len())], random.u64(..));
            let run = [cell::run, cell::run_amid_others][random.usize(..2)];
            if can_meet(name, seed) {
                return Some(Task { name, seed, run });
            }
        }
        None
    };
    work_off(engine, &next)
}

/// A cell that is to be run.
struct Task {
    name: Name,
    seed: u64,
    run: fn(&Browser, Name, u64) -> Result<(), String>,
}

/// Runs what `next` yields, by several browsers, until it yields nothing more.
fn work_off(engine: Engine, next: &(impl Fn() -> Option<Task> + Sync)) -> Report {
    let report = Mutex::new(Report { engine, run: 0, cannot_meet: 0, failures: Vec::new() });
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| work(engine, next, &report));
        }
    });
    report.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn work(engine: Engine, next: &impl Fn() -> Option<Task>, report: &Mutex<Report>) {
    let report = || report.lock().unwrap_or_else(PoisonError::into_inner);
    let mut browser = None;
    while let Some(Task { name, seed, run }) = next() {
        let start = Instant::now();
        let result = run(browser.get_or_insert_with(|| Browser::start_as(engine)), name, seed);
        let millis = start.elapsed().as_millis();
        report().run += 1;
        let Err(why) = result else {
            eprintln!("{name} ({engine:?}, seed {seed}): ok, {millis} ms");
            continue;
        };
        eprintln!("{name} ({engine:?}, seed {seed}): {millis} ms: {why}");
        report().failures.push(Failure { name, seed, why });
        // What the failure has left behind is not to fail the next cell.
        browser = None;
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
