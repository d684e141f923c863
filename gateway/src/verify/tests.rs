mod everything;
mod flips;

use std::sync::Arc;

use bytes::Bytes;
use ofd_protocol::ticket_number::DocumentRef;
use ofd_storage::feed::Reading;
use ofd_storage::figures;
use ofd_storage::memory::MemoryStore;
use ofd_storage::registers::{self, stream};
use ofd_storage::store::{Append, Row, Stamp, Version};

use super::shifts::{Carried, Trouble, documents, follow};
use super::*;
use crate::testing::Shop;

async fn open() -> Shop<MemoryStore> {
    Shop::open(Arc::new(MemoryStore::new()), 1).await
}

async fn sell(shop: &mut Shop<MemoryStore>, sales: usize) {
    for _ in 0..sales {
        shop.sell(0).await;
    }
}

fn expect_whole(result: Result<(), Trouble>) {
    match result {
        Ok(()) => {}
        Err(Trouble::Broken(broken)) => panic!("{broken:?}"),
        Err(Trouble::Store(error)) => panic!("{error}"),
    }
}

#[tokio::test]
async fn what_comes_behind_the_head_that_was_read_is_left_to_the_next_walk() {
    let mut shop = open().await;
    sell(&mut shop, 3).await;
    let read = shop.shift(0, 1).await;
    sell(&mut shop, 2).await;
    let (mut carried, mut walked) = (Carried::new(shop.id(0)), Walked::default());
    expect_whole(documents(&*shop.store, None, &mut carried, read, &mut walked).await);
    assert_eq!(walked.documents, 3);
    // The shift went on and ended, and the next one shows it.
    shop.close(0).await;
    sell(&mut shop, 1).await;
    expect_whole(follow(&*shop.store, None, &mut carried, 2, &mut walked).await);
    assert_eq!((walked.documents, carried.shift), (7, 2));
    // Whoever walks it all at once finds the same.
    let walked = walk(&*shop.store, |broken| panic!("{broken}")).await.unwrap();
    assert_eq!((walked.documents, walked.shifts), (7, 2));
}

#[tokio::test]
async fn figures_that_are_not_what_their_documents_come_to_are_told() {
    let mut shop = open().await;
    shop.work(0, 3).await;
    shop.close(0).await;
    shop.count_figures().await;
    shop.sell(0).await;
    let walked = walk(&*shop.store, |broken| panic!("{broken}")).await.unwrap();
    assert_eq!((walked.figures, walked.days), (1, 1), "what was sold since is for the reader to count");
    let stream = figures::stream(shop.id(0));
    let head = shop.store.head(stream).await.unwrap().unwrap();
    let row = shop.store.rows(stream, b"", None, 1).await.unwrap().remove(0);
    let put = async |stamp: u8, expected: u64, head: &Bytes, row: &Row| {
        let (stamp, expected) = (Stamp([stamp; 16]), Some(Version(expected)));
        let (head, rows) = (head.clone(), vec![row.clone()]);
        shop.store.append(Append { stream, expected, stamp, head, rows, notes: Vec::new() }).await.unwrap();
        let mut told = Vec::new();
        walk(&*shop.store, |broken| told.push(broken.to_string())).await.unwrap();
        told
    };
    // The day lacks everything.
    let emptied = Row { key: row.key.clone(), value: Bytes::new() };
    let told = put(1, head.version.0, &head.bytes, &emptied).await;
    assert!(told.len() == 1 && told[0].contains("are not what its documents come to"), "{told:?}");
    // They are of fewer documents than they say, and then of more than are stored.
    let mut reading = Reading::decode(stream, &head).unwrap();
    let places = [(1, 2, "are not what its documents come to"), (7, 9, "which is not stored")];
    for (number, (shift, document, reason)) in (2_u8..).zip(places) {
        reading.position = DocumentRef { shift, number: document };
        let moved = reading.encode(stream).unwrap();
        let told = put(number, head.version.0 + u64::from(number) - 1, &moved, &row).await;
        assert!(told.iter().any(|told| told.contains(reason)), "{told:?}");
    }
    assert_eq!(put(4, head.version.0 + 3, &head.bytes, &row).await, Vec::<String>::new(), "they are back");
}

/// Stores other counters of the first shift, under a stamp of their own.
async fn rewrite(
    shop: &Shop<MemoryStore>,
    stamp: u8,
    change: impl FnOnce(&mut ofd_protocol::register::ShiftTotals),
) {
    let before = shop.shift(0, 1).await;
    let mut changed = before.clone();
    change(&mut changed.register.totals);
    registers::fence(&*shop.store, shop.id(0), &changed, Stamp([stamp; 16])).await.unwrap();
}

#[tokio::test]
async fn a_shift_that_counted_section_codes_with_blanks_apart_is_no_break_and_other_counters_are() {
    let mut shop = open().await;
    sell(&mut shop, 5).await;
    let code = shop.shift(0, 1).await.register.totals.sections.keys().next().cloned().unwrap();
    rewrite(&shop, 7, |totals| {
        let counters = totals.sections.remove(&code).unwrap();
        totals.sections.insert(format!(" {code}"), counters);
    })
    .await;
    assert_eq!(walk(&*shop.store, |broken| panic!("{broken}")).await.unwrap().documents, 5);
    rewrite(&shop, 8, |totals| totals.operations[2].sum += 1).await;
    let mut breaks = Vec::new();
    walk(&*shop.store, |broken| breaks.push(broken.to_string())).await.unwrap();
    let [broken] = &breaks[..] else { panic!("{breaks:?}") };
    assert!(broken.contains("its counters are not those of its documents"), "{broken}");
}

#[tokio::test]
async fn documents_that_no_head_counts_are_a_break() {
    let mut shop = open().await;
    sell(&mut shop, 3).await;
    let old = shop.store.head(stream(shop.id(0), 1)).await.unwrap().unwrap();
    sell(&mut shop, 1).await;
    let new = shop.store.head(stream(shop.id(0), 1)).await.unwrap().unwrap();
    let back = Append {
        stream: stream(shop.id(0), 1),
        expected: Some(new.version),
        stamp: Stamp([9; 16]),
        head: old.bytes,
        rows: Vec::new(),
        notes: Vec::new(),
    };
    shop.store.append(back).await.unwrap();
    let mut breaks = Vec::new();
    let walked = walk(&*shop.store, |broken| breaks.push(broken.to_string())).await.unwrap();
    assert_eq!(walked.documents, 3);
    let [broken] = &breaks[..] else { panic!("{breaks:?}") };
    assert!(broken.contains("its head counts 3 documents, more are stored"), "{broken}");
}
