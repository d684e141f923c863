//! The day on which the money ends, by what the services of today cost.

use serde::{Deserialize, Serialize};

use crate::charging::{ChargeError, OrganisationMonth, RegisterFacts, Rules, charge};
use crate::day::Day;
use crate::tiyn::{Tiyn, TiynError};

/// So many months are looked ahead, the present one among them: notices begin two weeks before, and pages tell of a few months.
pub const FORECAST_MONTHS: u32 = 4;

/// What the days behind the last one that was charged will cost, as far as it is looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Costs {
    /// The last day that was charged.
    pub charged: Day,
    /// The cost of each day behind it.
    pub days: Vec<Tiyn>,
}

impl Costs {
    /// What the days behind the last charged one will cost, when all registers go on with the plans that they are on or have chosen.
    /// Receipts that are yet to be sold are not foreseen.
    ///
    /// # Errors
    /// [`ChargeError`], as charging has it.
    pub fn of(charged: Day, registers: &[RegisterFacts], rules: Rules<'_>) -> Result<Self, ChargeError> {
        let mut days = Vec::new();
        let mut month = Some(charged.month());
        for _ in 0..FORECAST_MONTHS {
            let Some(of) = month else { break };
            let last = Day::last_of(of);
            let charges = charge(&OrganisationMonth { month: of, up_to: last, registers, rules })?;
            let first = charged.next().unwrap_or(charged).max(Day::first_of(of));
            for day in first.to(last).filter(|day| *day > charged) {
                days.push(Tiyn::sum(charges.of_day(day).map(|one| one.sum))?);
            }
            month = of.next();
        }
        Ok(Self { charged, days })
    }

    /// What the next days cost together.
    ///
    /// # Errors
    /// [`TiynError`] beyond the greatest sum.
    pub fn of_next(&self, days: usize) -> Result<Tiyn, TiynError> {
        Tiyn::sum(self.days.iter().take(days).copied())
    }

    /// The last day that is looked at.
    #[must_use]
    pub fn last(&self) -> Day {
        let mut last = self.charged;
        for _ in &self.days {
            last = last.next().unwrap_or(last);
        }
        last
    }
}

/// The first day whose cost the balance does not cover; `None` where it covers all that is looked at.
///
/// # Errors
/// [`TiynError`] beyond the greatest sum.
pub fn forecast(balance: Tiyn, costs: &Costs) -> Result<Option<Day>, TiynError> {
    let (mut left, mut day) = (balance, costs.charged);
    for cost in &costs.days {
        let Some(next) = day.next() else { return Ok(None) };
        day = next;
        left = left.minus(*cost)?;
        if left < Tiyn::ZERO {
            return Ok(Some(day));
        }
    }
    Ok(None)
}
