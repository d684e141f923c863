//! Rows of a shift's stream: documents, and what leads to them.
//!
//! | key | value |
//! |---|---|
//! | 1, document number | the document |
//! | 2, offline number, date_time, fingerprint | shift and number of the receipt |
//! | 3, document number, digest | a frame that a replay added to the receipt |
//! | 4, document number | shift and number of the cancellation: the receipt was cancelled |
//! | 5, document number | by which numbers and times the document is known, once a replay brought one |
//! | 6, fingerprint, date_time, sequence | an unconfirmed document, see `unconfirmed.rs` |
//! | 7, number of the change | what people changed of the register, in JSON |

use bytes::Bytes;
use ofd_protocol::frame;
use ofd_protocol::message::Request;
use ofd_protocol::register::{DocumentKind, Known, OfflineKey};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::{LocalDateTime, RegisterId, Tiyn, UnixMillis};
use serde::{Deserialize, Serialize};

use super::{corrupt, stream};
use crate::accounts::{ChangeId, RegisterChange};
use crate::kinds::kinds;
use crate::store::{Row, Store, StoreError};

kinds! {
    /// The kinds of rows in the stream of a shift: the first byte of their keys.
    pub enum RowKind {
        /// A document that was accepted.
        Document = 1,
        /// An offline number, and the receipt it leads to.
        Offline = 2,
        /// A frame that a replay added to a receipt.
        Amendment = 3,
        /// A receipt that was cancelled, and its cancellation.
        Cancelled = 4,
        /// The numbers and times that a document is known by.
        Known = 5,
        /// A document whose answer was never taken.
        Unconfirmed = 6,
        /// What people changed.
        Change = 7,
    }
}

/// The encoding of documents; a later one gets another number and this one stays readable.
pub(super) const FORMAT: u8 = 1;

/// A stored fiscal document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its number in the shift, from 1.
    pub number: u32,
    /// What it is.
    pub kind: DocumentKind,
    /// When it was accepted.
    pub accepted_at: UnixMillis,
    /// The device's time; a cancellation has none.
    pub date_time: Option<LocalDateTime>,
    /// The fiscal sign, of a receipt.
    pub ticket_number: Option<u64>,
    /// The number it has or got later without a link.
    pub offline_number: Option<u32>,
    /// amounts.total, or the sum of a placement.
    pub total: Option<Tiyn>,
    /// The receipt it cancels.
    pub cancels: Option<DocumentRef>,
    /// CRC-32 of `raw`.
    pub crc: u32,
    /// The register's chain value after this document.
    pub chain: [u8; 32],
    /// The payload of the answer it got.
    #[serde(with = "serde_bytes")]
    pub answer: Vec<u8>,
    /// The whole frame as it came: the fiscal document.
    #[serde(with = "serde_bytes")]
    pub raw: Vec<u8>,
}

pub(super) fn document_key(number: u32) -> Bytes {
    key(RowKind::Document, &[&number.to_be_bytes()])
}

pub(super) fn cancelled_key(number: u32) -> Bytes {
    key(RowKind::Cancelled, &[&number.to_be_bytes()])
}

pub(super) fn amendment_key(number: u32, digest: [u8; 8]) -> Bytes {
    key(RowKind::Amendment, &[&number.to_be_bytes(), &digest])
}

pub(super) fn offline_key(offline: &OfflineKey) -> Bytes {
    let prefix = offline_prefix(offline.number, offline.date_time);
    let mut out = Vec::with_capacity(prefix.len().saturating_add(offline.fingerprint.0.len()));
    out.extend_from_slice(&prefix);
    out.extend_from_slice(&offline.fingerprint.0);
    Bytes::from(out)
}

/// What the keys of all receipts with an offline number begin with, whatever their time.
pub(super) fn offline_number_prefix(number: u32) -> Bytes {
    key(RowKind::Offline, &[&number.to_be_bytes()])
}

pub(super) fn offline_prefix(number: u32, date_time: LocalDateTime) -> Bytes {
    key(RowKind::Offline, &[&number.to_be_bytes(), &date_time_bytes(date_time)])
}

/// A time in a key: year, month, day, hour, minute, second.
pub(super) fn date_time_bytes(date_time: LocalDateTime) -> [u8; 7] {
    let ((year, month, day), (hour, minute, second)) = (date_time.date(), date_time.time());
    let [century, year] = year.to_be_bytes();
    [century, year, month, day, hour, minute, second]
}

/// What the keys of all receipts with an offline number in one minute begin with: the second comes last.
pub(super) fn offline_minute_prefix(number: u32, date_time: LocalDateTime) -> Bytes {
    let mut prefix = offline_prefix(number, date_time);
    prefix.truncate(prefix.len().saturating_sub(1));
    prefix
}

pub(super) fn key(kind: RowKind, parts: &[&[u8]]) -> Bytes {
    let mut out = Vec::with_capacity(32);
    out.push(kind.number());
    parts.iter().for_each(|part| out.extend_from_slice(part));
    Bytes::from(out)
}

pub(super) fn encode_document(id: RegisterId, shift: u32, document: &Document) -> Result<Row, StoreError> {
    let mut out =
        Vec::with_capacity(document.raw.len().saturating_add(document.answer.len()).saturating_add(96));
    out.push(FORMAT);
    let value = postcard::to_extend(document, out).map_err(|error| {
        corrupt(id, shift, format!("document {} cannot be encoded: {error}", document.number))
    })?;
    Ok(Row { key: document_key(document.number), value: Bytes::from(value) })
}

pub(super) fn decode_document(id: RegisterId, shift: u32, value: &[u8]) -> Result<Document, StoreError> {
    match value.split_first() {
        Some((&FORMAT, bytes)) => postcard::from_bytes(bytes)
            .map_err(|error| corrupt(id, shift, format!("a document cannot be decoded: {error}"))),
        Some((format, _)) => {
            Err(corrupt(id, shift, format!("a document has format {format}, a newer program wrote it")))
        }
        None => Err(corrupt(id, shift, "a document is empty")),
    }
}

pub(super) fn encode_place(place: DocumentRef) -> Bytes {
    let mut out = Vec::with_capacity(8);
    out.extend_from_slice(&place.shift.to_be_bytes());
    out.extend_from_slice(&place.number.to_be_bytes());
    Bytes::from(out)
}

pub(super) fn decode_place(id: RegisterId, shift: u32, value: &[u8]) -> Result<DocumentRef, StoreError> {
    let number = |range: std::ops::Range<usize>| {
        value.get(range).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok()).map(u32::from_be_bytes)
    };
    match (number(0..4), number(4..8)) {
        (Some(shift), Some(number)) => Ok(DocumentRef { shift, number }),
        _ => Err(corrupt(id, shift, "a row that leads to a document leads nowhere")),
    }
}

fn change_key(change: ChangeId) -> Bytes {
    key(RowKind::Change, &[&change.0.to_be_bytes()])
}

pub(super) fn encode_change(change: &RegisterChange) -> Result<Row, StoreError> {
    let value = serde_json::to_vec(change).map_err(|error| {
        corrupt(change.register, change.shift, format!("a change cannot be encoded: {error}"))
    })?;
    Ok(Row { key: change_key(change.id), value: Bytes::from(value) })
}

/// The change in a row, which must be one of this shift.
pub(super) fn decode_change(id: RegisterId, shift: u32, row: &Row) -> Result<RegisterChange, StoreError> {
    let change: RegisterChange = serde_json::from_slice(&row.value)
        .map_err(|error| corrupt(id, shift, format!("a change cannot be decoded: {error}")))?;
    let found = (change_key(change.id), change.register, change.shift);
    if found == (row.key.clone(), id, shift) {
        return Ok(change);
    }
    Err(corrupt(id, shift, "under the number of a change lies another one"))
}

/// Whether a change was made: its row is there. Until [`forestall`](super::forestall) it may still come.
///
/// # Errors
/// Those of the store.
pub async fn is_made(store: &impl Store, change: &RegisterChange) -> Result<bool, StoreError> {
    Ok(store.row(stream(change.register, change.shift), &change_key(change.id)).await?.is_some())
}

/// One document.
///
/// # Errors
/// Those of the store.
pub async fn document(
    store: &impl Store,
    id: RegisterId,
    place: DocumentRef,
) -> Result<Option<Document>, StoreError> {
    let row = store.row(stream(id, place.shift), &document_key(place.number)).await?;
    row.map(|value| decode_document(id, place.shift, &value)).transpose()
}

/// The row that says by what a document is known.
pub(super) fn encode_known(id: RegisterId, place: DocumentRef, known: &Known) -> Result<Row, StoreError> {
    let value = postcard::to_extend(known, vec![FORMAT]).map_err(|error| {
        let number = place.number;
        corrupt(id, place.shift, format!("what document {number} is known by cannot be encoded: {error}"))
    })?;
    Ok(Row { key: key(RowKind::Known, &[&place.number.to_be_bytes()]), value: Bytes::from(value) })
}

/// By which offline numbers and times a stored ticket or placement is known: those it came with, and those that
/// replays brought (WIRE 13.4). Section 14 finds it by each. Of any other document nothing is known.
///
/// # Errors
/// Those of the store.
pub async fn known(
    store: &impl Store,
    id: RegisterId,
    place: DocumentRef,
    document: &Document,
) -> Result<Known, StoreError> {
    if !matches!(document.kind, DocumentKind::Ticket | DocumentKind::MoneyPlacement) {
        return Ok(Known::default());
    }
    let row =
        store.row(stream(id, place.shift), &key(RowKind::Known, &[&place.number.to_be_bytes()])).await?;
    let broken = |what: &str| corrupt(id, place.shift, format!("document {}: {what}", place.number));
    let mut known: Known = match row.as_deref().map(<[u8]>::split_first) {
        Some(Some((&FORMAT, bytes))) => {
            postcard::from_bytes(bytes).map_err(|_| broken("what it is known by cannot be decoded"))?
        }
        Some(_) => return Err(broken("what it is known by has another format, a newer program wrote it")),
        None => {
            let frame = frame::whole(&document.raw).map_err(|_| broken("its frame cannot be read"))?;
            let request = Request::read(frame.payload).map_err(|_| broken("its message cannot be read"))?;
            Known::of(&request).unwrap_or_default()
        }
    };
    // Programs of before write no such row of a number that a replay brings.
    known.add_number(document.offline_number.unwrap_or(0));
    Ok(known)
}

/// Up to `limit` documents of a shift whose numbers are greater than `after`, in their order.
///
/// # Errors
/// Those of the store.
pub async fn documents(
    store: &impl Store,
    id: RegisterId,
    shift: u32,
    after: u32,
    limit: usize,
) -> Result<Vec<Document>, StoreError> {
    let after = document_key(after);
    let rows = store.rows(stream(id, shift), &[RowKind::Document.number()], Some(&after), limit).await?;
    rows.iter().map(|row| decode_document(id, shift, &row.value)).collect()
}

/// The document in a row; `None` when the row is another one.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn document_in(id: RegisterId, shift: u32, row: &Row) -> Result<Option<Document>, StoreError> {
    match row.key.split_first() {
        Some((&kind, _)) if kind == RowKind::Document.number() => {
            decode_document(id, shift, &row.value).map(Some)
        }
        Some(_) | None => Ok(None),
    }
}

/// The cancellation of a receipt, if it was cancelled.
///
/// # Errors
/// Those of the store.
pub async fn cancelled_by(
    store: &impl Store,
    id: RegisterId,
    place: DocumentRef,
) -> Result<Option<DocumentRef>, StoreError> {
    let row = store.row(stream(id, place.shift), &cancelled_key(place.number)).await?;
    row.map(|value| decode_place(id, place.shift, &value)).transpose()
}

/// Whether a receipt was cancelled.
///
/// # Errors
/// Those of the store.
pub async fn is_cancelled(
    store: &impl Store,
    id: RegisterId,
    place: DocumentRef,
) -> Result<bool, StoreError> {
    Ok(store.row(stream(id, place.shift), &cancelled_key(place.number)).await?.is_some())
}

/// A receipt is amended a few times at most; more frames than this are not walked.
const AMENDMENTS_MAX: usize = 1000;

/// The frames that replays added to a receipt.
///
/// # Errors
/// Those of the store.
pub async fn amendments(
    store: &impl Store,
    id: RegisterId,
    place: DocumentRef,
) -> Result<Vec<Bytes>, StoreError> {
    let prefix = key(RowKind::Amendment, &[&place.number.to_be_bytes()]);
    let rows = store.rows(stream(id, place.shift), &prefix, None, AMENDMENTS_MAX).await?;
    Ok(rows.into_iter().map(|row| row.value).collect())
}
