//! The scrub: a walk over every document of an embedded store, beside the service, so that damage is found while there
//! is a backup that has what was damaged.
//!
//! It reads at a bounded rate on a thread of low priority and judges as `ofd verify` does. When it last came to its end
//! is kept in the store.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use ofd_protocol::types::UnixMillis;
use ofd_storage::any::AnyStore;
use ofd_storage::model::{LastScrub, SCRUB_KEY, last_scrub};
use ofd_storage::store::{Head, Record, RecordKind, Row, Store, StoreError, StreamId};
use rustix::process::setpriority_process;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::opening::ServedStore;
use crate::verify::{self, Walked};
use crate::{clock, metrics};

/// How much is read in a second: a fraction of what any disk can, and 700 GB in a day.
const BYTES_PER_SECOND: u64 = 8 * 1024 * 1024;

/// A store that was never walked is walked this long after the start: the start itself has enough to do.
const FIRST_AFTER: Duration = Duration::from_secs(600);

/// A walk that could not be made is tried again after this long.
const AGAIN_AFTER: Duration = Duration::from_secs(3600);

/// How many breaks of a walk are logged; the rest is counted.
const LOGGED_MAX: u64 = 100;

/// Registers come first.
const NICE: i32 = 19;

/// Scrubs the store every so often until the process goes down, on a thread of its own.
///
/// # Errors
/// No thread can be started.
pub fn start(store: Arc<ServedStore>, every: Duration, stop: CancellationToken) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    thread::Builder::new().name("ofd-scrub".to_owned()).spawn(move || {
        // Of this thread alone. Without the right to it the thread is as good as any.
        let _ = setpriority_process(None, NICE);
        runtime.block_on(async {
            tokio::select! {
                () = stop.cancelled() => {}
                () = keep_scrubbing(&store, every) => {}
            }
        });
    })?;
    Ok(())
}

async fn keep_scrubbing(store: &Arc<ServedStore>, every: Duration) {
    let last = loop {
        match last_scrub(&**store).await {
            Ok(last) => break last,
            Err(_) => tokio::time::sleep(AGAIN_AFTER.min(FIRST_AFTER)).await,
        }
    };
    if let Some(last) = last {
        told(last);
    }
    let mut pause = first_pause(last, every, clock::now());
    loop {
        tokio::time::sleep(pause).await;
        pause = match scrub(store, BYTES_PER_SECOND, clock::now).await {
            Ok(_) => every,
            Err(error) => {
                warn!(%error, "the store could not be walked: {error}; it is tried again in an hour");
                AGAIN_AFTER
            }
        };
    }
}

/// How long to wait for the first walk of this process.
fn first_pause(last: Option<LastScrub>, every: Duration, now: UnixMillis) -> Duration {
    let since = last.map(|last| Duration::from_millis(now.since(last.finished_at)));
    since.map_or(FIRST_AFTER, |since| every.saturating_sub(since).max(FIRST_AFTER))
}

/// Walks the whole store once; every break is logged with its place.
///
/// # Errors
/// Those of the store; the walk is then not at its end.
pub async fn scrub<S: Store>(
    store: &Arc<S>,
    bytes_per_second: u64,
    now: impl Fn() -> UnixMillis,
) -> Result<(Walked, LastScrub), StoreError> {
    let paced = Paced { store: Arc::clone(store), bytes_per_second, due: Mutex::new(Instant::now()) };
    let mut breaks = 0_u64;
    let walked = verify::walk(&paced, |found| {
        breaks = breaks.saturating_add(1);
        metrics::scrub_breaks(breaks);
        if breaks <= LOGGED_MAX {
            error!("the store is broken: {found}; restore it from a backup, `ofd verify` tells more");
        }
    })
    .await?;
    let last = LastScrub { finished_at: now(), breaks };
    told(last);
    let Walked { registers, shifts, documents, .. } = walked;
    info!(
        documents,
        breaks, "{documents} documents of {shifts} shifts of {registers} registers walked, {breaks} breaks"
    );
    // What was found is told already; the record only saves the next process a walk.
    if let Err(error) = save(&**store, last).await {
        warn!(%error, "the end of the walk was not written down: {error}");
    }
    Ok((walked, last))
}

fn told(last: LastScrub) {
    metrics::scrub_breaks(last.breaks);
    metrics::scrub_finished(last.finished_at);
}

async fn save(store: &impl Store, last: LastScrub) -> Result<(), StoreError> {
    let version = store.record(RecordKind::Store, SCRUB_KEY).await?.map(|record| record.version);
    let bytes = serde_json::to_vec(&last).map(Bytes::from).unwrap_or_default();
    store.put_record(RecordKind::Store, SCRUB_KEY, version, bytes).await.map(drop)
}

/// Whether a store is scrubbed by its process: a cluster is repaired by its own means, and walked by `ofd verify`.
pub fn is_scrubbed(store: &AnyStore) -> bool {
    match store {
        AnyStore::Embedded(_) => true,
        AnyStore::Cql(_) => false,
    }
}

/// A store that is read no faster than it should be.
struct Paced<S> {
    store: Arc<S>,
    bytes_per_second: u64,
    due: Mutex<Instant>,
}

impl<S: Store> Paced<S> {
    async fn spend(&self, bytes: usize) {
        let nanoseconds = u128::try_from(bytes).unwrap_or(u128::MAX).saturating_mul(1_000_000_000)
            / u128::from(self.bytes_per_second.max(1));
        let cost = Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX));
        let mut due = self.due.lock().await;
        let now = Instant::now();
        *due = due.max(now).checked_add(cost).unwrap_or(now);
        tokio::time::sleep_until(*due).await;
    }
}

impl<S: Store> ofd_storage::through::Through for Paced<S> {
    type Inner = S;

    fn inner(&self) -> &S {
        &self.store
    }

    async fn head(&self, stream: StreamId) -> Result<Option<Head>, StoreError> {
        let head = Store::head(&*self.store, stream).await?;
        self.spend(head.as_ref().map_or(0, |head| head.bytes.len())).await;
        Ok(head)
    }

    async fn rows(
        &self,
        stream: StreamId,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = Store::rows(&*self.store, stream, prefix, after, limit).await?;
        self.spend(rows.iter().map(|row| row.key.len().saturating_add(row.value.len())).sum()).await;
        Ok(rows)
    }

    async fn records(
        &self,
        kind: RecordKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let records = Store::records(&*self.store, kind, prefix, after, limit).await?;
        self.spend(records.iter().map(|record| record.key.len().saturating_add(record.bytes.len())).sum())
            .await;
        Ok(records)
    }

    /// Registers write meanwhile: what looks like a break is looked at again.
    fn is_shared(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use ofd_storage::registers;
    use ofd_storage::store::{Append, Stamp};

    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn what_is_broken_is_found_and_the_end_of_the_walk_is_kept() {
        let shop = testing::store().await;
        let (store, now) = (&shop.store, UnixMillis(1_795_000_000_000));
        let (walked, last) = scrub(store, u64::MAX, || now).await.unwrap();
        assert!(walked.documents > 50, "{walked:?}");
        assert_eq!(last, LastScrub { finished_at: now, breaks: 0 });
        // A bit of a stored receipt fell over.
        let stream = registers::stream(shop.id(2), 3);
        let head = store.head(stream).await.unwrap().unwrap();
        let mut row = store.rows(stream, &[1], None, 1).await.unwrap().remove(0);
        let mut value = row.value.to_vec();
        *value.last_mut().unwrap() ^= 1;
        row.value = value.into();
        let (expected, stamp) = (Some(head.version), Stamp([5; 16]));
        store
            .append(Append { stream, expected, stamp, head: head.bytes, rows: vec![row], notes: Vec::new() })
            .await
            .unwrap();
        let later = UnixMillis(now.0 + 1);
        let (_, last) = scrub(store, u64::MAX, || later).await.unwrap();
        assert_eq!(last, LastScrub { finished_at: later, breaks: 1 });
        assert_eq!(last_scrub(&**store).await.unwrap(), Some(last));
    }

    #[test]
    fn a_walk_that_is_due_waits_for_the_start_and_no_other_comes_before_its_time() {
        let (day, now) = (Duration::from_secs(24 * 3600), UnixMillis(1_795_000_000_000));
        let ended =
            |days: u64| Some(LastScrub { finished_at: UnixMillis(now.0 - days * 24 * 3_600_000), breaks: 0 });
        assert_eq!(first_pause(None, 7 * day, now), FIRST_AFTER);
        assert_eq!(first_pause(ended(30), 7 * day, now), FIRST_AFTER);
        assert_eq!(first_pause(ended(3), 7 * day, now), 4 * day);
    }
}
