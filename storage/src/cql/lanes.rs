//! Conditional writes of one partition in turn, as far as this process makes them.
//!
//! Two that meet in the cluster cost each other rounds and pauses: 32 writers of one partition come to 15 writes a
//! second. In turn they cost nothing but the wait.

use std::hash::{Hash, Hasher};

use tokio::sync::{Mutex, MutexGuard};
use xxhash_rust::xxh3::Xxh3Default;

/// Partitions share lanes. With 256 writes under way a write waits for that of another partition once in 64 times; a
/// lane takes 40 bytes.
const LANES: u64 = 16 * 1024;

#[derive(Debug)]
pub(super) struct Lanes(Vec<Mutex<()>>);

impl Lanes {
    pub(super) fn new() -> Self {
        Self((0..LANES).map(|_| Mutex::new(())).collect())
    }

    /// Waits for the partition's turn.
    pub(super) async fn turn(&self, partition: impl Hash) -> Option<MutexGuard<'_, ()>> {
        let mut hasher = Xxh3Default::new();
        partition.hash(&mut hasher);
        let lane = self.0.get(usize::try_from(hasher.finish() % LANES).unwrap_or(0))?;
        Some(lane.lock().await)
    }
}
