//! The sweep: a walk over all registers, for what announcements do not tell.

use std::time::Duration;

use bytes::Bytes;
use ofd_protocol::types::{RegisterId, UnixMillis};
use serde::{Deserialize, Serialize};

use super::catch_up::{Caught, catch_up};
use super::reader::{Reader, Stamps, fact_key};
use crate::model::register_key;
use crate::store::{Record, RecordKind, Store, StoreError, Version};

/// After so long all registers are looked at again.
const AGAIN_AFTER: Duration = Duration::from_secs(24 * 3600);

/// So many registers are looked at in one step, each at the cost of two reads when there is nothing new.
const REGISTERS: usize = 16;

/// So many appends are made in one step. A register that has more goes on in the next one.
const APPENDS: usize = 4;

/// How far the sweep is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    /// The last register that was looked at; none at the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<u32>,
    /// When the sweep under way began; none between two sweeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    begun_at: Option<UnixMillis>,
    /// When all registers were last looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    completed_at: Option<UnixMillis>,
}

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// There are more registers to look at.
    More(Sweep),
    /// These were the last.
    Completed(Sweep),
    /// Nothing is due for so long.
    Wait(Duration),
}

/// What was found in a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sweep {
    /// Documents that were taken.
    pub documents: usize,
    /// Registers that could not be read.
    pub broken: usize,
}

impl Sweep {
    /// Makes one step. To walk twice is harmless, and any process goes on where another stopped.
    ///
    /// # Errors
    /// Those of the store. The step may be repeated.
    pub async fn step(
        store: &impl Store,
        reader: &impl Reader,
        now: UnixMillis,
        stamps: &impl Stamps,
    ) -> Result<Step, StoreError> {
        let key = fact_key(reader.name(), "sweep");
        let stored = store.record(RecordKind::Store, &key).await?;
        let mut place = stored.as_ref().map(read_place).unwrap_or_default();
        if place.begun_at.is_none() {
            let rest = place.completed_at.map_or(Duration::ZERO, |completed| rest_of(completed, now));
            if !rest.is_zero() {
                return Ok(Step::Wait(rest));
            }
            place = Place { after: None, begun_at: Some(now), ..place };
        }
        let (mut found, mut appends) = (Self::default(), 0);
        let after = place.after.map(|after| register_key(RegisterId(after)));
        let after = after.as_ref().map(|key| &key[..]);
        let page = store.records(RecordKind::Register, b"", after, REGISTERS).await?;
        let is_last = page.len() < REGISTERS;
        let mut is_whole = true;
        for record in &page {
            let Some(id) = record.key.first_chunk().map(|key| u32::from_be_bytes(*key)) else { continue };
            if !found.register(store, reader, RegisterId(id), &mut appends, stamps).await? {
                is_whole = false;
                break;
            }
            place.after = Some(id);
        }
        let is_over = is_last && is_whole;
        if is_over {
            place = Place { after: None, begun_at: None, completed_at: place.begun_at };
        }
        save(store, &key, stored.map(|record| record.version), place).await?;
        Ok(if is_over { Step::Completed(found) } else { Step::More(found) })
    }

    /// Looks at a register; false when the step did enough before its end.
    async fn register(
        &mut self,
        store: &impl Store,
        reader: &impl Reader,
        id: RegisterId,
        appends: &mut usize,
        stamps: &impl Stamps,
    ) -> Result<bool, StoreError> {
        loop {
            if *appends >= APPENDS {
                return Ok(false);
            }
            let taken = match catch_up(store, reader, id, stamps).await {
                Ok(Caught::Up(0)) => return Ok(true),
                Ok(Caught::Up(taken) | Caught::More(taken)) => taken,
                Err(StoreError::Corrupt { .. }) => {
                    self.broken = self.broken.saturating_add(1);
                    return Ok(true);
                }
                Err(error) => return Err(error),
            };
            self.documents = self.documents.saturating_add(taken);
            *appends = appends.saturating_add(1);
        }
    }
}

fn rest_of(completed: UnixMillis, now: UnixMillis) -> Duration {
    AGAIN_AFTER.saturating_sub(Duration::from_millis(now.since(completed)))
}

/// A place that cannot be read begins anew.
fn read_place(record: &Record) -> Place {
    serde_json::from_slice(&record.bytes).unwrap_or_default()
}

async fn save(
    store: &impl Store,
    key: &[u8],
    expected: Option<Version>,
    place: Place,
) -> Result<(), StoreError> {
    let bytes = serde_json::to_vec(&place).map(Bytes::from).unwrap_or_default();
    match store.put_record(RecordKind::Store, key, expected, bytes).await {
        // Another process is further, or did the same.
        Ok(_) | Err(StoreError::Conflict { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether all registers were looked at once, so that what a reader made of a store of before is whole.
///
/// # Errors
/// Those of the store.
pub async fn is_swept(store: &impl Store, reader: &impl Reader) -> Result<bool, StoreError> {
    let stored = store.record(RecordKind::Store, &fact_key(reader.name(), "sweep")).await?;
    Ok(stored.as_ref().map(read_place).is_some_and(|place| place.completed_at.is_some()))
}
