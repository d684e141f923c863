//! Where months, entries and sources lie.

use bytes::{BufMut, Bytes, BytesMut};
use ofd_billing::Month;
use ofd_billing::ledger::{Entry, LedgerAccount, MonthHead, Source};
use sha2::{Digest as _, Sha256};

use crate::store::{Row, StoreError, StreamId, StreamKind};

/// The kind byte of entries.
pub(super) const ENTRY: u8 = 1;

/// The kind byte of sources.
pub(super) const SOURCE: u8 = 2;

/// Of a source's hash so many bytes are its key: two of one account that begin alike never come.
const HASH_LEN: usize = 16;

/// The stream of an account's month.
pub(super) fn stream(account: LedgerAccount, month: Month) -> StreamId {
    StreamId { kind: StreamKind::LedgerMonth, owner: account.id(), ordinal: month.number() }
}

/// The key of an entry: its number with all bits turned, so that the newest comes first.
pub(super) fn entry_key(number: u32) -> Bytes {
    let mut key = BytesMut::with_capacity(5);
    key.put_u8(ENTRY);
    key.put_u32(!number);
    key.freeze()
}

/// The number that an entry's key names.
pub(super) fn number_of(key: &[u8]) -> Option<u32> {
    let (kind, number) = key.split_first()?;
    let number = <[u8; 4]>::try_from(number).ok()?;
    (*kind == ENTRY).then_some(!u32::from_be_bytes(number))
}

/// The key of a source.
pub(super) fn source_key(source: &Source) -> Bytes {
    let hash = Sha256::digest(source.as_str().as_bytes());
    let mut key = BytesMut::with_capacity(HASH_LEN.saturating_add(1));
    key.put_u8(SOURCE);
    key.extend(hash.iter().take(HASH_LEN));
    key.freeze()
}

/// The rows of an entry: itself, and where its source leads.
pub(super) fn rows(stream: StreamId, entry: &Entry) -> Result<[Row; 2], StoreError> {
    let value = serde_json::to_vec(entry).map_err(|error| corrupt(stream, error.to_string()))?;
    let number = Bytes::copy_from_slice(&entry.number.to_be_bytes());
    let of_source = Row { key: source_key(entry.source()), value: number };
    Ok([Row { key: entry_key(entry.number), value: value.into() }, of_source])
}

/// An entry as it is kept.
pub(super) fn read_entry(stream: StreamId, value: &[u8]) -> Result<Entry, StoreError> {
    serde_json::from_slice(value).map_err(|error| corrupt(stream, format!("an entry: {error}")))
}

/// The number that a source's row leads to.
pub(super) fn read_number(stream: StreamId, value: &[u8]) -> Result<u32, StoreError> {
    let number = <[u8; 4]>::try_from(value).map(u32::from_be_bytes);
    number.map_err(|_| corrupt(stream, "the row of a source names no entry"))
}

/// A month's head as it is kept.
pub(super) fn read_head(stream: StreamId, bytes: &[u8]) -> Result<MonthHead, StoreError> {
    let head: MonthHead =
        serde_json::from_slice(bytes).map_err(|error| corrupt(stream, format!("its head: {error}")))?;
    if head.account.id() != stream.owner || head.month.number() != stream.ordinal {
        return Err(corrupt(stream, format!("its head is of {} in {}", head.account, head.month)));
    }
    Ok(head)
}

/// A month's head as it is written.
pub(super) fn write_head(head: &MonthHead) -> Result<Bytes, StoreError> {
    let bytes = serde_json::to_vec(head);
    bytes.map(Bytes::from).map_err(|error| corrupt(stream(head.account, head.month), error.to_string()))
}

pub(super) fn corrupt(stream: StreamId, reason: impl Into<String>) -> StoreError {
    StoreError::Corrupt { place: stream.to_string(), reason: reason.into() }
}
