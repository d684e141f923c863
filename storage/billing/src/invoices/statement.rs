//! Statement of turnover and balance (оборотно-сальдовая ведомость), and act of reconciliation (акт сверки).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::documents::Party;
use crate::day::Day;
use crate::month::Month;
use crate::tiyn::{Tiyn, TiynError};

/// An entry of an organisation's personal account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementEntry {
    /// The day that it counts for.
    pub day: Day,
    /// What it stands on: an invoice's number, a payment's.
    pub document: String,
    /// What the organisation owes more.
    pub debit: Tiyn,
    /// What it owes less.
    pub credit: Tiyn,
}

/// Debit and credit beside each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sides {
    /// What the organisation owes.
    pub debit: Tiyn,
    /// What it has paid ahead, or owes less.
    pub credit: Tiyn,
}

impl Sides {
    /// A balance on its side: what was paid ahead is above zero.
    #[must_use]
    pub fn of_balance(balance: Tiyn) -> Self {
        if balance < Tiyn::ZERO {
            Self { debit: balance.negated(), credit: Tiyn::ZERO }
        } else {
            Self { debit: Tiyn::ZERO, credit: balance }
        }
    }

    fn plus(self, entry: &StatementEntry) -> Result<Self, TiynError> {
        Ok(Self { debit: self.debit.plus(entry.debit)?, credit: self.credit.plus(entry.credit)? })
    }

    /// What was paid ahead, below zero where something is owed.
    ///
    /// # Errors
    /// [`TiynError`] beyond the greatest sum.
    pub fn balance(self) -> Result<Tiyn, TiynError> {
        self.credit.minus(self.debit)
    }
}

/// A row of a statement: a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnoverRow {
    /// The month of it.
    pub month: Month,
    /// The balance before its first entry.
    pub opening: Sides,
    /// All its entries.
    pub turnover: Sides,
    /// The balance behind its last entry.
    pub closing: Sides,
}

/// A statement of turnover and balance: month by month, also those without an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turnovers {
    /// The months that were asked for.
    pub rows: Vec<TurnoverRow>,
    /// All of them as one.
    pub whole: TurnoverRow,
}

/// A period that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// It ends before it begins.
    #[error("the period ends before it begins")]
    Period,
    /// More than any sum.
    #[error(transparent)]
    Sum(#[from] TiynError),
}

/// The statement of these months. Entries before them make the opening balance, those behind them are not looked at; their order does
/// not matter.
///
/// # Errors
/// [`StatementError`] for a period that ends before it begins, and sums beyond all bounds.
pub fn turnovers(entries: &[StatementEntry], from: Month, to: Month) -> Result<Turnovers, StatementError> {
    if to < from {
        return Err(StatementError::Period);
    }
    let mut months: BTreeMap<Month, Sides> = BTreeMap::new();
    let mut before = Sides::default();
    for entry in entries {
        let month = entry.day.month();
        let sides = if month < from { &mut before } else { months.entry(month).or_default() };
        *sides = sides.plus(entry)?;
    }
    let first = before.balance()?;
    let (mut rows, mut balance, mut all) = (Vec::new(), first, Sides::default());
    for month in std::iter::successors(Some(from), |month| month.next().filter(|next| *next <= to)) {
        let turnover = months.get(&month).copied().unwrap_or_default();
        let opening = Sides::of_balance(balance);
        balance = balance.plus(turnover.balance()?)?;
        all = Sides { debit: all.debit.plus(turnover.debit)?, credit: all.credit.plus(turnover.credit)? };
        rows.push(TurnoverRow { month, opening, turnover, closing: Sides::of_balance(balance) });
    }
    let (opening, closing) = (Sides::of_balance(first), Sides::of_balance(balance));
    Ok(Turnovers { rows, whole: TurnoverRow { month: to, opening, turnover: all, closing } })
}

/// In whose favour a reconciliation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InFavourOf {
    /// The organisation owes.
    Supplier,
    /// It paid ahead.
    Customer,
    /// Nobody owes anything.
    Nobody,
}

/// An act of reconciliation. The customer's side is left for the customer to fill in: what it has in its books is not ours to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciliation {
    /// Whose books these are.
    pub supplier: Party,
    /// Who signs beside.
    pub customer: Party,
    /// The first day of the period.
    pub from: Day,
    /// Its last day.
    pub to: Day,
    /// The balance before the first entry.
    pub opening: Sides,
    /// The entries of the period, by day.
    pub rows: Vec<StatementEntry>,
    /// All of them.
    pub turnover: Sides,
    /// The balance behind the last.
    pub closing: Sides,
    /// Who is owed the closing balance.
    pub in_favour_of: InFavourOf,
}

/// The act of these days.
///
/// # Errors
/// [`StatementError`] for a period that ends before it begins, and sums beyond all bounds.
pub fn reconciliation(
    supplier: Party,
    customer: Party,
    entries: &[StatementEntry],
    from: Day,
    to: Day,
) -> Result<Reconciliation, StatementError> {
    if to < from {
        return Err(StatementError::Period);
    }
    let before = entries.iter().filter(|entry| entry.day < from).try_fold(Sides::default(), Sides::plus)?;
    let mut rows: Vec<StatementEntry> =
        entries.iter().filter(|entry| from <= entry.day && entry.day <= to).cloned().collect();
    rows.sort_by_key(|entry| entry.day);
    let turnover = rows.iter().try_fold(Sides::default(), Sides::plus)?;
    let opening = before.balance()?;
    let closing = opening.plus(turnover.balance()?)?;
    let in_favour_of = match closing.cmp(&Tiyn::ZERO) {
        std::cmp::Ordering::Less => InFavourOf::Supplier,
        std::cmp::Ordering::Greater => InFavourOf::Customer,
        std::cmp::Ordering::Equal => InFavourOf::Nobody,
    };
    let (opening, closing) = (Sides::of_balance(opening), Sides::of_balance(closing));
    Ok(Reconciliation { supplier, customer, from, to, opening, rows, turnover, closing, in_favour_of })
}
