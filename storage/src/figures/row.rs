//! What is stored of figures: a row for each day, and the state behind the reader's position.

use bytes::Bytes;
use ofd_protocol::register::{Day, Figures};
use serde::{Deserialize, Serialize};

use crate::store::{Row, StoreError, StreamId};

/// The encoding of rows and state; a later one gets another number and this one stays readable.
const FORMAT: u8 = 1;

/// What figures need beside the position.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FiguresState {
    /// How far the wall clock is ahead of UTC by which this register's documents count, in seconds. It stays what it was
    /// for the first document: under another one a receipt could be taken back from another day than it was counted in.
    pub zone_offset_seconds: i32,
    /// Cash in the drawer, in tiyn: a closing may take out all of it.
    pub cash: i64,
    /// The days that a document to come may still count in, and the append that last wrote the row of each.
    pub recent: Vec<(Day, u64)>,
}

impl FiguresState {
    pub(super) fn encode(&self, stream: StreamId) -> Result<Bytes, StoreError> {
        encode(self, stream)
    }

    /// Reads the state behind a position.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn decode(stream: StreamId, bytes: &[u8]) -> Result<Self, StoreError> {
        decode(stream, bytes, "its state")
    }
}

/// A day as it is stored.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredDay {
    /// The append of the reader that wrote it.
    pub(super) written_by: u64,
    pub(super) figures: Figures,
}

/// The key of a day: year, month, day.
pub(super) fn day_key(day: Day) -> Bytes {
    let (year, month, day) = day.date();
    let [century, year] = year.to_be_bytes();
    Bytes::copy_from_slice(&[century, year, month, day])
}

/// The greatest key that comes before a day's: no month has a day 255.
pub(super) fn day_before(day: Day) -> Bytes {
    let key = day_key(day);
    let number = key.first_chunk().map_or(0, |key| u32::from_be_bytes(*key));
    Bytes::copy_from_slice(&number.saturating_sub(1).to_be_bytes())
}

pub(super) fn encode_day(stream: StreamId, day: Day, stored: &StoredDay) -> Result<Row, StoreError> {
    Ok(Row { key: day_key(day), value: encode(stored, stream)? })
}

pub(super) fn decode_day(stream: StreamId, value: &[u8]) -> Result<StoredDay, StoreError> {
    if value.is_empty() {
        // The figures began anew, and this day has none so far.
        return Ok(StoredDay { written_by: 0, figures: Figures::default() });
    }
    decode(stream, value, "the figures of a day")
}

/// The day of a row.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn day_of_row(stream: StreamId, row: &Row) -> Result<Day, StoreError> {
    let day = match row.key[..] {
        [century, year, month, day] => {
            Day::new(u16::from_be_bytes([century, year]).into(), month.into(), day.into())
        }
        _ => None,
    };
    day.ok_or_else(|| StoreError::Corrupt {
        place: stream.to_string(),
        reason: format!("a row has the key 0x{}, which is no day", hex::encode(&row.key)),
    })
}

/// The figures in a row; none, where they began anew and the day has no document any more.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn figures_of_row(stream: StreamId, row: &Row) -> Result<Figures, StoreError> {
    decode_day(stream, &row.value).map(|stored| stored.figures)
}

fn encode(value: &impl Serialize, stream: StreamId) -> Result<Bytes, StoreError> {
    postcard::to_extend(value, vec![FORMAT]).map(Bytes::from).map_err(|error| StoreError::Corrupt {
        place: stream.to_string(),
        reason: format!("it cannot be encoded: {error}"),
    })
}

fn decode<T: for<'a> Deserialize<'a>>(stream: StreamId, bytes: &[u8], what: &str) -> Result<T, StoreError> {
    let corrupt = |reason: String| StoreError::Corrupt { place: stream.to_string(), reason };
    match bytes.split_first() {
        Some((&FORMAT, bytes)) => {
            postcard::from_bytes(bytes).map_err(|error| corrupt(format!("{what} cannot be decoded: {error}")))
        }
        Some((format, _)) => Err(corrupt(format!("{what} has format {format}, a newer program wrote it"))),
        None => Err(corrupt(format!("{what} is empty"))),
    }
}
