//! Every byte of a store looked at, and a store read past what cannot be read.

use std::sync::Arc;

use bytes::Bytes;

use super::codec::STREAM_KEY_LEN;
use super::codec::{self, COUNT_KEY, EXPIRY_MARK};
use super::engine::{Engine, Page, Reach, Table, Way};
use super::salvage::{self, Gap};
use super::{EmbeddedStore, note_page, record_of, row_of};
use crate::conditions;
use crate::note::those_not_over;
use crate::store::{Note, NoteKind, Record, RecordKind, Row, StoreError, StreamId, StreamKind};
use crate::through;

/// A place whose bytes are not what was written, or that nothing of the store leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Where: a file, a value, keys between which nothing can be read.
    pub place: String,
    /// What does not fit, with the engine's own words where it has any.
    pub reason: String,
}

/// What an inspection came to.
#[derive(Debug, Default)]
pub struct Inspected {
    /// Values that were read, whole or not.
    pub values: u64,
    gaps: [Vec<Gap>; Table::ALL.len()],
}

impl EmbeddedStore {
    /// Looks at every key of every keyspace, and at every file of theirs, and tells each fault. Blocks.
    ///
    /// What lies in a kind of streams or records that this program does not know is told, too: it may be a newer
    /// program's, and nothing here can judge it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the store is closed; damage is no error here.
    pub fn inspect(&self, tell: &mut dyn FnMut(Damage)) -> Result<Inspected, StoreError> {
        let engine = self.engine()?;
        engine.check_files(&mut |place, reason| tell(Damage { place, reason }));
        let mut inspected = Inspected::default();
        for (table, gaps) in Table::ALL.into_iter().zip(&mut inspected.gaps) {
            let mut judge = Judge { engine: &*engine, table, stream: None };
            let values = &mut inspected.values;
            *gaps = salvage::read_all(&*engine, table, &mut |key, value| {
                *values = values.saturating_add(1);
                if let Err(reason) = judge.value(key, value) {
                    tell(Damage { place: codec::place_of(table, key), reason });
                }
            });
            for gap in gaps {
                tell(Damage { place: place_of(table, gap), reason: gap.reason.clone() });
            }
        }
        Ok(inspected)
    }
}

fn place_of(table: Table, gap: &Gap) -> String {
    let from = match gap.from.as_slice() {
        [] => "the beginning".to_owned(),
        from => codec::place_of(table, from.strip_suffix(&[0]).unwrap_or(from)),
    };
    let to = gap.to.as_ref().map_or_else(|| "the end".to_owned(), |to| codec::place_of(table, to));
    format!("keyspace {}, between {from} and {to}", table.name())
}

/// Judges the values of one table.
struct Judge<'a> {
    engine: &'a dyn Engine,
    table: Table,
    /// The stream of the last row, and whether it has a head.
    stream: Option<(Vec<u8>, bool)>,
}

impl Judge<'_> {
    fn value(&mut self, key: &[u8], value: &[u8]) -> Result<(), String> {
        codec::check(self.table, key, &Bytes::copy_from_slice(value))?;
        let kind = key.first().copied().ok_or("its key is empty")?;
        match self.table {
            Table::Records if key == COUNT_KEY => Ok(()),
            Table::Records if RecordKind::from_number(kind).is_none() => Err(unknown("records", kind)),
            Table::Records => Ok(()),
            Table::Heads | Table::Rows if StreamKind::from_number(kind).is_none() => {
                Err(unknown("streams", kind))
            }
            Table::Heads if key.len() != STREAM_KEY_LEN => Err("its key is none of a stream".to_owned()),
            Table::Heads => Ok(()),
            Table::Rows => self.row(key),
            Table::Notes if kind == EXPIRY_MARK => expiry(key),
            Table::Notes => self.note(key, value),
        }
    }

    /// A note has a key of its kind, and runs out: else it would stay for ever.
    fn note(&self, key: &[u8], value: &[u8]) -> Result<(), String> {
        let (number, rest) = key.split_first().ok_or("its key is empty")?;
        let kind = NoteKind::from_number(*number).ok_or_else(|| unknown("notes", *number))?;
        if !kind.is_key(rest) {
            return Err(format!("its key is none of a note of kind {kind:?}"));
        }
        let parts = codec::note_parts(key, &Bytes::copy_from_slice(value));
        let (_, expires_ms, _) = parts.map_err(|error| error.to_string())?;
        let expiry = codec::expiry_key(expires_ms, key);
        // An expiry that cannot be read is told where it lies.
        match self.engine.get(self.table, &expiry) {
            Ok(None) => Err("nothing says when it is to be deleted".to_owned()),
            Ok(Some(_)) | Err(_) => Ok(()),
        }
    }

    /// A row must be of a stream that has a head, or nobody ever comes to it.
    fn row(&mut self, key: &[u8]) -> Result<(), String> {
        let stream = key.get(..STREAM_KEY_LEN).ok_or("its key is too short for a row")?;
        let has_head = match &self.stream {
            Some((last, has_head)) if last == stream => *has_head,
            Some(_) | None => {
                // A head that cannot be read is told where it lies.
                let has_head = self.engine.get(Table::Heads, stream).map_or(true, |head| head.is_some());
                self.stream = Some((stream.to_vec(), has_head));
                has_head
            }
        };
        if has_head { Ok(()) } else { Err("its stream has no head".to_owned()) }
    }
}

fn expiry(key: &[u8]) -> Result<(), String> {
    let is_one = codec::expiry_of_key(key).is_some();
    is_one.then_some(()).ok_or_else(|| "its key is too short for the end of a note".to_owned())
}

fn unknown(what: &str, kind: u8) -> String {
    format!("{what} of kind {kind} are unknown to this program; a newer one may have written it")
}

/// An embedded store whose lists go on behind what cannot be read. Everything that they pass over was told by the
/// inspection that this is made from.
pub struct PastDamage {
    store: Arc<EmbeddedStore>,
    gaps: [Vec<Gap>; Table::ALL.len()],
}

impl PastDamage {
    /// Over a store, with what an inspection of it found.
    pub fn new(store: Arc<EmbeddedStore>, inspected: Inspected) -> Self {
        Self { store, gaps: inspected.gaps }
    }

    /// Up to `limit` whole values behind `after` whose keys start with `prefix`.
    fn scan(
        &self,
        table: Table,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        let engine = self.store.engine()?;
        let gaps = Table::ALL.into_iter().zip(&self.gaps).find(|(of, _)| *of == table).map(|(_, gaps)| gaps);
        let gaps = gaps.map_or(&[][..], Vec::as_slice);
        if gaps.is_empty() {
            // The usual way; a damaged value is met one by one below.
            let page = engine.scan(table, Page { prefix, after, limit })?;
            if page.iter().all(|(key, value)| is_listed(table, key, value)) {
                return Ok(page);
            }
        }
        let mut from = match after {
            Some(after) if after >= prefix => salvage::successor(after),
            Some(_) | None => prefix.to_vec(),
        };
        let mut found = Vec::new();
        let begin = from.clone();
        let mut rest = gaps.iter().filter(|gap| gap.to.as_ref().is_none_or(|to| *to > begin));
        loop {
            let gap = rest.next();
            let mut is_over = false;
            let mut see = |key: &[u8], value: &[u8]| {
                is_over = !key.starts_with(prefix);
                if is_over {
                    return false;
                }
                let value = Bytes::copy_from_slice(value);
                if is_listed(table, key, &value) {
                    found.push((Bytes::copy_from_slice(key), value));
                }
                found.len() < limit
            };
            let to = gap.map(|gap| gap.from.as_slice());
            // On its way to the end of this piece it may come to the gap behind it.
            let read = engine.read(table, Reach { from: &from, to, way: Way::Onwards }, &mut see);
            let is_full = found.len() >= limit;
            match gap {
                Some(_) if is_over || is_full => return Ok(found),
                Some(gap) => match &gap.to {
                    Some(to) if to.starts_with(prefix) => from.clone_from(to),
                    Some(_) | None => return Ok(found),
                },
                None => return read.map(|()| found),
            }
        }
    }
}

/// Whether a value is in lists. A stream is, even with a damaged head: whoever asks for that head is told.
fn is_listed(table: Table, key: &[u8], value: &Bytes) -> bool {
    table == Table::Heads || codec::check(table, key, value).is_ok()
}

impl through::Through for PastDamage {
    type Inner = EmbeddedStore;

    fn inner(&self) -> &EmbeddedStore {
        &self.store
    }

    async fn rows(
        &self,
        stream: StreamId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let after = after.map(|after| codec::row_key(stream, after));
        let found = self.scan(Table::Rows, &codec::row_key(stream, prefix), after.as_deref(), limit)?;
        found.into_iter().map(|entry| row_of(stream, entry)).collect()
    }

    async fn streams(
        &self,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> Result<Vec<StreamId>, StoreError> {
        let after = after.map(codec::stream_key);
        let after = after.as_ref().map(<[u8; STREAM_KEY_LEN]>::as_slice);
        let found = self.scan(Table::Heads, &[kind.number()], after, limit)?;
        Ok(found.into_iter().filter_map(|(key, _)| codec::stream_of_key(kind, &key)).collect())
    }

    async fn records(
        &self,
        kind: RecordKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let after = after.map(|after| codec::record_key(kind, after));
        let found = self.scan(Table::Records, &codec::record_key(kind, prefix), after.as_deref(), limit)?;
        found.into_iter().map(|entry| record_of(kind, entry)).collect()
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
        let prefix = codec::note_key(kind, prefix);
        let first = after.map(|after| codec::note_key(kind, after));
        those_not_over((limit, now_ms), first, |after, wanted| {
            let found = self.scan(Table::Notes, &prefix, after.as_deref(), wanted);
            std::future::ready(found.and_then(|found| note_page(kind, found, wanted)))
        })
        .await
    }
}
