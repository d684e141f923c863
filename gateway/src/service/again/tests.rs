//! Documents whose answers were lost, over a store: what is written, and what the usual receipt pays for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use ofd_storage::memory::MemoryStore;
use ofd_storage::store::{Append, HeadFormat, Row, StreamId};
use ofd_storage::through;

use super::*;
use crate::testing::Shop;
use crate::verify;

/// A store that counts how often rows are asked for, and that programs of before may serve from.
#[derive(Default)]
struct Watched {
    inner: MemoryStore,
    rows: AtomicU64,
    is_of_before: bool,
}

impl through::Through for Watched {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.inner
    }

    async fn row(&self, stream: StreamId, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.rows.fetch_add(1, Ordering::Relaxed);
        self.inner.row(stream, key).await
    }

    async fn rows(
        &self,
        stream: StreamId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        self.rows.fetch_add(1, Ordering::Relaxed);
        self.inner.rows(stream, prefix, after, limit).await
    }

    fn head_format(&self) -> HeadFormat {
        if self.is_of_before { HeadFormat::First } else { self.inner.head_format() }
    }
}

async fn open(store: Watched) -> Shop<Watched> {
    Shop::open(Arc::new(store), 1).await
}

/// How many documents there are, in shifts without a break.
async fn documents(shop: &Shop<Watched>) -> u64 {
    verify::walk(&*shop.store, |broken| panic!("{broken}")).await.unwrap().documents
}

#[tokio::test]
async fn what_is_unconfirmed_goes_on_over_a_close_and_is_found_there() {
    let mut shop = open(Watched::default()).await;
    shop.sell(0).await;
    shop.lose(0).await;
    shop.lose(0).await;
    shop.sell(0).await;
    assert_eq!(shop.newest(0).await.register.unconfirmed.count, 2);
    shop.close(0).await;
    shop.sell(0).await;
    let newest = shop.newest(0).await;
    assert_eq!((newest.register.shift_number, newest.register.unconfirmed.count), (2, 2));
    assert_eq!(documents(&shop).await, 6);
    for left in [1, 0] {
        assert!(shop.register(0).drain().unwrap());
        let number = shop.register(0).flight().unwrap().offline_number.unwrap();
        let date_time = shop.register(0).flight().unwrap().date_time;
        shop.exchange(0).await;
        let newest = shop.newest(0).await;
        assert_eq!(newest.register.unconfirmed.count, left);
        // It lies in the shift before, and is found by its new number.
        let found = registers::find_by_offline_number(&*shop.store, shop.id(0), &newest, number, date_time);
        let [place] = found.await.unwrap()[..] else { panic!("one receipt has the number {number}") };
        assert_eq!(place.shift, 1);
        let stored = registers::document(&*shop.store, shop.id(0), place).await.unwrap().unwrap();
        let known = registers::known(&*shop.store, shop.id(0), place, &stored).await.unwrap();
        assert_eq!((known.born, known.numbers), (0, vec![number]));
        assert_eq!(registers::amendments(&*shop.store, shop.id(0), place).await.unwrap().len(), 1);
    }
    assert_eq!(documents(&shop).await, 6);
}

#[tokio::test]
async fn what_came_again_right_after_a_close_begins_the_next_stream_without_opening_a_shift() {
    let mut shop = open(Watched::default()).await;
    shop.lose(0).await;
    shop.sell(0).await;
    shop.close(0).await;
    assert!(shop.register(0).drain().unwrap());
    shop.exchange(0).await;
    let newest = shop.newest(0).await.register;
    assert_eq!((newest.shift_number, newest.documents, newest.unconfirmed.count), (2, 0, 0));
    assert!(newest.open_shift().is_none());
    shop.sell(0).await;
    assert_eq!(documents(&shop).await, 4);
}

#[tokio::test]
async fn a_receipt_of_a_register_without_unconfirmed_documents_reads_no_row() {
    let mut shop = open(Watched::default()).await;
    shop.sell(0).await;
    let read = |shop: &Shop<Watched>| shop.store.rows.load(Ordering::Relaxed);
    let before = read(&shop);
    shop.sell(0).await;
    shop.sell(0).await;
    assert_eq!(read(&shop), before);
    shop.lose(0).await;
    shop.sell(0).await;
    let before = read(&shop);
    shop.sell(0).await;
    assert!((1..=2).contains(&(read(&shop) - before)), "one place is looked at, of this time and of any");
}

#[tokio::test]
async fn where_older_programs_may_serve_nothing_is_remembered() {
    let mut shop = open(Watched { is_of_before: true, ..Watched::default() }).await;
    shop.lose(0).await;
    shop.sell(0).await;
    let newest = shop.newest(0).await;
    assert_eq!((newest.format, newest.register.unconfirmed.count), (HeadFormat::First, 0));
    assert_eq!(registers::unconfirmed(&*shop.store, shop.id(0), 1).await.unwrap(), Vec::new());
    assert!(shop.register(0).drain().unwrap());
    shop.exchange(0).await;
    assert_eq!(documents(&shop).await, 3, "as before there was a list");
}

#[tokio::test]
async fn a_list_that_is_not_what_the_head_counts_is_a_break() {
    let mut shop = open(Watched::default()).await;
    shop.lose(0).await;
    shop.sell(0).await;
    let stream = registers::stream(shop.id(0), 1);
    let [row] = &shop.store.inner.rows(stream, &[6], None, 9).await.unwrap()[..] else { panic!("one row") };
    let with = async |stamp: u8, rows: Vec<Row>| {
        let head = shop.store.inner.head(stream).await.unwrap().unwrap();
        let (expected, stamp) = (Some(head.version), Stamp([stamp; 16]));
        shop.store
            .inner
            .append(Append { stream, expected, stamp, head: head.bytes, rows, notes: Vec::new() })
            .await
            .unwrap();
        let mut breaks = Vec::new();
        verify::walk(&*shop.store, |broken| breaks.push(broken.to_string())).await.unwrap();
        breaks
    };
    assert_eq!(with(1, Vec::new()).await, Vec::<String>::new());
    let gone = with(2, vec![Row { value: Bytes::new(), ..row.clone() }]).await;
    assert!(gone[0].contains("counts 1 unconfirmed documents, 0 are stored"), "{gone:?}");
    let list = registers::shift(&*shop.store, shop.id(0), 1).await.unwrap().unwrap();
    assert_eq!(list.register.unconfirmed.count, 1);
    // A row that leads to the other sale: after the form and the sequence come shift and number.
    let mut other = row.value.to_vec();
    assert_eq!(other[..4], [1, 0, 1, 1]);
    other[3] = 2;
    let wrong = with(3, vec![Row { value: other.into(), ..row.clone() }]).await;
    assert!(wrong[0].contains("unconfirmed document"), "{wrong:?}");
}
