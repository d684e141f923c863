//! Rows of unconfirmed documents (WIRE 13.3): a row for each of a document's times, found by content.
//!
//! All that are counted lie in the register's newest stream, so that one append moves head, documents and list. A new
//! stream begins with those of the one before it that are still of use. A row is never taken away: of a document that
//! left the list it is empty.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use ofd_protocol::register::{Register, Sought, UNCONFIRMED_KEPT_FOR_MS, Unconfirmed};
use ofd_protocol::types::{LocalDateTime, RegisterId, UnixMillis};

use super::head::Loaded;
use super::rows::{RowKind, date_time_bytes, key};
use super::{corrupt, stream};
use crate::store::{Row, Store, StoreError};

/// The encoding of a row; a later one gets another number and this one stays readable.
const FORMAT: u8 = 1;

/// Rows are walked in pages.
const PAGE: usize = 512;

/// How many documents with other times are looked at, to name one of them in a warning.
const OTHER_TIMES: usize = 32;

/// A document that comes again with another time is taken for the same only for so long after it was accepted. After
/// that the list need not be looked through for it.
const FRESH_FOR_MS: u64 = 30 * 60 * 1000;

/// Whether a row belongs to the list. A head of the first form has no room to count it, so such rows are not written there.
pub(super) fn is_of_list(row: &Row) -> bool {
    row.key.first() == Some(&RowKind::Unconfirmed.number())
}

fn row_key(unconfirmed: &Unconfirmed, date_time: LocalDateTime) -> Bytes {
    let sequence = unconfirmed.sequence.to_be_bytes();
    key(RowKind::Unconfirmed, &[&unconfirmed.fingerprint.0, &date_time_bytes(date_time), &sequence])
}

/// The rows of a document that became unconfirmed.
pub(super) fn rows_of(id: RegisterId, shift: u32, unconfirmed: &Unconfirmed) -> Result<Vec<Row>, StoreError> {
    let value = postcard::to_extend(unconfirmed, vec![FORMAT])
        .map(Bytes::from)
        .map_err(|error| corrupt(id, shift, format!("an unconfirmed document cannot be encoded: {error}")))?;
    let row = |at: &LocalDateTime| Row { key: row_key(unconfirmed, *at), value: value.clone() };
    Ok(unconfirmed.date_times.iter().map(row).collect())
}

/// The rows of a document that left the list.
pub(super) fn rows_of_left(unconfirmed: &Unconfirmed) -> Vec<Row> {
    let row = |at: &LocalDateTime| Row { key: row_key(unconfirmed, *at), value: Bytes::new() };
    unconfirmed.date_times.iter().map(row).collect()
}

/// `None` of one that left the list.
pub(super) fn decode(id: RegisterId, shift: u32, row: &Row) -> Result<Option<Unconfirmed>, StoreError> {
    match row.value.split_first() {
        None => Ok(None),
        Some((&FORMAT, bytes)) => postcard::from_bytes(bytes).map(Some).map_err(|error| {
            corrupt(id, shift, format!("an unconfirmed document cannot be decoded: {error}"))
        }),
        Some((format, _)) => Err(corrupt(
            id,
            shift,
            format!("an unconfirmed document has format {format}, a newer program wrote it"),
        )),
    }
}

/// Those with this beginning of their keys, by sequence; at most so many rows are read.
async fn with_prefix(
    store: &impl Store,
    id: RegisterId,
    shift: u32,
    prefix: &[u8],
    rows_max: usize,
) -> Result<BTreeMap<u32, Unconfirmed>, StoreError> {
    let (mut found, mut read) = (BTreeMap::new(), 0_usize);
    let mut after: Option<Bytes> = None;
    while read < rows_max {
        let limit = PAGE.min(rows_max.saturating_sub(read));
        let page = store.rows(stream(id, shift), prefix, after.as_deref(), limit).await?;
        read = read.saturating_add(page.len());
        for row in &page {
            if let Some(unconfirmed) = decode(id, shift, row)? {
                if !row.key.ends_with(&unconfirmed.sequence.to_be_bytes())
                    || !row.key.get(1..).is_some_and(|key| key.starts_with(&unconfirmed.fingerprint.0))
                {
                    return Err(corrupt(id, shift, "an unconfirmed document lies in the place of another"));
                }
                found.insert(unconfirmed.sequence, unconfirmed);
            }
        }
        match page.last() {
            Some(last) if page.len() == limit => after = Some(last.key.clone()),
            Some(_) | None => break,
        }
    }
    Ok(found)
}

/// All unconfirmed documents of a shift's stream, those that were dropped since included, in the order in which they
/// became so.
///
/// # Errors
/// Those of the store.
pub async fn unconfirmed(
    store: &impl Store,
    id: RegisterId,
    shift: u32,
) -> Result<Vec<Unconfirmed>, StoreError> {
    let all = with_prefix(store, id, shift, &[RowKind::Unconfirmed.number()], usize::MAX).await?;
    Ok(all.into_values().collect())
}

/// The unconfirmed documents that a request is compared with.
///
/// # Errors
/// Those of the store.
pub async fn find_unconfirmed(
    store: &impl Store,
    id: RegisterId,
    newest: &Loaded,
    sought: &Sought,
    now: UnixMillis,
) -> Result<Vec<Unconfirmed>, StoreError> {
    let shift = newest.register.shift_number;
    let time = date_time_bytes(sought.date_time);
    let of_time = key(RowKind::Unconfirmed, &[&sought.fingerprint.0, &time]);
    let mut found = with_prefix(store, id, shift, &of_time, usize::MAX).await?;
    if sought.is_of_any_time && found.is_empty() {
        let is_fresh = now.since(newest.register.unconfirmed.newest_at) <= FRESH_FOR_MS;
        let rows_max = if is_fresh { usize::MAX } else { OTHER_TIMES };
        let of_content = key(RowKind::Unconfirmed, &[&sought.fingerprint.0]);
        found = with_prefix(store, id, shift, &of_content, rows_max).await?;
    }
    Ok(found.into_values().collect())
}

/// Completes the rows of the next state: a new stream takes over the unconfirmed documents that are still of use, and
/// when there are too many the oldest is dropped.
pub(super) async fn arrange(
    store: &impl Store,
    id: RegisterId,
    before: &Loaded,
    next: &mut Register,
    rows: &mut Vec<Row>,
) -> Result<(), StoreError> {
    let begins_stream = next.shift_number != before.register.shift_number;
    let has_some = before.register.unconfirmed.count > 0 && next.unconfirmed.count > 0;
    if !(begins_stream && has_some || next.unconfirmed.is_over()) {
        return Ok(());
    }
    let mut stored = unconfirmed(store, id, before.register.shift_number).await?;
    stored.retain(|unconfirmed| next.unconfirmed.counts(unconfirmed.sequence));
    if begins_stream {
        stored.retain(|unconfirmed| next.clock.since(unconfirmed.since) <= UNCONFIRMED_KEPT_FOR_MS);
        let mut carried = Vec::with_capacity(stored.len());
        for unconfirmed in &stored {
            carried.extend(rows_of(id, next.shift_number, unconfirmed)?);
        }
        // Of two rows with one key the later counts: what changes now goes behind what is carried over.
        carried.append(rows);
        *rows = carried;
    }
    let mut sequences: BTreeSet<u32> = stored.iter().map(|unconfirmed| unconfirmed.sequence).collect();
    for row in rows.iter().filter(|row| is_of_list(row)) {
        let Some(sequence) = row.key.last_chunk::<4>().map(|bytes| u32::from_be_bytes(*bytes)) else {
            continue;
        };
        if row.value.is_empty() {
            sequences.remove(&sequence);
        } else {
            sequences.insert(sequence);
        }
    }
    next.unconfirmed.count = u32::try_from(sequences.len()).unwrap_or(u32::MAX);
    if let Some(oldest) = sequences.first().filter(|_| next.unconfirmed.is_over()) {
        next.unconfirmed.drop_oldest(*oldest);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
