//! One process at a time does a job, and another goes on when that one is gone.

use std::sync::Mutex;
use std::time::Duration;

use futures::executor::block_on;

use bytes::Bytes;
use ofd_protocol::types::UnixMillis;

use super::rule::{Held, Ruling, rule};
use super::*;
use crate::memory::MemoryStore;
use crate::store::{Record, RecordKind, Store, StoreError, Version};
use crate::through;

const NOW: UnixMillis = UnixMillis(1_790_000_000_000);
const TERM: Duration = Duration::from_secs(60);
const NAME: &str = "job";

fn holder(number: u8) -> Holder {
    Holder::from_drawn([number; 16])
}

fn later(seconds: u64) -> UnixMillis {
    UnixMillis(NOW.0 + seconds * 1000)
}

fn ours(taken: Taken) -> Lease {
    match taken {
        Taken::Ours(lease) => lease,
        Taken::Others { left } => panic!("others have it for {left:?}"),
    }
}

/// What becomes of the next writes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Lands,
    LandsUnheard,
    IsLost,
    /// Another holder's lands in the same moment.
    IsOvertaken,
}

/// A store that others share, and that may lose writes or their answers.
#[derive(Default)]
struct Shared {
    inner: MemoryStore,
    fates: Mutex<Vec<Fate>>,
    calls: Mutex<usize>,
}

impl Shared {
    fn next_writes(&self, fates: &[Fate]) {
        *self.fates.lock().unwrap() = fates.to_vec();
    }

    fn calls(&self) -> usize {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }
}

impl through::Through for Shared {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.inner
    }

    async fn record(&self, kind: RecordKind, key: &[u8]) -> Result<Option<Record>, StoreError> {
        *self.calls.lock().unwrap() += 1;
        Store::record(&self.inner, kind, key).await
    }

    async fn put_record(
        &self,
        kind: RecordKind,
        key: &[u8],
        expected: Option<Version>,
        bytes: Bytes,
    ) -> Result<Version, StoreError> {
        *self.calls.lock().unwrap() += 1;
        let fate = self.fates.lock().unwrap().pop().unwrap_or(Fate::Lands);
        let unknown = StoreError::Unknown { waited: Duration::from_secs(1) };
        match fate {
            Fate::Lands => Store::put_record(&self.inner, kind, key, expected, bytes).await,
            Fate::LandsUnheard => {
                Store::put_record(&self.inner, kind, key, expected, bytes).await?;
                Err(unknown)
            }
            Fate::IsLost => Err(unknown),
            Fate::IsOvertaken => {
                let theirs = Held::by(&holder(9), NOW, TERM).encode()?;
                Store::put_record(&self.inner, kind, key, expected, theirs).await?;
                Store::put_record(&self.inner, kind, key, expected, bytes).await
            }
        }
    }

    fn is_shared(&self) -> bool {
        true
    }
}

#[test]
fn a_lease_is_held_by_one_until_it_ends() {
    block_on(async {
        let store = MemoryStore::new();
        ours(take(&store, NAME, &holder(1), NOW, TERM).await.unwrap());
        let left = |seconds| Taken::Others { left: Duration::from_secs(seconds) };
        assert_eq!(take(&store, NAME, &holder(2), later(20), TERM).await.unwrap(), left(40));
        ours(take(&store, "another job", &holder(2), later(20), TERM).await.unwrap());
        assert_eq!(take(&store, NAME, &holder(2), later(59), TERM).await.unwrap(), left(1));
        let second = ours(take(&store, NAME, &holder(2), later(60), TERM).await.unwrap());
        assert_eq!(second.until(), later(120));
        assert_eq!(take(&store, NAME, &holder(1), later(61), TERM).await.unwrap(), left(59));
    });
}

#[test]
fn whoever_holds_a_lease_holds_it_for_longer_and_gives_it_back() {
    block_on(async {
        let store = MemoryStore::new();
        let first = ours(take(&store, NAME, &holder(1), NOW, TERM).await.unwrap());
        let renewed = renew(&store, &first, later(30), TERM).await.unwrap().unwrap();
        assert_eq!(renewed.until(), later(90));
        let again = ours(take(&store, NAME, &holder(1), later(40), TERM).await.unwrap());
        assert_eq!(again.until(), later(100));
        give_back(&store, again).await.unwrap();
        ours(take(&store, NAME, &holder(2), later(41), TERM).await.unwrap());
    });
}

#[test]
fn whoever_comes_back_after_its_lease_has_run_out_learns_who_has_it() {
    block_on(async {
        let store = MemoryStore::new();
        let first = ours(take(&store, NAME, &holder(1), NOW, TERM).await.unwrap());
        let second = ours(take(&store, NAME, &holder(2), later(70), TERM).await.unwrap());
        assert_eq!(renew(&store, &first, later(71), TERM).await.unwrap(), None);
        give_back(&store, first.clone()).await.unwrap();
        let left = Taken::Others { left: Duration::from_secs(58) };
        assert_eq!(
            take(&store, NAME, &holder(3), later(72), TERM).await.unwrap(),
            left,
            "it is the second's"
        );
        give_back(&store, second).await.unwrap();
        assert!(renew(&store, &first, later(73), TERM).await.unwrap().is_some(), "nobody has it");
    });
}

#[test]
fn of_two_who_take_it_in_one_moment_one_has_it() {
    block_on(async {
        let store = Shared::default();
        store.next_writes(&[Fate::IsOvertaken]);
        let others = Taken::Others { left: TERM };
        assert_eq!(take(&store, NAME, &holder(1), NOW, TERM).await.unwrap(), others);
        let lease = ours(take(&store, NAME, &holder(9), NOW, TERM).await.unwrap());
        give_back(&store, lease).await.unwrap();
        let lease = ours(take(&store, NAME, &holder(1), NOW, TERM).await.unwrap());
        store.next_writes(&[Fate::IsOvertaken]);
        assert_eq!(renew(&store, &lease, NOW, TERM).await.unwrap(), None);
    });
}

#[test]
fn an_answer_that_is_lost_is_read_and_compared() {
    block_on(async {
        let store = Shared::default();
        store.next_writes(&[Fate::LandsUnheard]);
        let lease = ours(take(&store, NAME, &holder(1), NOW, TERM).await.unwrap());
        store.next_writes(&[Fate::LandsUnheard]);
        let renewed = renew(&store, &lease, later(30), TERM).await.unwrap().unwrap();
        assert_eq!(renewed.until(), later(90));
        // What is lost is not held, and the next try takes it.
        store.next_writes(&[Fate::IsLost]);
        let lost = renew(&store, &renewed, later(60), TERM).await;
        assert!(matches!(lost, Err(StoreError::Unknown { .. })), "{lost:?}");
        assert_eq!(renew(&store, &renewed, later(61), TERM).await.unwrap().unwrap().until(), later(121));
        // One that lands after it was looked for is ours all the same.
        let late = Held::by(&holder(1), later(61), TERM).encode().unwrap();
        let version = store.record(RecordKind::Lease, NAME.as_bytes()).await.unwrap().unwrap().version;
        Store::put_record(&store.inner, RecordKind::Lease, NAME.as_bytes(), Some(version), late)
            .await
            .unwrap();
        assert!(renew(&store, &renewed, later(62), TERM).await.unwrap().is_some());
    });
}

#[test]
fn a_clock_that_ran_ahead_holds_a_lease_no_longer_than_the_longest_term() {
    let ahead = Held::by(&holder(1), later(100_000), TERM);
    assert_eq!(rule(Some(&ahead), &holder(2), NOW), Ruling::Free);
    let longest = Held::by(&holder(1), NOW, Duration::MAX);
    assert_eq!(rule(Some(&longest), &holder(2), NOW), Ruling::Others { left: TERM_MAX });
}

#[test]
fn what_is_no_lease_holds_nobody_up() {
    block_on(async {
        let store = MemoryStore::new();
        let bytes = Bytes::from_static(b"?");
        Store::put_record(&store, RecordKind::Lease, NAME.as_bytes(), None, bytes).await.unwrap();
        ours(take(&store, NAME, &holder(1), NOW, TERM).await.unwrap());
    });
}

#[test]
fn a_job_asks_the_store_when_half_of_its_lease_is_over_and_another_goes_on_when_it_ends() {
    block_on(async {
        let store = Shared::default();
        let (mut one, mut two) = (JobLease::new(NAME, holder(1)), JobLease::new(NAME, holder(2)));
        assert_eq!(one.turn(&store, NOW).await.unwrap(), Turn::Ours);
        assert_eq!(store.calls(), 2);
        for second in 1..30 {
            assert_eq!(one.turn(&store, later(second)).await.unwrap(), Turn::Ours);
        }
        assert_eq!(store.calls(), 0);
        assert_eq!(one.turn(&store, later(30)).await.unwrap(), Turn::Ours);
        assert_eq!(store.calls(), 1, "it is renewed without a look");
        let left = Duration::from_secs(59);
        assert_eq!(two.turn(&store, later(31)).await.unwrap(), Turn::Others { left });
        // The first one stood still, and its lease ran out.
        assert_eq!(two.turn(&store, later(90)).await.unwrap(), Turn::Ours);
        let left = Duration::from_secs(59);
        assert_eq!(one.turn(&store, later(91)).await.unwrap(), Turn::Others { left });
        two.give_back(&store).await.unwrap();
        assert_eq!(one.turn(&store, later(92)).await.unwrap(), Turn::Ours);
    });
}

#[test]
fn in_a_store_of_one_process_a_job_waits_for_no_lease_of_a_dead_one() {
    block_on(async {
        let store = MemoryStore::new();
        ours(take(&store, NAME, &holder(1), NOW, TERM).await.unwrap());
        assert_eq!(JobLease::new(NAME, holder(2)).turn(&store, NOW).await.unwrap(), Turn::Ours);
    });
}
