//! Judging what else a shift consists of: placements and its closing.

use super::{Judge, Notes, judge_cashier, judge_uint, judge_uint64, wrong};
use crate::message::{CloseShiftRequest, MoneyPlacementRequest, PlacementOperation};
use crate::refusal::Refusal;
use crate::types::{LocalDateTime, Tiyn};
use crate::warning::Warning;

/// A placement that was found right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::register) struct Placement {
    /// Whether cash comes in or goes out.
    pub(in crate::register) operation: PlacementOperation,
    /// When the till did it, by its own clock.
    pub(in crate::register) date_time: LocalDateTime,
    /// How much cash was moved.
    pub(in crate::register) sum: Tiyn,
    /// Made without a link.
    pub(in crate::register) is_offline: bool,
}

impl Placement {
    /// Judges a placement.
    ///
    /// # Errors
    /// As [`Receipt::read`].
    pub(in crate::register) fn read(
        request: &MoneyPlacementRequest<'_>,
        judge: Judge,
        notes: &mut Notes,
    ) -> Result<Self, Refusal> {
        let date_time = judge.moment("money_placement.date_time", request.date_time)?;
        let code = request.operation.ok_or_else(|| judge.missing("money_placement.operation"))?;
        let operation =
            PlacementOperation::from_code(code).ok_or_else(|| wrong("money_placement.operation", code))?;
        let sum = judge.sum("money_placement.sum", request.sum)?;
        match &request.cashier {
            Some(cashier) => judge_cashier("money_placement", cashier, notes),
            None if judge.version.features().requires_placement_cashier => {
                notes.missing(Warning::CashierMissing, "money_placement.operator");
            }
            None => {}
        }
        judge_uint("money_placement.fr_shift_number", request.fr_shift_number, notes);
        judge_uint64("money_placement.printed_document_number", request.printed_document_number, notes);
        Ok(Self { operation, date_time, sum, is_offline: request.is_offline.unwrap_or(false) })
    }

    /// What it adds to the cash in the drawer.
    pub(in crate::register) fn cash_flow(&self) -> i64 {
        match self.operation {
            PlacementOperation::Deposit => self.sum.get(),
            PlacementOperation::Withdrawal => self.sum.get().saturating_neg(),
        }
    }
}

/// A closing that was found right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::register) struct Close {
    /// When the till closed, by its own clock.
    pub(in crate::register) close_time: LocalDateTime,
    /// Made without a link.
    pub(in crate::register) is_offline: bool,
    /// The register's own number of the shift; 0: none.
    pub(in crate::register) label: u32,
    /// Whether all cash is taken out first.
    pub(in crate::register) withdraw_money: bool,
}

impl Close {
    /// Judges a closing.
    ///
    /// # Errors
    /// As [`Receipt::read`].
    pub(in crate::register) fn read(
        request: &CloseShiftRequest<'_>,
        judge: Judge,
        notes: &mut Notes,
    ) -> Result<Self, Refusal> {
        let close_time = judge.moment("close_shift.close_time", request.close_time)?;
        let requires_report = judge.version.features().requires_close_report;
        if requires_report && request.z_report.is_none() {
            notes.missing(Warning::ZReportMissing, "close_shift.z_report");
        }
        match &request.cashier {
            Some(cashier) => judge_cashier("close_shift", cashier, notes),
            None if requires_report => notes.missing(Warning::CashierMissing, "close_shift.operator"),
            None => {}
        }
        judge_uint("close_shift.fr_shift_number", request.fr_shift_number, notes);
        judge_uint64("close_shift.printed_document_number", request.printed_document_number, notes);
        Ok(Self {
            close_time,
            is_offline: request.is_offline.unwrap_or(false),
            label: request.fr_shift_number.unwrap_or(0),
            withdraw_money: request.withdraw_money.unwrap_or(false),
        })
    }
}
