//! Tests of the embedded store. Those of the commit run on an engine that forgets what was not synced.

mod commit;
mod directory;
mod engines;
mod failure;
mod loss;
mod moment;
mod notes;

use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::*;
use crate::store::Stamp;

/// How long a test waits for what must come; far above what it takes.
const PATIENCE: Duration = Duration::from_secs(30);

fn shift(owner: u64) -> StreamId {
    StreamId { kind: StreamKind::Shift, owner, ordinal: 1 }
}

fn append(owner: u64, version: u64) -> Append {
    let mut stamp = [0; 16];
    stamp[..8].copy_from_slice(&owner.to_be_bytes());
    stamp[8..].copy_from_slice(&version.to_be_bytes());
    Append {
        stream: shift(owner),
        expected: (version > 0).then_some(Version(version)),
        stamp: Stamp(stamp),
        head: Bytes::from_static(b"head"),
        rows: vec![Row {
            key: Bytes::copy_from_slice(&version.to_be_bytes()),
            value: Bytes::from_static(b"document"),
        }],
        notes: Vec::new(),
    }
}

fn open(path: &Path) -> EmbeddedStore {
    EmbeddedStore::open(EmbeddedOptions::new(path)).unwrap()
}

/// Waits until something that another thread brings about is so.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let since = Instant::now();
    while !holds().await {
        assert!(since.elapsed() < PATIENCE, "{what} never came about");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn reason<T: std::fmt::Debug>(result: Result<T, StoreError>) -> String {
    match result {
        Err(StoreError::Unavailable { reason }) => reason,
        other => panic!("{other:?} is not Unavailable"),
    }
}

/// Polls once: a write is in the queue after its first poll.
fn poll<F: Future>(future: &mut Pin<Box<F>>) -> Poll<F::Output> {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}
