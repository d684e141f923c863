mod everything;
mod flips;

use std::sync::Arc;

use ofd_storage::memory::MemoryStore;
use ofd_storage::registers::{self, stream};
use ofd_storage::store::{Append, Stamp};

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
