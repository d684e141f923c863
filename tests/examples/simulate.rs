//! Prints the journal of one simulation: `simulate --seed 7 --steps 2000 [--backend embedded]`.

use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use ofd_tests::simulation::{Embedded, InMemory, SimOptions, Tally, run};

/// Runs a seeded simulation and prints its journal.
#[derive(Debug, Parser)]
struct Arguments {
    /// All chance follows from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Steps before the faults stop.
    #[arg(long, default_value_t = 2_000)]
    steps: u32,
    /// Runs so many seeds, beginning with the first, and prints only what breaks a rule.
    #[arg(long)]
    seeds: Option<u64>,
    /// The store that gateways stand on.
    #[arg(long, value_enum, default_value_t = Backend::Memory)]
    backend: Backend,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Backend {
    Memory,
    Embedded,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let last = arguments.seed.saturating_add(arguments.seeds.unwrap_or(1));
    let (mut exit, mut tally) = (ExitCode::SUCCESS, Tally::default());
    for seed in arguments.seed..last {
        let options = SimOptions::of_seed(seed, arguments.steps);
        let outcome = match arguments.backend {
            Backend::Memory => run(&options, InMemory),
            Backend::Embedded => run(&options, Embedded::default()),
        };
        if arguments.seeds.is_none() {
            print!("{}", outcome.journal);
        }
        tally.add(&outcome.tally);
        if let Some(violation) = outcome.violation {
            println!("seed {seed}: {violation}");
            exit = ExitCode::FAILURE;
        }
    }
    println!("{tally:#?}");
    exit
}
