//! WIRE 13.11: TLS, CANCEL_TICKET, payment QR.

use crate::harness::{
    Draft, Outcome, SELL, Server, cancel, close, info, play, qr_generate, qr_status, receipt, sale, scenario,
    system, x,
};

#[test]
fn tls_is_7_where_the_tariff_excludes_it() {
    let mut server = Server::new();
    for draft in [system(), info(), sale("1.00"), close()] {
        assert_eq!(server.send(draft.tls()).answer.result, 7);
    }
    server.is_tls_allowed = true;
    assert!(matches!(server.send(sale("1.00").tls()).outcome, Outcome::Accepted(_)));
    assert!(matches!(server.send(sale("1.00")).outcome, Outcome::Accepted(_)), "and without TLS");
}

#[test]
fn cancel_ticket_is_for_the_last_document_with_nothing_fiscal_in_between() {
    scenario(
        "
        10:00  #1  t0  cancel          -> 10     t0
        10:00  #1  t0  sale 500.00     -> ok 1/1 t1
        10:01  #2  t1  x               -> ok     t1   // not fiscal
        10:01  #2  t1  withdraw 900.00 -> 14     t1   // refused
        10:01  #2  t1  cancel          -> ok 1/2 t2
        10:02  #3  t2  cancel          -> 10     t2   // once
        10:03  #3  t2  sale 500.00     -> ok 1/3 t3
        10:04  #4  t3  deposit 1.00    -> ok 1/4 t4
        10:05  #5  t4  cancel          -> 10     t4   // a placement in between
        10:06  #5  t4  sale 500.00     -> ok 1/5 t5
        10:07  #6  t5  close           -> ok 1/6 t6
        10:08  #7  t6  cancel          -> 10     t6   // a close in between
        10:09  #7  t6  sale 500.00     -> ok 2/1 t7
        10:10  block unpaid
        10:10  unblock
        10:11  #8  t7  cancel          -> ok 2/2 t8
    ",
    );
}

#[test]
fn cancel_ticket_is_5_in_204_and_a_command_of_every_version_before() {
    for version in [124, 125, 200, 201, 202, 203] {
        let mut server = Server::new();
        server.send(sale("1.00").version(version));
        assert!(matches!(server.send(cancel().version(version)).outcome, Outcome::Accepted(_)), "{version}");
    }
    let mut server = Server::new();
    server.send(sale("1.00"));
    assert_eq!(server.send(cancel().version(204)).answer.result, 5);
}

fn everything() -> Draft {
    receipt(SELL)
        .goods("1", "500.00")
        .tax(16_000, "68.97")
        .goods("2", "100.00")
        .tax_on_top(12_000, "12.00")
        .storno("1", "50.00")
        .tax(16_000, "6.90")
        .discount("10.00")
        .markup("20.00")
        .storno_discount("5.00")
        .storno_markup("7.00")
        .receipt_discount("3.00")
        .cash("200.00")
        .card("300.00")
        .paid(4, "55.00")
        .change("45.00")
        .total("555.00")
}

#[test]
fn a_cancellation_undoes_all_that_the_receipt_counted_since_registration_too() {
    let mut server = Server::new();
    server.send(sale("500.00").tax(16_000, "68.97"));
    server.send(receipt(SELL).goods("2", "1.00").tax_on_top(12_000, "0.12").card("1.00").total("1.00"));
    let before = server.register.clone();
    let report = server.send(x().at("11:00")).answer.report;
    assert!(matches!(server.send(everything().offline(77)).outcome, Outcome::Accepted(_)));
    assert_ne!(server.register.totals, before.totals);
    assert!(matches!(server.send(cancel()).outcome, Outcome::Accepted(_)));
    assert_eq!((&server.register.totals, &server.register.lifetime), (&before.totals, &before.lifetime));
    assert_eq!(server.send(x().at("11:00")).answer.report, report);
}

#[test]
fn a_cancelled_receipt_leaves_no_section_and_no_tax_rate_behind() {
    let mut server = Server::new();
    server.send(sale("500.00"));
    let before = server.send(x().at("11:00")).answer.report;
    server.send(everything());
    server.send(cancel());
    assert_eq!(server.send(x().at("11:00")).answer.report, before);
}

#[test]
fn the_shift_stays_open() {
    let mut server = scenario(
        "
        10:00  #1  t0  sale 500.00  -> ok 1/1 t1
        10:01  #2  t1  cancel       -> ok 1/2 t2
        10:02  #3  t2  sale 500.00  -> ok 1/3 t3
    ",
    );
    let report = server.send(x()).answer.report.unwrap();
    assert_eq!((report.shift, report.opened.as_str()), (1, "2026-01-22 10:00:00"));
}

#[test]
fn a_cancelled_receipt_is_found_no_longer() {
    let mut server = Server::new();
    let number = server.send(sale("500.00").offline(77)).ticket_number().parse().unwrap();
    assert!(server.found_by(number).is_some() && server.found_by(77).is_some());
    server.send(cancel());
    assert_eq!((server.found_by(number), server.found_by(77)), (None, None));
}

#[test]
fn a_cancellation_is_a_document_that_names_what_it_cancels_and_has_no_data_in_its_answer() {
    let mut server = scenario("10:00  #1  t0  sale 500.00  -> ok 1/1 t1");
    let reply = server.send(cancel());
    assert!(server.document(1, 1).is_cancelled && !server.document(1, 2).is_cancelled);
    assert_eq!((reply.answer.command, reply.answer.result), (7, 0));
    assert_eq!((reply.answer.ticket, reply.answer.report), (None, None));
    play(&mut server, "10:05  #9  t2  close  -> ok 1/3 t3");
}

#[test]
fn cash_below_zero_comes_back_exactly() {
    let mut server = scenario(
        "
        10:00  #1  t0  withdraw 100.00 mark           -> ok 1/1 t1
        10:01  #2  t1  sale-return 30.00 offline 77   -> ok 1/2 t2
        10:02  #3  t2  cancel                         -> ok 1/3 t3
        10:03  #4  t3  sale 60.00                     -> ok 1/4 t4
        10:04  #5  t4  cancel                         -> ok 1/5 t5
    ",
    );
    assert_eq!(server.cash(), -100_00);
    assert_eq!(server.send(x()).answer.report.unwrap().cash, 0);
}

#[test]
fn qr_commands_without_a_payment_provider_are_5_and_no_commands_before_204() {
    let mut server = Server::new();
    for draft in [qr_generate(), qr_status()] {
        assert_eq!(server.send(draft.clone()).answer.result, 5);
        assert_eq!(server.send(draft.version(203)).answer.result, 4);
    }
}

#[test]
fn a_placement_that_carries_a_ticket_in_its_envelope_cannot_be_cancelled() {
    let mut server = Server::new();
    server.send(sale("500.00"));
    let mut placement = crate::harness::deposit("1.00");
    let ticket = sale("500.00").body.value("ticket").clone();
    placement.body.push("ticket", 2, ticket);
    assert!(matches!(server.send(placement).outcome, Outcome::Accepted(_)));
    assert_eq!(server.send(cancel()).answer.result, 10);
}
