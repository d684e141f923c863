//! Appends: the only way in which a register's state changes.

use bytes::Bytes;
use ofd_protocol::register::{Accepted, Amendment, Register};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::{RegisterId, Token, UnixMillis};

use super::find::{ShiftSummary, summary_key};
use super::head::{Loaded, encode};
use super::rows::{
    Document, amendment_key, cancelled_key, document, encode_document, encode_place, offline_key,
};
use super::stream;
use crate::settle::settle;
use crate::store::{Append, HeadFormat, RecordKind, Row, Stamp, Store, StoreError};

/// Creates the first stream of a register, unless it exists. Comes after the register's record.
///
/// # Errors
/// Those of the store.
pub async fn create_register(
    store: &impl Store,
    id: RegisterId,
    token: Token,
    now: UnixMillis,
    stamp: Stamp,
) -> Result<(), StoreError> {
    if store.head(stream(id, 1)).await?.is_some() {
        return Ok(());
    }
    let register = Register { clock: now, ..Register::new(token) };
    let head = encode(id, &register, store.head_format())?;
    let append = Append { stream: stream(id, 1), expected: None, stamp, head, rows: Vec::new() };
    match store.append(append).await {
        Ok(_) | Err(StoreError::Conflict { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Stores an accepted document with its answer and returns the register as it is then.
///
/// # Errors
/// Those of the store; after [`StoreError::Conflict`] the caller reloads and decides again.
pub async fn append_accepted(
    store: &impl Store,
    id: RegisterId,
    before: &Loaded,
    accepted: Accepted,
    raw: &[u8],
    answer: &[u8],
    stamp: Stamp,
) -> Result<Loaded, StoreError> {
    let place = accepted.place;
    let row = Document {
        number: place.number,
        kind: accepted.kind,
        accepted_at: accepted.accepted_at,
        date_time: accepted.date_time,
        ticket_number: accepted.ticket_number,
        offline_number: accepted.offline.map(|offline| offline.number),
        total: accepted.total,
        cancels: accepted.cancels,
        crc: accepted.crc,
        chain: accepted.chain,
        answer: answer.to_vec(),
        raw: raw.to_vec(),
    };
    let mut rows = vec![encode_document(id, place.shift, &row)?];
    if let Some(offline) = &accepted.offline {
        rows.push(Row { key: offline_key(offline), value: encode_place(place) });
    }
    if let Some(cancelled) = accepted.cancels {
        rows.push(Row { key: cancelled_key(cancelled.number), value: encode_place(place) });
    }
    append_state(store, id, before, accepted.register, rows, stamp).await
}

/// Stores a change that a person made and returns the register as it is then.
///
/// # Errors
/// As [`append_accepted`].
pub async fn append_change(
    store: &impl Store,
    id: RegisterId,
    before: &Loaded,
    changed: Register,
    stamp: Stamp,
) -> Result<Loaded, StoreError> {
    append_state(store, id, before, changed, Vec::new(), stamp).await
}

/// Moves the version of the register's head and nothing else: an append that is still under way from before cannot
/// land any more.
///
/// # Errors
/// As [`append_accepted`].
pub async fn fence(
    store: &impl Store,
    id: RegisterId,
    before: &Loaded,
    stamp: Stamp,
) -> Result<Loaded, StoreError> {
    append_state(store, id, before, before.register.clone(), Vec::new(), stamp).await
}

/// Appends to the register's newest stream, or begins the next one when `next` is the next shift's.
async fn append_state(
    store: &impl Store,
    id: RegisterId,
    before: &Loaded,
    next: Register,
    rows: Vec<Row>,
    stamp: Stamp,
) -> Result<Loaded, StoreError> {
    let begins_stream = next.shift_number != before.register.shift_number;
    if begins_stream {
        put_summary(store, id, &before.register).await?;
    }
    let expected = if begins_stream { None } else { Some(before.version) };
    let stream = stream(id, next.shift_number);
    let format = before.next_format(store);
    let append = Append { stream, expected, stamp, head: encode(id, &next, format)?, rows };
    let version = settle(store, append).await?;
    // What is in memory is what is in the store.
    let register = match format {
        HeadFormat::First => next.of_first_heads(),
        HeadFormat::Tagged => next,
    };
    Ok(Loaded { version, format, register })
}

/// Writes the row of a closed shift. It is durable before the next stream exists, and never changes: what is added
/// to a closed shift later is no offline number.
async fn put_summary(store: &impl Store, id: RegisterId, closed: &Register) -> Result<(), StoreError> {
    let Some(summary) = ShiftSummary::of(closed) else { return Ok(()) };
    let key = summary_key(id, closed.shift_number);
    let bytes = serde_json::to_vec(&summary).map(Bytes::from).map_err(|error| StoreError::Corrupt {
        place: format!("the summary of register {id} shift {}", closed.shift_number),
        reason: error.to_string(),
    })?;
    match store.put_record(RecordKind::ShiftSummary, &key, None, bytes).await {
        Ok(_) | Err(StoreError::Conflict { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// What came of an amendment.
#[derive(Clone, Debug)]
pub enum Amended {
    /// It was there already.
    Known,
    /// It was added to the newest stream, whose state is this now.
    Newest(Box<Loaded>),
    /// It was added to an earlier shift.
    Earlier,
}

/// Adds to a stored receipt what a replay brought (WIRE 13.4): its offline number, and the frame itself.
///
/// The stored document keeps its bytes, CRC and chain value; the frame lies beside it.
///
/// # Errors
/// Those of the store; [`StoreError::Conflict`] as with [`append_accepted`].
pub async fn amend(
    store: &impl Store,
    id: RegisterId,
    newest: &Loaded,
    place: DocumentRef,
    amendment: &Amendment,
    raw: &[u8],
    stamp: Stamp,
) -> Result<Amended, StoreError> {
    let key = amendment_key(place.number, amendment.digest);
    if store.row(stream(id, place.shift), &key).await?.is_some() {
        return Ok(Amended::Known);
    }
    let mut rows = vec![Row { key, value: Bytes::copy_from_slice(raw) }];
    let is_newest = place.shift == newest.register.shift_number;
    if let Some(offline) = &amendment.offline {
        rows.push(Row { key: offline_key(offline), value: encode_place(place) });
        if let Some(stored) = document(store, id, place).await? {
            let stored = Document { offline_number: Some(offline.number), ..stored };
            rows.push(encode_document(id, place.shift, &stored)?);
        }
    }
    if is_newest {
        let mut register = newest.register.clone();
        if let Some(offline) = &amendment.offline {
            register.extend_offline_range(offline.date_time);
            if let Some(memory) = register.memory.as_mut().filter(|memory| memory.document == place) {
                memory.offline_number = offline.number;
            }
        }
        let loaded = append_state(store, id, newest, register, rows, stamp).await?;
        return Ok(Amended::Newest(Box::new(loaded)));
    }
    // The head of a closed shift is final; only its version moves.
    let stream = stream(id, place.shift);
    let Some(head) = store.head(stream).await? else { return Ok(Amended::Known) };
    settle(store, Append { stream, expected: Some(head.version), stamp, head: head.bytes, rows }).await?;
    Ok(Amended::Earlier)
}
