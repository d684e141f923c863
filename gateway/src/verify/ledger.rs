//! The ledger: entries add up, months follow each other, each posting sums to zero and its legs are where they belong.

use ofd_billing::Month;
use ofd_storage::ledger::{self, Checked, Fault};
use ofd_storage::store::{Store, StoreError};

use super::walked::{Break, Walked};

/// Walks all accounts of the ledger.
pub(super) async fn walk(
    store: &impl Store,
    walked: &mut Walked,
    on_break: &mut impl FnMut(Break),
) -> Result<(), StoreError> {
    let checked = judged(store, Extent::Whole, on_break).await?;
    walked.ledger_months = walked.ledger_months.saturating_add(checked.months);
    walked.ledger_entries = walked.ledger_entries.saturating_add(checked.entries);
    Ok(())
}

/// How much of the ledger is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Every month ever kept.
    Whole,
    /// Months that are open, up to the present one at least, and those that were closed since the last check that found nothing wrong.
    Open(Month),
}

/// Looks at the ledger alone.
///
/// # Errors
/// Those of the store that are not damage of one place.
pub async fn judged(
    store: &impl Store,
    extent: Extent,
    on_break: &mut impl FnMut(Break),
) -> Result<Checked, StoreError> {
    let mut tell = |Fault { place, reason }: Fault| on_break(Break::elsewhere(place, reason));
    match extent {
        Extent::Whole => {
            let checked = ledger::check(store, &mut tell).await?;
            super::invoices::judged(store, on_break).await?;
            Ok(checked)
        }
        Extent::Open(now) => ledger::check_open(store, now, &mut tell).await,
    }
}
