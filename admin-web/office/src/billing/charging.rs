//! What organisations are charged: looked at before it is posted, posted by a person's word, and taken back as a whole.

use ofd_billing::charging::{Charges, DayCharge, DayShare, Line};
use ofd_billing::ledger::{Entry, EntryOf, LedgerAccount, Purpose};
use ofd_billing::{Month, TiynError};
use ofd_storage::accounts::{AuditAction, AuditField, OPERATOR, ToldSubject};
use ofd_storage::charging::{
    ChargingError, Clock, Counted, HandRun, Preview, RunRefused, Stage, Why, begin_hand_run, bring_hand_run,
    preview,
};
use ofd_storage::ledger::{self, LedgerError};
use ofd_storage::store::StoreError;

use super::set;
use crate::banks::applications::note_once;
use crate::by::By;
use crate::change::ChangeError;
use crate::office::Office;

/// What an organisation would be charged for a month as far as it is over, beside what was posted. Nothing is written.
///
/// # Errors
/// [`ChargingError`].
pub async fn preview_month(
    office: &Office,
    bin: &str,
    month: Month,
    zone_offset_seconds: i32,
) -> Result<Preview, ChargingError> {
    let clock = Clock { now: office.now(), zone_offset_seconds };
    preview(&office.store, bin, month, clock).await
}

/// What came of a person's word about a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunOutcome {
    /// It is so.
    Run(Box<HandRun>),
    /// No day of the month is over.
    NotOver,
    /// It is at another stage: somebody else was faster.
    Stage,
}

fn outcome(run: Result<HandRun, RunRefused>) -> Result<RunOutcome, ChangeError> {
    match run {
        Ok(run) => Ok(RunOutcome::Run(Box::new(run))),
        Err(RunRefused::NotOver(_)) => Ok(RunOutcome::NotOver),
        Err(RunRefused::Stage) => Ok(RunOutcome::Stage),
        Err(RunRefused::Store(error)) => Err(error.into()),
    }
}

/// Begins a run of a month, which counts first what it would post.
///
/// # Errors
/// [`ChangeError`].
pub async fn begin_run(office: &Office, by: &By, month: Month) -> Result<RunOutcome, ChangeError> {
    let clock = Clock { now: office.now(), zone_offset_seconds: office.zone_offset_seconds };
    let begun = outcome(begin_hand_run(&office.store, month, clock, &by.actor.name).await)?;
    if let RunOutcome::Run(run) = &begun {
        tell(office, by, (AuditAction::ChargingRunBegun, run), None).await?;
    }
    Ok(begun)
}

/// Has a run posted that was looked at, taken back that was posted, or given up.
///
/// # Errors
/// [`ChangeError`].
pub async fn bring_run(
    office: &Office,
    by: &By,
    id: (Month, u32),
    to: Stage,
) -> Result<RunOutcome, ChangeError> {
    let action = match to {
        Stage::Posting => AuditAction::ChargingRunPosted,
        Stage::TakingBack => AuditAction::ChargingRunTakenBack,
        Stage::GivenUp => AuditAction::ChargingRunGivenUp,
        Stage::Previewing | Stage::Previewed | Stage::Posted | Stage::TakenBack => {
            return Ok(RunOutcome::Stage);
        }
    };
    let said = (office.now().0, by.actor.name.as_str());
    let brought = outcome(bring_hand_run(&office.store, id, to, said).await)?;
    if let RunOutcome::Run(run) = &brought {
        let sums = Some(run.preview.clone()).filter(|_| to == Stage::Posting);
        tell(office, by, (action, run), sums.as_ref()).await?;
    }
    Ok(brought)
}

/// Adds what was done to the operator's audit, once.
async fn tell(
    office: &Office,
    by: &By,
    (action, run): (AuditAction, &HandRun),
    sums: Option<&Counted>,
) -> Result<(), ChangeError> {
    let mut changes = vec![set(AuditField::LastDay, run.up_to.to_string())];
    if let Some(counted) = sums {
        let mut sum = set(AuditField::ChargedSum, counted.after.to_string());
        sum.before = Some(counted.before.to_string());
        changes.push(sum);
    }
    let subject = ToldSubject { of: None, text: run.name() };
    note_once(office, OPERATOR, by.entry(action, subject, changes), ofd_protocol::types::UnixMillis(0)).await
}

/// Why a charge of a day is that sum.
#[derive(Clone, Debug)]
pub struct WhyCharge {
    /// What was posted.
    pub charge: DayCharge,
    /// The line of the month that the day is part of, by all that is known now; `None`: it is part of none any more.
    pub line: Option<Line>,
    /// What the day is of that line, where lines of its kind grow by days.
    pub share: Option<DayShare>,
}

/// A posting of charges with all its reasons.
#[derive(Clone, Debug)]
pub struct WhyEntry {
    /// The entry of the personal account.
    pub entry: Entry,
    /// What it charges, register by register.
    pub charges: Vec<WhyCharge>,
}

/// Why a posting of an organisation's personal account is that sum; `None`: there is no such one, or it charges nothing.
///
/// # Errors
/// [`ChargingError`].
pub async fn why(
    office: &Office,
    bin: &str,
    (month, number): (Month, u32),
) -> Result<Option<WhyEntry>, ChargingError> {
    let Some(account) = ledger::of_bin(&office.store, bin).await? else { return Ok(None) };
    let of = LedgerAccount::Personal(account.number);
    if ledger::head(&office.store, of, month).await?.is_none() {
        return Ok(None);
    }
    let before = number.checked_add(1);
    let found = ledger::entries(&office.store, of, month, before, 1).await?.into_iter().next();
    let Some(entry) = found.filter(|entry| entry.number == number) else { return Ok(None) };
    let EntryOf::Posting(posting) = &entry.of else { return Ok(None) };
    if posting.purpose != Purpose::Charge {
        return Ok(None);
    }
    let Ok(Why { charges }) = serde_json::from_value(posting.why.clone()) else {
        let (place, reason) =
            (format!("posting {}", posting.source), "its reasons cannot be read".to_owned());
        return Err(LedgerError::Store(StoreError::Corrupt { place, reason }).into());
    };
    let Some(first) = charges.first() else { return Ok(None) };
    let planned = preview_month(office, bin, first.day.month(), office.zone_offset_seconds).await?.charges;
    let told = charges.into_iter().map(|charge| told(charge, &planned)).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(WhyEntry { entry, charges: told }))
}

fn told(charge: DayCharge, planned: &Charges) -> Result<WhyCharge, TiynError> {
    let has = |line: &&Line| line.basis == charge.basis && line.from <= charge.day && charge.day <= line.to;
    let line = planned.lines.iter().find(has).cloned();
    let share = match &line {
        Some(line) => line.share_of(charge.day)?,
        None => None,
    };
    Ok(WhyCharge { charge, line, share })
}
