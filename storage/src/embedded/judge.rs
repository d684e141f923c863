//! Judges the conditions of the writes of one batch, in order, each seeing what the ones before it wrote.

use bytes::Bytes;

use super::batch::Batch;
use super::codec;
use super::engine::{Engine, Table};
use super::recent::Recent;
use super::sweep::Sweep;
use crate::claims::{self, Claimant, ClaimedName, Ruling};
use crate::conditions::{self, Verdict};
use crate::store::{Append, Claim, Head, Note, RecordKind, Stamp, StoreError, StreamId, Version};

/// Heads remembered, per generation: a register sends a receipt every few minutes, so a day's active registers
/// fit, at some 10 MiB.
const HEADS_REMEMBERED: usize = 64 * 1024;

/// A record to be written.
pub(super) struct RecordWrite {
    pub(super) kind: RecordKind,
    pub(super) key: Bytes,
    pub(super) expected: Option<Version>,
    pub(super) bytes: Bytes,
}

/// A name to be claimed.
pub(super) struct ClaimWrite {
    /// The record key of the name.
    pub(super) key: Bytes,
    pub(super) claimant: Claimant,
}

/// Judges writes. Remembers versions of heads, so that a usual append reads nothing.
pub(super) struct Judge {
    heads: Recent<StreamId, (Version, Stamp)>,
    sweep: Sweep,
}

impl Judge {
    pub(super) fn new() -> Self {
        Self { heads: Recent::new(HEADS_REMEMBERED), sweep: Sweep::new() }
    }

    /// Forgets what it remembers: it may include what a failed batch wanted to write.
    pub(super) fn forget(&mut self) {
        self.heads.clear();
        self.sweep.forget();
    }

    pub(super) fn append(
        &mut self,
        engine: &dyn Engine,
        batch: &mut Batch,
        append: &Append,
    ) -> Result<Version, StoreError> {
        for note in &append.notes {
            self.note(engine, batch, note)?;
        }
        let stream = append.stream;
        let found = self.head(engine, batch, stream)?;
        let version = match conditions::judge_append(found, append)? {
            Verdict::Already(version) => return Ok(version),
            Verdict::Write(version) => version,
        };
        let head = Head { version, stamp: append.stamp, bytes: append.head.clone() };
        batch.put(codec::put_head(stream, &head));
        for row in &append.rows {
            batch.put(codec::put_row(stream, row));
        }
        self.heads.put(stream, (version, append.stamp));
        Ok(version)
    }

    pub(super) fn record(
        &self,
        engine: &dyn Engine,
        batch: &mut Batch,
        write: &RecordWrite,
    ) -> Result<Version, StoreError> {
        let key = codec::record_key(write.kind, &write.key);
        let found = batch.get(engine, Table::Records, key.clone())?;
        let found = found.map(|value| codec::record(write.kind, write.key.clone(), &value)).transpose()?;
        let found = found.map(|record| record.version);
        let version = conditions::judge_record(found, write.expected, write.kind, &write.key)?;
        batch.put(codec::put_record(key, version, &write.bytes));
        Ok(version)
    }

    pub(super) fn claim(
        &self,
        engine: &dyn Engine,
        batch: &mut Batch,
        claim: &ClaimWrite,
    ) -> Result<Claim, StoreError> {
        let key = codec::record_key(RecordKind::Name, &claim.key);
        let found = batch.get(engine, Table::Records, key.clone())?;
        let found =
            found.map(|value| codec::record(RecordKind::Name, claim.key.clone(), &value)).transpose()?;
        let version = found.as_ref().map_or(Version::FIRST, |record| record.version.next());
        let name = found.and_then(|record| ClaimedName::decode(&record.bytes));
        match claims::rule(name, &claim.claimant) {
            Ruling::Answer(claim) => Ok(claim),
            Ruling::Write(name) => {
                batch.put(codec::put_record(key, version, &name.encode()));
                Ok(Claim::Granted)
            }
        }
    }

    pub(super) fn note(
        &mut self,
        engine: &dyn Engine,
        batch: &mut Batch,
        note: &Note,
    ) -> Result<(), StoreError> {
        if note.is_void() {
            return Ok(());
        }
        let found = match batch.get(engine, Table::Notes, codec::note_key(note.kind, &note.key))? {
            // One that is damaged is worth no more than none: this one takes its place.
            Some(value) => codec::note(note.kind, note.key.clone(), &value).ok(),
            None => None,
        };
        if found.as_ref().is_some_and(|found| found.stays_before(note)) {
            return Ok(());
        }
        if let Some(found) = found.filter(|found| found.expires_ms != note.expires_ms) {
            let key = codec::note_key(found.kind, &found.key);
            batch.remove(Table::Notes, codec::expiry_key(found.expires_ms, &key));
        }
        let [put, expiry] = codec::put_note(note);
        self.sweep.saw(note, &expiry.key);
        batch.put(put);
        batch.put(expiry);
        Ok(())
    }

    /// Adds to a batch the end of notes that are over.
    pub(super) fn sweep(&mut self, engine: &dyn Engine, batch: &mut Batch) {
        self.sweep.add_to(engine, batch);
    }

    fn head(
        &mut self,
        engine: &dyn Engine,
        batch: &Batch,
        stream: StreamId,
    ) -> Result<Option<(Version, Stamp)>, StoreError> {
        if let Some(found) = self.heads.find(stream) {
            return Ok(Some(found));
        }
        let key = Bytes::copy_from_slice(&codec::stream_key(stream));
        let Some(value) = batch.get(engine, Table::Heads, key)? else { return Ok(None) };
        let head = codec::head(stream, &value)?;
        self.heads.put(stream, (head.version, head.stamp));
        Ok(Some((head.version, head.stamp)))
    }
}
