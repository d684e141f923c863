//! The walk that brings the index of titles up to what is stored.
//!
//! Stores of before have no index, and programs of before write titles without it, also while gateways are upgraded one
//! after the other. So all organisations are walked at the first start, and then again once a day. How far the walk is
//! stands among the facts of the store: any gateway goes on from there. To walk twice is harmless.

use std::time::Duration;

use bytes::Bytes;
use ofd_protocol::types::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::accounts::{self, Company};
use crate::model::{self, Organisation};
use crate::store::{Record, RecordKind, Store, StoreError, StreamId, StreamKind, Version};
use crate::titles::{Titled, lead};

#[cfg(test)]
mod tests;

/// Where the walk is, among the facts of the store. It belongs to the store and is never copied.
pub const TITLE_WALK_KEY: &[u8] = b"title-walk";

/// So many organisations are looked at in one step: each costs some ten reads.
const STEP: usize = 16;

/// After so long the walk is made again.
const AGAIN_AFTER: Duration = Duration::from_secs(24 * 3600);

/// How far the walk is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Walk {
    stage: Stage,
    /// When it last came to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    completed_at: Option<UnixMillis>,
}

/// Records of organisations come first, then companies on the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    /// Those up to this BIN were looked at.
    Organisations { after: Option<String> },
    /// Those up to this number were looked at.
    Companies { after: Option<u64> },
    /// It waits until it is due again.
    Waiting,
}

impl Default for Stage {
    fn default() -> Self {
        Self::Organisations { after: None }
    }
}

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many entries were missing and are there now; there is more to look at.
    More {
        /// How many words were missing and were added.
        added: usize,
    },
    /// That was the last step of the walk.
    Completed,
    /// Nothing is due for so long.
    Wait(Duration),
}

/// Makes one step of the walk.
///
/// # Errors
/// Those of the store. The step may be repeated, at once or by another process.
pub async fn step(store: &impl Store, now: UnixMillis) -> Result<Step, StoreError> {
    let (version, mut walk) =
        load(store).await?.map_or((None, Walk::default()), |(at, walk)| (Some(at), walk));
    if walk.stage == Stage::Waiting {
        let rest = walk.completed_at.map_or(Duration::ZERO, |completed| rest_of(completed, now));
        if !rest.is_zero() {
            return Ok(Step::Wait(rest));
        }
        walk.stage = Stage::default();
    }
    let mut added = 0;
    walk.stage = match walk.stage {
        Stage::Organisations { after } => {
            let last = organisations(store, after.as_deref(), &mut added).await?;
            if last.is_some() {
                Stage::Organisations { after: last }
            } else {
                Stage::Companies { after: None }
            }
        }
        Stage::Companies { after } => match companies(store, after, &mut added).await? {
            Some(last) => Stage::Companies { after: Some(last) },
            None => Stage::Waiting,
        },
        Stage::Waiting => Stage::Waiting,
    };
    let is_over = walk.stage == Stage::Waiting;
    if is_over {
        walk.completed_at = Some(now);
    }
    save(store, version, &walk).await?;
    Ok(if is_over { Step::Completed } else { Step::More { added } })
}

fn rest_of(completed: UnixMillis, now: UnixMillis) -> Duration {
    AGAIN_AFTER.saturating_sub(Duration::from_millis(now.since(completed)))
}

/// Looks at the next records; the BIN of the last one, or `None` when there was none.
async fn organisations(
    store: &impl Store,
    after: Option<&str>,
    added: &mut usize,
) -> Result<Option<String>, StoreError> {
    let after = after.map(str::as_bytes);
    let records = store.records(RecordKind::Organisation, b"", after, STEP).await?;
    for record in &records {
        // One that cannot be read is told by who reads it.
        if let Ok((_, Organisation { bin, title, .. })) = model::decode(record) {
            *added = added.saturating_add(lead(store, Titled { bin: &bin, title: &title }).await?);
        }
    }
    Ok(records.last().map(|last| String::from_utf8_lossy(&last.key).into_owned()))
}

/// Looks at the next companies; the number of the last one, or `None` when there was none.
async fn companies(
    store: &impl Store,
    after: Option<u64>,
    added: &mut usize,
) -> Result<Option<u64>, StoreError> {
    let after = after.map(|owner| StreamId { kind: StreamKind::Company, owner, ordinal: 1 });
    let streams = store.streams(StreamKind::Company, after, STEP).await?;
    for stream in &streams {
        match accounts::load::<Company>(store, *stream).await {
            Ok(Some(company)) => {
                let Company { bin, title, .. } = &company.state;
                *added = added.saturating_add(lead(store, Titled { bin, title }).await?);
            }
            Ok(None) | Err(StoreError::Corrupt { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(streams.last().map(|last| last.owner))
}

/// A walk that cannot be read begins anew.
async fn load(store: &impl Store) -> Result<Option<(Version, Walk)>, StoreError> {
    let found = store.record(RecordKind::Store, TITLE_WALK_KEY).await?;
    let read = |record: Record| (record.version, serde_json::from_slice(&record.bytes).unwrap_or_default());
    Ok(found.map(read))
}

async fn save(store: &impl Store, expected: Option<Version>, walk: &Walk) -> Result<(), StoreError> {
    let bytes = serde_json::to_vec(walk).map(Bytes::from).map_err(|error| StoreError::Corrupt {
        place: "the walk over titles".into(),
        reason: error.to_string(),
    })?;
    match store.put_record(RecordKind::Store, TITLE_WALK_KEY, expected, bytes).await {
        // Another gateway is further, or did the same.
        Ok(_) | Err(StoreError::Conflict { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether all organisations were walked once, so that what is not in the index is missing there.
///
/// # Errors
/// Those of the store.
pub async fn is_complete(store: &impl Store) -> Result<bool, StoreError> {
    Ok(load(store).await?.is_some_and(|(_, walk)| walk.completed_at.is_some()))
}
