//! Counters of a register and how documents move them (WIRE section 10). Integer tiyn, checked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::content::{Line, LineKind, Placement, Receipt, TaxFact};
use crate::message::{Operation, PlacementOperation};
use crate::version::PaymentType;
use crate::warning::Warning;

/// Sections a shift counts apart; what is beyond counts as section "0". It bounds the head.
pub const SECTIONS_MAX: usize = 1000;

/// Rates of taxes that a shift counts; no country has that many, what is beyond is not counted. It bounds the head.
pub const TAX_RATES_MAX: usize = 100;

/// A section code is at most this long in counters.
pub const SECTION_CODE_LEN_MAX: usize = 64;

/// The code a blank section code counts under.
pub(super) const SECTION_BLANK: &str = "0";

/// A counter went beyond 64 bits, or beyond its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Overflow;

/// Whether a document is counted, or taken back out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// It happened.
    Count,
    /// It was cancelled.
    TakeBack,
}

impl Direction {
    fn signed(self, amount: i64) -> Result<i64, Overflow> {
        match self {
            Self::Count => Ok(amount),
            Self::TakeBack => amount.checked_neg().ok_or(Overflow),
        }
    }
}

fn add(to: &mut i64, amount: i64) -> Result<(), Overflow> {
    *to = to.checked_add(amount).ok_or(Overflow)?;
    Ok(())
}

/// A number and a sum in tiyn, both signed: stornos may take a counter below zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// How many.
    pub count: i64,
    /// How much, in tiyn.
    pub sum: i64,
}

impl Counter {
    fn add(&mut self, count: i64, sum: i64) -> Result<(), Overflow> {
        add(&mut self.count, count)?;
        add(&mut self.sum, sum)
    }
}

/// By [`Operation::index`].
pub(super) type Counters = [Counter; 4];

fn of<T>(list: &mut [T], index: usize) -> Result<&mut T, Overflow> {
    list.get_mut(index).ok_or(Overflow)
}

/// Sums of a tax rate, in tiyn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxCounter {
    /// What was taxed.
    pub turnover: i64,
    /// The tax.
    pub sum: i64,
    /// Turnover less the tax it contains.
    pub turnover_without_tax: i64,
}

/// Receipts of one operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketCounter {
    /// Number and amounts.total.
    pub total: Counter,
    /// By [`PaymentType::index`].
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
    /// Discounts.
    pub discounts: Counters,
    /// Markups.
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
    pub fn revenue(&self) -> Option<i64> {
        Operation::ALL.into_iter().zip(&self.tickets).try_fold(0_i64, |revenue, (operation, tickets)| {
            if operation.is_income() {
                revenue.checked_add(tickets.total.sum)
            } else {
                revenue.checked_sub(tickets.total.sum)
            }
        })
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

    fn count_line(
        &mut self,
        operation: Operation,
        line: &Line<'_>,
        direction: Direction,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), Overflow> {
        let index = operation.index();
        let (one, sum) =
            (direction.signed(line.sign())?, direction.signed(line.signed_sum().ok_or(Overflow)?)?);
        match line.kind {
            LineKind::Commodity => {
                of(&mut self.operations, index)?.add(one, sum)?;
                self.count_section(&line.section_code(), index, one, sum, warnings)?;
            }
            LineKind::Discount => of(&mut self.discounts, index)?.add(one, sum)?,
            LineKind::Markup => of(&mut self.markups, index)?.add(one, sum)?,
        }
        for tax in line.taxes() {
            // A discount lowers what is taxed; a storno of it raises it again.
            let sign = if line.kind == LineKind::Discount { -1 } else { 1 };
            let turnover = sum.checked_mul(sign).ok_or(Overflow)?;
            let tax_sum = one.checked_mul(sign).and_then(|sign| tax.sum.checked_mul(sign)).ok_or(Overflow)?;
            self.count_tax(index, &tax, turnover, tax_sum, warnings)?;
        }
        Ok(())
    }

    fn count_section(
        &mut self,
        code: &str,
        index: usize,
        one: i64,
        sum: i64,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), Overflow> {
        let is_full = self.sections.len() >= SECTIONS_MAX && !self.sections.contains_key(code);
        let code = if is_full {
            warnings.push(Warning::SectionsOverLimit);
            SECTION_BLANK
        } else {
            code
        };
        if let Some(counters) = self.sections.get_mut(code) {
            return of(counters, index)?.add(one, sum);
        }
        let mut counters = Counters::default();
        of(&mut counters, index)?.add(one, sum)?;
        self.sections.insert(code.to_owned(), counters);
        Ok(())
    }

    fn count_tax(
        &mut self,
        index: usize,
        tax: &TaxFact,
        turnover: i64,
        sum: i64,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), Overflow> {
        let key = (tax.tax_type, tax.percent);
        if self.taxes.len() >= TAX_RATES_MAX && !self.taxes.contains_key(&key) {
            warnings.push(Warning::TaxRatesOverLimit);
            return Ok(());
        }
        let counter = of(self.taxes.entry(key).or_default(), index)?;
        let contained = if tax.is_in_total_sum { sum } else { 0 };
        add(&mut counter.turnover, turnover)?;
        add(&mut counter.sum, sum)?;
        add(&mut counter.turnover_without_tax, turnover.checked_sub(contained).ok_or(Overflow)?)
    }

    /// Counts a receipt in the shift and since registration, or takes it back out.
    ///
    /// # Errors
    /// [`Overflow`]: a counter would not hold it; the counters are then half changed and to be thrown away.
    pub(super) fn count_ticket(
        &mut self,
        lifetime: &mut Lifetime,
        receipt: &Receipt<'_>,
        direction: Direction,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), Overflow> {
        let (operation, index) = (receipt.operation, receipt.operation.index());
        for line in receipt.lines() {
            self.count_line(operation, &line, direction, warnings)?;
        }
        let total = direction.signed(receipt.total.get())?;
        for tax in receipt.receipt_taxes() {
            self.count_tax(index, &tax, total, direction.signed(tax.sum)?, warnings)?;
        }
        let one = direction.signed(1)?;
        let tickets = of(&mut self.tickets, index)?;
        tickets.total.add(one, total)?;
        for kind in PaymentType::ALL {
            let payment = receipt.payments.get(kind.index()).copied().unwrap_or_default();
            let counter = of(&mut tickets.payments, kind.index())?;
            counter.add(direction.signed(payment.count)?, direction.signed(payment.sum)?)?;
        }
        if receipt.offline_number != 0 {
            add(&mut tickets.offline_count, one)?;
        }
        add(&mut tickets.discount_sum, direction.signed(receipt.discount_sum())?)?;
        add(&mut tickets.markup_sum, direction.signed(receipt.markup_sum())?)?;
        add(&mut tickets.change_sum, direction.signed(receipt.change.get())?)?;
        add(of(&mut lifetime.non_nullable, index)?, total)?;
        add(of(&mut lifetime.tickets, index)?, one)?;
        add(&mut lifetime.cash, direction.signed(receipt.cash_flow())?)?;
        if direction == Direction::TakeBack {
            self.forget_zeros();
        }
        self.revenue().map(|_| ()).ok_or(Overflow)
    }

    /// A receipt that was taken back leaves no section and no rate behind that only it had.
    fn forget_zeros(&mut self) {
        self.sections.retain(|_, counters| *counters != Counters::default());
        self.taxes.retain(|_, counters| *counters != [TaxCounter::default(); 4]);
    }

    /// Counts cash in or out.
    ///
    /// # Errors
    /// [`Overflow`], as [`Self::count_ticket`].
    pub(super) fn count_placement(
        &mut self,
        lifetime: &mut Lifetime,
        placement: &Placement,
    ) -> Result<(), Overflow> {
        let index = match placement.operation {
            PlacementOperation::Deposit => 0,
            PlacementOperation::Withdrawal => 1,
        };
        let counter = of(&mut self.placements, index)?;
        counter.total.add(1, placement.sum.get())?;
        if placement.is_offline {
            add(&mut counter.offline_count, 1)?;
        }
        add(of(&mut lifetime.placements, index)?, 1)?;
        add(&mut lifetime.cash, placement.cash_flow())
    }
}
