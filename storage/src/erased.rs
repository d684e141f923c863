//! A store behind a pointer, whichever it is: what waits for people is compiled once, not once for each store.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;

use crate::every_call;
use crate::store::{
    Append, Claim, Head, HeadFormat, Health, Note, NoteKind, Record, RecordKind, Row, Store, StoreError,
    StreamId, StreamKind, Version,
};

/// A [`Store`] of any type; clones lead to the same one. A call costs one allocation more than the store's own, which is
/// nothing to a page and too much on the way of a receipt.
#[derive(Clone)]
pub struct DynStore(Arc<dyn Erased>);

impl<S: Store> From<Arc<S>> for DynStore {
    fn from(store: Arc<S>) -> Self {
        Self(store)
    }
}

impl fmt::Debug for DynStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DynStore")
    }
}

/// What comes of a call.
type Called<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// The calls of [`Store`] with futures of one type each.
trait Erased: Send + Sync {
    fn append(&self, append: Append) -> Called<'_, Version>;
    fn head(&self, stream: StreamId) -> Called<'_, Option<Head>>;
    fn row<'a>(&'a self, stream: StreamId, key: &'a [u8]) -> Called<'a, Option<Bytes>>;
    fn rows<'a>(
        &'a self,
        stream: StreamId,
        prefix: &'a [u8],
        after: Option<&'a [u8]>,
        limit: usize,
    ) -> Called<'a, Vec<Row>>;
    fn streams(&self, kind: StreamKind, after: Option<StreamId>, limit: usize) -> Called<'_, Vec<StreamId>>;
    fn record<'a>(&'a self, kind: RecordKind, key: &'a [u8]) -> Called<'a, Option<Record>>;
    fn put_record<'a>(
        &'a self,
        kind: RecordKind,
        key: &'a [u8],
        expected: Option<Version>,
        bytes: Bytes,
    ) -> Called<'a, Version>;
    fn records<'a>(
        &'a self,
        kind: RecordKind,
        prefix: &'a [u8],
        after: Option<&'a [u8]>,
        limit: usize,
    ) -> Called<'a, Vec<Record>>;
    fn claim<'a>(
        &'a self,
        family: &'a str,
        name: &'a str,
        owner: &'a [u8],
        now_ms: u64,
        take_over_from: Option<&'a [u8]>,
    ) -> Called<'a, Claim>;
    fn note(&self, note: Note) -> Called<'_, ()>;
    fn noted<'a>(&'a self, kind: NoteKind, key: &'a [u8], now_ms: u64) -> Called<'a, Option<Note>>;
    fn notes<'a>(
        &'a self,
        kind: NoteKind,
        prefix: &'a [u8],
        after: Option<&'a [u8]>,
        limit: usize,
        now_ms: u64,
    ) -> Called<'a, Vec<Note>>;
    fn health(&self) -> BoxFuture<'_, Health>;
    fn close(&self) -> Called<'_, ()>;
    fn is_shared(&self) -> bool;
    fn head_format(&self) -> HeadFormat;
}

impl<S: Store> Erased for S {
    fn append(&self, append: Append) -> Called<'_, Version> {
        Box::pin(Store::append(self, append))
    }

    fn head(&self, stream: StreamId) -> Called<'_, Option<Head>> {
        Box::pin(Store::head(self, stream))
    }

    fn row<'a>(&'a self, stream: StreamId, key: &'a [u8]) -> Called<'a, Option<Bytes>> {
        Box::pin(Store::row(self, stream, key))
    }

    fn rows<'a>(
        &'a self,
        stream: StreamId,
        prefix: &'a [u8],
        after: Option<&'a [u8]>,
        limit: usize,
    ) -> Called<'a, Vec<Row>> {
        Box::pin(Store::rows(self, stream, prefix, after, limit))
    }

    fn streams(&self, kind: StreamKind, after: Option<StreamId>, limit: usize) -> Called<'_, Vec<StreamId>> {
        Box::pin(Store::streams(self, kind, after, limit))
    }

    fn record<'a>(&'a self, kind: RecordKind, key: &'a [u8]) -> Called<'a, Option<Record>> {
        Box::pin(Store::record(self, kind, key))
    }

    fn put_record<'a>(
        &'a self,
        kind: RecordKind,
        key: &'a [u8],
        expected: Option<Version>,
        bytes: Bytes,
    ) -> Called<'a, Version> {
        Box::pin(Store::put_record(self, kind, key, expected, bytes))
    }

    fn records<'a>(
        &'a self,
        kind: RecordKind,
        prefix: &'a [u8],
        after: Option<&'a [u8]>,
        limit: usize,
    ) -> Called<'a, Vec<Record>> {
        Box::pin(Store::records(self, kind, prefix, after, limit))
    }

    fn claim<'a>(
        &'a self,
        family: &'a str,
        name: &'a str,
        owner: &'a [u8],
        now_ms: u64,
        take_over_from: Option<&'a [u8]>,
    ) -> Called<'a, Claim> {
        Box::pin(Store::claim(self, family, name, owner, now_ms, take_over_from))
    }

    fn note(&self, note: Note) -> Called<'_, ()> {
        Box::pin(Store::note(self, note))
    }

    fn noted<'a>(&'a self, kind: NoteKind, key: &'a [u8], now_ms: u64) -> Called<'a, Option<Note>> {
        Box::pin(Store::noted(self, kind, key, now_ms))
    }

    fn notes<'a>(
        &'a self,
        kind: NoteKind,
        prefix: &'a [u8],
        after: Option<&'a [u8]>,
        limit: usize,
        now_ms: u64,
    ) -> Called<'a, Vec<Note>> {
        Box::pin(Store::notes(self, kind, prefix, after, limit, now_ms))
    }

    fn health(&self) -> BoxFuture<'_, Health> {
        Box::pin(Store::health(self))
    }

    fn close(&self) -> Called<'_, ()> {
        Box::pin(Store::close(self))
    }

    fn is_shared(&self) -> bool {
        Store::is_shared(self)
    }

    fn head_format(&self) -> HeadFormat {
        Store::head_format(self)
    }
}

/// A call of the store behind the pointer.
macro_rules! to_erased {
    ($($_kind:ident { $($call:ident($($argument:ident: $type:ty),*) -> $result:ty;)+ })+) => {
        $($(
            async fn $call(&self, $($argument: $type),*) -> Result<$result, StoreError> {
                self.0.$call($($argument),*).await
            }
        )+)+
    };
}

impl Store for DynStore {
    every_call!(to_erased);

    async fn health(&self) -> Health {
        self.0.health().await
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.0.close().await
    }

    fn is_shared(&self) -> bool {
        self.0.is_shared()
    }

    fn head_format(&self) -> HeadFormat {
        self.0.head_format()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{self, Backend};
    use crate::memory::MemoryStore;

    struct Erasing {
        inside: Arc<MemoryStore>,
    }

    impl Backend for Erasing {
        type Store = DynStore;

        async fn fresh(&mut self) -> DynStore {
            self.inside = Arc::new(MemoryStore::new());
            DynStore::from(Arc::clone(&self.inside))
        }

        async fn reopen(&mut self, _closed: DynStore) -> DynStore {
            self.inside = Arc::new(self.inside.another_handle());
            DynStore::from(Arc::clone(&self.inside))
        }
    }

    #[test]
    fn a_store_behind_a_pointer_keeps_the_contract() {
        futures::executor::block_on(conformance::all(&mut Erasing { inside: Arc::new(MemoryStore::new()) }));
    }
}
