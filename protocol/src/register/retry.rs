//! Which requests repeat an earlier one (WIRE 13.2 to 13.4 and 13.6).

use sha2::{Digest, Sha256};

use super::decide::{Facts, Incoming};
use super::fingerprint::Fingerprint;
use super::state::{Memory, Register};
use crate::message::{Command, Request, TicketRequest};
use crate::refusal::Refusal;
use crate::ticket_number::DocumentRef;
use crate::types::LocalDateTime;

/// What tells a fiscal command from every other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Identity {
    pub(super) command: Command,
    pub(super) fingerprint: Fingerprint,
    /// None when it does not exist, or of a cancellation.
    pub(super) date_time: Option<LocalDateTime>,
    /// 0: none.
    pub(super) offline_number: u32,
    /// 0: none.
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

    fn same_content(&self, memory: &Memory) -> bool {
        self.command == memory.command && self.fingerprint == memory.fingerprint
    }

    /// Whether this may be the remembered document sent again: with its time, or with a later one where neither
    /// has an offline number, since some tills write the time of sending.
    fn matches(&self, memory: &Memory) -> bool {
        let is_timeless = matches!(self.command, Command::CloseShift | Command::CancelTicket);
        let later_without_numbers =
            self.date_time > memory.date_time && self.offline_number == 0 && memory.offline_number == 0;
        self.same_content(memory)
            && !self.has_other_offline_number(memory)
            && (is_timeless
                || (self.date_time.is_some() && self.date_time == memory.date_time)
                || later_without_numbers)
    }

    /// Whether this is the remembered document, its time included.
    fn is_very_same(&self, memory: &Memory) -> bool {
        self.same_content(memory)
            && self.date_time == memory.date_time
            && !self.has_other_offline_number(memory)
    }

    /// Two receipts with offline numbers of their own are two receipts (WIRE 13.4).
    fn has_other_offline_number(&self, memory: &Memory) -> bool {
        self.offline_number != 0 && memory.offline_number != 0 && self.offline_number != memory.offline_number
    }
}

/// What identifies a receipt that was made without a link (WIRE 13.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OfflineKey {
    /// The number it got without a link, not 0.
    pub number: u32,
    /// When.
    pub date_time: LocalDateTime,
    /// What.
    pub fingerprint: Fingerprint,
}

/// What the retry rules say of a fiscal command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A document not seen before.
    New,
    /// A repeat of this document.
    Replay(DocumentRef),
}

/// Compares a fiscal command with what was accepted before.
pub(super) fn judge(
    register: &Register,
    incoming: &Incoming<'_>,
    identity: &Identity,
    facts: &Facts<'_>,
) -> Result<Verdict, Refusal> {
    // Before 8 and 9: however late it comes, a stored offline receipt is never a new one and never an error.
    if let Some(document) = facts.offline {
        return Ok(Verdict::Replay(document));
    }
    let Some(memory) = &register.memory else { return Ok(Verdict::New) };
    let header = incoming.header;
    let is_current = header.token == register.tokens.current;
    let is_same_request = header.request == memory.request;
    let replay = Ok(Verdict::Replay(memory.document));
    match register.tokens.kept {
        // A token reset took the tokens but not the memory.
        None if identity.is_very_same(memory) => replay,
        None => Ok(Verdict::New),
        Some(kept) if kept == header.token => {
            let is_match = identity.matches(memory);
            match (is_same_request, is_match) {
                (true, true) => replay,
                (true, false) => Err(Refusal::RetryDiffers { request: header.request.0 }),
                // Without rotation every request comes under the kept token: then only REQNUM or an offline number
                // that either of the two has tells a retry (WIRE 13.3).
                (false, true)
                    if !is_current || identity.offline_number != 0 || memory.offline_number != 0 =>
                {
                    replay
                }
                (false, true | false) => Ok(Verdict::New),
            }
        }
        Some(_) if !identity.is_very_same(memory) => Ok(Verdict::New),
        Some(_) if is_same_request => Err(Refusal::RequestNumberReused { request: header.request.0 }),
        Some(_) if identity.printed_number != 0 && identity.printed_number == memory.printed_number => replay,
        Some(_) => Ok(Verdict::New),
    }
}

/// What a replay adds to the stored receipt before it is answered (WIRE 13.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// The offline number that leads to the receipt from now on, when it is new.
    pub offline: Option<OfflineKey>,
    /// Tells one set of added bytes from another; the same bytes are added once.
    pub digest: [u8; 8],
}

/// What `again` adds to `stored`; `None` when nothing. `is_number_known` tells whether the offline number of
/// `again` leads to the stored receipt already.
pub fn amendment(
    stored: &TicketRequest<'_>,
    again: &TicketRequest<'_>,
    is_number_known: bool,
) -> Option<Amendment> {
    let offline = Identity {
        command: Command::Ticket,
        fingerprint: Fingerprint::of_ticket(again),
        date_time: again.date_time.and_then(|came| came.moment()),
        offline_number: again.offline_ticket_number.unwrap_or(0),
        printed_number: 0,
        fr_shift_number: 0,
        is_offline: false,
    }
    .offline_key()
    .filter(|_| !is_number_known);
    let printed = again.printed_ticket.filter(|text| Some(*text) != stored.printed_ticket);
    if offline.is_none() && printed.is_none() {
        return None;
    }
    let mut hash = Sha256::new();
    hash.update(offline.map_or(0, |key| key.number).to_be_bytes());
    hash.update(printed.map_or(&[][..], |text| text.0));
    let mut digest = [0; 8];
    digest.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
    Some(Amendment { offline, digest })
}
