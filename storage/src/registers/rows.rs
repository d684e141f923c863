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

use bytes::Bytes;
use ofd_protocol::frame;
use ofd_protocol::message::Request;
use ofd_protocol::register::{DocumentKind, Fingerprint, Known, OfflineKey, Unconfirmed};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::{LocalDateTime, RegisterId, Tiyn, UnixMillis};
use serde::{Deserialize, Serialize};

use super::{corrupt, stream};
use crate::kinds::kinds;
use crate::store::{Row, Store, StoreError};

kinds! {
    /// The kinds of rows in the stream of a shift: the first byte of their keys.
    pub enum RowKind {
        /// A document.
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
    }
}

/// The encoding of documents; a later one gets another number and this one stays readable.
const FORMAT: u8 = 1;

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

fn decode_document(id: RegisterId, shift: u32, value: &[u8]) -> Result<Document, StoreError> {
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

/// A row of a shift's stream as it reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShiftRow {
    /// A document.
    Document(Box<Document>),
    /// What leads to a receipt that was made without a link.
    Offline {
        /// By what it is found.
        key: OfflineKey,
        /// Where it lies.
        place: DocumentRef,
    },
    /// A frame that a replay added.
    Amendment {
        /// The number of the receipt.
        number: u32,
        /// Tells it from other frames of the receipt.
        digest: [u8; 8],
        /// The frame.
        frame: Bytes,
    },
    /// A cancelled receipt.
    Cancelled {
        /// The number of the receipt.
        number: u32,
        /// Its cancellation.
        by: DocumentRef,
    },
    /// What a document is known by.
    Known {
        /// The number of the document.
        number: u32,
        /// Its numbers and times.
        known: Known,
    },
    /// A document whose answer was never taken; `None`: it left the list.
    Unconfirmed(Option<Box<Unconfirmed>>),
}

/// Reads any row of a shift's stream.
///
/// # Errors
/// [`StoreError::Corrupt`] when it is none that this program knows.
pub fn shift_row(id: RegisterId, shift: u32, row: &Row) -> Result<ShiftRow, StoreError> {
    let (number, rest) = row.key.split_first().ok_or_else(|| corrupt(id, shift, "a row has an empty key"))?;
    let kind = RowKind::from_number(*number);
    let kind =
        kind.ok_or_else(|| corrupt(id, shift, format!("rows of kind {number} are unknown to this program")))?;
    let wrong = || {
        let key = crate::conditions::readable(&row.key);
        corrupt(id, shift, format!("the key {key} is none of a row of kind {number}"))
    };
    let leading = || rest.split_first_chunk::<4>().map(|(first, rest)| (u32::from_be_bytes(*first), rest));
    match kind {
        RowKind::Document => {
            let (number, end) = leading().ok_or_else(wrong)?;
            let document = decode_document(id, shift, &row.value)?;
            if !end.is_empty() {
                return Err(wrong());
            }
            if document.number != number {
                let found = document.number;
                return Err(corrupt(id, shift, format!("under number {number} lies document {found}")));
            }
            Ok(ShiftRow::Document(Box::new(document)))
        }
        RowKind::Offline => {
            let key = offline_of_key(rest).ok_or_else(wrong)?;
            Ok(ShiftRow::Offline { key, place: decode_place(id, shift, &row.value)? })
        }
        RowKind::Amendment => {
            let (number, digest) = leading().ok_or_else(wrong)?;
            let digest = digest.try_into().map_err(|_| wrong())?;
            Ok(ShiftRow::Amendment { number, digest, frame: row.value.clone() })
        }
        RowKind::Cancelled => {
            let (number, end) = leading().ok_or_else(wrong)?;
            if !end.is_empty() {
                return Err(wrong());
            }
            Ok(ShiftRow::Cancelled { number, by: decode_place(id, shift, &row.value)? })
        }
        RowKind::Known => {
            let (number, end) = leading().ok_or_else(wrong)?;
            if !end.is_empty() {
                return Err(wrong());
            }
            let known = match row.value.split_first() {
                Some((&FORMAT, bytes)) => postcard::from_bytes(bytes).ok(),
                Some(_) | None => None,
            };
            let broken =
                || corrupt(id, shift, format!("what document {number} is known by cannot be decoded"));
            Ok(ShiftRow::Known { number, known: known.ok_or_else(broken)? })
        }
        RowKind::Unconfirmed => {
            Ok(ShiftRow::Unconfirmed(super::unconfirmed::decode(id, shift, row)?.map(Box::new)))
        }
    }
}

/// Reads what [`offline_key`] wrote behind the kind.
fn offline_of_key(rest: &[u8]) -> Option<OfflineKey> {
    let (number, rest) = rest.split_first_chunk()?;
    let (year, rest) = rest.split_first_chunk()?;
    let ([month, day, hour, minute, second], fingerprint) = rest.split_first_chunk::<5>()?;
    let part = |byte: &u8| u32::from(*byte);
    let year = u32::from(u16::from_be_bytes(*year));
    let (date, time) = ((year, part(month), part(day)), (part(hour), part(minute), part(second)));
    Some(OfflineKey {
        number: u32::from_be_bytes(*number),
        date_time: LocalDateTime::new(date.0, date.1, date.2, time.0, time.1, time.2)?,
        fingerprint: Fingerprint(fingerprint.try_into().ok()?),
    })
}

/// Up to `limit` rows of a shift behind `after`, of whatever kind, as they lie there.
///
/// # Errors
/// Those of the store.
pub async fn shift_rows(
    store: &impl Store,
    id: RegisterId,
    shift: u32,
    after: Option<&[u8]>,
    limit: usize,
) -> Result<Vec<Row>, StoreError> {
    store.rows(stream(id, shift), b"", after, limit).await
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
