//! WIRE 13.2: the retry memory.

use crate::harness::{
    Draft, Fields, Outcome, SELL, SELL_RETURN, Server, Value, close, deposit, play, receipt, sale,
    sale_return, scenario,
};

/// Sends the first, then the second under the token and REQNUM of the first; the result code, or 0 for a replay.
fn retried(first: Draft, second: Draft) -> u64 {
    let mut server = Server::new();
    server.send(deposit("10000.00"));
    let token = server.register.tokens.current.0;
    let sent = server.send(first.req(7));
    assert!(matches!(sent.outcome, Outcome::Accepted(_)), "{:?}", sent.outcome);
    let before = server.register.clone();
    let again = server.send(second.req(7).token(token));
    assert_eq!(server.register, before, "nothing is stored, memory and tokens stay");
    match again.outcome {
        Outcome::Replayed(_) => {
            assert_eq!(again.payload, sent.payload, "the same answer, byte by byte");
            assert_eq!(again.token, sent.token, "the token that was handed out then");
            0
        }
        Outcome::Refused(_) => again.answer.result,
        outcome => panic!("{outcome:?}"),
    }
}

#[test]
fn kept_token_and_kept_reqnum_with_the_same_document_get_the_same_answer_again() {
    scenario(
        "
        10:00  #1  t0  deposit 500.00 at 10:00         -> ok     1/1 t1
        10:01  #1  t0  deposit 500.00 at 10:00         -> replay 1/1 t1
        10:02  #2  t1  sale 500.00 at 10:02            -> ok     1/2 t2
        10:03  #2  t1  sale 500.00 at 10:02            -> replay 1/2 t2
        10:03  #2  t1  sale 500.00 at 10:02            -> replay 1/2 t2
        10:04  #3  t2  cancel                          -> ok     1/3 t3
        10:04  #3  t2  cancel                          -> replay 1/3 t3
        10:05  #4  t3  close                           -> ok     1/4 t4
        10:06  #4  t3  close                           -> replay 1/4 t4
        10:07  #4  t3  close                           -> replay 1/4 t4
    ",
    );
}

#[test]
fn kept_token_and_kept_reqnum_with_another_document_or_command_get_9() {
    scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00     -> ok 1/1 t1
        10:01  #1  t0  sale 700.00 at 10:00     -> 9      t0
        10:01  #1  t0  deposit 500.00 at 10:00  -> 9      t0
        10:01  #1  t0  close                    -> 9      t0
        10:01  #1  t0  cancel                   -> 9      t0
        10:02  #2  t1  close label 3            -> ok 1/2 t2
        10:03  #2  t1  close label 4            -> 9      t1
        10:03  #2  t1  close label 3 take-all   -> 9      t1
        10:03  #2  t1  close                    -> 9      t1
        10:04  #2  t1  sale 500.00 at 10:00     -> 9      t1
    ",
    );
}

#[test]
fn refusals_and_replays_leave_the_memory_and_both_tokens_alone() {
    scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00  -> ok 1/1     t1
        10:01  #2  t1  withdraw 900.00       -> 14         t1
        10:01  #2  t0  withdraw 900.00       -> 14         t0
        10:01  #1  t0  sale 700.00 at 10:00  -> 9          t0
        10:01  #1  t1  sale 500.00 at 10:00  -> 8          t1
        10:01  #9  t7  sale 500.00 at 10:00  -> 2          t7
        10:02  #1  t0  sale 500.00 at 10:00  -> replay 1/1 t1
        10:03  #2  t1  withdraw 500.00       -> ok 1/2     t2
    ",
    );
}

#[test]
fn the_memory_is_of_the_last_stored_command_alone() {
    scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00  -> ok 1/1 t1
        10:01  #2  t1  sale 600.00 at 10:01  -> ok 1/2 t2
        10:02  #1  t1  sale 500.00 at 10:00  -> ok 1/3 t3   // the first is no longer remembered
    ",
    );
}

#[test]
fn the_fingerprint_of_a_ticket_leaves_out_what_a_device_adds_when_it_sends_it_again() {
    let first = || sale("500.00").at("10:00");
    let ads = Value::Message(Fields::new().int("type", 1, 4_u32).int("version", 2, 1_u32));
    let again = [
        ("10 offline number", first().offline(77)),
        ("11 old printed number", first().and("", 11, Value::Bytes(b"00012".to_vec()))),
        ("12 printed text", first().text("ЧЕК ПРОДАЖИ")),
        ("13 ads", first().and("", 13, ads)),
        ("the service part", first().offline_period("10:00", "10:30")),
    ];
    for (name, again) in again {
        assert_eq!(retried(first(), again.clone()), 0, "{name} added");
        assert_eq!(retried(again, first()), 0, "{name} taken away");
    }
}

#[test]
fn the_fingerprint_of_a_ticket_covers_every_other_field() {
    let first = || {
        receipt(SELL)
            .goods("1", "500.00")
            .cash("500.00")
            .total("500.00")
            .receipt_tax(16_000, "68.97")
            .at("10:00")
            .buyer("900101300123")
            .label(1)
            .printed(10)
    };
    let others = [
        ("3 operator", first().with("operator.code", 8_u32)),
        ("4 domain", first().with("domain.type", 1_u32)),
        ("5 items", first().with_text("items.commodity.name", "Сүт")),
        ("5 items: section", first().with_text("items.commodity.section_code", "2")),
        ("6 payments", first().without("payments").card("500.00")),
        ("7 taxes", first().without("taxes")),
        ("8 amounts", first().change("1.00")),
        ("9 extension_options", first().buyer("910101300123")),
        ("9 extension_options left out", first().without("extension_options")),
        ("14 fr_shift_number", first().label(2)),
        ("15 shift_document_number", first().and("", 15, Value::Int(3))),
        ("16 printed_document_number", first().printed(11)),
        ("a field of the future", first().and("", 99, Value::Int(3))),
    ];
    for (name, other) in others {
        assert_eq!(retried(first(), other), 9, "{name}");
    }
    assert_eq!(retried(first().with("operation", SELL), first().with("operation", 1_u32)), 9, "1 operation");
    let undone = || sale_return("500.00").at("10:00");
    assert_eq!(undone().content().len_of("parent_ticket"), 1);
    assert_eq!(
        retried(undone(), undone().with_money("parent_ticket.total", "400.00")),
        9,
        "17 parent_ticket"
    );
    assert_eq!(retried(undone(), undone().with("operation", SELL_RETURN)), 0);
}

#[test]
fn the_fingerprint_of_a_placement_covers_all_but_its_offline_mark() {
    let first = || deposit("500.00").at("10:00").label(1).printed(10);
    assert_eq!(retried(first(), first().offline(1)), 0);
    assert_eq!(retried(first().offline(1), first()), 0);
    let others = [
        ("operation", first().with("operation", 1_u32)),
        ("sum", first().with_money("sum", "500.01")),
        ("fr_shift_number", first().label(2)),
        ("printed_document_number", first().printed(11)),
        ("operator", first().with("operator.code", 8_u32)),
    ];
    for (name, other) in others {
        assert_eq!(retried(first(), other), 9, "{name}");
    }
}

#[test]
fn a_later_date_time_matches_when_neither_has_an_offline_number() {
    let sale = || sale("500.00").at("10:00");
    let later = || sale().at("10:00:30");
    assert_eq!(retried(sale(), later()), 0);
    assert_eq!(retried(sale(), sale().at("10:00+3")), 0);
    assert_eq!(retried(later(), sale()), 9, "an earlier one is another document");
    assert_eq!(retried(sale().offline(77), later()), 9);
    assert_eq!(retried(sale(), later().offline(77)), 9);
    assert_eq!(retried(sale().offline(77), later().offline(77)), 9);
    assert_eq!(retried(sale().offline(0), later().offline(0)), 0, "0 is none");
}

#[test]
fn a_later_date_time_of_a_placement_matches_and_an_earlier_one_does_not() {
    let deposit = || deposit("500.00").at("10:00");
    assert_eq!(retried(deposit(), deposit().at("10:00:30")), 0);
    assert_eq!(retried(deposit().at("10:00:30"), deposit()), 9);
}

#[test]
fn two_closes_match_by_fr_shift_number_and_withdraw_money_alone() {
    let first = || close().at("21:00").label(5);
    assert_eq!(retried(first(), first().at("21:03")), 0, "a later close_time");
    assert_eq!(retried(first(), first().at("20:59")), 0, "an earlier close_time");
    assert_eq!(retried(first(), first().without("z_report")), 0, "the till's own report");
    assert_eq!(retried(first(), first().offline(1)), 0, "the offline mark");
    assert_eq!(retried(first(), first().printed(9)), 0, "what was printed");
    assert_eq!(retried(first(), first().with("operator.code", 8_u32)), 0, "the operator");
    assert_eq!(retried(first(), first().label(6)), 9);
    assert_eq!(retried(first(), first().take_all()), 9);
    assert_eq!(retried(first().take_all(), first().take_all()), 0);
}

#[test]
fn the_current_token_with_the_kept_reqnum_and_the_very_same_document_gets_8() {
    scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00        -> ok 1/1 t1
        10:01  #1  t1  sale 500.00 at 10:00        -> 8      t1
        10:01  #1  t1  sale 500.00 at 10:00:30     -> ok 1/2 t2  // another time, another receipt
        10:02  #1  t2  deposit 100.00 at 10:02     -> ok 1/3 t3
        10:02  #1  t3  deposit 100.00 at 10:02     -> 8      t3
        10:02  #1  t3  deposit 100.00 at 10:03     -> ok 1/4 t4
        10:04  #1  t4  close at 10:04 label 1      -> ok 1/5 t5
        10:04  #1  t5  close at 10:04 label 1      -> 8      t5
    ",
    );
}

#[test]
fn a_cancellation_sent_again_under_the_current_token_and_its_reqnum_gets_8() {
    scenario(
        "
        10:00  #1  t0  sale 500.00  -> ok 1/1 t1
        10:01  #2  t1  cancel       -> ok 1/2 t2
        10:01  #2  t2  cancel       -> 8      t2
        10:01  #3  t2  cancel       -> 10     t2
    ",
    );
}

#[test]
fn another_document_under_a_reqnum_used_before_is_new() {
    scenario(
        "
        10:00  #1  t0  sale 500.00     -> ok 1/1 t1
        10:01  #1  t1  sale 600.00     -> ok 1/2 t2   // a reinstalled till starts again at 1
        10:02  #1  t2  deposit 100.00  -> ok 1/3 t3
        10:03  #1  t3  close           -> ok 1/4 t4
        10:04  #1  t4  close           -> ok 2/1 t5
    ",
    );
}

#[test]
fn identical_sales_in_the_same_second_under_different_reqnums_are_two_sales() {
    let server = scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00  -> ok 1/1 t1
        10:00  #2  t1  sale 500.00 at 10:00  -> ok 1/2 t2
        10:00  #3  t2  sale 500.00 at 10:00  -> ok 1/3 t3
    ",
    );
    assert_eq!(server.cash(), 1500_00);
}

#[test]
fn nothing_is_remembered_of_what_was_refused() {
    scenario(
        "
        10:00  #1  t0  withdraw 500.00 at 10:00  -> 14     t0
        10:01  #1  t0  deposit 500.00            -> ok 1/1 t1
        10:02  #2  t1  withdraw 900.00 at 10:02  -> 14     t1
        10:03  #3  t1  deposit 400.00            -> ok 1/2 t2
        10:04  #2  t2  withdraw 900.00 at 10:02  -> ok 1/3 t3
    ",
    );
}

#[test]
fn a_retry_is_told_before_the_content_is_judged() {
    let mut server = scenario("10:00  #1  t0  sale 500.00 at 10:00  -> ok 1/1 t1");
    play(
        &mut server,
        "
        10:01  #1  t0  sale 700.00 without amounts   -> 9 t0
        10:01  #1  t0  withdraw 900.00               -> 9 t0
        10:00+2 #1 t0  sale 500.00 at 10:00          -> replay 1/1 t1
    ",
    );
}
