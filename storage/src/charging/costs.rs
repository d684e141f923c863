//! What the days ahead of an organisation cost.

use ofd_billing::Day;
use ofd_billing::charging::Rules;
use ofd_billing::standing::Costs;
use ofd_billing::tariffs::VatRates;

use super::clock::Clock;
use super::error::ChargingError;
use super::gather::{Keep, facts};
use crate::store::Store;
use crate::tariffs;

/// What the days behind `charged`, the last day that an organisation was charged for, will cost it. Nothing is written.
///
/// # Errors
/// [`ChargingError`].
pub async fn costs(
    store: &impl Store,
    bin: &str,
    charged: Day,
    clock: Clock,
) -> Result<Costs, ChargingError> {
    let (plans, vat): (_, VatRates) = (tariffs::plans(store).await?, tariffs::vat_rates(store).await?);
    let registers = facts(store, bin, (clock, charged.month(), charged), &plans, Keep::Forgotten).await?;
    Ok(Costs::of(charged, &registers, Rules { plans: &plans, vat: &vat })?)
}
