//! Walks that bring indexes up to what is stored.
//!
//! Stores of before lack an index, and programs of before write without it, also while gateways are upgraded one after the
//! other. So all that is kept of some kinds is walked at the first start, and then again once a day. How far a walk is
//! stands among the facts of the store: any process goes on from there. To walk twice is harmless.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use ofd_protocol::types::UnixMillis;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::store::{Record, RecordKind, Store, StoreError, Version};

/// After so long a walk is made again.
const AGAIN_AFTER: Duration = Duration::from_secs(24 * 3600);

/// Where in its walk a walk is; by default at its beginning.
pub(crate) trait Stage: Serialize + DeserializeOwned + Default + Send + Sync {
    /// Under which the place is kept.
    const NAME: &'static str;

    /// Looks at what comes next, a bounded number, and adds what is missing.
    fn look(
        self,
        store: &impl Store,
        now: UnixMillis,
    ) -> impl Future<Output = Result<Looked<Self>, StoreError>> + Send;
}

/// What came of a look.
pub(crate) struct Looked<S> {
    /// Where the walk goes on; `None` when it is over.
    pub(crate) next: Option<S>,
    /// So many entries were missing and are there now.
    pub(crate) added: usize,
}

/// How far a walk is.
#[derive(Serialize, Deserialize)]
#[serde(bound = "S: Stage")]
struct Kept<S> {
    stage: Place<S>,
    /// When it last came to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    completed_at: Option<UnixMillis>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, bound = "S: Stage")]
enum Place<S> {
    Resting(Resting),
    At(S),
}

/// The walk waits until it is due again.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Resting {
    Waiting,
}

impl<S: Stage> Default for Kept<S> {
    fn default() -> Self {
        Self { stage: Place::At(S::default()), completed_at: None }
    }
}

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many entries were missing and are there now; there is more to look at.
    More {
        /// How many were added.
        added: usize,
    },
    /// That was the last step of the walk.
    Completed {
        /// How many were added in this step.
        added: usize,
    },
    /// Nothing is due for so long.
    Wait(Duration),
}

pub(crate) async fn step<S: Stage>(store: &impl Store, now: UnixMillis) -> Result<Step, StoreError> {
    let (version, Kept { stage, completed_at }) =
        load::<S>(store).await?.map_or((None, Kept::default()), |(at, kept)| (Some(at), kept));
    let stage = match stage {
        Place::At(stage) => stage,
        Place::Resting(Resting::Waiting) => {
            let rest = completed_at.map_or(Duration::ZERO, |completed| rest_of(completed, now));
            if !rest.is_zero() {
                return Ok(Step::Wait(rest));
            }
            S::default()
        }
    };
    let Looked { next, added } = stage.look(store, now).await?;
    let (kept, step) = match next {
        Some(next) => (Kept { stage: Place::At(next), completed_at }, Step::More { added }),
        None => {
            let stage = Place::Resting(Resting::Waiting);
            (Kept { stage, completed_at: Some(now) }, Step::Completed { added })
        }
    };
    save(store, version, &kept).await?;
    Ok(step)
}

fn rest_of(completed: UnixMillis, now: UnixMillis) -> Duration {
    AGAIN_AFTER.saturating_sub(Duration::from_millis(now.since(completed)))
}

/// A walk that cannot be read begins anew.
async fn load<S: Stage>(store: &impl Store) -> Result<Option<(Version, Kept<S>)>, StoreError> {
    let found = store.record(RecordKind::Store, S::NAME.as_bytes()).await?;
    let read = |record: Record| (record.version, serde_json::from_slice(&record.bytes).unwrap_or_default());
    Ok(found.map(read))
}

async fn save<S: Stage>(
    store: &impl Store,
    expected: Option<Version>,
    kept: &Kept<S>,
) -> Result<(), StoreError> {
    let bytes = serde_json::to_vec(kept)
        .map(Bytes::from)
        .map_err(|error| StoreError::Corrupt { place: S::NAME.to_owned(), reason: error.to_string() })?;
    match store.put_record(RecordKind::Store, S::NAME.as_bytes(), expected, bytes).await {
        // Another process is further, or did the same.
        Ok(_) | Err(StoreError::Conflict { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

pub(crate) async fn is_complete<S: Stage>(store: &impl Store) -> Result<bool, StoreError> {
    Ok(load::<S>(store).await?.is_some_and(|(_, kept)| kept.completed_at.is_some()))
}
