//! What an organisation may choose for a register, and what each plan would cost it: told before anything is chosen.

use std::collections::BTreeMap;

use ofd_billing::tariffs::{ConnectionKind, Plan, PlanVersion, Quote, QuoteError, VatRates, quote};
use ofd_billing::{Day, Month};
use ofd_storage::holdings::registers_of;
use ofd_storage::store::{Store, StoreError};
use ofd_storage::tariffs::{self, kind_of};

use crate::money_day::money_now;
use crate::office::Office;

/// Registers are counted in pages.
const PAGE: usize = 256;

/// Which register a plan would be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferedFor {
    /// One that is still to come, connected in either way: it is counted beside those that are there.
    NewRegister,
    /// One that is there and is connected so.
    Register(ConnectionKind),
}

/// A plan that an organisation may choose.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The plan itself.
    pub plan: Plan,
    /// How the register is connected.
    pub kind: ConnectionKind,
    /// The first day of it, chosen today.
    pub first_day: Day,
    /// The prices of that day.
    pub version: PlanVersion,
    /// The whole month that the quote is for: the first one by this plan.
    pub month: Month,
    /// What all registers of the organisation would cost that the plan is for.
    pub quote: Result<Quote, QuoteError>,
}

impl Offer {
    /// How many registers the quote is for.
    #[must_use]
    pub fn registers(&self) -> u32 {
        let Ok(quote) = &self.quote else { return 0 };
        let first = |kind| quote.lines.iter().find(|line| line.kind == kind).map_or(0, |line| line.registers);
        [ConnectionKind::Wired, ConnectionKind::Sim].into_iter().map(first).fold(0, u32::saturating_add)
    }
}

/// How many registers an organisation has of each kind of connection.
///
/// # Errors
/// Those of the store.
pub async fn registers_by_kind(
    store: &impl Store,
    bin: &str,
) -> Result<BTreeMap<ConnectionKind, u32>, StoreError> {
    let (mut counts, mut after) = (BTreeMap::new(), None);
    loop {
        let page = registers_of(store, bin, after, PAGE).await?;
        for register in &page.found {
            let count: &mut u32 = counts.entry(kind_of(register.connection)).or_default();
            *count = count.saturating_add(1);
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(counts),
        }
    }
}

/// What is known when an organisation is told of plans.
struct Telling {
    counts: BTreeMap<ConnectionKind, u32>,
    vat: VatRates,
    today: Day,
    is_new: bool,
}

impl Telling {
    /// A plan for a register of this kind; `None`: it has no price on the day from which it would be.
    fn offer(&self, plan: &Plan, kind: ConnectionKind) -> Option<Offer> {
        let takes_effect = plan.data().takes_effect;
        let first_day = if self.is_new { self.today } else { takes_effect.first_day(self.today)? };
        let (_, version) = plan.version_on(first_day)?;
        let begun = first_day.month();
        let month = if Day::first_of(begun) == first_day { begun } else { begun.next()? };
        let mut counts = self.counts.clone();
        counts.retain(|kind, _| plan.is_for(*kind));
        let asked = counts.entry(kind).or_default();
        *asked = if self.is_new { asked.saturating_add(1) } else { (*asked).max(1) };
        Some(Offer {
            plan: plan.clone(),
            kind,
            first_day,
            version: version.clone(),
            month,
            quote: quote(plan, &counts, month, &self.vat),
        })
    }
}

/// The plans that an organisation may choose for a register, by their ids, each with what it would cost.
///
/// # Errors
/// Those of the store.
pub async fn offers(office: &Office, bin: &str, of: OfferedFor) -> Result<Vec<Offer>, StoreError> {
    let telling = Telling {
        counts: registers_by_kind(&office.store, bin).await?,
        vat: tariffs::vat_rates(&office.store).await?,
        today: money_now(office, office.zone_offset_seconds).await?.today(),
        is_new: of == OfferedFor::NewRegister,
    };
    let kinds = match of {
        OfferedFor::NewRegister => vec![ConnectionKind::Wired, ConnectionKind::Sim],
        OfferedFor::Register(kind) => vec![kind],
    };
    let plans = tariffs::plans(&office.store).await?;
    let chosen = tariffs::may_be_chosen(&plans, bin).into_iter();
    let offers = chosen.flat_map(|plan| {
        let kinds = kinds.iter().filter(|kind| plan.is_for(**kind));
        kinds.filter_map(|kind| telling.offer(plan, *kind)).collect::<Vec<_>>()
    });
    Ok(offers.collect())
}
