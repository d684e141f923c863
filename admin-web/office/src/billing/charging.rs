//! What an organisation is charged, looked at before it is posted.

use ofd_billing::Month;
use ofd_storage::charging::{ChargingError, Clock, Preview, preview};

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
