//! What strangers may spend.
//!
//! They pay from the budget of their address for the read of a head, and from another, small one for every token that
//! was wrong.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ofd_protocol::refusal::Unavailable;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::warn;

use super::outcome::Failure;
use super::reply::Origin;
use crate::budget::{Budgets, Charge, StrangerLimits};
use crate::metrics::{self, TurnedAway};
use crate::sampled::Sampled;

/// Tokens that are judged at once. On the cluster each takes a read of a head, and some twenty of a register that was
/// never seen: what strangers ask must leave room for registers.
const JUDGED_AT_ONCE: usize = 256;

/// What strangers spend, and how it is told.
pub(super) struct Strangers {
    budgets: Mutex<Budgets>,
    since: Instant,
    /// A place for each token that is being judged; never closed.
    pub(super) places: Semaphore,
    told: Sampled,
}

impl Strangers {
    pub(super) fn new(limits: StrangerLimits) -> Self {
        Self {
            budgets: Mutex::new(Budgets::new(limits)),
            since: Instant::now(),
            places: Semaphore::new(JUDGED_AT_ONCE),
            told: Sampled::default(),
        }
    }

    fn now(&self) -> Duration {
        self.since.elapsed()
    }

    /// Takes one from an address's budget, or says that it is to come later.
    pub(super) fn pay(&self, origin: Origin, charge: Charge) -> Result<(), Failure> {
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        let pays = budgets.pays(origin.address, charge, self.now());
        drop(budgets);
        if pays {
            return Ok(());
        }
        metrics::turned_away(match charge {
            Charge::Judging => TurnedAway::UnknownToken,
            Charge::WrongToken => TurnedAway::WrongToken,
            Charge::UnknownId => TurnedAway::UnknownId,
        });
        if let Some(left_out) = self.told.turn() {
            let (address, what) = (origin.address, what_of(charge));
            warn!(%address, left_out, "{address} {what} and gets 254; {left_out} such lines were left out");
        }
        Err(Failure::Unavailable(Unavailable::Overloaded))
    }

    /// Forgets addresses whose budgets are whole.
    pub(super) fn sweep(&self) {
        let now = self.now();
        self.budgets.lock().unwrap_or_else(PoisonError::into_inner).sweep(now);
    }
}

fn what_of(charge: Charge) -> &'static str {
    match charge {
        Charge::Judging => "sends more tokens that are not known than unknown_tokens_per_second",
        Charge::WrongToken => "sends more wrong tokens than wrong_tokens_per_second",
        Charge::UnknownId => "asks for more unknown ids than unknown_ids_per_second",
    }
}
