//! What is still to be posted, and what a run would change: the past stays, differences are added.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::lines::{Basis, DayCharge, Line, Origin};
use crate::day::Day;
use crate::month::Month;
use crate::tiyn::{Tiyn, TiynError};

/// The month that the charge of a day is posted in: that of the day, or the first open one where that is closed.
#[must_use]
pub fn posting_month(day: Day, open: Month) -> Month {
    day.month().max(open)
}

/// What must be posted beside `posted` so that all of it together is `planned`. What is there already is not posted again; what
/// should not be there is taken back; so a run that was interrupted is finished, and a second run posts nothing. With nothing
/// planned it takes a run back as a whole.
///
/// # Errors
/// [`TiynError`] beyond the greatest sum.
pub fn difference(posted: &[DayCharge], planned: &[DayCharge]) -> Result<Vec<DayCharge>, TiynError> {
    let mut sums: BTreeMap<(Day, &Basis), (Tiyn, Tiyn)> = BTreeMap::new();
    for one in planned {
        let (sum, vat) = sums.entry((one.day, &one.basis)).or_default();
        (*sum, *vat) = (sum.plus(one.sum)?, vat.plus(one.vat)?);
    }
    for one in posted {
        let (sum, vat) = sums.entry((one.day, &one.basis)).or_default();
        (*sum, *vat) = (sum.minus(one.sum)?, vat.minus(one.vat)?);
    }
    let due = sums.into_iter().filter(|(_, sums)| *sums != (Tiyn::ZERO, Tiyn::ZERO));
    Ok(due.map(|((day, basis), (sum, vat))| DayCharge { day, basis: basis.clone(), sum, vat }).collect())
}

/// What a register costs by one run and by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterChange {
    /// The register that it is about.
    pub register: u64,
    /// Its sum by the one that was.
    pub before: Tiyn,
    /// Its sum by the one that would be.
    pub after: Tiyn,
}

/// What a run would change, as it is looked at before it is posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// All of the one that was.
    pub before: Tiyn,
    /// All of the one that would be.
    pub after: Tiyn,
    /// The registers whose sums change, by id.
    pub registers: Vec<RegisterChange>,
}

/// Compares two runs.
///
/// # Errors
/// [`TiynError`] beyond the greatest sum.
pub fn compare(before: &[DayCharge], after: &[DayCharge]) -> Result<Comparison, TiynError> {
    let mut registers: BTreeMap<u64, RegisterChange> = BTreeMap::new();
    let mut change = |one: &DayCharge, is_after: bool| {
        let register = one.basis.register;
        let nothing = RegisterChange { register, before: Tiyn::ZERO, after: Tiyn::ZERO };
        let change = registers.entry(register).or_insert(nothing);
        let sum = if is_after { &mut change.after } else { &mut change.before };
        *sum = sum.plus(one.sum)?;
        Ok(())
    };
    before.iter().try_for_each(|one| change(one, false))?;
    after.iter().try_for_each(|one| change(one, true))?;
    Ok(Comparison {
        before: Tiyn::sum(before.iter().map(|one| one.sum))?,
        after: Tiyn::sum(after.iter().map(|one| one.sum))?,
        registers: registers.into_values().filter(|change| change.before != change.after).collect(),
    })
}

/// Lines of what was posted for months before this one: those of one basis in one month are one line.
///
/// # Errors
/// [`TiynError`] beyond the greatest sum.
pub fn corrections(days: &[DayCharge], month: Month) -> Result<Vec<Line>, TiynError> {
    let mut lines: BTreeMap<(Month, &Basis), Line> = BTreeMap::new();
    let mut earlier: Vec<&DayCharge> = days.iter().filter(|one| one.day.month() < month).collect();
    earlier.sort();
    for one in earlier {
        let DayCharge { day, basis, sum, vat } = one;
        let line = lines.entry((day.month(), basis)).or_insert_with(|| Line {
            basis: basis.clone(),
            origin: Origin::Correction,
            from: *day,
            to: *day,
            quantity: 0,
            sum: Tiyn::ZERO,
            vat: Tiyn::ZERO,
        });
        if line.to != *day || line.quantity == 0 {
            line.quantity = line.quantity.saturating_add(1);
        }
        line.to = *day;
        (line.sum, line.vat) = (line.sum.plus(*sum)?, line.vat.plus(*vat)?);
    }
    let nothing = |line: &Line| line.sum == Tiyn::ZERO && line.vat == Tiyn::ZERO;
    Ok(lines.into_values().filter(|line| !nothing(line)).collect())
}
