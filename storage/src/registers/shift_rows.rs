//! Any row of a shift's stream, told by its kind: for whoever walks all that is stored.

use bytes::Bytes;
use ofd_protocol::register::{Fingerprint, Known, OfflineKey, Unconfirmed};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::{LocalDateTime, RegisterId};

use super::rows::{Document, FORMAT, RowKind, decode_change, decode_document, decode_place};
use super::{corrupt, stream, unconfirmed};
use crate::accounts::RegisterChange;
use crate::store::{Row, Store, StoreError};

/// A row of a shift's stream as it reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShiftRow {
    /// A document that was accepted.
    Document(Box<Document>),
    /// What leads to a receipt that was made without a link.
    Offline {
        /// How the receipt is found again.
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
        /// The bytes of the frame as they came.
        frame: Bytes,
    },
    /// A cancelled receipt.
    Cancelled {
        /// The number of the receipt.
        number: u32,
        /// The document that cancels it.
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
    /// What people changed of the register.
    Change(Box<RegisterChange>),
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
        RowKind::Unconfirmed => Ok(ShiftRow::Unconfirmed(unconfirmed::decode(id, shift, row)?.map(Box::new))),
        RowKind::Change => decode_change(id, shift, row).map(|change| ShiftRow::Change(Box::new(change))),
    }
}

/// Reads what [`super::rows::offline_key`] wrote behind the kind.
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
