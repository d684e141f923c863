//! Counters of the embedded store, for the gateway's metrics.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// What the committer did since the store was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EmbeddedStats {
    /// Batches written, each with one sync.
    pub batches: u64,
    /// Writes in them: appends, records, claims and notes.
    pub writes: u64,
    /// Writes in the last batch.
    pub batch_writes_last: u64,
    /// Time spent in writing and syncing, in nanoseconds.
    pub sync_nanoseconds_sum: u64,
    /// The longest of these.
    pub sync_nanoseconds_max: u64,
    /// Batches that failed.
    pub failures: u64,
}

/// The counters behind [`EmbeddedStats`]: written by the committer alone, read by anyone.
#[derive(Debug, Default)]
pub(super) struct Counters {
    batches: AtomicU64,
    writes: AtomicU64,
    batch_writes_last: AtomicU64,
    sync_nanoseconds_sum: AtomicU64,
    sync_nanoseconds_max: AtomicU64,
    failures: AtomicU64,
}

impl Counters {
    pub(super) fn batch(&self, writes: u64, took: Duration) {
        let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.batches.fetch_add(1, Relaxed);
        self.writes.fetch_add(writes, Relaxed);
        self.batch_writes_last.store(writes, Relaxed);
        self.sync_nanoseconds_sum.fetch_add(took, Relaxed);
        self.sync_nanoseconds_max.fetch_max(took, Relaxed);
    }

    pub(super) fn failure(&self) {
        self.failures.fetch_add(1, Relaxed);
    }

    pub(super) fn read(&self) -> EmbeddedStats {
        EmbeddedStats {
            batches: self.batches.load(Relaxed),
            writes: self.writes.load(Relaxed),
            batch_writes_last: self.batch_writes_last.load(Relaxed),
            sync_nanoseconds_sum: self.sync_nanoseconds_sum.load(Relaxed),
            sync_nanoseconds_max: self.sync_nanoseconds_max.load(Relaxed),
            failures: self.failures.load(Relaxed),
        }
    }
}
