//! What every case of the suite stands on: how it gets its stores, and how it says what fails.

use std::fmt::Debug;
use std::future::Future;

use bytes::Bytes;

use crate::store::{Append, Head, RecordKind, Row, Stamp, Store, StoreError, StreamId, StreamKind, Version};

/// How the suite gets its stores.
pub trait Backend {
    /// The store under test.
    type Store: Store;

    /// A store without content.
    fn fresh(&mut self) -> impl Future<Output = Self::Store>;

    /// A store on the content of one that was closed.
    fn reopen(&mut self, closed: Self::Store) -> impl Future<Output = Self::Store>;
}

/// A case under way: names itself in whatever fails.
pub(super) struct Case<'a, S> {
    name: &'static str,
    pub(super) store: &'a S,
}

impl<'a, S: Store> Case<'a, S> {
    pub(super) fn new(name: &'static str, store: &'a S) -> Self {
        Self { name, store }
    }

    #[track_caller]
    pub(super) fn check(&self, what: &str, holds: bool) {
        if !holds {
            panic!("{}: {what} does not hold", self.name);
        }
    }

    #[track_caller]
    pub(super) fn same<T: Debug + PartialEq>(&self, what: &str, got: T, want: T) {
        if got != want {
            panic!("{}: {what} is {got:?}, not {want:?}", self.name);
        }
    }

    #[track_caller]
    pub(super) fn ok<T>(&self, what: &str, result: Result<T, StoreError>) -> T {
        match result {
            Ok(value) => value,
            Err(error) => panic!("{}: {what} failed: {error}", self.name),
        }
    }

    #[track_caller]
    pub(super) fn unavailable<T: Debug>(&self, what: &str, result: Result<T, StoreError>) {
        if !matches!(result, Err(StoreError::Unavailable { .. })) {
            panic!("{}: {what} gave {result:?}, not Unavailable", self.name);
        }
    }

    #[track_caller]
    pub(super) fn too_large<T: Debug>(&self, what: &str, result: Result<T, StoreError>, len: usize) {
        match result {
            Err(StoreError::TooLarge { len: told, .. }) => self.same(what, told, len),
            other => panic!("{}: {what} gave {other:?}, not TooLarge", self.name),
        }
    }

    #[track_caller]
    pub(super) fn is_conflict<T: Debug>(
        &self,
        result: Result<T, StoreError>,
        want: (Option<u64>, Option<u64>),
    ) {
        match result {
            Err(StoreError::Conflict { expected, found, what }) => {
                self.same("the conflict", (expected, found), (want.0.map(Version), want.1.map(Version)));
                self.check("the conflict says where", !what.is_empty());
            }
            other => panic!("{}: got {other:?}, not a conflict", self.name),
        }
    }

    pub(super) async fn appends(&self, append: Append) -> Version {
        let what = format!("append after {:?}", append.expected);
        self.ok(&what, self.store.append(append).await)
    }

    pub(super) async fn conflicts(&self, append: Append, found: Option<u64>) {
        let expected = append.expected.map(|version| version.0);
        self.is_conflict(self.store.append(append).await, (expected, found));
    }

    pub(super) async fn head(&self, stream: StreamId) -> Option<Head> {
        self.ok("head", self.store.head(stream).await)
    }

    pub(super) async fn head_is(&self, stream: StreamId, version: Option<u64>) {
        let found = self.head(stream).await.map(|head| head.version);
        self.same("the head's version", found, version.map(Version));
    }

    pub(super) async fn puts(
        &self,
        kind: RecordKind,
        key: &[u8],
        expected: Option<u64>,
        bytes: &'static [u8],
    ) -> Version {
        let put = self.store.put_record(kind, key, expected.map(Version), Bytes::from_static(bytes));
        self.ok("put_record", put.await)
    }

    pub(super) async fn keys(
        &self,
        stream: StreamId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Vec<Bytes> {
        let rows = self.ok("rows", self.store.rows(stream, prefix, after, limit).await);
        rows.into_iter().map(|row| row.key).collect()
    }
}

pub(super) fn shift(owner: u64, ordinal: u32) -> StreamId {
    StreamId { kind: StreamKind::Shift, owner, ordinal }
}

/// A stamp that is another for every stream and version.
pub(super) fn stamp(stream: StreamId, version: u8) -> Stamp {
    let owner = u128::from(stream.owner) << 40;
    Stamp((owner | u128::from(stream.ordinal) << 8 | u128::from(version)).to_be_bytes())
}

/// An append after `version` writes (0: the first), whose head tells its version.
pub(super) fn append(stream: StreamId, version: u8, rows: &[(&[u8], &[u8])]) -> Append {
    let row = |(key, value): &(&[u8], &[u8])| Row {
        key: Bytes::copy_from_slice(key),
        value: Bytes::copy_from_slice(value),
    };
    Append {
        stream,
        expected: (version > 0).then_some(Version(version.into())),
        stamp: stamp(stream, version),
        head: format!("head after {version}").into(),
        rows: rows.iter().map(row).collect(),
        notes: Vec::new(),
    }
}

pub(super) fn keys(keys: &[&'static [u8]]) -> Vec<Bytes> {
    keys.iter().map(|key| Bytes::from_static(key)).collect()
}
