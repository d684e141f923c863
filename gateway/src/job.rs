//! Jobs of the background: steps under a lease, again and again until the process goes down.

use std::sync::Arc;
use std::time::Duration;

use ofd_edge::World;
use ofd_protocol::types::UnixMillis;
use ofd_storage::leases::{Holder, JobLease, Turn};
use ofd_storage::store::{Store, StoreError};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

/// A step that failed is made again after this long.
const AGAIN_AFTER: Duration = Duration::from_secs(60);

/// What is done beside the service, in steps that are harmless when they are made twice.
pub trait Job: Send {
    /// Its name, which is also that of its lease.
    fn name(&self) -> &'static str;

    /// Makes one step.
    fn step(
        &mut self,
        store: &impl Store,
        now: UnixMillis,
    ) -> impl Future<Output = Result<Next, StoreError>> + Send;
}

/// When a job's next step is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// After this long; the job stays ours.
    In(Duration),
    /// Not for this long, in which somebody else may take it over.
    Rest(Duration),
}

/// Makes the steps of a job whenever they are due, as long as no other process makes them.
pub async fn keep(mut job: impl Job, store: Arc<impl Store>, world: impl World, stop: CancellationToken) {
    let mut lease = JobLease::new(job.name(), Holder::from_drawn(world.bytes()));
    tokio::select! {
        () = stop.cancelled() => {}
        () = keep_on(&mut job, &mut lease, &*store, &world) => {}
    }
    // Another process need not wait for its end; should this fail, it does.
    let _ = lease.give_back(&*store).await;
}

async fn keep_on(job: &mut impl Job, lease: &mut JobLease, store: &impl Store, world: &impl World) {
    loop {
        let pause = match next(job, lease, store, world).await {
            Ok(pause) => pause,
            Err(error) => {
                tell(job.name(), &error);
                AGAIN_AFTER
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Makes a step, if it is ours to make; after how long the next one is due.
async fn next(
    job: &mut impl Job,
    lease: &mut JobLease,
    store: &impl Store,
    world: &impl World,
) -> Result<Duration, StoreError> {
    if let Turn::Others { left } = lease.turn(store, world.now()).await? {
        return Ok(left);
    }
    match job.step(store, world.now()).await? {
        Next::In(pause) => Ok(pause),
        Next::Rest(pause) => {
            lease.give_back(store).await?;
            Ok(pause)
        }
    }
}

fn tell(job: &str, error: &StoreError) {
    match error {
        // A store that is not open, or takes no writes, says so itself.
        StoreError::Unavailable { .. } => debug!(job, %error, "the job {job} waits: {error}"),
        _ => warn!(job, %error, "the job {job} waits: {error}"),
    }
}
