//! One of the two stores, asked with patience: a cluster that a node leaves answers again in seconds.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ofd_storage::store::{
    Append, Head, Note, NoteKind, Record, RecordKind, Row, Store, StoreError, StreamId, StreamKind, Version,
};
use tokio_util::sync::CancellationToken;

use super::error::CopyError;
use super::names::SideName;
use super::progress::Progress;

/// How long a store may fail in passing.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The pause before the first repeat; it doubles with each.
    pub first_pause: Duration,
    /// The longest pause.
    pub pause_max: Duration,
    /// After this long the copy ends; it can be continued.
    pub total: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first_pause: Duration::from_millis(100),
            pause_max: Duration::from_secs(5),
            total: Duration::from_secs(60),
        }
    }
}

/// A store and how it is asked.
pub(super) struct Side<S> {
    store: Arc<S>,
    name: SideName,
    patience: Patience,
    progress: Arc<Progress>,
    stop: CancellationToken,
}

impl<S: Store> Side<S> {
    pub(super) fn new(
        store: Arc<S>,
        (name, patience, progress, stop): (SideName, Patience, Arc<Progress>, CancellationToken),
    ) -> Self {
        Self { store, name, patience, progress, stop }
    }

    pub(super) fn store(&self) -> &Arc<S> {
        &self.store
    }

    pub(super) fn is_shared(&self) -> bool {
        self.store.is_shared()
    }

    pub(super) fn error(&self, source: StoreError) -> CopyError {
        CopyError::Store { side: self.name, source }
    }

    /// Repeats a call while the store fails in passing. A write must be one that may be repeated.
    pub(super) async fn patiently<V, F>(&self, mut call: impl FnMut() -> F) -> Result<V, StoreError>
    where
        F: Future<Output = Result<V, StoreError>>,
    {
        let since = Instant::now();
        let mut pause = self.patience.first_pause;
        loop {
            match call().await {
                Err(error @ (StoreError::Unavailable { .. } | StoreError::Unknown { .. }))
                    if since.elapsed() < self.patience.total && !self.stop.is_cancelled() =>
                {
                    self.progress.trouble(self.name, &error);
                }
                settled => return settled,
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.stop.cancelled() => {}
            }
            pause = pause.saturating_mul(2).min(self.patience.pause_max);
        }
    }

    async fn ask<V, F>(&self, call: impl FnMut() -> F) -> Result<V, CopyError>
    where
        F: Future<Output = Result<V, StoreError>>,
    {
        self.patiently(call).await.map_err(|error| self.error(error))
    }

    pub(super) async fn head(&self, stream: StreamId) -> Result<Option<Head>, CopyError> {
        self.ask(|| self.store.head(stream)).await
    }

    pub(super) async fn rows(
        &self,
        stream: StreamId,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, CopyError> {
        self.ask(|| self.store.rows(stream, b"", after, limit)).await
    }

    pub(super) async fn streams(
        &self,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> Result<Vec<StreamId>, CopyError> {
        self.ask(|| self.store.streams(kind, after, limit)).await
    }

    pub(super) async fn record(&self, kind: RecordKind, key: &[u8]) -> Result<Option<Record>, CopyError> {
        self.ask(|| self.store.record(kind, key)).await
    }

    pub(super) async fn records(
        &self,
        kind: RecordKind,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Record>, CopyError> {
        self.ask(|| self.store.records(kind, b"", after, limit)).await
    }

    pub(super) async fn notes(
        &self,
        kind: NoteKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
        now_ms: u64,
    ) -> Result<Vec<Note>, CopyError> {
        self.ask(|| self.store.notes(kind, prefix, after, limit, now_ms)).await
    }

    /// Appends; `None` when the head is not at the expected version.
    pub(super) async fn append(&self, append: &Append) -> Result<Option<Version>, CopyError> {
        match self.patiently(|| self.store.append(append.clone())).await {
            Ok(version) => Ok(Some(version)),
            Err(StoreError::Conflict { .. }) => Ok(None),
            Err(error) => Err(self.error(error)),
        }
    }
}
