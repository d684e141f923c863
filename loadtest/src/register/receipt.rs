//! What a receipt says, before it is bytes: the model that is encoded, counted and kept until it is answered.

use std::borrow::Cow;

use ofd_protocol::types::LocalDateTime;
use serde::{Deserialize, Serialize};

use super::kinds::{Operation, PaymentKind};

/// Thousandths of a percent in the whole: 100 %.
const WHOLE_MILLIPERCENT: i64 = 100_000;

/// The thousandths in one unit of quantity.
pub const QUANTITY_ONE: u64 = 1_000;

/// The VAT rate in thousandths of a percent: 16 %.
pub const VAT_MILLIPERCENT: u32 = 16_000;

/// A receipt.
///
/// Sums are tiyn. Every builder step keeps [`total`](Receipt::total) in step with the lines; the fields are open, so
/// that a test can make a receipt that is wrong.
///
/// ```
/// use ofd_loadtest::{Operation, PaymentKind, Receipt};
///
/// let receipt = Receipt::new(Operation::Sell)
///     .item("Сүт 1 л", "1", 2_000, 450_00)
///     .taxed(16_000)
///     .item("Хлеб", "2", 1_000, 180_00)
///     .discount(80_00)
///     .pay(PaymentKind::Card, 500_00)
///     .pay_rest_in_cash(500_00);
/// assert_eq!((receipt.total, receipt.change), (1_000_00, None));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What it does.
    pub operation: Operation,
    /// Who made it. The memory of fleets and the wire call the field so.
    #[serde(rename = "operator")]
    pub cashier: Cashier,
    /// Its items in their order.
    pub lines: Vec<Line>,
    /// Taxes on the whole receipt; never together with taxes of lines.
    pub taxes: Vec<Tax>,
    /// Its payments, at most one of a kind; cash is net of change.
    pub payments: Vec<Payment>,
    /// amounts.total in tiyn.
    pub total: i64,
    /// What the buyer gave in cash.
    pub taken: Option<i64>,
    /// What the buyer got back.
    pub change: Option<i64>,
    /// A discount or markup on the whole receipt.
    pub adjustment: Option<Adjustment>,
    /// The receipt that a return takes back.
    pub parent: Option<Parent>,
    /// IIN or BIN of the buyer.
    pub customer: Option<String>,
}

/// Whoever stands at the till.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cashier {
    /// The cashier's number at the till.
    pub code: u32,
    /// The cashier's name as typed in.
    pub name: Cow<'static, str>,
}

/// What an item of a receipt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineKind {
    /// A line of goods.
    Commodity,
    /// Goods taken back within the receipt.
    StornoCommodity,
    /// A markup on what stands before it.
    Markup,
    /// A markup taken back.
    StornoMarkup,
    /// A discount on what stands before it.
    Discount,
    /// A discount taken back.
    StornoDiscount,
}

impl LineKind {
    /// Its number on the wire; the part of that item is the field after it.
    pub fn code(self) -> u32 {
        match self {
            Self::Commodity => 1,
            Self::StornoCommodity => 2,
            Self::Markup => 3,
            Self::StornoMarkup => 4,
            Self::Discount => 5,
            Self::StornoDiscount => 6,
        }
    }

    /// What it does to the total: `1` adds, `-1` takes away.
    pub fn sign(self) -> i64 {
        match self {
            Self::Commodity | Self::Markup | Self::StornoDiscount => 1,
            Self::StornoCommodity | Self::Discount | Self::StornoMarkup => -1,
        }
    }
}

/// One item of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it is; a modifier has only name, sum and tax.
    pub kind: LineKind,
    /// Name of the goods or of the modifier.
    pub name: Cow<'static, str>,
    /// Section code; a blank one counts as `0`.
    pub section: Cow<'static, str>,
    /// The GTIN of the goods.
    pub barcode: Option<Cow<'static, str>>,
    /// Marking code of goods that have one.
    pub excise_stamp: Option<String>,
    /// The quantity in thousandths of a unit.
    pub quantity: u64,
    /// Tiyn for one.
    pub price: i64,
    /// What the line comes to, in tiyn.
    pub sum: i64,
    /// The tax within the sum.
    pub tax: Option<Tax>,
}

/// VAT on a line or a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tax {
    /// Thousandths of a percent.
    pub percent: u32,
    /// The tax in tiyn.
    pub sum: i64,
    /// Whether the taxed sum holds it.
    pub included: bool,
}

/// A part of the sum, paid in one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// By what it is paid.
    pub kind: PaymentKind,
    /// How much is paid so, in tiyn.
    pub sum: i64,
}

/// Whether an adjustment takes away or adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AdjustmentKind {
    /// It takes something off.
    Discount,
    /// It adds something.
    Markup,
}

/// A discount or markup on the whole receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// Whether it takes off or adds.
    pub kind: AdjustmentKind,
    /// By how much, in tiyn.
    pub sum: i64,
    /// Its tax, when lines carry taxes.
    pub tax: Option<Tax>,
}

/// The receipt that a return takes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// Its ticket number.
    pub number: String,
    /// Its date and time.
    pub date_time: LocalDateTime,
    /// The 12-digit number of the register that made it.
    pub fns_kkm_id: String,
    /// Its total in tiyn.
    pub total: i64,
    /// Whether it was made offline.
    pub offline: bool,
}

impl Tax {
    /// The tax that lies in `sum`, rounded half up to the tiyn.
    pub fn within(sum: i64, percent: u32) -> Self {
        let rate = i64::from(percent);
        let whole = WHOLE_MILLIPERCENT.saturating_add(rate);
        let tax = sum.saturating_mul(rate).saturating_mul(2).saturating_add(whole);
        Self { percent, sum: tax.div_euclid(whole.saturating_mul(2)), included: true }
    }
}

impl Line {
    /// Goods: `quantity` in thousandths, `price` in tiyn; the sum is rounded half up.
    pub fn commodity(name: impl Into<Cow<'static, str>>, section: &str, quantity: u64, price: i64) -> Self {
        let quantity_signed = i64::try_from(quantity).unwrap_or(i64::MAX);
        Self {
            kind: LineKind::Commodity,
            name: name.into(),
            section: Cow::Owned(section.to_owned()),
            barcode: None,
            excise_stamp: None,
            quantity,
            price,
            sum: price.saturating_mul(quantity_signed).saturating_add(500).div_euclid(1_000),
            tax: None,
        }
    }

    /// A modifier of `sum` tiyn.
    pub fn modifier(kind: LineKind, name: impl Into<Cow<'static, str>>, sum: i64) -> Self {
        let quantity = QUANTITY_ONE;
        Self { kind, sum, price: sum, quantity, ..Self::commodity(name, "", quantity, sum) }
    }
}

impl Receipt {
    /// A receipt with nothing on it.
    pub fn new(operation: Operation) -> Self {
        Self {
            operation,
            cashier: Cashier { code: 1, name: Cow::Borrowed("Айгүл Серікқызы") },
            lines: Vec::new(),
            taxes: Vec::new(),
            payments: Vec::new(),
            total: 0,
            taken: None,
            change: None,
            adjustment: None,
            parent: None,
            customer: None,
        }
    }

    /// Adds a line.
    #[must_use]
    pub fn line(mut self, line: Line) -> Self {
        self.push(line);
        self
    }

    /// Adds a line in place.
    pub fn push(&mut self, line: Line) {
        self.total = self.total.saturating_add(line.kind.sign().saturating_mul(line.sum));
        self.lines.push(line);
    }

    /// Adds goods: `quantity` in thousandths, `price` in tiyn.
    #[must_use]
    pub fn item(self, name: impl Into<Cow<'static, str>>, section: &str, quantity: u64, price: i64) -> Self {
        self.line(Line::commodity(name, section, quantity, price))
    }

    /// Puts VAT of `percent` thousandths of a percent on the last line, included in its sum.
    #[must_use]
    pub fn taxed(mut self, percent: u32) -> Self {
        if let Some(line) = self.lines.last_mut() {
            line.tax = Some(Tax::within(line.sum, percent));
        }
        self
    }

    /// Takes the last line back: goods as storno of the same, a modifier as its storno.
    #[must_use]
    pub fn storno_last(self) -> Self {
        let Some(mut line) = self.lines.last().cloned() else { return self };
        line.kind = match line.kind {
            LineKind::Commodity | LineKind::StornoCommodity => LineKind::StornoCommodity,
            LineKind::Markup | LineKind::StornoMarkup => LineKind::StornoMarkup,
            LineKind::Discount | LineKind::StornoDiscount => LineKind::StornoDiscount,
        };
        self.line(line)
    }

    /// A discount on the whole receipt.
    #[must_use]
    pub fn discount(mut self, sum: i64) -> Self {
        self.total = self.total.saturating_sub(sum);
        self.adjustment = Some(Adjustment { kind: AdjustmentKind::Discount, sum, tax: None });
        self
    }

    /// A markup on the whole receipt.
    #[must_use]
    pub fn markup(mut self, sum: i64) -> Self {
        self.total = self.total.saturating_add(sum);
        self.adjustment = Some(Adjustment { kind: AdjustmentKind::Markup, sum, tax: None });
        self
    }

    /// VAT on the whole receipt, included; comes after all that changes the total.
    #[must_use]
    pub fn tax_on_total(mut self, percent: u32) -> Self {
        self.taxes.push(Tax::within(self.total, percent));
        self
    }

    /// Adds a payment.
    #[must_use]
    pub fn pay(mut self, kind: PaymentKind, sum: i64) -> Self {
        self.payments.push(Payment { kind, sum });
        self
    }

    /// Pays what is left in cash, of `taken` tiyn that the buyer gives; no change field when there is none.
    #[must_use]
    pub fn pay_rest_in_cash(mut self, taken: i64) -> Self {
        let rest = self.unpaid();
        self.taken = Some(taken);
        self.change = Some(taken.saturating_sub(rest)).filter(|change| *change > 0);
        self.pay(PaymentKind::Cash, rest)
    }

    /// Pays what is left by `kind`.
    #[must_use]
    pub fn pay_rest(self, kind: PaymentKind) -> Self {
        let rest = self.unpaid();
        self.pay(kind, rest)
    }

    /// Says which receipt a return takes back.
    #[must_use]
    pub fn of(mut self, parent: Parent) -> Self {
        self.parent = Some(parent);
        self
    }

    /// What the payments leave of the total.
    pub fn unpaid(&self) -> i64 {
        self.payments.iter().fold(self.total, |rest, payment| rest.saturating_sub(payment.sum))
    }

    /// The cash that stays in the drawer, or leaves it.
    pub fn cash(&self) -> i64 {
        let cash = self.payments.iter().filter(|payment| payment.kind == PaymentKind::Cash);
        cash.fold(0_i64, |sum, payment| sum.saturating_add(payment.sum))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_follows_lines_storno_and_adjustments() {
        let receipt = Receipt::new(Operation::Sell)
            .item("Нан", "1", 2_500, 100_01)
            .item("Чай", "1", 1_000, 900_00)
            .storno_last()
            .line(Line::modifier(LineKind::Discount, "Скидка", 10_00))
            .storno_last()
            .markup(5_00);
        assert_eq!(receipt.total, 250_03 + 5_00);
        assert_eq!(receipt.pay_rest(PaymentKind::Mobile).unpaid(), 0);
    }

    #[test]
    fn cash_is_net_of_change() {
        let receipt = Receipt::new(Operation::Sell).item("Нан", "1", 1_000, 180_00).pay_rest_in_cash(200_00);
        assert_eq!((receipt.cash(), receipt.taken, receipt.change), (180_00, Some(200_00), Some(20_00)));
    }

    #[test]
    fn the_tax_within_a_sum_is_rounded_half_up() {
        assert_eq!(Tax::within(116_00, 16_000).sum, 16_00);
        assert_eq!(Tax::within(1_00, 16_000).sum, 14); // 13.79
        assert_eq!(Tax::within(21, 5_000).sum, 1);
    }
}
