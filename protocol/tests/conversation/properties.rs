//! What holds of every conversation, whatever it is about.

use std::collections::BTreeMap;

use ofd_protocol::register::{DocumentKind, Lifetime, Recount, Register, ShiftTotals, UnconfirmedList};
use proptest::prelude::*;

use crate::harness::{
    Draft, Outcome, REGISTER, Server, Zx, auth, cancel, close, deposit, framed, info, nomenclature,
    qr_generate, recomputed, sale, system, x, z,
};
use crate::random::{a_receipt, after, check, steps};

/// Whether all of it is zero.
fn is_zero<T: Default + PartialEq>(sums: &[T; 4]) -> bool {
    sums.iter().all(|sum| *sum == T::default())
}

/// A report without the sections and rates that are all zero: whether a cancellation leaves them is another test's.
fn without_zeros(mut report: Zx) -> Zx {
    report.sections.retain(|_, sums| !is_zero(sums));
    report.taxes.retain(|_, sums| !is_zero(sums));
    report
}

fn nonzero(register: &Register) -> (ShiftTotals, Lifetime) {
    let mut totals = register.totals.clone();
    totals.sections.retain(|_, sums| !is_zero(sums));
    totals.taxes.retain(|_, sums| !is_zero(sums));
    (totals, register.lifetime.clone())
}

#[test]
fn every_z_equals_what_the_stored_bytes_add_up_to() {
    check(150, steps(40), |steps| {
        let mut server = Server::new();
        let mut reports = BTreeMap::new();
        let take = |server: &mut Server, number: u32, step: Option<&crate::random::Step>| {
            let sent = match step {
                Some(step) => step.take(server, number).map(|(_, reply)| reply),
                None => Some(server.send(close().at("11:00"))),
            };
            sent.filter(|reply| matches!(reply.outcome, Outcome::Accepted(_)))
        };
        for (number, step) in (1..).zip(steps.iter().map(Some).chain([None])) {
            if let Some(report) = take(&mut server, number, step).and_then(|reply| reply.answer.report) {
                reports.insert(u32::try_from(report.shift).unwrap(), report);
            }
        }
        assert_eq!(
            reports.keys().copied().collect::<Vec<_>>(),
            server.closed.keys().copied().collect::<Vec<_>>()
        );
        for (shift, report) in reports {
            let expected = recomputed(&server, shift, &report);
            assert_eq!(without_zeros(report), without_zeros(expected), "shift {shift}");
        }
    });
}

#[test]
fn the_recount_of_stored_documents_equals_the_counters_that_were_kept() {
    check(100, steps(40), |steps| {
        let mut server = after(&steps);
        server.send(close().at("11:00"));
        let mut recount = Recount::begin_shift(Lifetime::default());
        for (place, stored) in &server.documents {
            recount.add(&stored.raw).unwrap();
            if stored.kind == DocumentKind::CloseShift {
                let kept = &server.closed[&place.shift];
                assert_eq!((&recount.totals, &recount.lifetime), (&kept.totals, &kept.lifetime));
                recount = Recount::begin_shift(recount.lifetime);
            }
        }
    });
}

#[test]
fn cash_is_below_zero_only_after_documents_with_an_offline_mark() {
    check(100, steps(40), |steps| {
        let mut server = Server::new();
        for (number, step) in (1..).zip(&steps) {
            let before = server.cash();
            let Some((draft, reply)) = step.take(&mut server, number) else { continue };
            let is_cancel = draft.part.is_empty();
            let is_below = server.cash() < before && server.cash() < 0;
            if matches!(reply.outcome, Outcome::Accepted(_)) && is_below && !is_cancel {
                let raw = &server.documents.values().next_back().unwrap().raw;
                let seen = crate::harness::Seen::read(&raw[18..]);
                let mark = seen.message(2).map(|ticket| ticket.int(10));
                let mark = mark.or_else(|| seen.message(7).map(|placement| placement.int(4)));
                assert!(mark.flatten().unwrap_or(0) > 0, "{draft:?}");
            }
        }
    });
}

#[test]
fn a_cancellation_returns_all_counters_exactly() {
    check(150, (steps(20), a_receipt()), |(steps, receipt)| {
        let mut server = after(&steps);
        server.send(deposit("1000000.00")); // the shift is open, the drawer full
        let before = nonzero(&server.register);
        let reply = server.send(receipt.draft(60_000));
        if matches!(reply.outcome, Outcome::Accepted(_)) {
            assert!(matches!(server.send(cancel()).outcome, Outcome::Accepted(_)));
            assert_eq!(nonzero(&server.register), before);
        }
    });
}

#[test]
fn a_replay_never_changes_the_state_and_gives_the_same_payload() {
    check(100, steps(25), |steps| {
        let mut server = Server::new();
        for (number, step) in (1..).zip(&steps) {
            let Some((draft, reply)) = step.take(&mut server, number) else { continue };
            let (state, documents) = (server.register.clone(), server.documents.len());
            let again = server.send(draft);
            if let Outcome::Accepted(place) = reply.outcome {
                assert_eq!(again.outcome, Outcome::Replayed(place));
                assert_eq!((again.payload, again.token), (reply.payload, reply.token));
                assert_eq!((&server.register, server.documents.len()), (&state, documents));
            }
        }
    });
}

#[test]
fn the_head_is_the_same_after_it_was_written_and_read() {
    check(100, steps(25), |steps| {
        let server = after(&steps);
        for register in server.closed.values().chain([&server.register]) {
            let bytes = postcard::to_allocvec(register).unwrap();
            // What later programs added to a head lies beside it.
            let first = Register { unconfirmed: UnconfirmedList::default(), ..register.clone() };
            assert_eq!(postcard::from_bytes::<Register>(&bytes).unwrap(), first);
        }
    });
}

#[test]
fn shifts_and_documents_are_numbered_without_gaps() {
    check(60, steps(40), |steps| {
        let server = after(&steps);
        let mut expected = (1, 1);
        for (place, stored) in &server.documents {
            assert_eq!((place.shift, place.number), expected);
            let is_close = stored.kind == DocumentKind::CloseShift;
            expected = if is_close { (place.shift + 1, 1) } else { (place.shift, place.number + 1) };
        }
    });
}

/// How a payload is spoilt.
#[derive(Clone, Debug)]
enum Damage {
    /// Bytes at these places are replaced.
    Bytes(Vec<(prop::sample::Index, u8)>),
    /// It ends here.
    Cut(prop::sample::Index),
    /// It is something else altogether.
    Other(Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    let byte = (any::<prop::sample::Index>(), any::<u8>());
    prop_oneof![
        6 => prop::collection::vec(byte, 1..6).prop_map(Damage::Bytes),
        1 => any::<prop::sample::Index>().prop_map(Damage::Cut),
        1 => prop::collection::vec(any::<u8>(), 0..200).prop_map(Damage::Other),
    ]
}

fn any_request() -> Vec<Draft> {
    let taxed = sale("500.00").tax(16_000, "68.97").receipt_discount("1.00").printed(7).text("ЧЕК");
    vec![
        taxed.offline(9),
        crate::harness::sale_return("1.00"),
        deposit("5.00"),
        close().take_all(),
        x(),
        z(),
        info(),
        system().reg_info(),
        cancel(),
        nomenclature(),
        auth(),
        qr_generate(),
    ]
}

#[test]
fn decide_never_panics_and_every_answer_can_be_read() {
    let request = (0..any_request().len(), damage());
    let sent =
        (request, any::<bool>(), 0..4_u16, prop::sample::select(vec![124, 125, 200, 201, 202, 203, 204]));
    check(250, (steps(8), prop::collection::vec(sent, 1..24)), |(steps, requests)| {
        let mut server = after(&steps);
        for ((nth, damage), is_current, request, version) in requests {
            let mut payload = any_request()[nth].payload("10:00");
            match damage {
                Damage::Bytes(bytes) => bytes.into_iter().for_each(|(index, byte)| {
                    let at = index.index(payload.len());
                    payload[at] = byte;
                }),
                Damage::Cut(index) => payload.truncate(index.index(payload.len())),
                Damage::Other(bytes) => payload = bytes,
            }
            let tokens = server.register.tokens;
            let token = if is_current { tokens.current } else { tokens.kept.unwrap_or(tokens.current) };
            server.receive(&framed(version, REGISTER, token.0, request, &payload), false);
        }
    });
}
