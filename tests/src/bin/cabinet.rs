//! `cabinet`: measures how long the pages of a large organisation take beside a fleet that sells.
//!
//! Exit code 1 when a page is too slow, 2 when nothing could be measured. `scripts/cabinet` builds both and runs it.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use ofd_tests::cabinet::{Scope, measure};

/// Sells a day of a thousand registers to a server on this machine and measures its pages, for some minutes.
#[derive(Parser)]
#[command(name = "cabinet")]
struct Cli {
    /// The program to measure.
    #[arg(long, default_value = "target/release/ofd")]
    program: PathBuf,
    /// Documents of the day.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1_000..=1_000_000))]
    documents: u64,
    /// How often each page is asked for.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(10..=1_000))]
    times: u16,
    /// Write the figures as JSON to a file as well.
    #[arg(long)]
    save: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("cabinet: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(cli: &Cli) -> Result<ExitCode, Box<dyn Error>> {
    let scope = Scope { documents: cli.documents, asked: usize::from(cli.times) };
    let runtime = tokio::runtime::Runtime::new()?;
    let measured = runtime.block_on(async {
        tokio::select! {
            measured = measure(&cli.program, scope) => measured,
            // Server and folder are cleared away.
            _ = tokio::signal::ctrl_c() => Err(std::io::Error::other("it was told to stop")),
        }
    })?;
    let json = serde_json::to_string_pretty(&measured)?;
    if let Some(file) = &cli.save {
        fs::write(file, format!("{json}\n"))?;
    }
    println!("{}\n{json}", measured.table());
    let slow = measured.slow();
    if slow.is_empty() {
        println!("Every page is quick enough.");
        return Ok(ExitCode::SUCCESS);
    }
    for page in slow {
        println!("{page}");
    }
    Ok(ExitCode::FAILURE)
}
