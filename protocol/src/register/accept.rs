//! Acceptance: what a document does to the register's state, and the answer to it.

use super::answers::service;
use super::asked::{
    Accepted, Confirmed, Context, Drawn, Facts, Incoming, SHIFT_DOCUMENTS_MAX, SHIFT_LENGTH_MAX_SECONDS,
};
use super::content::{Close, Judge, Notes, Placement, Receipt, judge_service};
use super::identity::Identity;
use super::known::Known;
use super::report::Telling;
use super::state::{ClosedShift, DocumentKind, LastDocument, Memory, OpenShift, Phase, Register, Tokens};
use super::totals::{Direction, Tally};
use super::unconfirmed::Unconfirmed;
use sha2::{Digest, Sha256};

use crate::message::answer::{Answer, Body, CRC};
use crate::message::{Command, ReportKind, Request};
use crate::refusal::Refusal;
use crate::ticket_number::DocumentRef;
use crate::types::{LocalDateTime, Tiyn, Token, UnixMillis};
use crate::version::Version;
use crate::warning::Warning;

/// One document on its way into the register's state.
pub(super) struct Acceptance<'a> {
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
    pub(super) fn new(
        context: &'a Context<'a>,
        before: &'a Register,
        incoming: &'a Incoming<'a>,
        identity: &'a Identity,
        drawn: Drawn,
    ) -> Self {
        let judge = Judge::new(incoming.version, context.policy.malformed_receipt);
        Self { context, before, incoming, identity, drawn, judge }
    }

    /// `double` is a document that this one equals, though it is not told for that one.
    pub(super) fn accept(&self, facts: &Facts<'_>, double: Option<DocumentRef>) -> Result<Accepted, Refusal> {
        let (context, version) = (self.context, self.incoming.version);
        let mut notes = Notes::new(Some(version).filter(|it| context.policy.strict_versions.contains(it)));
        let service = self.incoming.request.service.as_ref();
        judge_service(service, version, context.serial_number, &mut notes);
        let effect = match self.identity.command {
            Command::Ticket => self.ticket(notes)?,
            Command::MoneyPlacement => self.placement(notes)?,
            Command::CloseShift => self.close(notes)?,
            Command::CancelTicket => self.cancel(facts, notes)?,
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
        self.complete(effect, facts.known, double)
    }

    fn ticket(&self, mut notes: Notes) -> Result<Effect, Refusal> {
        let ticket = self.incoming.request.ticket.as_ref().ok_or(Refusal::PartMissing { part: "ticket" })?;
        let receipt = Receipt::read(ticket, self.judge, &mut notes)?;
        let buyer = ticket.extension_options.and_then(|options| options.customer_iin_or_bin);
        if buyer.is_some_and(|buyer| buyer.lossy().trim() == self.context.organisation_bin) {
            return Err(Refusal::SameTaxpayer);
        }
        let mut warnings = notes.judged()?;
        self.age(receipt.date_time)?;
        let mut next = self.opened(receipt.date_time, &mut warnings);
        let tally = Tally::new(Direction::Count, &mut warnings);
        next.totals.count_ticket(&mut next.lifetime, &receipt, tally);
        self.cash(&next, receipt.cash_flow(), &mut warnings)?;
        if receipt.offline_number != 0 {
            next.extend_offline_range(receipt.date_time);
        }
        let date_time = Some(receipt.date_time);
        Ok(Effect { next, date_time, total: Some(receipt.total), closed: None, cancels: None, warnings })
    }

    fn placement(&self, mut notes: Notes) -> Result<Effect, Refusal> {
        let part = "money_placement";
        let request = self.incoming.request.money_placement.as_ref().ok_or(Refusal::PartMissing { part })?;
        let placement = Placement::read(request, self.judge, &mut notes)?;
        let mut warnings = notes.judged()?;
        self.age(placement.date_time)?;
        let mut next = self.opened(placement.date_time, &mut warnings);
        next.totals.count_placement(&mut next.lifetime, &placement, &mut warnings);
        self.cash(&next, placement.cash_flow(), &mut warnings)?;
        let date_time = Some(placement.date_time);
        Ok(Effect { next, date_time, total: Some(placement.sum), closed: None, cancels: None, warnings })
    }

    fn close(&self, mut notes: Notes) -> Result<Effect, Refusal> {
        let part = "close_shift";
        let request = self.incoming.request.close_shift.as_ref().ok_or(Refusal::PartMissing { part })?;
        let close = Close::read(request, self.judge, &mut notes)?;
        let mut warnings = notes.judged()?;
        let mut next = self.opened(close.close_time, &mut warnings);
        if let Some(all) = close.withdrawal(&next.lifetime) {
            next.totals.count_placement(&mut next.lifetime, &all, &mut warnings);
        }
        if self.telling().is_ahead(close.close_time, self.accepted_at()) {
            warnings.push(Warning::ClockWrong);
        }
        let date_time = Some(close.close_time);
        Ok(Effect { next, date_time, total: None, closed: Some(close), cancels: None, warnings })
    }

    fn cancel(&self, facts: &Facts<'_>, notes: Notes) -> Result<Effect, Refusal> {
        let place = self.before.cancellable().ok_or(Refusal::CannotCancel)?;
        let frame =
            facts.cancelled.and_then(|raw| crate::frame::whole(raw).ok()).ok_or(Refusal::CannotCancel)?;
        let request = Request::read(frame.payload).map_err(|_| Refusal::CannotCancel)?;
        let version = Version::from_code(frame.header.version).ok_or(Refusal::CannotCancel)?;
        let receipt = request
            .ticket
            .as_ref()
            .and_then(|ticket| Receipt::read_accepted(ticket, version))
            .ok_or(Refusal::CannotCancel)?;
        let mut warnings = notes.judged()?;
        let mut next = self.before.clone();
        let tally = Tally::new(Direction::TakeBack, &mut warnings);
        next.totals.count_ticket(&mut next.lifetime, &receipt, tally);
        Ok(Effect { next, date_time: None, total: None, closed: None, cancels: Some(place), warnings })
    }

    fn telling(&self) -> Telling {
        let zone_offset_seconds = self.context.policy.zone_offset_seconds;
        Telling { now: self.drawn.now, zone_offset_seconds }
    }

    fn accepted_at(&self) -> UnixMillis {
        self.drawn.now.max(self.before.clock)
    }

    /// Refuses a document of a shift that is open for too long or full, unless it was made without a link.
    fn age(&self, date_time: LocalDateTime) -> Result<(), Refusal> {
        let Some(open) = self.before.open_shift().filter(|_| !self.identity.is_offline) else {
            return Ok(());
        };
        // What was made without a link before tells nothing of how long the device has been selling in this shift.
        let first = self.before.first_online_at().unwrap_or(date_time);
        let by_device = date_time.wall_seconds().saturating_sub(first.wall_seconds());
        let by_server = self.accepted_at().since(open.accepted_at).checked_div(1000).unwrap_or(0);
        if by_device > SHIFT_LENGTH_MAX_SECONDS || by_server >= SHIFT_LENGTH_MAX_SECONDS.unsigned_abs() {
            let opened_at = self.telling().told_at(open.opened_at, open.accepted_at);
            return Err(Refusal::ShiftTooLong { opened_at });
        }
        let documents = self.before.documents;
        if documents >= SHIFT_DOCUMENTS_MAX { Err(Refusal::ShiftFull { documents }) } else { Ok(()) }
    }

    /// The state with an open shift: the one that is open, or one that this document opens.
    fn opened(&self, date_time: LocalDateTime, warnings: &mut Vec<Warning>) -> Register {
        let mut next = self.before.writable();
        let first_online_at =
            next.first_online_at().or(Some(date_time).filter(|_| !self.identity.is_offline));
        if let Phase::Open(open) = &mut next.phase {
            open.first_online_at = first_online_at;
            return next;
        }
        let accepted_at = self.accepted_at();
        if self.telling().is_ahead(date_time, accepted_at) {
            warnings.push(Warning::ClockWrong);
        }
        next.phase =
            Phase::Open(OpenShift { opened_at: date_time, accepted_at, printed_number: 0, first_online_at });
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
    fn complete(
        &self,
        effect: Effect,
        known: Option<&Known>,
        double: Option<DocumentRef>,
    ) -> Result<Accepted, Refusal> {
        let Effect { mut next, date_time, total, closed, cancels, mut warnings } = effect;
        let (identity, accepted_at) = (self.identity, self.accepted_at());
        let kind = DocumentKind::of(identity.command)
            .ok_or(Refusal::CommandUnsupported { command: identity.command })?;
        let number = next.documents.saturating_add(1);
        let place = DocumentRef { shift: next.shift_number, number };
        let ticket_number =
            self.context.ticket_number_key.ticket_number(self.context.register, place).ok_or_else(|| {
                Refusal::SumTooLarge { field: "shift_number".into(), sum: place.shift.to_string() }
            })?;
        next.note_numbers(identity, &mut warnings);
        if let Some(close) = closed {
            let open = next.open_shift().copied();
            let opened_at = open
                .map_or(close.close_time, |open| self.telling().told_at(open.opened_at, open.accepted_at));
            next.end_unpaid_shift(open.as_ref(), accepted_at);
            next.phase =
                Phase::Closed(ClosedShift { opened_at, closed_at: close.close_time, label: close.label });
        }
        let came_with = self.incoming.header.token;
        let unconfirmed = next.note_untaken(came_with, accepted_at, known, cancels);
        next.count_after_last();
        let token = rotate(self.context, self.before.tokens.current, came_with, self.drawn);
        next.tokens = Tokens { current: token, kept: Some(came_with) };
        next.memory = Some(memory_of(self.incoming, identity, place));
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
        if let Some(other) = double {
            next.count_warning(Warning::PossibleDouble, accepted_at, Some(other));
        }
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
            unconfirmed,
            answer,
            token,
            register: next,
        })
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
                .z_report(self.telling())
                .map_or(Body::Empty, |report| Body::Report { kind: ReportKind::Z, report: Box::new(report) }),
            DocumentKind::MoneyPlacement | DocumentKind::CancelTicket => Body::Empty,
        };
        answer.service = service(context, next, self.incoming.request, command);
        answer
    }
}

/// An unconfirmed document came again: nothing is counted, the token moves on, and from now on the register remembers
/// this document as its last command.
pub(super) fn confirm(
    context: &Context<'_>,
    before: &Register,
    incoming: &Incoming<'_>,
    (identity, facts): (&Identity, &Facts<'_>),
    drawn: Drawn,
    (again, is_far): (Unconfirmed, bool),
) -> Confirmed {
    let (came_with, document, number) = (incoming.header.token, again.document, again.number);
    let mut next = before.writable();
    next.clock = next.clock.max(drawn.now);
    let at = next.clock;
    let unconfirmed = next.note_untaken(came_with, at, facts.known, None);
    let left = next.confirm(again);
    let token = rotate(context, before.tokens.current, came_with, drawn);
    next.tokens = Tokens { current: token, kept: Some(came_with) };
    let memory = memory_of(incoming, identity, document);
    let number = if memory.offline_number == 0 { number } else { memory.offline_number };
    next.memory = Some(Memory { offline_number: number, ..memory });
    if is_far {
        next.count_warning(Warning::PossibleLoss, at, Some(document));
    }
    Confirmed { register: next, document, left, unconfirmed, token }
}

fn memory_of(incoming: &Incoming<'_>, identity: &Identity, document: DocumentRef) -> Memory {
    Memory {
        request: incoming.header.request,
        command: identity.command,
        fingerprint: identity.fingerprint,
        date_time: identity.date_time,
        offline_number: identity.offline_number,
        printed_number: identity.printed_number,
        document,
    }
}

/// The token that an answer hands out: the drawn one, unless tokens do not rotate.
fn rotate(context: &Context<'_>, current: Token, came_with: Token, drawn: Drawn) -> Token {
    if !context.policy.rotate_tokens {
        return current;
    }
    // By chance the drawn token may be one of the two that were good. A step on leaves one and may meet the other,
    // hence the second look at the first.
    drawn.token.other_than(current).other_than(came_with).other_than(current)
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

    /// The date_time of the open shift's first document without an offline mark.
    ///
    /// Heads of older programs do not hold it. Then the counters may tell: when nothing in the shift was made without a
    /// link, it is that of the first document. Else it is not known, and the shift's age goes by our clock alone.
    pub fn first_online_at(&self) -> Option<LocalDateTime> {
        let open = self.open_shift()?;
        let has_offline = self.offline_range.is_some()
            || self.totals.placements.iter().any(|counter| counter.offline_count != 0);
        open.first_online_at.or(Some(open.opened_at).filter(|_| !has_offline))
    }

    /// Compares the register's own numbers with ours; they are labels, never a reason to refuse.
    pub(super) fn note_numbers(&mut self, identity: &Identity, warnings: &mut Vec<Warning>) {
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
            self.count_warning(*warning, at, None);
        }
    }

    /// Counts a warning; `what` is the other document that it is about.
    pub(super) fn count_warning(&mut self, warning: Warning, at: UnixMillis, what: Option<DocumentRef>) {
        let entry = self.warnings.entry(warning).or_default();
        entry.count = entry.count.saturating_add(1);
        entry.last_seen = at;
        entry.what = what.or(entry.what);
    }
}
