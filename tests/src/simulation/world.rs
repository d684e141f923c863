//! Time and chance of a simulation: one clock for all, a skew and a generator for each gateway.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ofd_edge::{DRAWN_LEN, World};
use ofd_protocol::types::UnixMillis;

use crate::random::Random;

/// Every simulation begins at this moment: 2026-01-22 08:00 in Kazakhstan.
const START_MS: u64 = 1_769_050_800_000;

/// The true time; its clones show the same.
#[derive(Clone, Debug)]
pub struct Clock(Arc<AtomicU64>);

impl Default for Clock {
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(START_MS)))
    }
}

impl Clock {
    /// Milliseconds of the Unix epoch.
    pub fn now_ms(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Milliseconds since the simulation began.
    pub fn elapsed_ms(&self) -> u64 {
        self.now_ms() - START_MS
    }

    /// Lets time pass.
    pub fn advance(&self, milliseconds: u64) {
        self.0.fetch_add(milliseconds, Ordering::Relaxed);
    }
}

/// What a gateway takes for time and chance; its clones are one.
#[derive(Clone, Debug)]
pub struct SimWorld {
    clock: Clock,
    skew_ms: Arc<AtomicI64>,
    random: Arc<Mutex<Random>>,
}

impl SimWorld {
    /// A world whose clock is right for now.
    pub fn new(clock: Clock, seed: u64) -> Self {
        let random = Arc::new(Mutex::new(Random::new(seed)));
        Self { clock, skew_ms: Arc::default(), random }
    }

    /// Sets how far its clock is ahead of the true time.
    pub fn set_skew(&self, milliseconds: i64) {
        self.skew_ms.store(milliseconds, Ordering::Relaxed);
    }
}

impl World for SimWorld {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.clock.now_ms().saturating_add_signed(self.skew_ms.load(Ordering::Relaxed)))
    }

    fn draw(&self) -> [u8; DRAWN_LEN] {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        let mut drawn = [0; DRAWN_LEN];
        for part in drawn.chunks_mut(8) {
            let bytes = random.draw().to_be_bytes();
            part.copy_from_slice(&bytes[..part.len()]);
        }
        drawn
    }
}
