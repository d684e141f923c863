//! The end of notes: those that are over are deleted, a few with each batch that brings some.
//!
//! Time is what the notes say: nothing is over before a later one was written. So a store to which nothing is noted has
//! nothing to do, and one clock less to trust.

use bytes::Bytes;

use super::batch::Batch;
use super::codec;
use super::engine::{Engine, Reach, Table, Way};
use crate::note::NOTE_GRACE_MS;
use crate::store::{Note, StoreError};

/// So many notes are written before those are looked for that are over.
const SWEEP_EVERY_NOTES: usize = 64;

/// So many are deleted at once, at most: more than came meanwhile, so that what is over never piles up. They lie beside
/// each other, as they were written, so this is a read of a few blocks: some 0.2 ms, for one batch in many.
const SWEPT_MAX: usize = 160;

/// A session of signing is some MiB long, and whole when its expiry is read.
const SWEPT_BYTES_MAX: usize = 1024 * 1024;

/// Which notes are over and still there.
pub(super) struct Sweep {
    /// The latest time at which a note was written.
    latest_ms: u64,
    /// Expiries before this key are deleted already: what was there is passed by no more, though the engine has to keep
    /// it for a while.
    from: Bytes,
    /// How many notes came since the last look.
    came: usize,
    is_failing: bool,
}

impl Sweep {
    pub(super) fn new() -> Self {
        Self { latest_ms: 0, from: codec::expiries_from(0), came: 0, is_failing: false }
    }

    /// A note is being written.
    pub(super) fn saw(&mut self, note: &Note, expiry_key: &Bytes) {
        self.latest_ms = self.latest_ms.max(note.at_ms);
        if *expiry_key < self.from {
            self.from = expiry_key.clone();
        }
        self.came = self.came.saturating_add(1);
    }

    /// What was to be deleted may be there still.
    pub(super) fn forget(&mut self) {
        self.from = codec::expiries_from(0);
    }

    /// Adds to a batch what is over, if it is time to look.
    pub(super) fn add_to(&mut self, engine: &dyn Engine, batch: &mut Batch) {
        if self.came < SWEEP_EVERY_NOTES {
            return;
        }
        self.came = 0;
        match self.sweep(engine, batch) {
            Ok(()) => self.is_failing = false,
            // That something cannot be read keeps nothing from being written.
            Err(error) if !self.is_failing => {
                self.is_failing = true;
                tracing::warn!(%error, "notes that are over cannot be deleted: {error}");
            }
            Err(_) => {}
        }
    }

    fn sweep(&mut self, engine: &dyn Engine, batch: &mut Batch) -> Result<(), StoreError> {
        let Some(over_ms) = self.latest_ms.checked_sub(NOTE_GRACE_MS) else { return Ok(()) };
        let to = codec::expiries_from(over_ms.saturating_add(1));
        let mut expiries = Vec::new();
        let mut see = |key: &[u8], _: &[u8]| {
            expiries.push(Bytes::copy_from_slice(key));
            expiries.len() < SWEPT_MAX
        };
        let reach = Reach { from: &self.from, to: Some(&to), way: Way::Onwards };
        engine.read(Table::Notes, reach, &mut see)?;
        let mut bytes = 0_usize;
        for expiry in expiries {
            if let Some((expires_ms, note_key)) = codec::expiry_of_key(&expiry) {
                let note_key = Bytes::copy_from_slice(note_key);
                let value = batch.get(engine, Table::Notes, note_key.clone())?;
                bytes = bytes.saturating_add(value.as_ref().map_or(0, Bytes::len));
                // One that was damaged and written anew has another expiry, and this one leads nowhere.
                let parts = value.and_then(|value| codec::note_parts(&note_key, &value).ok());
                if parts.is_some_and(|(_, found_ms, _)| found_ms == expires_ms) {
                    batch.remove(Table::Notes, note_key);
                }
            }
            self.from = expiry.clone();
            batch.remove(Table::Notes, expiry);
            if bytes >= SWEPT_BYTES_MAX {
                break;
            }
        }
        Ok(())
    }
}
