//! The decision over one request, in the order of checks that WIRE 13.14 sets.

use super::accept::{Acceptance, confirm};
use super::answers::service;
use super::asked::{Context, Decision, Drawn, Facts, Incoming, Needs};
use super::identity::Identity;
use super::report::{Telling, empty_report};
use super::retry::{self, Verdict};
use super::state::{Phase, Register};
use crate::frame::Header;
use crate::message::answer::{Answer, Body};
use crate::message::{Command, ReportKind, Request, ServiceRequest};
use crate::refusal::Refusal;
use crate::types::{LocalDateTime, UnixMillis};
use crate::version::Version;

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
        cancelled: if command == Command::CancelTicket { register.cancellable() } else { None },
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
    status(context, register, identity.as_ref(), drawn.now)?;
    let telling = Telling { now: drawn.now, zone_offset_seconds: context.policy.zone_offset_seconds };
    let Some(identity) = identity else {
        return answer(context, register, incoming, command, facts, telling).map(Decision::Answer);
    };
    if let Some(report) = closed_shift_again(register, &identity, facts, telling) {
        let mut answer = Answer::ok(command.code());
        answer.body = Body::Report { kind: ReportKind::Z, report: Box::new(report) };
        answer.service = service(context, register, incoming.request, command);
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
fn status(
    context: &Context<'_>,
    register: &Register,
    identity: Option<&Identity>,
    now: UnixMillis,
) -> Result<(), Refusal> {
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
    let unpaid_stop = register.unpaid_stop(now.max(register.clock)).filter(|_| !context.is_paid_since);
    if unpaid_stop.is_some_and(|since| !happened_before(since)) {
        let reason = status.unpaid.as_ref().map(|stop| stop.reason.clone());
        return Err(Refusal::Unpaid { reason: reason.unwrap_or_default() });
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
    telling: Telling,
) -> Option<crate::message::answer::ZxReport> {
    if identity.command != Command::CloseShift || register.open_shift().is_some() {
        return None;
    }
    let last = last_closed(register, facts)?;
    let Phase::Closed(closed) = &last.phase else { return None };
    let label = if closed.label == 0 { last.shift_number } else { closed.label };
    let names_it = identity.fr_shift_number != 0 && identity.fr_shift_number == label;
    names_it.then(|| last.z_report(telling)).flatten()
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
    telling: Telling,
) -> Result<Answer, Refusal> {
    let request = incoming.request;
    let date_of_request =
        request.service.as_ref().map_or(LocalDateTime::YEAR_2000, ServiceRequest::date_of_request);
    let last_z = |date| {
        let last = last_closed(register, facts).and_then(|last| last.z_report(telling));
        last.unwrap_or_else(|| empty_report(telling.told(date)))
    };
    let body = match command {
        Command::Report => {
            let report = request.report.unwrap_or_default();
            let code = report.report.unwrap_or(ReportKind::Z.code());
            let kind = ReportKind::from_code(code)
                .ok_or_else(|| Refusal::Wrong { field: "report.report".into(), value: code.to_string() })?;
            let date = report.date_time.and_then(|came| came.moment()).unwrap_or(date_of_request);
            let report = match kind {
                ReportKind::X => register.x_report(date, telling),
                ReportKind::Z => last_z(date),
            };
            Body::Report { kind, report: Box::new(report) }
        }
        Command::Info => {
            let (kind, report) = match register.open_shift() {
                Some(_) => (ReportKind::X, register.x_report(date_of_request, telling)),
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
    answer.service = service(context, register, request, command);
    Ok(answer)
}

/// The catalogue has no data.
const NO_VERSION: u32 = 2;
/// The catalogue has no such barcode.
const NOT_FOUND_BY_BARCODE: u32 = 3;
/// There is no such cashier.
const AUTH_INVALID: u32 = 1;
