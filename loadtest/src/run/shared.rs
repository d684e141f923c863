//! What is run, and what all workers of a run share.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::stats::Stats;
use crate::client::Endpoint;
use crate::fleet::FleetError;
use crate::fleet::memory::{self, Ending};
use crate::fleet::tokens::TokenFile;
use crate::register::Register;

/// However slowly the server answers, closing all shifts takes no longer than this.
const CLOSING_SECONDS_MAX: u64 = 300;

/// How fast requests are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Each register sends the next request when it has the answer.
    Closed,
    /// As [`Pace::Closed`], after a rest: a shop has no customer at every moment.
    Resting(Duration),
    /// Documents start at this rate a second, whatever the server does; latency counts from the intended start.
    Open(f64),
}

/// What to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server and how it is spoken to.
    pub endpoint: Endpoint,
    /// The fleet file; its memory lies beside it.
    pub fleet: PathBuf,
    /// How many registers are at work at once, each on a connection of its own.
    pub connections: usize,
    /// When to stop; shifts are closed after that.
    pub duration: Duration,
    /// Stop earlier, after so many documents.
    pub requests: Option<u64>,
    /// How fast requests are made.
    pub pace: Pace,
    /// The share of answers that get lost.
    pub lose_answers: f64,
    /// The share of receipts that are made offline.
    pub offline: f64,
    /// Documents in a shift; the shift is closed at the end in any case.
    pub shift_length: Option<u64>,
    /// What registers without memory draw from.
    pub seed: u64,
    /// The protocol version that registers speak.
    pub version: u16,
    /// How long a register tries to reach a server that does not answer, before the run gives up.
    pub patience: Duration,
}

impl Options {
    /// Ten seconds with 256 registers at once and nothing that goes wrong.
    pub fn new(endpoint: Endpoint, fleet: impl Into<PathBuf>) -> Self {
        Self {
            endpoint,
            fleet: fleet.into(),
            connections: 256,
            duration: Duration::from_secs(10),
            requests: None,
            pace: Pace::Closed,
            lose_answers: 0.0,
            offline: 0.0,
            shift_length: None,
            seed: 1,
            version: 203,
            patience: Duration::from_secs(15),
        }
    }
}

/// What all workers share.
pub(super) struct Shared {
    pub(super) options: Options,
    pub(super) registers: Vec<Mutex<Register>>,
    pub(super) tokens: TokenFile,
    pub(super) stats: Stats,
    pub(super) started: Instant,
    /// Documents begun, against `options.requests` and for the open loop's timetable.
    pub(super) begun: AtomicU64,
    /// No new documents: shifts are closed.
    pub(super) stopping: AtomicBool,
    /// Why the run gave up on the server.
    pub(super) dead: OnceLock<String>,
    /// After this moment nothing is sent any more.
    pub(super) last_call: Mutex<Instant>,
}

impl Shared {
    pub(super) fn register(&self, index: usize) -> Option<std::sync::MutexGuard<'_, Register>> {
        // A poisoned lock is a worker that panicked; its register is still whole enough to be saved.
        self.registers.get(index).map(|register| register.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed) || self.dead.get().is_some()
    }

    pub(super) fn give_up(&self, why: String) {
        // The first reason is the one that is told.
        let _ = self.dead.set(why);
        self.stopping.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_past_last_call(&self) -> bool {
        Instant::now() > *self.last_call.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn stop(&self, closing: Duration) {
        if !self.stopping.swap(true, Ordering::Relaxed) {
            *self.last_call.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now() + closing;
        }
    }

    pub(super) fn save(&self, ending: Ending) -> Result<(), FleetError> {
        let states = self.registers.iter().map(|register| {
            let register = register.lock().unwrap_or_else(PoisonError::into_inner);
            (register.identity().id, register.state().clone())
        });
        memory::write(&self.options.fleet, states, ending)
    }
}

/// How long a run may take to close its shifts.
pub(super) fn closing_time(options: &Options) -> Duration {
    let least = options.patience.saturating_mul(2).max(options.endpoint.exchange_max.saturating_mul(3));
    least.max(Duration::from_secs(CLOSING_SECONDS_MAX))
}
