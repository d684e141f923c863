//! Runs that people make: a month of all organisations is looked at first, posted by a person's word, and taken back as a whole.
//!
//! A run is a record that says how far it is; whoever makes its steps goes on from there. What a step does is what the run of every night
//! does: it posts the difference to what was posted, so that a step that is made twice posts nothing twice.

use std::time::Duration;

use ofd_billing::{Day, Month, PersonalAccount, Tiyn};
use ofd_protocol::types::UnixMillis;
use serde::{Deserialize, Serialize};

use super::clock::Clock;
use super::error::ChargingError;
use super::organisation::{charge_organisation, preview, take_back};
use crate::feed::Stamps;
use crate::model::{self, Model};
use crate::store::{RecordKind, Store, StoreError, Version};

/// So many organisations one step looks at.
const ORGANISATIONS: usize = 8;

/// So many differences and failures are kept by name; all are counted.
pub const NAMED_MAX: usize = 200;

/// More runs than people make in years.
const RUNS_MAX: usize = 2000;

/// A step that the store does not answer is made so often before it goes on without the organisation that it cannot charge.
const TRIES_MAX: u32 = 3;

/// Where no run waits for steps, it is looked again after this long.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It is being counted what it would post.
    Previewing,
    /// That is known, and nothing is posted.
    Previewed,
    /// A person said so, and it is being posted.
    Posting,
    /// It is posted.
    Posted,
    /// A person said so, and it is being taken back.
    TakingBack,
    /// All that is posted for the month is taken back.
    TakenBack,
    /// It was given up before it was posted.
    GivenUp,
}

impl Stage {
    /// Whether steps are to be made.
    #[must_use]
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::Previewing | Self::Posting | Self::TakingBack)
    }

    /// What comes behind it by itself.
    fn next(self) -> Self {
        match self {
            Self::Previewing => Self::Previewed,
            Self::Posting => Self::Posted,
            Self::TakingBack => Self::TakenBack,
            rests => rests,
        }
    }

    /// Whether a person may bring a run that is so far there.
    fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Previewed, Self::Posting | Self::GivenUp) | (Self::Posted, Self::TakingBack)
        )
    }
}

/// An organisation whose sum a run changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// The BIN of the organisation.
    pub bin: String,
    /// What was posted for the month before.
    pub before: Tiyn,
    /// What is posted then.
    pub after: Tiyn,
}

/// What a stage of a run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Organisations that were looked at.
    pub organisations: u32,
    /// Those whose sum changes.
    pub changed: u32,
    /// What was posted for the month before.
    pub before: Tiyn,
    /// What is posted then.
    pub after: Tiyn,
    /// The first of those whose sum changes.
    #[serde(default)]
    pub differences: Vec<Changed>,
    /// How many could not be charged.
    #[serde(default)]
    pub failures: u32,
    /// The first of them, each with why.
    #[serde(default)]
    pub failed: Vec<(String, String)>,
    /// How many have days without a price.
    #[serde(default)]
    pub without_price: u32,
    /// The first of those.
    #[serde(default)]
    pub unpriced: Vec<String>,
}

/// Who brought a run how far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// How far the person brought it.
    pub stage: Stage,
    /// When, in milliseconds of the Unix epoch.
    pub at_ms: u64,
    /// The name of the person.
    pub by: String,
}

/// A run of a month that people make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandRun {
    /// The month that is charged.
    pub month: Month,
    /// Its number in the month, from 1.
    pub number: u32,
    /// The last day that was over when it was begun.
    pub up_to: Day,
    /// How far it is.
    pub stage: Stage,
    /// The last organisation that this stage looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<String>,
    /// How often the step behind that one was made in vain.
    #[serde(default)]
    pub tries: u32,
    /// What the preview came to, from the beginning.
    pub preview: Counted,
    /// What posting came to, or taking back.
    #[serde(default)]
    pub done: Counted,
    /// Who said what, the first first.
    pub said: Vec<Said>,
}

impl HandRun {
    /// By what addresses name it: `2026-11.1`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}.{}", self.month, self.number)
    }

    /// The clock of the first moment at which all days of it were over, where it is later by now: no day more than was looked at is posted.
    fn as_it_was(&self, clock: Clock) -> Clock {
        let Some(next) = self.up_to.next() else { return clock };
        let midnight = next.date().midnight().assume_utc().unix_timestamp();
        let seconds = midnight.saturating_sub(i64::from(clock.zone_offset_seconds));
        let then = u64::try_from(seconds).unwrap_or(0).saturating_mul(1000);
        Clock { now: UnixMillis(clock.now.0.min(then)), ..clock }
    }

    fn counted(&mut self) -> &mut Counted {
        if self.stage == Stage::Previewing { &mut self.preview } else { &mut self.done }
    }
}

impl Model for HandRun {
    const KIND: RecordKind = RecordKind::ChargingRun;

    fn key(&self) -> Vec<u8> {
        key(self.month, self.number)
    }
}

fn key(month: Month, number: u32) -> Vec<u8> {
    format!("{month}/{number:06}").into_bytes()
}

/// Why a run is not begun or does not go on.
#[derive(Debug, thiserror::Error)]
pub enum RunRefused {
    /// No day of the month is over.
    #[error("no day of {0} is over")]
    NotOver(Month),
    /// It is not so far, or further: somebody else was faster.
    #[error("the run is at another stage")]
    Stage,
    /// What the store says.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// All runs that people made, the newest month and run first.
///
/// # Errors
/// Those of the store.
pub async fn hand_runs(store: &impl Store) -> Result<Vec<HandRun>, StoreError> {
    let records = store.records(RecordKind::ChargingRun, b"", None, RUNS_MAX).await?;
    let mut runs = Vec::with_capacity(records.len());
    for record in &records {
        runs.push(model::decode::<HandRun>(record)?.1);
    }
    runs.sort_by_key(|run| std::cmp::Reverse((run.month, run.number)));
    Ok(runs)
}

/// A run, by its month and number.
///
/// # Errors
/// Those of the store.
pub async fn hand_run(
    store: &impl Store,
    (month, number): (Month, u32),
) -> Result<Option<(Version, HandRun)>, StoreError> {
    model::load(store, &key(month, number)).await
}

/// Begins a run of a month: what it would post is counted first. While one of the month is not settled that one is meant.
///
/// # Errors
/// [`RunRefused`].
pub async fn begin_hand_run(
    store: &impl Store,
    month: Month,
    clock: Clock,
    by: &str,
) -> Result<HandRun, RunRefused> {
    let over = clock.today()?.previous().filter(|over| month <= over.month());
    let up_to = over.ok_or(RunRefused::NotOver(month))?.min(Day::last_of(month));
    let newest = hand_runs(store).await?.into_iter().find(|run| run.month == month);
    if let Some(newest) =
        newest.as_ref().filter(|run| run.stage.is_under_way() || run.stage == Stage::Previewed)
    {
        return Ok(newest.clone());
    }
    let run = HandRun {
        month,
        number: newest.map_or(0, |newest| newest.number).saturating_add(1),
        up_to,
        stage: Stage::Previewing,
        reached: None,
        tries: 0,
        preview: Counted::default(),
        done: Counted::default(),
        said: vec![Said { stage: Stage::Previewing, at_ms: clock.now.0, by: by.to_owned() }],
    };
    if model::create(store, &run).await? {
        return Ok(run);
    }
    // Somebody else began it just now.
    let found = hand_run(store, (month, run.number)).await?;
    found.map(|(_, run)| run).ok_or(RunRefused::Stage)
}

/// Brings a run further by a person's word. The same word twice is said once.
///
/// # Errors
/// [`RunRefused::Stage`] where the run is not so far.
pub async fn bring_hand_run(
    store: &impl Store,
    id: (Month, u32),
    to: Stage,
    (at_ms, by): (u64, &str),
) -> Result<HandRun, RunRefused> {
    let (version, mut run) = hand_run(store, id).await?.ok_or(RunRefused::Stage)?;
    if run.said.iter().any(|said| said.stage == to) {
        return Ok(run);
    }
    if !run.stage.may_become(to) {
        return Err(RunRefused::Stage);
    }
    run.stage = to;
    run.reached = None;
    run.done = Counted::default();
    run.said.push(Said { stage: to, at_ms, by: by.to_owned() });
    match model::replace(store, version, &run).await {
        Ok(_) => Ok(run),
        Err(StoreError::Conflict { .. }) => Err(RunRefused::Stage),
        Err(error) => Err(error.into()),
    }
}

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandStep {
    /// There is more to do.
    More,
    /// No run waits; so long it may be left alone.
    Wait(Duration),
}

/// Makes one step of a run that people made, where one waits. To make it twice is harmless.
///
/// # Errors
/// Those of the store; the step may be repeated.
pub async fn hand_step(
    store: &impl Store,
    clock: Clock,
    draw: impl Fn() -> PersonalAccount + Send + Sync,
    stamps: &impl Stamps,
) -> Result<HandStep, StoreError> {
    let waits = hand_runs(store).await?.into_iter().rev().find(|run| run.stage.is_under_way());
    let Some(found) = waits else { return Ok(HandStep::Wait(LOOK_EVERY)) };
    let Some((version, mut run)) = hand_run(store, (found.month, found.number)).await? else {
        return Ok(HandStep::More);
    };
    let (after, as_found) = (run.reached.clone(), run.clone());
    let page = store
        .records(RecordKind::Organisation, b"", after.as_deref().map(str::as_bytes), ORGANISATIONS)
        .await?;
    for bin in page.iter().filter_map(|record| std::str::from_utf8(&record.key).ok()) {
        let made = of_organisation(store, &run, bin, clock, &draw, stamps).await;
        if let Err(error) = &made
            && error.is_of_store()
            && as_found.tries < TRIES_MAX
        {
            // Nobody can be charged now, or this one may be soon: the step is made again.
            let reason = format!("organisation {bin}: {error}");
            let again = HandRun { tries: as_found.tries.saturating_add(1), ..as_found };
            model::replace(store, version, &again).await?;
            return Err(StoreError::Unavailable { reason });
        }
        count(run.counted(), bin, made)?;
    }
    run.tries = 0;
    match page.last().filter(|_| page.len() == ORGANISATIONS) {
        Some(last) => run.reached = std::str::from_utf8(&last.key).ok().map(str::to_owned),
        None => (run.stage, run.reached) = (run.stage.next(), None),
    }
    match model::replace(store, version, &run).await {
        // Another process made the same step.
        Ok(_) | Err(StoreError::Conflict { .. }) => Ok(HandStep::More),
        Err(error) => Err(error),
    }
}

/// What a step did for an organisation: what was posted before and then, and whether days have no price.
struct Made {
    before: Tiyn,
    after: Tiyn,
    is_unpriced: bool,
}

async fn of_organisation(
    store: &impl Store,
    run: &HandRun,
    bin: &str,
    clock: Clock,
    draw: impl Fn() -> PersonalAccount + Send + Sync,
    stamps: &impl Stamps,
) -> Result<Made, ChargingError> {
    let seen = preview(store, bin, run.month, run.as_it_was(clock)).await?;
    let (before, planned) = (seen.comparison.before, seen.comparison.after);
    let is_unpriced = !seen.charges.unpriced.is_empty();
    let after = match run.stage {
        Stage::Posting => {
            charge_organisation(store, bin, (run.month, run.up_to), clock, draw, stamps).await?;
            planned
        }
        Stage::TakingBack => {
            take_back(store, bin, run.month, clock, stamps).await?;
            Tiyn::ZERO
        }
        Stage::Previewing | Stage::Previewed | Stage::Posted | Stage::TakenBack | Stage::GivenUp => planned,
    };
    Ok(Made { before, after, is_unpriced })
}

fn count(counted: &mut Counted, bin: &str, made: Result<Made, ChargingError>) -> Result<(), StoreError> {
    counted.organisations = counted.organisations.saturating_add(1);
    let beyond = |error: ofd_billing::TiynError| StoreError::Corrupt {
        place: "the sums of a run of charging".to_owned(),
        reason: error.to_string(),
    };
    match made {
        Ok(Made { before, after, is_unpriced }) => {
            counted.before = counted.before.plus(before).map_err(beyond)?;
            counted.after = counted.after.plus(after).map_err(beyond)?;
            if before != after {
                counted.changed = counted.changed.saturating_add(1);
                if counted.differences.len() < NAMED_MAX {
                    counted.differences.push(Changed { bin: bin.to_owned(), before, after });
                }
            }
            if is_unpriced {
                counted.without_price = counted.without_price.saturating_add(1);
                if counted.unpriced.len() < NAMED_MAX {
                    counted.unpriced.push(bin.to_owned());
                }
            }
        }
        // The others need not wait for it.
        Err(error) => {
            counted.failures = counted.failures.saturating_add(1);
            if counted.failed.len() < NAMED_MAX {
                counted.failed.push((bin.to_owned(), error.to_string()));
            }
        }
    }
    Ok(())
}
