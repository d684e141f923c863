//! Keeps the figures of days: reads the feed beside the service, and sweeps over all registers.
//!
//! Every gateway of a cluster does so; they share the work by leases, and to read twice is harmless.

use std::sync::Arc;
use std::time::Duration;

use ofd_edge::World;
use ofd_protocol::types::UnixMillis;
use ofd_storage::feed::{Reader, ReaderName, Seen, Shard, Stamps, Step, Sweep};
use ofd_storage::figures::FiguresReader;
use ofd_storage::leases::{Holder, JobLease, Turn};
use ofd_storage::registers::SHARDS;
use ofd_storage::store::{Stamp, Store, StoreError};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::job::{self, Job, Next};
use crate::metrics;

/// Announcements are looked at this often.
const PASS_EVERY: Duration = Duration::from_secs(5);

/// A pass that did enough before its end goes on after this long: registers come first.
const MORE_AFTER: Duration = Duration::from_millis(100);

/// Between two steps of the sweep. With nothing new some 160 registers in a second are looked at, and of a store that has
/// no figures yet some 20 000 documents are counted.
const STEP_EVERY: Duration = Duration::from_millis(100);

/// What failed is tried again after this long.
const AGAIN_AFTER: Duration = Duration::from_secs(10);

/// A sweep is asked for this often at least, so that a clock that was set does not put it off for long.
const WAIT_MAX: Duration = Duration::from_secs(600);

/// Shards are shared in so many groups: each is a lease, and a gateway renews all that it has every half minute.
const GROUPS: u8 = 8;

/// Keeps figures until the process goes down; `zone_offset_seconds` is what registers begin to count by.
pub async fn keep(
    store: Arc<impl Store>,
    world: impl World + Clone,
    zone_offset_seconds: i32,
    stop: CancellationToken,
) {
    let reader = FiguresReader { zone_offset_seconds };
    let sweeping = Sweeping { reader, world: world.clone(), found: Sweep::default() };
    let sweeping = job::keep(sweeping, Arc::clone(&store), world.clone(), stop.clone());
    let reading = async {
        let (stamps, now) = (|| Stamp(world.bytes()), || world.now());
        let mut groups = Groups::new(reader.name(), &Holder::from_drawn(world.bytes()));
        tokio::select! {
            () = stop.cancelled() => {}
            () = keep_reading(&*store, &reader, &mut groups, &now, &stamps) => {}
        }
        // Another gateway need not wait for their end; should this fail, it does.
        groups.give_back(&*store).await;
    };
    // Each in its own place: as one future they are nested deeper than the compiler follows.
    tokio::join!(Box::pin(reading), Box::pin(sweeping));
}

/// The groups of shards, and which of them are ours.
struct Groups(Vec<Group>);

struct Group {
    lease: JobLease,
    /// When it is asked for again that others have.
    asked_again_at: UnixMillis,
}

impl Groups {
    fn new(reader: ReaderName, holder: &Holder) -> Self {
        let group = |number| Group {
            lease: JobLease::new(format!("feed/{}/{number}", reader.name()), holder.clone()),
            asked_again_at: UnixMillis(0),
        };
        Self((0..GROUPS).map(group).collect())
    }

    /// Whether a shard is ours to read. Of groups that nobody has one is taken in a round, so that gateways that start
    /// together share them.
    async fn has(
        &mut self,
        store: &impl Store,
        Shard(shard): Shard,
        now: UnixMillis,
        taken: &mut bool,
    ) -> Result<bool, StoreError> {
        let Some(group) = self.0.get_mut(usize::from(shard % GROUPS)) else { return Ok(false) };
        let is_new = !group.lease.is_held();
        if is_new && (*taken && store.is_shared() || now < group.asked_again_at) {
            return Ok(false);
        }
        match group.lease.turn(store, now).await? {
            Turn::Ours => {
                *taken |= is_new;
                Ok(true)
            }
            Turn::Others { left } => {
                let left = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
                group.asked_again_at = UnixMillis(now.0.saturating_add(left));
                Ok(false)
            }
        }
    }

    async fn give_back(&mut self, store: &impl Store) {
        for group in &mut self.0 {
            let _ = group.lease.give_back(store).await;
        }
    }
}

async fn keep_reading(
    store: &impl Store,
    reader: &impl Reader,
    groups: &mut Groups,
    now: &impl Fn() -> UnixMillis,
    stamps: &impl Stamps,
) {
    let (mut seen, mut lag, mut trouble) = (Seen::default(), Lag::new(now()), Trouble::default());
    // After a failure the next round begins behind it, so that no shard keeps others from being read.
    let mut first = 0;
    loop {
        let (mut pause, mut taken) = (PASS_EVERY, false);
        for shard in (0..SHARDS).map(|number| Shard(number.wrapping_add(first) % SHARDS)) {
            let begun = now();
            let looked = look(store, reader, shard, (groups, &mut taken), (&mut seen, begun), stamps).await;
            match looked {
                Ok(looked) => {
                    lag.looked(shard, looked);
                    if looked.has_more {
                        pause = MORE_AFTER;
                    }
                    trouble.is_over(reader.name());
                }
                Err(error) => {
                    trouble.tell(reader.name(), &error);
                    (pause, first) = (AGAIN_AFTER, shard.0.wrapping_add(1));
                    break;
                }
            }
        }
        metrics::feed_lag(reader.name(), lag.seconds(now()));
        tokio::time::sleep(pause).await;
    }
}

/// What is known of a shard after a look.
#[derive(Clone, Copy)]
struct Looked {
    /// Up to when all that was announced is read.
    read_up_to: UnixMillis,
    has_more: bool,
}

/// Reads a shard that is ours; of one that others read, how far they are.
async fn look(
    store: &impl Store,
    reader: &impl Reader,
    shard: Shard,
    (groups, taken): (&mut Groups, &mut bool),
    (seen, now): (&mut Seen, UnixMillis),
    stamps: &impl Stamps,
) -> Result<Looked, StoreError> {
    if groups.has(store, shard, now, taken).await? {
        let pass = shard.pass(store, reader, seen, now, stamps).await?;
        metrics::feed_documents(reader.name(), pass.documents);
        let read_up_to = pass.unread.map_or(now, |minute| minute.begins_at().min(now));
        return Ok(Looked { read_up_to, has_more: pass.has_more });
    }
    let behind = shard.behind(store, reader, now).await?;
    let behind = u64::try_from(behind.as_millis()).unwrap_or(u64::MAX);
    Ok(Looked { read_up_to: UnixMillis(now.0.saturating_sub(behind)), has_more: false })
}

/// The sweep over all registers, which is made whenever it is due.
struct Sweeping<W> {
    reader: FiguresReader,
    world: W,
    /// What was found since it began.
    found: Sweep,
}

impl<W: World> Job for Sweeping<W> {
    fn name(&self) -> &'static str {
        "feed/figures/sweep"
    }

    async fn step(&mut self, store: &impl Store, now: UnixMillis) -> Result<Next, StoreError> {
        let stamps = || Stamp(self.world.bytes());
        let step = Sweep::step(store, &self.reader, now, &stamps).await?;
        let found = match step {
            Step::More(found) | Step::Completed(found) => found,
            Step::Wait(rest) => return Ok(Next::Rest(rest.min(WAIT_MAX))),
        };
        metrics::feed_documents(self.reader.name(), found.documents);
        self.found.documents = self.found.documents.saturating_add(found.documents);
        self.found.broken = self.found.broken.saturating_add(found.broken);
        if let Step::Completed(_) = step {
            tell_of_sweep(self.reader.name().name(), std::mem::take(&mut self.found));
        }
        Ok(Next::In(STEP_EVERY))
    }
}

fn tell_of_sweep(name: &str, Sweep { documents, broken }: Sweep) {
    if documents > 0 {
        info!(documents, "{name}: the sweep over all registers brought {documents} documents");
    }
    if broken > 0 {
        warn!(broken, "{name}: {broken} registers cannot be read to their end; `ofd verify` names them");
    }
}

/// Up to when all that was announced is read, by shard.
struct Lag([UnixMillis; SHARDS as usize]);

impl Lag {
    fn new(now: UnixMillis) -> Self {
        Self([now; SHARDS as usize])
    }

    fn looked(&mut self, Shard(shard): Shard, looked: Looked) {
        if let Some(read) = self.0.get_mut(usize::from(shard)) {
            *read = looked.read_up_to;
        }
    }

    /// Seconds since the oldest minute that may have something unread.
    fn seconds(&self, now: UnixMillis) -> u64 {
        self.0.iter().map(|read| now.since(*read) / 1000).max().unwrap_or(0)
    }
}

/// Whether the last try failed: only a change is logged.
#[derive(Default)]
struct Trouble {
    is_told: bool,
}

impl Trouble {
    fn tell(&mut self, reader: ReaderName, error: &StoreError) {
        let name = reader.name();
        match error {
            // A store that is not open, or takes no writes, says so itself.
            StoreError::Unavailable { .. } => debug!(%error, "{name}: reading waits: {error}"),
            _ if self.is_told => debug!(%error, "{name}: reading waits: {error}"),
            _ => {
                self.is_told = true;
                warn!(%error, "{name}: reading waits: {error}");
            }
        }
    }

    fn is_over(&mut self, reader: ReaderName) {
        if std::mem::take(&mut self.is_told) {
            info!("{}: reading goes on", reader.name());
        }
    }
}

#[cfg(test)]
mod tests;
