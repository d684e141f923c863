//! Stores over another store: each says what it does differently, everything else goes through.

use std::future::Future;

use bytes::Bytes;

use crate::store::{
    Append, Claim, Head, HeadFormat, Health, Record, RecordKind, Row, Store, StoreError, StreamId,
    StreamKind, Version,
};

/// A [`Store`] over another one. Every call goes to the inner store unless it is written anew.
///
/// Implement it by its path, without an import: both traits have the same methods.
pub trait Through: Send + Sync + 'static {
    /// The store inside.
    type Inner: Store;

    /// Where calls go.
    fn inner(&self) -> &Self::Inner;

    /// What becomes of [`Store::append`].
    fn append(&self, append: Append) -> impl Future<Output = Result<Version, StoreError>> + Send {
        Store::append(self.inner(), append)
    }

    /// What becomes of [`Store::head`].
    fn head(&self, stream: StreamId) -> impl Future<Output = Result<Option<Head>, StoreError>> + Send {
        Store::head(self.inner(), stream)
    }

    /// What becomes of [`Store::row`].
    fn row(
        &self,
        stream: StreamId,
        key: &[u8],
    ) -> impl Future<Output = Result<Option<Bytes>, StoreError>> + Send {
        Store::row(self.inner(), stream, key)
    }

    /// What becomes of [`Store::rows`].
    fn rows(
        &self,
        stream: StreamId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send {
        Store::rows(self.inner(), stream, prefix, after, limit)
    }

    /// What becomes of [`Store::streams`].
    fn streams(
        &self,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<StreamId>, StoreError>> + Send {
        Store::streams(self.inner(), kind, after, limit)
    }

    /// What becomes of [`Store::record`].
    fn record(
        &self,
        kind: RecordKind,
        key: &[u8],
    ) -> impl Future<Output = Result<Option<Record>, StoreError>> + Send {
        Store::record(self.inner(), kind, key)
    }

    /// What becomes of [`Store::put_record`].
    fn put_record(
        &self,
        kind: RecordKind,
        key: &[u8],
        expected: Option<Version>,
        bytes: Bytes,
    ) -> impl Future<Output = Result<Version, StoreError>> + Send {
        Store::put_record(self.inner(), kind, key, expected, bytes)
    }

    /// What becomes of [`Store::records`].
    fn records(
        &self,
        kind: RecordKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Record>, StoreError>> + Send {
        Store::records(self.inner(), kind, prefix, after, limit)
    }

    /// What becomes of [`Store::claim`].
    fn claim(
        &self,
        family: &str,
        name: &str,
        owner: &[u8],
        now_ms: u64,
        take_over_from: Option<&[u8]>,
    ) -> impl Future<Output = Result<Claim, StoreError>> + Send {
        Store::claim(self.inner(), family, name, owner, now_ms, take_over_from)
    }

    /// What becomes of [`Store::health`].
    fn health(&self) -> impl Future<Output = Health> + Send {
        Store::health(self.inner())
    }

    /// What becomes of [`Store::close`].
    fn close(&self) -> impl Future<Output = Result<(), StoreError>> + Send {
        Store::close(self.inner())
    }

    /// What becomes of [`Store::is_shared`].
    fn is_shared(&self) -> bool {
        Store::is_shared(self.inner())
    }

    /// What becomes of [`Store::head_format`].
    fn head_format(&self) -> HeadFormat {
        Store::head_format(self.inner())
    }
}

impl<T: Through> Store for T {
    fn append(&self, append: Append) -> impl Future<Output = Result<Version, StoreError>> + Send {
        Through::append(self, append)
    }

    fn head(&self, stream: StreamId) -> impl Future<Output = Result<Option<Head>, StoreError>> + Send {
        Through::head(self, stream)
    }

    fn row(
        &self,
        stream: StreamId,
        key: &[u8],
    ) -> impl Future<Output = Result<Option<Bytes>, StoreError>> + Send {
        Through::row(self, stream, key)
    }

    fn rows(
        &self,
        stream: StreamId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send {
        Through::rows(self, stream, prefix, after, limit)
    }

    fn streams(
        &self,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<StreamId>, StoreError>> + Send {
        Through::streams(self, kind, after, limit)
    }

    fn record(
        &self,
        kind: RecordKind,
        key: &[u8],
    ) -> impl Future<Output = Result<Option<Record>, StoreError>> + Send {
        Through::record(self, kind, key)
    }

    fn put_record(
        &self,
        kind: RecordKind,
        key: &[u8],
        expected: Option<Version>,
        bytes: Bytes,
    ) -> impl Future<Output = Result<Version, StoreError>> + Send {
        Through::put_record(self, kind, key, expected, bytes)
    }

    fn records(
        &self,
        kind: RecordKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Record>, StoreError>> + Send {
        Through::records(self, kind, prefix, after, limit)
    }

    fn claim(
        &self,
        family: &str,
        name: &str,
        owner: &[u8],
        now_ms: u64,
        take_over_from: Option<&[u8]>,
    ) -> impl Future<Output = Result<Claim, StoreError>> + Send {
        Through::claim(self, family, name, owner, now_ms, take_over_from)
    }

    fn health(&self) -> impl Future<Output = Health> + Send {
        Through::health(self)
    }

    fn close(&self) -> impl Future<Output = Result<(), StoreError>> + Send {
        Through::close(self)
    }

    fn is_shared(&self) -> bool {
        Through::is_shared(self)
    }

    fn head_format(&self) -> HeadFormat {
        Through::head_format(self)
    }
}
