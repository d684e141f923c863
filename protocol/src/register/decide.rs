//! The decision over one request, in the order of checks that WIRE 13.14 sets.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::content::{Close, Judge, Placement, Receipt, judge_service};
use super::report::empty_report;
use super::retry::{self, Identity, OfflineKey, Verdict};
use super::state::{
    ClosedShift, DocumentKind, LastDocument, Memory, OpenShift, Phase, Register, Tokens, WarningCount,
};
use super::totals::{Direction, Overflow};
use crate::frame::Header;
use crate::message::answer::{Answer, Body, CRC, InfoAd, LastDocumentInfo, service_part};
use crate::message::{Command, ReportKind, Request, ServiceRequest};
use crate::refusal::{MalformedReceipt, Refusal, Unavailable};
use crate::ticket_number::{DocumentRef, TicketNumberKey};
use crate::types::{LocalDateTime, RegisterId, Tiyn, Token, UnixMillis};
use crate::version::Version;
use crate::warning::Warning;

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
}

/// What is to be done.
#[derive(Clone, Debug)]
pub enum Decision {
    /// Nothing is stored; [`refusal_answer`] says why, under the request's token.
    Refuse(Refusal),
    /// The stored answer of this document is given again, after any [`retry::amendment`] was stored.
    Replay {
        /// The document.
        document: DocumentRef,
        /// The token of the answer.
        token: Token,
    },
    /// Nothing is stored; this is answered under the request's token.
    Answer(Answer),
    /// The document is stored, and only then answered.
    Accept(Box<Accepted>),
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
    /// The answer.
    pub answer: Answer,
    /// The token of the answer.
    pub token: Token,
}

/// What [`decide`] will want to know of the store for this request.
pub fn needs(register: &Register, request: &Request<'_>) -> Needs {
    let Some(command) = request.command.and_then(Command::from_code) else { return Needs::default() };
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
    Needs {
        offline: Identity::of(command, request).and_then(|identity| identity.offline_key()),
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
    if token != register.tokens.current && Some(token) != register.tokens.kept {
        return Err(Refusal::TokenWrong);
    }
    let command = supported_command(code, incoming.version)?;
    part_is_there(command, request)?;
    let identity = Identity::of(command, request);
    if let Some(identity) = &identity {
        if let Verdict::Replay(document) = retry::judge(register, incoming, identity, facts)? {
            let is_last = register.memory.is_some_and(|memory| memory.document == document);
            let token = if is_last { register.tokens.current } else { token };
            return Ok(Decision::Replay { document, token });
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
    acceptance.accept(facts).map(|accepted| Decision::Accept(Box::new(accepted)))
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

/// The service part of an answer: with INFO, with ads, and when the request asks for registration data.
fn service(
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
        fr_shift_number: if last.fr_shift_number == 0 { last.place.shift } else { last.fr_shift_number },
        printed_document_number: Some(last.printed_number).filter(|number| *number != 0),
    });
    Some(service_part(context.reg_info, ad, last))
}

/// The answer to a refused request. `known` is absent when the register is not known.
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
        let stops = [&register.status.deregistered, &register.status.blocked, &register.status.disconnected];
        let since = stops.into_iter().flatten().map(|stop| stop.at.0).max().unwrap_or(0);
        let version = since.checked_div(1000).unwrap_or(0);
        let ad = refusal.is_status().then(|| InfoAd { version, text: text.clone() });
        // INFO that is refused is no initialisation: its answer has no last document.
        let command = if command == Command::Info { Command::System } else { command };
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
fn cancellable(register: &Register) -> Option<DocumentRef> {
    let last = register.last_document.filter(|last| last.kind == DocumentKind::Ticket)?;
    (register.open_shift().is_some() && last.place.shift == register.shift_number).then_some(last.place)
}

/// One document on its way into the register's state.
struct Acceptance<'a> {
    context: &'a Context<'a>,
    before: &'a Register,
    incoming: &'a Incoming<'a>,
    identity: &'a Identity,
    drawn: Drawn,
    judge: Judge,
}

/// What a document did to the state, beside the counters in it.
struct Effect {
    next: Register,
    date_time: Option<LocalDateTime>,
    total: Option<Tiyn>,
    closed: Option<Close>,
    cancels: Option<DocumentRef>,
    warnings: Vec<Warning>,
}

impl<'a> Acceptance<'a> {
    fn new(
        context: &'a Context<'a>,
        before: &'a Register,
        incoming: &'a Incoming<'a>,
        identity: &'a Identity,
        drawn: Drawn,
    ) -> Self {
        let judge = Judge { version: incoming.version, malformed: context.policy.malformed_receipt };
        Self { context, before, incoming, identity, drawn, judge }
    }

    fn accept(&self, facts: &Facts<'_>) -> Result<Accepted, Refusal> {
        let mut warnings = Vec::new();
        judge_service(self.incoming.request.service.as_ref(), self.incoming.version, &mut warnings);
        let effect = match self.identity.command {
            Command::Ticket => self.ticket(warnings)?,
            Command::MoneyPlacement => self.placement(warnings)?,
            Command::CloseShift => self.close(warnings)?,
            Command::CancelTicket => self.cancel(facts, warnings)?,
            Command::System
            | Command::Report
            | Command::Nomenclature
            | Command::Info
            | Command::Auth
            | Command::QrGenerate
            | Command::QrGetStatus => {
                return Err(Refusal::CommandUnsupported { command: self.identity.command });
            }
        };
        self.complete(effect)
    }

    fn ticket(&self, mut warnings: Vec<Warning>) -> Result<Effect, Refusal> {
        let ticket = self.incoming.request.ticket.as_ref().ok_or(Refusal::PartMissing { part: "ticket" })?;
        let receipt = Receipt::read(ticket, self.judge, &mut warnings)?;
        let buyer = ticket.extension_options.and_then(|options| options.customer_iin_or_bin);
        if buyer.is_some_and(|buyer| buyer.lossy().trim() == self.context.organisation_bin) {
            return Err(Refusal::SameTaxpayer);
        }
        self.be_strict(&warnings)?;
        self.age(receipt.date_time)?;
        let mut next = self.opened(receipt.date_time);
        next.totals
            .count_ticket(&mut next.lifetime, &receipt, Direction::Count, &mut warnings)
            .map_err(|Overflow| Refusal::SumTooLarge { field: "ticket.amounts.total".into() })?;
        self.cash(&next, receipt.cash_flow(), &mut warnings)?;
        if receipt.offline_number != 0 {
            next.extend_offline_range(receipt.date_time);
        }
        let date_time = Some(receipt.date_time);
        Ok(Effect { next, date_time, total: Some(receipt.total), closed: None, cancels: None, warnings })
    }

    fn placement(&self, mut warnings: Vec<Warning>) -> Result<Effect, Refusal> {
        let part = "money_placement";
        let request = self.incoming.request.money_placement.as_ref().ok_or(Refusal::PartMissing { part })?;
        let placement = Placement::read(request, self.judge, &mut warnings)?;
        self.be_strict(&warnings)?;
        self.age(placement.date_time)?;
        let mut next = self.opened(placement.date_time);
        next.totals
            .count_placement(&mut next.lifetime, &placement)
            .map_err(|Overflow| Refusal::SumTooLarge { field: "money_placement.sum".into() })?;
        self.cash(&next, placement.cash_flow(), &mut warnings)?;
        let date_time = Some(placement.date_time);
        Ok(Effect { next, date_time, total: Some(placement.sum), closed: None, cancels: None, warnings })
    }

    fn close(&self, mut warnings: Vec<Warning>) -> Result<Effect, Refusal> {
        let part = "close_shift";
        let request = self.incoming.request.close_shift.as_ref().ok_or(Refusal::PartMissing { part })?;
        let close = Close::read(request, self.judge, &mut warnings)?;
        self.be_strict(&warnings)?;
        let mut next = self.opened(close.close_time);
        if let Some(all) = close.withdrawal(&next.lifetime) {
            next.totals
                .count_placement(&mut next.lifetime, &all)
                .map_err(|Overflow| Refusal::SumTooLarge { field: "close_shift.withdraw_money".into() })?;
        }
        let date_time = Some(close.close_time);
        Ok(Effect { next, date_time, total: None, closed: Some(close), cancels: None, warnings })
    }

    fn cancel(&self, facts: &Facts<'_>, mut warnings: Vec<Warning>) -> Result<Effect, Refusal> {
        let place = cancellable(self.before).ok_or(Refusal::CannotCancel)?;
        let frame =
            facts.cancelled.and_then(|raw| crate::frame::whole(raw).ok()).ok_or(Refusal::CannotCancel)?;
        let request = Request::read(frame.payload).map_err(|_| Refusal::CannotCancel)?;
        let version = Version::from_code(frame.header.version).ok_or(Refusal::CannotCancel)?;
        let receipt = request
            .ticket
            .as_ref()
            .and_then(|ticket| Receipt::read_accepted(ticket, version))
            .ok_or(Refusal::CannotCancel)?;
        self.be_strict(&warnings)?;
        let mut next = self.before.clone();
        next.totals
            .count_ticket(&mut next.lifetime, &receipt, Direction::TakeBack, &mut warnings)
            .map_err(|Overflow| Refusal::CannotCancel)?;
        Ok(Effect { next, date_time: None, total: None, closed: None, cancels: Some(place), warnings })
    }

    fn be_strict(&self, warnings: &[Warning]) -> Result<(), Refusal> {
        let version = self.incoming.version;
        if !self.context.policy.strict_versions.contains(&version) {
            return Ok(());
        }
        match warnings.iter().find(|warning| warning.is_refused_when_strict()) {
            Some(warning) => Err(Refusal::Strict { version: version.code(), warning: *warning }),
            None => Ok(()),
        }
    }

    fn accepted_at(&self) -> UnixMillis {
        self.drawn.now.max(self.before.clock)
    }

    /// Refuses a document of a shift that is open for too long or full, unless it was made without a link.
    fn age(&self, date_time: LocalDateTime) -> Result<(), Refusal> {
        let Some(open) = self.before.open_shift().filter(|_| !self.identity.is_offline) else {
            return Ok(());
        };
        let by_device = date_time.wall_seconds().saturating_sub(open.opened_at.wall_seconds());
        let by_server = self.accepted_at().since(open.accepted_at).checked_div(1000).unwrap_or(0);
        if by_device > SHIFT_LENGTH_MAX_SECONDS || by_server >= SHIFT_LENGTH_MAX_SECONDS.unsigned_abs() {
            return Err(Refusal::ShiftTooLong { opened_at: open.opened_at });
        }
        let documents = self.before.documents;
        if documents >= SHIFT_DOCUMENTS_MAX { Err(Refusal::ShiftFull { documents }) } else { Ok(()) }
    }

    /// The state with an open shift: the one that is open, or one that this document opens.
    fn opened(&self, date_time: LocalDateTime) -> Register {
        let mut next = self.before.writable();
        if next.open_shift().is_none() {
            let accepted_at = self.accepted_at();
            next.phase = Phase::Open(OpenShift { opened_at: date_time, accepted_at, printed_number: 0 });
        }
        next
    }

    fn cash(&self, next: &Register, flow: i64, warnings: &mut Vec<Warning>) -> Result<(), Refusal> {
        if flow >= 0 || next.lifetime.cash >= 0 {
            return Ok(());
        }
        if self.identity.is_offline {
            warnings.push(Warning::CashBelowZero);
            return Ok(());
        }
        let wanted = Tiyn::from_counter(flow.saturating_neg());
        Err(Refusal::CashShort { cash: self.before.lifetime.cash, wanted })
    }

    /// Numbers the document and moves tokens, memory, chain and warnings.
    fn complete(&self, effect: Effect) -> Result<Accepted, Refusal> {
        let Effect { mut next, date_time, total, closed, cancels, mut warnings } = effect;
        let (identity, accepted_at) = (self.identity, self.accepted_at());
        let kind = DocumentKind::of(identity.command)
            .ok_or(Refusal::CommandUnsupported { command: identity.command })?;
        let number = next.documents.saturating_add(1);
        let place = DocumentRef { shift: next.shift_number, number };
        let ticket_number = self
            .context
            .ticket_number_key
            .ticket_number(self.context.register, place)
            .ok_or_else(|| Refusal::SumTooLarge { field: "shift_number".into() })?;
        next.note_numbers(identity, &mut warnings);
        if let Some(close) = closed {
            let opened_at = next.open_shift().map_or(close.close_time, |open| open.opened_at);
            next.phase =
                Phase::Closed(ClosedShift { opened_at, closed_at: close.close_time, label: close.label });
        }
        let token = self.rotate();
        next.tokens = Tokens { current: token, kept: Some(self.incoming.header.token) };
        next.memory = Some(Memory {
            request: self.incoming.header.request,
            command: identity.command,
            fingerprint: identity.fingerprint,
            date_time: identity.date_time,
            offline_number: identity.offline_number,
            printed_number: identity.printed_number,
            document: place,
        });
        next.last_document = Some(LastDocument {
            place,
            kind,
            accepted_at,
            fr_shift_number: identity.fr_shift_number,
            printed_number: identity.printed_number,
        });
        next.documents = number;
        next.clock = accepted_at;
        next.chain = chain(&next.chain, self.incoming.raw);
        next.protocol_version = Some(self.incoming.version.code());
        next.count_warnings(&mut warnings, accepted_at);
        let answer = self.answer(&next, kind, ticket_number, date_time, total);
        Ok(Accepted {
            begins_stream: matches!(self.before.phase, Phase::Closed(_)),
            place,
            kind,
            accepted_at,
            date_time,
            ticket_number: (kind == DocumentKind::Ticket).then_some(ticket_number),
            offline: identity.offline_key(),
            total,
            crc: CRC.checksum(self.incoming.raw),
            chain: next.chain,
            cancels,
            answer,
            token,
            register: next,
        })
    }

    fn rotate(&self) -> Token {
        let current = self.before.tokens.current;
        if !self.context.policy.rotate_tokens {
            return current;
        }
        self.drawn.token.other_than(self.incoming.header.token)
    }

    fn answer(
        &self,
        next: &Register,
        kind: DocumentKind,
        ticket_number: u64,
        date_time: Option<LocalDateTime>,
        total: Option<Tiyn>,
    ) -> Answer {
        let (context, command) = (self.context, self.identity.command);
        let mut answer = Answer::ok(command.code());
        answer.body = match kind {
            DocumentKind::Ticket => {
                let date_time = date_time.unwrap_or(LocalDateTime::YEAR_2000).compact();
                let total = total.unwrap_or_default();
                let (site, fns_kkm_id) = (&context.policy.receipt_site, context.fns_kkm_id);
                let qr_text = format!("{site}?i={ticket_number}&f={fns_kkm_id}&s={total}&t={date_time}");
                Body::Ticket { ticket_number, qr_text }
            }
            DocumentKind::CloseShift => next
                .z_report()
                .map_or(Body::Empty, |report| Body::Report { kind: ReportKind::Z, report: Box::new(report) }),
            DocumentKind::MoneyPlacement | DocumentKind::CancelTicket => Body::Empty,
        };
        answer.service = service(context, next, self.incoming.request, command, None);
        answer
    }
}

/// The chain value after a document: SHA-256 over the value before it and the frame.
pub fn chain(before: &[u8; 32], raw: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update(raw);
    hash.finalize().into()
}

impl Register {
    /// Widens the span of date_times in which this shift holds receipts with an offline number.
    pub fn extend_offline_range(&mut self, date_time: LocalDateTime) {
        self.offline_range = Some(match self.offline_range {
            Some((least, greatest)) => (least.min(date_time), greatest.max(date_time)),
            None => (date_time, date_time),
        });
    }

    /// Compares the register's own numbers with ours; they are labels, never a reason to refuse.
    fn note_numbers(&mut self, identity: &Identity, warnings: &mut Vec<Warning>) {
        if identity.fr_shift_number != 0 && identity.fr_shift_number != self.shift_number {
            warnings.push(Warning::ShiftNumberDiffers);
        }
        let Phase::Open(open) = &mut self.phase else { return };
        if identity.printed_number == 0 {
            return;
        }
        if identity.printed_number <= open.printed_number {
            warnings.push(Warning::PrintedNumberNotGrowing);
        }
        open.printed_number = identity.printed_number;
    }

    /// Counts each warning once per document.
    fn count_warnings(&mut self, warnings: &mut Vec<Warning>, at: UnixMillis) {
        warnings.sort_unstable();
        warnings.dedup();
        for warning in warnings {
            let entry = self.warnings.entry(*warning).or_insert(WarningCount::default());
            entry.count = entry.count.saturating_add(1);
            entry.last_seen = at;
        }
    }
}
