//! The store that a config names, whichever backend it is: so a process is built for one type.

use bytes::Bytes;

use crate::cql::CqlStore;
use crate::embedded::{EmbeddedStore, Loss};
use crate::every_call;
use crate::store::{
    Append, Claim, Head, HeadFormat, Health, Note, NoteKind, Record, RecordKind, Row, Store, StoreError,
    StreamId, StreamKind, Version,
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

/// A call of whichever store it is.
macro_rules! to_either {
    ($($_kind:ident { $($call:ident($($argument:ident: $type:ty),*) -> $result:ty;)+ })+) => {
        $($(
            async fn $call(&self, $($argument: $type),*) -> Result<$result, StoreError> {
                match self {
                    Self::Embedded(store) => store.$call($($argument),*).await,
                    Self::Cql(store) => store.$call($($argument),*).await,
                }
            }
        )+)+
    };
}

impl Store for AnyStore {
    every_call!(to_either);

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
