//! Copies that must not be made.

use std::sync::Arc;

use bytes::Bytes;
use ofd_storage::embedded::{EmbeddedOptions, EmbeddedStore};
use ofd_storage::memory::MemoryStore;
use ofd_storage::model::{self, CopyMark, check_whole};
use ofd_storage::store::{Append, HeadFormat, Row, Stamp, Store, StoreError, StreamId, StreamKind};
use ofd_storage::through;

use super::super::CopyError;
use super::{content, copy, copying};
use crate::testing;

#[tokio::test]
async fn a_store_that_somebody_served_from_is_no_target() {
    let source = testing::store().await.store;
    let others = [Arc::new(MemoryStore::new()), Arc::new(MemoryStore::new()), Arc::new(MemoryStore::new())];
    model::ticket_number_key(&*others[0], [1; 32]).await.unwrap();
    others[1].claim("login", "a", b"b", 1, None).await.unwrap();
    let stream = StreamId { kind: StreamKind::Shift, owner: 1, ordinal: 1 };
    let head = Bytes::from_static(b"head");
    let append =
        Append { stream, expected: None, stamp: Stamp([1; 16]), head, rows: Vec::new(), notes: Vec::new() };
    others[2].append(append).await.unwrap();
    for (target, found) in others.iter().zip(["ticket-number-key", "login/a", "shift 1"]) {
        let before = content(&**target).await;
        let error = copy(&source, target).await.unwrap_err();
        assert!(matches!(error, CopyError::NotEmpty { .. }) && error.to_string().contains(found), "{error}");
        assert_eq!(content(&**target).await, before);
        assert_eq!(CopyMark::load(&**target).await.unwrap(), None);
    }
    let error = copy(&source, &source).await.unwrap_err();
    assert!(matches!(error, CopyError::NotEmpty { .. }), "{error}");
}

#[tokio::test]
async fn a_store_is_not_copied_to_itself_by_another_name() {
    let source = testing::store().await.store;
    let target = Arc::new(MemoryStore::new());
    copy(&source, &target).await.unwrap();
    let same = Arc::new(target.another_handle());
    assert!(matches!(copy(&target, &same).await, Err(CopyError::SameStore)));
}

/// A store that programs of the first release may serve from.
struct OfBefore(MemoryStore);

impl through::Through for OfBefore {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.0
    }

    fn head_format(&self) -> HeadFormat {
        HeadFormat::First
    }
}

#[tokio::test]
async fn heads_that_older_programs_cannot_read_do_not_go_where_those_may_serve() {
    let source = testing::store().await.store;
    let target = Arc::new(OfBefore(MemoryStore::new()));
    let error = copy(&source, &target).await.unwrap_err();
    assert!(matches!(error, CopyError::TargetForOlder), "{error}");
    assert!(error.to_string().contains("ofd migrate --finish"), "{error}");
    assert_eq!(CopyMark::load(&*target).await.unwrap(), None);
}

#[tokio::test]
async fn a_store_without_a_key_holds_nothing_to_copy() {
    let (source, target) = (Arc::new(MemoryStore::new()), Arc::new(MemoryStore::new()));
    let error = copy(&source, &target).await.unwrap_err();
    assert!(matches!(error, CopyError::NothingThere { .. }), "{error}");
    assert_eq!(CopyMark::load(&*target).await.unwrap(), None);
}

/// A copy that was stopped as soon as it was begun.
async fn half(source: &Arc<MemoryStore>) -> Arc<MemoryStore> {
    let target = Arc::new(MemoryStore::new());
    let (copying, _) = copying();
    copying.stop.cancel();
    let error = copying.run(Arc::clone(source), Arc::clone(&target)).await.unwrap_err();
    assert!(matches!(error, CopyError::Stopped), "{error}");
    target
}

#[tokio::test]
async fn a_half_copy_is_neither_served_nor_copied_on_nor_continued_from_elsewhere() {
    let source = testing::store().await.store;
    let target = half(&source).await;
    let refused = check_whole(&*target).await.unwrap_err().to_string();
    assert!(refused.contains("not finished") && refused.contains(super::COMMAND), "{refused}");
    let third = Arc::new(MemoryStore::new());
    let error = copy(&target, &third).await.unwrap_err();
    assert!(matches!(error, CopyError::SourceNotWhole { .. }), "{error}");
    assert!(error.to_string().contains(super::COMMAND), "{error}");

    let mut elsewhere = copying().0;
    elsewhere.options.from = "the store at new".into();
    let error = elsewhere.run(Arc::clone(&source), Arc::clone(&target)).await.unwrap_err();
    assert!(matches!(error, CopyError::OtherSource { .. }), "{error}");
    assert!(error.to_string().contains("the store at new"), "{error}");

    let other = Arc::new(MemoryStore::new());
    model::ticket_number_key(&*other, [9; 32]).await.unwrap();
    let error = copy(&other, &target).await.unwrap_err().to_string();
    assert!(error.contains("their keys of ticket numbers differ"), "{error}");
    copy(&source, &target).await.unwrap();
    assert_eq!(content(&*target).await, content(&*source).await);
}

#[tokio::test]
async fn a_gateway_that_used_the_target_meanwhile_is_told() {
    let source = testing::store().await.store;
    let target = half(&source).await;
    model::ticket_number_key(&*target, [9; 32]).await.unwrap();
    let error = copy(&source, &target).await.unwrap_err();
    assert!(matches!(error, CopyError::TargetInUse { .. }), "{error}");
    assert!(error.to_string().contains("ticket-number-key"), "{error}");
    check_whole(&*target).await.unwrap_err();
}

#[tokio::test]
async fn a_full_disk_ends_the_copy_and_room_lets_it_go_on() {
    let source = testing::store().await.store;
    let directory = tempfile::tempdir().unwrap();
    let mut options = EmbeddedOptions::new(directory.path());
    let target = Arc::new(EmbeddedStore::open(options.clone()).unwrap());
    let mut copying = copying().0;
    copying.options.patience.total = std::time::Duration::from_millis(20);
    copying.stop.cancel();
    copying.run(Arc::clone(&source), Arc::clone(&target)).await.unwrap_err();
    drop(target);
    options.free_space_min_bytes = u64::MAX;
    let target = Arc::new(EmbeddedStore::open(options.clone()).unwrap());
    copying.stop = Default::default();
    let error = copying.run(Arc::clone(&source), Arc::clone(&target)).await.unwrap_err();
    let text = format!("{error}: {}", std::error::Error::source(&error).unwrap());
    assert!(text.contains("target failed") && text.contains("free"), "{text}");
    drop(target);
    options.free_space_min_bytes = 1;
    let target = Arc::new(EmbeddedStore::open(options).unwrap());
    copy(&source, &target).await.unwrap();
    assert_eq!(content(&*target).await, content(&*source).await);
}

/// A store that cannot read the rows of one stream, or one that others use too and that lost an entry of its list.
struct Odd {
    store: MemoryStore,
    unreadable: Option<StreamId>,
    unlisted: Option<StreamId>,
}

impl through::Through for Odd {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.store
    }

    async fn rows(
        &self,
        stream: StreamId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        if self.unreadable == Some(stream) {
            return Err(StoreError::Corrupt { place: "a row".into(), reason: "its CRC is wrong".into() });
        }
        self.store.rows(stream, prefix, after, limit).await
    }

    async fn streams(
        &self,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> Result<Vec<StreamId>, StoreError> {
        let mut page = self.store.streams(kind, after, limit).await?;
        page.retain(|stream| Some(*stream) != self.unlisted);
        Ok(page)
    }

    fn is_shared(&self) -> bool {
        self.unlisted.is_some()
    }
}

#[tokio::test]
async fn a_shift_that_cannot_be_read_is_named_the_others_go_over_and_the_copy_stays_open() {
    let source = testing::store().await.store;
    let streams = source.streams(StreamKind::Shift, None, 100).await.unwrap();
    let stream = streams[3];
    let damaged = Arc::new(Odd { store: source.another_handle(), unreadable: Some(stream), unlisted: None });
    let target = Arc::new(MemoryStore::new());
    let error = copy(&damaged, &target).await.unwrap_err();
    assert!(matches!(error, CopyError::Damaged { .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains(&super::super::names::stream_name(stream)) && text.contains("its CRC is wrong"),
        "{text}"
    );
    let mut there = target.streams(StreamKind::Shift, None, 100).await.unwrap();
    there.push(stream);
    there.sort();
    there.dedup();
    assert_eq!(there, streams, "all others are there");
    check_whole(&*target).await.unwrap_err();
    // It was restored from a backup.
    copy(&source, &target).await.unwrap();
    assert_eq!(content(&*target).await, content(&*source).await);
}

#[tokio::test]
async fn a_shift_that_a_cluster_does_not_list_any_more_goes_over_too() {
    let source = testing::store().await.store;
    let streams = source.streams(StreamKind::Shift, None, 100).await.unwrap();
    for unlisted in streams.into_iter().filter(|stream| stream.ordinal > 1) {
        let source_of_copy =
            Arc::new(Odd { store: source.another_handle(), unreadable: None, unlisted: Some(unlisted) });
        let target = Arc::new(MemoryStore::new());
        copy(&source_of_copy, &target).await.unwrap_or_else(|error| panic!("{unlisted}: {error}"));
        assert_eq!(content(&*target).await, content(&*source).await, "{unlisted}");
    }
}
