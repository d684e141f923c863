//! Makes the invoices and acts of each month once it is over.

use std::time::Duration;

use ofd_billing::invoices::Party;
use ofd_edge::World;
use ofd_protocol::types::UnixMillis;
use ofd_storage::charging::Clock;
use ofd_storage::invoices::{self, Ran, Step};
use ofd_storage::store::{Stamp, Store, StoreError};
use tracing::{info, warn};

use crate::job::{Job, Next};

/// Between two steps: eighty organisations in a second at most, and registers come first.
const STEP_EVERY: Duration = Duration::from_millis(100);

/// The run of every month.
#[derive(Debug)]
pub struct Invoicing<W> {
    world: W,
    zone_offset_seconds: i32,
    supplier: Party,
    /// How many invoices there are of the month, as far as the run was made here.
    invoices: usize,
}

impl<W: World> Invoicing<W> {
    /// Days are those of a wall clock that is so many seconds ahead of UTC.
    pub fn new(world: W, zone_offset_seconds: i32, supplier: Party) -> Self {
        Self { world, zone_offset_seconds, supplier, invoices: 0 }
    }

    fn ran(&mut self, ran: &Ran) {
        self.invoices = self.invoices.saturating_add(ran.invoices);
        for (bin, error) in &ran.failed {
            warn!(bin, %error, "invoicing: organisation {bin} has no documents of the month yet: {error}");
        }
    }
}

impl<W: World> Job for Invoicing<W> {
    fn name(&self) -> &'static str {
        "invoicing"
    }

    async fn step(&mut self, store: &impl Store, now: UnixMillis) -> Result<Next, StoreError> {
        let clock = Clock { now, zone_offset_seconds: self.zone_offset_seconds };
        let world = &self.world;
        match invoices::step(store, &self.supplier, clock, &|| Stamp(world.bytes())).await? {
            Step::More(ran) => self.ran(&ran),
            Step::Completed(month, ran) => {
                self.ran(&ran);
                let invoices = std::mem::take(&mut self.invoices);
                info!(
                    invoices,
                    "invoicing: all organisations were given their invoices of {month}: {invoices}"
                );
            }
            Step::Wait(rest) => return Ok(Next::Rest(rest)),
        }
        Ok(Next::In(STEP_EVERY))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ofd_storage::memory::MemoryStore;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::charging::Charging;
    use crate::job::keep;
    use crate::testing::Passing;

    #[tokio::test(start_paused = true)]
    async fn a_month_is_gone_through_once_its_last_day_is_charged() {
        use ofd_storage::store::RecordKind;
        let store = Arc::new(MemoryStore::new());
        let supplier = Party {
            bin: String::new(),
            title: String::new(),
            address: String::new(),
            bank: None,
            vat_certificate: None,
        };
        let world = Passing(tokio::time::Instant::now());
        let kept = async || store.record(RecordKind::Store, invoices::INVOICING_KEY).await.unwrap();
        let looks = async {
            tokio::time::sleep(Duration::from_secs(2 * 24 * 3600)).await;
            assert!(kept().await.is_some());
        };
        let stop = CancellationToken::new();
        tokio::select! {
            () = keep(Charging::new(world, 5 * 3600, ofd_billing::charging::ClockWord::Told), Arc::clone(&store), world, stop.clone()) => {}
            () = keep(Invoicing::new(world, 5 * 3600, supplier), Arc::clone(&store), world, stop.clone()) => {}
            () = looks => {}
        }
    }
}
