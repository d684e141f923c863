//! Counters of a register and how documents move them (WIRE section 10). Integer tiyn; a counter stays at its end, for
//! no honest sale is refused because of what an earlier document brought.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::content::{Line, LineKind, Placement, Receipt, SECTION_BLANK, TaxFact};
use crate::message::{Operation, PlacementOperation};
use crate::warning::Warning;

/// Sections a shift counts apart; what is beyond counts as section "0". It bounds the head.
pub const SECTIONS_MAX: usize = 1000;

/// Rates of taxes that a shift counts; no country has that many, what is beyond is not counted. It bounds the head.
pub const TAX_RATES_MAX: usize = 100;

/// Whether a document is counted, or taken back out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// It happened, and is added.
    Count,
    /// It was cancelled, and is taken back out.
    TakeBack,
}

/// One document on its way into the counters.
pub(super) struct Tally<'a> {
    direction: Direction,
    warnings: &'a mut Vec<Warning>,
}

impl<'a> Tally<'a> {
    pub(super) fn new(direction: Direction, warnings: &'a mut Vec<Warning>) -> Self {
        Self { direction, warnings }
    }

    pub(super) fn add(&mut self, to: &mut i64, amount: i64) {
        let moved = match self.direction {
            Direction::Count => to.checked_add(amount),
            Direction::TakeBack => to.checked_sub(amount),
        };
        *to = moved.unwrap_or_else(|| {
            self.warnings.push(Warning::CounterFull);
            match self.direction {
                Direction::Count => to.saturating_add(amount),
                Direction::TakeBack => to.saturating_sub(amount),
            }
        });
    }

    pub(super) fn add_both(&mut self, to: &mut Counter, count: i64, sum: i64) {
        self.add(&mut to.count, count);
        self.add(&mut to.sum, sum);
    }
}

/// A number and a sum in tiyn, both signed: stornos may take a counter below zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// How many documents moved it.
    pub count: i64,
    /// How much, in tiyn.
    pub sum: i64,
}

/// One for each operation, by [`Operation::index`].
pub(super) type Counters = [Counter; 4];

/// Sums of a tax rate, in tiyn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxCounter {
    /// What was taxed.
    pub turnover: i64,
    /// The tax within the turnover, in tiyn.
    pub sum: i64,
    /// Turnover less the tax it contains.
    pub turnover_without_tax: i64,
}

impl TaxCounter {
    pub(super) fn add_all(&mut self, other: &Self, tally: &mut Tally<'_>) {
        tally.add(&mut self.turnover, other.turnover);
        tally.add(&mut self.sum, other.sum);
        tally.add(&mut self.turnover_without_tax, other.turnover_without_tax);
    }
}

/// Receipts of one operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketCounter {
    /// Number and amounts.total.
    pub total: Counter,
    /// What was paid by each type, by [`PaymentType::index`](crate::version::PaymentType::index).
    pub payments: [Counter; 5],
    /// How many had an offline number.
    pub offline_count: i64,
    /// On whole receipts.
    pub discount_sum: i64,
    /// On whole receipts.
    pub markup_sum: i64,
    /// Cash given back.
    pub change_sum: i64,
}

impl TicketCounter {
    pub(super) fn add_all(&mut self, other: &Self, tally: &mut Tally<'_>) {
        tally.add_both(&mut self.total, other.total.count, other.total.sum);
        for (to, from) in self.payments.iter_mut().zip(other.payments) {
            tally.add_both(to, from.count, from.sum);
        }
        tally.add(&mut self.offline_count, other.offline_count);
        tally.add(&mut self.discount_sum, other.discount_sum);
        tally.add(&mut self.markup_sum, other.markup_sum);
        tally.add(&mut self.change_sum, other.change_sum);
    }
}

/// Cash in or out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacementCounter {
    /// Number and sum.
    pub total: Counter,
    /// How many had an offline mark.
    pub offline_count: i64,
}

/// Counters of a shift.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShiftTotals {
    /// Commodity lines before modifiers.
    pub operations: Counters,
    /// The same by section code.
    pub sections: BTreeMap<String, Counters>,
    /// Discounts of the shift, by operation.
    pub discounts: Counters,
    /// Markups of the shift, by operation.
    pub markups: Counters,
    /// By tax type and thousandths of a percent; then by operation.
    pub taxes: BTreeMap<(u32, u32), [TaxCounter; 4]>,
    /// Receipts by operation.
    pub tickets: [TicketCounter; 4],
    /// Deposits and withdrawals.
    pub placements: [PlacementCounter; 2],
    /// Sums since registration when the shift opened, by operation.
    pub start_non_nullable: [i64; 4],
}

/// Counters since registration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifetime {
    /// Cash in the drawer, in tiyn; below zero only by documents with an offline mark.
    pub cash: i64,
    /// amounts.total by operation, in tiyn.
    pub non_nullable: [i64; 4],
    /// Receipts by operation.
    pub tickets: [i64; 4],
    /// Deposits and withdrawals.
    pub placements: [i64; 2],
}

impl ShiftTotals {
    /// The counters of a shift that begins now.
    pub fn starting_from(lifetime: &Lifetime) -> Self {
        Self { start_non_nullable: lifetime.non_nullable, ..Self::default() }
    }

    /// Sales and purchase returns less sale returns and purchases, by amounts.total.
    pub fn revenue(&self) -> i64 {
        let signed = Operation::ALL.into_iter().zip(&self.tickets).map(|(operation, tickets)| {
            let sum = i128::from(tickets.total.sum);
            if operation.is_income() { sum } else { sum.saturating_neg() }
        });
        let revenue = signed.fold(0, i128::saturating_add);
        i64::try_from(revenue).unwrap_or(if revenue < 0 { i64::MIN } else { i64::MAX })
    }

    /// Operations less discounts plus markups; its count is that of operations.
    pub fn total_result(&self, operation: Operation) -> Counter {
        let at = |list: &Counters| list.get(operation.index()).copied().unwrap_or_default();
        let (lines, discounts, markups) = (at(&self.operations), at(&self.discounts), at(&self.markups));
        Counter {
            count: lines.count,
            sum: lines.sum.saturating_sub(discounts.sum).saturating_add(markups.sum),
        }
    }

    fn count_line(&mut self, operation: Operation, line: &Line<'_>, tally: &mut Tally<'_>) {
        let index = operation.index();
        let (one, sum) = (line.sign(), line.signed_sum());
        let counters = match line.kind {
            LineKind::Commodity => {
                self.count_section(&line.section_code(), index, one, sum, tally);
                &mut self.operations
            }
            LineKind::Discount => &mut self.discounts,
            LineKind::Markup => &mut self.markups,
        };
        if let Some(counter) = counters.get_mut(index) {
            tally.add_both(counter, one, sum);
        }
        for tax in line.taxes() {
            // A discount lowers what is taxed; a storno of it raises it again.
            let sign = if line.kind == LineKind::Discount { -1 } else { 1 };
            let tax_sum = tax.sum.saturating_mul(one).saturating_mul(sign);
            self.count_tax(index, &tax, sum.saturating_mul(sign), tax_sum, tally);
        }
    }

    fn count_section(&mut self, code: &str, index: usize, one: i64, sum: i64, tally: &mut Tally<'_>) {
        let is_full = self.sections.len() >= SECTIONS_MAX && !self.sections.contains_key(code);
        let code = if is_full {
            tally.warnings.push(Warning::SectionsOverLimit);
            SECTION_BLANK
        } else {
            code
        };
        let mut begun = Counters::default();
        let is_known = self.sections.contains_key(code);
        let counters = self.sections.get_mut(code).unwrap_or(&mut begun);
        if let Some(counter) = counters.get_mut(index) {
            tally.add_both(counter, one, sum);
        }
        if !is_known {
            self.sections.insert(code.to_owned(), begun);
        }
    }

    fn count_tax(&mut self, index: usize, tax: &TaxFact, turnover: i64, sum: i64, tally: &mut Tally<'_>) {
        let key = (tax.tax_type, tax.percent);
        if self.taxes.len() >= TAX_RATES_MAX && !self.taxes.contains_key(&key) {
            tally.warnings.push(Warning::TaxRatesOverLimit);
            return;
        }
        let Some(counter) = self.taxes.entry(key).or_default().get_mut(index) else { return };
        let contained = if tax.is_in_total_sum { sum } else { 0 };
        tally.add(&mut counter.turnover, turnover);
        tally.add(&mut counter.sum, sum);
        tally.add(&mut counter.turnover_without_tax, turnover.saturating_sub(contained));
    }

    /// Counts a receipt in the shift and since registration, or takes it back out.
    pub(super) fn count_ticket(
        &mut self,
        lifetime: &mut Lifetime,
        receipt: &Receipt<'_>,
        mut tally: Tally<'_>,
    ) {
        let (operation, index) = (receipt.operation, receipt.operation.index());
        let (tally, total) = (&mut tally, receipt.total.get());
        self.trim_sections();
        for line in receipt.lines() {
            self.count_line(operation, &line, tally);
        }
        for tax in receipt.receipt_taxes() {
            self.count_tax(index, &tax, total, tax.sum, tally);
        }
        if let Some(tickets) = self.tickets.get_mut(index) {
            tally.add_both(&mut tickets.total, 1, total);
            for (counter, paid) in tickets.payments.iter_mut().zip(receipt.payments) {
                tally.add_both(counter, paid.count, paid.sum);
            }
            tally.add(&mut tickets.offline_count, i64::from(receipt.offline_number != 0));
            tally.add(&mut tickets.discount_sum, receipt.discount_sum());
            tally.add(&mut tickets.markup_sum, receipt.markup_sum());
            tally.add(&mut tickets.change_sum, receipt.change.get());
        }
        for (sums, amount) in [(&mut lifetime.non_nullable, total), (&mut lifetime.tickets, 1)] {
            if let Some(sum) = sums.get_mut(index) {
                tally.add(sum, amount);
            }
        }
        tally.add(&mut lifetime.cash, receipt.cash_flow());
        if tally.direction == Direction::TakeBack {
            self.forget_zeros();
        }
    }

    /// A receipt that was taken back leaves no section and no rate behind that only it had.
    fn forget_zeros(&mut self) {
        self.sections.retain(|_, counters| *counters != Counters::default());
        self.taxes.retain(|_, counters| *counters != [TaxCounter::default(); 4]);
    }

    /// Counts cash in or out.
    pub(super) fn count_placement(
        &mut self,
        lifetime: &mut Lifetime,
        placement: &Placement,
        warnings: &mut Vec<Warning>,
    ) {
        let mut tally = Tally::new(Direction::Count, warnings);
        let index = match placement.operation {
            PlacementOperation::Deposit => 0,
            PlacementOperation::Withdrawal => 1,
        };
        if let Some(counter) = self.placements.get_mut(index) {
            tally.add_both(&mut counter.total, 1, placement.sum.get());
            tally.add(&mut counter.offline_count, i64::from(placement.is_offline));
        }
        if let Some(count) = lifetime.placements.get_mut(index) {
            tally.add(count, 1);
        }
        tally.add(&mut lifetime.cash, placement.cash_flow());
    }

    /// Puts sections together whose codes differ by blanks around them: an open shift of before may hold such.
    fn trim_sections(&mut self) {
        if self.sections.keys().all(|code| is_trimmed(code)) {
            return;
        }
        let mut ignored = Vec::new();
        let mut tally = Tally::new(Direction::Count, &mut ignored);
        for (code, counters) in std::mem::take(&mut self.sections) {
            let code = match code.trim() {
                "" => SECTION_BLANK,
                code => code,
            };
            let together = self.sections.entry(code.to_owned()).or_default();
            for (to, from) in together.iter_mut().zip(counters) {
                tally.add_both(to, from.count, from.sum);
            }
        }
    }

    /// Whether these are the counters that a recount of the same documents came to. Shifts that were closed before
    /// section codes were trimmed hold "1" and " 1" apart.
    pub fn agree_with(&self, recounted: &Self) -> bool {
        if self == recounted {
            return true;
        }
        if self.sections.keys().all(|code| is_trimmed(code)) {
            return false;
        }
        let mut trimmed = self.clone();
        trimmed.trim_sections();
        let mut recounted = recounted.clone();
        for totals in [&mut trimmed, &mut recounted] {
            totals.sections.retain(|_, counters| *counters != Counters::default());
        }
        trimmed == recounted
    }
}

fn is_trimmed(code: &str) -> bool {
    code.trim().len() == code.len()
}
