//! A Z report as JSON, by the field names of the protocol's schema (ZXReport).

use ofd_protocol::message::answer::{
    ByOperation, CountSum, PlacementLine, TaxLine, TaxSums, TicketLine, ZxReport,
};
use ofd_protocol::message::{Operation, PlacementOperation};
use ofd_protocol::types::Tiyn;
use ofd_protocol::version::{PaymentType, Version};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct ZReportView {
    date_time: String,
    shift_number: u32,
    sections: Vec<Section>,
    operations: Vec<Counter>,
    discounts: Vec<Counter>,
    markups: Vec<Counter>,
    total_result: Vec<Counter>,
    taxes: Vec<Tax>,
    start_shift_non_nullable_sums: Vec<Sum>,
    ticket_operations: Vec<Tickets>,
    money_placements: Vec<Placements>,
    cash_sum: String,
    revenue: Revenue,
    non_nullable_sums: Vec<Sum>,
    open_shift_time: String,
    close_shift_time: Option<String>,
    checksum: String,
}

#[derive(Serialize)]
struct Section {
    section_code: String,
    operations: Vec<Counter>,
}

#[derive(Serialize)]
struct Counter {
    operation: &'static str,
    count: u32,
    sum: String,
}

#[derive(Serialize)]
struct Tax {
    tax_type: u32,
    percent: u32,
    operations: Vec<TaxOperation>,
}

#[derive(Serialize)]
struct TaxOperation {
    operation: &'static str,
    turnover: String,
    sum: String,
    turnover_without_tax: String,
}

#[derive(Serialize)]
struct Sum {
    operation: &'static str,
    sum: String,
}

#[derive(Serialize)]
struct Tickets {
    operation: &'static str,
    tickets_total_count: u32,
    tickets_count: u32,
    tickets_sum: String,
    payments: Vec<Payment>,
    offline_count: u32,
    discount_sum: String,
    markup_sum: String,
    change_sum: String,
}

#[derive(Serialize)]
struct Payment {
    payment: &'static str,
    sum: String,
    count: u32,
}

#[derive(Serialize)]
struct Placements {
    operation: &'static str,
    operations_total_count: u32,
    operations_count: u32,
    operations_sum: String,
    offline_count: u32,
}

#[derive(Serialize)]
struct Revenue {
    sum: String,
    is_negative: bool,
}

fn operation_name(operation: Operation) -> &'static str {
    match operation {
        Operation::Buy => "BUY",
        Operation::BuyReturn => "BUY_RETURN",
        Operation::Sell => "SELL",
        Operation::SellReturn => "SELL_RETURN",
    }
}

fn placement_name(operation: PlacementOperation) -> &'static str {
    match operation {
        PlacementOperation::Deposit => "DEPOSIT",
        PlacementOperation::Withdrawal => "WITHDRAWAL",
    }
}

fn payment_name(kind: PaymentType) -> &'static str {
    match kind {
        PaymentType::Cash => "CASH",
        PaymentType::Card => "CARD",
        PaymentType::Credit => "CREDIT",
        PaymentType::Tare => "TARE",
        PaymentType::Mobile => "MOBILE",
    }
}

/// Each operation with its value.
fn each<T>(values: &[T; 4]) -> impl Iterator<Item = (&'static str, &T)> {
    Operation::ALL.into_iter().map(operation_name).zip(values)
}

fn counters(values: &ByOperation) -> Vec<Counter> {
    let counter = |(operation, CountSum { count, sum }): (&'static str, &CountSum)| Counter {
        operation,
        count: *count,
        sum: sum.to_string(),
    };
    each(values).map(counter).collect()
}

fn sums(values: &[Tiyn; 4]) -> Vec<Sum> {
    each(values).map(|(operation, sum)| Sum { operation, sum: sum.to_string() }).collect()
}

fn tax(line: &TaxLine) -> Tax {
    let operations = each(&line.operations).map(|(operation, sums)| {
        let TaxSums { turnover, sum, turnover_without_tax } = sums;
        TaxOperation {
            operation,
            turnover: turnover.to_string(),
            sum: sum.to_string(),
            turnover_without_tax: turnover_without_tax.to_string(),
        }
    });
    Tax { tax_type: line.tax_type, percent: line.percent, operations: operations.collect() }
}

fn tickets(operation: &'static str, line: &TicketLine, version: Version) -> Tickets {
    let payments = version.features().report_payments.iter().map(|kind| {
        let paid = line.payments.get(kind.index()).copied().unwrap_or_default();
        Payment { payment: payment_name(*kind), sum: paid.sum.to_string(), count: paid.count }
    });
    Tickets {
        operation,
        tickets_total_count: line.total_count,
        tickets_count: line.count,
        tickets_sum: line.sum.to_string(),
        payments: payments.collect(),
        offline_count: line.offline_count,
        discount_sum: line.discount_sum.to_string(),
        markup_sum: line.markup_sum.to_string(),
        change_sum: line.change_sum.to_string(),
    }
}

fn placements(operation: PlacementOperation, line: &PlacementLine) -> Placements {
    Placements {
        operation: placement_name(operation),
        operations_total_count: line.total_count,
        operations_count: line.count,
        operations_sum: line.sum.to_string(),
        offline_count: line.offline_count,
    }
}

/// A section or tax rate takes about this much as JSON in memory.
const ENTRY_WEIGHT: usize = 512;

impl ZReportView {
    /// The view of a report, written as `version` has it.
    pub(super) fn of(report: &ZxReport, version: Version) -> Self {
        let sections = report
            .sections
            .iter()
            .map(|(code, values)| Section { section_code: code.clone(), operations: counters(values) });
        let tickets = each(&report.ticket_operations).map(|(name, line)| tickets(name, line, version));
        let money = PlacementOperation::ALL.into_iter().zip(&report.money_placements);
        let revenue = Tiyn::from_counter(report.revenue.checked_abs().unwrap_or(i64::MAX));
        Self {
            date_time: report.date_time.to_string(),
            shift_number: report.shift_number,
            sections: sections.collect(),
            operations: counters(&report.operations),
            discounts: counters(&report.discounts),
            markups: counters(&report.markups),
            total_result: counters(&report.total_result),
            taxes: report.taxes.iter().map(tax).collect(),
            start_shift_non_nullable_sums: sums(&report.start_shift_non_nullable_sums),
            ticket_operations: tickets.collect(),
            money_placements: money.map(|(operation, line)| placements(operation, line)).collect(),
            cash_sum: report.cash_sum.to_string(),
            revenue: Revenue { sum: revenue.to_string(), is_negative: report.revenue < 0 },
            non_nullable_sums: sums(&report.non_nullable_sums),
            open_shift_time: report.open_shift_time.to_string(),
            close_shift_time: report.close_shift_time.map(|at| at.to_string()),
            checksum: report.checksum(version),
        }
    }

    /// About how much memory it takes.
    pub(super) fn weight(&self) -> usize {
        self.sections.len().saturating_add(self.taxes.len()).saturating_add(4).saturating_mul(ENTRY_WEIGHT)
    }
}
