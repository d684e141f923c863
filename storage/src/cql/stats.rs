//! What the store counts.

use std::sync::atomic::{AtomicU64, Ordering};

/// How often what happened since the store was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CqlStats {
    /// Statements sent, repeats not counted.
    pub statements: u64,
    /// Repeats of statements that failed in passing.
    pub retries: u64,
    /// Conditional writes whose outcome stayed unknown.
    pub unknown: u64,
    /// Calls that found too little of the cluster.
    pub unavailable: u64,
    /// Conditional writes that found another version than expected.
    pub conflicts: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) statements: AtomicU64,
    pub(super) retries: AtomicU64,
    pub(super) unknown: AtomicU64,
    pub(super) unavailable: AtomicU64,
    pub(super) conflicts: AtomicU64,
}

pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Counters {
    pub(super) fn read(&self) -> CqlStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        CqlStats {
            statements: read(&self.statements),
            retries: read(&self.retries),
            unknown: read(&self.unknown),
            unavailable: read(&self.unavailable),
            conflicts: read(&self.conflicts),
        }
    }
}
