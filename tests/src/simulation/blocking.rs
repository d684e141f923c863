//! A store that needs threads and timers, made to answer within one poll: the simulation's own clock stands still
//! meanwhile, so that a seed gives the same run however long a cluster takes.

use std::future::Future;
use std::sync::{Arc, mpsc};

use bytes::Bytes;
use ofd_storage::store::{
    Append, Claim, Head, HeadFormat, Health, Note, NoteKind, Record, RecordKind, Row, Store, StoreError,
    StreamId, StreamKind, Version,
};
use tokio::runtime::Runtime;

/// A store whose calls run on a runtime of their own while the caller's thread waits.
pub struct Blocking<S> {
    inner: Arc<S>,
    runtime: Arc<Runtime>,
}

impl<S: Store> Blocking<S> {
    /// Runs the calls to `inner` on `runtime`.
    pub fn new(inner: S, runtime: Arc<Runtime>) -> Self {
        Self { inner: Arc::new(inner), runtime }
    }

    fn wait<T, F>(&self, call: impl FnOnce(Arc<S>) -> F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        wait(&self.runtime, call(Arc::clone(&self.inner)))
    }
}

/// Runs a future on another runtime while this thread waits, also where this thread is within a runtime itself.
pub fn wait<T: Send + 'static>(runtime: &Runtime, call: impl Future<Output = T> + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    runtime.spawn(async move {
        // Nobody waits any more only when the whole test is over.
        let _ = sender.send(call.await);
    });
    receiver.recv().expect("a call of the store ends with an answer, or it panicked")
}

impl<S: Store> Store for Blocking<S> {
    async fn append(&self, append: Append) -> Result<Version, StoreError> {
        self.wait(|store| async move { store.append(append).await })
    }

    async fn head(&self, stream: StreamId) -> Result<Option<Head>, StoreError> {
        self.wait(|store| async move { store.head(stream).await })
    }

    async fn row(&self, stream: StreamId, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        let key = key.to_vec();
        self.wait(|store| async move { store.row(stream, &key).await })
    }

    async fn rows(
        &self,
        stream: StreamId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let (prefix, after) = (prefix.to_vec(), after.map(<[u8]>::to_vec));
        self.wait(|store| async move { store.rows(stream, &prefix, after.as_deref(), limit).await })
    }

    async fn streams(
        &self,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> Result<Vec<StreamId>, StoreError> {
        self.wait(|store| async move { store.streams(kind, after, limit).await })
    }

    async fn record(&self, kind: RecordKind, key: &[u8]) -> Result<Option<Record>, StoreError> {
        let key = key.to_vec();
        self.wait(|store| async move { store.record(kind, &key).await })
    }

    async fn put_record(
        &self,
        kind: RecordKind,
        key: &[u8],
        expected: Option<Version>,
        bytes: Bytes,
    ) -> Result<Version, StoreError> {
        let key = key.to_vec();
        self.wait(|store| async move { store.put_record(kind, &key, expected, bytes).await })
    }

    async fn records(
        &self,
        kind: RecordKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let (prefix, after) = (prefix.to_vec(), after.map(<[u8]>::to_vec));
        self.wait(|store| async move { store.records(kind, &prefix, after.as_deref(), limit).await })
    }

    async fn claim(
        &self,
        family: &str,
        name: &str,
        owner: &[u8],
        now_ms: u64,
        take_over_from: Option<&[u8]>,
    ) -> Result<Claim, StoreError> {
        let (family, name, owner) = (family.to_owned(), name.to_owned(), owner.to_vec());
        let from = take_over_from.map(<[u8]>::to_vec);
        self.wait(|store| async move { store.claim(&family, &name, &owner, now_ms, from.as_deref()).await })
    }

    async fn note(&self, note: Note) -> Result<(), StoreError> {
        self.wait(|store| async move { store.note(note).await })
    }

    async fn noted(&self, kind: NoteKind, key: &[u8], now_ms: u64) -> Result<Option<Note>, StoreError> {
        let key = key.to_vec();
        self.wait(|store| async move { store.noted(kind, &key, now_ms).await })
    }

    async fn notes(
        &self,
        kind: NoteKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
        now_ms: u64,
    ) -> Result<Vec<Note>, StoreError> {
        let (prefix, after) = (prefix.to_vec(), after.map(<[u8]>::to_vec));
        self.wait(|store| async move { store.notes(kind, &prefix, after.as_deref(), limit, now_ms).await })
    }

    async fn health(&self) -> Health {
        let store = Arc::clone(&self.inner);
        wait(&self.runtime, async move { store.health().await })
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.wait(|store| async move { store.close().await })
    }

    /// How many gateways share it is for the simulation to say: a run with one is the same run on every backend.
    fn is_shared(&self) -> bool {
        false
    }

    fn head_format(&self) -> HeadFormat {
        self.inner.head_format()
    }
}
