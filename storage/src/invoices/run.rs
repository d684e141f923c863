//! The run of every month: all organisations get the documents of the month that is over, in steps that any process goes on with.

use std::time::Duration;

use bytes::Bytes;
use ofd_billing::invoices::Party;
use ofd_billing::{Day, Month};
use serde::{Deserialize, Serialize};

use super::error::InvoicingError;
use super::making::{Issuing, make_month};
use crate::charging::{Clock, all_charged_until};
use crate::feed::Stamps;
use crate::store::{Record, RecordKind, Store, StoreError, Version};

/// Where it is kept how far documents are made, among the facts of the store.
pub const INVOICING_KEY: &[u8] = b"invoicing";

/// So many organisations get their documents in one step.
const ORGANISATIONS: usize = 8;

/// A run under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct UnderWay {
    /// Whose documents are made.
    month: Month,
    /// The last organisation that was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    /// How many organisations could not be given theirs.
    #[serde(default)]
    failed: u64,
}

/// How far documents are made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// The last month that all organisations have their documents of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    done: Option<Month>,
    /// Where some were left without: not again before this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    again: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    under_way: Option<UnderWay>,
}

/// What came of a step.
#[derive(Debug)]
pub enum Step {
    /// There are more organisations.
    More(Ran),
    /// These were the last.
    Completed(Month, Ran),
    /// No month is over whose documents are to be made now.
    Wait(Duration),
}

/// What a step did.
#[derive(Debug, Default)]
pub struct Ran {
    /// How many invoices organisations have of the month.
    pub invoices: usize,
    /// Organisations that have no documents, and why. They are tried again the next day.
    pub failed: Vec<(String, InvoicingError)>,
}

/// After so long a month that is over is looked for again.
const LOOK_AFTER: Duration = Duration::from_secs(600);

/// Makes one step of the run that is due. To make it twice is harmless.
///
/// A month's documents are made once its last day is charged. Organisations of which something does not fit yet are left, and tried again
/// on the next day until the next month is over: what is then still in no invoice stands in that month's.
///
/// # Errors
/// Those of the store; the step may be repeated.
pub async fn step(
    store: &impl Store,
    supplier: &Party,
    clock: Clock,
    stamps: &impl Stamps,
) -> Result<Step, StoreError> {
    let (version, kept) = load(store).await?;
    let run = match kept.under_way.clone() {
        Some(run) => run,
        None => match due(store, &kept, clock).await? {
            Some(month) => UnderWay { month, after: None, failed: 0 },
            None => return Ok(Step::Wait(LOOK_AFTER)),
        },
    };
    let after = run.after.as_deref().map(str::as_bytes);
    let page = store.records(RecordKind::Organisation, b"", after, ORGANISATIONS).await?;
    let mut ran = Ran::default();
    let issuing = Issuing { supplier, clock };
    for bin in page.iter().filter_map(|record| std::str::from_utf8(&record.key).ok()) {
        match make_month(store, bin, run.month, issuing, stamps).await {
            Ok(made) => ran.invoices = ran.invoices.saturating_add(made.invoices.len()),
            Err(InvoicingError::Store(error)) if !matches!(error, StoreError::Corrupt { .. }) => {
                return Err(error);
            }
            Err(error) if error.is_of_store() => {
                return Err(StoreError::Unavailable { reason: error.to_string() });
            }
            // The others need not wait for it.
            Err(error) => ran.failed.push((bin.to_owned(), error)),
        }
    }
    let failed = run.failed.saturating_add(u64::try_from(ran.failed.len()).unwrap_or(u64::MAX));
    let last = page.last().and_then(|last| String::from_utf8(last.key.to_vec()).ok());
    match last.filter(|_| page.len() == ORGANISATIONS) {
        Some(last) => {
            let under_way = Some(UnderWay { after: Some(last), failed, ..run });
            save(store, version, &Kept { under_way, ..kept }).await?;
            Ok(Step::More(ran))
        }
        None => {
            let again = if failed > 0 { clock.today()?.next() } else { None };
            let done = if failed > 0 { kept.done } else { kept.done.max(Some(run.month)) };
            save(store, version, &Kept { done, again, under_way: None }).await?;
            Ok(Step::Completed(run.month, ran))
        }
    }
}

/// The month whose documents are to be made: the last that is over, once its last day is charged.
async fn due(store: &impl Store, kept: &Kept, clock: Clock) -> Result<Option<Month>, StoreError> {
    let today = clock.today()?;
    let Some(over) = today.month().previous() else { return Ok(None) };
    if kept.done.is_some_and(|done| over <= done) || kept.again.is_some_and(|again| today < again) {
        return Ok(None);
    }
    let is_charged = all_charged_until(store).await?.is_some_and(|day| Day::last_of(over) <= day);
    Ok(is_charged.then_some(over))
}

async fn load(store: &impl Store) -> Result<(Option<Version>, Kept), StoreError> {
    let Some(record) = store.record(RecordKind::Store, INVOICING_KEY).await? else {
        return Ok((None, Kept::default()));
    };
    Ok((Some(record.version), read(&record)?))
}

fn corrupt(error: &serde_json::Error) -> StoreError {
    StoreError::Corrupt { place: "how far documents are made".to_owned(), reason: error.to_string() }
}

fn read(record: &Record) -> Result<Kept, StoreError> {
    serde_json::from_slice(&record.bytes).map_err(|error| corrupt(&error))
}

async fn save(store: &impl Store, expected: Option<Version>, kept: &Kept) -> Result<(), StoreError> {
    let bytes = serde_json::to_vec(kept).map(Bytes::from).map_err(|error| corrupt(&error))?;
    match store.put_record(RecordKind::Store, INVOICING_KEY, expected, bytes).await {
        // Another process is further, or did the same.
        Ok(_) | Err(StoreError::Conflict { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
