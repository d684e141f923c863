//! How an account or a company is read and changed: a head in JSON, audit rows beside it.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::audit::{AuditEntry, AuditRow};
use crate::holdings::may_have_registers;
use crate::news_list;
use crate::settle::settle_telling;
use crate::store::{Append, Row, Stamp, Store, StoreError, StreamId, Version};
use crate::titles::{self, Titled};

/// What is kept as the head of one stream, with an audit.
pub trait Subject: Serialize + DeserializeOwned + Clone + Send + Sync {
    /// Where it lies.
    fn stream(&self) -> StreamId;

    /// The number that the next audit row gets.
    fn audit_next(&mut self) -> &mut u64;

    /// The title by which people find it, if it has one. What leads there is written before a change of it.
    fn titled(&self) -> Option<Titled<'_>> {
        None
    }

    /// The number of the organisation whose registers are to be told what became of it since `before`, if anything that
    /// their answers name did.
    fn has_news_since(&self, _before: Option<&Self>) -> Option<&str> {
        None
    }

    /// Announces that, in the append that bears this stamp.
    fn announce(&mut self, _stamp: Stamp) {}

    /// What is written beside head and audit when this state follows another.
    ///
    /// # Errors
    /// It cannot be written.
    fn rows(&self, _before: Option<&Self>) -> Result<Vec<Row>, serde_json::Error> {
        Ok(Vec::new())
    }
}

/// A subject as it was read or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept<T> {
    /// The version of its stream.
    pub version: Version,
    /// What the head holds.
    pub state: T,
}

/// Reads a subject; `None` when there is none.
///
/// # Errors
/// Those of the store, and [`StoreError::Corrupt`] when the head is not what it should be.
pub async fn load<T: Subject>(store: &impl Store, stream: StreamId) -> Result<Option<Kept<T>>, StoreError> {
    let Some(head) = store.head(stream).await? else { return Ok(None) };
    let state: T = serde_json::from_slice(&head.bytes)
        .map_err(|error| StoreError::Corrupt { place: stream.to_string(), reason: error.to_string() })?;
    if state.stream() != stream {
        let reason = format!("the head is that of {}", state.stream());
        return Err(StoreError::Corrupt { place: stream.to_string(), reason });
    }
    Ok(Some(Kept { version: head.version, state }))
}

/// Writes a subject that must not exist yet, with what its audit says of it.
///
/// # Errors
/// Those of the store; [`StoreError::Conflict`] when it exists.
pub async fn create<T: Subject>(
    store: &impl Store,
    mut state: T,
    audit: Vec<AuditEntry>,
    stamp: Stamp,
) -> Result<Kept<T>, StoreError> {
    if let Some(titled) = state.titled() {
        titles::lead(store, titled).await?;
    }
    announce(store, &mut state, None, stamp).await?;
    write(store, None, state, (audit, Vec::new()), stamp).await
}

/// Writes a subject in place of the one that was read, with what its audit says of the change.
///
/// # Errors
/// Those of the store; after [`StoreError::Conflict`] the caller reads again and decides again.
pub async fn save<T: Subject>(
    store: &impl Store,
    before: &Kept<T>,
    state: T,
    audit: Vec<AuditEntry>,
    stamp: Stamp,
) -> Result<Kept<T>, StoreError> {
    save_beside(store, before, state, (audit, Vec::new()), stamp).await
}

/// Writes a subject in place of the one that was read, with its audit and with other rows of its stream.
///
/// # Errors
/// As [`save`].
pub async fn save_beside<T: Subject>(
    store: &impl Store,
    before: &Kept<T>,
    mut state: T,
    (audit, beside): (Vec<AuditEntry>, Vec<Row>),
    stamp: Stamp,
) -> Result<Kept<T>, StoreError> {
    if let Some(titled) = state.titled().filter(|titled| before.state.titled() != Some(*titled)) {
        titles::lead(store, titled).await?;
    }
    announce(store, &mut state, Some(&before.state), stamp).await?;
    write(store, Some(before), state, (audit, beside), stamp).await
}

/// Adds to the audit of a subject that itself stays as it is.
///
/// # Errors
/// As [`save`].
pub async fn note<T: Subject>(
    store: &impl Store,
    before: &Kept<T>,
    audit: Vec<AuditEntry>,
    stamp: Stamp,
) -> Result<Kept<T>, StoreError> {
    save(store, before, before.state.clone(), audit, stamp).await
}

/// Registers are told by whoever changes what their answers name, or by whoever comes next: so it is announced here, where
/// nobody can forget it.
async fn announce<T: Subject>(
    store: &impl Store,
    state: &mut T,
    before: Option<&T>,
    stamp: Stamp,
) -> Result<(), StoreError> {
    let Some(bin) = state.has_news_since(before) else { return Ok(()) };
    if !may_have_registers(store, bin).await? {
        return Ok(());
    }
    // Where it cannot be entered the announcement is found all the same, only later.
    if let Err(error) = news_list::enter(store, bin).await {
        tracing::debug!(%error, "a company is not in the list of profile news: {error}");
    }
    state.announce(stamp);
    Ok(())
}

async fn write<T: Subject>(
    store: &impl Store,
    before: Option<&Kept<T>>,
    mut state: T,
    (audit, beside): (Vec<AuditEntry>, Vec<Row>),
    stamp: Stamp,
) -> Result<Kept<T>, StoreError> {
    let stream = state.stream();
    let unwritable = |error: serde_json::Error| StoreError::Corrupt {
        place: stream.to_string(),
        reason: error.to_string(),
    };
    let expected = before.map(|before| before.version);
    let mut rows = Vec::with_capacity(audit.len());
    for entry in audit {
        let next = state.audit_next();
        let row = AuditRow { number: *next, entry };
        *next = next.saturating_add(1);
        rows.push(row.encode().map_err(unwritable)?);
    }
    let head = serde_json::to_vec(&state).map(Bytes::from).map_err(unwritable)?;
    // Audit rows come first: by the first of them a try is known again.
    rows.extend(state.rows(before.map(|before| &before.state)).map_err(unwritable)?);
    rows.extend(beside);
    let first_row = rows.first().cloned();
    let (settled, was_unknown) =
        settle_telling(store, Append { stream, expected, stamp, head, rows, notes: Vec::new() }).await;
    let version = match (settled, first_row) {
        // A try whose outcome was unknown may have landed, and somebody may have written on top of it. Its row tells:
        // nobody else's is the same, and deciding a second time would do the change twice.
        (Err(StoreError::Conflict { .. }), Some(row))
            if was_unknown && store.row(stream, &row.key).await?.as_ref() == Some(&row.value) =>
        {
            expected.map_or(Version::FIRST, Version::next)
        }
        (settled, _) => settled?,
    };
    Ok(Kept { version, state })
}
