//! What was posted for services: what invoices stand on.

use std::collections::{BTreeMap, BTreeSet};

use ofd_billing::Month;
use ofd_billing::charging::DayCharge;
use ofd_billing::ledger::{EntryOf, LedgerAccount, Posting, Source};

use crate::charging::Why;
use crate::ledger::{self, MonthOf, PersonalAccountRecord};
use crate::store::{Store, StoreError};

/// Entries are walked in pages.
const PAGE: usize = 64;

/// What sources of charges begin with.
const CHARGE: &str = "charge/";

/// A posting of charges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargedPosting {
    /// By what it landed once.
    pub source: Source,
    /// What it charged; what it took back is below zero.
    pub charges: Vec<DayCharge>,
}

/// The postings of charges to an account that landed in months of the ledger from `from` on, by their sources. One that takes another
/// back is a posting of its own.
///
/// # Errors
/// Those of the store.
pub async fn charges_of(
    store: &impl Store,
    account: &PersonalAccountRecord,
    from: Month,
) -> Result<Vec<ChargedPosting>, StoreError> {
    let home = LedgerAccount::Personal(account.number);
    let mut found: BTreeMap<Source, Vec<DayCharge>> = BTreeMap::new();
    let mut reversals: Vec<(Source, Source)> = Vec::new();
    let mut month = Some(from.max(account.opened));
    let mut newest = None;
    while let Some(at) = month {
        if ledger::head(store, home, at).await?.is_none() {
            break;
        }
        newest = Some(at);
        let mut before = None;
        loop {
            let page = ledger::entries(store, home, at, before, PAGE).await?;
            for entry in &page {
                let EntryOf::Posting(posting) = &entry.of else { continue };
                match &posting.reverses {
                    Some(of) if of.as_str().starts_with(CHARGE) => {
                        reversals.push((posting.source.clone(), of.clone()));
                    }
                    None if posting.source.as_str().starts_with(CHARGE) => {
                        found.insert(posting.source.clone(), charges_in(posting)?);
                    }
                    Some(_) | None => {}
                }
            }
            match page.last() {
                Some(last) if page.len() == PAGE => before = Some(last.number),
                Some(_) | None => break,
            }
        }
        month = at.next();
    }
    for (source, of) in reversals {
        let charges = match found.get(&of) {
            Some(charges) => charges.clone(),
            None => posted(store, account, newest.unwrap_or(from), &of).await?,
        };
        found.insert(source, charges.into_iter().map(negated).collect());
    }
    Ok(found.into_iter().map(|(source, charges)| ChargedPosting { source, charges }).collect())
}

/// What one posting charged, wherever it is.
async fn posted(
    store: &impl Store,
    account: &PersonalAccountRecord,
    now: Month,
    source: &Source,
) -> Result<Vec<DayCharge>, StoreError> {
    let of = MonthOf { account: LedgerAccount::Personal(account.number), opened: account.opened };
    let missing = || StoreError::Corrupt {
        place: format!("personal account {}", account.number),
        reason: format!("{source} was taken back and is nowhere"),
    };
    let found = ledger::find(store, of, now, source).await?;
    match found.map(|(_, entry)| entry.of) {
        Some(EntryOf::Posting(posting)) => charges_in(&posting),
        Some(EntryOf::Leg { .. }) | None => Err(missing()),
    }
}

fn charges_in(posting: &Posting) -> Result<Vec<DayCharge>, StoreError> {
    let why: Why = serde_json::from_value(posting.why.clone()).map_err(|error| StoreError::Corrupt {
        place: format!("posting {}", posting.source),
        reason: format!("what it was charged for cannot be read: {error}"),
    })?;
    Ok(why.charges)
}

fn negated(charge: DayCharge) -> DayCharge {
    DayCharge { sum: charge.sum.negated(), vat: charge.vat.negated(), ..charge }
}

/// What postings charged for days up to the end of a month, and the sources of those that charged nothing later.
pub(super) fn up_to(
    postings: &[ChargedPosting],
    month: Month,
    taken: &BTreeSet<Source>,
) -> (Vec<Source>, Vec<DayCharge>) {
    let (mut sources, mut charges) = (Vec::new(), Vec::new());
    for posting in postings {
        // All of a posting is of one day.
        let is_due = posting.charges.iter().all(|one| one.day.month() <= month);
        if is_due && !taken.contains(&posting.source) {
            sources.push(posting.source.clone());
            charges.extend(posting.charges.iter().cloned());
        }
    }
    (sources, charges)
}
