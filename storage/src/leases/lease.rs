//! Taking leases, holding them for longer, and giving them back.

use std::time::Duration;

use ofd_protocol::types::UnixMillis;

use super::rule::{Held, Holder, Ruling, rule};
use crate::store::{RecordKind, Store, StoreError, Version};

/// Others who take the same lease in the same moment are met this often before it is left to them.
const TRIES_MAX: usize = 3;

/// A lease that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    name: String,
    version: Version,
    held: Held,
}

impl Lease {
    /// Until when it is held.
    pub fn until(&self) -> UnixMillis {
        self.held.until
    }
}

/// What came of taking a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is ours.
    Ours(Lease),
    /// Somebody else has it, and unless it is renewed for so long.
    Others {
        /// What is left of it.
        left: Duration,
    },
}

/// Takes a lease for `term`, at most [`TERM_MAX`](super::TERM_MAX). Whoever has it already has it for longer.
///
/// # Errors
/// Those of the store. After [`StoreError::Unknown`] the lease may be ours, which the next try finds out.
pub async fn take(
    store: &impl Store,
    name: &str,
    holder: &Holder,
    now: UnixMillis,
    term: Duration,
) -> Result<Taken, StoreError> {
    for _ in 0..TRIES_MAX {
        let found = read(store, name).await?;
        if let Ruling::Others { left } = rule(found.as_ref().map(|(_, held)| held), holder, now) {
            return Ok(Taken::Others { left });
        }
        let held = Held::by(holder, now, term);
        if let Some(version) = put(store, name, found.map(|(version, _)| version), &held).await? {
            return Ok(Taken::Ours(Lease { name: name.to_owned(), version, held }));
        }
    }
    // Whoever was faster each time has it for about as long.
    Ok(Taken::Others { left: term })
}

/// Holds a lease for `term` from now on; `None` when somebody else has it by now.
///
/// # Errors
/// As [`take`].
pub async fn renew(
    store: &impl Store,
    lease: &Lease,
    now: UnixMillis,
    term: Duration,
) -> Result<Option<Lease>, StoreError> {
    let holder = lease.held.holder.clone();
    let held = Held::by(&holder, now, term);
    if let Some(version) = put(store, &lease.name, Some(lease.version), &held).await? {
        return Ok(Some(Lease { version, held, ..lease.clone() }));
    }
    // A try of ours whose outcome was unknown may have moved it on.
    match take(store, &lease.name, &holder, now, term).await? {
        Taken::Ours(lease) => Ok(Some(lease)),
        Taken::Others { .. } => Ok(None),
    }
}

/// Gives a lease back, so that nobody waits for its end. One that somebody else has by now stays as it is.
///
/// # Errors
/// Those of the store. The lease then ends by itself.
pub async fn give_back(store: &impl Store, lease: Lease) -> Result<(), StoreError> {
    put(store, &lease.name, Some(lease.version), &lease.held.given_back()).await.map(drop)
}

/// What is not a lease, however it came there, holds nobody up.
async fn read(store: &impl Store, name: &str) -> Result<Option<(Version, Held)>, StoreError> {
    let found = store.record(RecordKind::Lease, name.as_bytes()).await?;
    Ok(found.map(|record| (record.version, Held::decode(&record.bytes).unwrap_or_else(Held::by_nobody))))
}

/// Writes who holds a lease; `None` when somebody else was faster.
async fn put(
    store: &impl Store,
    name: &str,
    expected: Option<Version>,
    held: &Held,
) -> Result<Option<Version>, StoreError> {
    let bytes = held.encode()?;
    match store.put_record(RecordKind::Lease, name.as_bytes(), expected, bytes.clone()).await {
        Ok(version) => Ok(Some(version)),
        Err(StoreError::Conflict { .. }) => Ok(None),
        Err(unknown @ StoreError::Unknown { .. }) => {
            let found = store.record(RecordKind::Lease, name.as_bytes()).await?;
            found.filter(|found| found.bytes == bytes).map(|found| Some(found.version)).ok_or(unknown)
        }
        Err(error) => Err(error),
    }
}
