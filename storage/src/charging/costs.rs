//! What the days ahead of an organisation cost.

use ofd_billing::Day;
use ofd_billing::charging::Rules;
use ofd_billing::standing::Costs;
use ofd_billing::tariffs::VatRates;

use super::clock::Clock;
use super::error::ChargingError;
use super::gather::{Keep, Wanted, facts};
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
    // What cannot be read is left out: a forecast of the rest is nearer than none.
    let wanted =
        Wanted { clock, from: charged.month(), day: charged, way: Keep::Forgotten, leaves_out: true };
    let gathered = facts(store, bin, wanted, &plans).await?;
    Ok(Costs::of(charged, &gathered.registers, Rules { plans: &plans, vat: &vat })?)
}
