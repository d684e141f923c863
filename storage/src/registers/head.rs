//! Heads: a register's state in the head of its newest stream.

use bytes::Bytes;
use ofd_protocol::register::Register;
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::RegisterId;

use super::parts::{self, TaggedPart};
use super::rows::document;
use super::{corrupt, stream};
use crate::store::{Head, HeadFormat, Store, StoreError, Version};

/// The first byte of a head whose register is followed by nothing. It stays readable.
const FIRST: u8 = 1;

/// The first byte of a head whose register is followed by tagged parts.
const TAGGED: u8 = 2;

/// A head with as many sections and tax rates as a shift counts apart stays below this.
pub const HEAD_LEN_MAX: usize = 512 * 1024;

/// A register as its newest stream has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The version of the stream's head.
    pub version: Version,
    /// The form in which the head is, and so in which the next one will be at least.
    pub format: HeadFormat,
    /// The state in it.
    pub register: Register,
}

impl Loaded {
    /// The form of the head that follows this one in `store`.
    pub fn next_format(&self, store: &impl Store) -> HeadFormat {
        self.format.max(store.head_format())
    }
}

/// Encodes a head. In the first form what only tagged parts hold is left out.
///
/// # Errors
/// [`StoreError::Corrupt`]: it cannot be encoded.
pub fn encode(id: RegisterId, register: &Register, format: HeadFormat) -> Result<Bytes, StoreError> {
    let failed = |error: postcard::Error| {
        corrupt(id, register.shift_number, format!("the head cannot be encoded: {error}"))
    };
    let mut out = Vec::with_capacity(512);
    out.push(match format {
        HeadFormat::First => FIRST,
        HeadFormat::Tagged => TAGGED,
    });
    let out = postcard::to_extend(register, out).map_err(failed)?;
    match format {
        HeadFormat::First => Ok(Bytes::from(out)),
        HeadFormat::Tagged => {
            let parts = parts::of(register).map_err(failed)?;
            postcard::to_extend(&parts, out).map(Bytes::from).map_err(failed)
        }
    }
}

/// Decodes the head of a shift.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn decode(id: RegisterId, shift: u32, head: &Head) -> Result<Loaded, StoreError> {
    let undecodable = |error| corrupt(id, shift, format!("the head cannot be decoded: {error}"));
    let (format, register) = match head.bytes.split_first() {
        Some((&FIRST, bytes)) => {
            (HeadFormat::First, postcard::from_bytes::<Register>(bytes).map_err(undecodable)?)
        }
        Some((&TAGGED, bytes)) => {
            let (mut register, rest) = postcard::take_from_bytes::<Register>(bytes).map_err(undecodable)?;
            let parts = postcard::from_bytes::<Vec<TaggedPart>>(rest).map_err(undecodable)?;
            parts::add(&mut register, parts).map_err(undecodable)?;
            (HeadFormat::Tagged, register)
        }
        Some((format, _)) => {
            return Err(corrupt(
                id,
                shift,
                format!("the head has format {format}, a newer program wrote it"),
            ));
        }
        None => return Err(corrupt(id, shift, "the head is empty")),
    };
    if register.shift_number != shift {
        return Err(corrupt(id, shift, format!("the head is that of shift {}", register.shift_number)));
    }
    Ok(Loaded { version: head.version, format, register })
}

/// The state of one shift; `None` when there is no such stream.
///
/// # Errors
/// Those of the store.
pub async fn shift(store: &impl Store, id: RegisterId, shift: u32) -> Result<Option<Loaded>, StoreError> {
    let head = store.head(stream(id, shift)).await?;
    head.map(|head| decode(id, shift, &head)).transpose()
}

/// The newest stream of a register; `None` when the register was never created.
///
/// Streams are created without gaps, so the newest is found by doubling steps and then halving ones: some twenty
/// reads after five years of daily shifts, and only when the register is not in memory.
///
/// # Errors
/// Those of the store.
pub async fn newest(store: &impl Store, id: RegisterId) -> Result<Option<Loaded>, StoreError> {
    match shift(store, id, 1).await? {
        Some(first) => climb(store, id, first).await.map(Some),
        None => Ok(None),
    }
}

/// As [`newest`], looked for from a shift on that was there before: two reads where it is the newest still.
///
/// # Errors
/// Those of the store.
pub async fn newest_from(
    store: &impl Store,
    id: RegisterId,
    known: u32,
) -> Result<Option<Loaded>, StoreError> {
    match shift(store, id, known).await? {
        Some(found) => climb(store, id, found).await.map(Some),
        None => newest(store, id).await,
    }
}

async fn climb(store: &impl Store, id: RegisterId, mut found: Loaded) -> Result<Loaded, StoreError> {
    let mut absent = None;
    let mut step = 1_u32;
    while absent.is_none() {
        let probe = found.register.shift_number.saturating_add(step);
        match shift(store, id, probe).await? {
            Some(loaded) => found = loaded,
            None => absent = Some(probe),
        }
        step = step.saturating_mul(2);
    }
    let mut absent = absent.unwrap_or(u32::MAX);
    while absent.saturating_sub(found.register.shift_number) > 1 {
        let probe = found.register.shift_number.midpoint(absent);
        match shift(store, id, probe).await? {
            Some(loaded) => found = loaded,
            None => absent = probe,
        }
    }
    Ok(found)
}

/// Compares a state that was just read with its last document: whether that is there, with the chain value that the
/// state has, and nothing is behind it. A store that lost the end of what it held shows so; serving from it would give
/// numbers a second time.
///
/// It costs a read or two, so it is asked once for each register, when its state is first read. In a store that others
/// write to a document may come behind the state that was read meanwhile; that is no fault.
///
/// # Errors
/// Those of the store, and [`StoreError::Corrupt`] when they do not fit.
pub async fn check_last_document(
    store: &impl Store,
    id: RegisterId,
    loaded: &Loaded,
) -> Result<(), StoreError> {
    match compare_last_document(store, id, loaded).await {
        Err(damage @ StoreError::Corrupt { .. }) => {
            // An append that was under way may have landed between the two reads.
            let number = loaded.register.shift_number;
            let now = store.head(stream(id, number)).await?;
            let is_same = now.is_some_and(|head| head.version == loaded.version);
            let is_newest = store.head(stream(id, number.saturating_add(1))).await?.is_none();
            if is_same && is_newest { Err(damage) } else { Ok(()) }
        }
        compared => compared,
    }
}

async fn compare_last_document(
    store: &impl Store,
    id: RegisterId,
    loaded: &Loaded,
) -> Result<(), StoreError> {
    let register = &loaded.register;
    let broken = |shift: u32, reason: &str| Err(corrupt(id, shift, reason));
    // A shift that has no document yet follows the one before it.
    let follows = register.documents == 0 && register.shift_number > 1;
    let before =
        if follows { shift(store, id, register.shift_number.saturating_sub(1)).await? } else { None };
    if follows && before.as_ref().is_none_or(|before| before.register.chain != register.chain) {
        return broken(register.shift_number, "it does not follow from the shift before it");
    }
    let bearer = before.as_ref().map_or(register, |before| &before.register);
    let (number, documents) = (bearer.shift_number, bearer.documents);
    if documents > 0 {
        match document(store, id, DocumentRef { shift: number, number: documents }).await? {
            Some(last) if last.chain == bearer.chain => {}
            Some(_) => return broken(number, "the chain value of its head is not that of its last document"),
            None => {
                let reason = format!("its head counts {documents} documents, the last is missing");
                return broken(number, &reason);
            }
        }
    }
    let behind = DocumentRef { shift: register.shift_number, number: register.documents.saturating_add(1) };
    if !store.is_shared() && document(store, id, behind).await?.is_some() {
        let reason = format!("its head counts {} documents, more are stored", register.documents);
        return broken(register.shift_number, &reason);
    }
    Ok(())
}

/// The states of up to `limit` shifts after `after`, oldest first.
///
/// # Errors
/// Those of the store.
pub async fn shifts(
    store: &impl Store,
    id: RegisterId,
    after: u32,
    limit: usize,
) -> Result<Vec<Loaded>, StoreError> {
    let mut found = Vec::new();
    let mut number = after;
    while found.len() < limit {
        number = number.saturating_add(1);
        match shift(store, id, number).await? {
            Some(loaded) => found.push(loaded),
            None => break,
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
