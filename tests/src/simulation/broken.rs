//! Stores that break their contract: the simulation must find each of them out.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use ofd_storage::memory::MemoryStore;
use ofd_storage::store::{Append, Head, Row, Stamp, Store, StoreError, StreamId, Version};
use ofd_storage::through;

use super::backend::SimBackend;

/// How a store breaks its contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breakage {
    /// It acknowledges an append and drops it.
    DropsAppend,
    /// It writes the head and loses the rows.
    LosesRows,
    /// It writes the rows, fails, and leaves the head.
    LosesHead,
    /// It writes whatever version was expected: the last one wins.
    IgnoresConditions,
    /// It changes a byte of a row.
    FlipsByte,
    /// It shows heads as they were before the last append.
    ReadsStale,
    /// It forgets what it acknowledged when its process dies.
    ForgetsInCrash,
    /// It says of an append that is known to be there that it is a conflict, and of one that conflicts that it is done.
    HidesConflict,
    /// It finds no unconfirmed document, as if they were left out.
    HidesUnconfirmed,
}

impl Breakage {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::DropsAppend,
        Self::LosesRows,
        Self::LosesHead,
        Self::IgnoresConditions,
        Self::FlipsByte,
        Self::ReadsStale,
        Self::ForgetsInCrash,
        Self::HidesConflict,
        Self::HidesUnconfirmed,
    ];
}

/// The kind of rows of unconfirmed documents.
const UNCONFIRMED: u8 = 6;

/// Of so many calls one breaks the contract.
const ONE_OF: u64 = 40;

/// A store in memory that breaks its contract now and then.
pub struct BrokenStore {
    inner: MemoryStore,
    breakage: Breakage,
    calls: AtomicU64,
}

/// A backend of such stores.
#[derive(Clone, Copy, Debug)]
pub struct Broken(pub Breakage);

impl SimBackend for Broken {
    type Store = BrokenStore;

    fn open(&mut self) -> BrokenStore {
        BrokenStore { inner: MemoryStore::new(), breakage: self.0, calls: AtomicU64::new(0) }
    }

    fn reopen(&mut self, dead: BrokenStore) -> BrokenStore {
        match self.0 {
            Breakage::ForgetsInCrash => self.open(),
            _ => BrokenStore { inner: dead.inner.another_handle(), ..dead },
        }
    }
}

impl BrokenStore {
    fn breaks(&self, how: Breakage) -> bool {
        self.breakage == how && self.calls.fetch_add(1, Ordering::Relaxed) % ONE_OF == ONE_OF - 1
    }

    async fn version(&self, stream: StreamId) -> Result<Option<Version>, StoreError> {
        Ok(self.inner.head(stream).await?.map(|head| head.version))
    }
}

impl through::Through for BrokenStore {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.inner
    }

    async fn append(&self, mut append: Append) -> Result<Version, StoreError> {
        let is_document = !append.rows.is_empty();
        if is_document && self.breaks(Breakage::DropsAppend) {
            return Ok(append.expected.map_or(Version::FIRST, Version::next));
        }
        if is_document && self.breaks(Breakage::LosesRows) {
            append.rows.clear();
        }
        if is_document && self.breaks(Breakage::LosesHead) {
            if let Some(head) = self.inner.head(append.stream).await? {
                let kept = Append { head: head.bytes, stamp: Stamp([9; 16]), ..append };
                self.inner.append(kept).await?;
            }
            return Err(StoreError::Unavailable { reason: "it broke in the middle".to_owned() });
        }
        if self.breakage == Breakage::IgnoresConditions {
            append.expected = self.version(append.stream).await?;
        }
        if is_document && self.breaks(Breakage::FlipsByte) {
            append.rows[0].value = flipped(&append.rows[0].value);
        }
        let stream = append.stream;
        match self.inner.append(append).await {
            Err(StoreError::Conflict { .. }) if self.breakage == Breakage::HidesConflict => {
                self.version(stream).await.map(|version| version.unwrap_or(Version::FIRST))
            }
            done => done,
        }
    }

    async fn rows(
        &self,
        stream: StreamId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        // Whoever walks over all of them sees them.
        let is_sought = prefix.len() > 1 && prefix.first() == Some(&UNCONFIRMED);
        if self.breakage == Breakage::HidesUnconfirmed && is_sought {
            return Ok(Vec::new());
        }
        self.inner.rows(stream, prefix, after, limit).await
    }

    async fn head(&self, stream: StreamId) -> Result<Option<Head>, StoreError> {
        let head = self.inner.head(stream).await?;
        if head.is_some() && self.breaks(Breakage::ReadsStale) {
            return Ok(None);
        }
        Ok(head)
    }
}

/// The bytes with one of them changed.
fn flipped(bytes: &Bytes) -> Bytes {
    let mut changed = bytes.to_vec();
    if let Some(last) = changed.last_mut() {
        *last ^= 0x20;
    }
    Bytes::from(changed)
}
