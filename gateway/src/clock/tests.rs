use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use ofd_storage::memory::MemoryStore;
use ofd_storage::store::Health;

use super::*;
use crate::opening::OpeningStore;

/// The clocks of a made-up machine.
#[derive(Default)]
struct Machine {
    wall: AtomicI64,
    boot: AtomicU64,
}

const BEGAN: i64 = 1_795_000_000_000;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const YEAR: i64 = 365 * 24 * HOUR;

impl Machine {
    fn start() -> Arc<Self> {
        Arc::new(Self { wall: AtomicI64::new(BEGAN), boot: AtomicU64::new(500_000) })
    }

    /// Time goes by.
    fn pass(&self, ms: i64) {
        self.set(ms);
        self.boot.fetch_add(u64::try_from(ms).unwrap(), Ordering::Relaxed);
    }

    /// Somebody sets the wall clock.
    fn set(&self, by_ms: i64) {
        self.wall.fetch_add(by_ms, Ordering::Relaxed);
    }
}

struct Its(Arc<Machine>, Option<&'static str>);

impl Clocks for Its {
    fn read(&self) -> Reading {
        let wall = u64::try_from(self.0.wall.load(Ordering::Relaxed)).unwrap();
        Reading { wall: UnixMillis(wall), boot_ms: self.0.boot.load(Ordering::Relaxed) }
    }

    fn boot_id(&self) -> Option<String> {
        self.1.map(str::to_owned)
    }
}

/// A process that serves from a store.
async fn process(
    machine: &Arc<Machine>,
    boot: &'static str,
    store: &MemoryStore,
    accepts: bool,
) -> ClockGuard {
    let guard = ClockGuard::new(Its(Arc::clone(machine), Some(boot)));
    guard.begin(store, accepts).await.unwrap();
    guard
}

fn sell(guard: &ClockGuard) -> Result<(), String> {
    guard.check()?;
    guard.wrote();
    Ok(())
}

#[tokio::test]
async fn a_clock_that_is_set_holds_writes_until_it_is_set_right() {
    for by in [10 * YEAR, MINUTE + 1, -MINUTE - 1, -5 * YEAR] {
        let (machine, store) = (Machine::start(), MemoryStore::new());
        let guard = process(&machine, "a", &store, false).await;
        sell(&guard).unwrap();
        machine.set(by);
        let reason = sell(&guard).unwrap_err();
        assert!(reason.contains("--accept-clock"), "{reason}");
        machine.pass(HOUR);
        assert!(sell(&guard).is_err(), "time alone does not heal it");
        machine.set(-by);
        sell(&guard).unwrap();
    }
}

#[tokio::test]
async fn small_steps_and_a_slow_slew_are_no_jump() {
    let (machine, store) = (Machine::start(), MemoryStore::new());
    let guard = process(&machine, "a", &store, false).await;
    for step in 0..200 {
        // NTP slews both clocks alike, and steps the wall clock by seconds now and then.
        machine.pass(HOUR);
        machine.set(if step % 2 == 0 { 20_000 } else { 5_000 });
        sell(&guard).unwrap();
    }
    machine.set(-MINUTE);
    sell(&guard).unwrap();
}

#[tokio::test]
async fn a_restart_does_not_make_a_wrong_clock_right_but_a_word_does() {
    for by in [10 * YEAR, -HOUR] {
        let (machine, store) = (Machine::start(), MemoryStore::new());
        let guard = process(&machine, "a", &store, false).await;
        sell(&guard).unwrap();
        guard.keep_if_due(&store).await.unwrap();
        machine.set(by);
        assert!(sell(&process(&machine, "a", &store, false).await).is_err());
        sell(&process(&machine, "a", &store, true).await).unwrap();
        machine.pass(1000);
        sell(&process(&machine, "a", &store, false).await).unwrap();
    }
}

#[tokio::test]
async fn a_machine_that_starts_with_an_old_clock_takes_nothing_before_its_last_document() {
    let (machine, store) = (Machine::start(), MemoryStore::new());
    let guard = process(&machine, "a", &store, false).await;
    sell(&guard).unwrap();
    guard.keep_if_due(&store).await.unwrap();
    machine.boot.store(3_000, Ordering::Relaxed);
    machine.set(-2 * MINUTE);
    let guard = process(&machine, "b", &store, false).await;
    let reason = sell(&guard).unwrap_err();
    assert!(reason.contains("120 s behind the last document"), "{reason}");
    machine.pass(MINUTE);
    sell(&guard).unwrap();
}

#[tokio::test]
async fn a_machine_that_was_off_for_long_takes_documents_at_once() {
    let (machine, store) = (Machine::start(), MemoryStore::new());
    let guard = process(&machine, "a", &store, false).await;
    sell(&guard).unwrap();
    guard.keep_if_due(&store).await.unwrap();
    machine.boot.store(3_000, Ordering::Relaxed);
    machine.set(30 * 24 * HOUR);
    sell(&process(&machine, "b", &store, false).await).unwrap();
}

#[tokio::test]
async fn what_is_written_down_is_no_older_than_the_tolerance() {
    let (machine, store) = (Machine::start(), MemoryStore::new());
    let guard = process(&machine, "a", &store, false).await;
    for _ in 0..20 {
        sell(&guard).unwrap();
        guard.keep_if_due(&store).await.unwrap();
        machine.pass(20_000);
    }
    // kill -9; the machine comes back with a clock two minutes behind.
    machine.set(-2 * MINUTE);
    assert!(sell(&process(&machine, "b", &store, false).await).is_err());
}

#[tokio::test]
async fn while_writes_are_held_the_store_says_so_and_reading_goes_on() {
    let (machine, inner) = (Machine::start(), Arc::new(MemoryStore::new()));
    let guard = Arc::new(process(&machine, "a", &inner, false).await);
    let store = OpeningStore::guarded(Some(guard));
    store.open(Arc::clone(&inner));
    let put = || {
        ofd_storage::store::Store::put_record(
            &store,
            ofd_storage::store::RecordKind::Bank,
            b"KZ",
            None,
            bytes::Bytes::new(),
        )
    };
    machine.set(10 * YEAR);
    // The two clocks are read one after the other.
    machine.boot.fetch_add(3, Ordering::Relaxed);
    let refused = put().await.unwrap_err().to_string();
    assert!(refused.contains("set forward by 3650 days"), "{refused}");
    assert!(matches!(ofd_storage::store::Store::health(&store).await, Health::ReadOnly(_)));
    let read = ofd_storage::store::Store::record(&store, ofd_storage::store::RecordKind::Bank, b"KZ").await;
    assert_eq!(read.unwrap(), None);
    machine.set(-10 * YEAR + 3);
    assert_eq!(ofd_storage::store::Store::health(&store).await, Health::Ready);
    put().await.unwrap();
}
