//! What tells a fiscal command from every other, and by which numbers it is found again.

use super::fingerprint::Fingerprint;
use crate::message::{Command, Request};
use crate::types::LocalDateTime;

/// What tells a fiscal command from every other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Identity {
    pub(super) command: Command,
    pub(super) fingerprint: Fingerprint,
    /// None when it does not exist, or of a cancellation.
    pub(super) date_time: Option<LocalDateTime>,
    /// The number it has without a link, or 0.
    pub(super) offline_number: u32,
    /// The number that the till printed, or 0.
    pub(super) printed_number: u64,
    /// The register's own number of the shift; 0: none.
    pub(super) fr_shift_number: u32,
    /// Made without a link.
    pub(super) is_offline: bool,
}

impl Identity {
    /// `None` when the command is not fiscal or its part is missing.
    pub(super) fn of(command: Command, request: &Request<'_>) -> Option<Self> {
        let moment = |came: Option<crate::message::DateTimeRead>| came.and_then(|came| came.moment());
        match command {
            Command::Ticket => request.ticket.as_ref().map(|ticket| Self {
                command,
                fingerprint: Fingerprint::of_ticket(ticket),
                date_time: moment(ticket.date_time),
                offline_number: ticket.offline_ticket_number.unwrap_or(0),
                printed_number: ticket.printed_document_number.unwrap_or(0),
                fr_shift_number: ticket.fr_shift_number.unwrap_or(0),
                is_offline: ticket.offline_ticket_number.unwrap_or(0) != 0,
            }),
            Command::MoneyPlacement => request.money_placement.as_ref().map(|placement| Self {
                command,
                fingerprint: Fingerprint::of_placement(placement),
                date_time: moment(placement.date_time),
                offline_number: 0,
                printed_number: placement.printed_document_number.unwrap_or(0),
                fr_shift_number: placement.fr_shift_number.unwrap_or(0),
                is_offline: placement.is_offline.unwrap_or(false),
            }),
            Command::CloseShift => request.close_shift.as_ref().map(|close| Self {
                command,
                fingerprint: Fingerprint::of_close(close),
                date_time: moment(close.close_time),
                offline_number: 0,
                printed_number: close.printed_document_number.unwrap_or(0),
                fr_shift_number: close.fr_shift_number.unwrap_or(0),
                is_offline: close.is_offline.unwrap_or(false),
            }),
            Command::CancelTicket => Some(Self {
                command,
                fingerprint: Fingerprint::of_cancel(),
                date_time: None,
                offline_number: 0,
                printed_number: 0,
                fr_shift_number: 0,
                is_offline: false,
            }),
            Command::System
            | Command::Report
            | Command::Nomenclature
            | Command::Info
            | Command::Auth
            | Command::QrGenerate
            | Command::QrGetStatus => None,
        }
    }

    /// Where a receipt with an offline number would have been stored before.
    pub(super) fn offline_key(&self) -> Option<OfflineKey> {
        let date_time = self.date_time?;
        (self.command == Command::Ticket && self.offline_number != 0).then_some(OfflineKey {
            number: self.offline_number,
            date_time,
            fingerprint: self.fingerprint,
        })
    }
}

/// What identifies a receipt that was made without a link (WIRE 13.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OfflineKey {
    /// The number it got without a link, not 0.
    pub number: u32,
    /// The till's own time on the document.
    pub date_time: LocalDateTime,
    /// A digest of what it says.
    pub fingerprint: Fingerprint,
}
