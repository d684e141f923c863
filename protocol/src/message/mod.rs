//! The messages of the protocol: typed views of requests over borrowed bytes, and the writing of answers.
//!
//! A view holds what came, however wrong: what is required of it is the business of [`crate::register`].

mod common;
mod domain;
mod service;
mod shift;
mod ticket;

pub mod answer;

use std::fmt;

pub use common::{CashierRead, DateTimeRead, Money};
pub use domain::{Domain, Gasoil, Taxi};
pub use service::{GeoPosition, Period, SecurityStats, ServiceRequest, TicketAdInfo};
pub use shift::{CloseShiftRequest, MoneyPlacementRequest, PlacementOperation, ReportKind, ReportRequest};
pub use ticket::{
    Amounts, Card, Commodity, ExtensionOptions, Item, ItemPart, ItemType, Mobile, Modifier, Operation,
    ParentTicket, Payment, Tax, TicketRequest,
};

use crate::wire::{self, Message, Text, Value, WireError};

/// The commands of the envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Command {
    /// Ping and service exchange.
    System,
    /// A sale, a purchase, or a return of one.
    Ticket,
    /// Closing of the shift.
    CloseShift,
    /// X or Z.
    Report,
    /// The catalogue of goods.
    Nomenclature,
    /// What a till asks when it is set up.
    Info,
    /// Cash in or out.
    MoneyPlacement,
    /// Undoing of the last receipt; gone in 204.
    CancelTicket,
    /// A cashier's login.
    Auth,
    /// A payment QR is asked for; since 204.
    QrGenerate,
    /// The state of a payment QR is asked for; since 204.
    QrGetStatus,
}

impl Command {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 11] = [
        Self::System,
        Self::Ticket,
        Self::CloseShift,
        Self::Report,
        Self::Nomenclature,
        Self::Info,
        Self::MoneyPlacement,
        Self::CancelTicket,
        Self::Auth,
        Self::QrGenerate,
        Self::QrGetStatus,
    ];

    /// The command of a code (WIRE section 3); 127 is reserved and none.
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|command| command.code() == code)
    }

    /// Its code in the envelope.
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
            Self::QrGenerate => 100,
            Self::QrGetStatus => 101,
        }
    }

    /// Whether the command changes the register's state and its token (WIRE 13.1).
    pub fn is_fiscal(self) -> bool {
        match self {
            Self::Ticket | Self::CloseShift | Self::MoneyPlacement | Self::CancelTicket => true,
            Self::System
            | Self::Report
            | Self::Nomenclature
            | Self::Info
            | Self::Auth
            | Self::QrGenerate
            | Self::QrGetStatus => false,
        }
    }

    /// The name in metrics and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Ticket => "ticket",
            Self::CloseShift => "close_shift",
            Self::Report => "report",
            Self::Nomenclature => "nomenclature",
            Self::Info => "info",
            Self::MoneyPlacement => "money_placement",
            Self::CancelTicket => "cancel_ticket",
            Self::Auth => "auth",
            Self::QrGenerate => "qr_generate",
            Self::QrGetStatus => "qr_get_status",
        }
    }
}

/// The envelope of a request (WIRE section 5).
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// The command's code, as it came.
    pub command: Option<u32>,
    /// A sale, a purchase, or a return of one.
    pub ticket: Option<TicketRequest<'a>>,
    /// Closing of a shift.
    pub close_shift: Option<CloseShiftRequest<'a>>,
    /// X or Z.
    pub report: Option<ReportRequest<'a>>,
    /// A question to the catalogue.
    pub nomenclature: Option<NomenclatureRequest<'a>>,
    /// The service part that may ride on any command.
    pub service: Option<ServiceRequest<'a>>,
    /// Cash in or out.
    pub money_placement: Option<MoneyPlacementRequest<'a>>,
    /// A cashier's login.
    pub auth: Option<AuthRequest<'a>>,
    /// A payment QR.
    pub qr: Option<QrRequest>,
}

impl<'a> Request<'a> {
    /// Reads the payload of a frame.
    ///
    /// # Errors
    /// [`WireError`] when the bytes are not a protobuf message.
    pub fn read(payload: &'a [u8]) -> Result<Self, WireError> {
        wire::read(payload)
    }
}

impl<'a> Message<'a> for Request<'a> {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.u32_to(&mut self.command),
            2 => value.message_to(&mut self.ticket)?,
            3 => value.message_to(&mut self.close_shift)?,
            4 => value.message_to(&mut self.report)?,
            5 => value.message_to(&mut self.nomenclature)?,
            6 => value.message_to(&mut self.service)?,
            7 => value.message_to(&mut self.money_placement)?,
            8 => value.message_to(&mut self.auth)?,
            9 => value.message_to(&mut self.qr)?,
            _ => {}
        }
        Ok(())
    }
}

/// A question to the catalogue (WIRE section 11).
#[derive(Clone, Copy, Debug, Default)]
pub struct NomenclatureRequest<'a> {
    /// The version the register holds.
    pub current_version: Option<u32>,
    /// The good it asks for; since 203.
    pub barcode: Option<Text<'a>>,
}

impl<'a> Message<'a> for NomenclatureRequest<'a> {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.u32_to(&mut self.current_version),
            2 => value.text_to(&mut self.barcode),
            _ => {}
        }
        Ok(())
    }
}

/// A cashier's login (WIRE section 12).
#[derive(Clone, Copy, Default)]
pub struct AuthRequest<'a> {
    /// By which the cashier is known.
    pub login: Option<Text<'a>>,
    /// The secret beside the login.
    pub password: Option<Text<'a>>,
}

impl fmt::Debug for AuthRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthRequest(redacted)")
    }
}

impl<'a> Message<'a> for AuthRequest<'a> {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.text_to(&mut self.login),
            2 => value.text_to(&mut self.password),
            _ => {}
        }
        Ok(())
    }
}

/// A payment QR that is asked for (WIRE section 12, since 204).
#[derive(Clone, Copy, Debug, Default)]
pub struct QrRequest {
    /// The number of the bill to be paid.
    pub invoice_id: Option<u64>,
    /// What is to be paid by it.
    pub amount: Option<Money>,
}

impl<'a> Message<'a> for QrRequest {
    fn field(&mut self, number: u32, value: Value<'a>) -> Result<(), WireError> {
        match number {
            1 => value.u64_to(&mut self.invoice_id),
            2 => value.message_to(&mut self.amount)?,
            _ => {}
        }
        Ok(())
    }
}
