//! Days of the calendar, by which money is counted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::Date;

use crate::month::{Month, NoMonth};

/// A day that accounts are kept in, in the time zone that the operator counts money by; `2026-11-30` as text and in records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day {
    date: Date,
    // Kept beside the date: it was checked when the day was made, so that nobody needs to check it again.
    month: Month,
}

/// A text that is no day, or a day of a year that no account is kept in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no day: year, month and day as 2026-11-30 are expected, from 2000 to 2199")]
pub struct NoDay(String);

impl Day {
    /// The day of a date.
    ///
    /// # Errors
    /// [`NoMonth`] for years that no account is kept in.
    pub fn new(date: Date) -> Result<Self, NoMonth> {
        Month::of(date).map(|month| Self { date, month })
    }

    /// It as a date.
    #[must_use]
    pub fn date(self) -> Date {
        self.date
    }

    /// The month that it lies in.
    #[must_use]
    pub fn month(self) -> Month {
        self.month
    }

    /// The first day of a month.
    #[must_use]
    pub fn first_of(month: Month) -> Self {
        Self { date: month.first_day(), month }
    }

    /// The last day of a month.
    #[must_use]
    pub fn last_of(month: Month) -> Self {
        Self { date: month.last_day(), month }
    }

    /// The day after it; `None` after the last that accounts are kept in.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        self.date.next_day().and_then(|date| Self::new(date).ok())
    }

    /// The day before it; `None` before the first that accounts are kept in.
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        self.date.previous_day().and_then(|date| Self::new(date).ok())
    }

    /// The day of the same number so many months later. Where that month is too short, the first day behind it: what ends with the
    /// day before is never cut short. `None` outside the years that accounts are kept in.
    #[must_use]
    pub fn months_later(self, months: u32) -> Option<Self> {
        let month = self.month.after(months)?;
        let same = self.date.day();
        if same <= month.days() {
            let date = month.first_day().replace_day(same).ok()?;
            return Some(Self { date, month });
        }
        month.next().map(Self::first_of)
    }

    /// Every day from this one to `last`, both of them; none where `last` is before it.
    pub fn to(self, last: Self) -> impl Iterator<Item = Self> {
        std::iter::successors((self <= last).then_some(self), move |day| {
            day.next().filter(|next| *next <= last)
        })
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:02}", self.month, self.date.day())
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

impl TryFrom<String> for Day {
    type Error = NoDay;

    fn try_from(text: String) -> Result<Self, NoDay> {
        text.parse()
    }
}

impl FromStr for Day {
    type Err = NoDay;

    fn from_str(text: &str) -> Result<Self, NoDay> {
        let no_day = || NoDay(text.chars().take(16).collect());
        let (month, number) = text.rsplit_once('-').ok_or_else(no_day)?;
        if number.len() != 2 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(no_day());
        }
        let month: Month = month.parse().map_err(|_| no_day())?;
        let number: u8 = number.parse().map_err(|_| no_day())?;
        let date = month.first_day().replace_day(number).map_err(|_| no_day())?;
        Ok(Self { date, month })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    #[test]
    fn days_follow_each_other_over_months_and_leap_days() {
        assert_eq!(day("2028-02-28").next(), Some(day("2028-02-29")));
        assert_eq!(day("2026-02-28").next(), Some(day("2026-03-01")));
        assert_eq!(day("2026-01-01").previous(), Some(day("2025-12-31")));
        assert_eq!(day("2199-12-31").next(), None);
        assert_eq!(day("2000-01-01").previous(), None);
        assert_eq!(day("2026-02-27").to(day("2026-03-02")).count(), 4);
        assert_eq!(day("2026-03-02").to(day("2026-03-01")).count(), 0);
    }

    #[test]
    fn months_later_is_the_same_day_or_the_first_behind_a_short_month() {
        assert_eq!(day("2026-01-15").months_later(2), Some(day("2026-03-15")));
        assert_eq!(day("2026-01-31").months_later(1), Some(day("2026-03-01")));
        assert_eq!(day("2028-01-29").months_later(1), Some(day("2028-02-29")));
        assert_eq!(day("2026-12-31").months_later(2), Some(day("2027-03-01")));
        assert_eq!(day("2026-12-31").months_later(0), Some(day("2026-12-31")));
        assert_eq!(day("2199-12-31").months_later(1), None);
    }

    #[test]
    fn what_is_no_day_is_refused_and_named() {
        for text in
            ["", "2026-02-29", "2026-02", "2026-2-01", "2026-02-1", "2026-02-+1", "1999-12-31", "2026-00-10"]
        {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
        assert_eq!(day("2028-02-29").to_string(), "2028-02-29");
    }
}
