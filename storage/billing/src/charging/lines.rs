//! Lines of a charge and what their days come to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::day::Day;
use crate::month::Month;
use crate::tariffs::{ConnectionKind, PlanId, VatRate};
use crate::tiyn::{Tiyn, TiynError};

/// What is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// The subscription at a price for a month.
    ByMonth,
    /// The subscription at a price for a day.
    ByDay,
    /// The connection of a register, once.
    Connection,
    /// Receipts above the limit.
    ReceiptsOver,
}

/// Why something costs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Free {
    /// The plan says so.
    Price,
    /// The months from the first receipt, which are over on this day.
    Until(Day),
}

/// What a sum stands on. Days of the same basis that follow each other are one line.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Basis {
    /// The register that is charged for.
    pub register: u64,
    /// What of it is charged.
    pub item: Item,
    /// The plan that it was on.
    pub plan: PlanId,
    /// The number of the plan's version.
    pub version: u32,
    /// How it was connected.
    pub kind: ConnectionKind,
    /// The price, with VAT inside.
    pub price: Tiyn,
    /// From how many registers of the organisation on this price holds; 1 where nothing is graded.
    pub step: u32,
    /// The rate of VAT.
    pub rate: VatRate,
    /// Why it costs nothing, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free: Option<Free>,
}

impl Basis {
    /// What a line of so many days of a month, or of so much, costs.
    ///
    /// # Errors
    /// [`TiynError`] beyond the greatest sum.
    pub fn sum(&self, quantity: u64, month: Month) -> Result<Tiyn, TiynError> {
        match self.item {
            Item::ByMonth => self.price.share(quantity, u64::from(month.days())),
            Item::ByDay | Item::Connection | Item::ReceiptsOver => self.price.share(quantity, 1),
        }
    }
}

/// What is posted for a day. Its key is its day and its basis: what was posted once under a key is not posted again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DayCharge {
    /// The day that it is for.
    pub day: Day,
    /// What it stands on.
    pub basis: Basis,
    /// The sum with VAT inside; below zero where it takes something back.
    pub sum: Tiyn,
    /// The VAT in it.
    pub vat: Tiyn,
}

impl DayCharge {
    /// Its key as text: by it the same charge is found again, whoever tries it and however often.
    #[must_use]
    pub fn key(&self) -> String {
        let Basis { register, item, plan, version, kind, price, step, rate, free } = &self.basis;
        let item = match item {
            Item::ByMonth => "month",
            Item::ByDay => "day",
            Item::Connection => "connection",
            Item::ReceiptsOver => "receipts",
        };
        let kind = match kind {
            ConnectionKind::Wired => "wired",
            ConnectionKind::Sim => "sim",
        };
        let free = match free {
            None => String::new(),
            Some(Free::Price) => "/free".to_owned(),
            Some(Free::Until(day)) => format!("/free-until-{day}"),
        };
        let (day, price, rate) = (self.day, price.get(), rate.percent());
        format!("{day}/{register}/{item}/{plan}/{version}/{kind}/{price}/{step}/{rate}{free}")
    }
}

/// Where a line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The month that is charged.
    Month,
    /// What became known of a month that was closed.
    Correction,
}

/// A line of a charge: days of one basis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it stands on.
    pub basis: Basis,
    /// Where it comes from.
    pub origin: Origin,
    /// Its first day.
    pub from: Day,
    /// Its last day.
    pub to: Day,
    /// Days of a subscription, receipts over a limit, or one connection. Of a correction: on how many days something changed.
    pub quantity: u64,
    /// The sum with VAT inside: that of its days.
    pub sum: Tiyn,
    /// The VAT in it by itself: that of its days.
    pub vat: Tiyn,
}

impl Line {
    /// How many days the month of it has, by which a monthly price is divided.
    #[must_use]
    pub fn month_days(&self) -> u8 {
        self.from.month().days()
    }
}

/// What a day is of its line: how the line grew on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayShare {
    /// Which of the line's days it is, from 1.
    pub number: u64,
    /// The line's sum without the day.
    pub before: Tiyn,
    /// The line's sum with it.
    pub after: Tiyn,
    /// What is posted for it.
    pub sum: Tiyn,
}

impl Line {
    /// Why a day of a subscription is that sum; `None` for days that are not the line's, and for lines that do not grow by days.
    ///
    /// # Errors
    /// [`TiynError`] never for a line within bounds.
    pub fn share_of(&self, day: Day) -> Result<Option<DayShare>, TiynError> {
        let grows = self.origin == Origin::Month && matches!(self.basis.item, Item::ByMonth | Item::ByDay);
        if !grows || day < self.from || self.to < day {
            return Ok(None);
        }
        let before = self.from.to(day).skip(1).fold(0_u64, |days, _| days.saturating_add(1));
        let number = before.saturating_add(1);
        let month = self.from.month();
        let (before, after) = (self.basis.sum(before, month)?, self.basis.sum(number, month)?);
        Ok(Some(DayShare { number, before, after, sum: after.minus(before)? }))
    }
}

/// The sums of one rate of VAT.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateSums {
    /// All sums of the rate.
    pub sum: Tiyn,
    /// The VAT inside them as a whole.
    pub vat: Tiyn,
    /// What that is more than the lines' own VAT together: the last line takes it.
    pub rounding: Tiyn,
}

/// The sums of lines or days, rate by rate.
///
/// # Errors
/// [`TiynError`] beyond the greatest sum.
pub fn by_rate(
    sums: impl IntoIterator<Item = (VatRate, Tiyn, Tiyn)>,
) -> Result<BTreeMap<VatRate, RateSums>, TiynError> {
    let mut totals: BTreeMap<VatRate, RateSums> = BTreeMap::new();
    for (rate, sum, vat) in sums {
        let total = totals.entry(rate).or_default();
        total.sum = total.sum.plus(sum)?;
        // Until all are known: the lines' own.
        total.rounding = total.rounding.plus(vat)?;
    }
    for (rate, total) in &mut totals {
        total.vat = rate.inside(total.sum)?;
        total.rounding = total.vat.minus(total.rounding)?;
    }
    Ok(totals)
}
