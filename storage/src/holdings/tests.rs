//! An organisation's registers and trade points are found by its BIN, and nobody takes a list that is still being made for
//! a whole one.

use bytes::Bytes;
use futures::executor::block_on;
use ofd_protocol::types::{RegisterId, UnixMillis};

use super::*;
use crate::memory::MemoryStore;
use crate::model::{self, Model, Organisation, RegisterRecord, TradePoint, TradePointId};
use crate::store::{RecordKind, Store, StoreError, Version};
use crate::walks::{Step, Walk};
use crate::{samples, through};

const NOW: UnixMillis = UnixMillis(1_790_000_000_000);
const BIN: &str = "151140001234";
const OTHER: &str = "000000000019";

fn register(id: u32, bin: &str) -> RegisterRecord {
    samples::register(RegisterId(id), bin)
}

fn trade_point(title: &str, bin: &str) -> TradePoint {
    samples::trade_point(bin, title)
}

async fn walk(store: &impl Store) -> usize {
    let mut all = 0;
    loop {
        match Walk::Holdings.step(store, NOW).await.unwrap() {
            Step::More { added } => all += added,
            Step::Completed { added } => return all + added,
            Step::Wait(rest) => panic!("nothing is due for {rest:?}"),
        }
    }
}

async fn ids(store: &impl Store, bin: &str) -> Vec<u32> {
    let page = registers_of(store, bin, None, 1000).await.unwrap();
    page.found.iter().map(|register| register.id.0).collect()
}

/// Writes a record as a program of before did: nothing leads there.
async fn of_before<M: Model>(store: &impl Store, model: &M) {
    let bytes = Bytes::from(serde_json::to_vec(model).unwrap());
    store.put_record(M::KIND, &model.key(), None, bytes).await.unwrap();
}

/// A process that dies when it is about to write a record.
#[derive(Default)]
struct Dying(MemoryStore);

impl through::Through for Dying {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.0
    }

    async fn put_record(
        &self,
        kind: RecordKind,
        key: &[u8],
        expected: Option<Version>,
        bytes: Bytes,
    ) -> Result<Version, StoreError> {
        if matches!(kind, RecordKind::Register | RecordKind::TradePoint) {
            return Err(StoreError::Unavailable { reason: "the process died".into() });
        }
        Store::put_record(&self.0, kind, key, expected, bytes).await
    }
}

#[test]
fn what_leads_to_a_register_or_trade_point_is_there_before_it_and_is_passed_over_until_it_comes() {
    block_on(async {
        let store = Dying::default();
        assert!(model::create(&store, &register(7, BIN)).await.is_err());
        assert!(model::create(&store, &trade_point("Магазин", BIN)).await.is_err());
        for kind in [RecordKind::RegisterOfOrganisation, RecordKind::TradePointOfOrganisation] {
            assert_eq!(store.records(kind, BIN.as_bytes(), None, 9).await.unwrap().len(), 1, "{kind:?}");
        }
        assert_eq!(ids(&store.0, BIN).await, [0_u32; 0]);
        assert!(trade_points_of(&store.0, BIN, None, 9).await.unwrap().found.is_empty());
        model::create(&store.0, &register(7, BIN)).await.unwrap();
        model::create(&store.0, &trade_point("Магазин", BIN)).await.unwrap();
        assert_eq!(ids(&store.0, BIN).await, [7]);
        assert_eq!(trade_points_of(&store.0, BIN, None, 9).await.unwrap().found[0].title, "Магазин");
    });
}

#[test]
fn a_list_is_read_in_pages_and_holds_what_is_the_organisations_now() {
    block_on(async {
        let store = MemoryStore::new();
        // Ids whose bytes hold the separator, and a page's end among those that are passed over.
        for id in [1, 2, 47, 0x2f2f_2f2f, 3] {
            model::create(&store, &register(id, BIN)).await.unwrap();
        }
        model::create(&store, &register(4, OTHER)).await.unwrap();
        let (version, kept) =
            model::load::<RegisterRecord>(&store, &3_u32.to_be_bytes()).await.unwrap().unwrap();
        model::replace(&store, version, &RegisterRecord { bin: OTHER.into(), ..kept }).await.unwrap();
        assert_eq!(ids(&store, BIN).await, [1, 2, 47, 0x2f2f_2f2f]);
        assert_eq!(ids(&store, OTHER).await, [3, 4], "it goes to the other one with its record");
        assert_eq!(ids(&store, "15114000123").await, [0_u32; 0], "no beginning of a BIN will do");
        let (mut after, mut pages) = (None, Vec::new());
        loop {
            let page = registers_of(&store, BIN, after, 2).await.unwrap();
            pages.push(page.found.iter().map(|register| register.id.0).collect::<Vec<_>>());
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(pages, [vec![1, 2], vec![47], vec![0x2f2f_2f2f]]);
    });
}

#[test]
fn one_that_cannot_be_read_hides_none_of_the_others() {
    block_on(async {
        let store = MemoryStore::new();
        for id in [1, 2, 3] {
            model::create(&store, &register(id, BIN)).await.unwrap();
        }
        let key = 2_u32.to_be_bytes();
        let put = store.put_record(RecordKind::Register, &key, Some(Version(1)), "{".into());
        put.await.unwrap();
        let page = registers_of(&store, BIN, None, 9).await.unwrap();
        assert_eq!(page.found.iter().map(|register| register.id.0).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(page.unreadable, [RegisterId(2)]);
    });
}

/// A store of before, with so many registers and trade points.
async fn store_of_before(count: u32) -> MemoryStore {
    let store = MemoryStore::new();
    of_before(&store, &Organisation::titled(BIN, "ТОО «Көктем»")).await;
    for id in 1..=count {
        of_before(&store, &register(id, BIN)).await;
        of_before(&store, &trade_point(&format!("Магазин {id}"), BIN)).await;
    }
    store
}

#[test]
fn a_store_of_before_says_that_its_lists_are_being_made_until_all_were_walked() {
    block_on(async {
        let store = store_of_before(100).await;
        let page = registers_of(&store, BIN, None, 1000).await.unwrap();
        assert_eq!((page.found.len(), page.listing), (0, Listing::BeingMade));
        assert!(may_have_registers(&store, BIN).await.unwrap(), "unknown is not no");
        assert_eq!(walk(&store).await, 200);
        let page = registers_of(&store, BIN, None, 1000).await.unwrap();
        assert_eq!((page.found.len(), page.listing), (100, Listing::Whole));
        let points = trade_points_of(&store, BIN, None, 1000).await.unwrap();
        assert_eq!((points.found.len(), points.listing), (100, Listing::Whole));
        assert!(may_have_registers(&store, BIN).await.unwrap());
        assert!(!may_have_registers(&store, OTHER).await.unwrap());
    });
}

#[test]
fn a_walk_over_registers_that_was_cut_off_anywhere_is_gone_on_with_from_there() {
    block_on(async {
        for cut in 0..12 {
            let store = store_of_before(100).await;
            let mut added = 0;
            for _ in 0..cut {
                match Walk::Holdings.step(&store, NOW).await.unwrap() {
                    Step::More { added: of_step } | Step::Completed { added: of_step } => added += of_step,
                    Step::Wait(_) => {}
                }
            }
            // Another process on the same store.
            let other = store.another_handle();
            if !Walk::Holdings.is_complete(&other).await.unwrap() {
                added += walk(&other).await;
            }
            assert_eq!(added, 200, "cut after {cut} steps");
            assert_eq!(ids(&other, BIN).await.len(), 100);
        }
    });
}

#[test]
fn after_a_day_what_a_program_of_before_wrote_meanwhile_is_listed() {
    block_on(async {
        let store = store_of_before(1).await;
        walk(&store).await;
        of_before(&store, &register(2, BIN)).await;
        assert_eq!(ids(&store, BIN).await, [1]);
        let day_later = UnixMillis(NOW.0 + 86_400_000);
        while !matches!(Walk::Holdings.step(&store, day_later).await.unwrap(), Step::Completed { .. }) {}
        assert_eq!(ids(&store, BIN).await, [1, 2]);
    });
}

#[test]
fn only_what_is_written_as_an_entry_is_one() {
    for id in [0, 47, u32::MAX] {
        let entry = model::list_entry(&register(id, BIN));
        assert_eq!(model::listed_by_key::<RegisterRecord>(&entry.key), Some((BIN, RegisterId(id))));
    }
    let point = trade_point("Магазин", BIN);
    let entry = model::list_entry(&point);
    assert_eq!(model::listed_by_key::<TradePoint>(&entry.key), Some((BIN, point.id)));
    for wrong in
        ["", "151140001234", "151140001234/", "151140001234/12", "15114000123x/1234", "151140001234:1234"]
    {
        assert_eq!(model::listed_by_key::<RegisterRecord>(wrong.as_bytes()), None, "{wrong}");
    }
    let short = TradePointId("0123".into());
    assert_eq!(model::listed_by_key::<TradePoint>(format!("{BIN}/{}", short.0).as_bytes()), None);
}
