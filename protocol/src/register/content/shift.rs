//! Judging what else a shift consists of: placements, its closing, and the service part that rides on all.

use super::{Judge, judge_operator, wrong};
use crate::message::{CloseShiftRequest, MoneyPlacementRequest, PlacementOperation, ServiceRequest};
use crate::refusal::Refusal;
use crate::types::{LocalDateTime, Tiyn};
use crate::version::Version;
use crate::warning::Warning;

/// A placement that was found right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::register) struct Placement {
    /// Which way.
    pub(in crate::register) operation: PlacementOperation,
    /// When.
    pub(in crate::register) date_time: LocalDateTime,
    /// How much.
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
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, Refusal> {
        let date_time = judge.moment("money_placement.date_time", request.date_time)?;
        let code = request.operation.ok_or_else(|| judge.missing("money_placement.operation"))?;
        let operation =
            PlacementOperation::from_code(code).ok_or_else(|| wrong("money_placement.operation", code))?;
        let sum = judge.sum("money_placement.sum", request.sum)?;
        match &request.operator {
            Some(operator) => judge_operator(operator, warnings),
            None if judge.version.features().requires_placement_operator => {
                warnings.push(Warning::OperatorMissing);
            }
            None => {}
        }
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
    /// When.
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
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, Refusal> {
        let close_time = judge.moment("close_shift.close_time", request.close_time)?;
        let requires_report = judge.version.features().requires_close_report;
        if requires_report && request.z_report.is_none() {
            warnings.push(Warning::ZReportMissing);
        }
        match &request.operator {
            Some(operator) => judge_operator(operator, warnings),
            None if requires_report => warnings.push(Warning::OperatorMissing),
            None => {}
        }
        Ok(Self {
            close_time,
            is_offline: request.is_offline.unwrap_or(false),
            label: request.fr_shift_number.unwrap_or(0),
            withdraw_money: request.withdraw_money.unwrap_or(false),
        })
    }
}

/// Notes what the service part of a fiscal command lacks. It is information, never a reason to refuse by itself.
pub(in crate::register) fn judge_service(
    service: Option<&ServiceRequest<'_>>,
    version: Version,
    warnings: &mut Vec<Warning>,
) {
    let features = version.features();
    let Some(service) = service else {
        if features.requires_service {
            warnings.push(Warning::ServicePartMissing);
        }
        return;
    };
    if features.requires_security_stats && service.security_stats.is_none() {
        warnings.push(Warning::SecurityStatsMissing);
    }
    if features.requires_service && service.reg_info.is_none() {
        warnings.push(Warning::RegInfoMissing);
    }
}
