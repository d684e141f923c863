//! Value added tax: rates by date, and what of a sum is tax.

use serde::{Deserialize, Serialize};

use super::periods::{self, Now, Period, PeriodsError};
use crate::day::Day;
use crate::tiyn::{Tiyn, TiynError};

/// A rate of VAT in whole percent; 0 for an operator that pays none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct VatRate(u8);

/// A number that is no rate of VAT.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} % is no rate of VAT: 0 to {max} are", max = VatRate::MAX)]
pub struct NoVatRate(u8);

impl VatRate {
    /// Beyond this a rate is a slip of the hand.
    const MAX: u8 = 50;

    /// A rate of so many percent.
    ///
    /// # Errors
    /// [`NoVatRate`] beyond fifty percent.
    pub fn new(percent: u8) -> Result<Self, NoVatRate> {
        if percent <= Self::MAX { Ok(Self(percent)) } else { Err(NoVatRate(percent)) }
    }

    /// How many percent it is.
    #[must_use]
    pub fn percent(self) -> u8 {
        self.0
    }

    /// The tax inside a sum: sum × rate / (100 + rate), halves away from zero.
    ///
    /// # Errors
    /// [`TiynError`] never for a sum within bounds: the tax is less than the sum.
    pub fn inside(self, sum: Tiyn) -> Result<Tiyn, TiynError> {
        let rate = u64::from(self.0);
        sum.share(rate, rate.saturating_add(100))
    }
}

impl TryFrom<u8> for VatRate {
    type Error = NoVatRate;

    fn try_from(percent: u8) -> Result<Self, NoVatRate> {
        Self::new(percent)
    }
}

impl From<VatRate> for u8 {
    fn from(rate: VatRate) -> Self {
        rate.0
    }
}

/// From when a rate holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VatPeriod {
    /// The first day of the rate.
    pub from: Day,
    /// Its last day where the law says it; otherwise it holds until the next begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Day>,
    /// The rate itself.
    pub rate: VatRate,
}

impl Period for VatPeriod {
    fn from(&self) -> Day {
        self.from
    }

    fn last(&self) -> Option<Day> {
        self.last
    }
}

/// The rates of VAT by date, without holes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<VatPeriod>", into = "Vec<VatPeriod>")]
pub struct VatRates(Vec<VatPeriod>);

impl VatRates {
    /// The rates as a row.
    ///
    /// # Errors
    /// [`PeriodsError`] for holes and overlaps.
    pub fn new(rates: Vec<VatPeriod>) -> Result<Self, PeriodsError> {
        periods::check(&rates)?;
        Ok(Self(rates))
    }

    /// Kazakhstan's: 12 % to the end of 2025, 16 % since.
    ///
    /// # Errors
    /// [`PeriodsError`] never: the rows are constants that tests read.
    pub fn kazakhstan() -> Result<Self, PeriodsError> {
        let row = |from: &str, percent| {
            let from = from.parse().ok()?;
            Some(VatPeriod { from, last: None, rate: VatRate(percent) })
        };
        Self::new([row("2009-01-01", 12), row("2026-01-01", 16)].into_iter().flatten().collect())
    }

    /// Adds a rate behind the others.
    ///
    /// # Errors
    /// [`PeriodsError`] for one that begins in the past, overlaps or leaves a hole.
    pub fn add(&mut self, rate: VatPeriod, now: Now) -> Result<(), PeriodsError> {
        periods::add(&mut self.0, rate, now)
    }

    /// The rate of a day; `None` before the first and behind the last.
    #[must_use]
    pub fn on(&self, day: Day) -> Option<VatRate> {
        periods::on(&self.0, day).map(|(_, period)| period.rate)
    }
}

impl TryFrom<Vec<VatPeriod>> for VatRates {
    type Error = PeriodsError;

    fn try_from(rates: Vec<VatPeriod>) -> Result<Self, PeriodsError> {
        Self::new(rates)
    }
}

impl From<VatRates> for Vec<VatPeriod> {
    fn from(rates: VatRates) -> Self {
        rates.0
    }
}
