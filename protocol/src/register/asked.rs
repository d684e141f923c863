//! What a decision is asked with, and what it says: the register and the request, what was looked up, the outcome.

use bytes::Bytes;

use super::identity::OfflineKey;
use super::known::Known;
use super::state::{DocumentKind, Register};
use super::unconfirmed::{Sought, Unconfirmed};
use crate::frame::Header;
use crate::message::Request;
use crate::message::answer::{Answer, TicketAd};
use crate::refusal::{MalformedReceipt, Refusal};
use crate::ticket_number::{DocumentRef, TicketNumberKey};
use crate::types::{LocalDateTime, RegisterId, Tiyn, Token, UnixMillis};
use crate::version::Version;

/// A shift may be open this long.
pub const SHIFT_LENGTH_MAX_SECONDS: i64 = 24 * 60 * 60;

/// A shift holds this many documents; those with an offline mark happened and are taken beyond it.
pub const SHIFT_DOCUMENTS_MAX: u32 = 100_000;

/// What the operator set for all registers.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Whether every fiscal command hands out a new token.
    pub rotate_tokens: bool,
    /// Versions whose written rules are enforced.
    pub strict_versions: Vec<Version>,
    /// The code for a receipt that lacks what makes a receipt.
    pub malformed_receipt: MalformedReceipt,
    /// How far the devices' wall time is ahead of UTC.
    pub zone_offset_seconds: i32,
    /// Where receipts are checked: what QR texts begin with, up to the `?`.
    pub receipt_site: String,
}

/// What is known of a register apart from its state.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The id that the operator gave it.
    pub register: RegisterId,
    /// IIN or BIN of its organisation.
    pub organisation_bin: &'a str,
    /// The number the tax authority gave.
    pub fns_kkm_id: &'a str,
    /// The factory's number on record.
    pub serial_number: &'a str,
    /// Whether its tariff includes TLS.
    pub is_tls_allowed: bool,
    /// Whether the service was paid for, though the register's state does not say so yet.
    pub is_paid_since: bool,
    /// Its registration data, encoded for the version of the request.
    pub reg_info: &'a Bytes,
    /// The texts that hold for it now, at most one of each kind.
    pub ads: &'a [TicketAd],
    /// The store's key of ticket numbers.
    pub ticket_number_key: &'a TicketNumberKey,
    /// What holds for all registers.
    pub policy: &'a Policy,
}

/// A request as it came.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// The header that came before the payload.
    pub header: Header,
    /// The version of the header.
    pub version: Version,
    /// The whole frame, header included: the fiscal document.
    pub raw: &'a [u8],
    /// Its payload, read in place.
    pub request: &'a Request<'a>,
    /// Whether it came over TLS.
    pub is_tls: bool,
}

/// What chance and the clock contribute.
#[derive(Clone, Copy, Debug)]
pub struct Drawn {
    /// The time of the gateway's clock.
    pub now: UnixMillis,
    /// The next token, if one is handed out.
    pub token: Token,
}

/// What the rules want to know beside the register's state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Where a receipt with this offline number, time and content was stored.
    pub offline: Option<OfflineKey>,
    /// The state of the last closed shift, which is not this one.
    pub previous: Option<u32>,
    /// The frame of this receipt, which is to be cancelled.
    pub cancelled: Option<DocumentRef>,
    /// By which numbers and times this document, the one in the retry memory, is known.
    pub known: Option<DocumentRef>,
    /// The unconfirmed documents that have a row.
    pub unconfirmed: Option<Sought>,
}

/// The answers to [`Needs`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    /// The stored receipt, if there is one.
    pub offline: Option<DocumentRef>,
    /// The state of the last closed shift.
    pub previous: Option<&'a Register>,
    /// The frame of the receipt.
    pub cancelled: Option<&'a [u8]>,
    /// The numbers and times that the document in the retry memory is known by.
    pub known: Option<&'a Known>,
    /// The unconfirmed documents that were sought.
    pub unconfirmed: &'a [Unconfirmed],
}

/// What is to be done.
#[derive(Clone, Debug)]
pub enum Decision {
    /// Nothing is stored; [`super::refusal_answer`] says why, under the request's token.
    Refuse(Refusal),
    /// The stored answer of this document is given again, after any [`super::amendment`] was stored, and the register
    /// as [`super::replayed`] has it.
    Replay {
        /// The stored document whose answer goes out again.
        document: DocumentRef,
        /// The token of the answer.
        token: Token,
        /// Whether it lies over ten minutes apart from the document.
        is_far: bool,
    },
    /// The document was never confirmed and comes again: the register and any [`super::amendment`] are stored, and its
    /// stored answer is given again under a new token.
    Confirm(Box<Confirmed>),
    /// Nothing is stored; this is answered under the request's token.
    Answer(Answer),
    /// The document is stored, and only then answered.
    Accept(Box<Accepted>),
}

/// An unconfirmed document that comes again, with all that is stored of it.
#[derive(Clone, Debug)]
pub struct Confirmed {
    /// The register after it.
    pub register: Register,
    /// The document that is confirmed by coming again.
    pub document: DocumentRef,
    /// What leaves the list, if it has a row.
    pub left: Option<Unconfirmed>,
    /// What became unconfirmed and gets a row.
    pub unconfirmed: Option<Unconfirmed>,
    /// The token of the answer.
    pub token: Token,
}

/// An accepted document with all that is stored of it.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The register after it.
    pub register: Register,
    /// Whether the document is the first of a new stream.
    pub begins_stream: bool,
    /// Where it lies.
    pub place: DocumentRef,
    /// What it is.
    pub kind: DocumentKind,
    /// When it was accepted.
    pub accepted_at: UnixMillis,
    /// The device's time; a cancellation has that of its acceptance in the configured zone left out.
    pub date_time: Option<LocalDateTime>,
    /// The fiscal sign, of a receipt.
    pub ticket_number: Option<u64>,
    /// How a receipt that was made without a link is found again.
    pub offline: Option<OfflineKey>,
    /// amounts.total, or the sum of a placement.
    pub total: Option<Tiyn>,
    /// CRC-32 of the frame.
    pub crc: u32,
    /// The register's chain value after it.
    pub chain: [u8; 32],
    /// The receipt that it cancels.
    pub cancels: Option<DocumentRef>,
    /// What became unconfirmed and gets a row.
    pub unconfirmed: Option<Unconfirmed>,
    /// What is sent back, once all is stored.
    pub answer: Answer,
    /// The token of the answer.
    pub token: Token,
}
