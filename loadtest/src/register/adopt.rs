//! Counters taken over from the server's report, by a register that does not know its own (WIRE section 10, INFO).

use super::kinds::{Operation, PaymentKind, PerOperation, Placement, ReportKind};
use super::report::{OperationSum, ZxReport};
use super::totals::{Counter, OfflineCount, Placements, Totals};

fn counters(found: &[OperationSum]) -> PerOperation<Counter> {
    let mut own = PerOperation::default();
    for entry in found {
        if let Some(operation) = Operation::of(entry.operation) {
            *own.of_mut(operation) = Counter { count: i64::from(entry.count), sum: entry.sum };
        }
    }
    own
}

fn sums(found: &[(u32, i64)]) -> PerOperation<i64> {
    let mut own = PerOperation::default();
    for (code, sum) in found {
        if let Some(operation) = Operation::of(*code) {
            *own.of_mut(operation) = *sum;
        }
    }
    own
}

impl Totals {
    /// The counters that `report` shows: of an X the shift goes on, after a Z the next one begins.
    ///
    /// Counters below zero are written as 0, so such a register's next report may differ from what is taken over here.
    pub fn adopt(report: &ZxReport, kind: ReportKind) -> Self {
        let mut own = Self {
            shift: report.shift,
            opened: Some(report.opened),
            operations: counters(&report.operations),
            discounts: counters(&report.discounts),
            markups: counters(&report.markups),
            cash: report.cash,
            revenue: report.revenue,
            non_nullable: sums(&report.non_nullable),
            start_non_nullable: sums(&report.start_non_nullable),
            ..Self::default()
        };
        for section in &report.sections {
            own.sections.insert(section.code.clone(), counters(&section.operations));
        }
        for tax in &report.taxes {
            let counters = own.taxes.entry(tax.key).or_default();
            for (code, counter) in &tax.operations {
                if let Some(operation) = Operation::of(*code) {
                    *counters.of_mut(operation) = *counter;
                }
            }
        }
        for entry in &report.tickets {
            let Some(operation) = Operation::of(entry.operation) else { continue };
            let tickets = own.tickets.of_mut(operation);
            tickets.count_since_registration = i64::from(entry.total_count);
            tickets.shift = Counter { count: i64::from(entry.count), sum: entry.sum };
            tickets.offline = OfflineCount { sure: i64::from(entry.offline_count), maybe: 0 };
            tickets.discount_sum = entry.discount_sum;
            tickets.markup_sum = entry.markup_sum;
            tickets.change_sum = entry.change_sum;
            for payment in &entry.payments {
                if let Some(kind) = PaymentKind::of(payment.operation) {
                    *tickets.payments.of_mut(kind) =
                        Counter { count: i64::from(payment.count), sum: payment.sum };
                }
            }
        }
        for entry in &report.placements {
            let adopted = Placements {
                count_since_registration: i64::from(entry.total_count),
                shift: Counter { count: i64::from(entry.count), sum: entry.sum },
                offline: OfflineCount { sure: i64::from(entry.offline_count), maybe: 0 },
            };
            match Placement::of(entry.operation) {
                Some(Placement::Deposit) => own.deposits = adopted,
                Some(Placement::Withdrawal) => own.withdrawals = adopted,
                None => {}
            }
        }
        match kind {
            ReportKind::X => own,
            ReportKind::Z => own.after_close(),
        }
    }
}
