//! Closing of a shift, cash in and out, reports (WIRE sections 8 to 10).

use super::common::{CashierRead, DateTimeRead, Money};
use crate::wire::{Message, Value, WireError};

/// Closing of a shift as it came.
#[derive(Clone, Copy, Debug, Default)]
pub struct CloseShiftRequest<'a> {
    /// Field 1 of the message on the wire.
    pub close_time: Option<DateTimeRead>,
    /// 2: it was closed while the register had no link.
    pub is_offline: Option<bool>,
    /// 3: the register's own number of the shift.
    pub fr_shift_number: Option<u32>,
    /// 4: all cash is taken out first.
    pub withdraw_money: Option<bool>,
    /// 5: the register's own report; stored, never judged.
    pub z_report: Option<&'a [u8]>,
    /// Field 6 of the message on the wire.
    pub cashier: Option<CashierRead<'a>>,
    /// Field 7 of the message on the wire.
    pub printed_document_number: Option<u64>,
}

impl<'a> Message<'a> for CloseShiftRequest<'a> {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.message_to(&mut self.close_time)?,
            2 => value.bool_to(&mut self.is_offline),
            3 => value.u32_to(&mut self.fr_shift_number),
            4 => value.bool_to(&mut self.withdraw_money),
            5 => value.bytes_to(&mut self.z_report),
            6 => value.message_to(&mut self.cashier)?,
            7 => value.u64_to(&mut self.printed_document_number),
            _ => {}
        }
        Ok(())
    }
}

/// Which way cash goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlacementOperation {
    /// Into the drawer.
    Deposit,
    /// Out of it.
    Withdrawal,
}

impl PlacementOperation {
    /// Both, in the order of their codes.
    pub const ALL: [Self; 2] = [Self::Deposit, Self::Withdrawal];

    /// The operation of a code.
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.code() == code)
    }

    /// The number that stands for it on the wire.
    pub fn code(self) -> u32 {
        match self {
            Self::Deposit => 0,
            Self::Withdrawal => 1,
        }
    }
}

/// Cash in or out as it came.
#[derive(Clone, Copy, Debug, Default)]
pub struct MoneyPlacementRequest<'a> {
    /// The message itself: the fingerprint is taken over it.
    pub raw: &'a [u8],
    /// Field 1 of the message on the wire.
    pub date_time: Option<DateTimeRead>,
    /// Field 2 of the message on the wire.
    pub operation: Option<u32>,
    /// Field 3 of the message on the wire.
    pub sum: Option<Money>,
    /// Field 4 of the message on the wire.
    pub is_offline: Option<bool>,
    /// Field 5 of the message on the wire.
    pub fr_shift_number: Option<u32>,
    /// Field 6 of the message on the wire.
    pub printed_document_number: Option<u64>,
    /// Field 7 of the message on the wire.
    pub cashier: Option<CashierRead<'a>>,
}

impl<'a> Message<'a> for MoneyPlacementRequest<'a> {
    fn begin(&mut self, message: &'a [u8]) {
        self.raw = message;
    }

    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.message_to(&mut self.date_time)?,
            2 => value.u32_to(&mut self.operation),
            3 => value.message_to(&mut self.sum)?,
            4 => value.bool_to(&mut self.is_offline),
            5 => value.u32_to(&mut self.fr_shift_number),
            6 => value.u64_to(&mut self.printed_document_number),
            7 => value.message_to(&mut self.cashier)?,
            _ => {}
        }
        Ok(())
    }
}

/// The two reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReportKind {
    /// Of a closed shift.
    Z,
    /// Of the shift as it stands.
    X,
}

impl ReportKind {
    /// The report of a code.
    pub fn from_code(code: u32) -> Option<Self> {
        match code {
            0 => Some(Self::Z),
            1 => Some(Self::X),
            _ => None,
        }
    }

    /// The number that stands for it on the wire.
    pub fn code(self) -> u32 {
        match self {
            Self::Z => 0,
            Self::X => 1,
        }
    }
}

/// A report that is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReportRequest<'a> {
    /// Field 1 of the message on the wire.
    pub report: Option<u32>,
    /// Field 2 of the message on the wire.
    pub date_time: Option<DateTimeRead>,
    /// Field 3 of the message on the wire.
    pub is_offline: Option<bool>,
    /// 4: the register's own report; never judged.
    pub zx_report: Option<&'a [u8]>,
}

impl<'a> Message<'a> for ReportRequest<'a> {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.u32_to(&mut self.report),
            2 => value.message_to(&mut self.date_time)?,
            3 => value.bool_to(&mut self.is_offline),
            4 => value.bytes_to(&mut self.zx_report),
            _ => {}
        }
        Ok(())
    }
}
