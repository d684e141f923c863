//! Whether a statement adds up: what is told of it, against its entries.

use crate::tiyn::Tiyn;

use super::fault::{Fault, SumFault, Wrong};
use super::statement::{Direction, Entry, Statement};
use super::sums::sum_fault;

/// A total that a file tells, and what it calls it.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// What the file calls it.
    pub(super) field: &'static str,
    /// What it says.
    pub(super) what: Tiyn,
}

/// What a file tells of a statement's entries beside balances.
#[derive(Clone, Debug, Default)]
pub(super) struct Totals {
    /// What came in, all together.
    pub(super) came: Option<Told>,
    /// What went out, all together.
    pub(super) went: Option<Told>,
}

/// The sum of the entries of a direction.
fn sum_of(entries: &[Entry], direction: Direction) -> Result<Tiyn, Wrong> {
    let sums = entries.iter().filter(|entry| entry.direction == direction).map(|entry| entry.sum);
    Tiyn::sum(sums).map_err(|_| sum_fault("sum of all entries", "", SumFault::TooGreat))
}

/// Refuses a statement whose totals or balances are not what its entries make.
///
/// # Errors
/// [`Wrong::Totals`] with both sides, at the statement's place.
pub(super) fn adds_up(statement: &Statement, totals: &Totals, closing: &str) -> Result<(), Fault> {
    let wrong = |wrong| Fault::at(&statement.place, wrong);
    let came = sum_of(&statement.entries, Direction::In).map_err(wrong)?;
    let went = sum_of(&statement.entries, Direction::Out).map_err(wrong)?;
    for (told, counted) in [(&totals.came, came), (&totals.went, went)] {
        if let Some(told) = told.as_ref().filter(|told| told.what != counted) {
            let field = told.field.to_owned();
            return Err(wrong(Wrong::Totals { field, told: told.what, counted }));
        }
    }
    if let (Some(opening), Some(told)) = (statement.opening, statement.closing) {
        let counted = opening.plus(came).and_then(|sum| sum.minus(went));
        let counted = counted.map_err(|_| wrong(sum_fault(closing, "", SumFault::TooGreat)))?;
        if told != counted {
            return Err(wrong(Wrong::Totals { field: closing.to_owned(), told, counted }));
        }
    }
    Ok(())
}
