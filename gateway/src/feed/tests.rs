//! The job beside the service: it follows what registers sell, whatever the store does.

use std::future::Future;

use ofd_storage::faulty::{FaultJournal, FaultRates, Faulty, Sharing};
use ofd_storage::memory::MemoryStore;
use ofd_storage::{figures, through};
use tokio::time::Instant;

use super::*;
use crate::testing::{Passing, Shop};
use crate::verify;

const ZONE: i32 = 5 * 3600;

/// A store that others write to.
struct Shared(Arc<MemoryStore>);

impl through::Through for Shared {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.0
    }

    fn is_shared(&self) -> bool {
        true
    }
}

/// Sells for some minutes with a cancellation, lost answers and a closing.
async fn sell(shop: &mut Shop<MemoryStore, Passing>) {
    for round in 0..4 {
        for index in 0..shop.registers() {
            shop.work(index, 1 + round).await;
            tokio::time::sleep(Duration::from_secs(7)).await;
        }
        shop.close(1).await;
    }
}

/// Every document is counted, and days are what the frames come to.
async fn expect_all_counted(shop: &Shop<MemoryStore, Passing>) {
    let reader = FiguresReader { zone_offset_seconds: ZONE };
    for index in 0..shop.registers() {
        let newest = shop.newest(index).await.register;
        let read = ofd_storage::feed::position(&*shop.store, &reader, shop.id(index)).await.unwrap();
        let read = read.expect("it was read").position;
        let last = newest.last_document.expect("it sold").place;
        assert_eq!((read.shift, read.number), (last.shift, last.number), "register {index}");
        let state = figures::recount(&*shop.store, shop.id(index), read, ZONE).await.unwrap();
        assert_eq!(state.cash, newest.lifetime.cash, "register {index}: cash");
        let tickets: i64 =
            state.days.values().flat_map(|day| &day.tickets).map(|tickets| tickets.total.count).sum();
        assert_eq!(tickets, newest.lifetime.tickets.iter().sum::<i64>(), "register {index}: receipts");
    }
    let walked = verify::walk(&*shop.store, |found| panic!("{found}")).await.unwrap();
    assert_eq!(walked.figures, shop.registers() as u64);
}

/// Lets jobs run beside something.
async fn beside<T>(jobs: impl Future<Output = ()>, act: impl Future<Output = T>) -> T {
    tokio::select! {
        () = jobs => panic!("a job ended"),
        done = act => done,
    }
}

#[tokio::test(start_paused = true)]
async fn gateways_share_the_work_and_together_follow_all_registers() {
    let (memory, world) = (Arc::new(MemoryStore::new()), Passing(Instant::now()));
    let mut shop = Shop::open_in(Arc::clone(&memory), 5, world).await;
    let (store, stop) = (Arc::new(Shared(memory)), CancellationToken::new());
    let job = || tokio::spawn(keep(Arc::clone(&store), world, ZONE, stop.clone()));
    let jobs = [job(), job()];
    sell(&mut shop).await;
    // What is announced, and no sweep, tells of what was sold since the start.
    tokio::time::sleep(Duration::from_secs(180)).await;
    expect_all_counted(&shop).await;
    let mut groups = Groups::new(ReaderName::Figures, &Holder::from_drawn([1; 16]));
    for shard in Shard::all() {
        let is_free = groups.has(&*store, shard, world.now(), &mut false).await.unwrap();
        assert!(!is_free, "{shard:?} is read by one of the two");
    }
    stop.cancel();
    for job in jobs {
        job.await.unwrap();
    }
    // Nobody has to wait for the end of their leases.
    let mut groups = Groups::new(ReaderName::Figures, &Holder::from_drawn([2; 16]));
    for shard in Shard::all() {
        assert!(groups.has(&*store, shard, world.now(), &mut false).await.unwrap(), "{shard:?} is free");
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_now_and_then_holds_it_up_and_loses_nothing() {
    for seed in 0..3 {
        let (memory, world) = (Arc::new(MemoryStore::new()), Passing(Instant::now()));
        let mut shop = Shop::open_in(Arc::clone(&memory), 4, world).await;
        let rates = FaultRates {
            refused: 60,
            lost_before: 60,
            lost_after: 60,
            late: 60,
            delayed: 50,
            read_refused: 60,
            landing: 50,
        };
        let faulty = Faulty::new(memory, "job", seed, rates, FaultJournal::default());
        let store = Arc::new(faulty.sharing(Sharing::Shared));
        let job = keep(store, world, ZONE, CancellationToken::new());
        beside(job, async {
            sell(&mut shop).await;
            tokio::time::sleep(Duration::from_secs(3600)).await;
        })
        .await;
        expect_all_counted(&shop).await;
    }
}

#[test]
fn the_lag_is_that_of_the_shard_that_is_furthest_behind() {
    let mut lag = Lag::new(UnixMillis(1_000_000));
    assert_eq!(lag.seconds(UnixMillis(1_010_000)), 10);
    for shard in Shard::all() {
        lag.looked(shard, Looked { read_up_to: UnixMillis(1_010_000), has_more: false });
    }
    lag.looked(Shard(7), Looked { read_up_to: UnixMillis(960_000), has_more: true });
    assert_eq!(lag.seconds(UnixMillis(1_012_000)), 52);
}
