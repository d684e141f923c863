//! Charges organisations each night for the days that are over.

use std::time::Duration;

use ofd_billing::PersonalAccount;
use ofd_edge::World;
use ofd_protocol::types::UnixMillis;
use ofd_storage::charging::{self, Clock, Ran, Step};
use ofd_storage::store::{Stamp, Store, StoreError};
use tracing::{info, warn};

use crate::job::{Job, Next};

/// Between two steps: eighty organisations in a second at most, and registers come first.
const STEP_EVERY: Duration = Duration::from_millis(100);

/// A run is asked for this often at least, so that a clock that was set does not put it off for long.
const WAIT_MAX: Duration = Duration::from_secs(600);

/// The run of every night.
#[derive(Debug)]
pub struct Charging<W> {
    world: W,
    zone_offset_seconds: i32,
    /// How many postings were written since the run began here.
    postings: usize,
}

impl<W: World> Charging<W> {
    /// Days are those of a wall clock that is so many seconds ahead of UTC.
    pub fn new(world: W, zone_offset_seconds: i32) -> Self {
        Self { world, zone_offset_seconds, postings: 0 }
    }

    fn ran(&mut self, ran: &Ran) {
        self.postings = self.postings.saturating_add(ran.postings);
        for bin in &ran.unpriced {
            warn!(
                bin,
                "charging: registers of organisation {bin} have days without a price: mend their tariff"
            );
        }
        for (bin, error) in &ran.failed {
            warn!(bin, %error, "charging: organisation {bin} is not charged: {error}");
        }
    }
}

/// The number of a personal account, drawn among all.
fn drawn(world: &impl World) -> PersonalAccount {
    let serial = u32::from_be_bytes(world.bytes::<4>()).checked_rem(PersonalAccount::COUNT).unwrap_or(0);
    PersonalAccount::of_serial(serial).unwrap_or(PersonalAccount::FIRST)
}

impl<W: World> Job for Charging<W> {
    fn name(&self) -> &'static str {
        "charging"
    }

    async fn step(&mut self, store: &impl Store, now: UnixMillis) -> Result<Next, StoreError> {
        let clock = Clock { now, zone_offset_seconds: self.zone_offset_seconds };
        let world = &self.world;
        let step = charging::step(store, clock, || drawn(world), &|| Stamp(world.bytes())).await?;
        match step {
            Step::More(ran) => self.ran(&ran),
            Step::Completed(ran) => {
                self.ran(&ran);
                let postings = std::mem::take(&mut self.postings);
                if postings > 0 {
                    info!(postings, "charging: all organisations are charged, by {postings} postings");
                }
            }
            Step::Wait(rest) => return Ok(Next::Rest(rest.min(WAIT_MAX))),
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
    use ofd_storage::store::RecordKind;
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
            () = keep(Charging::new(world, 5 * 3600), Arc::clone(&store), world, CancellationToken::new()) => {}
            () = looks => {}
        }
    }

    #[test]
    fn numbers_of_personal_accounts_are_drawn_among_all() {
        let world = crate::world::SystemWorld;
        let drawn: std::collections::BTreeSet<_> = (0..32).map(|_| drawn(&world)).collect();
        assert!(drawn.len() > 16, "{drawn:?}");
    }
}
