//! The store as it truly is: every write that it acknowledged to anybody is listed here.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use ofd_storage::store::{
    Append, Claim, Head, Health, Record, RecordKind, Row, Stamp, Store, StoreError, StreamId, StreamKind,
    Version,
};

/// An append that the store says it applied, now or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The stream.
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

impl<S: Store> Store for Observed<S> {
    async fn append(&self, append: Append) -> Result<Version, StoreError> {
        let (stream, stamp) = (append.stream, append.stamp);
        let version = self.inner.append(append).await?;
        self.log.push(Applied { stream, version, stamp });
        Ok(version)
    }

    async fn head(&self, stream: StreamId) -> Result<Option<Head>, StoreError> {
        self.inner.head(stream).await
    }

    async fn row(&self, stream: StreamId, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.inner.row(stream, key).await
    }

    async fn rows(
        &self,
        stream: StreamId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        self.inner.rows(stream, prefix, after, limit).await
    }

    async fn streams(
        &self,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> Result<Vec<StreamId>, StoreError> {
        self.inner.streams(kind, after, limit).await
    }

    async fn record(&self, kind: RecordKind, key: &[u8]) -> Result<Option<Record>, StoreError> {
        self.inner.record(kind, key).await
    }

    async fn put_record(
        &self,
        kind: RecordKind,
        key: &[u8],
        expected: Option<Version>,
        bytes: Bytes,
    ) -> Result<Version, StoreError> {
        self.inner.put_record(kind, key, expected, bytes).await
    }

    async fn records(
        &self,
        kind: RecordKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        self.inner.records(kind, prefix, after, limit).await
    }

    async fn claim(
        &self,
        family: &str,
        name: &str,
        owner: &[u8],
        now_ms: u64,
        take_over_from: Option<&[u8]>,
    ) -> Result<Claim, StoreError> {
        self.inner.claim(family, name, owner, now_ms, take_over_from).await
    }

    async fn health(&self) -> Health {
        self.inner.health().await
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.inner.close().await
    }

    fn is_shared(&self) -> bool {
        self.inner.is_shared()
    }
}
