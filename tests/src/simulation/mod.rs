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
mod device;
mod devices;
mod disturb;
mod ending;
mod gateways;
mod journal;
pub mod ledger;
mod observed;
mod options;
mod outcome;
mod people;
mod readers;
pub mod replies;
pub mod scenario;
mod scheduler;
mod stamps;
mod strangers;
mod weather;
mod world;

pub use backend::{Embedded, InCluster, InMemory, SimBackend};
pub use broken::{Breakage, Broken};
pub use journal::Journal;
pub use options::{Rates, SimOptions};
pub use outcome::{Outcome, Tally};

use self::scheduler::Simulation;

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
