//! Invoices, acts and bills: numbers have no holes, each adds up, and each invoice is what was posted.

use ofd_storage::invoices;
use ofd_storage::ledger::Fault;
use ofd_storage::store::{Store, StoreError};

use super::walked::{Break, LOOKED_AGAIN_AFTER};

/// Looks at all documents.
pub(super) async fn judged(store: &impl Store, on_break: &mut impl FnMut(Break)) -> Result<(), StoreError> {
    let mut faults = look(store).await?;
    if store.is_shared() && !faults.is_empty() {
        // Others issue meanwhile: what is wrong both times is.
        tokio::time::sleep(LOOKED_AGAIN_AFTER).await;
        let again = look(store).await?;
        faults.retain(|fault| again.contains(fault));
    }
    for Fault { place, reason } in faults {
        on_break(Break::elsewhere(place, reason));
    }
    Ok(())
}

async fn look(store: &impl Store) -> Result<Vec<Fault>, StoreError> {
    let mut faults = Vec::new();
    invoices::check(store, &mut |fault| faults.push(fault)).await?;
    Ok(faults)
}
