//! A store of which one register alone is seen: what walks a whole store can then walk many registers at once.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use ofd_storage::store::{
    Append, Claim, Head, Health, Record, RecordKind, Row, Store, StoreError, StreamId, StreamKind, Version,
};

/// A page of a list that goes on with other owners is read in vain where the owner ends: pages are short.
const PAGE_MAX: usize = 32;

/// Lists the streams of one owner; everything else is the store's.
pub(super) struct OneRegister<S> {
    pub(super) store: Arc<S>,
    pub(super) owner: u64,
}

impl<S: Store> Store for OneRegister<S> {
    async fn streams(
        &self,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> Result<Vec<StreamId>, StoreError> {
        // Ordinals begin at 1, so nothing lies between this and the owner's first stream.
        let before = StreamId { kind, owner: self.owner, ordinal: 0 };
        let from = after.unwrap_or(before).max(before);
        let mut page = self.store.streams(kind, Some(from), limit.min(PAGE_MAX)).await?;
        page.retain(|stream| stream.owner == self.owner);
        Ok(page)
    }

    fn append(&self, append: Append) -> impl Future<Output = Result<Version, StoreError>> + Send {
        self.store.append(append)
    }

    fn head(&self, stream: StreamId) -> impl Future<Output = Result<Option<Head>, StoreError>> + Send {
        self.store.head(stream)
    }

    fn row(
        &self,
        stream: StreamId,
        key: &[u8],
    ) -> impl Future<Output = Result<Option<Bytes>, StoreError>> + Send {
        self.store.row(stream, key)
    }

    fn rows(
        &self,
        stream: StreamId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send {
        self.store.rows(stream, prefix, after, limit)
    }

    fn record(
        &self,
        kind: RecordKind,
        key: &[u8],
    ) -> impl Future<Output = Result<Option<Record>, StoreError>> + Send {
        self.store.record(kind, key)
    }

    fn put_record(
        &self,
        kind: RecordKind,
        key: &[u8],
        expected: Option<Version>,
        bytes: Bytes,
    ) -> impl Future<Output = Result<Version, StoreError>> + Send {
        self.store.put_record(kind, key, expected, bytes)
    }

    fn records(
        &self,
        kind: RecordKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Record>, StoreError>> + Send {
        self.store.records(kind, prefix, after, limit)
    }

    fn claim(
        &self,
        family: &str,
        name: &str,
        owner: &[u8],
        now_ms: u64,
        take_over_from: Option<&[u8]>,
    ) -> impl Future<Output = Result<Claim, StoreError>> + Send {
        self.store.claim(family, name, owner, now_ms, take_over_from)
    }

    fn health(&self) -> impl Future<Output = Health> + Send {
        self.store.health()
    }

    fn close(&self) -> impl Future<Output = Result<(), StoreError>> + Send {
        self.store.close()
    }

    fn is_shared(&self) -> bool {
        self.store.is_shared()
    }
}
