//! The decision over one request, in the order of checks that WIRE 13.14 sets.

use bytes::Bytes;

use super::accept::{Acceptance, confirm};
use super::known::Known;
use super::report::empty_report;
use super::retry::{self, Identity, OfflineKey, Verdict};
use super::state::{DocumentKind, Phase, Register};
use super::unconfirmed::{Sought, Unconfirmed};
use crate::frame::Header;
use crate::message::answer::{AD_TYPE_INFO, Answer, Body, InfoAd, LastDocumentInfo, service_part};
use crate::message::{Command, ReportKind, Request, ServiceRequest};
use crate::refusal::{MalformedReceipt, Refusal, Unavailable};
use crate::ticket_number::{DocumentRef, TicketNumberKey};
use crate::types::{LocalDateTime, RegisterId, TOKEN_MAX, Tiyn, Token, UnixMillis};
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
    /// Its id.
    pub register: RegisterId,
    /// IIN or BIN of its organisation.
    pub organisation_bin: &'a str,
    /// The number the tax authority gave.
    pub fns_kkm_id: &'a str,
    /// Whether its tariff includes TLS.
    pub is_tls_allowed: bool,
    /// Its registration data, encoded for the version of the request.
    pub reg_info: &'a Bytes,
    /// The store's key of ticket numbers.
    pub ticket_number_key: &'a TicketNumberKey,
    /// What holds for all registers.
    pub policy: &'a Policy,
}

/// A request as it came.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// Its header.
    pub header: Header,
    /// The version of the header.
    pub version: Version,
    /// The whole frame, header included: the fiscal document.
    pub raw: &'a [u8],
    /// Its payload.
    pub request: &'a Request<'a>,
    /// Whether it came over TLS.
    pub is_tls: bool,
}

/// What chance and the clock contribute.
#[derive(Clone, Copy, Debug)]
pub struct Drawn {
    /// Now.
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
    /// By what the document in the retry memory is known.
    pub known: Option<&'a Known>,
    /// The unconfirmed documents that were sought.
    pub unconfirmed: &'a [Unconfirmed],
}

/// What is to be done.
#[derive(Clone, Debug)]
pub enum Decision {
    /// Nothing is stored; [`refusal_answer`] says why, under the request's token.
    Refuse(Refusal),
    /// The stored answer of this document is given again, after any [`super::amendment`] was stored, and the register
    /// as [`super::replayed`] has it.
    Replay {
        /// The document.
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
    /// The document.
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
    /// Of a receipt made without a link.
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
    /// The answer.
    pub answer: Answer,
    /// The token of the answer.
    pub token: Token,
}

/// What [`decide`] will want to know of the store for this request.
pub fn needs(register: &Register, header: Header, request: &Request<'_>) -> Needs {
    let Some(command) = request.command.and_then(Command::from_code) else { return Needs::default() };
    // For a stranger nothing is read.
    if !register.tokens.are_good(header.token) {
        return Needs::default();
    }
    let is_closed = matches!(register.phase, Phase::Closed(_));
    let has_previous = !is_closed && register.last_closed_number() > 0;
    let wants_previous = match command {
        Command::Report => true,
        Command::Info | Command::CloseShift => register.open_shift().is_none(),
        Command::System
        | Command::Ticket
        | Command::Nomenclature
        | Command::MoneyPlacement
        | Command::CancelTicket
        | Command::Auth
        | Command::QrGenerate
        | Command::QrGetStatus => false,
    };
    let identity = Identity::of(command, request);
    Needs {
        offline: identity.as_ref().and_then(Identity::offline_key),
        known: retry::needs_known(register, header, identity.as_ref()),
        unconfirmed: identity.as_ref().and_then(|identity| register.seeks(identity)),
        previous: (has_previous && wants_previous).then(|| register.last_closed_number()),
        cancelled: if command == Command::CancelTicket { cancellable(register) } else { None },
    }
}

/// Decides one request against what is on record.
pub fn decide(
    context: &Context<'_>,
    register: &Register,
    incoming: &Incoming<'_>,
    facts: &Facts<'_>,
    drawn: Drawn,
) -> Decision {
    match try_decide(context, register, incoming, facts, drawn) {
        Ok(decision) => decision,
        Err(refusal) => Decision::Refuse(refusal),
    }
}

fn try_decide(
    context: &Context<'_>,
    register: &Register,
    incoming: &Incoming<'_>,
    facts: &Facts<'_>,
    drawn: Drawn,
) -> Result<Decision, Refusal> {
    let (request, token) = (incoming.request, incoming.header.token);
    let code = request.command.ok_or(Refusal::Unreadable)?;
    if incoming.is_tls && !context.is_tls_allowed {
        return Err(Refusal::TlsExcluded);
    }
    if !register.tokens.are_good(token) {
        return Err(Refusal::TokenWrong);
    }
    let command = supported_command(code, incoming.version)?;
    part_is_there(command, request)?;
    let identity = Identity::of(command, request);
    let mut double = None;
    if let Some(identity) = &identity {
        match retry::judge(register, incoming, identity, facts, drawn.now)? {
            Verdict::New { double: other } => double = other,
            Verdict::Replay { document, is_far } => {
                let is_last = register.memory.is_some_and(|memory| memory.document == document);
                let token = if is_last { register.tokens.current } else { token };
                return Ok(Decision::Replay { document, token, is_far });
            }
            Verdict::Confirm { again, is_far } => {
                let confirmed =
                    confirm(context, register, incoming, (identity, facts), drawn, (again, is_far));
                return Ok(Decision::Confirm(Box::new(confirmed)));
            }
        }
    }
    status(context, register, identity.as_ref())?;
    let Some(identity) = identity else {
        return answer(context, register, incoming, command, facts).map(Decision::Answer);
    };
    if let Some(report) = closed_shift_again(register, &identity, facts) {
        let mut answer = Answer::ok(command.code());
        answer.body = Body::Report { kind: ReportKind::Z, report: Box::new(report) };
        answer.service = service(context, register, incoming.request, command, None);
        return Ok(Decision::Answer(answer));
    }
    let acceptance = Acceptance::new(context, register, incoming, &identity, drawn);
    acceptance.accept(facts, double).map(|accepted| Decision::Accept(Box::new(accepted)))
}

fn supported_command(code: u32, version: Version) -> Result<Command, Refusal> {
    let command = Command::from_code(code).ok_or(Refusal::CommandAbsent { code })?;
    let features = version.features();
    match command {
        Command::CancelTicket if !features.has_cancel_ticket => Err(Refusal::CommandUnsupported { command }),
        Command::QrGenerate | Command::QrGetStatus if features.has_payment_qr => {
            Err(Refusal::CommandUnsupported { command })
        }
        Command::QrGenerate | Command::QrGetStatus => Err(Refusal::CommandAbsent { code }),
        Command::System
        | Command::Ticket
        | Command::CloseShift
        | Command::Report
        | Command::Nomenclature
        | Command::Info
        | Command::MoneyPlacement
        | Command::CancelTicket
        | Command::Auth => Ok(command),
    }
}

fn part_is_there(command: Command, request: &Request<'_>) -> Result<(), Refusal> {
    let (part, is_there) = match command {
        Command::Ticket => ("ticket", request.ticket.is_some()),
        Command::CloseShift => ("close_shift", request.close_shift.is_some()),
        Command::Report => ("report", request.report.is_some()),
        Command::Nomenclature => ("nomenclature", request.nomenclature.is_some()),
        Command::MoneyPlacement => ("money_placement", request.money_placement.is_some()),
        Command::Auth => ("auth", request.auth.is_some()),
        Command::QrGenerate | Command::QrGetStatus => ("qr", request.qr.is_some()),
        Command::System | Command::Info | Command::CancelTicket => return Ok(()),
    };
    if is_there { Ok(()) } else { Err(Refusal::PartMissing { part }) }
}

/// Refuses by status all but documents that were made without a link before the register was stopped.
fn status(context: &Context<'_>, register: &Register, identity: Option<&Identity>) -> Result<(), Refusal> {
    let status = &register.status;
    let made_at = identity.filter(|identity| identity.is_offline).and_then(|identity| identity.date_time);
    let happened_before = |since: UnixMillis| {
        let since = since.wall_seconds(context.policy.zone_offset_seconds);
        made_at.is_some_and(|made_at| made_at.wall_seconds() <= since)
    };
    if let Some(stop) = status.deregistered.as_ref().filter(|stop| !happened_before(stop.at)) {
        return Err(Refusal::Deregistered { reason: stop.reason.clone() });
    }
    if let Some(stop) = status.blocked.as_ref().filter(|stop| !happened_before(stop.at)) {
        return Err(Refusal::Blocked { reason: stop.reason.clone() });
    }
    match status.disconnected.as_ref().filter(|stop| !happened_before(stop.at)) {
        Some(_) => Err(Refusal::Disconnected),
        None => Ok(()),
    }
}

/// The Z report of the last closed shift, when a closing names exactly that one (WIRE 13.5).
fn closed_shift_again(
    register: &Register,
    identity: &Identity,
    facts: &Facts<'_>,
) -> Option<crate::message::answer::ZxReport> {
    if identity.command != Command::CloseShift || register.open_shift().is_some() {
        return None;
    }
    let last = last_closed(register, facts)?;
    let Phase::Closed(closed) = &last.phase else { return None };
    let label = if closed.label == 0 { last.shift_number } else { closed.label };
    (identity.fr_shift_number != 0 && identity.fr_shift_number == label).then(|| last.z_report()).flatten()
}

fn last_closed<'a>(register: &'a Register, facts: &Facts<'a>) -> Option<&'a Register> {
    match register.phase {
        Phase::Closed(_) => Some(register),
        Phase::NotOpened | Phase::Open(_) => facts.previous,
    }
}

/// Answers a command that changes nothing.
fn answer(
    context: &Context<'_>,
    register: &Register,
    incoming: &Incoming<'_>,
    command: Command,
    facts: &Facts<'_>,
) -> Result<Answer, Refusal> {
    let request = incoming.request;
    let date_of_request =
        request.service.as_ref().map_or(LocalDateTime::YEAR_2000, ServiceRequest::date_of_request);
    let last_z = |date| {
        last_closed(register, facts).and_then(Register::z_report).unwrap_or_else(|| empty_report(date))
    };
    let body = match command {
        Command::Report => {
            let report = request.report.unwrap_or_default();
            let code = report.report.unwrap_or(ReportKind::Z.code());
            let kind = ReportKind::from_code(code)
                .ok_or_else(|| Refusal::Wrong { field: "report.report".into(), value: code.to_string() })?;
            let date = report.date_time.and_then(|came| came.moment()).unwrap_or(date_of_request);
            let report = match kind {
                ReportKind::X => register.x_report(date),
                ReportKind::Z => last_z(date),
            };
            Body::Report { kind, report: Box::new(report) }
        }
        Command::Info => {
            let (kind, report) = match register.open_shift() {
                Some(_) => (ReportKind::X, register.x_report(date_of_request)),
                None => (ReportKind::Z, last_z(date_of_request)),
            };
            Body::Report { kind, report: Box::new(report) }
        }
        Command::Nomenclature => {
            let by_barcode = request.nomenclature.is_some_and(|asked| asked.barcode.is_some());
            let is_lookup = by_barcode && incoming.version.features().has_barcode_lookup;
            Body::Nomenclature { result: if is_lookup { NOT_FOUND_BY_BARCODE } else { NO_VERSION } }
        }
        Command::Auth => Body::Auth { result: AUTH_INVALID },
        Command::System
        | Command::Ticket
        | Command::CloseShift
        | Command::MoneyPlacement
        | Command::CancelTicket
        | Command::QrGenerate
        | Command::QrGetStatus => Body::Empty,
    };
    let mut answer = Answer::ok(command.code());
    answer.body = body;
    answer.service = service(context, register, request, command, None);
    Ok(answer)
}

/// The catalogue has no data.
const NO_VERSION: u32 = 2;
/// The catalogue has no such barcode.
const NOT_FOUND_BY_BARCODE: u32 = 3;
/// There is no such cashier.
const AUTH_INVALID: u32 = 1;

/// The greatest uint64 of the protocol (WIRE section 2).
const PRINTED_MAX: u64 = u64::MAX >> 1;

/// The service part of an answer: with INFO, with ads, and when the request asks for registration data.
pub(super) fn service(
    context: &Context<'_>,
    register: &Register,
    request: &Request<'_>,
    command: Command,
    ad: Option<&InfoAd>,
) -> Option<Bytes> {
    let asks = request.service.as_ref().and_then(|service| service.get_reg_info).unwrap_or(false);
    let is_info = command == Command::Info;
    if !(asks || is_info || ad.is_some()) {
        return None;
    }
    let last = register.last_document.filter(|_| is_info).map(|last| LastDocumentInfo {
        fr_shift_number: match last.fr_shift_number {
            number @ 1..=TOKEN_MAX => number,
            // None, or more than the protocol's 31 bits, which a till could not read.
            _ => last.place.shift,
        },
        printed_document_number: Some(last.printed_number)
            .filter(|number| (1..=PRINTED_MAX).contains(number)),
    });
    Some(service_part(context.reg_info, ad, last))
}

/// The version of the INFO ad that the till holds, if it names one.
fn held_ad(request: &Request<'_>) -> Option<u64> {
    let held = request.service.as_ref()?.ticket_ad_infos;
    held.iter().filter(|ad| ad.kind == Some(AD_TYPE_INFO)).filter_map(|ad| ad.version).max()
}

/// The answer to a refused request. `known` is absent when the register is not known, or the request has not shown
/// that it knows the register's token: registration data are for the register alone.
pub fn refusal_answer(
    known: Option<(&Context<'_>, &Register)>,
    request: Option<&Request<'_>>,
    version: Version,
    refusal: &Refusal,
) -> Answer {
    // What cannot be read is answered with command 0, whatever its payload seems to say.
    let code = request.and_then(|request| request.command).filter(|_| *refusal != Refusal::Unreadable);
    let command = code.and_then(Command::from_code).unwrap_or(Command::System);
    let text = refusal.text();
    let service = known.zip(request).and_then(|((context, register), request)| {
        if refusal.is_before_identity() {
            return None;
        }
        let version = register.status.changed_at.0;
        let is_held = held_ad(request).is_some_and(|held| held >= version);
        let ad = (refusal.is_status() && !is_held).then(|| InfoAd { version, text: text.clone() });
        service(context, register, request, command, ad.as_ref())
    });
    let result = refusal.code(version);
    Answer { command: code.unwrap_or(0), result, text: Some(text), body: Body::Empty, service }
}

/// The answer when we cannot serve a request now.
pub fn unavailable_answer(command: Option<u32>, reason: Unavailable) -> Answer {
    let (command, result, text) = (command.unwrap_or(0), reason.code(), Some(reason.text()));
    Answer { command, result, text, body: Body::Empty, service: None }
}

/// The receipt that may be cancelled: the last document, nothing fiscal in between, its shift open.
pub(super) fn cancellable(register: &Register) -> Option<DocumentRef> {
    let last = register.last_document.filter(|last| last.kind == DocumentKind::Ticket)?;
    // An unconfirmed document that came again is something fiscal in between.
    if register.memory.is_some_and(|memory| memory.document != last.place) {
        return None;
    }
    (register.open_shift().is_some() && last.place.shift == register.shift_number).then_some(last.place)
}
