//! WIRE 13.4: a receipt with an offline number is the same receipt, however late it comes.

use crate::harness::{FIRST_TOKEN, Outcome, moment, play, sale, scenario};

#[test]
fn a_receipt_with_an_offline_number_is_stored_once_under_either_token_and_any_reqnum() {
    scenario(
        "
        10:00  #1  t0  sale 500.00 at 09:00 offline 77  -> ok     1/1 t1
        10:01  #1  t0  sale 500.00 at 09:00 offline 77  -> replay 1/1 t1
        10:01  #5  t0  sale 500.00 at 09:00 offline 77  -> replay 1/1 t1
        10:01  #1  t1  sale 500.00 at 09:00 offline 77  -> replay 1/1 t1   // before the 8
        10:01  #5  t1  sale 500.00 at 09:00 offline 77  -> replay 1/1 t1
        10:02  #5  t9  sale 500.00 at 09:00 offline 77  -> 2          t9
    ",
    );
}

#[test]
fn however_much_later_it_comes_in_another_shift() {
    scenario(
        "
        10:00    #1  t0  sale 500.00 at 09:00 offline 77   -> ok     1/1 t1
        10:01    #2  t1  sale 600.00                       -> ok     1/2 t2
        21:00    #3  t2  close                             -> ok     1/3 t3
        09:00+1  #4  t3  sale 700.00                       -> ok     2/1 t4
        21:00+1  #5  t4  close                             -> ok     2/2 t5
        21:01+1  #6  t5  sale 500.00 at 09:00 offline 77   -> replay 1/1 t5
        09:00+5  #7  t5  sale 100.00                       -> ok     3/1 t6
        09:01+5  #8  t6  sale 500.00 at 09:00 offline 77   -> replay 1/1 t6
        09:01+5  #8  t5  sale 500.00 at 09:00 offline 77   -> replay 1/1 t5
    ",
    );
}

#[test]
fn this_comes_before_the_9() {
    scenario(
        "
        10:00  #1  t0  sale 500.00 at 09:00 offline 77  -> ok     1/1 t1
        10:01  #2  t1  sale 600.00 at 09:01 offline 78  -> ok     1/2 t2
        10:02  #2  t1  sale 500.00 at 09:00 offline 77  -> replay 1/1 t1
        10:02  #2  t1  sale 600.00 at 09:01 offline 78  -> replay 1/2 t2
    ",
    );
}

#[test]
fn another_number_or_time_or_content_is_another_receipt() {
    scenario(
        "
        10:00  #1  t0  sale 500.00 at 09:00 offline 77      -> ok 1/1 t1
        10:01  #2  t1  sale 500.00 at 09:00:01 offline 77   -> ok 1/2 t2
        10:02  #3  t2  sale 500.01 at 09:00 offline 77      -> ok 1/3 t3
        10:03  #4  t3  sale 500.00 at 09:00 offline 78      -> ok 1/4 t4
    ",
    );
}

#[test]
fn identical_offline_sales_of_one_second_with_numbers_of_their_own_are_two_receipts() {
    let server = scenario(
        "
        10:00  #1  t0  sale 500.00 at 09:00 offline 77  -> ok     1/1 t1
        10:01  #2  t1  sale 500.00 at 09:00 offline 78  -> ok     1/2 t2
        10:01  #3  t2  sale 500.00 at 09:00 offline 77  -> replay 1/1 t2
        10:01  #4  t2  sale 500.00 at 09:00 offline 78  -> replay 1/2 t2
    ",
    );
    assert_eq!(server.cash(), 1000_00);
}

#[test]
fn offline_number_0_is_none() {
    scenario(
        "
        10:00    #1  t0  sale 500.00 at 10:00 offline 0     -> ok 1/1 t1
        10:01    #2  t1  sale 500.00 at 10:00 offline 0     -> ok 1/2 t2
        10:01    #2  t2  sale 500.00 at 10:00 offline 0     -> 8      t2
        11:00+1  #3  t2  sale 500.00 at 11:00+1 offline 0   -> 11     t2
    ",
    );
    let server = scenario("10:00  #1  t0  sale 500.00 offline 0  -> ok 1/1 t1");
    assert_eq!(server.register.totals.tickets[2].offline_count, 0);
}

#[test]
fn a_replay_carries_the_stored_payload() {
    let mut server = scenario("");
    let first = server.send(sale("500.00").at("09:00").offline(77).reg_info());
    server.send(sale("600.00"));
    server.send(crate::harness::close());
    let again = server.send(sale("500.00").at("09:00").offline(77).version(204));
    assert!(matches!(again.outcome, Outcome::Replayed(_)));
    assert_eq!(again.payload, first.payload);
}

#[test]
fn a_replay_with_a_new_offline_number_is_found_by_both_from_then_on() {
    let mut server = scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00             -> ok     1/1 t1   // the answer is lost
        10:30  #1  t0  sale 500.00 at 10:00 offline 77  -> replay 1/1 t1
        10:31  #2  t1  sale 600.00 at 10:31             -> ok     1/2 t2
        21:00  #3  t2  close                            -> ok     1/3 t3
    ",
    );
    play(
        &mut server,
        "
        09:00+1  #4  t3  sale 500.00 at 10:00 offline 77  -> replay 1/1 t3
        09:01+1  #5  t3  sale 100.00                      -> ok     2/1 t4
        09:02+1  #6  t4  sale 500.00 at 10:00 offline 77  -> replay 1/1 t4
    ",
    );
    let stored = server.document(1, 1);
    assert_eq!(stored.amendments.len(), 1, "the same number is added once");
    let (number, place) = (stored.ticket_number.unwrap(), server.found_by(77));
    assert_eq!(server.found_by(number), place);
    assert!(place.is_some());
}

#[test]
fn a_replay_with_another_printed_text_adds_its_bytes_once() {
    let server = scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00 text A             -> ok     1/1 t1
        10:01  #1  t0  sale 500.00 at 10:00 text A             -> replay 1/1 t1
        10:01  #1  t0  sale 500.00 at 10:00                    -> replay 1/1 t1
    ",
    );
    assert!(server.document(1, 1).amendments.is_empty());
    let mut server = server;
    play(
        &mut server,
        "
        10:02  #1  t0  sale 500.00 at 10:00 text B             -> replay 1/1 t1
        10:03  #1  t0  sale 500.00 at 10:00 text B             -> replay 1/1 t1
        10:04  #1  t0  sale 500.00 at 10:00 text C offline 77  -> replay 1/1 t1
        10:05  #1  t0  sale 500.00 at 10:00 text C offline 77  -> replay 1/1 t1
    ",
    );
    let amendments = &server.document(1, 1).amendments;
    let with_number = amendments.iter().filter(|(amendment, _)| amendment.number.is_some()).count();
    assert_eq!(with_number, 1);
    for text in ["A", "B", "C"] {
        let kept = amendments.iter().map(|(_, raw)| raw).chain([&server.document(1, 1).raw]);
        let holds = |raw: &&Vec<u8>| raw.windows(3).any(|window| window == [0x62, 1, text.as_bytes()[0]]);
        assert_eq!(kept.filter(holds).count().min(1), 1, "text {text} is kept");
    }
}

#[test]
fn an_amendment_after_a_token_reset_is_kept_too() {
    let server = scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00             -> ok     1/1 t1
        10:01  reset-token
        10:02  #9  t2  sale 500.00 at 10:00 offline 77  -> replay 1/1 t2
        10:03  #9  t2  sale 500.00 at 10:00 offline 77  -> replay 1/1 t2
    ",
    );
    assert_eq!(server.document(1, 1).amendments.len(), 1);
    assert!(server.found_by(77).is_some());
}

#[test]
fn a_replayed_offline_receipt_moves_no_counter() {
    let mut server = scenario("10:00  #1  t0  sale 500.00 at 09:00 offline 77  -> ok 1/1 t1");
    let before = server.register.clone();
    for request in 0..5 {
        server.send(sale("500.00").at("09:00").offline(77).req(request).token(FIRST_TOKEN));
    }
    assert_eq!(server.register, before);
}

#[test]
fn an_offline_receipt_is_replayed_for_a_register_that_is_not_served() {
    scenario(
        "
        10:00  #1  t0  sale 500.00 at 09:00 offline 77  -> ok     1/1 t1
        10:01  #2  t1  sale 500.00 at 10:01             -> ok     1/2 t2
        10:02  block unpaid
        10:03  #3  t2  sale 500.00 at 09:00 offline 77  -> replay 1/1 t2
        10:04  deregister sold
        10:05  #4  t2  sale 500.00 at 09:00 offline 77  -> replay 1/1 t2
        10:05  #2  t1  sale 500.00 at 10:01             -> replay 1/2 t2
    ",
    );
}

#[test]
fn a_cancelled_offline_receipt_is_not_remembered() {
    scenario(
        "
        10:00  #1  t0  sale 500.00 at 09:00 offline 77  -> ok     1/1 t1
        10:01  #2  t1  cancel                           -> ok     1/2 t2
        10:02  #3  t2  sale 500.00 at 09:00 offline 77  -> ok     1/3 t3
        10:03  #4  t3  sale 500.00 at 09:00 offline 77  -> replay 1/3 t3
    ",
    );
}

#[test]
fn a_replay_with_another_date_time_is_found_by_each_from_then_on() {
    let mut server = scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00             -> ok     1/1 t1
        10:01  #1  t0  sale 500.00 at 10:01             -> replay 1/1 t1
        10:02  #1  t0  sale 500.00 at 10:01 offline 77  -> replay 1/1 t1
        10:03  #2  t1  sale 600.00 at 10:03             -> ok     1/2 t2
        10:04  #3  t2  sale 500.00 at 10:01 offline 77  -> replay 1/1 t2
        10:05  #4  t2  sale 500.00 at 10:00 offline 77  -> replay 1/1 t2   // by the number and by its own time
        10:06  #5  t2  sale 500.00 at 10:02 offline 77  -> ok     1/3 t3
    ",
    );
    let known = server.document(1, 1).known.clone().unwrap();
    assert_eq!((known.numbers, known.date_times), (vec![77], vec![moment("10:00"), moment("10:01")]));
    assert_eq!(server.document(1, 1).amendments.len(), 2, "the bytes of both tries");
    // The same try again adds nothing.
    play(&mut server, "10:07  #6  t3  sale 500.00 at 10:01 offline 77  -> replay 1/1 t3");
    assert_eq!(server.document(1, 1).amendments.len(), 2);
}

#[test]
fn offline_sales_with_numbers_of_their_own_are_two_receipts_on_a_till_with_a_constant_printed_number() {
    let server = scenario(
        "
        10:00  #1  t0  sale 500.00 at 09:00 offline 77 printed 1  -> ok 1/1 t1
        10:01  #2  t1  sale 500.00 at 09:00 offline 78 printed 1  -> ok 1/2 t2
    ",
    );
    assert_eq!(server.cash(), 1000_00);
}

#[test]
fn offline_sales_with_numbers_of_their_own_are_two_receipts_on_a_till_with_a_constant_reqnum() {
    let server = scenario(
        "
        10:00  #1  t0  sale 500.00 at 09:00 offline 77  -> ok 1/1 t1
        10:01  #1  t1  sale 500.00 at 09:00 offline 78  -> ok 1/2 t2
    ",
    );
    assert_eq!(server.cash(), 1000_00);
}
