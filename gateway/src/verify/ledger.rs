//! The ledger: entries add up, months follow each other, each posting sums to zero and its legs are where they belong.

use ofd_storage::ledger::{self, Checked, Fault};
use ofd_storage::store::{Store, StoreError};

use super::walked::{Break, LOOKED_AGAIN_AFTER, Walked};

/// Walks all accounts of the ledger.
pub(super) async fn walk(
    store: &impl Store,
    walked: &mut Walked,
    on_break: &mut impl FnMut(Break),
) -> Result<(), StoreError> {
    let checked = judged(store, on_break).await?;
    walked.ledger_months = walked.ledger_months.saturating_add(checked.months);
    walked.ledger_entries = walked.ledger_entries.saturating_add(checked.entries);
    Ok(())
}

/// Looks at the ledger alone.
///
/// # Errors
/// Those of the store that are not damage of one place.
pub async fn judged(store: &impl Store, on_break: &mut impl FnMut(Break)) -> Result<Checked, StoreError> {
    let (mut checked, mut faults) = look(store).await?;
    if store.is_shared() && (!faults.is_empty() || checked.sum != 0) {
        // Others post meanwhile: what is wrong both times is.
        tokio::time::sleep(LOOKED_AGAIN_AFTER).await;
        let (again, still) = look(store).await?;
        faults.retain(|fault| still.contains(fault));
        // The sum of accounts that move is none; their legs were looked for one by one.
        checked = Checked { sum: 0, ..again };
    }
    for Fault { place, reason } in faults {
        on_break(Break::elsewhere(place, reason));
    }
    if checked.sum != 0 {
        on_break(Break::elsewhere(
            "the ledger",
            format!("all entries sum to {} tiyn and not to zero", checked.sum),
        ));
    }
    Ok(checked)
}

async fn look(store: &impl Store) -> Result<(Checked, Vec<Fault>), StoreError> {
    let mut faults = Vec::new();
    let checked = ledger::check(store, &mut |fault| faults.push(fault)).await?;
    Ok((checked, faults))
}
