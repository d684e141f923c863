//! Seeded simulations of the device side over stores with faults; see `ofd_tests::simulation`.

use std::time::{SystemTime, UNIX_EPOCH};

use ofd_tests::simulation::{
    Breakage, Broken, Embedded, InMemory, Outcome, SimBackend, SimOptions, Tally, run,
};

/// The environment variable that repeats a failed run.
const SEED_VARIABLE: &str = "OFD_SIM_SEED";

/// Lines of the journal that are shown of a failed run.
const TAIL: usize = 60;

/// The one seed that is asked for, or a fixed set and one that is new every time.
fn seeds(fixed: std::ops::Range<u64>) -> Vec<u64> {
    if let Ok(seed) = std::env::var(SEED_VARIABLE) {
        return vec![seed.parse().unwrap_or_else(|_| panic!("{SEED_VARIABLE}={seed} is not a number"))];
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is after 1970");
    fixed.chain([now.as_micros() as u64]).collect()
}

fn holds<B: SimBackend>(options: &SimOptions, backend: B) -> Outcome {
    let outcome = run(options, backend);
    if let Some(violation) = &outcome.violation {
        let seed = options.seed;
        let command = "cargo test -p ofd-tests --test simulation -- --nocapture";
        panic!(
            "{}\n\nseed {seed}: {violation}\nrepeat with: {SEED_VARIABLE}={seed} {command}",
            outcome.journal.tail(TAIL)
        );
    }
    outcome
}

#[test]
fn what_must_always_hold_holds_whatever_happens() {
    let mut tally = Tally::default();
    let seeds = seeds(1..25);
    for seed in &seeds {
        tally.add(&holds(&SimOptions::of_seed(*seed, 6_000), InMemory).tally);
    }
    println!("{tally:#?}");
}

#[test]
fn a_seed_gives_the_same_journal_every_time_and_on_every_backend() {
    for seed in seeds(100..103) {
        let options = SimOptions::of_seed(seed, 2_500);
        let first = holds(&options, InMemory);
        assert_eq!(first.journal, holds(&options, InMemory).journal, "seed {seed}: the second run differs");
        let embedded = holds(&options, Embedded::default());
        assert_eq!(first.journal, embedded.journal, "seed {seed}: the embedded store differs");
    }
}

#[test]
fn a_store_that_breaks_its_contract_is_found_out() {
    for breakage in Breakage::ALL {
        let found =
            (1..60).find_map(|seed| run(&SimOptions::of_seed(seed, 4_000), Broken(breakage)).violation);
        println!("{breakage:?}: {found:?}");
        assert!(found.is_some(), "{breakage:?} is not found");
    }
}
