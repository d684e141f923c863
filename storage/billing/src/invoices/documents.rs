//! The documents themselves: invoice, act of completed works, bill for payment.

use serde::{Deserialize, Serialize};

use super::content::{Content, ContentError};
use super::number::Number;
use crate::day::Day;
use crate::month::Month;
use crate::tariffs::VatRate;
use crate::tiyn::{Tiyn, TiynError};

/// Where somebody is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankDetails {
    /// The number of the account (ИИК).
    pub iik: String,
    /// The bank's code (БИК).
    pub bic: String,
    /// What the bank is called.
    pub bank: String,
    /// The payee's code of sector (Кбе).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kbe: Option<String>,
}

/// The paper by which somebody is on the books for VAT.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VatCertificate {
    /// The series of the certificate.
    pub series: String,
    /// Its number in the series.
    pub number: String,
}

/// One side of a document, as it was called on the day of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// BIN or IIN, 12 digits.
    pub bin: String,
    /// What it is called.
    pub title: String,
    /// Where it is.
    pub address: String,
    /// Where it is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankDetails>,
    /// By what it pays VAT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat_certificate: Option<VatCertificate>,
}

/// The contract that a document stands on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// Its number, as the parties write it.
    pub number: String,
    /// The day of it.
    pub day: Day,
}

/// What every document has at its top.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Its number in its series.
    pub number: Number,
    /// The day on which it was issued.
    pub day: Day,
    /// Who served, and is paid.
    pub supplier: Party,
    /// Who was served, and pays.
    pub recipient: Party,
    /// The contract, where there is one in writing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<Contract>,
}

/// Another document, as one names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The number of the other.
    pub number: Number,
    /// The day of it.
    pub day: Day,
}

/// What an invoice is to others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceSort {
    /// The first of its turnover.
    First,
    /// It stands in place of the first, all lines anew (исправленный).
    Corrected(Reference),
    /// It says what is more or less than in the first (дополнительный).
    Additional(Reference),
}

/// An invoice (счёт-фактура).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// Number, day and parties.
    pub head: Head,
    /// What it is to others.
    pub sort: InvoiceSort,
    /// The day of the turnover: the last of the month.
    pub turnover: Day,
    /// Lines and sums.
    pub content: Content,
}

/// An act of completed works (акт выполненных работ).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// Number, day and parties.
    pub head: Head,
    /// The invoice of the same works.
    pub invoice: Reference,
    /// Lines and sums: those of the invoice.
    pub content: Content,
}

/// What a line of a bill is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillFor {
    /// What an invoice left to pay.
    Invoice(Reference),
    /// Service that is to come in a month.
    Advance(Month),
    /// A sum that the organisation named itself.
    TopUp,
}

/// A line of a bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillLine {
    /// What it is for.
    pub what: BillFor,
    /// The rate of VAT inside the sum.
    pub rate: VatRate,
    /// What is to be paid for it.
    pub sum: Tiyn,
}

/// A bill for payment (счёт на оплату).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// Number, day and parties.
    pub head: Head,
    /// The number of the personal account, which the payment names.
    pub account: String,
    /// The last day to pay it, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay_by: Option<Day>,
    /// What is to be paid.
    pub lines: Vec<BillLine>,
    /// All lines together.
    pub total: Tiyn,
    /// The VAT inside, rate by rate of the whole.
    pub vat: Tiyn,
}

/// Why a document is not written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Its number is of another year than its day.
    #[error("{0} is a number of another year")]
    Year(Number),
    /// A BIN is none.
    #[error("{0:?} is no BIN: 12 digits are")]
    Bin(String),
    /// A party has no name or no address.
    #[error("who has the BIN {0} has no name or no address")]
    Party(String),
    /// It would be issued before what it is about.
    #[error("the day {0} is before what the document is about")]
    Day(Day),
    /// It must name the first invoice, and this is none.
    #[error("{0} is not the first of its turnover")]
    NotFirst(Number),
    /// It would go to another organisation, or be about another month, than the first.
    #[error("the first invoice {0} is of another organisation or month")]
    OtherTurnover(Number),
    /// A bill asks for more than nothing.
    #[error("a bill has lines, each for more than nothing")]
    Bill,
    /// What it is about may not be.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// More than any sum.
    #[error(transparent)]
    Sum(#[from] TiynError),
}

impl Head {
    fn check(&self) -> Result<(), DocumentError> {
        if self.number.year != self.day.month().year() {
            return Err(DocumentError::Year(self.number.clone()));
        }
        for party in [&self.supplier, &self.recipient] {
            if party.bin.len() != 12 || !party.bin.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(DocumentError::Bin(party.bin.chars().take(16).collect()));
            }
            if party.title.trim().is_empty() || party.address.trim().is_empty() {
                return Err(DocumentError::Party(party.bin.clone()));
            }
        }
        Ok(())
    }

    fn reference(&self) -> Reference {
        Reference { number: self.number.clone(), day: self.day }
    }
}

impl Invoice {
    /// The first invoice of a month.
    ///
    /// # Errors
    /// [`DocumentError`] says what is wrong with it.
    pub fn first(head: Head, content: Content) -> Result<Self, DocumentError> {
        head.check()?;
        content.check()?;
        let turnover = Day::last_of(content.month);
        if head.day < turnover {
            return Err(DocumentError::Day(head.day));
        }
        Ok(Self { head, sort: InvoiceSort::First, turnover, content })
    }

    /// An invoice in place of the first, with all lines anew.
    ///
    /// # Errors
    /// [`DocumentError`] where it is about something else than the first.
    pub fn corrected(first: &Self, head: Head, content: Content) -> Result<Self, DocumentError> {
        first.followed(head, content, InvoiceSort::Corrected(first.head.reference()))
    }

    /// An invoice of what is more, or less, than in the first.
    ///
    /// # Errors
    /// [`DocumentError`] where it is about something else than the first.
    pub fn additional(first: &Self, head: Head, content: Content) -> Result<Self, DocumentError> {
        first.followed(head, content, InvoiceSort::Additional(first.head.reference()))
    }

    fn followed(&self, head: Head, content: Content, sort: InvoiceSort) -> Result<Self, DocumentError> {
        if self.sort != InvoiceSort::First {
            return Err(DocumentError::NotFirst(self.head.number.clone()));
        }
        let parties = |head: &Head| (head.supplier.bin.clone(), head.recipient.bin.clone());
        if parties(&self.head) != parties(&head) || self.content.month != content.month {
            return Err(DocumentError::OtherTurnover(self.head.number.clone()));
        }
        if head.day < self.head.day {
            return Err(DocumentError::Day(head.day));
        }
        Ok(Self { sort, ..Self::first(head, content)? })
    }

    /// It as others name it.
    #[must_use]
    pub fn reference(&self) -> Reference {
        self.head.reference()
    }
}

impl Act {
    /// The act of an invoice: the same lines between the same parties, on its day, with a number of its own.
    ///
    /// # Errors
    /// [`DocumentError::Year`] for a number of another year.
    pub fn of(invoice: &Invoice, number: Number) -> Result<Self, DocumentError> {
        let head = Head { number, ..invoice.head.clone() };
        head.check()?;
        Ok(Self { head, invoice: invoice.reference(), content: invoice.content.clone() })
    }
}

impl Bill {
    /// A bill of these lines.
    ///
    /// # Errors
    /// [`DocumentError`] says what is wrong with it.
    pub fn new(
        head: Head,
        account: String,
        pay_by: Option<Day>,
        lines: Vec<BillLine>,
    ) -> Result<Self, DocumentError> {
        head.check()?;
        if lines.is_empty() || lines.iter().any(|line| line.sum <= Tiyn::ZERO) {
            return Err(DocumentError::Bill);
        }
        if let Some(day) = pay_by.filter(|day| *day < head.day) {
            return Err(DocumentError::Day(day));
        }
        let total = Tiyn::sum(lines.iter().map(|line| line.sum))?;
        let rates = crate::charging::by_rate(lines.iter().map(|line| (line.rate, line.sum, Tiyn::ZERO)))?;
        let vat = Tiyn::sum(rates.values().map(|sums| sums.vat))?;
        Ok(Self { head, account, pay_by, lines, total, vat })
    }
}
