//! Charges organisations each night for the days that are over.

use std::time::Duration;

use ofd_billing::PersonalAccount;
use ofd_billing::charging::ClockWord;
use ofd_edge::World;
use ofd_protocol::types::UnixMillis;
use ofd_storage::charging::{self, AT_ONCE, Clock, Pace, Ran, Step};
use ofd_storage::store::{Stamp, Store, StoreError};
use tracing::{error, info, warn};

use crate::job::{Job, Next};
use crate::metrics;

/// Between two steps: registers come first.
const STEP_EVERY: Duration = Duration::from_millis(100);

/// A run is asked for this often at least, so that a clock that was set does not put it off for long.
const WAIT_MAX: Duration = Duration::from_secs(600);

/// The run of every night.
#[derive(Debug)]
pub struct Charging<W> {
    world: W,
    zone_offset_seconds: i32,
    /// Whether a person said that the clock is right.
    word: ClockWord,
    /// How many postings were written since the run began here.
    postings: usize,
    /// Whether the metrics have it by now how it is.
    has_told: bool,
}

impl<W: World> Charging<W> {
    /// Days are those of a wall clock that is so many seconds ahead of UTC, and of which so much is known.
    pub fn new(world: W, zone_offset_seconds: i32, word: ClockWord) -> Self {
        Self { world, zone_offset_seconds, word, postings: 0, has_told: false }
    }

    fn ran(&mut self, ran: &Ran) {
        self.postings = self.postings.saturating_add(ran.postings);
        for bin in &ran.unpriced {
            warn!(
                bin,
                "charging: registers of organisation {bin} have days without a price: mend their tariff"
            );
        }
        for (bin, what) in &ran.in_part {
            warn!(bin, what, "charging: organisation {bin} is charged without what cannot be read: {what}");
        }
        metrics::charging_failed(ran.failed.len().saturating_add(ran.in_part.len()));
        for (bin, error) in &ran.failed {
            warn!(bin, %error, "charging: organisation {bin} is not charged: {error}");
        }
    }
}

impl<W: World> Job for Charging<W> {
    fn name(&self) -> &'static str {
        "charging"
    }

    async fn step(&mut self, store: &impl Store, now: UnixMillis) -> Result<Next, StoreError> {
        if !self.has_told {
            // Said also by a process that charges nobody, or has to wait for its lists.
            metrics::charging_failed(0);
            metrics::charging_doubtful(false);
            metrics::charging_owed(charging::owed(store).await?.len());
            self.has_told = true;
        }
        let clock = Clock { now, zone_offset_seconds: self.zone_offset_seconds };
        let world = &self.world;
        let pace = Pace { clock, word: self.word, at_once: AT_ONCE };
        let step = charging::step(store, pace, || PersonalAccount::of_drawn(world.bytes()), &|| {
            Stamp(world.bytes())
        })
        .await?;
        metrics::charging_doubtful(matches!(step, Step::Doubtful { .. }));
        match step {
            Step::More(ran) => self.ran(&ran),
            Step::Completed(ran) => {
                self.ran(&ran);
                // A clock is vouched for once: what is due from here on follows what was charged by it.
                self.word = ClockWord::Told;
                metrics::charging_owed(charging::owed(store).await?.len());
                let postings = std::mem::take(&mut self.postings);
                if postings > 0 {
                    info!(postings, "charging: all organisations are charged, by {postings} postings");
                }
            }
            Step::Wait(rest) => return Ok(Next::Rest(rest.min(WAIT_MAX))),
            Step::Doubtful { charged, over } => {
                error!(
                    %charged, %over,
                    "charging: all were charged up to {charged}, and by the clock {over} is over: see whether the clock is right, \
                     then start once with `ofd serve --accept-clock`"
                );
                return Ok(Next::Rest(WAIT_MAX));
            }
        }
        Ok(Next::In(STEP_EVERY))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use ofd_storage::charging::charged_until;
    use ofd_storage::memory::MemoryStore;
    use ofd_storage::store::{Record, RecordKind};
    use ofd_storage::walks::{self, Walk};
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::job::keep;
    use crate::testing::Passing;

    #[tokio::test(start_paused = true)]
    async fn each_day_is_charged_once_it_is_over() {
        let store = Arc::new(MemoryStore::new());
        let begun = UnixMillis(1);
        while !matches!(Walk::Holdings.step(&*store, begun).await.unwrap(), walks::Step::Completed { .. }) {}
        let bin = b"010101500123";
        store.put_record(RecordKind::Organisation, bin, None, Bytes::from_static(b"{}")).await.unwrap();
        let looks = async {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            let first = charged_until(&*store).await.unwrap().unwrap();
            tokio::time::sleep(Duration::from_secs(24 * 3600)).await;
            assert_eq!(charged_until(&*store).await.unwrap(), first.next());
        };
        let world = Passing(tokio::time::Instant::now());
        tokio::select! {
            () = keep(Charging::new(world, 5 * 3600, ClockWord::Told), Arc::clone(&store), world, CancellationToken::new()) => {}
            () = looks => {}
        }
    }

    /// A store that is far away: each read takes some milliseconds.
    struct Far(MemoryStore);

    const FAR: Duration = Duration::from_millis(5);

    impl ofd_storage::through::Through for Far {
        type Inner = MemoryStore;

        fn inner(&self) -> &MemoryStore {
            &self.0
        }

        async fn record(&self, kind: RecordKind, key: &[u8]) -> Result<Option<Record>, StoreError> {
            tokio::time::sleep(FAR).await;
            self.0.record(kind, key).await
        }

        async fn records(
            &self,
            kind: RecordKind,
            prefix: &[u8],
            after: Option<&[u8]>,
            limit: usize,
        ) -> Result<Vec<Record>, StoreError> {
            tokio::time::sleep(FAR).await;
            self.0.records(kind, prefix, after, limit).await
        }
    }

    /// Organisations a second of a run over a store that is far away, by a clock that stands still while nobody waits.
    async fn organisations_a_second(at_once: usize) -> u64 {
        let store = MemoryStore::new();
        while !matches!(
            Walk::Holdings.step(&store, UnixMillis(1)).await.unwrap(),
            walks::Step::Completed { .. }
        ) {}
        for number in 0..500_u32 {
            let bin = format!("0101015{number:05}");
            let record = Bytes::from_static(b"{}");
            store.put_record(RecordKind::Organisation, bin.as_bytes(), None, record).await.unwrap();
        }
        let (store, begun) = (Far(store), tokio::time::Instant::now());
        let world = crate::world::SystemWorld;
        let clock = Clock { now: UnixMillis(1_795_158_000_000), zone_offset_seconds: 5 * 3600 };
        let pace = Pace { clock, word: ClockWord::Told, at_once };
        let mut organisations = 0;
        loop {
            let draw = || PersonalAccount::of_drawn(world.bytes());
            match charging::step(&store, pace, draw, &|| Stamp(world.bytes())).await.unwrap() {
                Step::More(ran) => organisations += ran.organisations as u64,
                Step::Completed(ran) => {
                    organisations += ran.organisations as u64;
                    break;
                }
                other => panic!("{other:?}"),
            }
        }
        organisations * 1000 / u64::try_from(begun.elapsed().as_millis()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn organisations_are_charged_beside_each_other_many_times_as_fast_as_one_by_one() {
        let (one, many) = (organisations_a_second(1).await, organisations_a_second(AT_ONCE).await);
        assert!(many > 20 * one, "{one} organisations a second one by one, {many} with {AT_ONCE} at once");
    }

    #[test]
    fn numbers_of_personal_accounts_are_drawn_among_all() {
        let world = crate::world::SystemWorld;
        let drawn: std::collections::BTreeSet<_> =
            (0..32).map(|_| PersonalAccount::of_drawn(world.bytes())).collect();
        assert!(drawn.len() > 16, "{drawn:?}");
    }
}
