//! Readers of the feed at every gateway: figures of days, and a probe that tells what it saw.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures::executor::block_on;
use ofd_edge::World;
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::conformance::Probe;
use ofd_storage::feed::{Reader, ReaderName, Seen, Shard, Step, Sweep, position};
use ofd_storage::figures::FiguresReader;
use ofd_storage::registers::{self, shard_of};
use ofd_storage::store::{Stamp, Store, StoreError};

use super::backend::SimBackend;
use super::gateways::ZONE_SECONDS;
use super::ledger::Checked;
use super::scheduler::{Finished, Purpose, Simulation, Taken, Way};
use super::world::SimWorld;

/// Figures, as the program keeps them.
const FIGURES: FiguresReader = FiguresReader { zone_offset_seconds: ZONE_SECONDS };

/// A second reader. Its streams are those of figures under an ordinal that figures do not have.
pub const PROBE: Probe = Probe { name: ReaderName::Probe, ordinal: 2 };

/// Documents of a shift are read so many at a time.
const PAGE: usize = 1000;

/// Long after any sweep that a gateway with a wrong clock ended.
const LATER_MS: u64 = 5 * 24 * 3_600_000;

/// Lets a reader go on by one step.
async fn step(
    store: &impl Store,
    reader: &impl Reader,
    memory: &Mutex<Seen>,
    way: Way,
    world: &SimWorld,
) -> Taken {
    let stamps = || Stamp(world.bytes());
    match way {
        Way::Pass(register) => {
            // Another step of this gateway finds nothing remembered meanwhile, and looks once more.
            let mut seen = std::mem::take(&mut *memory.lock().unwrap_or_else(PoisonError::into_inner));
            let passed = Shard(shard_of(register)).pass(store, reader, &mut seen, world.now(), &stamps).await;
            *memory.lock().unwrap_or_else(PoisonError::into_inner) = seen;
            passed.map(|pass| pass.documents)
        }
        Way::Sweep => match Sweep::step(store, reader, world.now(), &stamps).await? {
            Step::More(found) | Step::Completed(found) => Ok(found.documents),
            Step::Wait(_) => Ok(0),
        },
    }
}

impl<B: SimBackend> Simulation<B> {
    /// A gateway that is up lets a reader go on.
    pub(super) fn begin_reading(&mut self, gateway: usize, device: usize) {
        let way = match self.random.below(4) {
            0 => Way::Sweep,
            _ => Way::Pass(self.devices[device].id()),
        };
        let is_of_figures = self.random.chance(1, 2);
        let at = &self.cluster.gateways[gateway];
        if at.service.is_none() {
            return;
        }
        let (store, world, memory) = (Arc::clone(&at.store), at.world.clone(), at.memory.clone());
        let future = async move {
            Finished::Read(if is_of_figures {
                step(&*store, &FIGURES, &memory.figures, way, &world).await
            } else {
                step(&*store, &PROBE, &memory.probe, way, &world).await
            })
        };
        self.begin(gateway, Purpose::Reading(way), 0, future);
    }

    /// A reader went a step, or could not.
    pub(super) fn has_read(&mut self, way: Way, taken: Taken) {
        let taken = taken.unwrap_or(0) as u64;
        match way {
            Way::Pass(_) => self.tally.read += taken,
            Way::Sweep => self.tally.swept += taken,
        }
    }

    /// Both readers look at all registers once more; then each has seen each document once, in order.
    pub(super) fn compare_readers(&mut self) -> Checked {
        let now = UnixMillis(self.clock.now_ms() + LATER_MS);
        let world = self.cluster.gateways.first().ok_or("there is no gateway")?.world.clone();
        let truth = Arc::clone(self.cluster.truth());
        let stamps = || Stamp(world.bytes());
        let compared = block_on(async {
            while !matches!(Sweep::step(&*truth, &FIGURES, now, &stamps).await?, Step::Wait(_)) {}
            while !matches!(Sweep::step(&*truth, &PROBE, now, &stamps).await?, Step::Wait(_)) {}
            for device in &self.devices {
                let id = device.id();
                let documents = documents(&*truth, id).await?;
                if let Some(wrong) = PROBE.judge(&*truth, id, &documents).await? {
                    return Ok(Err(format!("the feed: {wrong}")));
                }
                let reading = position(&*truth, &FIGURES, id).await?;
                let last = documents.last().map(|(place, _)| *place);
                if last > reading.map(|reading| reading.position) {
                    return Ok(Err(format!("the figures of register {id} lack its last documents")));
                }
            }
            Ok::<_, StoreError>(Ok(()))
        });
        compared.map_err(|error| error.to_string())??;
        self.observe()
    }
}

/// All documents of a register, as they are stored.
async fn documents(store: &impl Store, id: RegisterId) -> Result<Vec<(DocumentRef, Bytes)>, StoreError> {
    let mut all = Vec::new();
    let newest = registers::newest(store, id).await?.map_or(0, |newest| newest.register.shift_number);
    for shift in 1..=newest {
        let mut after = 0;
        loop {
            let page = registers::documents(store, id, shift, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.number;
            let place = |document: registers::Document| {
                (DocumentRef { shift, number: document.number }, Bytes::from(document.raw))
            };
            all.extend(page.into_iter().map(place));
        }
    }
    Ok(all)
}
