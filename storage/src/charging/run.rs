//! The run of every night: all organisations are charged for the days that are over, in steps that any process goes on with.

use std::time::Duration;

use bytes::Bytes;
use ofd_billing::{Day, Month, PersonalAccount};
use serde::{Deserialize, Serialize};

use super::clock::Clock;
use super::error::ChargingError;
use super::organisation::{Prices, charge_by};
use crate::feed::Stamps;
use crate::store::{Record, RecordKind, Store, StoreError, Version};

/// Where it is kept how far organisations are charged, among the facts of the store.
pub const CHARGING_KEY: &[u8] = b"charging";

/// So many organisations are charged in one step.
const ORGANISATIONS: usize = 8;

/// A run begins so long after midnight: what was accepted before it is stored by then.
const AFTER_MIDNIGHT: Duration = Duration::from_secs(600);

/// Milliseconds of a day.
const DAY_MS: u64 = 24 * 3600 * 1000;

/// A run under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct UnderWay {
    /// The last day that it charges.
    day: Day,
    /// The first month whose days it charges.
    from: Month,
    /// The last organisation that it charged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// How far organisations are charged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// The last day that all were charged for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    done: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    under_way: Option<UnderWay>,
}

/// What came of a step.
#[derive(Debug)]
pub enum Step {
    /// There are more organisations.
    More(Ran),
    /// These were the last.
    Completed(Ran),
    /// No day is over that was not charged; so long none will be.
    Wait(Duration),
}

/// What a step did.
#[derive(Debug, Default)]
pub struct Ran {
    /// How many postings were written.
    pub postings: usize,
    /// Organisations of which days have no price.
    pub unpriced: Vec<String>,
    /// Organisations that could not be charged, and why. The next run tries them again.
    pub failed: Vec<(String, ChargingError)>,
}

/// The last day that organisations are charged for, also where not all are yet; nothing that holds on it changes any more.
///
/// # Errors
/// Those of the store.
pub async fn charged_until(store: &impl Store) -> Result<Option<Day>, StoreError> {
    let (_, kept) = load(store).await?;
    Ok(kept.done.max(kept.under_way.map(|run| run.day)))
}

/// Makes one step of the run that is due. To make it twice is harmless.
///
/// A run charges the months from the one before that of the last day that was charged: what became known since is posted as well.
///
/// # Errors
/// Those of the store; the step may be repeated.
pub async fn step(
    store: &impl Store,
    clock: Clock,
    draw: impl Fn() -> PersonalAccount + Send + Sync,
    stamps: &impl Stamps,
) -> Result<Step, StoreError> {
    let (version, kept) = load(store).await?;
    let run = match kept.under_way {
        Some(run) => run,
        None => match due(kept.done, clock)? {
            Ok(run) => run,
            Err(wait) => return Ok(Step::Wait(wait)),
        },
    };
    let prices = Prices::read(store).await?;
    let after = run.after.as_deref().map(str::as_bytes);
    let page = store.records(RecordKind::Organisation, b"", after, ORGANISATIONS).await?;
    let mut ran = Ran::default();
    for bin in page.iter().filter_map(|record| std::str::from_utf8(&record.key).ok()) {
        match charge_by(store, &prices, bin, (run.from, run.day), clock, &draw, stamps).await {
            Ok(charged) => {
                ran.postings = ran.postings.saturating_add(charged.postings);
                if !charged.unpriced.is_empty() {
                    ran.unpriced.push(bin.to_owned());
                }
            }
            Err(ChargingError::Store(error)) if !matches!(error, StoreError::Corrupt { .. }) => {
                return Err(error);
            }
            Err(error) if error.is_of_store() => {
                return Err(StoreError::Unavailable { reason: error.to_string() });
            }
            // The others need not wait for it.
            Err(error) => ran.failed.push((bin.to_owned(), error)),
        }
    }
    let last = page.last().and_then(|last| String::from_utf8(last.key.to_vec()).ok());
    match last.filter(|_| page.len() == ORGANISATIONS) {
        Some(last) => {
            let under_way = Some(UnderWay { after: Some(last), ..run });
            save(store, version, &Kept { done: kept.done, under_way }).await?;
            Ok(Step::More(ran))
        }
        None => {
            save(store, version, &Kept { done: kept.done.max(Some(run.day)), under_way: None }).await?;
            Ok(Step::Completed(ran))
        }
    }
}

/// The run that is due, or after how long one will be. A clock that was set back makes none due again.
fn due(done: Option<Day>, clock: Clock) -> Result<Result<UnderWay, Duration>, StoreError> {
    let after = u64::try_from(AFTER_MIDNIGHT.as_millis()).unwrap_or(0);
    let settled = Clock { now: ofd_protocol::types::UnixMillis(clock.now.0.saturating_sub(after)), ..clock };
    let today = settled.today()?;
    let over = today.previous().filter(|over| done.is_none_or(|done| done < *over));
    let Some(day) = over else {
        let seconds = settled.now.wall_seconds(clock.zone_offset_seconds);
        let of_day = u64::try_from(seconds.rem_euclid(24 * 3600)).unwrap_or(0).saturating_mul(1000);
        return Ok(Err(Duration::from_millis(DAY_MS.saturating_sub(of_day))));
    };
    let last = done.unwrap_or(day).month();
    Ok(Ok(UnderWay { day, from: last.previous().unwrap_or(last), after: None }))
}

async fn load(store: &impl Store) -> Result<(Option<Version>, Kept), StoreError> {
    let Some(record) = store.record(RecordKind::Store, CHARGING_KEY).await? else {
        return Ok((None, Kept::default()));
    };
    let kept = read(&record)?;
    Ok((Some(record.version), kept))
}

/// What cannot be read is not begun anew: nobody would know what was charged.
fn read(record: &Record) -> Result<Kept, StoreError> {
    let corrupt = |error: serde_json::Error| StoreError::Corrupt {
        place: "how far organisations are charged".to_owned(),
        reason: error.to_string(),
    };
    serde_json::from_slice(&record.bytes).map_err(corrupt)
}

async fn save(store: &impl Store, expected: Option<Version>, kept: &Kept) -> Result<(), StoreError> {
    let bytes = serde_json::to_vec(kept).map(Bytes::from).map_err(|error| StoreError::Corrupt {
        place: "how far organisations are charged".to_owned(),
        reason: error.to_string(),
    })?;
    match store.put_record(RecordKind::Store, CHARGING_KEY, expected, bytes).await {
        // Another process is further, or did the same.
        Ok(_) | Err(StoreError::Conflict { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
