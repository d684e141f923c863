//! Costly work that is not done now: what its asker hears, and how it is counted.

use metrics::counter;

/// Too much of the same is under way, or waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

/// Why costly work is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// No memory is left for its part.
    Memory,
    /// No waiting place is left.
    Queue,
    /// Somebody with fewer waiting got its waiting place.
    Displaced,
    /// Its address has its share of memory or waiting places.
    Address,
}

impl Reason {
    /// Those of waiting places.
    pub(super) const OF_POOL: [Self; 3] = [Self::Queue, Self::Displaced, Self::Address];

    /// Those of memory.
    pub(super) const OF_MEMORY: [Self; 2] = [Self::Memory, Self::Address];

    fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Queue => "queue",
            Self::Displaced => "displaced",
            Self::Address => "address",
        }
    }
}

fn count(work: &'static str, reason: Reason, more: u64) {
    counter!("ofd_admin_web_work_refused_total", "work" => work, "reason" => reason.name()).increment(more);
}

/// Shows what was not counted yet as 0: a rate is then known from the first refusal on.
pub(super) fn none_refused(work: &'static str, reasons: &[Reason]) {
    reasons.iter().for_each(|reason| count(work, *reason, 0));
}

/// Costly work was refused.
pub(super) fn refused(work: &'static str, reason: Reason) {
    count(work, reason, 1);
}
