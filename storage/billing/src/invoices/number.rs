//! Numbers of documents: without holes in each series and year.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::day::Day;

/// A row of numbers: one for invoices, one for acts, one for bills, or one for each place that issues them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Series(String);

/// A number within its series and year.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Number {
    /// The row that it is in.
    pub series: Series,
    /// The year, in which the row begins with one.
    pub year: u16,
    /// Its place in the row, from 1.
    pub number: u32,
}

/// Why a number is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// The series is called by what no document can bear.
    #[error("{0:?} is no series: 1 to {max} capital letters and digits are", max = Series::MAX)]
    Series(String),
    /// The year has as many as there are numbers.
    #[error("the series is full")]
    Full,
    /// It is of another series or year than the number before it.
    #[error("{0} is of another series or year")]
    Other(Number),
    /// Numbers are missing, or are there twice.
    #[error("behind {before} comes {after}")]
    Hole {
        /// The number that was there.
        before: Number,
        /// The number that is not the next.
        after: Number,
    },
    /// The row does not begin with one.
    #[error("the row begins with {0}")]
    Begins(Number),
}

impl Series {
    const MAX: usize = 8;
}

impl FromStr for Series {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        let fits = |char: char| char.is_uppercase() && char.is_alphabetic() || char.is_ascii_digit();
        if (1..=Self::MAX).contains(&text.chars().count()) && text.chars().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NumberError::Series(text.chars().take(Self::MAX).collect()))
        }
    }
}

impl TryFrom<String> for Series {
    type Error = NumberError;

    fn try_from(text: String) -> Result<Self, NumberError> {
        text.parse()
    }
}

impl From<Series> for String {
    fn from(series: Series) -> Self {
        series.0
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{:06}", self.series.0, self.year, self.number)
    }
}

impl Number {
    /// The number of a document that is issued on this day, behind the last of its series and year.
    ///
    /// # Errors
    /// [`NumberError`] for a last number of another series or year, and for a full row.
    pub fn next(series: &Series, day: Day, last: Option<&Self>) -> Result<Self, NumberError> {
        let year = day.month().year();
        if let Some(other) = last.filter(|last| last.series != *series || last.year != year) {
            return Err(NumberError::Other(other.clone()));
        }
        let number = last.map_or(0, |last| last.number).checked_add(1).ok_or(NumberError::Full)?;
        Ok(Self { series: series.clone(), year, number })
    }

    /// Whether these are a row without holes, from 1 on.
    ///
    /// # Errors
    /// [`NumberError`] names the first two that do not follow each other.
    pub fn check_row(row: &[Self]) -> Result<(), NumberError> {
        if let Some(first) = row.first().filter(|first| first.number != 1) {
            return Err(NumberError::Begins(first.clone()));
        }
        for (before, after) in row.iter().zip(row.iter().skip(1)) {
            if (&before.series, before.year) != (&after.series, after.year) {
                return Err(NumberError::Other(after.clone()));
            }
            if before.number.checked_add(1) != Some(after.number) {
                return Err(NumberError::Hole { before: before.clone(), after: after.clone() });
            }
        }
        Ok(())
    }
}
