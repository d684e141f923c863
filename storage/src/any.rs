//! The store that a config names, whichever backend it is: so a process is built for one type.

use bytes::Bytes;

use crate::cql::CqlStore;
use crate::embedded::{EmbeddedStore, Loss};
use crate::store::{
    Append, Claim, Head, HeadFormat, Health, Record, RecordKind, Row, Store, StoreError, StreamId,
    StreamKind, Version,
};

/// A store of any backend.
pub enum AnyStore {
    /// In a directory of this process.
    Embedded(EmbeddedStore),
    /// In a cluster; its prepared statements take room.
    Cql(Box<CqlStore>),
}

impl AnyStore {
    /// What was acknowledged and is missing, as far as it showed when the store was opened.
    #[must_use]
    pub fn loss(&self) -> Option<&Loss> {
        match self {
            Self::Embedded(store) => store.loss(),
            Self::Cql(_) => None,
        }
    }
}

impl From<EmbeddedStore> for AnyStore {
    fn from(store: EmbeddedStore) -> Self {
        Self::Embedded(store)
    }
}

impl From<CqlStore> for AnyStore {
    fn from(store: CqlStore) -> Self {
        Self::Cql(Box::new(store))
    }
}

impl Store for AnyStore {
    async fn append(&self, append: Append) -> Result<Version, StoreError> {
        match self {
            Self::Embedded(store) => store.append(append).await,
            Self::Cql(store) => store.append(append).await,
        }
    }

    async fn head(&self, stream: StreamId) -> Result<Option<Head>, StoreError> {
        match self {
            Self::Embedded(store) => store.head(stream).await,
            Self::Cql(store) => store.head(stream).await,
        }
    }

    async fn row(&self, stream: StreamId, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        match self {
            Self::Embedded(store) => store.row(stream, key).await,
            Self::Cql(store) => store.row(stream, key).await,
        }
    }

    async fn rows(
        &self,
        stream: StreamId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Embedded(store) => store.rows(stream, prefix, after, limit).await,
            Self::Cql(store) => store.rows(stream, prefix, after, limit).await,
        }
    }

    async fn streams(
        &self,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> Result<Vec<StreamId>, StoreError> {
        match self {
            Self::Embedded(store) => store.streams(kind, after, limit).await,
            Self::Cql(store) => store.streams(kind, after, limit).await,
        }
    }

    async fn record(&self, kind: RecordKind, key: &[u8]) -> Result<Option<Record>, StoreError> {
        match self {
            Self::Embedded(store) => store.record(kind, key).await,
            Self::Cql(store) => store.record(kind, key).await,
        }
    }

    async fn put_record(
        &self,
        kind: RecordKind,
        key: &[u8],
        expected: Option<Version>,
        bytes: Bytes,
    ) -> Result<Version, StoreError> {
        match self {
            Self::Embedded(store) => store.put_record(kind, key, expected, bytes).await,
            Self::Cql(store) => store.put_record(kind, key, expected, bytes).await,
        }
    }

    async fn records(
        &self,
        kind: RecordKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        match self {
            Self::Embedded(store) => store.records(kind, prefix, after, limit).await,
            Self::Cql(store) => store.records(kind, prefix, after, limit).await,
        }
    }

    async fn claim(
        &self,
        family: &str,
        name: &str,
        owner: &[u8],
        now_ms: u64,
        take_over_from: Option<&[u8]>,
    ) -> Result<Claim, StoreError> {
        match self {
            Self::Embedded(store) => store.claim(family, name, owner, now_ms, take_over_from).await,
            Self::Cql(store) => store.claim(family, name, owner, now_ms, take_over_from).await,
        }
    }

    async fn health(&self) -> Health {
        match self {
            Self::Embedded(store) => store.health().await,
            Self::Cql(store) => store.health().await,
        }
    }

    async fn close(&self) -> Result<(), StoreError> {
        match self {
            Self::Embedded(store) => store.close().await,
            Self::Cql(store) => store.close().await,
        }
    }

    fn is_shared(&self) -> bool {
        match self {
            Self::Embedded(store) => store.is_shared(),
            Self::Cql(store) => store.is_shared(),
        }
    }

    fn head_format(&self) -> HeadFormat {
        match self {
            Self::Embedded(store) => store.head_format(),
            Self::Cql(store) => store.head_format(),
        }
    }
}
