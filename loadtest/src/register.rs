//! The simulated cash register: a state machine without IO that makes requests and takes answers.
//!
//! ```
//! use ofd_loadtest::{Document, Fleet, Operation, Receipt, Register, clock};
//!
//! let fleet = Fleet::generate(1, 1, 1, 7);
//! let identity = fleet.registers().next().unwrap();
//! let mut register = Register::new(identity, 203, 7);
//! let receipt = Receipt::new(Operation::Sell).item("Нан", "1", 1_000, 180_00).pay_rest_in_cash(200_00);
//! register.begin(Document::Receipt(receipt), clock::now()).unwrap();
//! let frame = register.request(clock::now()).unwrap().to_vec();
//! assert_eq!(frame[..2], [0xA2, 0x81]);
//! // No answer came: the same document goes out again.
//! register.lost();
//! assert!(register.request(clock::now()).is_some());
//! ```

mod adopt;
pub mod answer;
mod apply;
pub mod document;
pub(crate) mod draw;
pub(crate) mod encode;
mod judge;
pub mod kinds;
pub mod raw;
pub mod receipt;
pub mod report;
pub mod scan;
pub mod state;
#[cfg(test)]
mod tests;
pub mod totals;
pub mod verify;

use bytes::BytesMut;
use ofd_protocol::frame::{self, Header};
use ofd_protocol::types::{LocalDateTime, RegisterId, RequestNumber, Token};
use ofd_protocol::wire::Writer;

use self::answer::{Answer, RegInfo, ServiceMemory};
use self::document::{Document, Flight};
use self::encode::{AsksRegInfo, OfflinePeriod, Style};
use self::kinds::{Command, Operation, ReportKind};
use self::state::{Known, State, Stop};
use self::totals::{Closing, OfflineMark, Totals};
use crate::identity::Identity;

/// The share of lost receipts and placements that are sent again as made offline.
const OFFLINE_RESEND_SHARE: f64 = 0.25;

/// The share of offline re-sends, and of queued receipts, that go out under a new REQNUM.
const NEW_NUMBER_SHARE: f64 = 0.5;

/// A register keeps no more receipts than this while it is offline: a simulated shop then waits.
pub const QUEUE_MAX: usize = 64;

/// Offline numbers have ten digits, so that they are never taken for ticket numbers.
const OFFLINE_NUMBERS: (i64, i64) = (1_000_000_000, 2_147_483_647);

/// A register: who it is, what it knows, and buffers.
#[derive(Debug)]
pub struct Register {
    identity: Identity,
    state: State,
    findings: Vec<String>,
    memory: ServiceMemory,
    fixed_service: BytesMut,
    payload: BytesMut,
    report: BytesMut,
    frame: BytesMut,
    asked: RegInfo,
    /// Whether INFO was answered since the register was switched on.
    has_asked: bool,
}

/// Why a document cannot be begun.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegisterError {
    /// One request at a time.
    #[error("register {0} still waits for an answer; send its request again first")]
    Busy(RegisterId),
    /// It waits for a person.
    #[error("register {id} has stopped: {stop}; resolve it at the server, then resume")]
    Stopped {
        /// The register that stopped.
        id: RegisterId,
        /// Why it stopped.
        stop: Stop,
    },
    /// The document cannot be made without the server, or the queue is full.
    #[error("register {0} cannot make this document offline now; drain its queue first")]
    NotOffline(RegisterId),
}

/// What an answer meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Accepted and counted.
    Accepted(Answer),
    /// 254 or 255: the same document again, later.
    Later(Answer),
    /// The shift is too old: the document was dropped, the next one must be CLOSE_SHIFT.
    CloseFirst(Answer),
    /// Refused: the register stops until a person acts.
    Refused(Answer),
    /// A till could not read it, or it answers something else; the register stops.
    Unreadable(String),
}

impl Register {
    /// A register that has never spoken; everything it draws follows from `seed` and its id.
    pub fn new(identity: Identity, version: u16, seed: u64) -> Self {
        let state = State::new(&identity, version, seed);
        Self::with_state(identity, state)
    }

    /// A register that goes on where `state` stopped.
    pub fn with_state(identity: Identity, state: State) -> Self {
        let mut fixed_service = BytesMut::new();
        encode::put_fixed_service(&mut Writer::new(&mut fixed_service), identity.about(), state.version);
        Self {
            identity,
            state,
            findings: Vec::new(),
            memory: ServiceMemory::default(),
            fixed_service,
            payload: BytesMut::new(),
            report: BytesMut::new(),
            frame: BytesMut::new(),
            asked: RegInfo::NotAsked,
            has_asked: false,
        }
    }

    /// Who it is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// All it remembers, to be kept for the next run.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Its own counters.
    pub fn totals(&self) -> &Totals {
        &self.state.totals
    }

    /// The request that waits for its answer.
    pub fn flight(&self) -> Option<&Flight> {
        self.state.flight.as_ref()
    }

    /// Takes what was found wrong at the server since the last call.
    pub fn take_findings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.findings)
    }

    /// Whether something was found wrong that was not taken yet.
    pub fn has_findings(&self) -> bool {
        !self.findings.is_empty()
    }

    /// A person resolved what stopped it: it forgets the refused document and works again.
    pub fn resume(&mut self) {
        self.state.stop = None;
        self.state.flight = None;
    }

    /// A new token, given by the operator after a reset.
    pub fn reset_token(&mut self, token: Token) {
        self.state.token = token;
    }

    /// Makes a document; its request is then [`Register::request`].
    ///
    /// # Errors
    /// [`RegisterError`] when one is under way, or the register has stopped.
    pub fn begin(&mut self, document: Document, now: LocalDateTime) -> Result<(), RegisterError> {
        self.check_free()?;
        let flight = self.make(document, now);
        self.state.flight = Some(flight);
        Ok(())
    }

    /// Makes a receipt or placement while there is no link, at the end of the offline queue.
    ///
    /// # Errors
    /// [`RegisterError::NotOffline`] for any other document, or when the queue is full.
    pub fn begin_offline(&mut self, document: Document, now: LocalDateTime) -> Result<(), RegisterError> {
        if !document.can_be_offline() || self.state.queue.len() >= QUEUE_MAX {
            return Err(RegisterError::NotOffline(self.identity.id));
        }
        let mut flight = self.make(document, now);
        self.mark_offline(&mut flight, OfflineMark::FromStart);
        self.state.queue.push_back(flight);
        Ok(())
    }

    /// Puts the oldest document of the offline queue under way; false when there is none.
    ///
    /// # Errors
    /// As [`Register::begin`].
    pub fn drain(&mut self) -> Result<bool, RegisterError> {
        self.check_free()?;
        let Some(mut flight) = self.state.queue.pop_front() else { return Ok(false) };
        // Some tills number queued documents when they make them, some when they send them.
        if flight.offline_number.is_some() && self.state.random.chance(NEW_NUMBER_SHARE) {
            flight.request = self.number_request();
        }
        self.state.flight = Some(flight);
        Ok(true)
    }

    fn check_free(&self) -> Result<(), RegisterError> {
        if let Some(stop) = &self.state.stop {
            return Err(RegisterError::Stopped { id: self.identity.id, stop: stop.clone() });
        }
        if self.state.flight.is_some() { Err(RegisterError::Busy(self.identity.id)) } else { Ok(()) }
    }

    fn make(&mut self, document: Document, date_time: LocalDateTime) -> Flight {
        let request = self.number_request();
        if document.command().is_fiscal() {
            self.state.number = self.state.number.saturating_add(1);
            self.state.number_in_shift = self.state.number_in_shift.saturating_add(1);
        }
        Flight {
            document,
            date_time,
            request,
            label: self.state.label,
            number: self.state.number,
            number_in_shift: self.state.number_in_shift,
            mark: OfflineMark::Absent,
            offline_number: None,
            losses: 0,
            delays: 0,
        }
    }

    fn number_request(&mut self) -> RequestNumber {
        let next = match self.state.request.checked_add(1) {
            Some(next) => next,
            None if self.state.profile.wraps_to_zero => 0,
            None => 1,
        };
        self.state.request = next;
        RequestNumber(next)
    }

    fn mark_offline(&mut self, flight: &mut Flight, mark: OfflineMark) {
        flight.mark = mark;
        if let Document::Receipt(_) = flight.document {
            let (least, most) = OFFLINE_NUMBERS;
            flight.offline_number = u32::try_from(self.state.random.between(least, most)).ok();
        }
    }

    /// The frame of the request under way; the same document every time, with the token that is good now.
    pub fn request(&mut self, now: LocalDateTime) -> Option<&[u8]> {
        let flight = self.state.flight.as_ref()?;
        let command = flight.document.command();
        let version = self.state.version;
        match flight.document {
            Document::Close { withdraw } => {
                let closing = Closing { date_time: flight.date_time, withdraw, mark: flight.mark };
                let closed = self.state.totals.clone().close(closing).unwrap_or_default();
                report::encode(&mut self.report, &closed, ReportKind::Z, flight.date_time, version);
            }
            Document::Report(ReportKind::Z) => match self.state.closed.as_deref() {
                Some(closed) => {
                    report::encode(&mut self.report, closed, ReportKind::Z, flight.date_time, version);
                }
                // Before any shift was closed: empty, without a close time.
                None => {
                    let none = Totals::default();
                    report::encode(&mut self.report, &none, ReportKind::X, flight.date_time, version);
                }
            },
            Document::Report(ReportKind::X) => {
                let totals = &self.state.totals;
                report::encode(&mut self.report, totals, ReportKind::X, flight.date_time, version);
            }
            Document::Receipt(_)
            | Document::Placement { .. }
            | Document::Cancel
            | Document::Info
            | Document::System
            | Document::Nomenclature { .. }
            | Document::Auth { .. } => {}
        }
        let asks = match command {
            Command::Info => AsksRegInfo::Yes,
            _ if self.state.profile.asks_reg_info => AsksRegInfo::Yes,
            _ => AsksRegInfo::No,
        };
        self.asked = if asks == AsksRegInfo::Yes { RegInfo::Asked } else { RegInfo::NotAsked };
        let offline = match flight.mark {
            OfflineMark::Absent => None,
            OfflineMark::FromStart | OfflineMark::AfterLoss => {
                Some(OfflinePeriod { begin: flight.date_time, end: now })
            }
        };
        self.payload.clear();
        let mut w = Writer::new(&mut self.payload);
        w.uint(1, command.code());
        let style = Style { version, profile: &self.state.profile, report: &self.report };
        encode::put_part(&mut w, flight, style);
        encode::put_service(&mut w, &self.fixed_service, offline, asks);
        let header = Header {
            version,
            size: 0,
            register: self.identity.id,
            token: self.state.token,
            request: flight.request,
        };
        self.frame.clear();
        frame::put_header(&mut self.frame, &header, self.payload.len())?;
        self.frame.extend_from_slice(&self.payload);
        Some(&self.frame)
    }

    /// No answer came: the document stays under way, now and then as one that was made offline (WIRE 13.2 to 13.4).
    pub fn lost(&mut self) {
        let Some(mut flight) = self.state.flight.take() else { return };
        flight.losses = flight.losses.saturating_add(1);
        let first = flight.mark == OfflineMark::Absent && flight.document.can_be_offline();
        if first && self.state.random.chance(OFFLINE_RESEND_SHARE) {
            self.mark_offline(&mut flight, OfflineMark::AfterLoss);
        }
        // Only an offline number tells a retry under another REQNUM where tokens do not rotate.
        if flight.offline_number.is_some() && self.state.random.chance(NEW_NUMBER_SHARE) {
            flight.request = self.number_request();
        }
        self.state.flight = Some(flight);
    }

    /// No answer came and buyers wait: the sale under way goes to the end of the offline queue, as one that was made
    /// offline, and others pass under the same token (WIRE 13.3). False when no sale is under way.
    pub fn set_aside(&mut self) -> bool {
        let is_sale = |flight: &Flight| matches!(&flight.document, Document::Receipt(receipt) if receipt.operation == Operation::Sell);
        let Some(mut flight) = self.state.flight.take_if(|flight| is_sale(flight)) else { return false };
        flight.losses = flight.losses.saturating_add(1);
        if flight.offline_number.is_none() {
            self.mark_offline(&mut flight, OfflineMark::AfterLoss);
        }
        // It may be the server's last receipt, which a cancellation would undo.
        self.state.last_receipt = None;
        self.state.queue.push_back(flight);
        true
    }

    /// Whether sales that were set aside wait to be sent again.
    pub fn has_set_aside(&self) -> bool {
        self.state.queue.iter().any(|flight| flight.mark == OfflineMark::AfterLoss)
    }

    /// Gives the receipt or placement under way an offline mark, as a till does that gave up on an answer; `Fresh`
    /// takes a new REQNUM too.
    pub fn resend_offline(&mut self, number: Renumber) {
        let Some(mut flight) = self.state.flight.take() else { return };
        if flight.mark == OfflineMark::Absent && flight.document.can_be_offline() {
            self.mark_offline(&mut flight, OfflineMark::AfterLoss);
        }
        if number == Renumber::Fresh {
            flight.request = self.number_request();
        }
        self.state.flight = Some(flight);
    }

    /// Whether it must ask INFO first: it was just switched on, it is new, or its memory is older than its documents.
    pub fn must_ask(&self) -> bool {
        !self.has_asked || self.state.known != Known::Exact
    }

    /// Whether a shift is open, or something is under way or queued.
    pub fn is_at_work(&self) -> bool {
        let State { totals, flight, queue, .. } = &self.state;
        totals.opened.is_some() || flight.is_some() || !queue.is_empty()
    }

    /// Whether the server wants its shift closed before anything else.
    pub fn must_close(&self) -> bool {
        self.state.close_due
    }

    /// Draws the next document of its day.
    pub fn draw(&mut self) -> Document {
        let mut random = self.state.random.clone();
        let document = draw::document(&mut random, &self.state.situation());
        self.state.random = random;
        document
    }

    /// Draws a sale.
    pub fn draw_sale(&mut self) -> Document {
        let mut random = self.state.random.clone();
        let receipt = draw::receipt(&mut random, &self.state.situation(), kinds::Operation::Sell);
        self.state.random = random;
        Document::Receipt(receipt)
    }
}

/// Whether a repeated request keeps its REQNUM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renumber {
    /// It goes out again under the REQNUM it had.
    Keep,
    /// It gets a new one.
    Fresh,
}
