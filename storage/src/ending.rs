//! A store whose process ends after some writes, and stamps for tests. Test code in a library, as [`crate::samples`] is.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

use crate::memory::MemoryStore;
use crate::store::{Append, Claim, RecordKind, Stamp, Store, StoreError, Version};

/// A store on which so many writes land, and no more: the process behind it ends there.
#[derive(Debug)]
pub struct Ending {
    inner: MemoryStore,
    left: AtomicU64,
}

impl Ending {
    /// A handle on `store` that ends after so many writes.
    pub fn after(store: &MemoryStore, writes: u64) -> Self {
        Self { inner: store.another_handle(), left: AtomicU64::new(writes) }
    }

    fn lands(&self) -> Result<(), StoreError> {
        let left = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        left.map(|_| ()).map_err(|_| StoreError::Unavailable { reason: "the process has ended".to_owned() })
    }
}

impl crate::through::Through for Ending {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.inner
    }

    async fn append(&self, append: Append) -> Result<Version, StoreError> {
        self.lands()?;
        self.inner.append(append).await
    }

    async fn put_record(
        &self,
        kind: RecordKind,
        key: &[u8],
        expected: Option<Version>,
        bytes: Bytes,
    ) -> Result<Version, StoreError> {
        self.lands()?;
        self.inner.put_record(kind, key, expected, bytes).await
    }

    async fn claim(
        &self,
        family: &str,
        name: &str,
        owner: &[u8],
        now_ms: u64,
        take_over_from: Option<&[u8]>,
    ) -> Result<Claim, StoreError> {
        self.lands()?;
        self.inner.claim(family, name, owner, now_ms, take_over_from).await
    }
}

/// A stamp that no other append of this process has.
pub fn stamp() -> Stamp {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Stamp((u128::from(NEXT.fetch_add(1, Ordering::Relaxed)) << 64).to_be_bytes())
}
