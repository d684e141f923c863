//! Tests of the faulty store, driven by a scheduler of a few lines.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::*;
use crate::embedded::{EmbeddedOptions, EmbeddedStore};
use crate::memory::MemoryStore;
use crate::store::Stamp;

const NONE: FaultRates = FaultRates {
    refused: 0,
    lost_before: 0,
    lost_after: 0,
    late: 0,
    delayed: 0,
    read_refused: 0,
    landing: 0,
};
const MANY: FaultRates = FaultRates {
    refused: 60,
    lost_before: 100,
    lost_after: 100,
    late: 100,
    delayed: 100,
    read_refused: 50,
    landing: 40,
};

fn shift() -> StreamId {
    StreamId { kind: StreamKind::Shift, owner: 1, ordinal: 1 }
}

fn append(writer: u8, number: u64, expected: Option<Version>) -> Append {
    let mut stamp = [writer; 16];
    stamp[8..].copy_from_slice(&number.to_be_bytes());
    let row = Row { key: Bytes::copy_from_slice(&stamp), value: Bytes::from_static(b"document") };
    Append {
        stream: shift(),
        expected,
        stamp: Stamp(stamp),
        head: Bytes::from_static(b"head"),
        rows: vec![row],
        notes: Vec::new(),
    }
}

fn faulty<S: Store>(inner: S, seed: u64, rates: FaultRates) -> Faulty<S> {
    Faulty::new(inner, "gateway", seed, rates, FaultJournal::default())
}

/// Polls until ready and tells how often that was.
fn polls<F: Future>(future: F) -> (F::Output, usize) {
    let mut future = pin!(future);
    let mut polls = 0;
    loop {
        polls += 1;
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return (output, polls);
        }
    }
}

fn run<F: Future>(future: F) -> F::Output {
    polls(future).0
}

/// Polls tasks in an order drawn from the seed until all are done.
fn interleave(mut tasks: Vec<std::pin::Pin<Box<dyn Future<Output = ()> + '_>>>, seed: u64) {
    let mut random = Random(seed);
    while !tasks.is_empty() {
        let chosen = random.below(tasks.len() as u64) as usize;
        if tasks[chosen].as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            drop(tasks.swap_remove(chosen));
        }
    }
}

/// Adds `count` rows by the rules of the contract: repeats what is unknown, decides again after a conflict.
async fn adds(store: &impl Store, writer: u8, count: u64) {
    for number in 0..count {
        'decide: loop {
            let Ok(head) = store.head(shift()).await else { continue };
            let append = append(writer, number, head.map(|head| head.version));
            loop {
                match store.append(append.clone()).await {
                    Ok(_) => break 'decide,
                    Err(StoreError::Conflict { .. }) => {
                        // It may have landed before another's: that is what the row tells.
                        match store.row(shift(), &append.stamp.0).await {
                            Ok(Some(_)) => break 'decide,
                            Ok(None) => continue 'decide,
                            Err(_) => {}
                        }
                    }
                    Err(StoreError::Unknown { .. } | StoreError::Unavailable { .. }) => {}
                    Err(other) => panic!("{other}"),
                }
            }
        }
    }
}

fn simulate<S: Store>(inner: S, seed: u64) -> (Vec<String>, Option<Head>, Vec<Row>) {
    let (inner, journal) = (Arc::new(inner), FaultJournal::default());
    let gateways = ["east", "west"].map(|name| {
        let seed = seed ^ name.len() as u64 ^ u64::from(name.as_bytes()[0]);
        Faulty::new(Arc::clone(&inner), name, seed, MANY, journal.clone()).sharing(Sharing::Shared)
    });
    let tasks = (1..).zip(&gateways).map(|(writer, gateway)| {
        let task: std::pin::Pin<Box<dyn Future<Output = ()>>> = Box::pin(adds(gateway, writer, 8));
        task
    });
    interleave(tasks.collect(), seed);
    gateways.iter().for_each(Faulty::crash);
    let head = now(inner.head(shift())).unwrap();
    let rows = now(inner.rows(shift(), b"", None, 99)).unwrap();
    (journal.lines(), head, rows)
}

#[test]
fn every_call_yields_before_and_after_its_work() {
    let store = faulty(MemoryStore::new(), 1, NONE);
    assert_eq!(polls(store.append(append(1, 1, None))).1, 3);
    assert_eq!(polls(store.head(shift())).1, 3);
    assert_eq!(polls(store.claim("bin", "1", b"o", 1, None)).1, 3);
    let mut head = pin!(store.append(append(1, 2, Some(Version(1)))));
    let mut context = Context::from_waker(Waker::noop());
    assert!(head.as_mut().poll(&mut context).is_pending());
    assert_eq!(now(store.inner().head(shift())).unwrap().unwrap().version, Version(1), "not yet written");
    assert!(head.as_mut().poll(&mut context).is_pending());
    assert_eq!(
        now(store.inner().head(shift())).unwrap().unwrap().version,
        Version(2),
        "written, not yet told"
    );
}

#[test]
fn without_faults_it_is_the_store_inside() {
    struct Wrapped;
    impl crate::conformance::Backend for Wrapped {
        type Store = Faulty<MemoryStore>;
        async fn fresh(&mut self) -> Self::Store {
            faulty(MemoryStore::new(), 1, NONE)
        }
        async fn reopen(&mut self, closed: Self::Store) -> Self::Store {
            faulty(closed.inner().another_handle(), 1, NONE)
        }
    }
    run(crate::conformance::all(&mut Wrapped));
}

#[test]
fn a_late_append_lands_after_a_read_showed_the_old_head() {
    let store = faulty(MemoryStore::new(), 1, FaultRates { late: 1000, ..NONE });
    assert!(matches!(run(store.append(append(1, 1, None))), Err(StoreError::Unknown { .. })));
    assert_eq!(run(store.head(shift())).unwrap(), None);
    store.land_all();
    assert_eq!(run(store.head(shift())).unwrap().unwrap().version, Version(1));
    assert!(store.journal.lines()[1].contains("after a read showed the old head"), "{:?}", store.journal);
}

#[test]
fn a_crash_lets_what_is_under_way_land_or_vanish_by_seed() {
    let landed = |seed| {
        let store = faulty(MemoryStore::new(), seed, FaultRates { late: 1000, ..NONE });
        run(store.append(append(1, 1, None))).unwrap_err();
        store.crash();
        assert_eq!(store.under_way(), 0);
        now(store.inner().head(shift())).unwrap().is_some()
    };
    let count = (0..100).filter(|seed| landed(*seed)).count();
    assert!((20..80).contains(&count), "{count} of 100 landed");
}

#[test]
fn whoever_repeats_what_is_unknown_writes_everything_exactly_once() {
    let mut faults = 0;
    for seed in 0..300 {
        let (journal, head, rows) = simulate(MemoryStore::new(), seed);
        assert_eq!(head.map(|head| head.version), Some(Version(16)), "seed {seed}: {journal:#?}");
        assert_eq!(rows.len(), 16, "seed {seed}: {journal:#?}");
        faults += journal.len();
    }
    assert!(faults > 300 * 10, "the simulation made {faults} faults only");
}

#[test]
fn a_seed_gives_the_same_run_on_every_backend() {
    for seed in 0..5 {
        let in_memory = simulate(MemoryStore::new(), seed);
        assert_eq!(in_memory, simulate(MemoryStore::new(), seed), "seed {seed}");
        let directory = tempfile::tempdir().unwrap();
        let embedded = EmbeddedStore::open(EmbeddedOptions::new(directory.path())).unwrap();
        assert_eq!(in_memory, simulate(embedded, seed), "seed {seed}");
    }
}
