//! The ZXReport of answers, read strictly, and the register's own, written (WIRE section 10).

use bytes::BytesMut;
use crc::{CRC_32_ISO_HDLC, Crc};
use ofd_protocol::types::{LocalDateTime, Tiyn};
use ofd_protocol::wire::Writer;

use super::kinds::{Operation, PaymentKind, PerOperation, Placement, ReportKind};
use super::scan::{AnswerFault, Scan};
use super::totals::{Counter, TaxCounter, TaxKey, Tickets, Totals};

/// The checksum of reports: an unknown word to the protocol text, this in the field.
const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

/// An empty field 18, with which the checksum is counted.
const CHECKSUM_EMPTY: [u8; 3] = [0x92, 0x01, 0x00];

/// The key of field 18 and the length of eight digits.
const CHECKSUM_FILLED: [u8; 3] = [0x92, 0x01, 0x08];

/// Number and sum of an operation; the code is kept raw, so that a wrong one shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationSum {
    /// The code of the operation.
    pub operation: u32,
    /// How many documents moved it.
    pub count: u32,
    /// What they come to, in tiyn.
    pub sum: i64,
}

/// A section of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionSum {
    /// The code of the section.
    pub code: String,
    /// One for each operation that occurred.
    pub operations: Vec<OperationSum>,
}

/// A tax of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxSum {
    /// Type and percent.
    pub key: TaxKey,
    /// Turnover and tax of each operation that occurred.
    pub operations: Vec<(u32, TaxCounter)>,
}

/// Receipts of one operation in a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketSum {
    /// The code of the operation.
    pub operation: u32,
    /// How many of them since registration.
    pub total_count: u32,
    /// In the shift.
    pub count: u32,
    /// What they come to, in tiyn.
    pub sum: i64,
    /// (payment code, count, sum).
    pub payments: Vec<OperationSum>,
    /// How many were made offline.
    pub offline_count: u32,
    /// Discounts of receipts.
    pub discount_sum: i64,
    /// Markups of receipts.
    pub markup_sum: i64,
    /// The change that was given, in tiyn.
    pub change_sum: i64,
}

/// Deposits or withdrawals in a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlacementSum {
    /// The code of the placement.
    pub operation: u32,
    /// How many of them since registration.
    pub total_count: u32,
    /// In the shift.
    pub count: u32,
    /// What they come to, in tiyn.
    pub sum: i64,
    /// How many were made offline.
    pub offline_count: u32,
}

/// A Z or X report as the server sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZxReport {
    /// When the report was made.
    pub date_time: LocalDateTime,
    /// The number of the shift.
    pub shift: u32,
    /// What was sold in each section.
    pub sections: Vec<SectionSum>,
    /// Lines of goods.
    pub operations: Vec<OperationSum>,
    /// Discounts of the shift, by operation.
    pub discounts: Vec<OperationSum>,
    /// Markups of the shift, by operation.
    pub markups: Vec<OperationSum>,
    /// Lines less discounts plus markups.
    pub total_result: Vec<OperationSum>,
    /// What was taxed by each rate.
    pub taxes: Vec<TaxSum>,
    /// (operation code, sum) when the shift opened.
    pub start_non_nullable: Vec<(u32, i64)>,
    /// Receipts of the shift, by operation.
    pub tickets: Vec<TicketSum>,
    /// Deposits and withdrawals.
    pub placements: Vec<PlacementSum>,
    /// Cash in the drawer.
    pub cash: i64,
    /// Signed revenue of the shift.
    pub revenue: i64,
    /// (operation code, sum) since registration.
    pub non_nullable: Vec<(u32, i64)>,
    /// When the shift opened.
    pub opened: LocalDateTime,
    /// When it closed; Z.
    pub closed: Option<LocalDateTime>,
    /// What the checksum says.
    pub checksum: Checksum,
}

/// What became of the check of a report's checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// The report has none.
    Absent,
    /// The checksum is that of the report.
    Good,
    /// It does not, or does not lie at the end of the report.
    Bad,
}

fn operation_sum(scan: Scan<'_>) -> Result<OperationSum, AnswerFault> {
    Ok(OperationSum {
        operation: scan.need_u32(1, "operation")?,
        count: scan.need_u32(2, "count")?,
        sum: scan.need_money(3, "sum")?,
    })
}

fn non_nullable(scan: Scan<'_>) -> Result<(u32, i64), AnswerFault> {
    Ok((scan.need_u32(1, "operation")?, scan.need_money(2, "sum")?))
}

fn section(scan: Scan<'_>) -> Result<SectionSum, AnswerFault> {
    let operations = scan.each(2, "sections.operations", operation_sum)?;
    if operations.is_empty() {
        return Err(scan.impossible("sections.operations"));
    }
    Ok(SectionSum { code: scan.need_filled(1, "section_code")?.to_owned(), operations })
}

fn tax(scan: Scan<'_>) -> Result<TaxSum, AnswerFault> {
    let operations = scan.each(3, "taxes.operations", |scan| {
        let counter = TaxCounter {
            turnover: scan.need_money(2, "turnover")?,
            sum: scan.need_money(3, "sum")?,
            without_tax: scan.need_money(4, "turnover_without_tax")?,
        };
        Ok((scan.need_u32(1, "operation")?, counter))
    })?;
    if operations.is_empty() {
        return Err(scan.impossible("taxes.operations"));
    }
    let key = TaxKey::new(scan.need_u32(1, "tax_type")?, scan.need_u32(2, "percent")?);
    Ok(TaxSum { key, operations })
}

fn ticket(scan: Scan<'_>) -> Result<TicketSum, AnswerFault> {
    Ok(TicketSum {
        operation: scan.need_u32(1, "operation")?,
        total_count: scan.need_u32(2, "tickets_total_count")?,
        count: scan.need_u32(3, "tickets_count")?,
        sum: scan.need_money(4, "tickets_sum")?,
        payments: scan.each(5, "ticket_operations.payments", |scan| {
            Ok(OperationSum {
                operation: scan.need_u32(1, "payment")?,
                sum: scan.need_money(2, "sum")?,
                count: scan.need_u32(3, "count")?,
            })
        })?,
        offline_count: scan.need_u32(6, "offline_count")?,
        discount_sum: scan.need_money(7, "discount_sum")?,
        markup_sum: scan.need_money(8, "markup_sum")?,
        change_sum: scan.need_money(9, "change_sum")?,
    })
}

fn placement(scan: Scan<'_>) -> Result<PlacementSum, AnswerFault> {
    Ok(PlacementSum {
        operation: scan.need_u32(1, "operation")?,
        total_count: scan.need_u32(2, "operations_total_count")?,
        count: scan.need_u32(3, "operations_count")?,
        sum: scan.need_money(4, "operations_sum")?,
        offline_count: scan.need_u32(5, "offline_count")?,
    })
}

impl ZxReport {
    /// Reads an encoded ZXReport as a till does: every field that a till needs must be there.
    ///
    /// # Errors
    /// [`AnswerFault`] names the first field that is missing or impossible.
    pub fn read(bytes: &[u8]) -> Result<Self, AnswerFault> {
        let scan = Scan::new("zx_report", bytes)?;
        let revenue = scan.need_inner(14, "revenue")?;
        let sum = revenue.need_money(1, "sum")?;
        Ok(Self {
            date_time: scan.need_date_time(1, "date_time")?,
            shift: scan.need_u32(2, "shift_number")?,
            sections: scan.each(3, "sections", section)?,
            operations: scan.each(4, "operations", operation_sum)?,
            discounts: scan.each(5, "discounts", operation_sum)?,
            markups: scan.each(6, "markups", operation_sum)?,
            total_result: scan.each(7, "total_result", operation_sum)?,
            taxes: scan.each(8, "taxes", tax)?,
            start_non_nullable: scan.each(9, "start_shift_non_nullable_sums", non_nullable)?,
            tickets: scan.each(10, "ticket_operations", ticket)?,
            placements: scan.each(11, "money_placements", placement)?,
            cash: scan.need_money(13, "cash_sum")?,
            revenue: if revenue.need_bool(2, "is_negative")? { sum.saturating_neg() } else { sum },
            non_nullable: scan.each(15, "non_nullable_sums", non_nullable)?,
            opened: scan.need_date_time(16, "open_shift_time")?,
            closed: scan.date_time(17, "close_shift_time")?,
            checksum: checksum(scan),
        })
    }
}

/// Counts the checksum anew over the bytes with an empty field 18.
fn checksum(scan: Scan<'_>) -> Checksum {
    let Some(said) = scan.slice(18) else { return Checksum::Absent };
    let bytes = scan.bytes();
    let body = bytes.len().checked_sub(CHECKSUM_FILLED.len().saturating_add(said.len()));
    let Some((body, end)) = body.and_then(|at| bytes.split_at_checked(at)) else { return Checksum::Bad };
    let mut digest = CRC.digest();
    digest.update(body);
    digest.update(&CHECKSUM_EMPTY);
    let counted = format!("{:08X}", digest.finalize());
    if end.starts_with(&CHECKSUM_FILLED) && said == counted.as_bytes() {
        Checksum::Good
    } else {
        Checksum::Bad
    }
}

/// Encodes the register's own report, as it rides on CLOSE_SHIFT and REPORT since 125.
pub fn encode(out: &mut BytesMut, totals: &Totals, kind: ReportKind, date_time: LocalDateTime, version: u16) {
    out.clear();
    let mut w = Writer::new(out);
    w.date_time(1, date_time);
    w.uint(2, totals.shift);
    for (code, counters) in &totals.sections {
        w.message(3, |w| {
            w.text(1, code);
            put_counters(w, 2, counters);
        });
    }
    put_counters(&mut w, 4, &totals.operations);
    put_counters(&mut w, 5, &totals.discounts);
    put_counters(&mut w, 6, &totals.markups);
    for operation in Operation::ALL {
        put_counter(&mut w, 7, operation, &totals.total_result(operation).unwrap_or_default());
    }
    for (key, counters) in &totals.taxes {
        let (tax_type, percent) = key.parts();
        w.message(8, |w| {
            w.uint(1, tax_type);
            w.uint(2, percent);
            for (operation, counter) in counters.each() {
                w.message(3, |w| {
                    w.uint(1, operation.code());
                    w.money(2, Tiyn::from_counter(counter.turnover));
                    w.money(3, Tiyn::from_counter(counter.sum));
                    w.money(4, Tiyn::from_counter(counter.without_tax));
                });
            }
        });
    }
    put_sums(&mut w, 9, &totals.start_non_nullable);
    for (operation, tickets) in totals.tickets.each() {
        w.message(10, |w| put_tickets(w, operation, tickets, version));
    }
    for kind in Placement::ALL {
        let placements = totals.placements(kind);
        w.message(11, |w| {
            w.uint(1, kind.code());
            w.uint(2, placements.count_since_registration.max(0).unsigned_abs());
            w.uint(3, placements.shift.count.max(0).unsigned_abs());
            w.money(4, Tiyn::from_counter(placements.shift.sum));
            w.uint(5, placements.offline.sure.max(0).unsigned_abs());
        });
    }
    w.money(13, Tiyn::from_counter(totals.cash));
    w.message(14, |w| {
        w.money(1, Tiyn::from_counter(totals.revenue.saturating_abs()));
        w.boolean(2, totals.revenue < 0);
    });
    put_sums(&mut w, 15, &totals.non_nullable);
    w.date_time(16, totals.opened.unwrap_or(date_time));
    if kind == ReportKind::Z {
        w.date_time(17, date_time);
    }
    let mut digest = CRC.digest();
    digest.update(out);
    digest.update(&CHECKSUM_EMPTY);
    Writer::new(out).text(18, &format!("{:08X}", digest.finalize()));
}

fn put_counter(w: &mut Writer<'_>, number: u32, operation: Operation, counter: &Counter) {
    w.message(number, |w| {
        w.uint(1, operation.code());
        w.uint(2, counter.count.max(0).unsigned_abs());
        w.money(3, Tiyn::from_counter(counter.sum));
    });
}

fn put_counters(w: &mut Writer<'_>, number: u32, counters: &PerOperation<Counter>) {
    counters.each().for_each(|(operation, counter)| put_counter(w, number, operation, counter));
}

fn put_sums(w: &mut Writer<'_>, number: u32, sums: &PerOperation<i64>) {
    for (operation, sum) in sums.each() {
        w.message(number, |w| {
            w.uint(1, operation.code());
            w.money(2, Tiyn::from_counter(*sum));
        });
    }
}

fn put_tickets(w: &mut Writer<'_>, operation: Operation, tickets: &Tickets, version: u16) {
    w.uint(1, operation.code());
    w.uint(2, tickets.count_since_registration.max(0).unsigned_abs());
    w.uint(3, tickets.shift.count.max(0).unsigned_abs());
    w.money(4, Tiyn::from_counter(tickets.shift.sum));
    for kind in PaymentKind::ALL.into_iter().filter(|kind| kind.is_of_version(version)) {
        let counter = tickets.payments.of(kind);
        w.message(5, |w| {
            w.uint(1, kind.code());
            w.money(2, Tiyn::from_counter(counter.sum));
            w.uint(3, counter.count.max(0).unsigned_abs());
        });
    }
    w.uint(6, tickets.offline.sure.max(0).unsigned_abs());
    w.money(7, Tiyn::from_counter(tickets.discount_sum));
    w.money(8, Tiyn::from_counter(tickets.markup_sum));
    w.money(9, Tiyn::from_counter(tickets.change_sum));
}
