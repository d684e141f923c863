//! What a backup reads: a store as it was at one moment, in pages.

use bytes::{BufMut, Bytes, BytesMut};
use ofd_storage::embedded::Moment;
use ofd_storage::store::{
    Head, Note, NoteKind, Record, RecordKind, Row, Stamp, StoreError, StreamId, StreamKind, Version,
};

/// Pages have at most so many entries.
pub(crate) const PAGE_MAX: usize = 512;

/// The first page, before it is known how long entries are.
pub(crate) const PAGE_FIRST: usize = 16;

/// Pages are about so long: what a bounded rate moves at once.
const PAGE_LEN: usize = 256 * 1024;

/// Where a record is.
pub(crate) type RecordPlace = (RecordKind, Bytes);

/// A store as it was at one moment.
pub trait Source {
    /// Up to `limit` streams of all kinds with their heads, those after `after`.
    ///
    /// # Errors
    /// Those of the store; the moment may be over.
    fn heads(&mut self, after: Option<StreamId>, limit: usize) -> Result<Vec<(StreamId, Head)>, StoreError>;

    /// Up to `limit` rows of a stream, those after `after`.
    ///
    /// # Errors
    /// As [`Self::heads`].
    fn rows(&mut self, stream: StreamId, after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreError>;

    /// Up to `limit` records of all kinds, those after `after`.
    ///
    /// # Errors
    /// As [`Self::heads`].
    fn records(
        &mut self,
        after: Option<(RecordKind, &[u8])>,
        limit: usize,
    ) -> Result<Vec<(RecordKind, Record)>, StoreError>;

    /// Up to `limit` notes of all kinds, those after `after`, also such as are over.
    ///
    /// # Errors
    /// As [`Self::heads`].
    fn notes(&mut self, after: Option<(NoteKind, &[u8])>, limit: usize) -> Result<Vec<Note>, StoreError>;
}

impl Source for Moment {
    fn heads(&mut self, after: Option<StreamId>, limit: usize) -> Result<Vec<(StreamId, Head)>, StoreError> {
        Moment::heads(self, after, limit)
    }

    fn rows(&mut self, stream: StreamId, after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreError> {
        Moment::rows(self, stream, after, limit)
    }

    fn records(
        &mut self,
        after: Option<(RecordKind, &[u8])>,
        limit: usize,
    ) -> Result<Vec<(RecordKind, Record)>, StoreError> {
        Moment::records(self, after, limit)
    }

    fn notes(&mut self, after: Option<(NoteKind, &[u8])>, limit: usize) -> Result<Vec<Note>, StoreError> {
        Moment::notes(self, after, limit)
    }
}

/// How many entries to ask for after a page of `limit` entries was so long.
pub(crate) fn next_limit(limit: usize, len: usize) -> usize {
    match len {
        len if len > PAGE_LEN => (limit / 2).max(1),
        len if len <= PAGE_LEN / 2 => limit.saturating_mul(2).min(PAGE_MAX),
        _ => limit,
    }
}

/// A stream's address in files and on the control socket: kind, owner, ordinal.
pub(crate) fn stream_key(stream: StreamId) -> [u8; 13] {
    let mut key = [0; 13];
    let mut rest = key.as_mut_slice();
    rest.put_u8(stream.kind.number());
    rest.put_u64(stream.owner);
    rest.put_u32(stream.ordinal);
    key
}

/// The stream of such an address; `None` when it is none, or of a kind that this program does not know.
pub(crate) fn stream_of_key(key: &[u8]) -> Option<StreamId> {
    let (kind, rest) = key.split_first()?;
    let (owner, rest) = rest.split_first_chunk()?;
    let ordinal = <[u8; 4]>::try_from(rest).ok()?;
    let kind = StreamKind::from_number(*kind)?;
    Some(StreamId { kind, owner: u64::from_be_bytes(*owner), ordinal: u32::from_be_bytes(ordinal) })
}

/// A record's address: kind, key.
pub(crate) fn record_key(kind: RecordKind, key: &[u8]) -> Bytes {
    [&[kind.number()], key].concat().into()
}

/// The record of such an address.
pub(crate) fn record_of_key(key: &Bytes) -> Option<RecordPlace> {
    let kind = RecordKind::from_number(*key.first()?)?;
    Some((kind, key.slice(1..)))
}

/// A head's version, stamp and content.
pub(crate) fn encode_head(head: &Head) -> Bytes {
    let mut out = BytesMut::with_capacity(head.bytes.len().saturating_add(24));
    out.put_u64(head.version.0);
    out.put_slice(&head.stamp.0);
    out.put_slice(&head.bytes);
    out.freeze()
}

/// Reads what [`encode_head`] wrote.
pub(crate) fn decode_head(value: &Bytes) -> Option<Head> {
    let (version, rest) = value.split_first_chunk::<8>()?;
    let (stamp, bytes) = rest.split_first_chunk::<16>()?;
    let (version, stamp) = (Version(u64::from_be_bytes(*version)), Stamp(*stamp));
    Some(Head { version, stamp, bytes: value.slice_ref(bytes) })
}

/// A record's version and content.
pub(crate) fn encode_record(record: &Record) -> Bytes {
    [&record.version.0.to_be_bytes(), &record.bytes[..]].concat().into()
}

/// Reads what [`encode_record`] wrote.
pub(crate) fn decode_record(key: Bytes, value: &Bytes) -> Option<Record> {
    let (version, bytes) = value.split_first_chunk::<8>()?;
    Some(Record { key, version: Version(u64::from_be_bytes(*version)), bytes: value.slice_ref(bytes) })
}

/// A note's address: kind, key.
pub(crate) fn note_key(kind: NoteKind, key: &[u8]) -> Bytes {
    [&[kind.number()], key].concat().into()
}

/// The note of such an address.
pub(crate) fn note_of_key(key: &Bytes) -> Option<(NoteKind, Bytes)> {
    let kind = NoteKind::from_number(*key.first()?)?;
    Some((kind, key.slice(1..)))
}

/// When a note was written and is over, and what it says.
pub(crate) fn encode_note(note: &Note) -> Bytes {
    [&note.at_ms.to_be_bytes()[..], &note.expires_ms.to_be_bytes(), &note.bytes].concat().into()
}

/// Reads what [`encode_note`] wrote.
pub(crate) fn decode_note(key: &Bytes, value: &Bytes) -> Option<Note> {
    let (kind, key) = note_of_key(key)?;
    let (at_ms, rest) = value.split_first_chunk::<8>()?;
    let (expires_ms, bytes) = rest.split_first_chunk::<8>()?;
    let (at_ms, expires_ms) = (u64::from_be_bytes(*at_ms), u64::from_be_bytes(*expires_ms));
    Some(Note { kind, key, bytes: value.slice_ref(bytes), at_ms, expires_ms })
}
