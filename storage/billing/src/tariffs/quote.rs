//! What a plan would cost, told before it is chosen.

use std::collections::BTreeMap;

use super::plan::Plan;
use super::price::{ConnectionKind, Per, Price};
use super::vat::{VatRate, VatRates};
use crate::day::Day;
use crate::month::Month;
use crate::tiyn::{Tiyn, TiynError};

/// A row of a quote: registers of one kind over the days of one price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuoteLine {
    /// How the registers are connected.
    pub kind: ConnectionKind,
    /// How many there are.
    pub registers: u32,
    /// The number of the plan's version.
    pub version: u32,
    /// The first day of the price in this month.
    pub from: Day,
    /// Its last day in this month.
    pub to: Day,
    /// How many days these are.
    pub days: u8,
    /// What the price is for.
    pub per: Per,
    /// The price of the step that so many registers reach.
    pub price: Price,
    /// The rate of VAT on these days.
    pub rate: VatRate,
    /// What all of them cost.
    pub sum: Tiyn,
}

/// What a plan would cost an organisation in a whole month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The month that is told of.
    pub month: Month,
    /// Kind by kind, price by price.
    pub lines: Vec<QuoteLine>,
    /// All lines together.
    pub total: Tiyn,
    /// The VAT inside the total.
    pub vat: Tiyn,
    /// What comes once beside it, for each register that is connected.
    pub connection_fee: Option<Tiyn>,
    /// So many months from a register's first receipt cost nothing.
    pub free_months: u8,
}

/// Why there is no quote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuoteError {
    /// The plan is not for registers of this kind.
    #[error("the plan is not for registers that are connected so")]
    Kind(ConnectionKind),
    /// There is no price or no rate on a day of the month.
    #[error("there is no price or no rate of VAT on {0}")]
    NoPrice(Day),
    /// More than any sum.
    #[error(transparent)]
    Sum(#[from] TiynError),
}

/// What the plan would cost in a whole month, for so many registers of each kind: all that the organisation would have on it, since
/// their number makes the price.
///
/// # Errors
/// [`QuoteError`] where the plan has no price for them.
pub fn quote(
    plan: &Plan,
    registers: &BTreeMap<ConnectionKind, u32>,
    month: Month,
    vat: &VatRates,
) -> Result<Quote, QuoteError> {
    let number = registers.values().fold(0_u32, |all, some| all.saturating_add(*some));
    let mut lines: Vec<QuoteLine> = Vec::new();
    for (kind, count) in registers.iter().filter(|(_, count)| **count > 0) {
        for day in Day::first_of(month).to(Day::last_of(month)) {
            let (version, prices) = plan.version_on(day).ok_or(QuoteError::NoPrice(day))?;
            let rate = vat.on(day).ok_or(QuoteError::NoPrice(day))?;
            let price = prices.price(*kind).ok_or(QuoteError::Kind(*kind))?;
            let step = price.step(number).ok_or(QuoteError::NoPrice(day))?;
            match lines.last_mut() {
                Some(line) if line.kind == *kind && line.version == version && line.rate == rate => {
                    line.to = day;
                    line.days = line.days.saturating_add(1);
                }
                _ => lines.push(QuoteLine {
                    kind: *kind,
                    registers: *count,
                    version,
                    from: day,
                    to: day,
                    days: 1,
                    per: price.per,
                    price: step.price,
                    rate,
                    sum: Tiyn::ZERO,
                }),
            }
        }
    }
    let mut totals: BTreeMap<VatRate, Tiyn> = BTreeMap::new();
    for line in &mut lines {
        // As it will be charged: register by register, each to the nearest tiyn.
        let one = match line.per {
            Per::Month => line.price.tiyn().share(u64::from(line.days), u64::from(month.days()))?,
            Per::Day => line.price.tiyn().share(u64::from(line.days), 1)?,
        };
        line.sum = one.share(u64::from(line.registers), 1)?;
        let total = totals.entry(line.rate).or_default();
        *total = total.plus(line.sum)?;
    }
    let taxes = totals.iter().map(|(rate, total)| rate.inside(*total)).collect::<Result<Vec<_>, _>>()?;
    let first = plan.version_on(Day::first_of(month)).map(|(_, version)| version);
    Ok(Quote {
        month,
        total: Tiyn::sum(lines.iter().map(|line| line.sum))?,
        vat: Tiyn::sum(taxes)?,
        lines,
        connection_fee: first.and_then(|version| version.connection_fee),
        free_months: first.map_or(0, |version| version.free_months),
    })
}
