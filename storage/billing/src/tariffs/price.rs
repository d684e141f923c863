//! What a version of a plan costs.

use serde::{Deserialize, Serialize};

use super::periods::Period;
use crate::day::Day;
use crate::tiyn::Tiyn;

/// How a register reaches the operator, as far as it changes the price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionKind {
    /// By cable or Wi-Fi.
    Wired,
    /// By a SIM card.
    Sim,
}

/// What a price is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// For a register in a whole month; of a part of it by days.
    Month,
    /// For a register on a day.
    Day,
}

/// A price with VAT inside. What costs nothing says so: a price of zero is a slip of the hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Price {
    /// For nothing, and meant so.
    Free,
    /// So many tiyn, more than none.
    Tiyn(Tiyn),
}

impl Price {
    /// Beyond ten million tenge a price is a slip of the hand; a month of it for thirty thousand registers is still a sum.
    pub const MAX: i64 = 1_000_000_000;

    /// It as a sum.
    #[must_use]
    pub fn tiyn(self) -> Tiyn {
        match self {
            Self::Free => Tiyn::ZERO,
            Self::Tiyn(tiyn) => tiyn,
        }
    }

    fn check(self) -> Result<(), PriceError> {
        match self {
            Self::Free => Ok(()),
            Self::Tiyn(tiyn) => check_sum(tiyn),
        }
    }
}

/// What every registers' number from one on costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// From so many registers of the organisation on the plan.
    pub registers: u32,
    /// What each of them costs then: all of them, not only those above.
    pub price: Price,
}

/// What a register of one kind costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindPrice {
    /// The kind of connection.
    pub kind: ConnectionKind,
    /// What the prices are for.
    pub per: Per,
    /// The prices by number of registers, ascending, the first from one register.
    pub steps: Vec<Step>,
}

impl KindPrice {
    /// The step that so many registers reach.
    #[must_use]
    pub fn step(&self, registers: u32) -> Option<Step> {
        self.steps.iter().rfind(|step| step.registers <= registers).copied()
    }
}

/// How many receipts of a register a month are inside the price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptLimit {
    /// So many are.
    pub receipts: u64,
    /// What each above costs.
    pub over: Price,
}

/// What a plan costs from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanVersion {
    /// The first day of these prices.
    pub from: Day,
    /// The last day, where it was said; otherwise until the next version begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Day>,
    /// One for each kind that the plan is for.
    pub prices: Vec<KindPrice>,
    /// So many months from a register's first receipt cost nothing.
    #[serde(default)]
    pub free_months: u8,
    /// What the connection of a register costs, once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_fee: Option<Tiyn>,
    /// How many receipts are inside; none said: all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipts: Option<ReceiptLimit>,
}

/// Why prices are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// Nothing, and not said to be meant so.
    #[error("a price of zero: what costs nothing is said to be free")]
    Zero,
    /// Less than nothing.
    #[error("a price below zero: {0}")]
    Negative(Tiyn),
    /// More than any price.
    #[error("a price of {0}, which is more than any")]
    TooHigh(Tiyn),
    /// A plan for a kind must have a price for it, and for no other.
    #[error("the kinds of connection that have a price are not those that the plan is for")]
    Kinds,
    /// Steps that a number of registers cannot be looked up in.
    #[error("steps begin at one register and ascend, at most {STEPS_MAX} of them")]
    Steps,
    /// More free months than any plan has.
    #[error("at most {FREE_MONTHS_MAX} months are free")]
    FreeMonths,
}

/// More steps than a person can read.
const STEPS_MAX: usize = 20;

/// Two years: what is free for longer is said to be free.
const FREE_MONTHS_MAX: u8 = 24;

fn check_sum(tiyn: Tiyn) -> Result<(), PriceError> {
    match tiyn.get() {
        0 => Err(PriceError::Zero),
        ..0 => Err(PriceError::Negative(tiyn)),
        1..=Price::MAX => Ok(()),
        _ => Err(PriceError::TooHigh(tiyn)),
    }
}

impl PlanVersion {
    /// Whether its prices may be, for a plan that is for these kinds.
    pub(super) fn check(&self, kinds: &[ConnectionKind]) -> Result<(), PriceError> {
        let mut priced: Vec<ConnectionKind> = self.prices.iter().map(|price| price.kind).collect();
        let mut wanted = kinds.to_vec();
        priced.sort_unstable();
        wanted.sort_unstable();
        if priced != wanted {
            return Err(PriceError::Kinds);
        }
        for price in &self.prices {
            let numbers: Vec<u32> = price.steps.iter().map(|step| step.registers).collect();
            let ascending = numbers.is_sorted_by(|one, next| one < next);
            if numbers.first() != Some(&1) || !ascending || numbers.len() > STEPS_MAX {
                return Err(PriceError::Steps);
            }
            price.steps.iter().try_for_each(|step| step.price.check())?;
        }
        if self.free_months > FREE_MONTHS_MAX {
            return Err(PriceError::FreeMonths);
        }
        self.connection_fee.map_or(Ok(()), check_sum)?;
        self.receipts.map_or(Ok(()), |limit| limit.over.check())
    }

    /// What registers of a kind cost.
    #[must_use]
    pub fn price(&self, kind: ConnectionKind) -> Option<&KindPrice> {
        self.prices.iter().find(|price| price.kind == kind)
    }
}

impl Period for PlanVersion {
    fn from(&self) -> Day {
        self.from
    }

    fn last(&self) -> Option<Day> {
        self.last
    }
}
