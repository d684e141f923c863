//! The enumerations of the wire as the register uses them (WIRE sections 3 and 6).

use std::fmt;

use serde::{Deserialize, Serialize};

/// The tax type of VAT, the one tax there is.
pub const TAX_VAT: u32 = 100;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Command {
    /// Ping and service exchange.
    System,
    /// A sale, a purchase, or a return of one.
    Ticket,
    /// The end of a shift.
    CloseShift,
    /// An X or Z report.
    Report,
    /// The catalogue of goods.
    Nomenclature,
    /// What a till asks when it is set up.
    Info,
    /// Cash put in or taken out.
    MoneyPlacement,
    /// The last receipt undone; gone in 204.
    CancelTicket,
    /// A cashier signs in.
    Auth,
}

impl Command {
    /// Its number on the wire.
    pub fn code(self) -> u32 {
        match self {
            Self::System => 0,
            Self::Ticket => 1,
            Self::CloseShift => 2,
            Self::Report => 3,
            Self::Nomenclature => 4,
            Self::Info => 5,
            Self::MoneyPlacement => 6,
            Self::CancelTicket => 7,
            Self::Auth => 8,
        }
    }

    /// The command with this number.
    pub fn of(code: u32) -> Option<Self> {
        [
            Self::System,
            Self::Ticket,
            Self::CloseShift,
            Self::Report,
            Self::Nomenclature,
            Self::Info,
            Self::MoneyPlacement,
            Self::CancelTicket,
            Self::Auth,
        ]
        .into_iter()
        .find(|command| command.code() == code)
    }

    /// Whether it changes the register's state and may bring a new token.
    pub fn is_fiscal(self) -> bool {
        match self {
            Self::Ticket | Self::CloseShift | Self::MoneyPlacement | Self::CancelTicket => true,
            Self::System | Self::Report | Self::Nomenclature | Self::Info | Self::Auth => false,
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "SYSTEM",
            Self::Ticket => "TICKET",
            Self::CloseShift => "CLOSE_SHIFT",
            Self::Report => "REPORT",
            Self::Nomenclature => "NOMENCLATURE",
            Self::Info => "INFO",
            Self::MoneyPlacement => "MONEY_PLACEMENT",
            Self::CancelTicket => "CANCEL_TICKET",
            Self::Auth => "AUTH",
        })
    }
}

/// What a receipt does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operation {
    /// Goods bought from a person.
    Buy,
    /// A purchase undone.
    BuyReturn,
    /// Goods go to the buyer for money.
    Sell,
    /// A sale undone.
    SellReturn,
}

impl Operation {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Buy, Self::BuyReturn, Self::Sell, Self::SellReturn];

    /// Its number on the wire.
    pub fn code(self) -> u32 {
        match self {
            Self::Buy => 0,
            Self::BuyReturn => 1,
            Self::Sell => 2,
            Self::SellReturn => 3,
        }
    }

    /// The operation with this number.
    pub fn of(code: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.code() == code)
    }

    /// What it does to cash and revenue: `1` adds, `-1` takes away.
    pub fn sign(self) -> i64 {
        match self {
            Self::Sell | Self::BuyReturn => 1,
            Self::Buy | Self::SellReturn => -1,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Buy => "BUY",
            Self::BuyReturn => "BUY_RETURN",
            Self::Sell => "SELL",
            Self::SellReturn => "SELL_RETURN",
        })
    }
}

/// One value for each operation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerOperation<T> {
    /// What there is of purchases.
    pub buy: T,
    /// Of returned purchases.
    pub buy_return: T,
    /// What there is of sales.
    pub sell: T,
    /// Of returned sales.
    pub sell_return: T,
}

impl<T> PerOperation<T> {
    /// The value of an operation.
    pub fn of(&self, operation: Operation) -> &T {
        match operation {
            Operation::Buy => &self.buy,
            Operation::BuyReturn => &self.buy_return,
            Operation::Sell => &self.sell,
            Operation::SellReturn => &self.sell_return,
        }
    }

    /// The value of an operation, to change it.
    pub fn of_mut(&mut self, operation: Operation) -> &mut T {
        match operation {
            Operation::Buy => &mut self.buy,
            Operation::BuyReturn => &mut self.buy_return,
            Operation::Sell => &mut self.sell,
            Operation::SellReturn => &mut self.sell_return,
        }
    }

    /// Every value with its operation.
    pub fn each(&self) -> impl Iterator<Item = (Operation, &T)> {
        Operation::ALL.into_iter().map(|operation| (operation, self.of(operation)))
    }
}

/// How a receipt is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PaymentKind {
    /// Notes and coins.
    Cash,
    /// A bank card.
    Card,
    /// On credit; before 201.
    Credit,
    /// With returned bottles; before 201.
    Tare,
    /// From a phone.
    Mobile,
}

/// The first version without CREDIT and TARE.
const PAYMENTS_CUT_SINCE: u16 = 201;

impl PaymentKind {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 5] = [Self::Cash, Self::Card, Self::Credit, Self::Tare, Self::Mobile];

    /// Its number on the wire.
    pub fn code(self) -> u32 {
        match self {
            Self::Cash => 0,
            Self::Card => 1,
            Self::Credit => 2,
            Self::Tare => 3,
            Self::Mobile => 4,
        }
    }

    /// The payment with this number.
    pub fn of(code: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Whether `version` knows it, so that its reports must hold it.
    pub fn is_of_version(self, version: u16) -> bool {
        match self {
            Self::Cash | Self::Card | Self::Mobile => true,
            Self::Credit | Self::Tare => version < PAYMENTS_CUT_SINCE,
        }
    }
}

impl fmt::Display for PaymentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cash => "CASH",
            Self::Card => "CARD",
            Self::Credit => "CREDIT",
            Self::Tare => "TARE",
            Self::Mobile => "MOBILE",
        })
    }
}

/// One value for each kind of payment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerPayment<T> {
    /// What there is of cash.
    pub cash: T,
    /// What there is of cards.
    pub card: T,
    /// What there is of credit.
    pub credit: T,
    /// What there is of tare.
    pub tare: T,
    /// What there is of payments by telephone.
    pub mobile: T,
}

impl<T> PerPayment<T> {
    /// The value of a kind of payment.
    pub fn of(&self, kind: PaymentKind) -> &T {
        match kind {
            PaymentKind::Cash => &self.cash,
            PaymentKind::Card => &self.card,
            PaymentKind::Credit => &self.credit,
            PaymentKind::Tare => &self.tare,
            PaymentKind::Mobile => &self.mobile,
        }
    }

    /// The value of a kind of payment, to change it.
    pub fn of_mut(&mut self, kind: PaymentKind) -> &mut T {
        match kind {
            PaymentKind::Cash => &mut self.cash,
            PaymentKind::Card => &mut self.card,
            PaymentKind::Credit => &mut self.credit,
            PaymentKind::Tare => &mut self.tare,
            PaymentKind::Mobile => &mut self.mobile,
        }
    }
}

/// What happens to the cash in the drawer besides receipts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Placement {
    /// Cash put in.
    Deposit,
    /// Cash taken out.
    Withdrawal,
}

impl Placement {
    /// Both, in the order of their numbers.
    pub const ALL: [Self; 2] = [Self::Deposit, Self::Withdrawal];

    /// Its number on the wire.
    pub fn code(self) -> u32 {
        match self {
            Self::Deposit => 0,
            Self::Withdrawal => 1,
        }
    }

    /// The placement with this number.
    pub fn of(code: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|placement| placement.code() == code)
    }
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deposit => "DEPOSIT",
            Self::Withdrawal => "WITHDRAWAL",
        })
    }
}

/// Whether an X or a Z is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ReportKind {
    /// Of a closed shift.
    Z,
    /// Of the shift that is open.
    X,
}

impl ReportKind {
    /// Its number on the wire.
    pub fn code(self) -> u32 {
        match self {
            Self::Z => 0,
            Self::X => 1,
        }
    }

    /// The report with this number.
    pub fn of(code: u32) -> Option<Self> {
        [Self::Z, Self::X].into_iter().find(|kind| kind.code() == code)
    }
}

impl fmt::Display for ReportKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Z => "Z",
            Self::X => "X",
        })
    }
}
