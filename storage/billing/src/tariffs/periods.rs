//! Rows of periods that leave no day out and take none twice: versions of a plan, rates of VAT.

use std::fmt;

use crate::day::Day;
use crate::month::Month;

/// What begins at a day and ends with the day before the next one begins, or with a day of its own.
pub(super) trait Period {
    /// The first day of it.
    fn from(&self) -> Day;
    /// Its last day where it was said; otherwise it lasts until the next begins.
    fn last(&self) -> Option<Day>;
}

/// A period as messages name it: its number from 1, its first day, its last where it was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeriodName {
    /// Its place in the row, from 1.
    pub number: u32,
    /// The first day of it.
    pub from: Day,
    /// Its last day where it was said.
    pub last: Option<Day>,
}

impl fmt::Display for PeriodName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "number {} (from {}", self.number, self.from)?;
        match self.last {
            Some(last) => write!(f, " to {last})"),
            None => write!(f, ")"),
        }
    }
}

/// Why a row of periods is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeriodsError {
    /// There is none.
    #[error("there is no period at all")]
    Empty,
    /// It ends before it begins.
    #[error("{0} ends before it begins")]
    Backwards(PeriodName),
    /// A day would be in both.
    #[error("{earlier} and {later} overlap")]
    Overlap {
        /// The one that was there first.
        earlier: PeriodName,
        /// The one that does not leave it its days.
        later: PeriodName,
    },
    /// A day between both would be in neither.
    #[error("between {earlier} and {later} there is a day without any")]
    Hole {
        /// The one that ends too early.
        earlier: PeriodName,
        /// The one that begins too late.
        later: PeriodName,
    },
    /// It would change days that are over, or the day that is.
    #[error("{name} begins on a day that is not after {today}: the past never changes")]
    Past {
        /// The period that is refused.
        name: PeriodName,
        /// The day that is.
        today: Day,
    },
    /// It would change a month that is closed.
    #[error("{name} begins in a month before {open}, which is closed")]
    Closed {
        /// The period that is refused.
        name: PeriodName,
        /// The first month that is open.
        open: Month,
    },
}

/// What is over and what is still open when somebody changes prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    today: Day,
    open: Month,
}

impl Now {
    /// `clock` is the day by the clock, `charged` the last day that was charged, `open` the first month that is not closed. A clock
    /// that was set back brings no day back that was charged.
    #[must_use]
    pub fn new(clock: Day, charged: Option<Day>, open: Month) -> Self {
        Self { today: charged.map_or(clock, |charged| clock.max(charged)), open }
    }

    /// The day that is, for money.
    #[must_use]
    pub fn today(self) -> Day {
        self.today
    }

    /// The first month that is not closed.
    #[must_use]
    pub fn open(self) -> Month {
        self.open
    }
}

fn name<P: Period>(index: usize, period: &P) -> PeriodName {
    let number = u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1);
    PeriodName { number, from: period.from(), last: period.last() }
}

/// Whether the row has each day from its first on once.
///
/// # Errors
/// [`PeriodsError`] names the first two that do not follow each other.
pub(super) fn check<P: Period>(periods: &[P]) -> Result<(), PeriodsError> {
    if periods.is_empty() {
        return Err(PeriodsError::Empty);
    }
    let mut before: Option<PeriodName> = None;
    for (index, period) in periods.iter().enumerate() {
        let later = name(index, period);
        if later.last.is_some_and(|last| last < later.from) {
            return Err(PeriodsError::Backwards(later));
        }
        if let Some(earlier) = before {
            if later.from <= earlier.from || earlier.last.is_some_and(|last| later.from <= last) {
                return Err(PeriodsError::Overlap { earlier, later });
            }
            if earlier.last.is_some_and(|last| last.next() != Some(later.from)) {
                return Err(PeriodsError::Hole { earlier, later });
            }
        }
        before = Some(later);
    }
    Ok(())
}

/// Adds a period behind the row. The first of all may begin on the day that is: nobody was charged by the row yet.
///
/// # Errors
/// [`PeriodsError`]; then the row is as it was.
pub(super) fn add<P: Period + Clone>(periods: &mut Vec<P>, new: P, now: Now) -> Result<(), PeriodsError> {
    let name = name(periods.len(), &new);
    let first = periods.is_empty() && name.from == now.today;
    if name.from.month() < now.open {
        return Err(PeriodsError::Closed { name, open: now.open });
    }
    if name.from <= now.today && !first {
        return Err(PeriodsError::Past { name, today: now.today });
    }
    let mut row = periods.clone();
    row.push(new);
    check(&row)?;
    *periods = row;
    Ok(())
}

/// The period of a day, with its number from 1.
pub(super) fn on<P: Period>(periods: &[P], day: Day) -> Option<(u32, &P)> {
    let (index, period) = periods.iter().enumerate().rfind(|(_, period)| period.from() <= day)?;
    let number = u32::try_from(index).ok()?.checked_add(1)?;
    period.last().is_none_or(|last| day <= last).then_some((number, period))
}
