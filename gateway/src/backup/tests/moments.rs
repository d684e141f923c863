//! `--until`: the store as it was at a moment by time of acceptance.

use std::collections::BTreeMap;

use ofd_protocol::register::{Change, Phase};
use ofd_protocol::types::RegisterId;
use ofd_storage::registers::{self, RowKind};

use super::*;
use crate::testing::Shop;

const BEGAN: u64 = 2_208_988_800_000;
const MINUTE: u64 = 60_000;

/// Documents by register, shift and number, each with its time of acceptance and its bytes.
type Documents = BTreeMap<(u32, u32, u32), (UnixMillis, Vec<u8>)>;

async fn documents(store: &impl Store) -> Documents {
    let mut found = Documents::new();
    for stream in store.streams(StreamKind::Shift, None, ALL).await.unwrap() {
        let id = RegisterId(u32::try_from(stream.owner).unwrap());
        for document in registers::documents(store, id, stream.ordinal, 0, ALL).await.unwrap() {
            found.insert((id.0, stream.ordinal, document.number), (document.accepted_at, document.raw));
        }
    }
    found
}

/// Two hours of work with a backup now and then; every step takes a minute.
async fn hours(place: &Place) -> (Shop<EmbeddedStore, Given>, Given) {
    let world = Given::at(BEGAN);
    let mut shop = Shop::open_in(place.store("data"), 3, world.clone()).await;
    for step in 0..40 {
        let index = step % 3;
        match step % 10 {
            7 => shop.work(index, 2).await,
            9 => shop.close(index).await,
            _ => shop.sell(index).await,
        }
        world.pass(MINUTE);
        if step % 13 == 5 {
            // Figures count documents that a restore to an earlier moment leaves out.
            shop.count_figures().await;
            place.back_up_at(&shop.store, world.now()).unwrap();
        }
    }
    place.back_up_at(&shop.store, world.now()).unwrap();
    (shop, world)
}

#[tokio::test]
async fn at_every_moment_the_documents_accepted_until_then_are_there_and_no_others() {
    let place = Place::new();
    let (shop, world) = hours(&place).await;
    let all = documents(&*shop.store).await;
    let mut moment = BEGAN - MINUTE / 2;
    let mut number = 0;
    while moment < world.now().0 + MINUTE {
        let until = UnixMillis(moment);
        let name = format!("at-{number}");
        let restored = place.restore(&name, Some(until)).await.unwrap();
        assert!(restored.breaks.is_empty(), "{moment}: {:?}", restored.breaks);
        let expected: Documents = all
            .iter()
            .filter(|(_, (at, _))| *at <= until)
            .map(|(key, value)| (*key, value.clone()))
            .collect();
        let store = place.store(&name);
        assert_eq!(documents(&*store).await, expected, "at {moment}");
        assert_eq!(restored.left_out, u64::try_from(all.len() - expected.len()).unwrap(), "at {moment}");
        drop(store);
        std::fs::remove_dir_all(place.path(&name)).unwrap();
        (moment, number) = (moment + 7 * MINUTE, number + 1);
    }
}

#[tokio::test]
async fn heads_made_anew_are_those_that_were_there_but_for_tokens_retries_and_counts_of_warnings() {
    let place = Place::new();
    let world = Given::at(BEGAN);
    let mut shop = Shop::open_in(place.store("data"), 1, world.clone()).await;
    let id = shop.id(0);
    let mut states = Vec::new();
    for step in 0..12 {
        match step {
            5 => shop.work(0, 3).await,
            8 => shop.close(0).await,
            _ => shop.sell(0).await,
        }
        let loaded = registers::newest(&*shop.store, id).await.unwrap().unwrap();
        states.push((world.now(), loaded.register));
        world.pass(MINUTE);
    }
    let last = states.last().unwrap().1.clone();
    place.back_up_at(&shop.store, world.now()).unwrap();
    for (number, (at, mut expected)) in states.into_iter().enumerate() {
        let name = format!("at-{number}");
        place.restore(&name, Some(at)).await.unwrap();
        let found = registers::newest(&*place.store(&name), id).await.unwrap().unwrap().register;
        assert_eq!(found.tokens, last.tokens, "a till holds the token of its last answer");
        expected.tokens = last.tokens;
        if number < 11 {
            expected.memory = None;
            expected.unconfirmed.is_amended = false;
            // It begins with the first one that is still in it.
            assert!(found.unconfirmed.first >= expected.unconfirmed.first, "{:?}", found.unconfirmed);
            expected.unconfirmed.first = found.unconfirmed.first;
            // No document tells how often it was warned by then, where it happened again later.
            let is_known = |(warning, count)| expected.warnings.get(warning) == Some(count);
            assert!(found.warnings.iter().all(is_known), "{:?}", found.warnings);
            expected.warnings.clone_from(&found.warnings);
        }
        assert_eq!(found, expected, "after step {number}");
    }
}

#[tokio::test]
async fn a_till_goes_on_with_the_token_it_holds_and_counts_from_what_is_left() {
    let place = Place::new();
    let (mut shop, _) = hours(&place).await;
    let until = UnixMillis(BEGAN + 20 * MINUTE);
    let restored = place.restore("new", Some(until)).await.unwrap();
    assert_eq!(restored.cut.len(), 3, "{restored:?}");
    let store = place.store("new");
    let before = documents(&*store).await.len();
    shop.serve_from(Arc::clone(&store)).await;
    for index in 0..3 {
        shop.sell(index).await;
        shop.sell(index).await;
    }
    assert_eq!(documents(&*store).await.len(), before + 6);
    let mut breaks = Vec::new();
    crate::verify::walk(&*store, |found| breaks.push(found)).await.unwrap();
    assert!(breaks.is_empty(), "{breaks:?}");
}

#[tokio::test]
async fn what_people_changed_later_is_not_so_yet() {
    let place = Place::new();
    let world = Given::at(BEGAN);
    let mut shop = Shop::open_in(place.store("data"), 1, world.clone()).await;
    let id = shop.id(0);
    shop.sell(0).await;
    world.pass(MINUTE);
    shop.change(0, &Change::Block { reason: "долг".into() }).await;
    world.pass(MINUTE);
    place.back_up_at(&shop.store, world.now()).unwrap();
    let blocked = |name: &'static str, at| {
        let place = &place;
        async move {
            place.restore(name, Some(UnixMillis(at))).await.unwrap();
            let found = registers::newest(&*place.store(name), id).await.unwrap().unwrap().register;
            assert!(matches!(found.phase, Phase::Open(_)));
            let rows = registers::shift_rows(&*place.store(name), id, 1, None, ALL).await.unwrap();
            let is_told = rows.iter().any(|row| row.key[0] == RowKind::Change.number());
            assert_eq!(is_told, found.status.blocked.is_some(), "the row goes with the change");
            is_told
        }
    };
    assert!(!blocked("before", BEGAN + MINUTE / 2).await);
    assert!(blocked("after", BEGAN + MINUTE).await);
}

#[tokio::test]
async fn a_register_that_came_later_is_not_there_and_one_that_came_between_backups_is_whole() {
    let place = Place::new();
    let world = Given::at(BEGAN);
    let store = place.store("data");
    let mut first = Shop::open_in(Arc::clone(&store), 1, world.clone()).await;
    first.sell(0).await;
    place.back_up_at(&store, world.now()).unwrap();
    world.pass(MINUTE);
    let mut shop = Shop::open_in(Arc::clone(&store), 40, world.clone()).await;
    let newest = shop.registers() - 1;
    shop.sell(newest).await;
    world.pass(MINUTE);
    shop.sell(newest).await;
    world.pass(MINUTE);
    place.back_up_at(&store, world.now()).unwrap();
    let records = |name: &'static str, at| {
        let place = &place;
        async move {
            let restored = place.restore(name, Some(UnixMillis(at))).await.unwrap();
            assert!(restored.breaks.is_empty(), "{restored:?}");
            content(&*place.store(name)).await
        }
    };
    let early = records("early", BEGAN + MINUTE / 2).await;
    assert_eq!(early.streams.len(), 1);
    let between = records("between", BEGAN + MINUTE + MINUTE / 2).await;
    let whole = content(&*store).await;
    let count = |content: &Content, kind| content.records.keys().filter(|(of, _)| *of == kind).count();
    for kind in
        [RecordKind::Organisation, RecordKind::TradePoint, RecordKind::Register, RecordKind::FnsKkmIdHistory]
    {
        assert_eq!(count(&between, kind), count(&whole, kind), "{kind:?}");
    }
    assert_eq!(count(&early, RecordKind::Register), 1);
}
