//! What fails, what callers are told of it, and how the store comes back.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use super::engine::{Cure, Outcome, WriteError};
use super::engines::Disk;
use super::*;

fn failure(outcome: Outcome, cure: Cure) -> Option<WriteError> {
    Some(WriteError { outcome, cure, reason: "writing to /nowhere failed (no space left)".to_owned() })
}

fn is_read_only(health: &Health, about: &str) -> bool {
    matches!(health, Health::ReadOnly(reason) if reason.contains(about))
}

#[tokio::test]
async fn a_failed_sync_is_unknown_and_stops_writes_until_a_restart() {
    let disk = Disk::default();
    let store = disk.start();
    store.append(append(1, 0)).await.unwrap();
    *disk.next_sync.lock().unwrap() = failure(Outcome::Unknown, Cure::Restart);
    assert!(matches!(store.append(append(1, 1)).await, Err(StoreError::Unknown { .. })));
    assert!(is_read_only(&store.health().await, "restart"), "{:?}", store.health().await);
    assert!(reason(store.append(append(1, 1)).await).contains("check the disk, then restart"));
    assert!(reason(store.claim("bin", "1", b"o", 1, None).await).contains("restart"));
    assert!(store.head(shift(1)).await.unwrap().is_some(), "reads still work");
    assert_eq!((store.stats().batches, store.stats().failures), (1, 1));
}

#[tokio::test]
async fn after_a_full_disk_the_store_is_opened_again_and_the_repeat_is_written() {
    let disk = Disk::default();
    let store = disk.start();
    store.append(append(1, 0)).await.unwrap();
    *disk.next_sync.lock().unwrap() = failure(Outcome::Unknown, Cure::Reopen);
    *disk.next_open.lock().unwrap() =
        Some(StoreError::Io { action: "opening".to_owned(), source: io::ErrorKind::StorageFull.into() });
    assert!(matches!(store.append(append(1, 1)).await, Err(StoreError::Unknown { .. })));
    assert!(is_read_only(&store.health().await, "recovers by itself"));
    until("recovery", async || store.health().await == Health::Ready).await;
    assert!(disk.next_open.lock().unwrap().is_none(), "the first attempt to open it again had to fail");
    // What was not synced is gone with the old engine, and the committer does not remember it as written.
    assert_eq!(store.head(shift(1)).await.unwrap().unwrap().version, Version(1));
    assert_eq!(store.append(append(1, 1)).await.unwrap(), Version(2));
}

#[tokio::test]
async fn what_was_not_written_is_unavailable_and_conflicts_with_it_are_too() {
    let disk = Disk::default();
    let (store, hold) = (disk.start(), disk.hold_syncs());
    let mut first = Box::pin(store.append(append(0, 0)));
    assert!(poll(&mut first).is_pending());
    hold.sync_begins();
    let [mut written, mut rival] = [append(1, 0), append(1, 7)].map(|append| Box::pin(store.append(append)));
    assert!(poll(&mut written).is_pending() && poll(&mut rival).is_pending());
    *disk.next_apply.lock().unwrap() = failure(Outcome::NotWritten, Cure::Wait);
    drop(hold);
    first.await.unwrap();
    assert!(reason(written.await).contains("passes by itself"));
    assert!(reason(rival.await).contains("passes by itself"), "it rests on what was not written");
    assert_eq!(store.health().await, Health::Ready);
    assert_eq!(store.append(append(1, 0)).await.unwrap(), Version(1));
}

#[tokio::test]
async fn writes_stop_below_the_watermark_and_resume_by_themselves() {
    let disk = Disk::default();
    let free = Arc::new(AtomicU64::new(u64::MAX));
    let seen = Arc::clone(&free);
    let probe = FreeSpaceProbe::from_fn(move |_| Ok(seen.load(Ordering::SeqCst)));
    let store = disk.start_with_space(probe);
    store.append(append(1, 0)).await.unwrap();
    free.store(FREE_SPACE_MIN_BYTES - 1, Ordering::SeqCst);
    let told = reason(store.append(append(1, 1)).await);
    assert_eq!(
        told,
        "the disk of /nowhere has 255 MiB free, 256 MiB are kept back; free space, writes resume by themselves"
    );
    assert_eq!(store.health().await, Health::ReadOnly(told));
    assert_eq!(store.head(shift(1)).await.unwrap().unwrap().version, Version(1));
    free.store(FREE_SPACE_MIN_BYTES, Ordering::SeqCst);
    assert_eq!(store.append(append(1, 1)).await.unwrap(), Version(2));
    assert_eq!(store.health().await, Health::Ready);
}

#[tokio::test]
async fn the_health_of_an_idle_store_follows_the_disk() {
    let disk = Disk::default();
    let free = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&free);
    let probe = FreeSpaceProbe::from_fn(move |_| match seen.load(Ordering::SeqCst) {
        1 => Err(io::ErrorKind::NotFound.into()),
        free => Ok(free),
    });
    let store = disk.start_with_space(probe);
    until("a full disk", async || is_read_only(&store.health().await, "0 MiB free")).await;
    free.store(1, Ordering::SeqCst);
    until("a lost disk", async || is_read_only(&store.health().await, "check that its disk is there")).await;
    free.store(u64::MAX, Ordering::SeqCst);
    until("room", async || store.health().await == Health::Ready).await;
}

#[tokio::test]
async fn after_a_panic_of_the_committer_the_outcome_is_unknown_and_nothing_is_taken() {
    let disk = Disk::default();
    let store = disk.start();
    *disk.panics.lock().unwrap() = true;
    assert!(matches!(store.append(append(1, 0)).await, Err(StoreError::Unknown { .. })));
    until("the end", async || is_read_only(&store.health().await, "panic")).await;
    assert!(reason(store.append(append(1, 0)).await).contains("restart the process"));
    store.close().await.unwrap();
}
