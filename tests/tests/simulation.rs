//! Seeded simulations of the device side over stores with faults; see `ofd_tests::simulation`.

use std::time::{SystemTime, UNIX_EPOCH};

use ofd_tests::simulation::{
    Breakage, Broken, Embedded, InMemory, Outcome, SimBackend, SimOptions, Tally, run, scenario,
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
    let seeds = seeds(1..150);
    for seed in &seeds {
        tally.add(&holds(&SimOptions::of_seed(*seed, 6_000), InMemory).tally);
    }
    if seeds.len() == 1 {
        return;
    }
    // A simulation in which nothing goes wrong proves nothing.
    let happened = [
        ("documents", tally.documents, 5_000),
        ("late landings", tally.late_landings, 20),
        ("crashes", tally.crashes, 500),
        ("crashes of all", tally.crashes_of_all, 100),
        ("duplicates", tally.duplicates, 500),
        ("lost answers", tally.answers_lost, 1_000),
        ("spells without a link", tally.offline_spells, 100),
        ("token resets", tally.token_resets, 50),
        ("sales set aside", tally.set_aside, 300),
        ("documents that came again", tally.again, 60),
        ("forgotten documents", tally.forgotten, 20),
        ("repeats at the end", tally.repeats, 1_000),
        ("strangers", tally.strangers, 1_000),
        ("documents read when they were announced", tally.read, 200),
        ("documents found by sweeps", tally.swept, 200),
        ("code 2", tally.code(2), 20),
        ("code 11", tally.code(11), 100),
        ("code 15", tally.code(15), 100),
        ("code 19", tally.code(19), 5),
        ("code 254", tally.code(254), 500),
    ];
    for (what, count, least) in happened {
        assert!(count >= least, "{what}: {count}, at least {least} are expected of these seeds");
    }
}

#[test]
fn it_holds_in_long_runs_too() {
    for seed in seeds(1_000..1_004) {
        holds(&SimOptions::of_seed(seed, 40_000), InMemory);
    }
}

#[test]
fn a_seed_gives_the_same_journal_every_time_and_on_every_backend() {
    for seed in seeds(100..106) {
        let options = SimOptions::of_seed(seed, 4_000);
        let first = holds(&options, InMemory);
        assert_eq!(first.journal, holds(&options, InMemory).journal, "seed {seed}: the second run differs");
        let embedded = holds(&options, Embedded::default());
        assert_eq!(first.journal, embedded.journal, "seed {seed}: the embedded store differs");
    }
}

#[test]
fn another_seed_gives_another_journal() {
    let journal = |seed| run(&SimOptions::of_seed(seed, 500), InMemory).journal;
    assert_ne!(journal(1), journal(2));
}

#[test]
fn a_store_that_breaks_its_contract_is_found_out() {
    for breakage in Breakage::ALL {
        let found =
            (1..60).find_map(|seed| run(&SimOptions::of_seed(seed, 4_000), Broken(breakage)).violation);
        assert!(found.is_some(), "{breakage:?} is not found");
    }
}

#[test]
fn an_hour_in_which_every_answer_comes_after_6_s_stores_everything_once() {
    let in_memory = scenario::an_hour_in_which_every_answer_comes_after_6_s(InMemory);
    assert_eq!(in_memory.violation, None, "{}", in_memory.journal.tail(TAIL));
    // Every sale came again, the last one too: that its answer was not taken shows with the first of the queue.
    assert_eq!(in_memory.tally.again, in_memory.tally.documents - 1, "{:?}", in_memory.tally);
    assert!(in_memory.tally.again >= 500);
    let embedded = scenario::an_hour_in_which_every_answer_comes_after_6_s(Embedded::default());
    assert_eq!(embedded.violation, None, "{}", embedded.journal.tail(TAIL));
    assert_eq!(in_memory.journal, embedded.journal);
}

#[test]
fn what_is_sold_is_stored_twice_when_unconfirmed_documents_are_left_out() {
    let broken = (1..60).find_map(|seed| {
        run(&SimOptions::of_seed(seed, 4_000), Broken(Breakage::HidesUnconfirmed)).violation
    });
    let broken = broken.expect("it is not found");
    assert!(broken.contains("stored twice"), "{broken}");
}

#[test]
fn a_refusal_by_the_clock_is_final_though_a_try_was_under_way() {
    let outcome = scenario::a_try_under_way_when_the_clock_refuses();
    assert_eq!(outcome.violation, None, "{}", outcome.journal);
}
