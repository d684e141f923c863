//! The commit point: what is acknowledged, when, and in how many syncs.

use futures::FutureExt;
use futures::future::join_all;

use super::engines::Disk;
use super::*;

#[tokio::test]
async fn what_is_acknowledged_was_synced_before() {
    let disk = Disk::default();
    let store = disk.start();
    for owner in 0..100 {
        store.append(append(owner, 0)).await.unwrap();
        assert!(
            disk.has(Table::Heads, &codec::stream_key(shift(owner))),
            "append {owner} is not on the disk"
        );
    }
    store.claim("bin", "1", b"o", 1, None).await.unwrap();
    assert!(disk.has(Table::Records, &codec::record_key(RecordKind::Name, b"bin/1")));
    store.put_record(RecordKind::Register, b"r", None, Bytes::new()).await.unwrap();
    assert!(disk.has(Table::Records, &codec::record_key(RecordKind::Register, b"r")));
}

#[tokio::test]
async fn no_answer_leaves_while_the_sync_is_under_way() {
    let disk = Disk::default();
    let (store, hold) = (disk.start(), disk.hold_syncs());
    let mut first = Box::pin(store.append(append(1, 0)));
    assert!(poll(&mut first).is_pending());
    hold.sync_begins();
    // A repeat and a rival see what is under way, and may not be answered by it either.
    let mut others = [Box::pin(store.append(append(1, 0))), Box::pin(store.append(append(1, 7)))];
    assert!(others.iter_mut().all(|other| poll(other).is_pending()));
    assert!(poll(&mut first).is_pending());
    assert!(!disk.has(Table::Heads, &codec::stream_key(shift(1))));
    hold.sync_ends();
    assert_eq!(first.await.unwrap(), Version(1));
    let [repeat, rival] = others;
    assert_eq!(repeat.await.unwrap(), Version(1));
    assert!(matches!(rival.await, Err(StoreError::Conflict { .. })));
}

#[tokio::test]
async fn what_comes_during_a_sync_shares_the_next_one() {
    let disk = Disk::default();
    let (store, hold) = (disk.start(), disk.hold_syncs());
    let mut first = Box::pin(store.append(append(0, 0)));
    assert!(poll(&mut first).is_pending());
    hold.sync_begins();
    let mut others: Vec<_> = (1..=100).map(|owner| Box::pin(store.append(append(owner, 0)))).collect();
    assert!(others.iter_mut().all(|other| poll(other).is_pending()));
    hold.sync_ends();
    hold.sync_ends();
    assert!(first.await.is_ok());
    assert!(join_all(others).await.into_iter().all(|outcome| outcome.is_ok()));
    let stats = store.stats();
    assert_eq!((stats.batches, stats.writes, stats.batch_writes_last), (2, 101, 100));
}

#[tokio::test]
async fn writes_of_one_batch_are_judged_in_order_by_what_came_before() {
    let disk = Disk::default();
    let (store, hold) = (disk.start(), disk.hold_syncs());
    let mut first = Box::pin(store.append(append(0, 0)));
    assert!(poll(&mut first).is_pending());
    hold.sync_begins();
    let mut chain: Vec<_> = [0, 1, 1, 2, 5].map(|version| Box::pin(store.append(append(1, version)))).into();
    assert!(chain.iter_mut().all(|other| poll(other).is_pending()));
    let mut claims: Vec<_> =
        [b"a", b"b"].map(|owner| Box::pin(store.claim("bin", "1", owner, 5, None))).into();
    assert!(claims.iter_mut().all(|claim| poll(claim).is_pending()));
    hold.sync_ends();
    hold.sync_ends();
    let outcomes: Vec<_> =
        join_all(chain).await.into_iter().map(|outcome| outcome.ok().map(|v| v.0)).collect();
    assert_eq!(outcomes, [Some(1), Some(2), Some(2), Some(3), None]);
    let claims: Vec<_> = join_all(claims).await.into_iter().map(Result::unwrap).collect();
    let taken = Claim::Taken { owner: Bytes::from_static(b"a"), since_ms: 5 };
    assert_eq!(claims, [Claim::Granted, taken]);
    assert_eq!(store.stats().batches, 2);
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_undo_its_append() {
    let disk = Disk::default();
    let (store, hold) = (disk.start(), disk.hold_syncs());
    assert!(store.append(append(1, 0)).now_or_never().is_none());
    hold.sync_begins();
    assert!(store.append(append(2, 0)).now_or_never().is_none());
    hold.sync_ends();
    hold.sync_begins();
    hold.sync_ends();
    until("the second append", async || store.head(shift(2)).await.unwrap().is_some()).await;
    assert!(store.head(shift(1)).await.unwrap().is_some());
}

#[tokio::test]
async fn closing_finishes_what_waits() {
    let disk = Disk::default();
    let (store, hold) = (disk.start(), disk.hold_syncs());
    let mut first = Box::pin(store.append(append(0, 0)));
    assert!(poll(&mut first).is_pending());
    hold.sync_begins();
    let mut second = Box::pin(store.append(append(1, 0)));
    assert!(poll(&mut second).is_pending());
    let mut close = Box::pin(store.close());
    assert!(poll(&mut close).is_pending());
    assert_eq!(reason(store.append(append(2, 0)).await), "it is closed");
    hold.sync_ends();
    hold.sync_ends();
    close.await.unwrap();
    assert!(first.await.is_ok() && second.await.is_ok());
    assert!(disk.has(Table::Heads, &codec::stream_key(shift(1))));
    assert!(!disk.has(Table::Heads, &codec::stream_key(shift(2))));
    assert_eq!(reason(store.head(shift(1)).await), "it is closed");
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_caller_that_needs_more_room_than_there_is_waits_for_it() {
    let disk = Disk::default();
    let (store, hold) = (disk.start(), disk.hold_syncs());
    let large = |owner| {
        let mut large = append(owner, 0);
        large.head = vec![0; APPEND_LEN_MAX - 1024].into();
        large
    };
    let mut appends: Vec<_> = (0..20).map(|owner| Box::pin(store.append(large(owner)))).collect();
    assert!(appends.iter_mut().all(|append| poll(append).is_pending()));
    hold.sync_begins();
    assert!(store.shared.room.available_permits() * ROOM_UNIT_BYTES < APPEND_LEN_MAX);
    for _ in 0..20 {
        hold.sync_ends();
    }
    assert!(join_all(appends).await.into_iter().all(|outcome| outcome.is_ok()));
    assert_eq!(store.shared.room.available_permits(), ROOM_BYTES_MAX / ROOM_UNIT_BYTES);
}
