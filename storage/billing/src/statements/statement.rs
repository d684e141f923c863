//! What a statement says, whatever its format.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::Date;

use crate::iban::Iban;
use crate::tiyn::Tiyn;

use super::day_text;

/// What a bank says of one account: what lay on it, and what moved. All sums are in tenge: other currencies are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// How its file is written.
    pub format: Format,
    /// Whose movements these are.
    pub account: Iban,
    /// Whether the file names the tenge; files of 1C seldom name a currency.
    pub currency_is_told: bool,
    /// The first and the last day that the statement is of, where it says so.
    pub period: Option<(Date, Date)>,
    /// What lay on the account before all entries.
    pub opening: Option<Tiyn>,
    /// What lies on the account after all entries.
    pub closing: Option<Tiyn>,
    /// What moved, as the file has it in order.
    pub entries: Vec<Entry>,
    /// How many entries the bank only announces (pending): they are no money yet, and not among the entries.
    pub announced: usize,
    /// Where it begins in its file.
    pub place: Place,
}

/// How a file of a bank is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Lines of `1CClientBankExchange`.
    OneC,
    /// MT940 of SWIFT.
    Mt940,
    /// `camt.053` of ISO 20022.
    Camt053,
    /// A table, read by a mapping.
    Csv,
}

/// One movement of money on the account of a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Where it stands in its file.
    pub place: Place,
    /// Whether the account has more or less by it.
    pub direction: Direction,
    /// Whether it takes back an earlier one: money in that takes back money out, and the other way round.
    pub is_reversal: bool,
    /// What moved, above zero.
    pub sum: Tiyn,
    /// The day on which the bank booked it.
    #[serde(with = "day_text")]
    pub day: Date,
    /// The number of the payer's document.
    pub number: Option<String>,
    /// What the bank itself calls the movement.
    pub bank_reference: Option<String>,
    /// Who gave the money.
    pub payer: Party,
    /// Who got the money.
    pub payee: Party,
    /// The code of the payment's purpose (КНП), three digits.
    pub knp: Option<String>,
    /// What the payment is for, in the payer's words. Empty when nothing was told.
    pub purpose: String,
    /// Whether the bank booked it together with others as one sum.
    pub is_of_batch: bool,
}

/// A side of a payment, as far as the bank tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The name of a person or an organisation.
    pub name: Option<String>,
    /// The BIN or IIN as told: twelve digits where the bank is right.
    pub bin: Option<String>,
    /// The account, where its number is an IBAN that holds.
    pub iban: Option<Iban>,
    /// The account's number where it is no IBAN.
    pub other_account: Option<String>,
    /// The bank's code (BIC; БИК).
    pub bic: Option<String>,
    /// The code of residence and sector (КОд, КБе).
    pub kbe: Option<String>,
}

impl Party {
    /// Takes the number of an account, as IBAN where it is one.
    pub(super) fn take_account(&mut self, number: Option<String>) {
        let Some(number) = number else { return };
        match number.parse() {
            Ok(iban) => self.iban = Some(iban),
            Err(_) => self.other_account = Some(number),
        }
    }
}

/// Whether an account has more or less by an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The account has more: a credit.
    In,
    /// The account has less: a debit.
    Out,
}

/// Where something stands in a file, so that a person finds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The file as a whole.
    File,
    /// A line, counted from 1.
    Line(usize),
    /// An element of XML: its name, and the line it begins on.
    Element(String, usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("the file"),
            Self::Line(line) => write!(f, "line {line}"),
            Self::Element(name, line) => write!(f, "line {line}, element {name}"),
        }
    }
}
