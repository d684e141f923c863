//! How a bank's table is read: which column is what. Kept by whoever reads the bank's tables.

use serde::{Deserialize, Serialize};

use super::charset::Charset;

/// How tables of a bank are written. There is one for each bank and kind of table, made once and kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CsvMapping {
    /// The encoding of its letters.
    pub charset: Charset,
    /// What stands between columns.
    pub delimiter: char,
    /// How many lines stand above the table: names, periods and balances for people.
    #[serde(default)]
    pub lines_above: usize,
    /// Whether the first row has the names of the columns.
    pub has_header: bool,
    /// What the row that ends the table begins with, as `Итого`. Sums in it must be those of the columns above. Without it a table that
    /// is cut between two rows is not noticed, since nothing says how many rows there should be.
    #[serde(default)]
    pub ends_with: Option<String>,
    /// Whether the bank writes no line end behind the last row. Where it does, one that is missing tells that the file is cut.
    #[serde(default)]
    pub is_open_ended: bool,
    /// The mark before decimals.
    pub decimal: char,
    /// The day on which the bank booked the movement.
    pub day: Column,
    /// How days are written.
    pub day_form: DateForm,
    /// The sum, and which way the money went.
    pub direction: DirectionBy,
    /// The account that the row is of.
    #[serde(default)]
    pub account: Option<Column>,
    /// The currency of the sum.
    #[serde(default)]
    pub currency: Option<Column>,
    /// The number of the payer's document.
    #[serde(default)]
    pub number: Option<Column>,
    /// What the bank itself calls the movement.
    #[serde(default)]
    pub bank_reference: Option<Column>,
    /// The name of the other side.
    #[serde(default)]
    pub other_name: Option<Column>,
    /// The BIN or IIN of the other side.
    #[serde(default)]
    pub other_bin: Option<Column>,
    /// The account of the other side.
    #[serde(default)]
    pub other_account: Option<Column>,
    /// The bank of the other side.
    #[serde(default)]
    pub other_bic: Option<Column>,
    /// The code of the purpose (КНП).
    #[serde(default)]
    pub knp: Option<Column>,
    /// What the payment is for.
    #[serde(default)]
    pub purpose: Option<Column>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Column {
    /// By its place, from 1.
    Number(usize),
    /// By its name in the first row, in any case of its letters.
    Named(String),
}

/// In which order the parts of a day stand. Between them there may be dots, slashes or dashes; the year has four digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateForm {
    /// `30.11.2026`, or with slashes or dashes.
    DayFirst,
    /// `2026-11-30`, or with dots or slashes.
    YearFirst,
    /// `11/30/2026`, or with dots or dashes.
    MonthFirst,
}

/// How a table tells which way the money went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum DirectionBy {
    /// By the sign of one sum: below zero it went.
    Sign {
        /// The sum of the movement with its sign.
        sum: Column,
    },
    /// By the column that the sum stands in; the other is empty or zero.
    Columns {
        /// What came (кредит, приход).
        came: Column,
        /// What went (дебет, расход).
        went: Column,
    },
    /// By a word beside the sum.
    Word {
        /// The sum without a sign.
        sum: Column,
        /// Where the word stands.
        word: Column,
        /// Words for money that came, in any case of their letters.
        came: Vec<String>,
        /// Words for money that went.
        went: Vec<String>,
    },
}
