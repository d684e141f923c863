//! A seeded simulation of the device side: registers, gateways, people and strangers over a store with faults.
//!
//! Everything runs on one thread. Tasks are polled in an order drawn from the seed, time is a number that the
//! scheduler advances, randomness comes from the seed. So a seed gives the same run every time and on every backend,
//! and what it finds can be had again. While it runs, each write is followed and each reply is judged (see
//! [`ledger`] and [`replies`]); at the end the faults stop, every register settles, and everything is compared.
//!
//! # That the checks can fail
//! [`Broken`] stores break their contract, and each is found out by a test. Of the product these mutations were tried
//! by hand; every one but the last was found within 150 seeds:
//!
//! | mutation | what the simulation says |
//! |---|---|
//! | an unknown outcome, or a conflict, counts as success (`settle`) | answered 0 and not stored |
//! | stamps repeat (`split`) | answered 0 and not stored |
//! | a head from memory is not confirmed before a refusal | answered 2 without reason |
//! | unconfirmed documents are not looked for, or not noted (see [`Breakage::HidesUnconfirmed`]) | stored twice |
//! | retries are not looked for; a token reset forgets the last document | stored twice |
//! | offline numbers are not looked for, not amended, or their span is not kept | a repeat is stored |
//! | no summary before the next shift | begins without the summary |
//! | time of acceptance from the gateway's clock alone | out of order |
//! | a byte of the frame changes on its way to the store | never sent with these bytes |
//! | a block is not asked for | stored while stopped |
//! | `withdraw_money` takes no small sums; 11 after an hour | the device finds; answered 11 without reason |
//! | a refusal by the clock is not fenced | stored after it was refused; see [`scenario`] |
//!
//! ```no_run
//! use ofd_tests::simulation::{InMemory, SimOptions, run};
//!
//! let outcome = run(&SimOptions::of_seed(1, 2_000), InMemory);
//! print!("{}", outcome.journal);
//! assert_eq!(outcome.violation, None);
//! ```

#![allow(clippy::inconsistent_digit_grouping, reason = "sums read as tenge and tiyn: 180_00")]

mod backend;
mod blocking;
mod broken;
mod devices;
mod disturb;
mod ending;
mod gateways;
mod journal;
pub mod ledger;
mod observed;
mod options;
mod people;
pub mod replies;
pub mod scenario;
mod scheduler;
mod stamps;
mod strangers;
mod weather;
mod world;

use std::collections::BTreeMap;

pub use backend::{Embedded, InCluster, InMemory, SimBackend};
pub use broken::{Breakage, Broken};
pub use journal::Journal;
pub use options::{Rates, SimOptions};

use self::scheduler::Simulation;

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What happened.
    pub journal: Journal,
    /// The rule that was broken; the run ended there.
    pub violation: Option<String>,
    /// How often what happened.
    pub tally: Tally,
}

/// How often what happened in a run: a simulation in which nothing goes wrong proves nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Documents stored.
    pub documents: u64,
    /// Replies by code.
    pub codes: BTreeMap<u32, u64>,
    /// Faults of the stores.
    pub store_faults: u64,
    /// Writes that landed after a read showed what was before.
    pub late_landings: u64,
    /// Gateways that died.
    pub crashes: u64,
    /// Deaths of everything at once.
    pub crashes_of_all: u64,
    /// Waits that were longer than a device's patience.
    pub answers_lost: u64,
    /// Requests sent to two gateways at once.
    pub duplicates: u64,
    /// Spells without a link.
    pub offline_spells: u64,
    /// Changes that people made.
    pub changes: u64,
    /// Of them new tokens.
    pub token_resets: u64,
    /// Refused documents that a device forgot.
    pub forgotten: u64,
    /// Waits of hours.
    pub long_waits: u64,
    /// Requests of strangers.
    pub strangers: u64,
    /// Receipts sent once more at the end.
    pub repeats: u64,
    /// Sales that were set aside, since no answer came.
    pub set_aside: u64,
    /// Documents that were never confirmed and came again, when others had passed.
    pub again: u64,
}

impl Tally {
    fn count_code(&mut self, code: u32) {
        *self.codes.entry(code).or_default() += 1;
    }

    /// How many replies had this code.
    pub fn code(&self, code: u32) -> u64 {
        self.codes.get(&code).copied().unwrap_or(0)
    }

    /// Adds the counts of another run.
    pub fn add(&mut self, other: &Self) {
        for (code, count) in &other.codes {
            *self.codes.entry(*code).or_default() += count;
        }
        let pairs = [
            (&mut self.documents, other.documents),
            (&mut self.store_faults, other.store_faults),
            (&mut self.late_landings, other.late_landings),
            (&mut self.crashes, other.crashes),
            (&mut self.crashes_of_all, other.crashes_of_all),
            (&mut self.answers_lost, other.answers_lost),
            (&mut self.duplicates, other.duplicates),
            (&mut self.offline_spells, other.offline_spells),
            (&mut self.changes, other.changes),
            (&mut self.token_resets, other.token_resets),
            (&mut self.forgotten, other.forgotten),
            (&mut self.long_waits, other.long_waits),
            (&mut self.strangers, other.strangers),
            (&mut self.repeats, other.repeats),
            (&mut self.set_aside, other.set_aside),
            (&mut self.again, other.again),
        ];
        pairs.into_iter().for_each(|(to, count)| *to += count);
    }
}

/// Runs a simulation to its end, or to the first rule that is broken.
pub fn run<B: SimBackend>(options: &SimOptions, backend: B) -> Outcome {
    let mut simulation = match Simulation::new(options.clone(), backend) {
        Ok(simulation) => simulation,
        Err(violation) => {
            let (journal, tally) = (Journal::default(), Tally::default());
            return Outcome { journal, violation: Some(violation), tally };
        }
    };
    let mut result = Ok(());
    for _ in 0..options.steps {
        result = simulation.step();
        if result.is_err() {
            break;
        }
    }
    let violation = result.and_then(|()| simulation.end()).err();
    simulation.close(violation)
}
