//! The whole store as it was at one moment, while writes go on: what a backup reads.
//!
//! A moment keeps nothing of the engine open: when the store opens its files again after a failure, or is closed, the
//! moment is over and says so. As long as it lives the engine cannot throw away what was written over since, so who
//! holds one does not dawdle.

use std::sync::{Arc, Weak};

use bytes::Bytes;

use super::codec;
use super::committer::Shared;
use super::engine::{Engine, Page, Table, View};
use super::request::unavailable;
use crate::conditions::readable;
use crate::store::{Head, Note, NoteKind, Record, RecordKind, Row, StoreError, StreamId};

/// An embedded store as it was at one moment.
pub struct Moment {
    shared: Arc<Shared>,
    engine: Weak<dyn Engine>,
    view: View,
}

impl std::fmt::Debug for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Moment")
    }
}

impl Moment {
    pub(super) fn of(shared: Arc<Shared>, engine: &Arc<dyn Engine>) -> Self {
        Self { shared, engine: Arc::downgrade(engine), view: engine.view() }
    }

    /// Up to `limit` streams of all kinds with their heads, those after `after`.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`]; [`StoreError::Unavailable`]: the moment is over.
    pub fn heads(&self, after: Option<StreamId>, limit: usize) -> Result<Vec<(StreamId, Head)>, StoreError> {
        let after = after.map(codec::stream_key);
        let found =
            self.scan(Table::Heads, Page { prefix: &[], after: after.as_ref().map(|key| &key[..]), limit })?;
        let entry = |(key, value): (Bytes, Bytes)| {
            let stream = codec::any_stream_of_key(&key).ok_or_else(|| StoreError::Corrupt {
                place: format!("key {} in keyspace heads", readable(&key)),
                reason: "it is not the key of a stream that this program knows".to_owned(),
            })?;
            Ok((stream, codec::head(stream, &value)?))
        };
        found.into_iter().map(entry).collect()
    }

    /// Up to `limit` rows of a stream, those after `after`.
    ///
    /// # Errors
    /// As [`Self::heads`].
    pub fn rows(&self, stream: StreamId, after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreError> {
        let after = after.map(|after| codec::row_key(stream, after));
        let page = Page { prefix: &codec::stream_key(stream), after: after.as_deref(), limit };
        let entry = |(key, value): (Bytes, Bytes)| {
            let key = key.slice(codec::STREAM_KEY_LEN.min(key.len())..);
            codec::row(stream, &key, &value).map(|value| Row { key, value })
        };
        self.scan(Table::Rows, page)?.into_iter().map(entry).collect()
    }

    /// Up to `limit` records of all kinds, those after `after`.
    ///
    /// # Errors
    /// As [`Self::heads`].
    pub fn records(
        &self,
        after: Option<(RecordKind, &[u8])>,
        limit: usize,
    ) -> Result<Vec<(RecordKind, Record)>, StoreError> {
        // The first key of the table is the store's own count of its batches, which is no record.
        let after = match after {
            Some((kind, key)) => codec::record_key(kind, key),
            None => Bytes::from_static(codec::COUNT_KEY),
        };
        let found = self.scan(Table::Records, Page { prefix: &[], after: Some(&after), limit })?;
        let entry = |(key, value): (Bytes, Bytes)| {
            let kind = key.first().copied().and_then(RecordKind::from_number);
            let kind = kind.ok_or_else(|| StoreError::Corrupt {
                place: format!("key {} in keyspace records", readable(&key)),
                reason: "it is not the key of a record that this program knows".to_owned(),
            })?;
            Ok((kind, codec::record(kind, key.slice(1.min(key.len())..), &value)?))
        };
        found.into_iter().map(entry).collect()
    }

    /// Up to `limit` notes of all kinds, those after `after`, also such as are over.
    ///
    /// # Errors
    /// As [`Self::heads`].
    pub fn notes(&self, after: Option<(NoteKind, &[u8])>, limit: usize) -> Result<Vec<Note>, StoreError> {
        let after = match after {
            Some((kind, key)) => codec::note_key(kind, key),
            None => Bytes::from_static(&codec::BEHIND_EXPIRIES),
        };
        let found = self.scan(Table::Notes, Page { prefix: &[], after: Some(&after), limit })?;
        let entry = |(key, value): (Bytes, Bytes)| {
            let kind = key.first().copied().and_then(NoteKind::from_number);
            let kind = kind.ok_or_else(|| StoreError::Corrupt {
                place: format!("key {} in keyspace notes", readable(&key)),
                reason: "it is not the key of a note that this program knows".to_owned(),
            })?;
            codec::note(kind, key.slice(1.min(key.len())..), &value)
        };
        found.into_iter().map(entry).collect()
    }

    fn scan(&self, table: Table, page: Page<'_>) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        let current = self.shared.engine();
        let engine =
            self.engine.upgrade().filter(|ours| current.is_some_and(|current| Arc::ptr_eq(ours, &current)));
        let engine = engine.ok_or_else(|| unavailable("it was closed or opened again meanwhile"))?;
        engine.scan_view(&self.view, table, page)
    }
}
