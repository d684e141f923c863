//! Keys and values as the embedded store keeps them. Every value carries a CRC over its table, key and content,
//! so a damaged value is noticed, and so is a whole one that turns up in another's place.

use bytes::{BufMut, Bytes, BytesMut};
use crc::{CRC_32_ISO_HDLC, Crc, Table as CrcTable};

use super::engine::{Put, Table};
use crate::conditions::readable;
use crate::store::{
    Head, Note, NoteKind, Record, RecordKind, Row, Stamp, StoreError, StreamId, StreamKind, Version,
};

/// Sixteen tables: eight times the speed of one for 16 KiB of cache.
static CRC: Crc<u32, CrcTable<16>> = Crc::<u32, CrcTable<16>>::new(&CRC_32_ISO_HDLC);

const CRC_LEN: usize = size_of::<u32>();

/// Kind, owner, ordinal.
pub(super) const STREAM_KEY_LEN: usize = 1 + size_of::<u64>() + size_of::<u32>();

/// The key of a stream's head, and what the keys of its rows begin with.
pub(super) fn stream_key(stream: StreamId) -> [u8; STREAM_KEY_LEN] {
    let mut key = [0; STREAM_KEY_LEN];
    let mut rest = key.as_mut_slice();
    rest.put_u8(stream.kind.number());
    rest.put_u64(stream.owner);
    rest.put_u32(stream.ordinal);
    key
}

/// The stream of a head's key, when its kind is `kind`.
pub(super) fn stream_of_key(kind: StreamKind, key: &[u8]) -> Option<StreamId> {
    any_stream_of_key(key).filter(|stream| stream.kind == kind)
}

/// The stream of a head's key.
pub(super) fn any_stream_of_key(key: &[u8]) -> Option<StreamId> {
    let (number, rest) = key.split_first()?;
    let kind = StreamKind::from_number(*number)?;
    let (owner, rest) = rest.split_first_chunk()?;
    let (ordinal, rest) = rest.split_first_chunk()?;
    let stream = StreamId { kind, owner: u64::from_be_bytes(*owner), ordinal: u32::from_be_bytes(*ordinal) };
    rest.is_empty().then_some(stream)
}

/// A row's key among all rows, or the beginning of one.
pub(super) fn row_key(stream: StreamId, key: &[u8]) -> Bytes {
    [&stream_key(stream), key].concat().into()
}

/// A record's key among all records, or the beginning of one.
pub(super) fn record_key(kind: RecordKind, key: &[u8]) -> Bytes {
    [&[kind.number()], key].concat().into()
}

/// The key of the number of the last batch. It begins with a byte that is no kind of records.
pub(super) const COUNT_KEY: &[u8] = b"\0count";

/// How much was written into a store since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Count {
    /// Batches, each durable as a whole.
    pub(super) batches: u64,
    /// Writes in them: appends, records, claims and notes.
    pub(super) writes: u64,
}

impl Count {
    /// The count with one more batch of so many writes.
    pub(super) fn after(self, writes: u64) -> Self {
        Self { batches: self.batches.saturating_add(1), writes: self.writes.saturating_add(writes) }
    }

    fn encode(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        let mut rest = bytes.as_mut_slice();
        rest.put_u64(self.batches);
        rest.put_u64(self.writes);
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (batches, rest) = bytes.split_first_chunk()?;
        let writes = rest.try_into().ok()?;
        Some(Self { batches: u64::from_be_bytes(*batches), writes: u64::from_be_bytes(writes) })
    }
}

/// The number of the last batch, which each batch carries.
pub(super) fn put_count(count: Count) -> Put {
    let value = seal(Table::Records, COUNT_KEY, &[&count.encode()]);
    Put { table: Table::Records, key: Bytes::from_static(COUNT_KEY), value: Some(value) }
}

pub(super) fn count(value: &Bytes) -> Result<Count, StoreError> {
    let place = || "the number of the last batch in keyspace records".to_owned();
    let content = unseal(Table::Records, COUNT_KEY, value, place)?;
    Count::decode(&content).ok_or_else(|| too_short(place()))
}

/// What a place of the witness begins with.
const WITNESS_MARK: &[u8; 8] = b"ofdwit01";

/// A place of the witness: the mark, the count, a CRC over both.
pub(super) const WITNESS_LEN: usize = 8 + 16 + CRC_LEN;

pub(super) fn witness(count: Count) -> [u8; WITNESS_LEN] {
    let mut bytes = [0; WITNESS_LEN];
    let mut rest = bytes.as_mut_slice();
    let encoded = count.encode();
    rest.put_slice(WITNESS_MARK);
    rest.put_slice(&encoded);
    rest.put_u32(witness_crc(&encoded));
    bytes
}

pub(super) fn read_witness(bytes: &[u8; WITNESS_LEN]) -> Option<Count> {
    let content = bytes.strip_prefix(WITNESS_MARK)?;
    let (encoded, crc) = content.split_last_chunk::<CRC_LEN>()?;
    (u32::from_be_bytes(*crc) == witness_crc(encoded)).then(|| Count::decode(encoded)).flatten()
}

fn witness_crc(encoded: &[u8]) -> u32 {
    let mut digest = CRC.digest();
    digest.update(WITNESS_MARK);
    digest.update(encoded);
    digest.finalize()
}

pub(super) fn put_head(stream: StreamId, head: &Head) -> Put {
    let key = Bytes::copy_from_slice(&stream_key(stream));
    let value = seal(Table::Heads, &key, &[&head.version.0.to_be_bytes(), &head.stamp.0, &head.bytes]);
    Put { table: Table::Heads, key, value: Some(value) }
}

pub(super) fn put_row(stream: StreamId, row: &Row) -> Put {
    let key = row_key(stream, &row.key);
    let value = seal(Table::Rows, &key, &[&row.value]);
    Put { table: Table::Rows, key, value: Some(value) }
}

pub(super) fn put_record(key: Bytes, version: Version, bytes: &[u8]) -> Put {
    let value = seal(Table::Records, &key, &[&version.0.to_be_bytes(), bytes]);
    Put { table: Table::Records, key, value: Some(value) }
}

pub(super) fn head(stream: StreamId, value: &Bytes) -> Result<Head, StoreError> {
    let place = || format!("the head of {stream} in keyspace heads");
    let content = unseal(Table::Heads, &stream_key(stream), value, place)?;
    let parts = content.split_first_chunk::<8>().and_then(|(version, rest)| {
        let (stamp, bytes) = rest.split_first_chunk::<16>()?;
        Some((Version(u64::from_be_bytes(*version)), Stamp(*stamp), content.slice_ref(bytes)))
    });
    let (version, stamp, bytes) = parts.ok_or_else(|| too_short(place()))?;
    Ok(Head { version, stamp, bytes })
}

pub(super) fn row(stream: StreamId, key: &[u8], value: &Bytes) -> Result<Bytes, StoreError> {
    let place = || format!("row {} of {stream} in keyspace rows", readable(key));
    unseal(Table::Rows, &row_key(stream, key), value, place)
}

pub(super) fn record(kind: RecordKind, key: Bytes, value: &Bytes) -> Result<Record, StoreError> {
    let place = || format!("record {kind:?} {} in keyspace records", readable(&key));
    let content = unseal(Table::Records, &record_key(kind, &key), value, place)?;
    let parts = content.split_first_chunk::<8>();
    let (version, bytes) = parts.ok_or_else(|| too_short(place()))?;
    let (version, bytes) = (Version(u64::from_be_bytes(*version)), content.slice_ref(bytes));
    Ok(Record { key, version, bytes })
}

/// A note's key among all notes, or the beginning of one.
pub(super) fn note_key(kind: NoteKind, key: &[u8]) -> Bytes {
    [&[kind.number()], key].concat().into()
}

/// What keys of expiries begin with; it is no kind of notes.
pub(super) const EXPIRY_MARK: u8 = 0;

/// A mark and a moment.
const EXPIRY_HEAD_LEN: usize = 1 + size_of::<u64>();

/// Behind all expiries and before all notes.
pub(super) const BEHIND_EXPIRIES: [u8; EXPIRY_HEAD_LEN + 1] =
    [EXPIRY_MARK, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

/// Where expiries begin that come at this moment or later.
pub(super) fn expiries_from(expires_ms: u64) -> Bytes {
    [&[EXPIRY_MARK][..], &expires_ms.to_be_bytes()].concat().into()
}

/// Under this key it is kept that a note runs out: so those that are over are found without a look at the others.
pub(super) fn expiry_key(expires_ms: u64, note_key: &[u8]) -> Bytes {
    [&[EXPIRY_MARK][..], &expires_ms.to_be_bytes(), note_key].concat().into()
}

/// The moment of such a key, and the key of the note.
pub(super) fn expiry_of_key(key: &[u8]) -> Option<(u64, &[u8])> {
    let (mark, rest) = key.split_first()?;
    let (moment, note_key) = rest.split_first_chunk()?;
    let is_one = *mark == EXPIRY_MARK && !note_key.is_empty();
    is_one.then_some((u64::from_be_bytes(*moment), note_key))
}

/// A note, and that it runs out.
pub(super) fn put_note(note: &Note) -> [Put; 2] {
    let key = note_key(note.kind, &note.key);
    let times = [note.at_ms.to_be_bytes(), note.expires_ms.to_be_bytes()];
    let value = seal(Table::Notes, &key, &[times.as_flattened(), &note.bytes]);
    let expiry = expiry_key(note.expires_ms, &key);
    let empty = seal(Table::Notes, &expiry, &[]);
    [
        Put { table: Table::Notes, key, value: Some(value) },
        Put { table: Table::Notes, key: expiry, value: Some(empty) },
    ]
}

pub(super) fn note(kind: NoteKind, key: Bytes, value: &Bytes) -> Result<Note, StoreError> {
    let (at_ms, expires_ms, bytes) = note_parts(&note_key(kind, &key), value)?;
    Ok(Note { kind, key, bytes, at_ms, expires_ms })
}

/// When a note was written and runs out, and what it says, whatever kind it is of.
pub(super) fn note_parts(key: &[u8], value: &Bytes) -> Result<(u64, u64, Bytes), StoreError> {
    let place = || place_of(Table::Notes, key);
    let content = unseal(Table::Notes, key, value, place)?;
    let parts = content.split_first_chunk::<8>().and_then(|(at_ms, rest)| {
        let (expires_ms, bytes) = rest.split_first_chunk::<8>()?;
        Some((u64::from_be_bytes(*at_ms), u64::from_be_bytes(*expires_ms), content.slice_ref(bytes)))
    });
    parts.ok_or_else(|| too_short(place()))
}

/// Whether a value is what was stored under its key, whatever the key means; if not, what is wrong.
pub(super) fn check(table: Table, key: &[u8], value: &Bytes) -> Result<(), String> {
    match unseal(table, key, value, String::new) {
        Ok(_) => Ok(()),
        Err(StoreError::Corrupt { reason, .. }) => Err(reason),
        Err(error) => Err(error.to_string()),
    }
}

/// What stands at a key of a table, as people call it.
pub(super) fn place_of(table: Table, key: &[u8]) -> String {
    let keyspace = table.name();
    let stream = key.split_first_chunk::<STREAM_KEY_LEN>().and_then(|(stream, rest)| {
        let kind = StreamKind::from_number(*stream.first()?)?;
        Some((stream_of_key(kind, stream)?, rest))
    });
    match (table, stream, key.split_first()) {
        (Table::Heads, Some((stream, [])), _) => format!("the head of {stream} in keyspace {keyspace}"),
        (Table::Rows, Some((stream, row)), _) => {
            format!("row {} of {stream} in keyspace {keyspace}", readable(row))
        }
        (Table::Records, _, Some((number, rest))) if RecordKind::from_number(*number).is_some() => {
            let kind = RecordKind::from_number(*number).map_or_else(String::new, |kind| format!("{kind:?} "));
            format!("record {kind}{} in keyspace {keyspace}", readable(rest))
        }
        (Table::Notes, _, Some((number, rest))) if NoteKind::from_number(*number).is_some() => {
            let kind = NoteKind::from_number(*number).map_or_else(String::new, |kind| format!("{kind:?} "));
            format!("note {kind}{} in keyspace {keyspace}", readable(rest))
        }
        _ => format!("key {} in keyspace {keyspace}", readable(key)),
    }
}

fn seal(table: Table, key: &[u8], parts: &[&[u8]]) -> Bytes {
    let len = parts.iter().fold(CRC_LEN, |len, part| len.saturating_add(part.len()));
    let mut value = BytesMut::with_capacity(len);
    value.put_u32(crc(table, key, parts));
    for part in parts {
        value.put_slice(part);
    }
    value.freeze()
}

fn unseal(table: Table, key: &[u8], value: &Bytes, place: impl Fn() -> String) -> Result<Bytes, StoreError> {
    let (stored, content) = value.split_first_chunk::<CRC_LEN>().ok_or_else(|| too_short(place()))?;
    let (stored, computed) = (u32::from_be_bytes(*stored), crc(table, key, &[content]));
    if stored != computed {
        let reason = format!("its CRC is {computed:08x}, {stored:08x} was stored with it");
        return Err(StoreError::Corrupt { place: place(), reason });
    }
    Ok(value.slice_ref(content))
}

fn crc(table: Table, key: &[u8], parts: &[&[u8]]) -> u32 {
    let mut digest = CRC.digest();
    digest.update(table.name().as_bytes());
    digest.update(key);
    for part in parts {
        digest.update(part);
    }
    digest.finalize()
}

fn too_short(place: String) -> StoreError {
    StoreError::Corrupt { place, reason: "its value is too short".to_owned() }
}
