//! Running every test there is, and adding up what they say.

use std::env;
use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::io::{BufRead, BufReader};
use std::iter::Sum;
use std::path::{Path, PathBuf};
use std::process::{self, Command, ExitCode, Stdio};
use std::thread;
use std::time::Instant;

use serde_json::Value;

use crate::process::{Failure, Result, cargo, command, not_started, say};
use crate::serve::build_server;
use crate::server_tools::ServerTools;
use crate::site;
use crate::toolchain::{Toolchain, WASM};
use crate::tools::{Browsers, Toolbox, headless_shell};
use crate::web_servers::WebServers;
use crate::workspace::Workspace;

/// Which tests to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Selection {
    /// Every test.
    All,
    /// The tests that need no browser.
    Native,
    /// The tests of the front end inside both browsers.
    Web,
    /// The built site and the real server in a real browser.
    E2e,
}

impl Selection {
    /// Reads the name used on the command line.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "native" => Some(Self::Native),
            "web" => Some(Self::Web),
            "e2e" => Some(Self::E2e),
            _ => None,
        }
    }

    fn includes(self, other: Self) -> bool {
        self == Self::All || self == other
    }
}

/// A long run by chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Soak {
    /// What the choices follow from.
    pub(crate) seed: u64,
    /// How long faults are made, in minutes.
    pub(crate) minutes: u64,
}

impl Default for Soak {
    fn default() -> Self {
        Self { seed: 1, minutes: 30 }
    }
}

/// From how many seeds a soak loses creations.
const LOST_CREATION_SEEDS: u64 = 20;

/// How many tests passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    passed: usize,
    failed: usize,
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), |sum, tally| Self {
            passed: sum.passed + tally.passed,
            failed: sum.failed + tally.failed,
        })
    }
}

/// A browser that runs the front end's tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Browser {
    Chromium,
    Firefox,
}

impl Browser {
    fn name(self) -> &'static str {
        match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
        }
    }

    /// What the test runner prints when it has really started this browser's driver.
    fn proof(self) -> &'static str {
        match self {
            Self::Chromium => "Running headless tests in Chrome on ",
            Self::Firefox => "Running headless tests in Firefox on ",
        }
    }
}

/// What the tests in browsers need.
pub(crate) struct Setup {
    pub(crate) toolchain: Toolchain,
    toolbox: Toolbox,
    browsers: Browsers,
    headless_shell: Option<PathBuf>,
    web_servers: WebServers,
    axe: PathBuf,
    this_program: ThisProgram,
}

impl Setup {
    pub(crate) fn find_or_install(workspace: &Workspace) -> Result<Self> {
        let this_program = ThisProgram::copied(workspace)?;
        let toolbox = Toolbox::open()?;
        let browsers = toolbox.browsers()?;
        let headless_shell = headless_shell(&browsers.chromium);
        let web_servers = WebServers::find_or_fetch(&toolbox);
        let axe = toolbox.axe()?;
        let toolchain = Toolchain::find_or_install()?;
        Ok(Self { toolchain, toolbox, browsers, headless_shell, web_servers, axe, this_program })
    }
}

/// Runs the selected tests. The last line printed is their sum.
pub(crate) fn test(workspace: &Workspace, selection: Selection) -> Result<ExitCode> {
    let start = Instant::now();
    let mut tallies = Vec::new();
    // What is missing is said or installed before the tests that take minutes.
    let setup =
        if selection == Selection::Native { None } else { Some(Setup::find_or_install(workspace)) };
    let server_tools = if selection.includes(Selection::Native) {
        ServerTools::find_or_fetch(&Toolbox::open()?)
    } else {
        ServerTools::default()
    };
    if selection.includes(Selection::Native) {
        tallies.push(stage("Native tests", || native(workspace, &server_tools)));
    }
    if let Some(Err(failure)) = &setup {
        eprintln!("error: {failure}");
        tallies.push(Tally { passed: 0, failed: 1 });
    }
    if let Some(Ok(setup)) = &setup {
        if selection.includes(Selection::Web) {
            tallies.push(stage("Tests in Chromium and Firefox", || web(workspace, setup)));
        }
        if selection.includes(Selection::E2e) {
            tallies.push(stage("End-to-end tests", || end_to_end(workspace, setup)));
        }
    }
    let sum: Tally = tallies.into_iter().sum();
    say(format!("All tests took {} s.", start.elapsed().as_secs()));
    server_tools.say_what_is_missing();
    println!("{} passed, {} failed", sum.passed, sum.failed);
    Ok(if sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs one stage. What keeps it from running counts as a failed test: a stage that could not
/// run must never look like one that passed.
fn stage(name: &str, tests: impl FnOnce() -> Result<Tally>) -> Tally {
    say(format!("{name}."));
    let start = Instant::now();
    let tally = tests().unwrap_or_else(|failure| {
        eprintln!("error: {failure}");
        Tally { passed: 0, failed: 1 }
    });
    say(format!(
        "{name}: {} passed, {} failed, {} s.",
        tally.passed,
        tally.failed,
        start.elapsed().as_secs()
    ));
    tally
}

fn native(workspace: &Workspace, server_tools: &ServerTools) -> Result<Tally> {
    let mut tests = cargo();
    tests.current_dir(&workspace.root).args([
        "test",
        "--locked",
        "--workspace",
        "--exclude",
        "e2e",
        "--no-fail-fast",
    ]);
    server_tools.tell(&mut tests);
    let report = stream(&mut tests, "")?;
    report.judge("The native tests")
}

/// How much of what is chosen by chance a long run of the Key API's trials tries.
const ENDURANCE: [(&str, &str); 4] = [
    ("OCCAM_KEYS_KILLS", "2000"),
    ("OCCAM_KEYS_CUTS", "5000"),
    ("OCCAM_KEYS_SEQUENCES", "10000"),
    ("OCCAM_KEYS_EXAMPLES", "1000"),
];

/// Kills the local Key API, cuts its log, asks it for anything in any order, all of it for long.
pub(crate) fn endure(workspace: &Workspace) -> Result<ExitCode> {
    let server_tools = ServerTools::find_or_fetch(&Toolbox::open()?);
    let tally = stage("Trials of the Key API", || {
        let mut tests = cargo();
        tests.current_dir(&workspace.root).envs(ENDURANCE);
        tests.args(["test", "--locked", "--profile", "server", "--package", "key-api"]);
        // One after the other, so that each has the machine for itself, and with their figures.
        tests.args(["--test", "trials", "--", "--nocapture", "--test-threads=1"]);
        server_tools.tell(&mut tests);
        stream(&mut tests, "")?.judge("The trials")
    });
    server_tools.say_what_is_missing();
    println!("{} passed, {} failed", tally.passed, tally.failed);
    Ok(if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn web(workspace: &Workspace, setup: &Setup) -> Result<Tally> {
    let runner = setup.toolbox.test_runner(workspace)?;
    let module = build_web_tests(workspace, &setup.toolchain)?;
    // Both mostly wait for their browser, so they run side by side.
    thread::scope(|scope| {
        let runs = [Browser::Chromium, Browser::Firefox].map(|browser| {
            let (runner, module, browsers) = (&runner, &module, &setup.browsers);
            scope.spawn(move || run_in(browser, workspace, runner, module, browsers))
        });
        let tallies = runs.into_iter().map(|run| match run.join() {
            Ok(Ok(tally)) => tally,
            Ok(Err(failure)) => {
                eprintln!("error: {failure}");
                Tally { passed: 0, failed: 1 }
            }
            Err(panic) => std::panic::resume_unwind(panic),
        });
        Ok(tallies.sum())
    })
}

/// Compiles the front end's test target `web` and gives the wasm file.
fn build_web_tests(workspace: &Workspace, toolchain: &Toolchain) -> Result<PathBuf> {
    let mut build = toolchain.cargo(workspace, &[])?;
    build
        .current_dir(&workspace.root)
        .args(["test", "--locked", "--package", "occam-keys", "--test", "web", "--no-run"])
        .args(["--target", WASM, "--message-format", "json-render-diagnostics"])
        .stderr(Stdio::inherit());
    let output = build.output().map_err(|error| not_started(&build, &error))?;
    if !output.status.success() {
        return Err(Failure::new(
            format!("Compiling the browser tests failed ({}).", output.status),
            "The lines above say why.",
        ));
    }
    String::from_utf8_lossy(&output.stdout).lines().find_map(test_module).ok_or_else(|| {
        Failure::new(
            "Cargo built no wasm file for the test target `web`.",
            "Check that tests/web/main.rs is there.",
        )
    })
}

/// The wasm file of the test target `web`, if this line of cargo's JSON tells of it.
fn test_module(line: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    let is_web = message.pointer("/target/name").and_then(Value::as_str) == Some("web");
    let executable = message.get("executable").and_then(Value::as_str)?;
    is_web.then(|| PathBuf::from(executable))
}

fn run_in(
    browser: Browser,
    workspace: &Workspace,
    runner: &Path,
    module: &Path,
    browsers: &Browsers,
) -> Result<Tally> {
    let mut tests = command(runner);
    tests
        .arg(module)
        // The runner looks for webdriver.json here and serves the files of this folder.
        .current_dir(&workspace.root)
        .env("WASM_BINDGEN_TEST_TIMEOUT", "180")
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60");
    // The runner takes the first driver variable that is set, in an order of its own, so any that
    // is left from outside could start the wrong browser.
    for variable in ["GECKODRIVER", "SAFARIDRIVER", "CHROMEDRIVER", "MSEDGEDRIVER"] {
        tests.env_remove(variable).env_remove(format!("{variable}_REMOTE"));
    }
    match browser {
        Browser::Chromium => tests.env("CHROMEDRIVER", &browsers.chromedriver),
        Browser::Firefox => tests.env("GECKODRIVER", &browsers.geckodriver),
    };
    let prefix = format!("{:8} | ", browser.name());
    let mut report = stream(&mut tests, &prefix)?;
    if !report.has_begun() {
        say(format!("{} began no test: it may not have started. Once more.", browser.name()));
        report = stream(&mut tests, &prefix)?;
    }
    if !report.lines.iter().any(|line| line.starts_with(browser.proof())) {
        return Err(Failure::new(
            format!("The tests did not run in {}.", browser.name()),
            format!("Check that {} and its driver start and fit together.", browser.name()),
        ));
    }
    report.judge(&format!("The tests in {}", browser.name()))
}

fn end_to_end(workspace: &Workspace, setup: &Setup) -> Result<Tally> {
    let mut tests = EndToEnd::build(workspace, setup)?.cargo("test");
    stream(tests.arg("--no-fail-fast"), "")?.judge("The end-to-end tests")
}

/// Loses creations from many seeds, and makes faults by chance. Every failure is said with what
/// repeats it.
pub(crate) fn soak(workspace: &Workspace, soak: Soak) -> Result<ExitCode> {
    let setup = Setup::find_or_install(workspace)?;
    let end_to_end = EndToEnd::build(workspace, &setup)?;
    let creations = stage("Lost creations", || {
        let mut tests = end_to_end.cargo("test");
        tests.args(["--test", "browser", "wherever_a_creation_is_cut"]);
        tests.env("OCCAM_KEYS_SEEDS", LOST_CREATION_SEEDS.to_string());
        stream(&mut tests, "")?.judge("The lost creations")
    });
    let faults = stage("Faults by chance", || {
        let mut faults = end_to_end.cargo("run");
        faults.args(["--bin", "soak"]);
        faults.env("OCCAM_KEYS_SEED", soak.seed.to_string());
        faults.env("OCCAM_KEYS_MINUTES", soak.minutes.to_string());
        let success = stream(&mut faults, "")?.success;
        Ok(Tally { passed: success.into(), failed: (!success).into() })
    });
    let sum: Tally = [creations, faults].into_iter().sum();
    println!("{} passed, {} failed", sum.passed, sum.failed);
    Ok(if sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The end-to-end tests, with the site and the server that they test.
pub(crate) struct EndToEnd<'a> {
    root: &'a Path,
    browsers: &'a Browsers,
    headless_shell: Option<&'a Path>,
    site: PathBuf,
    server: PathBuf,
    this_program: &'a Path,
    web_servers: &'a WebServers,
    axe: &'a Path,
}

impl<'a> EndToEnd<'a> {
    fn build(workspace: &'a Workspace, setup: &'a Setup) -> Result<Self> {
        let site = site::build(workspace, &setup.toolchain, &site::Options::default())?;
        Self::with_site(workspace, setup, site)
    }

    /// The same on a site that is built already.
    pub(crate) fn with_site(
        workspace: &'a Workspace,
        setup: &'a Setup,
        site: PathBuf,
    ) -> Result<Self> {
        let server = build_server(workspace)?;
        Ok(Self {
            root: &workspace.root,
            browsers: &setup.browsers,
            headless_shell: setup.headless_shell.as_deref(),
            site,
            server,
            this_program: &setup.this_program.0,
            web_servers: &setup.web_servers,
            axe: &setup.axe,
        })
    }

    /// A command of cargo on the package of the end-to-end tests.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut command = cargo();
        command
            .current_dir(self.root)
            .args([subcommand, "--locked", "--package", "e2e"])
            .env("OCCAM_KEYS_SITE", &self.site)
            .env("OCCAM_KEYS_SERVER", &self.server)
            .env("OCCAM_KEYS_CHROMIUM", &self.browsers.chromium)
            .env("CHROMEDRIVER", &self.browsers.chromedriver)
            .env("OCCAM_KEYS_FIREFOX", &self.browsers.firefox)
            .env("GECKODRIVER", &self.browsers.geckodriver)
            .env("OCCAM_KEYS_AXE", self.axe)
            .env("OCCAM_KEYS_XTASK", self.this_program);
        if let Some(shell) = self.headless_shell {
            command.env("OCCAM_KEYS_HEADLESS_SHELL", shell);
        }
        self.web_servers.tell(&mut command);
        command
    }
}

/// A copy of this program, as long as it lives. The tests let it write the configurations of
/// servers, and cargo, which builds it anew for its own tests, replaces the original meanwhile.
struct ThisProgram(PathBuf);

impl ThisProgram {
    fn copied(workspace: &Workspace) -> Result<Self> {
        let copy = workspace.target.join(format!("xtask-{}{EXE_SUFFIX}", process::id()));
        env::current_exe()
            .and_then(|program| fs::copy(program, &copy))
            .map_err(|error| Failure::file("Copying this program to", &copy, &error))?;
        Ok(Self(copy))
    }
}

impl Drop for ThisProgram {
    fn drop(&mut self) {
        // What is left is only disk space.
        let _ = fs::remove_file(&self.0);
    }
}

/// What a test runner printed and how it ended.
struct Report {
    lines: Vec<String>,
    success: bool,
}

impl Report {
    /// Whether a test has ended, well or not.
    fn has_begun(&self) -> bool {
        self.lines.iter().any(|line| line.starts_with("test "))
    }

    /// Adds up the results; an end that does not fit them is a failure of its own.
    fn judge(&self, tests: &str) -> Result<Tally> {
        let mut tally: Tally = self.lines.iter().filter_map(|line| result_line(line)).sum();
        if tally == Tally::default() {
            return Err(Failure::new(format!("{tests} ran no test."), "The lines above say why."));
        }
        if !self.success && tally.failed == 0 {
            eprintln!("error: {tests} ended badly though no test failed.");
            tally.failed = 1;
        }
        Ok(tally)
    }
}

/// Runs a test runner, shows every line as it comes and keeps it.
fn stream(runner: &mut Command, prefix: &str) -> Result<Report> {
    runner.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = runner.spawn().map_err(|error| not_started(runner, &error))?;
    let mut lines = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        let mut stdout = BufReader::new(stdout);
        let mut line = Vec::new();
        // Not `lines()`: a test may print bytes that are no text.
        while stdout.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            println!("{prefix}{text}");
            lines.push(text);
            line.clear();
        }
    }
    let status = child.wait().map_err(|error| not_started(runner, &error))?;
    Ok(Report { lines, success: status.success() })
}

/// The numbers of a line such as `test result: ok. 3 passed; 0 failed; 0 ignored`, which Rust's
/// own test harness and the one for browsers print alike.
fn result_line(line: &str) -> Option<Tally> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let count = |name: &str| {
        counts.split(';').find_map(|part| part.trim().strip_suffix(name)?.trim().parse().ok())
    };
    Some(Tally { passed: count("passed")?, failed: count("failed")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_of_both_harnesses_are_read() {
        let native = "test result: ok. 18 passed; 0 failed; 0 ignored; 0 measured; \
            0 filtered out; finished in 0.03s";
        let browser = "test result: FAILED. 4 passed; 2 failed; 1 ignored; 0 filtered out; \
            finished in 1.20s";
        assert_eq!(result_line(native), Some(Tally { passed: 18, failed: 0 }));
        assert_eq!(result_line(browser), Some(Tally { passed: 4, failed: 2 }));
        for line in ["", "running 3 tests", "test result: ok", "test result: ok. many passed"] {
            assert_eq!(result_line(line), None, "{line}");
        }
    }

    #[test]
    fn results_are_added_up() {
        let report = Report {
            lines: vec![
                "test result: ok. 2 passed; 0 failed;".to_owned(),
                "noise".to_owned(),
                "test result: FAILED. 1 passed; 3 failed;".to_owned(),
            ],
            success: false,
        };
        assert_eq!(report.judge("They"), Ok(Tally { passed: 3, failed: 3 }));
    }

    #[test]
    fn a_run_without_tests_is_a_failure() {
        let lines = vec!["test result: ok. 0 passed; 0 failed;".to_owned()];
        assert!(Report { lines, success: true }.judge("They").is_err());
        assert!(Report { lines: Vec::new(), success: true }.judge("They").is_err());
    }

    #[test]
    fn a_bad_end_is_a_failure() {
        let lines = vec!["test result: ok. 5 passed; 0 failed;".to_owned()];
        assert_eq!(
            Report { lines, success: false }.judge("They"),
            Ok(Tally { passed: 5, failed: 1 })
        );
    }

    #[test]
    fn the_module_is_found_in_cargos_messages() {
        let line = r#"{"reason":"compiler-artifact","target":{"name":"web","kind":["test"]},
            "executable":"/t/deps/web-1.wasm"}"#;
        assert_eq!(test_module(line), Some("/t/deps/web-1.wasm".into()));
        assert_eq!(test_module(&line.replace("\"web\"", "\"contract\"")), None);
        assert_eq!(test_module(r#"{"target":{"name":"web"},"executable":null}"#), None);
        assert_eq!(test_module("not JSON"), None);
    }
}
