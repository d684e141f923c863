//! Answers that need no document, and the service part of those that do.

use bytes::Bytes;

use super::asked::Context;
use super::state::Register;
use crate::message::answer::{Answer, Body, LastDocumentInfo, TicketAd, TicketAdKind, service_part};
use crate::message::{Command, Request};
use crate::refusal::{Refusal, Unavailable};
use crate::types::TOKEN_MAX;
use crate::version::Version;

/// The greatest uint64 of the protocol (WIRE section 2).
const PRINTED_MAX: u64 = u64::MAX >> 1;

/// The service part of an answer that serves: with INFO, with ads, and when the request asks for registration data.
pub(super) fn service(
    context: &Context<'_>,
    register: &Register,
    request: &Request<'_>,
    command: Command,
) -> Option<Bytes> {
    // Who says nothing of itself names no ads either, and would get the same again with every answer.
    let may_have = command == Command::Info || request.service.is_some();
    let is_newer = |ad: &&TicketAd| held_ad(request, ad.kind).is_none_or(|held| held < ad.version);
    let ads: Vec<&TicketAd> = context.ads.iter().filter(|ad| may_have && is_newer(ad)).collect();
    part(context, register, request, command, &ads)
}

fn part(
    context: &Context<'_>,
    register: &Register,
    request: &Request<'_>,
    command: Command,
    ads: &[&TicketAd],
) -> Option<Bytes> {
    let asks = request.service.as_ref().and_then(|service| service.get_reg_info).unwrap_or(false);
    let is_info = command == Command::Info;
    if !(asks || is_info || !ads.is_empty()) {
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
    Some(service_part(context.reg_info, ads, last))
}

/// The version of the ad of a kind that the till holds, if it names one.
fn held_ad(request: &Request<'_>, kind: TicketAdKind) -> Option<u64> {
    let held = request.service.as_ref()?.ticket_ad_infos;
    held.iter().filter(|ad| ad.kind == Some(kind.code())).filter_map(|ad| ad.version).max()
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
        let kind = TicketAdKind::Info;
        let is_held = held_ad(request, kind).is_some_and(|held| held >= version);
        let ad = (refusal.is_status() && !is_held).then(|| TicketAd { kind, version, text: text.clone() });
        part(context, register, request, command, ad.as_ref().as_slice())
    });
    let result = refusal.code(version);
    Answer { command: code.unwrap_or(0), result, text: Some(text), body: Body::Empty, service }
}

/// The answer when we cannot serve a request now.
pub fn unavailable_answer(command: Option<u32>, reason: Unavailable) -> Answer {
    let (command, result, text) = (command.unwrap_or(0), reason.code(), Some(reason.text()));
    Answer { command, result, text, body: Body::Empty, service: None }
}
