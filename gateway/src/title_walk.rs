//! Keeps the index of titles: a walk beside the service that adds what stores and programs of before lack.

use std::sync::Arc;
use std::time::Duration;

use ofd_edge::World;
use ofd_protocol::types::UnixMillis;
use ofd_storage::leases::{Holder, JobLease, Turn};
use ofd_storage::store::{Store, StoreError};
use ofd_storage::title_walk::{self, Step};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::clock;
use crate::world::SystemWorld;

/// Between two steps of the walk: some 160 organisations in a second are looked at, which no register feels.
const STEP_EVERY: Duration = Duration::from_millis(100);

/// A step that failed is made again after this long.
const AGAIN_AFTER: Duration = Duration::from_secs(60);

/// The lease under which one gateway of a cluster walks.
const LEASE: &str = "title-walk";

/// Walks over titles until the process goes down, whenever a walk is due.
pub async fn keep(store: Arc<impl Store>, stop: CancellationToken) {
    let lease = JobLease::new(LEASE, Holder::from_drawn(SystemWorld.bytes()));
    tokio::select! {
        () = stop.cancelled() => {}
        () = keep_walking(&*store, lease, clock::now) => {}
    }
}

async fn keep_walking(store: &impl Store, mut lease: JobLease, now: impl Fn() -> UnixMillis) {
    let mut added = 0_usize;
    loop {
        match lease.turn(store, now()).await {
            Ok(Turn::Ours) => {}
            Ok(Turn::Others { left }) => {
                tokio::time::sleep(left).await;
                continue;
            }
            Err(error) => {
                tell(&error);
                tokio::time::sleep(AGAIN_AFTER).await;
                continue;
            }
        }
        let pause = match title_walk::step(store, now()).await {
            Ok(Step::More { added: of_step }) => {
                added = added.saturating_add(of_step);
                STEP_EVERY
            }
            Ok(Step::Completed) => {
                if added > 0 {
                    info!(
                        added,
                        "organisations are found by the words of their titles: {added} entries were added"
                    );
                }
                added = 0;
                STEP_EVERY
            }
            Ok(Step::Wait(rest)) => {
                if let Err(error) = lease.give_back(store).await {
                    tell(&error);
                }
                rest
            }
            Err(error) => {
                tell(&error);
                AGAIN_AFTER
            }
        };
        tokio::time::sleep(pause).await;
    }
}

fn tell(error: &StoreError) {
    match error {
        // A store that is not open, or takes no writes, says so itself.
        StoreError::Unavailable { .. } => debug!(%error, "the walk over titles waits: {error}"),
        _ => warn!(%error, "the walk over titles waits: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use ofd_storage::memory::MemoryStore;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_walk_that_is_over_is_made_again_after_a_day() {
        let store = MemoryStore::new();
        let begun = tokio::time::Instant::now();
        let now = || {
            let passed = u64::try_from(begun.elapsed().as_millis()).unwrap();
            UnixMillis(1_790_000_000_000 + passed)
        };
        let version = async || {
            let key = ofd_storage::title_walk::TITLE_WALK_KEY;
            let kept = store.record(ofd_storage::store::RecordKind::Store, key).await.unwrap();
            kept.map(|kept| kept.version.0)
        };
        let looks = async {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            let first = version().await;
            assert!(title_walk::is_complete(&store).await.unwrap());
            tokio::time::sleep(Duration::from_secs(22 * 3600)).await;
            assert_eq!(version().await, first, "nothing is written meanwhile");
            tokio::time::sleep(Duration::from_secs(2 * 3600)).await;
            assert!(version().await > first);
        };
        tokio::select! {
            () = keep_walking(&store, JobLease::new(LEASE, Holder::from_drawn([1; 16])), now) => {}
            () = looks => {}
        }
    }
}
