//! What a document must hold and what cannot be right (WIRE 13.8): from a view of what came to facts.

mod line;
mod receipt;
mod shift;

use std::fmt;

pub use line::{Line, LineKind, TaxFact};
pub use receipt::{PaymentSum, Receipt};

pub(super) use shift::{Close, Placement, judge_service};

use crate::message::{DateTimeRead, ItemType, Money, OperatorRead};
use crate::refusal::{MalformedReceipt, Refusal};
use crate::types::{LocalDateTime, TOKEN_MAX, Tiyn};
use crate::version::Version;
use crate::warning::Warning;

/// The greatest uint32 of the protocol (WIRE section 2).
const UINT_MAX: u32 = TOKEN_MAX;

/// How a document is judged.
#[derive(Clone, Copy, Debug)]
pub struct Judge {
    /// The version of the request.
    pub version: Version,
    /// The code for a receipt that lacks what makes a receipt.
    pub malformed: MalformedReceipt,
}

impl Judge {
    fn missing(self, field: impl fmt::Display) -> Refusal {
        Refusal::Missing { field: field.to_string(), code: self.malformed }
    }

    fn moment(self, field: &str, came: Option<DateTimeRead>) -> Result<LocalDateTime, Refusal> {
        let came = came.ok_or_else(|| self.missing(field))?;
        came.moment().ok_or_else(|| wrong(field, came.shown()))
    }

    fn sum(self, field: impl fmt::Display, came: Option<Money>) -> Result<Tiyn, Refusal> {
        match came {
            Some(money) => tiyn(field, money),
            None => Err(self.missing(field)),
        }
    }
}

/// The place of a field in a receipt, put into words only when a text names it.
#[derive(Clone, Copy)]
enum Path {
    Ticket,
    Item(usize),
    Part(usize, ItemType),
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

fn tiyn(field: impl fmt::Display, money: Money) -> Result<Tiyn, Refusal> {
    money.tiyn().ok_or_else(|| {
        let (bills, coins) = (money.bills.unwrap_or(0), money.coins.unwrap_or(0));
        wrong(field, format!("bills={bills} coins={coins}"))
    })
}

fn judge_operator(operator: &OperatorRead<'_>, warnings: &mut Vec<Warning>) {
    if operator.code.is_none() {
        warnings.push(Warning::OperatorCodeMissing);
    }
    if operator.name.is_some_and(|name| !name.is_utf8()) {
        warnings.push(Warning::TextNotUtf8);
    }
}
