//! What the server keeps of a register between two requests: the head of its newest shift's stream.

use std::collections::BTreeMap;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprint;
use super::totals::{Lifetime, ShiftTotals};
use super::unconfirmed::UnconfirmedList;
use crate::message::Command;
use crate::ticket_number::DocumentRef;
use crate::types::{LocalDateTime, RequestNumber, Token, UnixMillis};
use crate::warning::Warning;

/// A register as of its newest stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register {
    /// The shift this stream is for, from 1 without gaps.
    pub shift_number: u32,
    /// Whether it was opened or closed.
    pub phase: Phase,
    /// The tokens that are good.
    pub tokens: Tokens,
    /// The last fiscal command that was answered 0.
    pub memory: Option<Memory>,
    /// Why the register may not be served.
    pub status: Status,
    /// Counters since registration.
    pub lifetime: Lifetime,
    /// Counters of this shift.
    pub totals: ShiftTotals,
    /// How many documents this shift holds.
    pub documents: u32,
    /// The last document, in this shift or an earlier one.
    pub last_document: Option<LastDocument>,
    /// The greatest accepted_at so far: time never runs back in a register's documents.
    pub clock: UnixMillis,
    /// The chain value of the last document; zeros before the first.
    pub chain: [u8; 32],
    /// Least and greatest date_time of receipts with an offline number in this shift.
    pub offline_range: Option<(LocalDateTime, LocalDateTime)>,
    /// The greatest such date_time in earlier shifts: a later receipt cannot be a repeat of theirs.
    pub offline_before: Option<LocalDateTime>,
    /// Departures from the rules, counted since registration.
    #[serde(serialize_with = "of_first_heads")]
    pub warnings: BTreeMap<Warning, WarningCount>,
    /// The version of the last accepted document.
    pub protocol_version: Option<u16>,
    /// What a later program keeps in a head that this one does not know, by tag: written again as it came. All that
    /// came after the first release is left out of the encoding here and kept beside it, likewise under tags.
    #[serde(skip)]
    pub later_parts: BTreeMap<u16, Vec<u8>>,
    /// The documents whose answer was never taken.
    #[serde(skip)]
    pub unconfirmed: UnconfirmedList,
    /// Raised by every change of what answers need of the register apart from its state. Whoever keeps that in memory keeps
    /// the version with it, and reads it anew when this is another one.
    #[serde(skip)]
    pub profile_version: u64,
}

/// The warnings that the first form of heads can hold; the others are kept beside it.
fn of_first_heads<S: serde::Serializer>(
    warnings: &BTreeMap<Warning, WarningCount>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let known = || warnings.iter().filter(|(warning, _)| warning.is_of_first_heads());
    let mut map = serializer.serialize_map(Some(known().count()))?;
    known().try_for_each(|(warning, count)| map.serialize_entry(warning, count))?;
    map.end()
}

/// The life of a shift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// No document yet.
    NotOpened,
    /// Open since its first document.
    Open(OpenShift),
    /// Closed: the head is final.
    Closed(ClosedShift),
}

/// An open shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenShift {
    /// The first document's date_time, as it came; devices are told [`super::Register::told_opening`].
    pub opened_at: LocalDateTime,
    /// When the first document was accepted.
    pub accepted_at: UnixMillis,
    /// The last printed document number that was not 0.
    pub printed_number: u64,
    /// The date_time of the first document without an offline mark; the shift's age on the device's clock counts
    /// from it. `None` before there is one, and in heads that cannot hold it: see [`Register::first_online_at`].
    #[serde(skip)]
    pub first_online_at: Option<LocalDateTime>,
}

/// A closed shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedShift {
    /// When it was opened, as devices are told.
    pub opened_at: LocalDateTime,
    /// The closing's close_time, as it came; devices are told [`super::Register::told_closing`].
    pub closed_at: LocalDateTime,
    /// The fr_shift_number it was closed with; 0: none.
    pub label: u32,
}

/// The tokens of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// The one to use next.
    pub current: Token,
    /// The one the last fiscal command came with; none after a reset.
    pub kept: Option<Token>,
}

impl Tokens {
    /// Whether a request may come with this token.
    pub fn are_good(&self, token: Token) -> bool {
        token == self.current || Some(token) == self.kept
    }
}

/// What is remembered of the last fiscal command that was answered 0, to tell its retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// The REQNUM it came with.
    pub request: RequestNumber,
    /// The command it came with.
    pub command: Command,
    /// A digest of what it said.
    pub fingerprint: Fingerprint,
    /// Its time; a cancellation has none.
    pub date_time: Option<LocalDateTime>,
    /// Its offline number; 0: none.
    pub offline_number: u32,
    /// Its printed document number; 0: none.
    pub printed_number: u64,
    /// Where its document and answer lie.
    pub document: DocumentRef,
}

/// The last document of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastDocument {
    /// Where it lies.
    pub place: DocumentRef,
    /// What it is.
    pub kind: DocumentKind,
    /// When it was accepted.
    pub accepted_at: UnixMillis,
    /// Its fr_shift_number; 0: none.
    pub fr_shift_number: u32,
    /// Its printed document number; 0: none.
    pub printed_number: u64,
}

/// The kinds of fiscal documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DocumentKind {
    /// A sale, a purchase, or a return of one.
    Ticket,
    /// Cash in or out.
    MoneyPlacement,
    /// The end of a shift.
    CloseShift,
    /// The undoing of a receipt.
    CancelTicket,
}

impl DocumentKind {
    /// The kind of a fiscal command.
    pub fn of(command: Command) -> Option<Self> {
        match command {
            Command::Ticket => Some(Self::Ticket),
            Command::MoneyPlacement => Some(Self::MoneyPlacement),
            Command::CloseShift => Some(Self::CloseShift),
            Command::CancelTicket => Some(Self::CancelTicket),
            Command::System
            | Command::Report
            | Command::Nomenclature
            | Command::Info
            | Command::Auth
            | Command::QrGenerate
            | Command::QrGetStatus => None,
        }
    }

    /// The name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::MoneyPlacement => "money_placement",
            Self::CloseShift => "close_shift",
            Self::CancelTicket => "cancel_ticket",
        }
    }
}

/// Why a register may not be served; several may hold at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Stopped by the operator.
    pub blocked: Option<Stop>,
    /// Stopped by the organisation itself.
    pub disconnected: Option<Stop>,
    /// The register was taken off the books for good.
    pub deregistered: Option<Stop>,
    /// When any of this changed last: tills take a text only when it is newer than the one they hold.
    pub changed_at: UnixMillis,
    /// The service is not paid for. The shift that was open then goes on; its close moves this time to its own, and
    /// its 24th hour stops it: see [`Register::unpaid_stop`].
    #[serde(skip)]
    pub unpaid: Option<Stop>,
}

/// Since when and why a register is not served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// Since when: documents made without a link until then are still taken.
    pub at: UnixMillis,
    /// Why, in words of a person.
    pub reason: String,
}

/// The state in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatusName {
    /// It is served as usual.
    Active,
    /// Blocked by the operator.
    Blocked,
    /// Stopped, or to be stopped, for an unpaid service.
    Unpaid,
    /// Disconnected by the organisation.
    Disconnected,
    /// Off the books.
    Deregistered,
}

impl StatusName {
    /// Every status, the mildest first.
    pub const ALL: [Self; 5] =
        [Self::Active, Self::Disconnected, Self::Unpaid, Self::Blocked, Self::Deregistered];

    /// The status of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// The name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Blocked => "blocked",
            Self::Unpaid => "unpaid",
            Self::Disconnected => "disconnected",
            Self::Deregistered => "deregistered",
        }
    }
}

impl Status {
    /// The gravest that holds.
    pub fn name(&self) -> StatusName {
        match self {
            Self { deregistered: Some(_), .. } => StatusName::Deregistered,
            Self { blocked: Some(_), .. } => StatusName::Blocked,
            Self { unpaid: Some(_), .. } => StatusName::Unpaid,
            Self { disconnected: Some(_), .. } => StatusName::Disconnected,
            Self { deregistered: None, blocked: None, unpaid: None, disconnected: None, .. } => {
                StatusName::Active
            }
        }
    }
}

/// How often and when last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarningCount {
    /// How often it was seen since registration.
    pub count: u32,
    /// When it was last seen.
    pub last_seen: UnixMillis,
    /// The other document that it is about, of warnings that compare two.
    #[serde(skip)]
    pub what: Option<DocumentRef>,
}

impl Register {
    /// The receipt that may be cancelled: the last document, nothing fiscal in between, its shift open.
    pub(super) fn cancellable(&self) -> Option<DocumentRef> {
        let last = self.last_document.filter(|last| last.kind == DocumentKind::Ticket)?;
        // An unconfirmed document that came again is something fiscal in between.
        if self.memory.is_some_and(|memory| memory.document != last.place) {
            return None;
        }
        (self.open_shift().is_some() && last.place.shift == self.shift_number).then_some(last.place)
    }

    /// A register that was just given its id and token: shift 1, not opened.
    pub fn new(token: Token) -> Self {
        Self {
            shift_number: 1,
            phase: Phase::NotOpened,
            tokens: Tokens { current: token, kept: None },
            memory: None,
            status: Status::default(),
            lifetime: Lifetime::default(),
            totals: ShiftTotals::default(),
            documents: 0,
            last_document: None,
            clock: UnixMillis(0),
            chain: [0; 32],
            offline_range: None,
            offline_before: None,
            warnings: BTreeMap::new(),
            protocol_version: None,
            later_parts: BTreeMap::new(),
            unconfirmed: UnconfirmedList::default(),
            profile_version: 0,
        }
    }

    /// The head of the next shift's stream, not opened, with all that carries over from this closed one.
    pub fn next_shift(&self) -> Self {
        let greatest = self.offline_range.map(|(_, greatest)| greatest);
        Self {
            shift_number: self.shift_number.saturating_add(1),
            phase: Phase::NotOpened,
            totals: ShiftTotals::starting_from(&self.lifetime),
            documents: 0,
            offline_range: None,
            offline_before: self.offline_before.max(greatest),
            // Tags with bit 0 set are of one shift.
            later_parts: self
                .later_parts
                .iter()
                .filter(|(tag, _)| *tag & 1 == 0)
                .map(|(tag, bytes)| (*tag, bytes.clone()))
                .collect(),
            ..self.clone()
        }
    }

    /// The register as a head of the first form keeps it: all that came later is at its default.
    pub fn of_first_heads(self) -> Self {
        let (mut warnings, mut phase) = (self.warnings, self.phase);
        warnings.retain(|warning, _| warning.is_of_first_heads());
        if let Phase::Open(open) = &mut phase {
            open.first_online_at = None;
        }
        let status = Status { unpaid: None, ..self.status };
        let unconfirmed = UnconfirmedList::default();
        let (later_parts, profile_version) = (BTreeMap::new(), 0);
        Self { warnings, phase, status, later_parts, unconfirmed, profile_version, ..self }
    }

    /// The state that a change applies to: this one, or the next shift's after a close.
    pub fn writable(&self) -> Self {
        match self.phase {
            Phase::Closed(_) => self.next_shift(),
            Phase::NotOpened | Phase::Open(_) => self.clone(),
        }
    }

    /// The shift's first document, when it is open.
    pub fn open_shift(&self) -> Option<&OpenShift> {
        match &self.phase {
            Phase::Open(open) => Some(open),
            Phase::NotOpened | Phase::Closed(_) => None,
        }
    }

    /// The number of the last closed shift; 0: none.
    pub fn last_closed_number(&self) -> u32 {
        match self.phase {
            Phase::Closed(_) => self.shift_number,
            Phase::NotOpened | Phase::Open(_) => self.shift_number.saturating_sub(1),
        }
    }
}
