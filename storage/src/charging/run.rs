//! The run of every night: all organisations are charged for the days that are over, in steps that any process goes on with.

use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt, stream};
use ofd_billing::charging::{ClockWord, RunDue, is_near, run_due};
use ofd_billing::{Day, Month, PersonalAccount};
use serde::{Deserialize, Serialize};

use super::clock::Clock;
use super::error::ChargingError;
use super::organisation::{Charged, Prices, Span, charge_by};
use super::owed::{ChargeOwed, FAILURES_MAX, among, owe, settle};
use crate::feed::Stamps;
use crate::model::{Holding, RegisterRecord, listed_by_key};
use crate::store::{Record, RecordKind, Store, StoreError, Version};

/// Where it is kept how far organisations are charged, among the facts of the store.
pub const CHARGING_KEY: &[u8] = b"charging";

/// So many organisations are charged in one step.
const ORGANISATIONS: usize = 128;

/// So many of them are charged beside each other: each waits for the store most of its time.
pub const AT_ONCE: usize = 32;

/// A step that the store does not answer is made so often before it goes on without the organisations that it cannot charge.
const TRIES_MAX: u32 = 3;

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
    /// How often the step behind that one was made in vain.
    #[serde(default, skip_serializing_if = "is_zero")]
    tries: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(tries: &u32) -> bool {
    *tries == 0
}

/// How far organisations are charged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// The last day that all were charged for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    done: Option<Day>,
    /// The last day that was over when a run was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seen: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    under_way: Option<UnderWay>,
}

/// How a step is made.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// When it is.
    pub clock: Clock,
    /// What is known of that.
    pub word: ClockWord,
    /// How many organisations are charged beside each other.
    pub at_once: usize,
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
    /// Whether the clock is right a person must say.
    Doubtful {
        /// The last day that was charged.
        charged: Day,
        /// The last day that is over by the clock.
        over: Day,
    },
}

/// What a step did.
#[derive(Debug, Default)]
pub struct Ran {
    /// How many organisations it looked at.
    pub organisations: usize,
    /// How many postings were written.
    pub postings: usize,
    /// Organisations of which days have no price.
    pub unpriced: Vec<String>,
    /// Organisations that were charged without what cannot be read, and what that is.
    pub in_part: Vec<(String, String)>,
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

/// The last day that all organisations were charged for that could be.
///
/// # Errors
/// Those of the store.
pub async fn all_charged_until(store: &impl Store) -> Result<Option<Day>, StoreError> {
    Ok(load(store).await?.1.done)
}

/// Makes one step of the run that is due. To make it twice is harmless.
///
/// A run charges the months from the one before that of the last day that was charged: what became known since is posted as well. An
/// organisation that cannot be charged keeps nobody up: it is noted, and charged by a later run from the first month that it lacks.
///
/// # Errors
/// Those of the store; the step may be repeated.
pub async fn step(
    store: &impl Store,
    Pace { clock, word, at_once }: Pace,
    draw: impl Fn() -> PersonalAccount + Send + Sync,
    stamps: &impl Stamps,
) -> Result<Step, StoreError> {
    let (version, kept) = load(store).await?;
    let settled = settled(clock);
    let today = settled.today()?;
    let Some(over) = today.previous() else { return Ok(Step::Wait(AFTER_MIDNIGHT)) };
    let (version, kept) = seen(store, (version, kept), over).await?;
    let run = match kept.under_way.clone() {
        Some(run) if run.day <= over => run,
        // It was begun by a clock that was ahead.
        Some(_) if word == ClockWord::Told => return Ok(Step::Wait(AFTER_MIDNIGHT)),
        Some(_) | None => match run_due(kept.done, kept.seen, over, word) {
            RunDue::Charge { day, from } => UnderWay { day, from, after: None, tries: 0 },
            RunDue::Nothing => return Ok(Step::Wait(until_midnight(settled))),
            RunDue::Doubtful { charged, over } => return Ok(Step::Doubtful { charged, over }),
        },
    };
    let prices = Prices::read(store).await?;
    let page = page(store, run.after.as_deref()).await?;
    let owed = among(store, &page.bins).await?;
    let spans: Vec<(String, Span)> =
        page.bins.iter().map(|bin| (bin.clone(), span_of(&run, owed.get(bin)))).collect();
    let (prices, draw) = (&prices, &draw);
    let charge = |(bin, span): (String, Span)| async move {
        let outcome = charge_by(store, prices, &bin, span, clock, draw, stamps).await;
        (bin, span, outcome)
    };
    let tried: Vec<Tried> = stream::iter(spans.into_iter().map(charge)).buffered(at_once).collect().await;
    if let Some(waits) = waits(&tried, run.tries) {
        let under_way = Some(UnderWay { tries: run.tries.saturating_add(1), ..run });
        save(store, version, &Kept { under_way, ..kept }).await?;
        return Err(waits);
    }
    let mut ran = Ran { organisations: tried.len(), ..Ran::default() };
    for (bin, span, outcome) in tried {
        let known = owed.get(&bin);
        let failed = ran.take(&bin, outcome);
        match (failed, known) {
            (Some(reason), known) => owe(store, known, (&bin, span.from, reason)).await?,
            (None, Some(known)) => settle(store, known).await?,
            (None, None) => {}
        }
    }
    let Some(last) = page.next else {
        save(store, version, &Kept { done: Some(run.day), under_way: None, ..kept }).await?;
        return Ok(Step::Completed(ran));
    };
    save(store, version, &Kept { under_way: Some(UnderWay { after: Some(last), tries: 0, ..run }), ..kept })
        .await?;
    Ok(Step::More(ran))
}

/// Which days an organisation is charged for: those of the run, and those that earlier ones could not charge.
fn span_of(run: &UnderWay, known: Option<&(Version, ChargeOwed)>) -> Span {
    let known = known.map(|(_, owed)| owed);
    let from = known.and_then(|owed| owed.from).map_or(run.from, |from| from.min(run.from));
    Span { from, day: run.day, leaves_out: known.is_some_and(|owed| owed.failures >= FAILURES_MAX) }
}

type Tried = (String, Span, Result<Charged, ChargingError>);

/// Why the step has to be made again: nobody can be charged now, or the store does not answer for some and may do so soon.
fn waits(tried: &[Tried], tries: u32) -> Option<StoreError> {
    let failed = || tried.iter().filter_map(|(bin, _, outcome)| Some((bin, outcome.as_ref().err()?)));
    let not_listed = failed().find(|(_, error)| matches!(error, ChargingError::NotListed(_)));
    let silent = failed().find(|(_, error)| error.is_of_store() && tries < TRIES_MAX);
    let (bin, error) = not_listed.or(silent)?;
    Some(StoreError::Unavailable { reason: format!("organisation {bin}: {error}") })
}

impl Ran {
    /// Counts what came of an organisation; the reason where it was not charged as it should be.
    fn take(&mut self, bin: &str, outcome: Result<Charged, ChargingError>) -> Option<String> {
        match outcome {
            Ok(charged) => {
                self.postings = self.postings.saturating_add(charged.postings);
                if !charged.unpriced.is_empty() {
                    self.unpriced.push(bin.to_owned());
                }
                let left_out = (!charged.left_out.is_empty()).then(|| charged.left_out.join("; "))?;
                self.in_part.push((bin.to_owned(), left_out.clone()));
                Some(left_out)
            }
            // The others need not wait for it.
            Err(error) => {
                let reason = error.to_string();
                self.failed.push((bin.to_owned(), error));
                Some(reason)
            }
        }
    }
}

/// Organisations that a step charges.
struct Page {
    bins: Vec<String>,
    /// Behind which the next step goes on; none: these are the last.
    next: Option<String>,
}

/// The organisations behind `after`. Their records are not needed to charge them: one that cannot be read is found by its registers.
async fn page(store: &impl Store, after: Option<&str>) -> Result<Page, StoreError> {
    let mut limit = ORGANISATIONS;
    while limit > 0 {
        match store.records(RecordKind::Organisation, b"", after.map(str::as_bytes), limit).await {
            Ok(records) => {
                let bins: Vec<String> =
                    records.iter().filter_map(|record| String::from_utf8(record.key.to_vec()).ok()).collect();
                let next = bins.last().filter(|_| records.len() == limit).cloned();
                return Ok(Page { bins, next });
            }
            Err(StoreError::Corrupt { .. }) => limit = limit.checked_div(2).unwrap_or(0),
            Err(error) => return Err(error),
        }
    }
    let behind = after.map(|bin| [bin.as_bytes(), b"0"].concat());
    let listed = store.records(RegisterRecord::LISTED_AS, b"", behind.as_deref(), 1).await?;
    let found = listed.first().and_then(|entry| listed_by_key::<RegisterRecord>(&entry.key));
    let bins: Vec<String> = found.into_iter().map(|(bin, _)| bin.to_owned()).collect();
    Ok(Page { next: bins.last().cloned(), bins })
}

/// The clock as runs go by it: what was accepted before it is stored.
fn settled(clock: Clock) -> Clock {
    let after = u64::try_from(AFTER_MIDNIGHT.as_millis()).unwrap_or(0);
    Clock { now: ofd_protocol::types::UnixMillis(clock.now.0.saturating_sub(after)), ..clock }
}

fn until_midnight(settled: Clock) -> Duration {
    let seconds = settled.now.wall_seconds(settled.zone_offset_seconds);
    let of_day = u64::try_from(seconds.rem_euclid(24 * 3600)).unwrap_or(0).saturating_mul(1000);
    Duration::from_millis(DAY_MS.saturating_sub(of_day))
}

/// Notes that a day was seen over, where that follows what was seen before.
async fn seen(
    store: &impl Store,
    (version, kept): (Option<Version>, Kept),
    over: Day,
) -> Result<(Option<Version>, Kept), StoreError> {
    let before = kept.seen.max(kept.done);
    let follows = before.is_some_and(|before| before < over && is_near(before, over));
    if !follows {
        return Ok((version, kept));
    }
    save(store, version, &Kept { seen: Some(over), ..kept }).await?;
    load(store).await
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
