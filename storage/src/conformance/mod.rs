//! One suite that every backend must pass: the sentences of the [`Store`] contract, each as a case.
//!
//! Test code in a library, so that the tests of any crate can run it against any backend. A failed case panics
//! and names itself.
#![expect(clippy::panic, reason = "a failed case is a failed test")]

mod claims;
mod contention;
mod people;
mod records;
mod streams;

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

/// Runs every case, each on a fresh store.
pub async fn all<B: Backend>(backend: &mut B) {
    streams::all(backend).await;
    records::all(backend).await;
    claims::all(backend).await;
    contention::all(backend).await;
    people::all(backend).await;
    what_was_acknowledged_is_there_after_reopening(backend).await;
    a_closed_store_refuses_everything(backend).await;
}

async fn what_was_acknowledged_is_there_after_reopening<B: Backend>(backend: &mut B) {
    let store = backend.fresh().await;
    let case = Case::new("what was acknowledged is there after reopening", &store);
    let stream = shift(1, 1);
    for version in 0..20 {
        let append = append(stream, version, &[(&[b'd', version], b"document")]);
        case.appends(append).await;
    }
    case.puts(RecordKind::Register, b"r", None, b"register").await;
    case.ok("claim", store.claim("login", "asel", b"u1", 5, None).await);
    case.ok("close", store.close().await);
    let store = backend.reopen(store).await;
    let case = Case::new("what was acknowledged is there after reopening", &store);
    case.head_is(stream, Some(20)).await;
    case.same("rows", case.ok("rows", store.rows(stream, b"", None, 100).await).len(), 20);
    let record = case.ok("record", store.record(RecordKind::Register, b"r").await);
    case.same("record", record.map(|record| record.bytes), Some(Bytes::from_static(b"register")));
    let claim = case.ok("claim", store.claim("login", "asel", b"u2", 9, None).await);
    case.same("claim", claim, crate::store::Claim::Taken { owner: Bytes::from_static(b"u1"), since_ms: 5 });
    // The conditions still hold against what was reopened, not only the reads.
    case.conflicts(append(stream, 0, &[]), Some(20)).await;
    case.same("version", case.appends(append(stream, 20, &[])).await, Version(21));
}

async fn a_closed_store_refuses_everything<B: Backend>(backend: &mut B) {
    let store = backend.fresh().await;
    let case = Case::new("a closed store refuses everything", &store);
    case.appends(append(shift(1, 1), 0, &[])).await;
    case.ok("close", store.close().await);
    case.unavailable("append", store.append(append(shift(1, 1), 1, &[])).await);
    case.unavailable("head", store.head(shift(1, 1)).await);
    case.unavailable("rows", store.rows(shift(1, 1), b"", None, 1).await);
    case.unavailable("put_record", store.put_record(RecordKind::Register, b"r", None, Bytes::new()).await);
    case.unavailable("claim", store.claim("login", "asel", b"u", 1, None).await);
    case.check("health tells", store.health().await != crate::store::Health::Ready);
}

/// A case under way: names itself in whatever fails.
struct Case<'a, S> {
    name: &'static str,
    store: &'a S,
}

impl<'a, S: Store> Case<'a, S> {
    fn new(name: &'static str, store: &'a S) -> Self {
        Self { name, store }
    }

    #[track_caller]
    fn check(&self, what: &str, holds: bool) {
        if !holds {
            panic!("{}: {what} does not hold", self.name);
        }
    }

    #[track_caller]
    fn same<T: Debug + PartialEq>(&self, what: &str, got: T, want: T) {
        if got != want {
            panic!("{}: {what} is {got:?}, not {want:?}", self.name);
        }
    }

    #[track_caller]
    fn ok<T>(&self, what: &str, result: Result<T, StoreError>) -> T {
        match result {
            Ok(value) => value,
            Err(error) => panic!("{}: {what} failed: {error}", self.name),
        }
    }

    #[track_caller]
    fn unavailable<T: Debug>(&self, what: &str, result: Result<T, StoreError>) {
        if !matches!(result, Err(StoreError::Unavailable { .. })) {
            panic!("{}: {what} gave {result:?}, not Unavailable", self.name);
        }
    }

    #[track_caller]
    fn too_large<T: Debug>(&self, what: &str, result: Result<T, StoreError>, len: usize) {
        match result {
            Err(StoreError::TooLarge { len: told, .. }) => self.same(what, told, len),
            other => panic!("{}: {what} gave {other:?}, not TooLarge", self.name),
        }
    }

    #[track_caller]
    fn is_conflict<T: Debug>(&self, result: Result<T, StoreError>, want: (Option<u64>, Option<u64>)) {
        match result {
            Err(StoreError::Conflict { expected, found, what }) => {
                self.same("the conflict", (expected, found), (want.0.map(Version), want.1.map(Version)));
                self.check("the conflict says where", !what.is_empty());
            }
            other => panic!("{}: got {other:?}, not a conflict", self.name),
        }
    }

    async fn appends(&self, append: Append) -> Version {
        let what = format!("append after {:?}", append.expected);
        self.ok(&what, self.store.append(append).await)
    }

    async fn conflicts(&self, append: Append, found: Option<u64>) {
        let expected = append.expected.map(|version| version.0);
        self.is_conflict(self.store.append(append).await, (expected, found));
    }

    async fn head(&self, stream: StreamId) -> Option<Head> {
        self.ok("head", self.store.head(stream).await)
    }

    async fn head_is(&self, stream: StreamId, version: Option<u64>) {
        let found = self.head(stream).await.map(|head| head.version);
        self.same("the head's version", found, version.map(Version));
    }

    async fn puts(
        &self,
        kind: RecordKind,
        key: &[u8],
        expected: Option<u64>,
        bytes: &'static [u8],
    ) -> Version {
        let put = self.store.put_record(kind, key, expected.map(Version), Bytes::from_static(bytes));
        self.ok("put_record", put.await)
    }

    async fn keys(&self, stream: StreamId, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Vec<Bytes> {
        let rows = self.ok("rows", self.store.rows(stream, prefix, after, limit).await);
        rows.into_iter().map(|row| row.key).collect()
    }
}

fn shift(owner: u64, ordinal: u32) -> StreamId {
    StreamId { kind: StreamKind::Shift, owner, ordinal }
}

/// A stamp that is another for every stream and version.
fn stamp(stream: StreamId, version: u8) -> Stamp {
    let owner = u128::from(stream.owner) << 40;
    Stamp((owner | u128::from(stream.ordinal) << 8 | u128::from(version)).to_be_bytes())
}

/// An append after `version` writes (0: the first), whose head tells its version.
fn append(stream: StreamId, version: u8, rows: &[(&[u8], &[u8])]) -> Append {
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
    }
}

fn keys(keys: &[&'static [u8]]) -> Vec<Bytes> {
    keys.iter().map(|key| Bytes::from_static(key)).collect()
}
