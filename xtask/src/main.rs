//! The project's commands, run as `cargo xtask`.
//!
//! Everything a fresh machine needs is found or installed by the command that needs it. The
//! modules in reading order: [`site`], [`deploy`], [`package`] with its [`bill`], [`reproduce`] with
//! its [`budget`], [`serve`], [`test`], [`shots`], [`bench`] and [`check`] are the commands;
//! [`split`], [`tokens`], [`finish`], [`gate`] with [`html_calls`], [`folder`] and [`stamp`] are the
//! steps of a build;
//! [`toolchain`], [`tools`], [`web_servers`], [`server_tools`] and [`apt`] find or install;
//! [`workspace`] and [`process`] are the ground they stand on.

mod apt;
mod bench;
mod bill;
mod border;
mod budget;
mod check;
mod deploy;
mod finish;
mod folder;
mod gate;
mod html_calls;
mod licences;
mod order;
mod package;
mod process;
mod reproduce;
mod serve;
mod server_tools;
mod shots;
mod site;
mod split;
mod stamp;
mod test;
mod tokens;
mod toolchain;
mod tools;
mod web_servers;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use ::deploy::address::{BasePath, InvalidAddress, Origin};
use lexopt::prelude::*;

use crate::process::{Failure, Result};
use crate::server_tools::ServerTools;
use crate::toolchain::Toolchain;
use crate::tools::Toolbox;
use crate::web_servers::WebServers;
use crate::workspace::Workspace;

const HELP: &str = "\
The commands of Occam Keys.

Usage: cargo xtask <command> [options]

Commands:
  serve   Build everything and serve it at http://127.0.0.1:8080
            --port PORT   another port
            --demo        a throw-away database with keys and weeks of usage
  test    Run every test: native, in Chromium and Firefox, and end to end
            [native|web|e2e]  only these
  soak    Lost creations from twenty seeds, then faults by chance
            --seed N      what the choices follow from (default: 1)
            --minutes M   how long faults are made (default: 30)
  shots   Take a picture of every state of the site, beside those of the last time
            [FOLDER]      where they are kept (default: shots in the target folder)
  bench   Measure the site beside what somebody would pick instead, in Chromium
            --rounds N    how often (default: 15, about half an hour)
            --quick       once, for a first look
            --only NAME   this peer alone, as its folder in bench/peers (repeatable)
            --site FOLDER a built site (default: it is built)
            --out FILE    where to put the table, too
            --picture FILE
                          where to draw the results, such as docs/bench.svg
            --shots FOLDER
                          where to put a picture of each site
            --busy        measure on a machine that is not at rest
  endure  The trials of the local Key API, ten times as many as in `test`
  check   Format, lints, licences and the rules of the repository
  build   Build the static site into dist/
            --api ORIGIN  where the Key API is (default: where the site is)
            --base PATH   the path that the site lies under (default: any)
            --smallest    build the standard library anew, for size (needs rust-src)
  deploy  Write configurations of servers beside a built site, into dist-deploy/
            --api ORIGIN  change where its Key API is; `same` is where the site is
            --base PATH   the path that it is going to lie under (default: /)
            --root PATH   its folder on the server (default: /srv/occam-keys)
            [FOLDER]      the site (default: dist)
  package Build the site, and put an archive of it, with a bill of materials and
          hashes, into dist-package/
            --api, --base, --smallest as for build
  reproduce
          Build the last commit in two folders and compare the bytes
  setup   Find or install every tool and browser, and do nothing else

Tools are installed into a cache outside the clone; OCCAM_KEYS_TOOLS names
another folder. Cargo's own variables, such as CARGO_TARGET_DIR, are respected.
";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
enum Task {
    Help,
    Serve(serve::Options),
    Test(test::Selection),
    Soak(test::Soak),
    Shots(Option<PathBuf>),
    Bench(bench::Options),
    Endure,
    Check,
    Build(site::Options),
    Deploy(deploy::Options),
    Package(site::Options),
    Reproduce,
    Setup,
}

fn main() -> ExitCode {
    match parse(lexopt::Parser::from_env()).and_then(perform) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<ExitCode> {
    if task == Task::Help {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    let workspace = Workspace::load()?;
    match task {
        Task::Help => {}
        Task::Serve(options) => serve::serve(&workspace, &options)?,
        Task::Test(selection) => return test::test(&workspace, selection),
        Task::Soak(soak) => return test::soak(&workspace, soak),
        Task::Shots(folder) => shots::shots(&workspace, folder.as_deref())?,
        Task::Bench(options) => bench::bench(&workspace, &options)?,
        Task::Endure => return test::endure(&workspace),
        Task::Check => check::check(&workspace)?,
        Task::Build(options) => {
            site::build(&workspace, &Toolchain::find_or_install()?, &options)?;
        }
        Task::Deploy(options) => {
            let dist = workspace.root.join("dist");
            deploy::deploy(options.folder.as_deref().unwrap_or(&dist), &options)?;
        }
        Task::Package(options) => {
            package::package(&workspace, &options)?;
        }
        Task::Reproduce => reproduce::reproduce(&workspace)?,
        Task::Setup => setup(&workspace)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn setup(workspace: &Workspace) -> Result<()> {
    let toolchain = Toolchain::find_or_install()?;
    let toolbox = Toolbox::open()?;
    toolbox.build_tools(workspace)?;
    toolbox.test_runner(workspace)?;
    toolbox.browsers()?;
    toolbox.axe()?;
    WebServers::find_or_fetch(&toolbox);
    ServerTools::find_or_fetch(&toolbox);
    toolchain.fetch_crates(workspace, false)?;
    process::say("Every tool is there.");
    Ok(())
}

fn parse(mut arguments: lexopt::Parser) -> Result<Task> {
    let mut task = match arguments.next().map_err(usage)? {
        None | Some(Long("help") | Short('h')) => return Ok(Task::Help),
        Some(Value(command)) => match command.to_str() {
            Some("help") => return Ok(Task::Help),
            Some("serve") => Task::Serve(serve::Options::default()),
            Some("test") => Task::Test(test::Selection::All),
            Some("soak") => Task::Soak(test::Soak::default()),
            Some("shots") => Task::Shots(None),
            Some("bench") => Task::Bench(bench::Options::default()),
            Some("endure") => Task::Endure,
            Some("check") => Task::Check,
            Some("build") => Task::Build(site::Options::default()),
            Some("deploy") => Task::Deploy(deploy::Options::default()),
            Some("package") => Task::Package(site::Options::default()),
            Some("reproduce") => Task::Reproduce,
            Some("setup") => Task::Setup,
            _ => return Err(usage(format!("unknown command {}", command.display()))),
        },
        Some(other) => return Err(usage(other.unexpected())),
    };
    while let Some(argument) = arguments.next().map_err(usage)? {
        match (&mut task, argument) {
            (_, Long("help") | Short('h')) => return Ok(Task::Help),
            (Task::Serve(options), Long("port")) => {
                let port = arguments.value().map_err(usage)?;
                options.port = port.parse().map_err(|_| {
                    usage(format!("{} is not a port from 1 to 65535", port.display()))
                })?;
                if options.port == 0 {
                    return Err(usage("0 is not a port from 1 to 65535"));
                }
            }
            (Task::Serve(options), Long("demo")) => options.demo = true,
            (Task::Build(options) | Task::Package(options), Long("api")) => {
                options.api = Some(origin(&text(&mut arguments)?)?);
            }
            (Task::Build(options) | Task::Package(options), Long("base")) => {
                options.base = Some(base(&text(&mut arguments)?)?);
            }
            (Task::Build(options) | Task::Package(options), Long("smallest")) => {
                options.smallest = true;
            }
            (Task::Deploy(options), Long("api")) => {
                let text = text(&mut arguments)?;
                options.api = Some(if text == "same" { None } else { Some(origin(&text)?) });
            }
            (Task::Deploy(options), Long("base")) => options.base = base(&text(&mut arguments)?)?,
            (Task::Deploy(options), Long("root")) => {
                options.root = deploy::parse_root(&text(&mut arguments)?)?;
            }
            (Task::Deploy(options), Value(folder)) if options.folder.is_none() => {
                options.folder = Some(folder.into());
            }
            (Task::Shots(folder @ None), Value(value)) => *folder = Some(value.into()),
            (Task::Bench(options), Long("rounds")) => {
                options.rounds = Some(number(&mut arguments)?);
            }
            (Task::Bench(options), Long("only")) => options.only.push(text(&mut arguments)?),
            (Task::Bench(options), Long("site")) => options.site = Some(path(&mut arguments)?),
            (Task::Bench(options), Long("out")) => options.out = Some(path(&mut arguments)?),
            (Task::Bench(options), Long("picture")) => {
                options.picture = Some(path(&mut arguments)?);
            }
            (Task::Bench(options), Long("shots")) => options.shots = Some(path(&mut arguments)?),
            (Task::Bench(options), Long("quick")) => options.quick = true,
            (Task::Bench(options), Long("busy")) => options.busy = true,
            (Task::Soak(soak), Long("seed")) => soak.seed = number(&mut arguments)?,
            (Task::Soak(soak), Long("minutes")) => soak.minutes = number(&mut arguments)?,
            (Task::Test(selection @ test::Selection::All), Value(name)) => {
                *selection = name
                    .to_str()
                    .and_then(test::Selection::parse)
                    .ok_or_else(|| usage(format!("there are no tests named {}", name.display())))?;
            }
            (_, other) => return Err(usage(other.unexpected())),
        }
    }
    Ok(task)
}

fn number(arguments: &mut lexopt::Parser) -> Result<u64> {
    let value = arguments.value().map_err(usage)?;
    value.parse().map_err(|_| usage(format!("{} is not a whole number", value.display())))
}

fn usage(error: impl std::fmt::Display) -> Failure {
    Failure::new(
        format!("The command line is not understood: {error}."),
        "`cargo xtask --help` shows what there is.",
    )
}

/// A path as the value of an option.
fn path(arguments: &mut lexopt::Parser) -> Result<PathBuf> {
    arguments.value().map(PathBuf::from).map_err(usage)
}

/// The value of an option.
fn text(arguments: &mut lexopt::Parser) -> Result<String> {
    arguments.value().and_then(|value| value.string()).map_err(usage)
}

fn origin(text: &str) -> Result<Origin> {
    Origin::of_key_api(text).map_err(|why| no_address("Key API", text, why))
}

fn base(text: &str) -> Result<BasePath> {
    BasePath::parse(text).map_err(|why| no_address("site", text, why))
}

fn no_address(of: &str, text: &str, why: InvalidAddress) -> Failure {
    Failure::new(
        format!("`{text}` cannot be the address of a {of}: {why}."),
        "Give one such as `--api https://keys.example.org` or `--base /keys/`.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Task> {
        parse(lexopt::Parser::from_args(line.split_whitespace()))
    }

    #[test]
    fn command_lines_are_read() {
        assert_eq!(parsed(""), Ok(Task::Help));
        assert_eq!(parsed("serve --help"), Ok(Task::Help));
        assert_eq!(parsed("check"), Ok(Task::Check));
        assert_eq!(parsed("endure"), Ok(Task::Endure));
        assert_eq!(
            parsed("serve --port 9000 --demo"),
            Ok(Task::Serve(serve::Options { port: 9000, demo: true }))
        );
        assert_eq!(parsed("test"), Ok(Task::Test(test::Selection::All)));
        assert_eq!(parsed("soak --minutes 5"), Ok(Task::Soak(test::Soak { seed: 1, minutes: 5 })));
        let Ok(Task::Bench(options)) = parsed("bench --rounds 3 --only solid --only limit --busy")
        else {
            panic!("the line is right");
        };
        assert_eq!((options.rounds, options.busy, options.quick), (Some(3), true, false));
        assert_eq!(options.only, ["solid", "limit"]);
        assert_eq!(parsed("shots"), Ok(Task::Shots(None)));
        assert_eq!(parsed("shots here"), Ok(Task::Shots(Some("here".into()))));
        assert_eq!(parsed("test web"), Ok(Task::Test(test::Selection::Web)));
        let Ok(Task::Build(options)) = parsed("build --api https://keys.example.org --base keys")
        else {
            panic!("the line is right");
        };
        assert_eq!(options.api.as_ref().map(Origin::as_str), Some("https://keys.example.org"));
        assert!(options.base.is_some() && !options.smallest);
        let Ok(Task::Build(options)) = parsed("build --smallest") else {
            panic!("the line is right");
        };
        assert!(options.smallest);
        let Ok(Task::Deploy(options)) = parsed("deploy --api same --base keys --root /srv/a dist")
        else {
            panic!("the line is right");
        };
        assert_eq!((options.api, options.root.as_str()), (Some(None), "/srv/a"));
        assert_eq!(options.base.as_str(), "/keys/");
        assert_eq!(options.folder.as_deref(), Some("dist".as_ref()));
    }

    #[test]
    fn wrong_command_lines_are_refused() {
        for line in [
            "fly",
            "--fly",
            "serve --port",
            "serve --port 0",
            "serve --port 65536",
            "serve --port http",
            "serve now",
            "shots here there",
            "check --demo",
            "bench --rounds many",
            "bench --only",
            "build --api",
            "build --api keys",
            "build --base ..",
            "soak --seed x",
            "soak --minutes -1",
            "build --api http://keys.example.org",
            "deploy --api keys",
            "deploy --root here",
            "deploy one two",
            "test all of them",
            "test unknown",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
