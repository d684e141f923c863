//! Finding receipts by the number they got without a link (WIRE 13.4 and 14).

use ofd_protocol::register::{OfflineKey, Phase, Register};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::{LocalDateTime, RegisterId};
use serde::{Deserialize, Serialize};

use super::head::Loaded;
use super::rows::{
    decode_place, is_cancelled, offline_key, offline_minute_prefix, offline_number_prefix, offline_prefix,
};
use super::stream;
use crate::conditions::readable;
use crate::model::register_key;
use crate::store::{Record, RecordKind, Store, StoreError};

/// A closed shift in one row, kept so that old shifts need not be opened to know that they hold nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShiftSummary {
    /// When the shift opened.
    pub opened_at: LocalDateTime,
    /// When it closed.
    pub closed_at: LocalDateTime,
    /// How many documents it has.
    pub documents: u32,
    /// Least and greatest date_time of its receipts with an offline number.
    pub offline_range: Option<(LocalDateTime, LocalDateTime)>,
}

impl ShiftSummary {
    /// Of a shift; `None` while it is not closed.
    pub fn of(register: &Register) -> Option<Self> {
        let Phase::Closed(phase) = &register.phase else { return None };
        Some(Self {
            opened_at: phase.opened_at,
            closed_at: phase.closed_at,
            documents: register.documents,
            offline_range: register.offline_range,
        })
    }

    /// Reads a record.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it is not what it should be.
    pub fn decode(record: &Record) -> Result<Self, StoreError> {
        serde_json::from_slice(&record.bytes).map_err(|error| StoreError::Corrupt {
            place: format!("the shift summary {}", readable(&record.key)),
            reason: error.to_string(),
        })
    }

    /// Whose shift it is of, and which; `None` when the key is none of a summary.
    pub fn place_of_key(key: &[u8]) -> Option<(RegisterId, u32)> {
        let (register, shift) = key.split_first_chunk()?;
        Some((RegisterId(u32::from_be_bytes(*register)), u32::from_be_bytes(shift.try_into().ok()?)))
    }
}

/// The summary of a shift, if there is one.
///
/// # Errors
/// Those of the store.
pub async fn summary(
    store: &impl Store,
    id: RegisterId,
    shift: u32,
) -> Result<Option<ShiftSummary>, StoreError> {
    let record = store.record(RecordKind::ShiftSummary, &summary_key(id, shift)).await?;
    record.map(|record| ShiftSummary::decode(&record)).transpose()
}

pub(super) fn summary_key(id: RegisterId, shift: u32) -> Vec<u8> {
    [register_key(id), shift.to_be_bytes()].concat()
}

/// Summaries are walked in pages.
const PAGE: usize = 1000;

/// The closed shifts before the newest stream that hold receipts with an offline number of around this time, which
/// is given by its first and last second.
async fn earlier_shifts(
    store: &impl Store,
    id: RegisterId,
    newest: &Loaded,
    (from, to): (LocalDateTime, LocalDateTime),
) -> Result<Vec<u32>, StoreError> {
    let mut shifts = Vec::new();
    // A till sends its queue in the order of time. So most often a receipt is later than all of earlier shifts, and
    // need not be looked for.
    if newest.register.offline_before.is_none_or(|greatest| from > greatest) {
        return Ok(shifts);
    }
    let prefix = register_key(id);
    let mut after: Option<Vec<u8>> = None;
    loop {
        let page = store.records(RecordKind::ShiftSummary, &prefix, after.as_deref(), PAGE).await?;
        for record in &page {
            let summary = ShiftSummary::decode(record)?;
            let is_within =
                summary.offline_range.is_some_and(|(least, greatest)| least <= to && from <= greatest);
            let number = record.key.get(4..).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
            if let Some(number) = number.filter(|_| is_within) {
                shifts.push(u32::from_be_bytes(number));
            }
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.key.to_vec()),
            Some(_) | None => break,
        }
    }
    // The latest first: a repeat follows soon, if it follows.
    shifts.reverse();
    Ok(shifts)
}

/// The stored receipt with this offline number, time and content. One that was cancelled is not remembered.
///
/// # Errors
/// Those of the store.
pub async fn find_offline(
    store: &impl Store,
    id: RegisterId,
    newest: &Loaded,
    key: &OfflineKey,
) -> Result<Option<DocumentRef>, StoreError> {
    let row_key = offline_key(key);
    let in_newest = find_offline_in(store, id, newest.register.shift_number, &row_key).await?;
    if in_newest.is_some() {
        return Ok(in_newest);
    }
    for shift in earlier_shifts(store, id, newest, (key.date_time, key.date_time)).await? {
        let found = find_offline_in(store, id, shift, &row_key).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

async fn find_offline_in(
    store: &impl Store,
    id: RegisterId,
    shift: u32,
    row_key: &[u8],
) -> Result<Option<DocumentRef>, StoreError> {
    let Some(value) = store.row(stream(id, shift), row_key).await? else { return Ok(None) };
    let place = decode_place(id, shift, &value)?;
    Ok(if is_cancelled(store, id, place).await? { None } else { Some(place) })
}

/// Two receipts may share an offline number and a second, but not many.
const SAME_NUMBER_MAX: usize = 100;

/// The stored receipts with this offline number and time, whatever their content.
///
/// # Errors
/// Those of the store.
pub async fn find_by_offline_number(
    store: &impl Store,
    id: RegisterId,
    newest: &Loaded,
    number: u32,
    date_time: LocalDateTime,
) -> Result<Vec<DocumentRef>, StoreError> {
    let prefix = offline_prefix(number, date_time);
    find_by_prefix(store, id, newest, &prefix, (date_time, date_time)).await
}

/// As [`find_by_offline_number`], in the whole minute of `date_time`: some tills print times without seconds.
///
/// # Errors
/// Those of the store.
pub async fn find_by_offline_number_in_minute(
    store: &impl Store,
    id: RegisterId,
    newest: &Loaded,
    number: u32,
    date_time: LocalDateTime,
) -> Result<Vec<DocumentRef>, StoreError> {
    let prefix = offline_minute_prefix(number, date_time);
    find_by_prefix(store, id, newest, &prefix, date_time.minute()).await
}

/// The stored receipts with this offline number in the last `shifts_max` shifts up to `newest`, whatever their time: who
/// knows no time looks no further back, since no index leads there.
///
/// # Errors
/// Those of the store.
pub async fn find_offline_lately(
    store: &impl Store,
    id: RegisterId,
    newest: u32,
    number: u32,
    shifts_max: u32,
) -> Result<Vec<DocumentRef>, StoreError> {
    let (prefix, mut found) = (offline_number_prefix(number), Vec::new());
    let first = newest.saturating_sub(shifts_max).saturating_add(1);
    for shift in (first..=newest).rev() {
        for row in store.rows(stream(id, shift), &prefix, None, SAME_NUMBER_MAX).await? {
            let place = decode_place(id, shift, &row.value)?;
            if !found.contains(&place) {
                found.push(place);
            }
        }
    }
    Ok(found)
}

async fn find_by_prefix(
    store: &impl Store,
    id: RegisterId,
    newest: &Loaded,
    prefix: &[u8],
    span: (LocalDateTime, LocalDateTime),
) -> Result<Vec<DocumentRef>, StoreError> {
    let mut shifts = vec![newest.register.shift_number];
    shifts.extend(earlier_shifts(store, id, newest, span).await?);
    let mut found = Vec::new();
    for shift in shifts {
        for row in store.rows(stream(id, shift), prefix, None, SAME_NUMBER_MAX).await? {
            found.push(decode_place(id, shift, &row.value)?);
        }
    }
    Ok(found)
}
