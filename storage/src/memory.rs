//! A store in memory: the contract at its plainest, for tests and simulations.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::claims::{self, Claimant, ClaimedName, Ruling};
use crate::conditions::{self, Verdict};
use crate::note::NOTE_GRACE_MS;
use crate::store::{
    Append, Claim, Head, Health, Note, NoteKind, Record, RecordKind, Row, Store, StoreError, StreamId,
    StreamKind, Version,
};

/// A store that lives as long as its last handle.
///
/// Deterministic and without threads: every call is done when it is first polled. "Durable" means here that
/// another handle sees it.
#[derive(Debug, Default)]
pub struct MemoryStore {
    kept: Arc<Mutex<Kept>>,
    closed: AtomicBool,
}

#[derive(Debug, Default)]
struct Kept {
    heads: BTreeMap<StreamId, Head>,
    rows: BTreeMap<(StreamId, Bytes), Bytes>,
    records: BTreeMap<(RecordKind, Bytes), (Version, Bytes)>,
    notes: BTreeMap<(NoteKind, Bytes), Note>,
    /// Notes in the order in which they run out.
    expiries: BTreeSet<(u64, NoteKind, Bytes)>,
    /// The latest time at which one was written.
    noted_ms: u64,
}

impl Kept {
    fn note(&mut self, note: Note) {
        if note.is_void() {
            return;
        }
        let at = (note.kind, note.key.clone());
        self.noted_ms = self.noted_ms.max(note.at_ms);
        if self.notes.get(&at).is_some_and(|found| found.stays_before(&note)) {
            return;
        }
        self.expiries.insert((note.expires_ms, note.kind, note.key.clone()));
        if let Some(before) =
            self.notes.insert(at, note.clone()).filter(|it| it.expires_ms != note.expires_ms)
        {
            self.expiries.remove(&(before.expires_ms, before.kind, before.key));
        }
        while self.expiries.first().is_some_and(|(ms, ..)| ms.saturating_add(NOTE_GRACE_MS) <= self.noted_ms)
        {
            if let Some((_, kind, key)) = self.expiries.pop_first() {
                self.notes.remove(&(kind, key));
            }
        }
    }
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Another handle to the same content, open even when this one is closed: what a restart is to a real store.
    #[must_use]
    pub fn another_handle(&self) -> Self {
        Self { kept: Arc::clone(&self.kept), closed: AtomicBool::new(false) }
    }

    fn kept(&self) -> Result<MutexGuard<'_, Kept>, StoreError> {
        if self.closed.load(Ordering::Acquire) {
            return Err(StoreError::Unavailable { reason: "it is closed".to_owned() });
        }
        // A panic elsewhere cannot leave the maps half changed: nothing below panics between two inserts.
        Ok(self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store for MemoryStore {
    async fn append(&self, mut append: Append) -> Result<Version, StoreError> {
        conditions::check_append(&append)?;
        let mut kept = self.kept()?;
        std::mem::take(&mut append.notes).into_iter().for_each(|note| kept.note(note));
        let found = kept.heads.get(&append.stream).map(|head| (head.version, head.stamp));
        let version = match conditions::judge_append(found, &append)? {
            Verdict::Already(version) => return Ok(version),
            Verdict::Write(version) => version,
        };
        kept.heads.insert(append.stream, Head { version, stamp: append.stamp, bytes: append.head });
        for row in append.rows {
            kept.rows.insert((append.stream, row.key), row.value);
        }
        Ok(version)
    }

    async fn head(&self, stream: StreamId) -> Result<Option<Head>, StoreError> {
        Ok(self.kept()?.heads.get(&stream).cloned())
    }

    async fn row(&self, stream: StreamId, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        Ok(self.kept()?.rows.get(&(stream, Bytes::copy_from_slice(key))).cloned())
    }

    async fn rows(
        &self,
        stream: StreamId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let kept = self.kept()?;
        let rows = kept.rows.range((start(stream, prefix, after), Bound::Unbounded));
        let rows = rows.take_while(|((of, key), _)| *of == stream && key.starts_with(prefix)).take(limit);
        Ok(rows.map(|((_, key), value)| Row { key: key.clone(), value: value.clone() }).collect())
    }

    async fn streams(
        &self,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> Result<Vec<StreamId>, StoreError> {
        let kept = self.kept()?;
        let first = Bound::Included(StreamId { kind, owner: 0, ordinal: 0 });
        let heads = kept.heads.range((after.map_or(first, Bound::Excluded), Bound::Unbounded));
        Ok(heads.map(|(stream, _)| *stream).take_while(|stream| stream.kind == kind).take(limit).collect())
    }

    async fn record(&self, kind: RecordKind, key: &[u8]) -> Result<Option<Record>, StoreError> {
        let key = Bytes::copy_from_slice(key);
        let kept = self.kept()?;
        let found = kept.records.get(&(kind, key.clone()));
        Ok(found.map(|(version, bytes)| Record { key, version: *version, bytes: bytes.clone() }))
    }

    async fn put_record(
        &self,
        kind: RecordKind,
        key: &[u8],
        expected: Option<Version>,
        bytes: Bytes,
    ) -> Result<Version, StoreError> {
        conditions::check_record(key, &bytes)?;
        let mut kept = self.kept()?;
        let at = (kind, Bytes::copy_from_slice(key));
        let found = kept.records.get(&at).map(|(version, _)| *version);
        let version = conditions::judge_record(found, expected, kind, key)?;
        kept.records.insert(at, (version, bytes));
        Ok(version)
    }

    async fn records(
        &self,
        kind: RecordKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let kept = self.kept()?;
        let records = kept.records.range((start(kind, prefix, after), Bound::Unbounded));
        let records = records.take_while(|((of, key), _)| *of == kind && key.starts_with(prefix)).take(limit);
        let record = |((_, key), (version, bytes)): (&(RecordKind, Bytes), &(Version, Bytes))| Record {
            key: key.clone(),
            version: *version,
            bytes: bytes.clone(),
        };
        Ok(records.map(record).collect())
    }

    async fn claim(
        &self,
        family: &str,
        name: &str,
        owner: &[u8],
        now_ms: u64,
        take_over_from: Option<&[u8]>,
    ) -> Result<Claim, StoreError> {
        let claimant = Claimant::new(owner, now_ms, take_over_from)?;
        let at = (RecordKind::Name, claims::name_key(family, name)?);
        let mut kept = self.kept()?;
        let found = kept.records.get(&at).map(|(version, bytes)| (*version, ClaimedName::decode(bytes)));
        let version = found.as_ref().map_or(Version::FIRST, |(version, _)| version.next());
        match claims::rule(found.and_then(|(_, name)| name), &claimant) {
            Ruling::Answer(claim) => Ok(claim),
            Ruling::Write(name) => {
                kept.records.insert(at, (version, name.encode()));
                Ok(Claim::Granted)
            }
        }
    }

    async fn note(&self, note: Note) -> Result<(), StoreError> {
        conditions::check_note(&note)?;
        self.kept()?.note(note);
        Ok(())
    }

    async fn noted(&self, kind: NoteKind, key: &[u8], now_ms: u64) -> Result<Option<Note>, StoreError> {
        conditions::check_note_key("the key of a note", kind, key)?;
        let found = self.kept()?.notes.get(&(kind, Bytes::copy_from_slice(key))).cloned();
        Ok(found.filter(|note| !note.is_over(now_ms)))
    }

    async fn notes(
        &self,
        kind: NoteKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
        now_ms: u64,
    ) -> Result<Vec<Note>, StoreError> {
        conditions::check_note_key("the prefix of notes", kind, prefix)?;
        let kept = self.kept()?;
        let notes = kept.notes.range((start(kind, prefix, after), Bound::Unbounded));
        let notes = notes.take_while(|((of, key), _)| *of == kind && key.starts_with(prefix));
        Ok(notes.map(|(_, note)| note.clone()).filter(|note| !note.is_over(now_ms)).take(limit).collect())
    }

    async fn health(&self) -> Health {
        match self.kept() {
            Ok(_) => Health::Ready,
            Err(closed) => Health::ReadOnly(closed.to_string()),
        }
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.closed.store(true, Ordering::Release);
        Ok(())
    }

    fn is_shared(&self) -> bool {
        false
    }
}

/// Where a page begins: behind `after`, or at `prefix` when that comes later.
fn start<K>(of: K, prefix: &[u8], after: Option<&[u8]>) -> Bound<(K, Bytes)> {
    match after {
        Some(after) if after >= prefix => Bound::Excluded((of, Bytes::copy_from_slice(after))),
        Some(_) | None => Bound::Included((of, Bytes::copy_from_slice(prefix))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{self, Backend};

    struct InMemory;

    impl Backend for InMemory {
        type Store = MemoryStore;

        async fn fresh(&mut self) -> MemoryStore {
            MemoryStore::new()
        }

        async fn reopen(&mut self, closed: MemoryStore) -> MemoryStore {
            closed.another_handle()
        }
    }

    #[test]
    fn it_keeps_the_contract() {
        futures::executor::block_on(conformance::all(&mut InMemory));
    }

    #[test]
    fn the_feed_keeps_its_contract() {
        futures::executor::block_on(conformance::feed::all(&mut InMemory));
    }
}
