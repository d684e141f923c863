//! What an invoice and an act are about: lines, and sums that equal them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::charging::{Charges, DayCharge, Line, RateSums, by_rate, corrections};
use crate::month::Month;
use crate::tariffs::VatRate;
use crate::tiyn::{Tiyn, TiynError};

/// A line of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentLine {
    /// Its number, from 1.
    pub number: u32,
    /// The line of the charge, which says why.
    pub line: Line,
    /// The VAT that it has here: its own, and of the last line of a rate what the whole has more.
    pub vat: Tiyn,
}

impl ContentLine {
    /// Its sum without VAT.
    ///
    /// # Errors
    /// [`TiynError`] never for a line within bounds.
    pub fn net(&self) -> Result<Tiyn, TiynError> {
        self.line.sum.minus(self.vat)
    }
}

/// All of one rate of VAT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateTotal {
    /// The rate itself.
    pub rate: VatRate,
    /// The sum of its lines.
    pub sum: Tiyn,
    /// The VAT inside that sum as a whole.
    pub vat: Tiyn,
    /// What of the VAT was put into the last line. Days were posted without it: it is posted with the document.
    pub rounding: Tiyn,
}

/// What an organisation owes for a month, as documents say it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The month that it is of.
    pub month: Month,
    /// The lines of the month, then corrections of earlier ones.
    pub lines: Vec<ContentLine>,
    /// Rate by rate.
    pub rates: Vec<RateTotal>,
    /// The sum of all lines.
    pub total: Tiyn,
    /// The VAT of all rates.
    pub vat: Tiyn,
}

/// What is written of everything that was posted in a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthDocuments {
    /// The first invoice of the month; none where nothing was charged.
    pub first: Option<Content>,
    /// Additional invoices of earlier months: what became known of them since.
    pub additional: Vec<Content>,
}

/// Why there is no document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// Nothing was charged.
    #[error("there is nothing to write")]
    Empty,
    /// The lines are not what was posted: the run that the document is to follow is not finished.
    #[error("of {percent} % the lines are {lines} and what was posted is {posted}", percent = rate.percent())]
    NotPosted {
        /// The rate of VAT of both.
        rate: VatRate,
        /// The sum of the lines.
        lines: Tiyn,
        /// The sum of what was posted.
        posted: Tiyn,
    },
    /// Days of it could not be charged: something is missing that a person must add.
    #[error("days of register {0} could not be charged")]
    Unpriced(u64),
    /// What is written is not what its lines say.
    #[error("the sums of the document are not those of its lines")]
    Sums,
    /// More than any sum.
    #[error(transparent)]
    Sum(#[from] TiynError),
}

impl Content {
    /// The document of a month: the lines of its charge, then corrections. `posted` is everything that was posted in that month for the
    /// organisation: the lines must equal it.
    ///
    /// # Errors
    /// [`ContentError`] where they do not, or nothing was charged.
    pub fn of_month(
        charges: &Charges,
        corrections: Vec<Line>,
        posted: &[DayCharge],
    ) -> Result<Self, ContentError> {
        if let Some(unpriced) = charges.unpriced.first() {
            return Err(ContentError::Unpriced(unpriced.register));
        }
        let lines: Vec<Line> = charges.lines.iter().cloned().chain(corrections).collect();
        let of_lines = by_rate(lines.iter().map(|line| (line.basis.rate, line.sum, line.vat)))?;
        let of_days = by_rate(posted.iter().map(|one| (one.basis.rate, one.sum, one.vat)))?;
        for rate in of_lines.keys().chain(of_days.keys()) {
            let sum = |sums: &BTreeMap<VatRate, RateSums>| sums.get(rate).copied().unwrap_or_default();
            let (lines, posted) = (sum(&of_lines), sum(&of_days));
            if lines != posted {
                return Err(ContentError::NotPosted { rate: *rate, lines: lines.sum, posted: posted.sum });
            }
        }
        Self::of_lines(charges.month, lines)
    }

    /// Every document of a month: its own, and one for each earlier month that has an invoice and of which something became known since.
    /// What became known of a month without an invoice stands in the month's own. `posted` is everything that was posted in the month for
    /// the organisation, `invoiced` the months that have a first invoice.
    ///
    /// # Errors
    /// [`ContentError`] where the lines are not what was posted.
    pub fn all_of_month(
        charges: &Charges,
        posted: &[DayCharge],
        invoiced: &BTreeSet<Month>,
    ) -> Result<MonthDocuments, ContentError> {
        let is_additional = |month: Month| month < charges.month && invoiced.contains(&month);
        let mut additional: BTreeMap<Month, Vec<Line>> = BTreeMap::new();
        let mut own = Vec::new();
        for line in corrections(posted, charges.month)? {
            let month = line.from.month();
            if is_additional(month) {
                additional.entry(month).or_default().push(line);
            } else {
                own.push(line);
            }
        }
        let rest = posted.iter().filter(|one| !is_additional(one.day.month()));
        let rest: Vec<DayCharge> = rest.cloned().collect();
        let first = match Self::of_month(charges, own, &rest) {
            Ok(content) => Some(content),
            Err(ContentError::Empty) => None,
            Err(error) => return Err(error),
        };
        let contents = additional.into_iter().map(|(month, lines)| Self::of_lines(month, lines));
        Ok(MonthDocuments { first, additional: contents.collect::<Result<_, _>>()? })
    }

    /// The document of these lines; those that are nothing are left out.
    ///
    /// # Errors
    /// [`ContentError::Empty`] where none is left.
    pub fn of_lines(month: Month, lines: Vec<Line>) -> Result<Self, ContentError> {
        let is_something = |line: &Line| line.sum != Tiyn::ZERO || line.vat != Tiyn::ZERO;
        let lines: Vec<Line> = lines.into_iter().filter(is_something).collect();
        if lines.is_empty() {
            return Err(ContentError::Empty);
        }
        let sums = by_rate(lines.iter().map(|line| (line.basis.rate, line.sum, line.vat)))?;
        let numbered = lines.into_iter().zip(1..);
        let mut lines: Vec<ContentLine> =
            numbered.map(|(line, number)| ContentLine { number, vat: line.vat, line }).collect();
        let mut rates = Vec::new();
        for (rate, sums) in sums {
            if let Some(last) = lines.iter_mut().rfind(|line| line.line.basis.rate == rate) {
                last.vat = last.vat.plus(sums.rounding)?;
            }
            rates.push(RateTotal { rate, sum: sums.sum, vat: sums.vat, rounding: sums.rounding });
        }
        let total = Tiyn::sum(rates.iter().map(|rate| rate.sum))?;
        let vat = Tiyn::sum(rates.iter().map(|rate| rate.vat))?;
        Ok(Self { month, lines, rates, total, vat })
    }

    /// Whether its sums are those of its lines, as they were composed.
    ///
    /// # Errors
    /// [`ContentError::Sums`] where they are not.
    pub fn check(&self) -> Result<(), ContentError> {
        let lines = self.lines.iter().map(|line| line.line.clone()).collect();
        if Self::of_lines(self.month, lines)? == *self { Ok(()) } else { Err(ContentError::Sums) }
    }
}
