//! Entries of indexes: empty records whose key leads to something else.
//!
//! An entry is written before what it leads to, so that a crash between leaves nothing that is not found. It stays when that
//! changes: whoever finds something by an entry looks at what it says now.

use bytes::Bytes;
use futures::future::try_join_all;

use crate::store::{RecordKind, Store, StoreError};

/// An entry whose outcome is unknown is looked for and written again so often before the caller is told.
const TRIES_MAX: usize = 3;

/// An entry of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Of which index.
    pub kind: RecordKind,
    /// What leads where.
    pub key: Vec<u8>,
}

/// Writes entries, as far as they are missing, and returns how many that were.
///
/// # Errors
/// Those of the store; repeating it is harmless.
pub(crate) async fn lead(
    store: &impl Store,
    entries: impl IntoIterator<Item = Entry>,
) -> Result<usize, StoreError> {
    // Together: the embedded store makes all that wait durable with one sync.
    let written = try_join_all(entries.into_iter().map(|entry| write(store, entry))).await?;
    Ok(written.into_iter().filter(|is_new| *is_new).count())
}

async fn write(store: &impl Store, entry: Entry) -> Result<bool, StoreError> {
    for _ in 1..TRIES_MAX {
        match write_once(store, &entry).await {
            Err(StoreError::Unknown { .. }) => {}
            settled => return settled,
        }
    }
    write_once(store, &entry).await
}

async fn write_once(store: &impl Store, Entry { kind, key }: &Entry) -> Result<bool, StoreError> {
    if store.record(*kind, key).await?.is_some() {
        return Ok(false);
    }
    match store.put_record(*kind, key, None, Bytes::new()).await {
        Ok(_) => Ok(true),
        // Somebody else wrote the same.
        Err(StoreError::Conflict { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether an entry is missing. One that is there and cannot be read is not: it is told where it lies.
///
/// # Errors
/// Those of the store.
pub async fn is_missing(store: &impl Store, Entry { kind, key }: &Entry) -> Result<bool, StoreError> {
    match store.record(*kind, key).await {
        Ok(found) => Ok(found.is_none()),
        Err(StoreError::Corrupt { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}
