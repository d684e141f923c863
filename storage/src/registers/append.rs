//! Appends: the only way in which a register's state changes.

use bytes::Bytes;
use ofd_protocol::register::{Accepted, Amendment, Confirmed, DocumentKind, Register};
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::{RegisterId, Token, UnixMillis};

use super::announce::Bearing;
use super::find::{ShiftSummary, summary_key};
use super::head::{Loaded, encode, newest};
use super::rows::{
    Document, amendment_key, cancelled_key, encode_change, encode_document, encode_known, encode_place,
    is_made, offline_key,
};
use super::{stream, unconfirmed};
use crate::accounts::RegisterChange;
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
    let append =
        Append { stream: stream(id, 1), expected: None, stamp, head, rows: Vec::new(), notes: Vec::new() };
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
    bearing: Bearing,
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
    if let Some(unconfirmed) = &accepted.unconfirmed {
        rows.extend(unconfirmed::rows_of(id, place.shift, unconfirmed)?);
    }
    append_state(store, id, before, accepted.register, rows, bearing).await
}

/// Stores a change that a person made, with its row, and returns the register as it is then. It is rare, so the register is
/// announced each time.
///
/// # Errors
/// As [`append_accepted`].
pub async fn append_change(
    store: &impl Store,
    before: &Loaded,
    changed: Register,
    change: &RegisterChange,
    stamp: Stamp,
) -> Result<Loaded, StoreError> {
    let id = change.register;
    let bearing = Bearing::announcing(stamp, id, change.entry.at);
    let appended = append_state(store, id, before, changed, vec![encode_change(change)?], bearing).await;
    let Err(conflict @ StoreError::Conflict { .. }) = appended else { return appended };
    // A try whose outcome was unknown may have landed, and somebody may have written on top of it. Its row tells; deciding
    // a second time would make the change twice.
    if is_made(store, change).await? { newest(store, id).await?.ok_or(conflict) } else { Err(conflict) }
}

/// Sees to it that a change that was not made never will be: an append of it that is still under way cannot land any
/// more. After [`StoreError::Conflict`] it is for the caller to repeat.
///
/// # Errors
/// As [`append_accepted`].
pub async fn forestall(store: &impl Store, change: &RegisterChange, stamp: Stamp) -> Result<(), StoreError> {
    let Some(newest) = newest(store, change.register).await? else { return Ok(()) };
    // If the change would have begun the next stream, that stream is made now, and the change can no longer begin it.
    // In a shift that is over nothing changes any more.
    let next = newest.register.writable();
    if next.shift_number == change.shift {
        let bearing = Bearing { stamp, announcement: None };
        append_state(store, change.register, &newest, next, Vec::new(), bearing).await?;
    }
    Ok(())
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
    let bearing = Bearing { stamp, announcement: None };
    append_state(store, id, before, before.register.clone(), Vec::new(), bearing).await
}

/// Others who change a register in the same moment are met this often before it is left to who comes next.
const RAISES_MAX: usize = 10;

/// What came of raising a register's profile version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Raised {
    /// Gateways read its profile anew with its next request.
    Yes,
    /// Its head is in the first form and has no room for it: gateways read the profile anew every so often.
    HasNoRoom,
    /// It has no stream yet, or was deregistered.
    IsNotServed,
}

/// Raises the version of what answers need of a register apart from its state. Comes after what was changed is written.
/// A document that is decided meanwhile conflicts, and is decided again.
///
/// # Errors
/// Those of the store; [`StoreError::Conflict`] when others were faster again and again.
pub async fn raise_profile_version(
    store: &impl Store,
    id: RegisterId,
    stamp: &(impl Fn() -> Stamp + Sync),
) -> Result<Raised, StoreError> {
    let mut tries = 0;
    loop {
        let Some(newest) = newest(store, id).await? else { return Ok(Raised::IsNotServed) };
        if newest.register.status.deregistered.is_some() {
            return Ok(Raised::IsNotServed);
        }
        if newest.next_format(store) == HeadFormat::First {
            return Ok(Raised::HasNoRoom);
        }
        let mut next = newest.register.writable();
        next.profile_version = next.profile_version.saturating_add(1);
        tries += 1;
        // It stores no document, so there is nothing to announce.
        let bearing = Bearing { stamp: stamp(), announcement: None };
        match append_state(store, id, &newest, next, Vec::new(), bearing).await {
            Err(StoreError::Conflict { .. }) if tries < RAISES_MAX => {}
            appended => return appended.map(|_| Raised::Yes),
        }
    }
}

/// Appends to the register's newest stream, or begins the next one when `next` is the next shift's.
async fn append_state(
    store: &impl Store,
    id: RegisterId,
    before: &Loaded,
    mut next: Register,
    mut rows: Vec<Row>,
    Bearing { stamp, announcement }: Bearing,
) -> Result<Loaded, StoreError> {
    let format = before.next_format(store);
    match format {
        HeadFormat::First => rows.retain(|row| !unconfirmed::is_of_list(row)),
        HeadFormat::Tagged => unconfirmed::arrange(store, id, before, &mut next, &mut rows).await?,
    }
    let begins_stream = next.shift_number != before.register.shift_number;
    if begins_stream {
        put_summary(store, id, &before.register).await?;
    }
    let expected = if begins_stream { None } else { Some(before.version) };
    let stream = stream(id, next.shift_number);
    let (head, notes) = (encode(id, &next, format)?, announcement.into_iter().collect());
    let append = Append { stream, expected, stamp, head, rows, notes };
    let version = settle(store, append).await?;
    // A head of the first form does not hold all of the register, so memory must not hold more than the store.
    let register = match format {
        HeadFormat::First => next.of_first_heads(),
        HeadFormat::Tagged => next,
    };
    Ok(Loaded { version, format, register })
}

/// Writes the summary of a closed shift. It is durable before the next stream exists, and never changes: whatever
/// offline number a replay adds later lies in the newest stream.
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

/// A replay of a stored document, and what it adds.
#[derive(Clone, Copy, Debug)]
pub struct Amending<'a> {
    /// Where the document lies.
    pub place: DocumentRef,
    /// The document as it is stored.
    pub stored: &'a Document,
    /// What is added, if anything.
    pub amendment: Option<&'a Amendment>,
    /// The frame that brings it.
    pub raw: &'a [u8],
}

/// Adds to a stored document what a replay brought (WIRE 13.4): numbers, times, and the frame itself. `changed` is the
/// register after it, when anything changes there. Returns the newest state when that was written.
///
/// The stored document keeps its bytes, CRC and chain value; the frame lies beside it.
///
/// # Errors
/// Those of the store; [`StoreError::Conflict`] as with [`append_accepted`].
pub async fn append_amended(
    store: &impl Store,
    id: RegisterId,
    newest: &Loaded,
    amending: Amending<'_>,
    changed: Option<Register>,
    bearings: (Bearing, Stamp),
) -> Result<Option<Loaded>, StoreError> {
    append_with(store, id, newest, amending, (changed, Vec::new()), bearings).await
}

/// Stores that an unconfirmed document came again (WIRE 13.3), with what it adds, and returns the register as it is
/// then.
///
/// # Errors
/// As [`append_accepted`].
pub async fn append_confirmed(
    store: &impl Store,
    id: RegisterId,
    before: &Loaded,
    amending: Amending<'_>,
    confirmed: Confirmed,
    bearings: (Bearing, Stamp),
) -> Result<Loaded, StoreError> {
    let Confirmed { register, left, unconfirmed, .. } = confirmed;
    let mut rows = Vec::new();
    if let Some(unconfirmed) = &unconfirmed {
        rows.extend(unconfirmed::rows_of(id, register.shift_number, unconfirmed)?);
    }
    rows.extend(left.iter().flat_map(unconfirmed::rows_of_left));
    let loaded = append_with(store, id, before, amending, (Some(register), rows), bearings).await?;
    Ok(loaded.unwrap_or_else(|| before.clone()))
}

/// Appends a change of the newest stream with what a replay adds to a stored document.
///
/// What leads to the document lies in the newest stream, as the spans of times in heads and summaries say. The frame
/// lies beside the document. When that is in an earlier shift it goes there in an append of its own, and last: a retry
/// after a crash between the two finds that it is missing.
async fn append_with(
    store: &impl Store,
    id: RegisterId,
    newest: &Loaded,
    amending: Amending<'_>,
    (changed, mut rows): (Option<Register>, Vec<Row>),
    (bearing, stamp_beside): (Bearing, Stamp),
) -> Result<Option<Loaded>, StoreError> {
    let place = amending.place;
    let offline = amending.amendment.map_or(&[][..], |amendment| &amendment.offline);
    rows.extend(offline.iter().map(|key| Row { key: offline_key(key), value: encode_place(place) }));
    let mut beside = rows_beside(store, id, amending).await?;
    let next = changed.unwrap_or_else(|| newest.register.clone());
    if next.shift_number == place.shift {
        rows.append(&mut beside);
    }
    let is_changed = !rows.is_empty() || next != newest.register;
    let mut notes: Vec<_> = bearing.announcement.iter().cloned().collect();
    let loaded = if is_changed {
        notes.clear();
        Some(append_state(store, id, newest, next, rows, bearing).await?)
    } else {
        None
    };
    let stream = stream(id, place.shift);
    if let Some(head) = store.head(stream).await?.filter(|_| !beside.is_empty()) {
        // The head of a closed shift is final; only its version moves.
        let (expected, head) = (Some(head.version), head.bytes);
        let append = Append { stream, expected, stamp: stamp_beside, head, rows: beside, notes };
        settle(store, append).await?;
    }
    Ok(loaded)
}

/// What a replay adds beside the document; nothing when it is there already.
async fn rows_beside(
    store: &impl Store,
    id: RegisterId,
    Amending { place, stored, amendment, raw }: Amending<'_>,
) -> Result<Vec<Row>, StoreError> {
    let Some(amendment) = amendment else { return Ok(Vec::new()) };
    let mut rows = vec![encode_known(id, place, &amendment.known)?];
    // Of a placement only its times are kept.
    if stored.kind == DocumentKind::Ticket {
        let key = amendment_key(place.number, amendment.digest);
        if store.row(stream(id, place.shift), &key).await?.is_some() {
            return Ok(Vec::new());
        }
        rows.push(Row { key, value: Bytes::copy_from_slice(raw) });
    }
    if let Some(number) = amendment.number {
        let stored = Document { offline_number: Some(number), ..stored.clone() };
        rows.push(encode_document(id, place.shift, &stored)?);
    }
    Ok(rows)
}
