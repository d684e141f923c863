//! Stores over another store: each says what it does differently, everything else goes through.

use std::future::Future;

use bytes::Bytes;

use crate::every_call;
use crate::store::{
    Append, Claim, Head, HeadFormat, Health, Note, NoteKind, Record, RecordKind, Row, Store, StoreError,
    StreamId, StreamKind, Version,
};

/// What becomes of a call: it goes to the inner store.
macro_rules! to_inner {
    ($($_kind:ident { $($call:ident($($argument:ident: $type:ty),*) -> $result:ty;)+ })+) => {
        $($(
            #[doc = concat!("What becomes of [`Store::", stringify!($call), "`].")]
            fn $call(
                &self,
                $($argument: $type),*
            ) -> impl Future<Output = Result<$result, StoreError>> + Send {
                Store::$call(self.inner(), $($argument),*)
            }
        )+)+
    };
}

/// A call of the store that says what becomes of it.
macro_rules! to_through {
    ($($_kind:ident { $($call:ident($($argument:ident: $type:ty),*) -> $result:ty;)+ })+) => {
        $($(
            fn $call(
                &self,
                $($argument: $type),*
            ) -> impl Future<Output = Result<$result, StoreError>> + Send {
                Through::$call(self, $($argument),*)
            }
        )+)+
    };
}

/// A [`Store`] over another one. Every call goes to the inner store unless it is written anew.
///
/// Implement it by its path, without an import: both traits have the same methods.
pub trait Through: Send + Sync + 'static {
    /// The store inside.
    type Inner: Store;

    /// Where calls go.
    fn inner(&self) -> &Self::Inner;

    every_call!(to_inner);

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
    every_call!(to_through);

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
