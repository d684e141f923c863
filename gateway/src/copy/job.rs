//! What all parts of a copy share: how it is made, what a walk does, and what came of it.

use std::sync::Arc;
use std::time::Duration;

use ofd_edge::World;
use ofd_storage::store::{Stamp, Store};
use tokio_util::sync::CancellationToken;

use super::error::CopyError;
use super::progress::{Progress, Sample, Tally};
use super::side::{Patience, Side};
use crate::verify::{Break, Walked};

/// Streams, or records, that are copied or compared at once: a cluster answers in milliseconds, and an embedded store
/// makes all that wait durable with one sync.
const AT_ONCE: usize = 32;

/// Rows go over in appends of about so many bytes: far below what an append may hold, so that a cluster under load
/// takes each well within its deadline.
const PART_LEN: usize = 256 * 1024;

/// Announcements of so long before are carried; what is older readers on the target find by their first sweep.
const CHANGES_FOR: Duration = Duration::from_secs(3600);

/// The mark is brought up to date this often: so much work at most is looked at again after a cut.
const MARK_EVERY: Duration = Duration::from_secs(2);

/// How a copy is made.
#[derive(Clone, Debug)]
pub struct CopyOptions {
    /// The source as people call it; the same words every time, for a mark is told by them.
    pub from: String,
    /// What continues the copy.
    pub command: String,
    /// Streams or records at once.
    pub at_once: usize,
    /// Bytes of rows in one append, roughly.
    pub part_len: usize,
    /// How often the mark is brought up to date.
    pub mark_every: Duration,
    /// Changes that were noted for so long before are carried.
    pub changes_for: Duration,
    /// How long a store may fail in passing.
    pub patience: Patience,
}

impl CopyOptions {
    /// The usual ones.
    pub fn new(from: impl Into<String>, command: impl Into<String>) -> Self {
        Self {
            from: from.into(),
            command: command.into(),
            at_once: AT_ONCE,
            part_len: PART_LEN,
            mark_every: MARK_EVERY,
            changes_for: CHANGES_FOR,
            patience: Patience::default(),
        }
    }
}

/// What came of a copy.
#[derive(Clone, Debug)]
pub struct Report {
    /// What both stores hold.
    pub held: Tally,
    /// What was walked at the target.
    pub walked: Walked,
    /// How many places are broken at both.
    pub breaks: u64,
    /// The first of them.
    pub first_breaks: Vec<Break>,
    /// Whether the copy had been completed before; nothing was written then.
    pub was_complete: bool,
}

/// What all parts of the work share.
pub(super) struct Job<S, T> {
    pub(super) source: Side<S>,
    pub(super) target: Side<T>,
    pub(super) options: CopyOptions,
    pub(super) world: Arc<dyn World>,
    pub(super) progress: Arc<Progress>,
    pub(super) stop: CancellationToken,
}

impl<S: Store, T: Store> Job<S, T> {
    pub(super) fn check_stop(&self) -> Result<(), CopyError> {
        if self.stop.is_cancelled() { Err(CopyError::Stopped) } else { Ok(()) }
    }

    pub(super) fn stamp(&self) -> Stamp {
        Stamp(self.world.bytes())
    }
}

/// What a walk over both sides does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// Writes what the target lacks, told by heads alone: a head is written last, so its stream is whole.
    Fill,
    /// Compares every byte and writes what differs.
    Repair,
    /// Compares heads and records and writes what differs.
    RepairHeads,
    /// Compares every byte and writes nothing.
    Compare,
}

impl Pass {
    pub(super) fn writes(self) -> bool {
        self != Self::Compare
    }

    pub(super) fn reads_rows(self) -> bool {
        matches!(self, Self::Repair | Self::Compare)
    }
}

/// What a walk over both sides found.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    /// What the source holds.
    pub(super) held: Tally,
    /// What was written since it was missing or different.
    pub(super) written: Sample,
    /// What differs and was not, or cannot be, written.
    pub(super) differences: Sample,
    /// What cannot be read at the source.
    pub(super) damaged: Sample,
}

impl Findings {
    pub(super) fn check_damage(&self) -> Result<(), CopyError> {
        if self.damaged.is_empty() {
            Ok(())
        } else {
            Err(CopyError::Damaged { damaged: self.damaged.clone() })
        }
    }

    pub(super) fn check_differences(&self, advice: &'static str) -> Result<(), CopyError> {
        if self.differences.is_empty() {
            return Ok(());
        }
        Err(CopyError::Differs { differences: self.differences.clone(), advice })
    }
}
