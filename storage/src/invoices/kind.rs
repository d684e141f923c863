//! Which documents there are, each in a series of its own.

use ofd_billing::invoices::{NumberError, Series};

use crate::kinds::names;

names! {
    /// What a document is.
    pub enum InvoiceKind {
        /// An invoice (счёт-фактура).
        Invoice = "invoice",
        /// An act of completed works (акт выполненных работ).
        Act = "act",
        /// A bill for payment (счёт на оплату).
        Bill = "bill",
    }
}

impl InvoiceKind {
    /// The series of its numbers. The letters are those that look alike in both alphabets, where payers type them.
    fn letters(self) -> &'static str {
        match self {
            Self::Invoice => "A",
            Self::Act => "W",
            Self::Bill => "B",
        }
    }

    /// The series of its numbers.
    ///
    /// # Errors
    /// Never: it is a constant that a test reads.
    pub fn series(self) -> Result<Series, NumberError> {
        self.letters().parse()
    }

    /// The owner of its streams.
    pub(super) fn owner(self) -> u64 {
        match self {
            Self::Invoice => 1,
            Self::Act => 2,
            Self::Bill => 3,
        }
    }

    /// Whose owner that is.
    pub(super) fn of_owner(owner: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.owner() == owner)
    }

    /// Whose series that is.
    #[must_use]
    pub fn of_series(series: &Series) -> Option<Self> {
        let letters = String::from(series.clone());
        Self::ALL.into_iter().find(|kind| kind.letters() == letters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_a_series_and_a_stream_of_its_own() {
        for kind in InvoiceKind::ALL {
            assert_eq!(InvoiceKind::of_series(&kind.series().unwrap()), Some(kind));
            assert_eq!(InvoiceKind::of_owner(kind.owner()), Some(kind));
        }
        assert_eq!(InvoiceKind::of_owner(0), None);
    }
}
