//! Keeps indexes: walks beside the service that add what stores and programs of before lack.

use std::time::Duration;

use ofd_protocol::types::UnixMillis;
use ofd_storage::store::{Store, StoreError};
use ofd_storage::walks::{Step, Walk};
use tracing::info;

use crate::job::{Job, Next};

/// Between two steps of a walk: some 160 organisations, or 320 registers, in a second are looked at, which no register
/// feels.
const STEP_EVERY: Duration = Duration::from_millis(100);

/// A walk that is made whenever it is due.
#[derive(Debug)]
pub struct Walking {
    walk: Walk,
    added: usize,
}

impl Walking {
    /// One that added nothing yet.
    pub fn of(walk: Walk) -> Self {
        Self { walk, added: 0 }
    }
}

impl Job for Walking {
    fn name(&self) -> &'static str {
        self.walk.name()
    }

    async fn step(&mut self, store: &impl Store, now: UnixMillis) -> Result<Next, StoreError> {
        match self.walk.step(store, now).await? {
            Step::More { added } => self.added = self.added.saturating_add(added),
            Step::Completed { added } => {
                let added = std::mem::take(&mut self.added).saturating_add(added);
                if added > 0 {
                    let walk = self.walk.name();
                    info!(walk, added, "{walk}: {added} entries were missing and are there now");
                }
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
    use ofd_storage::store::RecordKind;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::job::keep;
    use crate::testing::Passing;

    #[tokio::test(start_paused = true)]
    async fn a_walk_that_is_over_is_made_again_after_a_day() {
        for walk in Walk::ALL {
            let store = Arc::new(MemoryStore::new());
            let version = async || {
                let kept = store.record(RecordKind::Store, walk.name().as_bytes()).await.unwrap();
                kept.map(|kept| kept.version.0)
            };
            let looks = async {
                tokio::time::sleep(Duration::from_secs(3600)).await;
                let first = version().await;
                assert!(walk.is_complete(&*store).await.unwrap());
                tokio::time::sleep(Duration::from_secs(22 * 3600)).await;
                assert_eq!(version().await, first, "nothing is written meanwhile");
                tokio::time::sleep(Duration::from_secs(2 * 3600)).await;
                assert!(version().await > first);
            };
            let world = Passing(tokio::time::Instant::now());
            tokio::select! {
                () = keep(Walking::of(walk), Arc::clone(&store), world, CancellationToken::new()) => {}
                () = looks => {}
            }
        }
    }
}
