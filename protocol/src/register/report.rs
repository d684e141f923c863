//! X and Z reports made of a register's counters (WIRE section 10).

use super::state::{Phase, Register};
use super::totals::{Counter, Counters, ShiftTotals, TaxCounter};
use crate::message::Operation;
use crate::message::answer::{ByOperation, CountSum, PlacementLine, TaxLine, TaxSums, TicketLine, ZxReport};
use crate::types::{LocalDateTime, TOKEN_MAX, Tiyn, UnixMillis};

/// A till refuses to work when a time told to it lies after its own clock. The server's clock is taken to be within
/// this many seconds of a right one; what lies further ahead is told as the server's time.
pub const TOLD_AHEAD_MAX_SECONDS: i64 = 15 * 60;

/// What bounds the times that are told to a device (WIRE 13.5).
#[derive(Clone, Copy, Debug)]
pub struct Telling {
    /// The server's clock.
    pub now: UnixMillis,
    /// How far the devices' wall time is ahead of UTC.
    pub zone_offset_seconds: i32,
}

impl Telling {
    /// The date of a request as it is told back.
    pub fn told(self, time: LocalDateTime) -> LocalDateTime {
        self.told_at(time, self.now)
    }

    /// A time that came with a document that was accepted `at` a moment: once told it is the same ever after.
    pub(super) fn told_at(self, time: LocalDateTime, at: UnixMillis) -> LocalDateTime {
        if self.is_ahead(time, at) { at.wall(self.zone_offset_seconds) } else { time }
    }

    /// Whether a device's time lies so far after the server's that it is not told.
    pub(super) fn is_ahead(self, time: LocalDateTime, at: UnixMillis) -> bool {
        let ahead = time.wall_seconds().saturating_sub(at.wall_seconds(self.zone_offset_seconds));
        ahead > TOLD_AHEAD_MAX_SECONDS
    }
}

impl Register {
    /// The open_shift_time of this shift, open or closed; `None` before its first document.
    pub fn told_opening(&self, telling: Telling) -> Option<LocalDateTime> {
        match &self.phase {
            Phase::NotOpened => None,
            Phase::Open(open) => Some(telling.told_at(open.opened_at, open.accepted_at)),
            // Shifts that were closed before this was bounded may hold the device's time: no shift was opened after
            // its close was accepted.
            Phase::Closed(closed) => Some(telling.told_at(closed.opened_at, self.last_accepted_at())),
        }
    }

    /// The close_shift_time of this shift; `None` when it is not closed.
    pub fn told_closing(&self, telling: Telling) -> Option<LocalDateTime> {
        let Phase::Closed(closed) = &self.phase else { return None };
        Some(telling.told_at(closed.closed_at, self.last_accepted_at()))
    }

    fn last_accepted_at(&self) -> UnixMillis {
        self.last_document.map_or(self.clock, |last| last.accepted_at)
    }

    /// The X report: of the open shift, or of nothing in the last shift when none is open.
    pub fn x_report(&self, date_time: LocalDateTime, telling: Telling) -> ZxReport {
        let date_time = telling.told(date_time);
        match self.told_opening(telling).filter(|_| self.open_shift().is_some()) {
            Some(opened_at) => {
                let mut report = self.report_of(&self.totals, date_time, opened_at);
                report.shift_number = self.shift_number;
                report
            }
            None => {
                let mut report =
                    self.report_of(&ShiftTotals::starting_from(&self.lifetime), date_time, date_time);
                report.shift_number = self.last_closed_number();
                report
            }
        }
    }

    /// The Z report of this shift; `None` when it is not closed.
    pub fn z_report(&self, telling: Telling) -> Option<ZxReport> {
        let (opened_at, closed_at) = (self.told_opening(telling)?, self.told_closing(telling)?);
        let mut report = self.report_of(&self.totals, closed_at, opened_at);
        report.shift_number = self.shift_number;
        report.close_shift_time = Some(closed_at);
        Some(report)
    }

    fn report_of(
        &self,
        totals: &ShiftTotals,
        date_time: LocalDateTime,
        opened_at: LocalDateTime,
    ) -> ZxReport {
        let sections = totals.sections.iter();
        let taxes = totals.taxes.iter().map(|((tax_type, percent), operations)| TaxLine {
            tax_type: *tax_type,
            percent: *percent,
            operations: operations.map(tax_sums),
        });
        let revenue = totals.revenue();
        ZxReport {
            date_time,
            shift_number: self.shift_number,
            sections: sections.map(|(code, counters)| (code.clone(), by_operation(counters))).collect(),
            operations: by_operation(&totals.operations),
            discounts: by_operation(&totals.discounts),
            markups: by_operation(&totals.markups),
            total_result: Operation::ALL.map(|operation| count_sum(totals.total_result(operation))),
            taxes: taxes.collect(),
            start_shift_non_nullable_sums: totals.start_non_nullable.map(Tiyn::from_counter),
            ticket_operations: self.ticket_lines(totals),
            money_placements: self.placement_lines(totals),
            cash_sum: Tiyn::from_counter(self.lifetime.cash),
            revenue,
            non_nullable_sums: self.lifetime.non_nullable.map(Tiyn::from_counter),
            open_shift_time: opened_at,
            close_shift_time: None,
        }
    }

    fn ticket_lines(&self, totals: &ShiftTotals) -> [TicketLine; 4] {
        let mut lines = [TicketLine::default(); 4];
        for ((line, counter), total) in lines.iter_mut().zip(&totals.tickets).zip(self.lifetime.tickets) {
            *line = TicketLine {
                total_count: count(total),
                count: count(counter.total.count),
                sum: Tiyn::from_counter(counter.total.sum),
                payments: counter.payments.map(count_sum),
                offline_count: count(counter.offline_count),
                discount_sum: Tiyn::from_counter(counter.discount_sum),
                markup_sum: Tiyn::from_counter(counter.markup_sum),
                change_sum: Tiyn::from_counter(counter.change_sum),
            };
        }
        lines
    }

    fn placement_lines(&self, totals: &ShiftTotals) -> [PlacementLine; 2] {
        let mut lines = [PlacementLine::default(); 2];
        for ((line, counter), total) in lines.iter_mut().zip(&totals.placements).zip(self.lifetime.placements)
        {
            *line = PlacementLine {
                total_count: count(total),
                count: count(counter.total.count),
                sum: Tiyn::from_counter(counter.total.sum),
                offline_count: count(counter.offline_count),
            };
        }
        lines
    }
}

/// The Z report before any shift was closed: all sums zero, shift number 0.
pub fn empty_report(date_time: LocalDateTime) -> ZxReport {
    ZxReport {
        date_time,
        shift_number: 0,
        sections: Vec::new(),
        operations: ByOperation::default(),
        discounts: ByOperation::default(),
        markups: ByOperation::default(),
        total_result: ByOperation::default(),
        taxes: Vec::new(),
        start_shift_non_nullable_sums: [Tiyn::ZERO; 4],
        ticket_operations: [TicketLine::default(); 4],
        money_placements: [PlacementLine::default(); 2],
        cash_sum: Tiyn::ZERO,
        revenue: 0,
        non_nullable_sums: [Tiyn::ZERO; 4],
        open_shift_time: date_time,
        close_shift_time: None,
    }
}

/// A counter as it is written: never below zero, within the protocol's 31 bits.
fn count(counter: i64) -> u32 {
    u32::try_from(counter.max(0)).unwrap_or(TOKEN_MAX).min(TOKEN_MAX)
}

fn count_sum(counter: Counter) -> CountSum {
    CountSum { count: count(counter.count), sum: Tiyn::from_counter(counter.sum) }
}

fn by_operation(counters: &Counters) -> ByOperation {
    counters.map(count_sum)
}

fn tax_sums(counter: TaxCounter) -> TaxSums {
    TaxSums {
        turnover: Tiyn::from_counter(counter.turnover),
        sum: Tiyn::from_counter(counter.sum),
        turnover_without_tax: Tiyn::from_counter(counter.turnover_without_tax),
    }
}
