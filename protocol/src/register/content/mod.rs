//! What a document must hold and what cannot be right (WIRE 13.8): from a view of what came to facts.

mod line;
mod notes;
mod receipt;
mod service;
mod shift;

use std::fmt;

pub use line::{Line, LineKind, SECTION_CODE_LEN_MAX, TaxFact};
pub use receipt::{PaymentSum, Receipt};

pub(super) use line::SECTION_BLANK;
pub(super) use notes::Notes;
pub(super) use service::judge_service;
pub(super) use shift::{Close, Placement};

use crate::message::{CashierRead, DateTimeRead, ItemType, Money};
use crate::refusal::{MalformedReceipt, Refusal};
use crate::types::{LocalDateTime, MONEY_MAX, TOKEN_MAX, Tiyn};
use crate::version::Version;
use crate::warning::Warning;
use crate::wire::Text;

/// The greatest uint32 of the protocol (WIRE section 2).
const UINT_MAX: u32 = TOKEN_MAX;

/// The greatest uint64 of the protocol.
pub(super) const UINT64_MAX: u64 = u64::MAX >> 1;

/// What the sums of one kind in a document may come to together, in tiyn. A frame has room for tens of thousands of
/// lines, each of the greatest sum: together they stay far from the end of a counter.
const SUMS_MAX: i64 = 100 * MONEY_MAX.get();

/// How a document is judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judge {
    version: Version,
    malformed: MalformedReceipt,
    /// Whether it was accepted before: the bounds of today do not take it back.
    is_accepted: bool,
}

impl Judge {
    /// Of a document that comes now; `malformed` is the code for one that lacks what makes a receipt.
    pub(super) fn new(version: Version, malformed: MalformedReceipt) -> Self {
        Self { version, malformed, is_accepted: false }
    }

    /// Judges a document that was accepted before.
    pub(super) fn of_accepted(version: Version) -> Self {
        Self { version, malformed: MalformedReceipt::default(), is_accepted: true }
    }

    fn missing(self, field: impl fmt::Display) -> Refusal {
        Refusal::Missing { field: field.to_string(), code: self.malformed }
    }

    fn moment(self, field: &str, came: Option<DateTimeRead>) -> Result<LocalDateTime, Refusal> {
        let came = came.ok_or_else(|| self.missing(field))?;
        came.moment().ok_or_else(|| wrong(field, came.shown()))
    }

    fn sum(self, field: impl fmt::Display, came: Option<Money>) -> Result<Tiyn, Refusal> {
        match came {
            Some(money) => self.tiyn(field, money),
            None => Err(self.missing(field)),
        }
    }

    /// A sum of money: under a hundred coins and not over [`MONEY_MAX`].
    fn tiyn(self, field: impl fmt::Display, money: Money) -> Result<Tiyn, Refusal> {
        match money.tiyn() {
            Some(sum) if sum <= MONEY_MAX || self.is_accepted => Ok(sum),
            Some(_) | None => Err(self.wrong_money(field, money)),
        }
    }

    fn wrong_money(self, field: impl fmt::Display, money: Money) -> Refusal {
        let (bills, coins) = (money.bills.unwrap_or(0), money.coins.unwrap_or(0));
        if coins >= 100 {
            return wrong(field, format_args!("bills={bills} coins={coins}"));
        }
        Refusal::SumTooLarge { field: field.to_string(), sum: format!("{bills}.{coins:02}") }
    }

    /// What sums of one kind come to together.
    fn together(self, field: impl fmt::Display, sum: i128) -> Result<(), Refusal> {
        if sum <= i128::from(SUMS_MAX) || self.is_accepted {
            return Ok(());
        }
        let (bills, coins) = (sum.div_euclid(100), sum.rem_euclid(100));
        Err(Refusal::SumTooLarge { field: field.to_string(), sum: format!("{bills}.{coins:02}") })
    }
}

/// The place of a field in a receipt, put into words only when a text names it.
#[derive(Clone, Copy)]
enum Path {
    Ticket,
    Item(usize),
    Part(usize, ItemType),
    Payment(usize),
    Amounts(&'static str),
}

impl Path {
    fn field(self, name: &'static str) -> impl fmt::Display {
        Joined(self, name)
    }

    fn tax(self, index: usize, name: &'static str) -> impl fmt::Display {
        struct Tax(Path, usize, &'static str);
        impl fmt::Display for Tax {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let Self(path, index, name) = self;
                write!(f, "{path}.taxes[{index}].{name}")
            }
        }
        Tax(self, index, name)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ticket => f.write_str("ticket"),
            Self::Item(index) => write!(f, "ticket.items[{index}]"),
            Self::Part(index, kind) => write!(f, "ticket.items[{index}].{}", kind.part_name()),
            Self::Payment(index) => write!(f, "ticket.payments[{index}]"),
            Self::Amounts(name) => write!(f, "ticket.amounts.{name}"),
        }
    }
}

struct Joined(Path, &'static str);

impl fmt::Display for Joined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

fn wrong(field: impl fmt::Display, value: impl fmt::Display) -> Refusal {
    Refusal::Wrong { field: field.to_string(), value: value.to_string() }
}

/// Notes a number that nothing counts when it is greater than the protocol has it; it is taken as it came.
fn judge_number(field: impl fmt::Display, value: Option<impl Into<u64>>, max: u64, notes: &mut Notes) {
    if let Some(value) = value.map(Into::into).filter(|value| *value > max) {
        notes.add(Warning::NumberOutOfRange, field, value);
    }
}

/// Does what [`judge_number`] does, for a uint32.
fn judge_uint(field: impl fmt::Display, value: Option<u32>, notes: &mut Notes) {
    judge_number(field, value, UINT_MAX.into(), notes);
}

/// Does what [`judge_number`] does, for a uint64.
fn judge_uint64(field: impl fmt::Display, value: Option<u64>, notes: &mut Notes) {
    judge_number(field, value, UINT64_MAX, notes);
}

/// Money as a text shows it, however wrong it is.
struct Shown(Option<Money>);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Money { bills, coins } = self.0.unwrap_or_default();
        write!(f, "{}.{:02}", bills.unwrap_or(0), coins.unwrap_or(0))
    }
}

fn judge_text(field: impl fmt::Display, text: Option<Text<'_>>, notes: &mut Notes) {
    if let Some(text) = text.filter(|text| !text.is_utf8()) {
        notes.add(Warning::TextNotUtf8, field, text.lossy());
    }
}

fn judge_cashier(part: &'static str, cashier: &CashierRead<'_>, notes: &mut Notes) {
    let code = format_args!("{part}.operator.code");
    if cashier.code.is_none() {
        notes.missing(Warning::CashierCodeMissing, code);
    }
    judge_uint(code, cashier.code, notes);
    judge_text(format_args!("{part}.operator.name"), cashier.name, notes);
}
