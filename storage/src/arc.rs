//! A store behind an `Arc` is a store: several users of one backend in one process.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;

use crate::store::{
    Append, Claim, Head, Health, Record, RecordKind, Row, Store, StoreError, StreamId, StreamKind, Version,
};

impl<S: Store> Store for Arc<S> {
    fn append(&self, append: Append) -> impl Future<Output = Result<Version, StoreError>> + Send {
        S::append(self, append)
    }

    fn head(&self, stream: StreamId) -> impl Future<Output = Result<Option<Head>, StoreError>> + Send {
        S::head(self, stream)
    }

    fn row(
        &self,
        stream: StreamId,
        key: &[u8],
    ) -> impl Future<Output = Result<Option<Bytes>, StoreError>> + Send {
        S::row(self, stream, key)
    }

    fn rows(
        &self,
        stream: StreamId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send {
        S::rows(self, stream, prefix, after, limit)
    }

    fn streams(
        &self,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<StreamId>, StoreError>> + Send {
        S::streams(self, kind, after, limit)
    }

    fn record(
        &self,
        kind: RecordKind,
        key: &[u8],
    ) -> impl Future<Output = Result<Option<Record>, StoreError>> + Send {
        S::record(self, kind, key)
    }

    fn put_record(
        &self,
        kind: RecordKind,
        key: &[u8],
        expected: Option<Version>,
        bytes: Bytes,
    ) -> impl Future<Output = Result<Version, StoreError>> + Send {
        S::put_record(self, kind, key, expected, bytes)
    }

    fn records(
        &self,
        kind: RecordKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Record>, StoreError>> + Send {
        S::records(self, kind, prefix, after, limit)
    }

    fn claim(
        &self,
        family: &str,
        name: &str,
        owner: &[u8],
        now_ms: u64,
        take_over_from: Option<&[u8]>,
    ) -> impl Future<Output = Result<Claim, StoreError>> + Send {
        S::claim(self, family, name, owner, now_ms, take_over_from)
    }

    fn health(&self) -> impl Future<Output = Health> + Send {
        S::health(self)
    }

    fn close(&self) -> impl Future<Output = Result<(), StoreError>> + Send {
        S::close(self)
    }

    fn is_shared(&self) -> bool {
        S::is_shared(self)
    }
}
