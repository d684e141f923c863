//! WIRE 13.2: the retry memory.

use ofd_protocol::register::Register;
use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::warning::Warning;

use crate::harness::{
    Draft, FIRST_TOKEN, Fields, Outcome, SELL, SELL_RETURN, Server, Value, close, deposit, play, receipt,
    sale, sale_return, scenario,
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
    let after = &server.register;
    assert_eq!((after.tokens, after.documents), (before.tokens, before.documents), "nothing is stored");
    assert_eq!(
        (&after.totals, &after.lifetime, after.chain),
        (&before.totals, &before.lifetime, before.chain)
    );
    let request = |register: &Register| register.memory.map(|memory| (memory.request, memory.document));
    assert_eq!(request(after), request(&before), "the memory stays");
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
fn another_date_time_matches_when_neither_has_an_offline_number_by_now() {
    let sale = || sale("500.00").at("10:00");
    let later = || sale().at("10:00:30");
    assert_eq!(retried(sale(), later()), 0);
    assert_eq!(retried(sale(), sale().at("10:00+3")), 0);
    assert_eq!(retried(later(), sale()), 0, "a clock that was set right, back");
    assert_eq!(retried(sale(), sale().at("09:00-3")), 0);
    assert_eq!(retried(sale().offline(77), later()), 9);
    assert_eq!(retried(sale(), later().offline(77)), 9);
    assert_eq!(retried(sale().offline(77), later().offline(77)), 9);
    assert_eq!(retried(sale().offline(0), later().offline(0)), 0, "0 is none");
}

#[test]
fn another_date_time_of_a_placement_matches_a_later_and_an_earlier_one() {
    let deposit = || deposit("500.00").at("10:00");
    assert_eq!(retried(deposit(), deposit().at("10:00:30")), 0);
    assert_eq!(retried(deposit().at("10:00:30"), deposit()), 0);
}

#[test]
fn a_number_that_a_replay_brought_counts_when_the_times_differ() {
    scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00             -> ok     1/1 t1
        10:01  #1  t0  sale 500.00 at 10:00 offline 77  -> replay 1/1 t1
        10:02  #1  t0  sale 500.00 at 10:02             -> 9          t0
        10:02  #2  t0  sale 500.00 at 10:02             -> ok     1/2 t2
    ",
    );
}

#[test]
fn a_retry_with_the_time_of_another_try_is_that_try() {
    scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00             -> ok     1/1 t1
        10:01  #1  t0  sale 500.00 at 10:01             -> replay 1/1 t1
        10:02  #2  t0  sale 500.00 at 10:01 offline 77  -> replay 1/1 t1   // equal to that of the second try
        10:03  #3  t0  sale 500.00 at 10:02 offline 78  -> ok     1/2 t2
    ",
    );
}

#[test]
fn a_replay_of_a_document_over_ten_minutes_apart_is_kept_as_a_warning_that_names_it() {
    let mut server = scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00     -> ok     1/1 t1
        10:10  #1  t0  sale 500.00 at 10:10     -> replay 1/1 t1   // ten minutes, not over them
        10:10  #1  t0  sale 500.00 at 09:50     -> replay 1/1 t1
    ",
    );
    assert_eq!(server.warnings(Warning::PossibleLoss), 0);
    let times = [("10:11", "10:10:01"), ("10:12", "10:10:01"), ("10:13", "09:49:59")];
    for (count, (at, date_time)) in [1, 1, 2].into_iter().zip(times) {
        server.at(at);
        let again = server.send(sale("500.00").at(date_time).req(1).token(FIRST_TOKEN));
        assert!(matches!(again.outcome, Outcome::Replayed(_)));
        assert_eq!(server.warnings(Warning::PossibleLoss), count, "{date_time}: the same try counts once");
    }
    let seen = server.register.warnings[&Warning::PossibleLoss];
    assert_eq!(seen.what, Some(DocumentRef { shift: 1, number: 1 }));
    // Of a placement likewise.
    server.send(deposit("70.00").at("10:00").req(2).token(FIRST_TOKEN + 1));
    server.send(deposit("70.00").at("10:20").req(2).token(FIRST_TOKEN + 1));
    let seen = server.register.warnings[&Warning::PossibleLoss];
    assert_eq!((seen.count, seen.what), (3, Some(DocumentRef { shift: 1, number: 2 })));
}

#[test]
fn a_ticket_that_came_without_a_number_matches_under_the_kept_token_whatever_number_it_brings() {
    let server = scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00              -> ok     1/1 t1   // answered and lost
        10:01  #2  t0  sale 500.00 at 10:00 offline 105  -> replay 1/1 t1
        10:02  #3  t0  sale 500.00 at 10:00 offline 106  -> replay 1/1 t1   // seen: counted twice
        10:03  #4  t0  sale 500.00 at 10:00              -> replay 1/1 t1
        10:03  #4  t0  sale 500.00 at 10:00 offline 105  -> replay 1/1 t1
        10:04  #1  t0  sale 500.00 at 10:00 offline 107  -> replay 1/1 t1   // seen: 9
    ",
    );
    assert_eq!(server.cash(), 500_00);
    let stored = server.document(1, 1).known.clone().unwrap();
    assert_eq!((stored.born, stored.numbers), (0, vec![105, 106, 107]));
    assert!([105, 106, 107].into_iter().all(|number| server.found_by(number).is_some()));
}

#[test]
fn under_the_kept_reqnum_alone_too() {
    scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00              -> ok     1/1 t1
        10:01  #1  t0  sale 500.00 at 10:00 offline 105  -> replay 1/1 t1
        10:02  #1  t0  sale 500.00 at 10:00 offline 106  -> replay 1/1 t1
        10:03  #1  t0  sale 500.00 at 10:01 offline 107  -> 9          t0   // another time and a number
    ",
    );
}

#[test]
fn two_receipts_that_came_with_different_numbers_from_the_start_are_two() {
    let server = scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00 offline 105  -> ok     1/1 t1
        10:01  #2  t0  sale 500.00 at 10:00 offline 106  -> ok     1/2 t2
        10:02  #3  t2  sale 500.00 at 10:00 offline 107  -> ok     1/3 t3
        10:03  #4  t2  sale 500.00 at 10:00 offline 105  -> replay 1/1 t2
    ",
    );
    assert_eq!(server.cash(), 1500_00);
}

#[test]
fn unless_reqnum_token_and_date_time_are_equal_as_well() {
    let server = scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00 offline 105  -> ok     1/1 t1
        10:01  #1  t0  sale 500.00 at 10:00 offline 106  -> replay 1/1 t1
        10:02  #1  t0  sale 500.00 at 10:01 offline 107  -> 9          t0
        10:03  #8  t1  sale 500.00 at 10:00 offline 106  -> replay 1/1 t1   // it leads there from now on
    ",
    );
    assert_eq!(server.cash(), 500_00);
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
