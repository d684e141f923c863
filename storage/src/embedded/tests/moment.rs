//! Moments of a store: what a backup reads while writes go on.

use super::engines::Disk;
use super::*;
use crate::embedded::engine::{Cure, Outcome, WriteError};

async fn written(store: &EmbeddedStore, owner: u64, versions: std::ops::Range<u64>) {
    for version in versions {
        store.append(append(owner, version)).await.unwrap();
    }
}

/// Streams with the versions of their heads and the numbers of their rows.
fn seen(moment: &Moment) -> Vec<(u64, u64, usize)> {
    let heads = moment.heads(None, 99).unwrap();
    let one = |(stream, head): (StreamId, Head)| {
        (stream.owner, head.version.0, moment.rows(stream, None, 99).unwrap().len())
    };
    heads.into_iter().map(one).collect()
}

#[tokio::test]
async fn a_moment_stays_as_it_was_whatever_is_written_later() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    written(&store, 1, 0..3).await;
    store.put_record(RecordKind::Bank, b"A", None, Bytes::from_static(b"1")).await.unwrap();
    let moment = store.moment().unwrap();
    written(&store, 1, 3..9).await;
    written(&store, 2, 0..2).await;
    store.put_record(RecordKind::Bank, b"A", Some(Version(1)), Bytes::from_static(b"2")).await.unwrap();
    assert_eq!(seen(&moment), [(1, 3, 3)]);
    let records = moment.records(None, 99).unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!((records[0].0, &records[0].1.bytes[..]), (RecordKind::Bank, &b"1"[..]));
    assert_eq!(seen(&store.moment().unwrap()), [(1, 9, 9), (2, 2, 2)]);
}

#[tokio::test]
async fn pages_of_a_moment_go_on_after_the_last_entry() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    for owner in 0..10 {
        written(&store, owner, 0..2).await;
    }
    let moment = store.moment().unwrap();
    let (mut after, mut owners) = (None, Vec::new());
    loop {
        let page = moment.heads(after, 3).unwrap();
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
        owners.extend(page.iter().map(|(stream, _)| stream.owner));
    }
    assert_eq!(owners, (0..10).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_moment_does_not_keep_a_store_from_being_opened_again_and_is_over_then() {
    let disk = Disk::default();
    let store = disk.start();
    written(&store, 1, 0..1).await;
    let moment = store.moment().unwrap();
    *disk.next_sync.lock().unwrap() = Some(WriteError {
        outcome: Outcome::Unknown,
        cure: Cure::Reopen,
        reason: "the disk is full".to_owned(),
    });
    assert!(store.append(append(1, 1)).await.is_err());
    until("the store takes writes again", async || store.append(append(2, 0)).await.is_ok()).await;
    assert!(reason(moment.heads(None, 9)).contains("opened again"));
    assert!(store.moment().unwrap().heads(None, 9).is_ok());
}

#[tokio::test]
async fn a_moment_is_over_when_the_store_is_closed() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    written(&store, 1, 0..1).await;
    let moment = store.moment().unwrap();
    store.close().await.unwrap();
    assert!(moment.heads(None, 9).is_err());
    assert!(store.moment().is_err());
    let again = open(directory.path());
    assert_eq!(seen(&again.moment().unwrap()), [(1, 1, 1)]);
}
