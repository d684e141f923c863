//! A report of the server against the register's own counters, field by field.

use std::collections::BTreeSet;
use std::fmt;

use ofd_protocol::types::SignedTenge;

use super::kinds::{Operation, PaymentKind, PerOperation, Placement, ReportKind};
use super::report::{Checksum, OperationSum, ZxReport};
use super::totals::{Counter, OfflineCount, TaxCounter, Totals};

/// A register's time is told back as it is while it lies no more than this after the server's clock.
const AHEAD_MAX_SECONDS: i64 = 15 * 60;

/// Which shift a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A closed shift: its Z.
    Closed,
    /// The shift that is open: its X.
    Open,
    /// No shift is open: an X of zero shift sums and current totals.
    Idle,
}

impl About {
    /// Which kind of report tells of it.
    pub fn kind(self) -> ReportKind {
        match self {
            Self::Closed => ReportKind::Z,
            Self::Open | Self::Idle => ReportKind::X,
        }
    }
}

/// Compares a Z or X report with the counters it must show and returns what differs, readable by a person.
///
/// For [`About::Closed`] `totals` are those that [`Totals::close`] returned.
pub fn verify(report: &ZxReport, totals: &Totals, about: About, version: u16) -> Vec<String> {
    let mut check =
        Check { prefix: format!("{} of shift {}", about.kind(), totals.shift), found: Vec::new() };
    check.equal("shift_number", report.shift, totals.shift);
    check.times(report, totals, about);
    check.counters("operations", &report.operations, &totals.operations);
    check.counters("discounts", &report.discounts, &totals.discounts);
    check.counters("markups", &report.markups, &totals.markups);
    let results = |operation| totals.total_result(operation).unwrap_or_default();
    let results = PerOperation {
        buy: results(Operation::Buy),
        buy_return: results(Operation::BuyReturn),
        sell: results(Operation::Sell),
        sell_return: results(Operation::SellReturn),
    };
    check.counters("total_result", &report.total_result, &results);
    check.sections(report, totals);
    check.taxes(report, totals);
    // What an X without an open shift says of the start of a shift is not written anywhere.
    if about != About::Idle {
        check.sums("start_shift_non_nullable_sums", &report.start_non_nullable, &totals.start_non_nullable);
    }
    check.tickets(report, totals, version);
    check.placements(report, totals);
    check.money("cash_sum", report.cash, totals.cash.max(0));
    check.money("revenue", report.revenue, totals.revenue);
    check.sums("non_nullable_sums", &report.non_nullable, &totals.non_nullable);
    match report.checksum {
        Checksum::Good => {}
        Checksum::Bad => check.say("checksum is not the CRC-32 of the report"),
        Checksum::Absent => check.say("checksum is missing"),
    }
    check.found
}

struct Check {
    prefix: String,
    found: Vec<String>,
}

impl Check {
    fn say(&mut self, what: impl fmt::Display) {
        self.found.push(format!("{}: {what}", self.prefix));
    }

    fn equal<T: PartialEq + fmt::Display>(&mut self, field: impl fmt::Display, server: T, own: T) {
        if server != own {
            self.say(format_args!("{field} is {server} at the server, {own} by own count"));
        }
    }

    fn money(&mut self, field: impl fmt::Display, server: i64, own: i64) {
        if server != own {
            let (server, own) = (SignedTenge(server), SignedTenge(own));
            self.say(format_args!("{field} is {server} at the server, {own} by own count"));
        }
    }

    fn count(&mut self, field: impl fmt::Display, server: u32, own: i64) {
        self.equal(field, i64::from(server), own.max(0));
    }

    fn times(&mut self, report: &ZxReport, totals: &Totals, about: About) {
        match (about, totals.opened) {
            (About::Open | About::Closed, Some(opened)) => {
                // A time that lies too far after the server's clock is told as the server's (WIRE 13.5).
                let ahead = opened.wall_seconds().saturating_sub(report.opened.wall_seconds());
                if ahead <= AHEAD_MAX_SECONDS {
                    self.equal("open_shift_time", report.opened, opened);
                }
            }
            (About::Open | About::Closed, None) | (About::Idle, Some(_) | None) => {}
        }
        match (about.kind(), report.closed) {
            (ReportKind::Z, None) => self.say("close_shift_time is missing"),
            (ReportKind::X, Some(_)) => self.say("close_shift_time is in an X"),
            (ReportKind::Z, Some(_)) | (ReportKind::X, None) => {}
        }
    }

    /// Every code of `expected` exactly once, and no other.
    fn codes(&mut self, field: &str, found: impl Iterator<Item = u32>, expected: impl Iterator<Item = u32>) {
        let mut found: Vec<u32> = found.collect();
        let expected: Vec<u32> = expected.collect();
        found.sort_unstable();
        if found != expected {
            self.say(format_args!("{field} holds the types {found:?}, it must hold {expected:?}"));
        }
    }

    fn all_operations(&mut self, field: &str, found: impl Iterator<Item = u32>) {
        self.codes(field, found, Operation::ALL.into_iter().map(Operation::code));
    }

    fn counters(&mut self, field: &str, found: &[OperationSum], own: &PerOperation<Counter>) {
        self.all_operations(field, found.iter().map(|entry| entry.operation));
        for entry in found {
            let Some(operation) = Operation::of(entry.operation) else { continue };
            let own = own.of(operation);
            self.count(format_args!("{field} {operation} count"), entry.count, own.count);
            self.money(format_args!("{field} {operation} sum"), entry.sum, own.sum.max(0));
        }
    }

    fn sums(&mut self, field: &str, found: &[(u32, i64)], own: &PerOperation<i64>) {
        self.all_operations(field, found.iter().map(|(operation, _)| *operation));
        for (code, sum) in found {
            let Some(operation) = Operation::of(*code) else { continue };
            self.money(format_args!("{field} {operation}"), *sum, (*own.of(operation)).max(0));
        }
    }

    fn sections(&mut self, report: &ZxReport, totals: &Totals) {
        let mut seen = BTreeSet::new();
        let none = PerOperation::default();
        for section in &report.sections {
            if !seen.insert(section.code.as_str()) {
                self.say(format_args!("section {} comes twice", section.code));
            }
            let own = totals.sections.get(&section.code).unwrap_or(&none);
            self.counters(&format!("section {}", section.code), &section.operations, own);
        }
        for (code, own) in &totals.sections {
            if !seen.contains(code.as_str()) && *own != none {
                self.say(format_args!("section {code} is missing"));
            }
        }
    }

    fn taxes(&mut self, report: &ZxReport, totals: &Totals) {
        let mut seen = BTreeSet::new();
        let none = PerOperation::<TaxCounter>::default();
        for tax in &report.taxes {
            let (tax_type, percent) = tax.key.parts();
            let field = format!("tax {tax_type} of {percent}");
            if !seen.insert(tax.key) {
                self.say(format_args!("{field} comes twice"));
            }
            let own = totals.taxes.get(&tax.key).unwrap_or(&none);
            self.all_operations(&field, tax.operations.iter().map(|(operation, _)| *operation));
            for (code, server) in &tax.operations {
                let Some(operation) = Operation::of(*code) else { continue };
                let own = own.of(operation);
                self.money(
                    format_args!("{field} {operation} turnover"),
                    server.turnover,
                    own.turnover.max(0),
                );
                self.money(format_args!("{field} {operation} sum"), server.sum, own.sum.max(0));
                let without = own.without_tax.max(0);
                self.money(
                    format_args!("{field} {operation} turnover_without_tax"),
                    server.without_tax,
                    without,
                );
            }
        }
        for (key, own) in &totals.taxes {
            if !seen.contains(key) && *own != none {
                let (tax_type, percent) = key.parts();
                self.say(format_args!("tax {tax_type} of {percent} is missing"));
            }
        }
    }

    fn offline(&mut self, field: impl fmt::Display, server: u32, own: OfflineCount) {
        if !own.allows(i64::from(server)) {
            let most = own.sure.saturating_add(own.maybe);
            self.say(format_args!("{field} is {server} at the server, {} to {most} by own count", own.sure));
        }
    }

    fn tickets(&mut self, report: &ZxReport, totals: &Totals, version: u16) {
        self.all_operations("ticket_operations", report.tickets.iter().map(|entry| entry.operation));
        for entry in &report.tickets {
            let Some(operation) = Operation::of(entry.operation) else { continue };
            let own = totals.tickets.of(operation);
            let field = format!("ticket_operations {operation}");
            self.count(
                format_args!("{field} tickets_total_count"),
                entry.total_count,
                own.count_since_registration,
            );
            self.count(format_args!("{field} tickets_count"), entry.count, own.shift.count);
            self.money(format_args!("{field} tickets_sum"), entry.sum, own.shift.sum.max(0));
            self.offline(format_args!("{field} offline_count"), entry.offline_count, own.offline);
            self.money(format_args!("{field} discount_sum"), entry.discount_sum, own.discount_sum.max(0));
            self.money(format_args!("{field} markup_sum"), entry.markup_sum, own.markup_sum.max(0));
            self.money(format_args!("{field} change_sum"), entry.change_sum, own.change_sum.max(0));
            let of_version = PaymentKind::ALL.into_iter().filter(|kind| kind.is_of_version(version));
            let name = format!("{field} payments");
            self.codes(
                &name,
                entry.payments.iter().map(|payment| payment.operation),
                of_version.map(PaymentKind::code),
            );
            for payment in &entry.payments {
                let Some(kind) = PaymentKind::of(payment.operation) else { continue };
                let own = own.payments.of(kind);
                self.count(format_args!("{name} {kind} count"), payment.count, own.count);
                self.money(format_args!("{name} {kind} sum"), payment.sum, own.sum.max(0));
            }
        }
    }

    fn placements(&mut self, report: &ZxReport, totals: &Totals) {
        let field = "money_placements";
        let found = report.placements.iter().map(|entry| entry.operation);
        self.codes(field, found, Placement::ALL.into_iter().map(Placement::code));
        for entry in &report.placements {
            let Some(kind) = Placement::of(entry.operation) else { continue };
            let own = totals.placements(kind);
            self.count(
                format_args!("{field} {kind} operations_total_count"),
                entry.total_count,
                own.count_since_registration,
            );
            self.count(format_args!("{field} {kind} operations_count"), entry.count, own.shift.count);
            self.money(format_args!("{field} {kind} operations_sum"), entry.sum, own.shift.sum.max(0));
            self.offline(format_args!("{field} {kind} offline_count"), entry.offline_count, own.offline);
        }
    }
}
