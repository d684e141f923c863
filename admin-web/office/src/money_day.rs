//! What is over and what is open, where money is counted.

use ofd_billing::tariffs::Now;
use ofd_storage::charging::{Clock, charged_until};
use ofd_storage::ledger::first_open;
use ofd_storage::store::StoreError;

use crate::office::Office;

/// What is over and what is open: a clock that was set back opens nothing.
///
/// # Errors
/// Those of the store.
pub async fn money_now(office: &Office, zone_offset_seconds: i32) -> Result<Now, StoreError> {
    let today = Clock { now: office.now(), zone_offset_seconds }.today()?;
    let open = first_open(&office.store, today.month()).await?;
    Ok(Now::new(today, charged_until(&office.store).await?, open))
}
