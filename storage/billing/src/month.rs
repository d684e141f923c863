//! Months of the calendar, by which accounts are kept.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::Date;

/// A month of a year, as `202611` where it is a number and `2026-11` where it is text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Month {
    year: u16,
    month: time::Month,
}

/// The years that a month may be of: wide enough for any account, narrow enough for four digits.
const YEARS: std::ops::RangeInclusive<u16> = 2000..=2199;

/// A number or a text that is no month.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no month: four digits of the year from 2000 to 2199 and two of the month are expected")]
pub struct NoMonth(String);

impl Month {
    /// The month that a day lies in.
    ///
    /// # Errors
    /// [`NoMonth`] for years that no account is kept in.
    pub fn of(day: Date) -> Result<Self, NoMonth> {
        let year = u16::try_from(day.year()).ok().filter(|year| YEARS.contains(year));
        year.map(|year| Self { year, month: day.month() }).ok_or_else(|| NoMonth(day.to_string()))
    }

    /// As a number: year and month, `202611`.
    #[must_use]
    pub fn number(self) -> u32 {
        u32::from(self.year).saturating_mul(100).saturating_add(u32::from(u8::from(self.month)))
    }

    /// The month after this one; `None` after the last that accounts are kept in.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        let year = if self.month == time::Month::December { self.year.saturating_add(1) } else { self.year };
        YEARS.contains(&year).then(|| Self { year, month: self.month.next() })
    }

    /// The month before this one; `None` before the first that accounts are kept in.
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        let year = if self.month == time::Month::January { self.year.saturating_sub(1) } else { self.year };
        YEARS.contains(&year).then(|| Self { year, month: self.month.previous() })
    }

    /// How many months this one is after `earlier`; negative where it is before it.
    #[must_use]
    pub fn since(self, earlier: Self) -> i32 {
        self.index().saturating_sub(earlier.index())
    }

    /// The month that comes `months` after this one; `None` outside the years that accounts are kept in.
    #[must_use]
    pub fn after(self, months: u32) -> Option<Self> {
        let index = self.index().checked_add(i32::try_from(months).ok()?)?;
        let year = u16::try_from(index.checked_div(12)?).ok().filter(|year| YEARS.contains(year))?;
        let month = u8::try_from(index.checked_rem(12)?.checked_add(1)?).ok()?;
        Some(Self { year, month: time::Month::try_from(month).ok()? })
    }

    /// How many days it has.
    #[must_use]
    pub fn days(self) -> u8 {
        self.month.length(i32::from(self.year))
    }

    /// Its first day.
    #[must_use]
    pub fn first_day(self) -> Date {
        // A day that every month has.
        Date::from_calendar_date(i32::from(self.year), self.month, 1).unwrap_or(Date::MIN)
    }

    /// Its last day.
    #[must_use]
    pub fn last_day(self) -> Date {
        Date::from_calendar_date(i32::from(self.year), self.month, self.days()).unwrap_or(Date::MAX)
    }

    /// The year that it is of.
    #[must_use]
    pub fn year(self) -> u16 {
        self.year
    }

    fn index(self) -> i32 {
        let months = i32::from(u8::from(self.month)).saturating_sub(1);
        i32::from(self.year).saturating_mul(12).saturating_add(months)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, u8::from(self.month))
    }
}

impl From<Month> for u32 {
    fn from(month: Month) -> Self {
        month.number()
    }
}

impl TryFrom<u32> for Month {
    type Error = NoMonth;

    fn try_from(number: u32) -> Result<Self, NoMonth> {
        let year = number.checked_div(100).and_then(|year| u16::try_from(year).ok());
        let month = number.checked_rem(100).and_then(|month| u8::try_from(month).ok());
        let month = month.and_then(|month| time::Month::try_from(month).ok());
        match (year.filter(|year| YEARS.contains(year)), month) {
            (Some(year), Some(month)) => Ok(Self { year, month }),
            _ => Err(NoMonth(number.to_string())),
        }
    }
}

impl FromStr for Month {
    type Err = NoMonth;

    fn from_str(text: &str) -> Result<Self, NoMonth> {
        let no_month = || NoMonth(text.chars().take(16).collect());
        let (year, month) = text.split_once('-').ok_or_else(no_month)?;
        if year.len() != 4
            || month.len() != 2
            || !(year.bytes().chain(month.bytes())).all(|byte| byte.is_ascii_digit())
        {
            return Err(no_month());
        }
        let number = format!("{year}{month}").parse::<u32>().map_err(|_| no_month())?;
        Self::try_from(number).map_err(|_| no_month())
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    fn month(number: u32) -> Month {
        Month::try_from(number).expect("a month")
    }

    #[test]
    fn months_follow_each_other_over_the_end_of_a_year() {
        assert_eq!(month(202_612).next(), Some(month(202_701)));
        assert_eq!(month(202_701).previous(), Some(month(202_612)));
        assert_eq!(month(202_611).after(14), Some(month(202_801)));
        assert_eq!(month(202_801).since(month(202_611)), 14);
        assert_eq!(month(202_611).since(month(202_801)), -14);
    }

    #[test]
    fn a_month_has_its_first_and_its_last_day() {
        assert_eq!(month(202_802).last_day(), date!(2028 - 02 - 29));
        assert_eq!(month(202_602).days(), 28);
        assert_eq!(Month::of(date!(2026 - 11 - 30)), Ok(month(202_611)));
        assert_eq!(month(202_611).first_day(), date!(2026 - 11 - 01));
    }

    #[test]
    fn what_is_no_month_is_refused_and_named() {
        for number in [0, 202_600, 202_613, 199_912, 220_001, u32::MAX] {
            assert!(Month::try_from(number).is_err(), "{number}");
        }
        for text in ["", "2026", "2026-1", "2026-13", "+026-01", "2026-01-01", "202601", "２026-01"] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
        assert_eq!("2026-11".parse(), Ok(month(202_611)));
        assert_eq!(month(202_611).to_string(), "2026-11");
    }

    #[test]
    fn the_last_month_has_none_behind_it() {
        assert_eq!(month(219_912).next(), None);
        assert_eq!(month(200_001).previous(), None);
        assert_eq!(month(219_912).after(1), None);
        assert_eq!(month(219_912).after(u32::MAX), None);
    }
}
