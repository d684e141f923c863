//! `hostile`: attacks a release of `ofd` as strangers would and says whether honest registers felt it.
//!
//! Exit code 1 when a bound is broken, 2 when nothing could be measured. `scripts/hostile` builds both and runs it.

use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use ofd_tests::hostile::attacks::Attack;
use ofd_tests::hostile::bounds::{Measured, QUIET};
use ofd_tests::hostile::{crew, measure, table};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};

/// Figures of the release before anything was done about strangers.
const BEFORE: &str = include_str!("../../data/hostile-before.json");

/// Attacks a release of `ofd` on this machine, and nothing else, for some minutes.
#[derive(Parser)]
#[command(name = "hostile")]
struct Cli {
    /// The program to judge.
    #[arg(long, default_value = "target/release/ofd")]
    program: PathBuf,
    /// An older program to measure beside it; without it, the figures kept of release f0cd05c are shown.
    #[arg(long)]
    before: Option<PathBuf>,
    /// Only these attacks; the quiet run comes with every one.
    #[arg(long, value_parser = known)]
    only: Vec<String>,
    /// Write the figures of the program to a file.
    #[arg(long)]
    save: Option<PathBuf>,
}

fn known(name: &str) -> Result<String, String> {
    let all = Attack::all();
    if all.iter().any(|attack| attack.name == name) {
        return Ok(name.to_owned());
    }
    let names: Vec<&str> = all.iter().map(|attack| attack.name).collect();
    Err(format!("there is no such attack; there are {}", names.join(", ")))
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("hostile: {error}");
            ExitCode::from(2)
        }
    }
}

/// Every attacker's connection takes a file.
fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    // Where it cannot be raised some attackers find no connection, which the notes tell.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}

/// Ends when somebody wants the run to end: server, cgroup and folder are then cleared away.
async fn stopped() -> io::Error {
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    let (Ok(mut interrupt), Ok(mut terminate)) = signals else { return std::future::pending().await };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    io::Error::other("it was told to stop")
}

fn run(cli: &Cli) -> Result<ExitCode, Box<dyn Error>> {
    raise_file_limit();
    let mut attacks = Attack::all();
    let is_wanted = |attack: &Attack| attack.name == QUIET || cli.only.iter().any(|name| name == attack.name);
    attacks.retain(|attack| cli.only.is_empty() || is_wanted(attack));
    let (crew, runtime) = (crew()?, tokio::runtime::Runtime::new()?);
    let judge = |program: &Path| {
        runtime.block_on(async {
            tokio::select! {
                measured = measure(program, &attacks, crew.handle()) => measured,
                stop = stopped() => Err(stop),
            }
        })
    };
    let before = match &cli.before {
        Some(program) => judge(program)?,
        None => serde_json::from_str(BEFORE)?,
    };
    let now = judge(&cli.program)?;
    if let Some(file) = &cli.save {
        fs::write(file, serde_json::to_string_pretty(&now)? + "\n")?;
    }
    Ok(tell(&before, &now))
}

fn tell(before: &Measured, now: &Measured) -> ExitCode {
    println!("before: {}, in {}\nnow: {}, in {}\n", before.program, before.caged, now.program, now.caged);
    println!("{}\n\n{}", table::LEGEND, table::table(Some(before), now));
    println!("What the attackers counted now:\n{}", table::notes(now));
    let broken = now.broken();
    if broken.is_empty() {
        println!("Every bound holds.");
        return ExitCode::SUCCESS;
    }
    println!("{} bounds are broken:", broken.len());
    for what in broken {
        println!("  {what}");
    }
    ExitCode::FAILURE
}
