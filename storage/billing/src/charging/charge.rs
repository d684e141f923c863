//! The charge of a month: day by day, each by what was known at its end.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::facts::{OrganisationMonth, RegisterFacts, Rules};
use super::lines::{Basis, DayCharge, Free, Item, Line, Origin, RateSums, by_rate};
use crate::day::Day;
use crate::month::Month;
use crate::tariffs::{ConnectionKind, Per, Plan, PlanId, PlanVersion, Price, Step, VatRate};
use crate::tiyn::{Tiyn, TiynError};

/// What is missing for a price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// The register was on no plan.
    Tariff,
    /// How it was connected.
    Kind,
    /// The plan is not there, or has no version for the day, or none for registers that are connected so.
    Price(PlanId),
    /// A rate of VAT for the day.
    VatRate,
}

/// Days of a register that could not be charged. When what is missing is there, they are posted as any late knowledge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unpriced {
    /// The register that it is about.
    pub register: u64,
    /// The first of the days.
    pub from: Day,
    /// The last of the days.
    pub to: Day,
    /// What is missing.
    pub missing: Missing,
}

/// What an organisation is charged for a month, so far as its days are over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charges {
    /// The month that was charged.
    pub month: Month,
    /// By register, then by day. What is free has lines as well: they say why.
    pub lines: Vec<Line>,
    /// By day, then by register. What is nothing is not posted.
    pub days: Vec<DayCharge>,
    /// What could not be charged.
    pub unpriced: Vec<Unpriced>,
}

/// Why a month cannot be charged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChargeError {
    /// It would be charged twice.
    #[error("register {0} is there twice")]
    Twice(u64),
    /// More than any sum.
    #[error(transparent)]
    Sum(#[from] TiynError),
}

impl Charges {
    /// What is posted for one day.
    pub fn of_day(&self, day: Day) -> impl Iterator<Item = &DayCharge> {
        self.days.iter().filter(move |one| one.day == day)
    }

    /// All lines together.
    ///
    /// # Errors
    /// [`TiynError`] beyond the greatest sum.
    pub fn total(&self) -> Result<Tiyn, TiynError> {
        Tiyn::sum(self.lines.iter().map(|line| line.sum))
    }

    /// The sums and the VAT of the whole, rate by rate.
    ///
    /// # Errors
    /// [`TiynError`] beyond the greatest sum.
    pub fn rates(&self) -> Result<BTreeMap<VatRate, RateSums>, TiynError> {
        by_rate(self.lines.iter().map(|line| (line.basis.rate, line.sum, line.vat)))
    }
}

/// Charges a month as far as it is over. What a day comes to depends on nothing that comes after it.
///
/// # Errors
/// [`ChargeError`] for registers that are there twice, and sums beyond all bounds.
pub fn charge(organisation: &OrganisationMonth<'_>) -> Result<Charges, ChargeError> {
    let mut registers: Vec<&RegisterFacts> = organisation.registers.iter().collect();
    registers.sort_by_key(|facts| facts.register);
    for (one, next) in registers.iter().zip(registers.iter().skip(1)) {
        if one.register == next.register {
            return Err(ChargeError::Twice(one.register));
        }
    }
    let month = organisation.month;
    let mut charging = Charging::new(month);
    let last = Day::last_of(month).min(organisation.up_to);
    for day in Day::first_of(month).to(last) {
        let mut on_plan: BTreeMap<&PlanId, u32> = BTreeMap::new();
        let served = registers.iter().filter(|facts| facts.is_served_on(day));
        let served: Vec<(&RegisterFacts, Option<&PlanId>)> =
            served.map(|facts| (*facts, facts.tariffs.on(day))).collect();
        for plan in served.iter().filter_map(|(_, plan)| *plan) {
            let number = on_plan.entry(plan).or_default();
            *number = number.saturating_add(1);
        }
        for (facts, plan) in served {
            let number = plan.and_then(|plan| on_plan.get(plan)).copied().unwrap_or_default();
            match Priced::of(facts, plan, number, day, organisation.rules) {
                Ok(priced) => charging.day(facts, &priced, day)?,
                Err(missing) => charging.unpriced(facts.register, day, missing),
            }
        }
    }
    Ok(charging.done())
}

/// What a register costs on a day.
struct Priced<'a> {
    plan: &'a Plan,
    number: u32,
    version: &'a PlanVersion,
    kind: ConnectionKind,
    per: Per,
    step: Step,
    rate: VatRate,
}

impl<'a> Priced<'a> {
    fn of(
        facts: &RegisterFacts,
        plan: Option<&PlanId>,
        registers: u32,
        day: Day,
        rules: Rules<'a>,
    ) -> Result<Self, Missing> {
        let id = plan.ok_or(Missing::Tariff)?;
        let missing = || Missing::Price(id.clone());
        let kind = facts.kind_on(day).ok_or(Missing::Kind)?;
        let plan = rules.plans.get(id).ok_or_else(missing)?;
        let (number, version) = plan.version_on(day).ok_or_else(missing)?;
        let price = version.price(kind).ok_or_else(missing)?;
        let step = price.step(registers).ok_or_else(missing)?;
        let rate = rules.vat.on(day).ok_or(Missing::VatRate)?;
        Ok(Self { plan, number, version, kind, per: price.per, step, rate })
    }

    /// The first day that costs something again, where the free months of the plan are not over on this one. They are those that the
    /// plan promised on the day of the first receipt.
    fn free_until(&self, first_receipt: Option<Day>, day: Day) -> Option<Day> {
        let first = first_receipt?;
        let (_, promised) = self.plan.version_on(first)?;
        first.months_later(u32::from(promised.free_months)).filter(|paid| day < *paid)
    }

    fn basis(&self, register: u64, item: Item, price: Price, free: Option<Free>) -> Basis {
        let free = free.or((price == Price::Free).then_some(Free::Price));
        let is_subscription = matches!(item, Item::ByMonth | Item::ByDay);
        Basis {
            register,
            item,
            plan: self.plan.id().clone(),
            version: self.number,
            kind: self.kind,
            price: if free.is_some() { Tiyn::ZERO } else { price.tiyn() },
            step: if is_subscription { self.step.registers } else { 1 },
            rate: self.rate,
            free,
        }
    }
}

/// A charge in the making.
struct Charging {
    month: Month,
    lines: Vec<Line>,
    /// Where the last line of each basis is.
    latest: BTreeMap<Basis, usize>,
    days: Vec<DayCharge>,
    unpriced: Vec<Unpriced>,
    /// Where the last of them of each register is.
    latest_unpriced: BTreeMap<u64, usize>,
}

impl Charging {
    fn new(month: Month) -> Self {
        Self {
            month,
            lines: Vec::new(),
            latest: BTreeMap::new(),
            days: Vec::new(),
            unpriced: Vec::new(),
            latest_unpriced: BTreeMap::new(),
        }
    }

    /// A day of a register.
    fn day(&mut self, facts: &RegisterFacts, priced: &Priced<'_>, day: Day) -> Result<(), TiynError> {
        let first = facts.first_receipt();
        if let Some(fee) = priced.version.connection_fee.filter(|_| first == Some(day)) {
            let basis = priced.basis(facts.register, Item::Connection, Price::Tiyn(fee), None);
            self.add(basis, day, 1)?;
        }
        let free = priced.free_until(first, day).map(Free::Until);
        let item = match priced.per {
            Per::Month => Item::ByMonth,
            Per::Day => Item::ByDay,
        };
        self.add(priced.basis(facts.register, item, priced.step.price, free), day, 1)?;
        let limit = priced.version.receipts.filter(|_| free.is_none());
        let over = limit.map_or(0, |limit| facts.receipts_over(limit.receipts, day));
        match limit {
            Some(limit) if over > 0 => {
                self.add(priced.basis(facts.register, Item::ReceiptsOver, limit.over, None), day, over)
            }
            _ => Ok(()),
        }
    }

    /// Adds to the line of the basis, or begins one, and posts by how much that made it grow.
    fn add(&mut self, basis: Basis, day: Day, quantity: u64) -> Result<(), TiynError> {
        let latest = self.latest.get(&basis).and_then(|index| self.lines.get_mut(*index));
        // Receipts of a month are one line, whatever days had none above the limit.
        let goes_on = |line: &&mut Line| basis.item == Item::ReceiptsOver || line.to.next() == Some(day);
        let (sum, vat) = if let Some(line) = latest.filter(goes_on) {
            line.quantity = line.quantity.saturating_add(quantity);
            line.to = day;
            let sum = basis.sum(line.quantity, self.month)?;
            let vat = basis.rate.inside(sum)?;
            let grown = (sum.minus(line.sum)?, vat.minus(line.vat)?);
            (line.sum, line.vat) = (sum, vat);
            grown
        } else {
            let sum = basis.sum(quantity, self.month)?;
            let vat = basis.rate.inside(sum)?;
            self.latest.insert(basis.clone(), self.lines.len());
            let origin = Origin::Month;
            self.lines.push(Line { basis: basis.clone(), origin, from: day, to: day, quantity, sum, vat });
            (sum, vat)
        };
        if sum != Tiyn::ZERO || vat != Tiyn::ZERO {
            self.days.push(DayCharge { day, basis, sum, vat });
        }
        Ok(())
    }

    fn unpriced(&mut self, register: u64, day: Day, missing: Missing) {
        let latest = self.latest_unpriced.get(&register).and_then(|index| self.unpriced.get_mut(*index));
        match latest.filter(|one| one.missing == missing && one.to.next() == Some(day)) {
            Some(one) => one.to = day,
            None => {
                self.latest_unpriced.insert(register, self.unpriced.len());
                self.unpriced.push(Unpriced { register, from: day, to: day, missing });
            }
        }
    }

    fn done(mut self) -> Charges {
        self.lines.sort_by(|one, other| {
            let key = |line: &Line| (line.basis.register, line.from, line.basis.item, line.to);
            key(one).cmp(&key(other)).then_with(|| one.basis.cmp(&other.basis))
        });
        self.days.sort();
        self.unpriced.sort_by_key(|one| (one.register, one.from));
        Charges { month: self.month, lines: self.lines, days: self.days, unpriced: self.unpriced }
    }
}
