//! What is stored of figures: a row for each day, and the state behind the reader's position.

use bytes::Bytes;
use ofd_protocol::register::{Day, Figures};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::store::{Row, StoreError, StreamId};

/// The encoding of the state, and of rows that do not say where the documents of their day lie; it stays readable.
const FORMAT: u8 = 1;

/// The encoding of rows that do.
const WITH_PLACES: u8 = 2;

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
        encode(self, FORMAT, stream)
    }

    /// Reads the state behind a position.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn decode(stream: StreamId, bytes: &[u8]) -> Result<Self, StoreError> {
        decode(stream, bytes, "its state")
    }
}

/// Where the documents of a day lie among those of the register, which stand in the order of acceptance. Others may lie
/// between them: what was made without a link comes late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// The first document that counts on this day.
    pub first: DocumentRef,
    /// The last one.
    pub last: DocumentRef,
    /// When the last one was accepted.
    pub last_accepted_at: UnixMillis,
}

/// What is known of where the documents of a day lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DayPlaces {
    /// The day has no documents.
    #[default]
    None,
    /// They lie here.
    Known(Places),
    /// It was not noted: the figures are older than the notes.
    Unknown,
}

impl DayPlaces {
    /// Takes in the next document that counts on the day.
    pub(super) fn take(&mut self, place: DocumentRef, accepted_at: UnixMillis) {
        match self {
            Self::None => {
                *self = Self::Known(Places { first: place, last: place, last_accepted_at: accepted_at });
            }
            Self::Known(places) => (places.last, places.last_accepted_at) = (place, accepted_at),
            Self::Unknown => {}
        }
    }
}

/// A day as it is stored.
#[derive(Clone, Debug, Default)]
pub(super) struct StoredDay {
    /// The append of the reader that wrote it.
    pub(super) written_by: u64,
    pub(super) figures: Figures,
    pub(super) places: DayPlaces,
}

/// A day in the first encoding.
#[derive(Serialize, Deserialize)]
struct BareDay {
    written_by: u64,
    figures: Figures,
}

/// A day in the second encoding: places are `None` where they were not noted.
#[derive(Serialize, Deserialize)]
struct PlacedDay {
    written_by: u64,
    figures: Figures,
    places: Option<Places>,
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

pub(super) fn encode_day(stream: StreamId, day: Day, stored: StoredDay) -> Result<Row, StoreError> {
    let places = match stored.places {
        DayPlaces::Known(places) => Some(places),
        DayPlaces::None | DayPlaces::Unknown => None,
    };
    let placed = PlacedDay { written_by: stored.written_by, figures: stored.figures, places };
    Ok(Row { key: day_key(day), value: encode(&placed, WITH_PLACES, stream)? })
}

pub(super) fn decode_day(stream: StreamId, value: &[u8]) -> Result<StoredDay, StoreError> {
    const WHAT: &str = "the figures of a day";
    match value.split_first() {
        // The figures began anew, and this day has none so far.
        None => Ok(StoredDay::default()),
        Some((&WITH_PLACES, bytes)) => {
            let PlacedDay { written_by, figures, places } = read(stream, bytes, WHAT)?;
            let places = places.map_or(DayPlaces::Unknown, DayPlaces::Known);
            Ok(StoredDay { written_by, figures, places })
        }
        Some(_) => {
            let BareDay { written_by, figures } = decode(stream, value, WHAT)?;
            Ok(StoredDay { written_by, figures, places: DayPlaces::Unknown })
        }
    }
}

/// The day of a row.
fn day_of_row(stream: StreamId, row: &Row) -> Result<Day, StoreError> {
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

/// What is kept of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptDay {
    /// Which day it is.
    pub day: Day,
    /// What its documents come to.
    pub figures: Figures,
    /// Where its documents lie.
    pub places: DayPlaces,
}

/// The day in a row; without figures and places, where they began anew and the day has no document any more.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn kept_day(stream: StreamId, row: &Row) -> Result<KeptDay, StoreError> {
    let StoredDay { figures, places, .. } = decode_day(stream, &row.value)?;
    Ok(KeptDay { day: day_of_row(stream, row)?, figures, places })
}

fn encode(value: &impl Serialize, format: u8, stream: StreamId) -> Result<Bytes, StoreError> {
    postcard::to_extend(value, vec![format]).map(Bytes::from).map_err(|error| StoreError::Corrupt {
        place: stream.to_string(),
        reason: format!("it cannot be encoded: {error}"),
    })
}

fn read<T: for<'a> Deserialize<'a>>(stream: StreamId, bytes: &[u8], what: &str) -> Result<T, StoreError> {
    postcard::from_bytes(bytes).map_err(|error| StoreError::Corrupt {
        place: stream.to_string(),
        reason: format!("{what} cannot be decoded: {error}"),
    })
}

fn decode<T: for<'a> Deserialize<'a>>(stream: StreamId, bytes: &[u8], what: &str) -> Result<T, StoreError> {
    let corrupt = |reason: String| StoreError::Corrupt { place: stream.to_string(), reason };
    match bytes.split_first() {
        Some((&FORMAT, bytes)) => read(stream, bytes, what),
        Some((format, _)) => Err(corrupt(format!("{what} has format {format}, a newer program wrote it"))),
        None => Err(corrupt(format!("{what} is empty"))),
    }
}
