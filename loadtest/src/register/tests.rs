use bytes::BytesMut;
use ofd_protocol::frame::{self, Frame};
use ofd_protocol::types::{LocalDateTime, RequestNumber, Token};
use ofd_protocol::wire::Writer;

use super::document::Document;
use super::kinds::{Operation, PaymentKind, Placement, ReportKind};
use super::receipt::{Line, LineKind, Receipt};
use super::report::{Checksum, ZxReport, encode};
use super::scan::Scan;
use super::state::Known;
use super::totals::{Closing, OfflineMark, Totals};
use super::verify::{About, verify};
use super::{Outcome, Register, Renumber};
use crate::fleet::Fleet;

const NUMBER: &str = "123456789012";

fn register(version: u16) -> Register {
    let mut register = Register::new(Fleet::of_size(1, 1).registers().next().unwrap(), version, 1);
    register.state.known = Known::Exact;
    register.state.profile.asks_reg_info = false;
    register.state.profile.whole_percents = false;
    register
}

fn noon() -> LocalDateTime {
    LocalDateTime::new(2026, 1, 22, 12, 0, 5).unwrap()
}

fn sale() -> Document {
    Document::Receipt(Receipt::new(Operation::Sell).item("Нан", "1", 1_000, 180_00).pay_rest_in_cash(200_00))
}

/// What the server answers: its part, a code, and the token to go on with; the header echoes the request's.
fn answer(request: &[u8], code: u32, token: u32, part: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let Frame { mut header, payload } = frame::whole(request).unwrap();
    let command = Scan::new("request", payload).unwrap().need_u32(1, "command").unwrap();
    header.token = Token(token);
    let mut body = BytesMut::new();
    let mut w = Writer::new(&mut body);
    w.uint(1, command);
    w.message(2, |w| {
        w.uint(1, code);
        if code != 0 {
            w.text(2, if code > 250 { "timeout, come again" } else { "қате" });
        }
    });
    part(&mut w);
    let mut out = BytesMut::new();
    frame::put_header(&mut out, &header, body.len()).unwrap();
    out.extend_from_slice(&body);
    out.to_vec()
}

fn ticket(w: &mut Writer<'_>, fns: &str, total: &str) {
    let qr = format!("https://ofd.example/c?i={NUMBER}&f={fns}&s={total}&t=20260122T120005");
    w.message(3, |w| {
        w.text(1, NUMBER);
        w.bytes(2, qr.as_bytes());
    });
}

fn accepted(register: &mut Register, document: Document, token: u32) -> Outcome {
    register.begin(document, noon()).unwrap();
    let request = register.request(noon()).unwrap().to_vec();
    let fns = register.identity().fns_kkm_id.clone();
    let bytes = answer(&request, 0, token, |w| ticket(w, &fns, "180.00"));
    register.take(&bytes)
}

fn header(register: &mut Register) -> frame::Header {
    frame::whole(register.request(noon()).unwrap()).unwrap().header
}

#[test]
fn an_accepted_receipt_is_counted_and_its_token_adopted() {
    let mut register = register(203);
    assert!(matches!(accepted(&mut register, sale(), 77), Outcome::Accepted(_)));
    assert_eq!(register.take_findings(), Vec::<String>::new());
    assert_eq!(register.state().token, Token(77));
    let totals = register.totals();
    assert_eq!((totals.cash, totals.revenue, totals.shift), (180_00, 180_00, 1));
    assert_eq!(totals.opened, Some(noon()));
    assert!(register.flight().is_none());
}

#[test]
fn a_lost_answer_sends_the_same_bytes_or_the_same_receipt_as_offline() {
    let (mut plain, mut offline) = (0, 0);
    let mut register = register(203);
    for _ in 0..200 {
        register.begin(sale(), noon()).unwrap();
        let first = register.request(noon()).unwrap().to_vec();
        register.lost();
        let second = register.request(noon()).unwrap().to_vec();
        let flight = register.flight().unwrap().clone();
        assert_eq!(flight.date_time, noon());
        match flight.offline_number {
            None => {
                assert_eq!(first, second);
                plain += 1;
            }
            Some(_) => {
                assert_eq!(flight.mark, OfflineMark::AfterLoss);
                offline += 1;
            }
        }
        register.resume();
    }
    assert!(plain > 100 && offline > 20, "{plain} {offline}");
}

#[test]
fn an_offline_resend_keeps_token_and_receipt_and_may_change_the_number() {
    let mut register = register(203);
    register.begin(sale(), noon()).unwrap();
    let first = header(&mut register);
    register.resend_offline(Renumber::Keep);
    assert_eq!(header(&mut register).request, first.request);
    let number = register.flight().unwrap().offline_number;
    register.resend_offline(Renumber::Fresh);
    let second = header(&mut register);
    assert_eq!((second.token, second.request), (first.token, RequestNumber(first.request.0 + 1)));
    assert_eq!(register.flight().unwrap().offline_number, number);
    assert!(number.is_some());
}

#[test]
fn a_254_keeps_the_document_and_then_takes_it_offline() {
    let mut register = register(203);
    let token = register.state().token.0;
    register.begin(sale(), noon()).unwrap();
    for delays in 1..=2 {
        let request = register.request(noon()).unwrap().to_vec();
        let bytes = answer(&request, 254, token, |_| {});
        assert!(matches!(register.take(&bytes), Outcome::Later(_)));
        assert_eq!(register.flight().unwrap().delays, delays);
    }
    assert_eq!(register.flight().unwrap().mark, OfflineMark::AfterLoss);
    assert_eq!(register.take_findings(), Vec::<String>::new());
    assert_eq!(register.totals().cash, 0);
}

#[test]
fn any_other_code_stops_the_register_until_it_is_resumed() {
    let mut register = register(203);
    let token = register.state().token.0;
    register.begin(sale(), noon()).unwrap();
    let request = register.request(noon()).unwrap().to_vec();
    let bytes = answer(&request, 9, token, |_| {});
    assert!(matches!(register.take(&bytes), Outcome::Refused(_)));
    assert!(register.begin(sale(), noon()).is_err());
    register.resume();
    assert!(register.begin(sale(), noon()).is_ok());
}

#[test]
fn an_expired_shift_must_be_closed_before_anything_else() {
    let mut register = register(203);
    let token = register.state().token.0;
    register.begin(sale(), noon()).unwrap();
    let request = register.request(noon()).unwrap().to_vec();
    let bytes = answer(&request, 11, token, |_| {});
    assert!(matches!(register.take(&bytes), Outcome::CloseFirst(_)));
    assert!(register.must_close() && register.flight().is_none());
}

#[test]
fn answers_that_a_till_cannot_read_are_found() {
    type Spoil = fn(&[u8], u32) -> Vec<u8>;
    let cases: [(&str, Spoil); 6] = [
        ("REQNUM", |request, token| {
            let mut bytes = answer(request, 0, token, |_| {});
            bytes[16] ^= 1;
            bytes
        }),
        ("VERSION", |request, token| {
            let mut bytes = answer(request, 0, token, |_| {});
            bytes[2] ^= 1;
            bytes
        }),
        ("the part", |request, token| answer(request, 0, token, |_| {})),
        ("ticket_number", |request, token| {
            answer(request, 0, token, |w| w.message(3, |w| w.text(1, "012345678901")))
        }),
        ("qr_code", |request, token| answer(request, 0, token, |w| w.message(3, |w| w.text(1, NUMBER)))),
        ("changed the token", |request, token| answer(request, 13, token ^ 1, |_| {})),
    ];
    for (expected, spoil) in cases {
        let mut register = register(203);
        let token = register.state().token.0;
        register.begin(sale(), noon()).unwrap();
        let request = register.request(noon()).unwrap().to_vec();
        register.take(&spoil(&request, token));
        let found = register.take_findings();
        assert!(found.iter().any(|finding| finding.contains(expected)), "{expected}: {found:?}");
    }
}

#[test]
fn the_offline_queue_is_drained_in_order() {
    let mut register = register(203);
    for _ in 0..3 {
        register.begin_offline(sale(), noon()).unwrap();
    }
    let mut numbers = Vec::new();
    while register.drain().unwrap() {
        numbers.push(register.flight().unwrap().number);
        register.resume();
    }
    assert_eq!(numbers, [1, 2, 3]);
    assert!(register.begin_offline(Document::Cancel, noon()).is_err());
}

#[test]
fn request_numbers_wrap_to_zero_or_one() {
    for (to_zero, expected) in [(true, 0), (false, 1)] {
        let mut register = register(203);
        register.state.request = u16::MAX;
        register.state.profile.wraps_to_zero = to_zero;
        register.begin(Document::System, noon()).unwrap();
        assert_eq!(header(&mut register).request, RequestNumber(expected));
    }
}

#[test]
fn a_cancelled_receipt_leaves_nothing_but_the_open_shift() {
    let mut register = register(203);
    accepted(&mut register, sale(), 5);
    assert!(matches!(accepted(&mut register, Document::Cancel, 6), Outcome::Accepted(_)));
    let blank = Totals { shift: 1, opened: Some(noon()), ..Totals::default() };
    let mut totals = register.totals().clone();
    totals.sections.clear();
    assert_eq!(totals, blank);
    assert!(register.state().last_sale.is_none());
}

fn busy_day() -> Totals {
    let mut totals = Totals::default();
    let receipt = Receipt::new(Operation::Sell)
        .item("Сүт", "1", 2_000, 450_01)
        .taxed(16_000)
        .line(Line::modifier(LineKind::Discount, "Жеңілдік", 10_00))
        .taxed(16_000)
        .item("Хлеб", " ", 1_000, 180_00)
        .storno_last()
        .markup(7)
        .pay(PaymentKind::Card, 100_00)
        .pay_rest_in_cash(2_000_00);
    totals.count_receipt(&receipt, noon(), OfflineMark::FromStart).unwrap();
    let back = Receipt::new(Operation::SellReturn).item("Сүт", "1", 1_000, 2_000_00);
    let back = back.tax_on_total(5_000).pay_rest(PaymentKind::Mobile);
    totals.count_receipt(&back, noon(), OfflineMark::AfterLoss).unwrap();
    totals.count_placement(Placement::Deposit, 500_00, noon(), OfflineMark::Absent).unwrap();
    totals
}

fn read(totals: &Totals, kind: ReportKind, version: u16) -> ZxReport {
    let mut bytes = BytesMut::new();
    encode(&mut bytes, totals, kind, noon(), version);
    ZxReport::read(&bytes).unwrap()
}

#[test]
fn counters_follow_section_10() {
    let totals = busy_day();
    let sold = 900_02 - 10_00 + 7;
    assert_eq!(totals.cash, sold - 100_00 + 500_00);
    assert_eq!(totals.revenue, sold - 2_000_00);
    assert_eq!((totals.operations.sell.count, totals.operations.sell.sum), (1, 900_02));
    assert_eq!(totals.sections["0"].sell, Default::default());
    assert_eq!((totals.discounts.sell.count, totals.markups.sell.sum), (1, 7));
    let tickets = &totals.tickets.sell;
    assert_eq!((tickets.discount_sum, tickets.markup_sum, tickets.offline.sure), (0, 7, 1));
    assert_eq!(tickets.change_sum, 2_000_00 - (sold - 100_00));
    assert_eq!(totals.total_result(Operation::Sell).unwrap().sum, sold);
    let tax = totals.taxes.values().next_back().unwrap();
    assert_eq!((tax.sell.turnover, tax.sell.sum), (890_02, 124_14 - 1_38));
}

#[test]
fn an_own_report_read_back_shows_no_difference() {
    for version in [125, 200, 203] {
        let mut totals = busy_day();
        let mut x = read(&totals, ReportKind::X, version);
        assert_eq!(x.checksum, Checksum::Good);
        assert_eq!(verify(&x, &totals, About::Open, version), Vec::<String>::new());
        // Either count of a receipt whose offline mark came after a loss is right, any other is not.
        x.tickets[3].offline_count = 1;
        assert_eq!(verify(&x, &totals, About::Open, version), Vec::<String>::new());
        x.tickets[3].offline_count = 2;
        assert_eq!(verify(&x, &totals, About::Open, version).len(), 1);
        let closing = Closing { date_time: noon(), withdraw: true, mark: OfflineMark::Absent };
        let closed = totals.close(closing).unwrap();
        assert_eq!((closed.cash, closed.withdrawals.shift.count), (0, 1));
        let z = read(&closed, ReportKind::Z, version);
        assert_eq!(verify(&z, &closed, About::Closed, version), Vec::<String>::new());
        assert_eq!(Totals::adopt(&z, ReportKind::Z), totals);
        let idle = read(&totals, ReportKind::X, version);
        assert_eq!(verify(&idle, &totals, About::Idle, version), Vec::<String>::new());
    }
}

#[test]
fn every_field_that_differs_is_named() {
    let totals = busy_day();
    let mut x = read(&totals, ReportKind::X, 203);
    x.cash += 1;
    x.shift = 9;
    x.operations.pop();
    x.sections.remove(1);
    x.taxes[0].operations[3].1.sum = 0;
    x.tickets[2].payments[0].sum = 0;
    x.checksum = Checksum::Bad;
    let found = verify(&x, &totals, About::Open, 203).join("\n");
    for field in [
        "shift_number is 9 at the server, 1 by own count",
        "operations holds the types [0, 1, 2]",
        "section 1 is missing",
        "tax 100 of 5000 SELL_RETURN sum is 0.00",
        "payments CASH sum is 0.00",
        "cash_sum is 1290.10 at the server, 1290.09 by own count",
        "checksum",
    ] {
        assert!(found.contains(field), "{field} not in:\n{found}");
    }
}

#[test]
fn a_report_with_a_spoiled_byte_fails_its_checksum() {
    let mut bytes = BytesMut::new();
    encode(&mut bytes, &busy_day(), ReportKind::X, noon(), 203);
    let end = bytes.len() - 1;
    bytes[end] = if bytes[end] == b'0' { b'1' } else { b'0' };
    assert_eq!(ZxReport::read(&bytes).unwrap().checksum, Checksum::Bad);
}

#[test]
fn the_fields_of_a_ticket_follow_the_version() {
    for (version, present, absent) in [
        (124_u16, vec![11, 14], vec![15, 16, 17]),
        (125, vec![11, 15], vec![16]),
        (200, vec![15], vec![11, 16]),
        (203, vec![15, 16, 17], vec![11]),
        (204, vec![16, 17], vec![11, 15]),
    ] {
        let mut register = register(203);
        accepted(&mut register, sale(), 5);
        let parent = register.state().last_sale.clone().unwrap();
        register.state.version = version;
        let back = Receipt::new(Operation::SellReturn).item("Нан", "1", 1_000, 100).of(parent);
        register.begin(Document::Receipt(back.pay_rest(PaymentKind::Cash)), noon()).unwrap();
        let request = register.request(noon()).unwrap();
        let payload = frame::whole(request).unwrap().payload;
        let ticket = Scan::new("request", payload).unwrap().need_inner(2, "ticket").unwrap();
        assert!(present.iter().all(|field| ticket.has(*field)), "{version}");
        assert!(!absent.iter().any(|field| ticket.has(*field)), "{version}");
    }
}

#[test]
fn a_state_with_counters_survives_json() {
    let mut register = register(203);
    register.state.totals = busy_day();
    register.begin(sale(), noon()).unwrap();
    let json = serde_json::to_vec(register.state()).unwrap();
    let state: super::state::State = serde_json::from_slice(&json).unwrap();
    assert_eq!(&state, register.state());
}
