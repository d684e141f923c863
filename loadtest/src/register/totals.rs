//! The register's own counters: everything that a Z report holds, counted from what was accepted (WIRE section 10).

use std::collections::BTreeMap;

use ofd_protocol::types::LocalDateTime;
use serde::{Deserialize, Serialize};

use super::kinds::{Operation, PaymentKind, PerOperation, PerPayment, Placement, TAX_VAT};
use super::receipt::{AdjustmentKind, LineKind, Receipt, Tax};

/// The section that goods without one are counted in.
const SECTION_BLANK: &str = "0";

/// A number and a sum. Signed: storno may come in another receipt's shift, and Money has no sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// How many documents moved it.
    pub count: i64,
    /// What they come to, in tiyn.
    pub sum: i64,
}

/// What was taxed, and by how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxCounter {
    /// The taxed sums in tiyn.
    pub turnover: i64,
    /// The tax in tiyn.
    pub sum: i64,
    /// The turnover less included tax.
    pub without_tax: i64,
}

/// How many documents the server counts as made offline, as far as the register can know.
///
/// A receipt that got its offline number after an attempt without an answer may have been counted at that attempt,
/// as one made online.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfflineCount {
    /// Certainly counted as offline.
    pub sure: i64,
    /// Counted either way.
    pub maybe: i64,
}

/// Whether a document carries an offline mark, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OfflineMark {
    /// It has no offline mark.
    Absent,
    /// From its first attempt on.
    FromStart,
    /// Only after an attempt that was not answered.
    AfterLoss,
}

/// Counters of the receipts of one operation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tickets {
    /// Receipts since registration.
    pub count_since_registration: i64,
    /// Receipts and their totals in the shift.
    pub shift: Counter,
    /// Payments in the shift.
    pub payments: PerPayment<Counter>,
    /// Of them made offline.
    pub offline: OfflineCount,
    /// Discounts on whole receipts.
    pub discount_sum: i64,
    /// Markups on whole receipts.
    pub markup_sum: i64,
    /// The change that was given, in tiyn.
    pub change_sum: i64,
}

/// Counters of deposits or withdrawals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placements {
    /// How many of them since registration.
    pub count_since_registration: i64,
    /// In the shift.
    pub shift: Counter,
    /// Of them made offline.
    pub offline: OfflineCount,
}

/// A tax by type and percent; one number, so that it can be a key in the state file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TaxKey(u64);

impl TaxKey {
    /// The key of a tax of `percent` thousandths of a percent.
    pub fn new(tax_type: u32, percent: u32) -> Self {
        Self(u64::from(tax_type) << 32 | u64::from(percent))
    }

    /// Type and percent.
    pub fn parts(self) -> (u64, u64) {
        (self.0 >> 32, self.0 & u64::from(u32::MAX))
    }
}

/// All counters of a register.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// The server's number of the shift that is open or, when none is, was open last.
    pub shift: u32,
    /// When the open shift's first document was made; `None` when no shift is open.
    pub opened: Option<LocalDateTime>,
    /// Lines of goods.
    pub operations: PerOperation<Counter>,
    /// Discounts of lines and receipts.
    pub discounts: PerOperation<Counter>,
    /// Markups of lines and receipts.
    pub markups: PerOperation<Counter>,
    /// Lines of goods by section.
    pub sections: BTreeMap<String, PerOperation<Counter>>,
    /// Taxes by type and percent.
    pub taxes: BTreeMap<TaxKey, PerOperation<TaxCounter>>,
    /// Receipts of the shift, by operation.
    pub tickets: PerOperation<Tickets>,
    /// Cash put in.
    pub deposits: Placements,
    /// Cash taken out.
    pub withdrawals: Placements,
    /// Cash in the drawer; carries over from shift to shift.
    pub cash: i64,
    /// Revenue of the shift.
    pub revenue: i64,
    /// Totals of receipts since registration.
    pub non_nullable: PerOperation<i64>,
    /// The same when the shift opened.
    pub start_non_nullable: PerOperation<i64>,
}

/// A counter passed 64 bits. The counters are spoiled then: the register must stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a counter of the register passed 64 bits; start with a new fleet")]
pub struct Overflow;

/// Whether a receipt is counted or, by CANCEL_TICKET, uncounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Count,
    Uncount,
}

impl Direction {
    fn sign(self) -> i64 {
        match self {
            Self::Count => 1,
            Self::Uncount => -1,
        }
    }
}

fn add(to: &mut i64, value: i64) -> Result<(), Overflow> {
    *to = to.checked_add(value).ok_or(Overflow)?;
    Ok(())
}

impl Counter {
    fn add(&mut self, count: i64, sum: i64) -> Result<(), Overflow> {
        add(&mut self.count, count)?;
        add(&mut self.sum, sum)
    }
}

impl OfflineCount {
    fn add(&mut self, mark: OfflineMark, sign: i64) -> Result<(), Overflow> {
        match mark {
            OfflineMark::Absent => Ok(()),
            OfflineMark::FromStart => add(&mut self.sure, sign),
            OfflineMark::AfterLoss => add(&mut self.maybe, sign),
        }
    }

    /// Whether the server may count this many.
    pub fn allows(self, count: i64) -> bool {
        (self.sure..=self.sure.saturating_add(self.maybe)).contains(&count)
    }
}

impl Totals {
    /// The counters of deposits or withdrawals.
    pub fn placements(&self, placement: Placement) -> &Placements {
        match placement {
            Placement::Deposit => &self.deposits,
            Placement::Withdrawal => &self.withdrawals,
        }
    }

    fn open(&mut self, date_time: LocalDateTime) {
        if self.opened.is_none() {
            self.shift = self.shift.saturating_add(1);
            self.opened = Some(date_time);
        }
    }

    /// Counts an accepted receipt; opens the shift when it is the first document.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn count_receipt(
        &mut self,
        receipt: &Receipt,
        date_time: LocalDateTime,
        mark: OfflineMark,
    ) -> Result<(), Overflow> {
        self.open(date_time);
        self.receipt(receipt, mark, Direction::Count)
    }

    /// Undoes what the last receipt counted; the shift stays open.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn cancel_receipt(&mut self, receipt: &Receipt, mark: OfflineMark) -> Result<(), Overflow> {
        self.receipt(receipt, mark, Direction::Uncount)
    }

    fn receipt(
        &mut self,
        receipt: &Receipt,
        mark: OfflineMark,
        direction: Direction,
    ) -> Result<(), Overflow> {
        let (operation, once) = (receipt.operation, direction.sign());
        for line in &receipt.lines {
            let sign = once.saturating_mul(line.kind.sign());
            self.line(receipt.operation, line.kind, &line.section, line.sum, once)?;
            if let Some(tax) = line.tax {
                self.tax(operation, tax, line.sum, sign)?;
            }
        }
        for tax in &receipt.taxes {
            self.tax(operation, *tax, receipt.total, once)?;
        }
        let tickets = self.tickets.of_mut(operation);
        if let Some(adjustment) = &receipt.adjustment {
            let sum = once.saturating_mul(adjustment.sum);
            let (modifiers, of_receipts, sign) = match adjustment.kind {
                AdjustmentKind::Discount => (&mut self.discounts, &mut tickets.discount_sum, -once),
                AdjustmentKind::Markup => (&mut self.markups, &mut tickets.markup_sum, once),
            };
            modifiers.of_mut(operation).add(once, sum)?;
            add(of_receipts, sum)?;
            if let Some(tax) = adjustment.tax {
                self.tax(operation, tax, adjustment.sum, sign)?;
            }
        }
        let tickets = self.tickets.of_mut(operation);
        add(&mut tickets.count_since_registration, once)?;
        tickets.shift.add(once, once.saturating_mul(receipt.total))?;
        tickets.offline.add(mark, once)?;
        add(&mut tickets.change_sum, once.saturating_mul(receipt.change.unwrap_or(0)))?;
        for payment in &receipt.payments {
            tickets.payments.of_mut(payment.kind).add(once, once.saturating_mul(payment.sum))?;
            if payment.kind == PaymentKind::Cash {
                let moved = operation.sign().saturating_mul(payment.sum);
                add(&mut self.cash, once.saturating_mul(moved))?;
            }
        }
        let signed = once.saturating_mul(operation.sign()).saturating_mul(receipt.total);
        add(&mut self.revenue, signed)?;
        add(self.non_nullable.of_mut(operation), once.saturating_mul(receipt.total))
    }

    fn line(
        &mut self,
        operation: Operation,
        kind: LineKind,
        section: &str,
        sum: i64,
        once: i64,
    ) -> Result<(), Overflow> {
        let (once, sum) = match kind {
            LineKind::Commodity | LineKind::Markup | LineKind::Discount => (once, once.saturating_mul(sum)),
            LineKind::StornoCommodity | LineKind::StornoMarkup | LineKind::StornoDiscount => {
                (-once, -once.saturating_mul(sum))
            }
        };
        match kind {
            LineKind::Commodity | LineKind::StornoCommodity => {
                let section = if section.trim().is_empty() { SECTION_BLANK } else { section };
                // Looked up before it is made: nearly every line falls into a section that is there.
                if !self.sections.contains_key(section) {
                    self.sections.insert(section.to_owned(), PerOperation::default());
                }
                if let Some(counters) = self.sections.get_mut(section) {
                    counters.of_mut(operation).add(once, sum)?;
                }
                self.operations.of_mut(operation).add(once, sum)
            }
            LineKind::Markup | LineKind::StornoMarkup => self.markups.of_mut(operation).add(once, sum),
            LineKind::Discount | LineKind::StornoDiscount => self.discounts.of_mut(operation).add(once, sum),
        }
    }

    fn tax(&mut self, operation: Operation, tax: Tax, taxed: i64, sign: i64) -> Result<(), Overflow> {
        let counter = self.taxes.entry(TaxKey::new(TAX_VAT, tax.percent)).or_default().of_mut(operation);
        let without = if tax.included { taxed.checked_sub(tax.sum).ok_or(Overflow)? } else { taxed };
        add(&mut counter.turnover, sign.saturating_mul(taxed))?;
        add(&mut counter.sum, sign.saturating_mul(tax.sum))?;
        add(&mut counter.without_tax, sign.saturating_mul(without))
    }

    /// Counts an accepted deposit or withdrawal; opens the shift when it is the first document.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn count_placement(
        &mut self,
        placement: Placement,
        sum: i64,
        date_time: LocalDateTime,
        mark: OfflineMark,
    ) -> Result<(), Overflow> {
        self.open(date_time);
        let (counters, moved) = match placement {
            Placement::Deposit => (&mut self.deposits, sum),
            Placement::Withdrawal => (&mut self.withdrawals, sum.saturating_neg()),
        };
        add(&mut counters.count_since_registration, 1)?;
        counters.shift.add(1, sum)?;
        counters.offline.add(mark, 1)?;
        add(&mut self.cash, moved)
    }

    /// Closes the shift, with a withdrawal of all cash when asked for, and returns what its Z must say. Where no
    /// shift is open an empty one is opened and closed (WIRE 13.5).
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn close(&mut self, closing: Closing) -> Result<Self, Overflow> {
        self.open(closing.date_time);
        if closing.withdraw && self.cash > 0 {
            self.count_placement(Placement::Withdrawal, self.cash, closing.date_time, closing.mark)?;
        }
        let closed = self.clone();
        *self = self.after_close();
        Ok(closed)
    }

    /// The counters once the shift is closed: what belongs to the shift is zero, what carries over stays.
    pub fn after_close(&self) -> Self {
        let mut next = Self {
            shift: self.shift,
            cash: self.cash,
            non_nullable: self.non_nullable.clone(),
            start_non_nullable: self.non_nullable.clone(),
            ..Self::default()
        };
        for operation in Operation::ALL {
            next.tickets.of_mut(operation).count_since_registration =
                self.tickets.of(operation).count_since_registration;
        }
        next.deposits.count_since_registration = self.deposits.count_since_registration;
        next.withdrawals.count_since_registration = self.withdrawals.count_since_registration;
        next
    }

    /// Operations less discounts plus markups; `None` beyond 64 bits.
    pub fn total_result(&self, operation: Operation) -> Option<Counter> {
        let lines = self.operations.of(operation);
        let sum = lines
            .sum
            .checked_sub(self.discounts.of(operation).sum)?
            .checked_add(self.markups.of(operation).sum)?;
        Some(Counter { count: lines.count, sum })
    }
}

/// How a shift is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// When the shift is closed, by the till's clock.
    pub date_time: LocalDateTime,
    /// Whether all cash is withdrawn first.
    pub withdraw: bool,
    /// Whether the close came offline.
    pub mark: OfflineMark,
}
