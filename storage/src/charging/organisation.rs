//! One organisation: charged up to a day, looked at before that, or given its charges back.

use std::collections::BTreeMap;

use ofd_billing::charging::{
    Charges, Comparison, DayCharge, OrganisationMonth, RegisterFacts, Rules, Unpriced, charge, compare,
};
use ofd_billing::ledger::Posting;
use ofd_billing::tariffs::{Plan, PlanId, VatRates};
use ofd_billing::{Day, Month, PersonalAccount};

use super::clock::Clock;
use super::error::ChargingError;
use super::gather::{Keep, Wanted, facts};
use super::posted::Posted;
use crate::feed::Stamps;
use crate::ledger::{self, PersonalAccountRecord, books};
use crate::store::{Store, StoreError};
use crate::tariffs;

/// So many postings are written at once.
const TOGETHER: usize = 32;

/// The prices and rates of a moment.
#[derive(Clone, Debug)]
pub(super) struct Prices {
    plans: BTreeMap<PlanId, Plan>,
    vat: VatRates,
}

impl Prices {
    pub(super) async fn read(store: &impl Store) -> Result<Self, StoreError> {
        Ok(Self { plans: tariffs::plans(store).await?, vat: tariffs::vat_rates(store).await? })
    }

    fn charge(
        &self,
        registers: &[RegisterFacts],
        month: Month,
        up_to: Day,
    ) -> Result<Charges, ChargingError> {
        let rules = Rules { plans: &self.plans, vat: &self.vat };
        Ok(charge(&OrganisationMonth { month, up_to, registers, rules })?)
    }
}

/// What came of charging an organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Charged {
    /// How many postings were written.
    pub postings: usize,
    /// What has no price.
    pub unpriced: Vec<Unpriced>,
    /// Registers that it was charged without, or by what was known of them before, each with the reason.
    pub left_out: Vec<String>,
}

/// Which days an organisation is charged for, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    /// The first month.
    pub(super) from: Month,
    /// The last day.
    pub(super) day: Day,
    /// Whether it is charged also where some of its registers cannot be read.
    pub(super) leaves_out: bool,
}

/// A month of an organisation before it is posted.
#[derive(Clone, Debug)]
pub struct Preview {
    /// What it would be charged by all that is known.
    pub charges: Charges,
    /// What of it was posted.
    pub posted: Vec<DayCharge>,
    /// Both beside each other.
    pub comparison: Comparison,
}

/// Charges an organisation for the days up to `day`, those of the months from `from` on: what is not posted yet is posted. To do so again
/// posts nothing; what was interrupted is finished.
///
/// # Errors
/// [`ChargingError`]. Whoever comes next goes on.
pub async fn charge_organisation(
    store: &impl Store,
    bin: &str,
    (from, day): (Month, Day),
    clock: Clock,
    draw: impl Fn() -> PersonalAccount + Send,
    stamps: &impl Stamps,
) -> Result<Charged, ChargingError> {
    let prices = Prices::read(store).await?;
    let span = Span { from, day, leaves_out: false };
    charge_by(store, &prices, bin, span, clock, draw, stamps).await
}

pub(super) async fn charge_by(
    store: &impl Store,
    prices: &Prices,
    bin: &str,
    Span { from, day, leaves_out }: Span,
    clock: Clock,
    draw: impl Fn() -> PersonalAccount + Send,
    stamps: &impl Stamps,
) -> Result<Charged, ChargingError> {
    let what = Wanted { clock, from, day, way: Keep::Kept, leaves_out };
    let gathered = facts(store, bin, what, &prices.plans).await?;
    let mut charged = Charged { left_out: gathered.left_out, ..Charged::default() };
    let mut planned = Vec::new();
    for month in months(from, day.month()) {
        let charges = prices.charge(&gathered.registers, month, day)?;
        charged.unpriced.extend(charges.unpriced);
        planned.push((month, charges.days));
    }
    let account = match ledger::of_bin(store, bin).await? {
        Some(account) => account,
        None => {
            // Who is charged nothing needs none.
            let first = planned.iter().find(|(_, days)| !days.is_empty()).map(|(month, _)| *month);
            let Some(first) = first else { return Ok(charged) };
            ledger::open_personal(store, bin, (first, clock.now.0), draw).await?
        }
    };
    let mut posted = Posted::read(store, &account, from).await?;
    // What a clock that was ahead charged waits for its day, and what is posted of a register that cannot be read stays.
    posted.charges.retain(|one| one.day <= day && !gathered.without.contains(&one.basis.register));
    for (month, days) in planned {
        let due = posted.due(month, &days, account.number)?;
        charged.postings = charged.postings.saturating_add(due.len());
        post(store, &account, due, clock, stamps).await?;
    }
    Ok(charged)
}

/// Gives an organisation back what was posted for a month, as a whole. The next run posts it anew, where it charges that month.
///
/// # Errors
/// [`ChargingError`]. Done again it goes on.
pub async fn take_back(
    store: &impl Store,
    bin: &str,
    month: Month,
    clock: Clock,
    stamps: &impl Stamps,
) -> Result<usize, ChargingError> {
    let Some(account) = ledger::of_bin(store, bin).await? else { return Ok(0) };
    let posted = Posted::read(store, &account, month).await?;
    let due = posted.due(month, &[], account.number)?;
    let count = due.len();
    post(store, &account, due, clock, stamps).await?;
    Ok(count)
}

/// What an organisation would be charged for a month as far as it is over, beside what was posted. Nothing is written.
///
/// # Errors
/// [`ChargingError`].
pub async fn preview(
    store: &impl Store,
    bin: &str,
    month: Month,
    clock: Clock,
) -> Result<Preview, ChargingError> {
    let prices = Prices::read(store).await?;
    let today = clock.today()?;
    let up_to = today.previous().unwrap_or(today);
    let what = Wanted { clock, from: month, day: up_to, way: Keep::Forgotten, leaves_out: false };
    let registers = facts(store, bin, what, &prices.plans).await?.registers;
    let charges = prices.charge(&registers, month, up_to)?;
    let posted = match ledger::of_bin(store, bin).await? {
        Some(account) => Posted::read(store, &account, month).await?.of_month(month),
        None => Vec::new(),
    };
    let comparison = compare(&posted, &charges.days)?;
    Ok(Preview { charges, posted, comparison })
}

/// Writes postings, those of one month together as far as they fit.
async fn post(
    store: &impl Store,
    account: &PersonalAccountRecord,
    due: Vec<Posting>,
    clock: Clock,
    stamps: &impl Stamps,
) -> Result<(), ChargingError> {
    let today = clock.today()?;
    let books = books(store, account.opened).await?;
    let mut due = due.into_iter().peekable();
    while due.peek().is_some() {
        let together: Vec<Posting> = due.by_ref().take(TOGETHER).collect();
        ledger::post(store, books, account.opened, together, (today.date(), clock.now.0), stamps).await?;
    }
    Ok(())
}

fn months(from: Month, to: Month) -> impl Iterator<Item = Month> {
    std::iter::successors(Some(from), move |month| month.next()).take_while(move |month| *month <= to)
}
