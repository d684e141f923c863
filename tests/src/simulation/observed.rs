//! The store as it truly is: every write that it acknowledged to anybody is listed here.

use std::sync::{Arc, Mutex, PoisonError};

use ofd_storage::store::{Append, Stamp, Store, StoreError, StreamId, Version};
use ofd_storage::through;

/// An append that the store says it applied, now or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The stream that was written.
    pub stream: StreamId,
    /// The version the store named.
    pub version: Version,
    /// Whose append it was.
    pub stamp: Stamp,
}

/// What was applied since it was last taken; its clones are one list.
#[derive(Clone, Debug, Default)]
pub struct WriteLog(Arc<Mutex<Vec<Applied>>>);

impl WriteLog {
    /// Takes what is listed.
    pub fn take(&self) -> Vec<Applied> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn push(&self, applied: Applied) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(applied);
    }
}

/// A store that lists the appends it applied.
pub struct Observed<S> {
    inner: S,
    log: WriteLog,
}

impl<S> Observed<S> {
    /// Lists the appends to `inner` in `log`.
    pub fn new(inner: S, log: WriteLog) -> Self {
        Self { inner, log }
    }

    /// The store inside.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S: Store> through::Through for Observed<S> {
    type Inner = S;

    fn inner(&self) -> &S {
        &self.inner
    }

    async fn append(&self, append: Append) -> Result<Version, StoreError> {
        let (stream, stamp) = (append.stream, append.stamp);
        let version = self.inner.append(append).await?;
        self.log.push(Applied { stream, version, stamp });
        Ok(version)
    }
}
