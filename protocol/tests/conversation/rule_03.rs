//! WIRE 13.3: two tokens are good.

use ofd_protocol::ticket_number::DocumentRef;
use ofd_protocol::warning::Warning;

use crate::harness::{Draft, FIRST_TOKEN, Outcome, Server, play, sale, scenario, system};

#[test]
fn the_current_token_and_the_one_the_last_fiscal_command_came_with_are_good_and_no_other() {
    scenario(
        "
        10:00  #1  t0  sale 100.00  -> ok 1/1 t1
        10:01  #2  t1  sale 200.00  -> ok 1/2 t2
        10:02  #3  t1  system       -> ok     t1
        10:02  #4  t2  system       -> ok     t2
        10:02  #5  t0  system       -> 2      t0
        10:02  #5  t3  info         -> 2      t3
        10:02  #5  t0  sale 100.00  -> 2      t0
        10:02  #5  t3  close        -> 2      t3
    ",
    );
}

#[test]
fn a_fiscal_command_under_the_kept_token_and_another_reqnum_is_replayed_when_it_matches() {
    scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00     -> ok     1/1 t1
        10:01  #2  t0  sale 500.00 at 10:00     -> replay 1/1 t1
        10:01  #3  t0  sale 500.00 at 10:01     -> replay 1/1 t1  // the time of sending, written anew
        10:02  #4  t1  deposit 9.00 at 10:02    -> ok     1/2 t2
        10:03  #9  t1  deposit 9.00 at 10:02    -> replay 1/2 t2
        10:04  #5  t2  close                    -> ok     1/3 t3
        10:05  #6  t2  close                    -> replay 1/3 t3
    ",
    );
}

#[test]
fn a_fiscal_command_under_the_kept_token_and_another_reqnum_is_processed_when_it_does_not_match() {
    scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00     -> ok 1/1 t1    // the answer could not be read
        10:01  #2  t0  sale 700.00 at 10:01     -> ok 1/2 t2
        10:02  #3  t0  sale 600.00 at 10:02     -> ok 1/3 t3
        10:03  #4  t1  system                   -> 2      t1    // never used, no longer good
        10:03  #4  t3  system                   -> ok     t3
        10:03  #4  t0  system                   -> ok     t0
    ",
    );
}

#[test]
fn reqnum_need_not_follow_the_previous_one() {
    scenario(
        "
        10:00  #65534  t0  sale 100.00  -> ok 1/1 t1
        10:01  #65535  t1  sale 200.00  -> ok 1/2 t2
        10:02  #0      t2  sale 300.00  -> ok 1/3 t3   // wraps to 0
        10:03  #65535  t3  sale 400.00  -> ok 1/4 t4
        10:04  #1      t4  sale 500.00  -> ok 1/5 t5   // wraps to 1
        10:05  #900    t5  sale 600.00  -> ok 1/6 t6   // skips
        10:06  #17     t6  sale 700.00  -> ok 1/7 t7   // an old number out of the queue
    ",
    );
}

#[test]
fn answers_to_other_commands_and_refusals_carry_the_token_the_request_came_with() {
    scenario(
        "
        10:00  #1  t0  sale 500.00                 -> ok 1/1 t1
        10:01  #2  t0  x                           -> ok     t0   // a clone never learns the current one
        10:01  #2  t0  info                        -> ok     t0
        10:01  #2  t0  withdraw 900.00             -> 14     t0
        10:01  #2  t0  sale 1.00 without operator  -> 13     t0
        10:01  #2  t7  info                        -> 2      t7
    ",
    );
}

#[test]
fn a_token_of_0_is_answered_with_the_0_of_the_request_and_never_with_one_of_our_making() {
    let mut server = Server::new();
    let reply = server.send(system().token(0));
    assert_eq!((reply.answer.result, reply.token), (2, 0));
    for _ in 0..3 {
        assert_ne!(server.send(sale("1.00")).token, 0);
    }
}

#[test]
fn where_rotation_is_off_only_an_equal_reqnum_or_an_offline_number_tells_a_retry() {
    scenario(
        "
        10:00  rotation off
        10:00  #1  t0  sale 500.00 at 10:00             -> ok     1/1 t0
        10:00  #1  t0  sale 500.00 at 10:00             -> replay 1/1 t0
        10:00  #2  t0  sale 500.00 at 10:00             -> ok     1/2 t0   // the next client buys the same
        10:01  #3  t0  sale 500.00 at 10:01             -> ok     1/3 t0
        10:01  #3  t0  sale 700.00 at 10:01             -> 9          t0
        10:02  #4  t0  sale 500.00 at 10:02 offline 77  -> ok     1/4 t0
        10:03  #5  t0  sale 500.00 at 10:02 offline 77  -> replay 1/4 t0
        10:03  #6  t0  sale 500.00 at 10:02 offline 78  -> ok     1/5 t0
    ",
    );
}

#[test]
fn where_rotation_is_off_a_lost_receipt_that_comes_with_an_offline_number_and_another_reqnum_is_a_retry() {
    let server = scenario(
        "
        10:00  rotation off
        10:00  #1  t0  sale 500.00 at 10:00             -> ok     1/1 t0   // the answer is lost
        10:05  #2  t0  sale 500.00 at 10:00 offline 77  -> replay 1/1 t0
    ",
    );
    assert_eq!(server.cash(), 500_00);
}

#[test]
fn where_rotation_is_off_a_queue_of_equal_receipts_loses_none() {
    let server = scenario(
        "
        10:00  rotation off
        10:00  #1  t0  sale 500.00 at 10:00              -> ok     1/1 t0   // the answer is lost
        10:05  #2  t0  sale 500.00 at 10:00 offline 105  -> replay 1/1 t0
        10:05  #3  t0  sale 500.00 at 10:00 offline 106  -> ok     1/2 t0   // the next of the queue
        10:06  #4  t0  sale 500.00 at 10:00 offline 106  -> replay 1/2 t0
        10:06  #5  t0  sale 500.00 at 10:00 offline 105  -> replay 1/1 t0
    ",
    );
    assert_eq!(server.cash(), 1000_00);
}

#[test]
fn after_a_token_reset_only_the_new_token_is_good() {
    scenario(
        "
        10:00  #1  t0  sale 100.00  -> ok 1/1 t1
        10:01  #2  t1  sale 200.00  -> ok 1/2 t2
        10:02  reset-token
        10:03  #3  t1  system       -> 2      t1
        10:03  #3  t2  system       -> 2      t2
        10:03  #3  t3  system       -> ok     t3
        10:04  #3  t3  sale 300.00  -> ok 1/3 t4
        10:05  #4  t3  system       -> ok     t3
        10:05  #4  t2  system       -> 2      t2
    ",
    );
}

#[test]
fn after_a_token_reset_the_very_same_document_is_replayed_whatever_its_reqnum() {
    scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00   -> ok     1/1 t1   // the answer is lost, then the token
        10:01  reset-token
        10:02  #1  t2  sale 500.00 at 10:00   -> replay 1/1 t2
        10:02  #8  t2  sale 500.00 at 10:00   -> replay 1/1 t2
        10:02  #1  t2  sale 500.00 at 10:02   -> ok     1/2 t3   // another time: not the very same
        10:03  #8  t3  sale 500.00 at 10:02   -> ok     1/3 t4
    ",
    );
}

#[test]
fn after_a_token_reset_another_document_under_the_kept_reqnum_is_new() {
    scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00  -> ok 1/1 t1
        10:01  reset-token
        10:02  #1  t2  deposit 50.00         -> ok 1/2 t3
        10:03  #1  t2  deposit 50.00         -> replay 1/2 t3
    ",
    );
}

#[test]
fn a_token_reset_after_a_close_keeps_memory_and_numbers() {
    let mut server = scenario(
        "
        10:00  #1  t0  sale 500.00              -> ok 1/1 t1
        10:01  #2  t1  close at 10:01 label 4   -> ok 1/2 t2
        10:02  reset-token
        10:03  #2  t3  close at 10:01 label 4   -> replay 1/2 t3
        10:03  #3  t3  close at 10:03 label 4   -> ok         t3   // the last closed shift's Z again
        10:04  #4  t3  sale 100.00              -> ok 2/1     t4
    ",
    );
    assert_eq!(server.send(crate::harness::x()).answer.report.unwrap().tickets[2].total_count, 2);
}

#[test]
fn a_clone_that_lags_behind_by_two_documents_is_found_out() {
    let mut server = Server::new();
    for _ in 0..2 {
        server.send(sale("500.00"));
    }
    let reply = server.send(sale("500.00").token(FIRST_TOKEN));
    assert_eq!(reply.answer.result, 2);
    assert!(matches!(reply.outcome, Outcome::Refused(_)));
}

#[test]
fn a_replay_of_what_is_no_longer_the_last_document_needs_an_offline_number() {
    let mut server = scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00             -> ok 1/1 t1
        10:01  #2  t1  sale 600.00 at 10:01 offline 77  -> ok 1/2 t2
        10:02  #3  t2  sale 700.00 at 10:02             -> ok 1/3 t3
    ",
    );
    play(
        &mut server,
        "
        10:03  #2  t2  sale 600.00 at 10:01 offline 77  -> replay 1/2 t2
        10:03  #2  t3  sale 600.00 at 10:01 offline 77  -> replay 1/2 t3
        10:03  #1  t3  sale 500.00 at 10:00             -> ok     1/4 t4
    ",
    );
}

/// A sale whose answer is lost, another document that passes under the same token, and the sale again at the end.
const QUEUED: &str = "
    10:00  #1  t0  sale 555.00 at 10:00             -> ok    1/1 t1   // answered and lost
    10:01  #2  t0  sale 210.00 at 10:01             -> ok    1/2 t2   // so it was never taken
    10:02  #3  t2  sale 555.00 at 10:00 offline 77  -> again 1/1 t3   // seen: stored twice
";

#[test]
fn an_unconfirmed_document_that_comes_again_is_answered_under_a_new_token_and_counted_once() {
    let mut server = scenario(QUEUED);
    assert_eq!(server.cash(), 765_00);
    let stored = server.document(1, 1);
    let number = stored.ticket_number.unwrap();
    assert_eq!(stored.amendments.len(), 1, "amended as in rule 4");
    assert_eq!(
        (server.found_by(77), server.found_by(number)),
        (server.found_by(number), server.found_by(77))
    );
    let again = server.send(sale("555.00").at("10:00").offline(77).req(4));
    assert_eq!(again.ticket_number(), number.to_string());
    assert_eq!(server.cash(), 765_00);
    assert_eq!(server.register.unconfirmed.count, 0, "it left the list");
}

#[test]
fn so_it_is_in_the_versions_that_tills_speak_most() {
    for version in [125, 203, 204] {
        let lines: Vec<String> =
            QUEUED.lines().map(|line| line.replacen(" at 10:", &format!(" v{version} at 10:"), 1)).collect();
        assert_eq!(scenario(&lines.join("\n")).cash(), 765_00, "version {version}");
    }
}

#[test]
fn a_lost_answer_to_it_is_told_by_rule_2() {
    let mut server = scenario(QUEUED);
    play(
        &mut server,
        "
        10:03  #3  t2  sale 555.00 at 10:00 offline 77  -> replay 1/1 t3
        10:03  #4  t2  sale 555.00 at 10:00             -> replay 1/1 t3
        10:04  #3  t2  sale 999.00 at 10:00             -> 9          t2
        10:05  #5  t3  sale 100.00 at 10:05             -> ok     1/3 t4
    ",
    );
}

#[test]
fn it_may_come_under_the_kept_token_any_reqnum_and_the_date_time_of_any_try() {
    let server = scenario(
        "
        10:00  #1  t0  sale 555.00 at 10:00             -> ok     1/1 t1
        10:01  #1  t0  sale 555.00 at 10:01             -> replay 1/1 t1   // a try with a time of its own
        10:02  #2  t0  deposit 50.00 at 10:02           -> ok     1/2 t2
        10:03  #3  t0  sale 210.00 at 10:03             -> ok     1/3 t3
        10:04  #3  t0  sale 555.00 at 10:01 offline 77  -> again  1/1 t4   // before the 9
        10:05  #9  t4  deposit 50.00 at 10:02           -> again  1/2 t5   // a placement likewise
        10:06  #8  t5  sale 210.00 at 10:03 offline 79  -> again  1/3 t6   // not taken either
    ",
    );
    assert_eq!((server.cash(), server.register.documents), (815_00, 3));
}

#[test]
fn a_document_whose_answer_was_taken_is_never_unconfirmed() {
    scenario(
        "
        10:00  #1  t0  sale 555.00 at 10:00             -> ok 1/1 t1
        10:01  #2  t1  sale 210.00 at 10:01             -> ok 1/2 t2
        10:02  #3  t2  sale 555.00 at 10:00 offline 77  -> ok 1/3 t3
        10:03  #4  t3  sale 210.00 at 10:01             -> ok 1/4 t4
    ",
    );
}

#[test]
fn of_two_equal_sales_both_count_in_the_end_whichever_comes_first() {
    let server = scenario(
        "
        10:00  #1  t0  sale 555.00 at 10:00             -> ok    1/1 t1   // answered and lost
        10:01  #2  t0  sale 210.00 at 10:01             -> ok    1/2 t2
        10:02  #3  t2  sale 555.00 at 10:00             -> again 1/1 t3   // the second buyer's
        10:03  #3  t3  sale 555.00 at 10:00             -> ok    1/3 t4   // no 8 where the memory is such an answer
        10:04  #3  t4  sale 555.00 at 10:00             -> 8         t4   // where it is not
    ",
    );
    assert_eq!(server.cash(), 1320_00);
}

#[test]
fn another_date_time_tells_under_the_current_token_alone_for_thirty_minutes() {
    let lost = "
        10:00     #1  t0  sale 555.00 at 10:00             -> ok 1/1 t1
        10:01     #2  t0  sale 210.00 at 10:01             -> ok 1/2 t2
    ";
    let mut server = scenario(lost);
    play(&mut server, "10:30     #3  t2  sale 555.00 at 10:30      -> again 1/1 t3");
    let seen = server.register.warnings[&Warning::PossibleLoss];
    assert_eq!((seen.count, seen.what), (1, Some(DocumentRef { shift: 1, number: 1 })));
    assert_eq!(server.document(1, 1).known.as_ref().unwrap().date_times.len(), 2);

    let mut server = scenario(lost);
    play(&mut server, "10:09     #3  t2  sale 555.00 at 10:09      -> again 1/1 t3");
    assert_eq!(server.warnings(Warning::PossibleLoss), 0, "within ten minutes, as in rule 2");

    for (late, why) in [
        ("10:30:01  #3  t2  sale 555.00 at 10:30             -> ok 1/3 t3", "over thirty minutes"),
        ("10:02     #3  t0  sale 555.00 at 10:02             -> ok 1/3 t3", "under the kept token"),
    ] {
        let mut server = scenario(lost);
        play(&mut server, late);
        let seen = server.register.warnings[&Warning::PossibleDouble];
        assert_eq!((seen.count, seen.what), (1, Some(DocumentRef { shift: 1, number: 1 })), "{why}");
    }

    let mut server = scenario(lost);
    play(&mut server, "10:02     #3  t2  sale 555.00 at 10:02 offline 77  -> ok 1/3 t3");
    assert!(server.all_warnings().is_empty(), "a number and another time: another receipt");
}

#[test]
fn an_equal_date_time_in_the_list_comes_before_a_replay_of_another_date_time() {
    let server = scenario(
        "
        10:00  #1  t0  sale 555.00 at 10:00  -> ok     1/1 t1
        10:01  #2  t0  sale 210.00 at 10:01  -> ok     1/2 t2
        10:02  #3  t0  sale 210.00 at 10:02  -> replay 1/2 t2   // rule 2: the time of sending
        10:03  #4  t0  sale 333.00 at 10:03  -> ok     1/3 t3
        10:04  #5  t0  sale 555.00 at 10:04  -> ok     1/4 t4
        10:05  #6  t0  sale 555.00 at 10:00  -> again  1/1 t5   // not a replay of the one at 10:04
    ",
    );
    assert_eq!(server.register.documents, 4);
}

#[test]
fn two_that_came_with_different_numbers_from_the_start_are_two() {
    let server = scenario(
        "
        10:00  #1  t0  sale 555.00 at 10:00 offline 77  -> ok     1/1 t1
        10:01  #2  t0  sale 210.00 at 10:01             -> ok     1/2 t2
        10:02  #3  t2  sale 555.00 at 10:00 offline 78  -> ok     1/3 t3
        10:03  #4  t3  sale 555.00 at 10:00 offline 77  -> replay 1/1 t3
        10:04  #5  t3  sale 555.00 at 10:00             -> again  1/1 t4
    ",
    );
    assert_eq!(server.cash(), 1320_00);
    assert!(server.all_warnings().is_empty());
}

#[test]
fn a_token_reset_tells_the_same_and_then_only_an_equal_date_time_does() {
    let server = scenario(
        "
        10:00  #1  t0  sale 555.00 at 10:00              -> ok     1/1 t1   // the answer is lost, then the token
        10:01  reset-token
        10:02  #2  t2  sale 210.00 at 10:02              -> ok     1/2 t3
        10:03  #3  t3  sale 555.00 at 10:03              -> ok     1/3 t4
        10:04  #4  t4  sale 555.00 at 10:00 offline 77   -> again  1/1 t5
    ",
    );
    let seen = server.register.warnings[&Warning::PossibleDouble];
    assert_eq!((seen.count, seen.what), (1, Some(DocumentRef { shift: 1, number: 1 })));
}

#[test]
fn over_shifts_for_72_hours_of_the_servers_clock() {
    let days = "
        10:00    #1  t0  sale 555.00 at 10:00    -> ok 1/1 t1
        10:01    #2  t0  sale 210.00 at 10:01    -> ok 1/2 t2
        21:00    #3  t2  close                   -> ok 1/3 t3
        09:00+1  #4  t3  sale 100.00 at 09:00+1  -> ok 2/1 t4
        21:00+1  #5  t4  close                   -> ok 2/2 t5
    ";
    let mut server = scenario(days);
    play(
        &mut server,
        "
        10:01+3  #6  t5  sale 555.00 at 10:00 offline 77  -> again  1/1 t6   // the next shift is not opened by it
        10:02+3  #7  t5  sale 555.00 at 10:00 offline 77  -> replay 1/1 t6
        10:03+3  #8  t6  sale 100.00 at 10:03+3           -> ok     3/1 t7
        10:04+3  #9  t7  sale 555.00 at 10:00 offline 77  -> replay 1/1 t7
        ",
    );
    assert_eq!(server.cash(), 965_00);
    let mut server = scenario(days);
    play(&mut server, "10:01:01+3  #6  t5  sale 555.00 at 10:00 offline 77  -> ok 3/1 t6");
    let seen = server.register.warnings[&Warning::PossibleDouble];
    assert_eq!((seen.count, seen.what), (1, Some(DocumentRef { shift: 1, number: 1 })));
}

#[test]
fn at_most_4096_of_a_register_are_unconfirmed_and_the_oldest_is_dropped_first() {
    let sold = |number: u32| sale(&format!("{}.{:02}", 1 + number / 100, number % 100)).at("10:00");
    let mut server = Server::new();
    for number in 0..4098 {
        server.send(sold(number).req(number as u16).token(FIRST_TOKEN));
    }
    // The last one is in the memory, 4 097 are beside it.
    assert_eq!(server.register.unconfirmed.count, 4096);
    let documents = server.register.documents;
    let again = server.send(sold(1).offline(77));
    assert_eq!(again.outcome, Outcome::Confirmed(DocumentRef { shift: 1, number: 2 }));
    assert_eq!(server.register.documents, documents);
    assert!(matches!(server.send(sold(0).offline(78)).outcome, Outcome::Accepted(_)));
    let seen = server.register.warnings[&Warning::PossibleDouble];
    assert_eq!((seen.count, seen.what), (1, Some(DocumentRef { shift: 1, number: 1 })));
}

/// With rotation off: a sale whose answer is lost, `others` sales, and the first again with `number`.
fn without_rotation(others: u32, again: Draft) -> (Server, Outcome) {
    let mut server = scenario("10:00  rotation off");
    server.send(sale("555.00").at("10:00"));
    for number in 0..others {
        server.send(sale(&format!("{}.00", number + 1)).at("10:01"));
    }
    let outcome = server.send(again).outcome;
    (server, outcome)
}

#[test]
fn where_rotation_is_off_the_last_16_documents_are_compared_with_what_brings_a_number() {
    let again = || sale("555.00").at("10:00").offline(77);
    let first = Outcome::Confirmed(DocumentRef { shift: 1, number: 1 });
    for others in [1, 15] {
        let (mut server, outcome) = without_rotation(others, again());
        assert_eq!(outcome, first, "{others}");
        assert!(matches!(server.send(again()).outcome, Outcome::Replayed(_)));
        assert!(
            matches!(server.send(again().offline(78)).outcome, Outcome::Accepted(_)),
            "the next equal one"
        );
    }
    let (server, outcome) = without_rotation(16, again());
    assert!(matches!(outcome, Outcome::Accepted(_)));
    assert_eq!(server.warnings(Warning::PossibleDouble), 1);
    let (server, outcome) = without_rotation(1, sale("555.00").at("10:00"));
    assert!(matches!(outcome, Outcome::Accepted(_)), "without a number nothing tells it");
    assert!(server.all_warnings().is_empty());
}

#[test]
fn where_rotation_is_off_a_queue_is_told_though_each_answer_of_it_was_lost() {
    let mut server = scenario("10:00  rotation off");
    let sold = |number: u32| sale(&format!("{number}.00")).at("10:00");
    (1..=16).for_each(|number| drop(server.send(sold(number))));
    for number in 1..=16 {
        let again = server.send(sold(number).offline(100 + number)).outcome;
        let document = DocumentRef { shift: 1, number };
        assert_eq!(again, Outcome::Confirmed(document));
    }
    assert_eq!(server.register.documents, 16);
}

#[test]
fn a_cancelled_receipt_is_not_remembered() {
    let mut server = scenario(
        "
        10:00  #1  t0  sale 555.00 at 10:00             -> ok 1/1 t1
        10:01  #2  t0  cancel                           -> ok 1/2 t2
        10:02  #3  t2  sale 555.00 at 10:00 offline 77  -> ok 1/3 t3
    ",
    );
    assert_eq!((server.cash(), server.register.unconfirmed.count), (555_00, 0));
    play(&mut server, "10:03  #4  t3  sale 555.00 at 10:00 offline 77  -> replay 1/3 t3");
}

#[test]
fn an_unconfirmed_document_that_came_again_is_something_fiscal_in_between() {
    let mut server = scenario(QUEUED);
    // The till means the sale that was answered last, which is not the last document.
    play(&mut server, "10:03  #4  t3  cancel  -> 10 t3");
}

#[test]
fn a_document_may_become_unconfirmed_once_more() {
    let mut server = scenario(QUEUED);
    play(
        &mut server,
        "
        10:03  #4  t2  sale 100.00 at 10:03             -> ok    1/3 t4   // the answer under t3 was lost too
        10:04  #5  t4  sale 555.00 at 10:00 offline 88  -> again 1/1 t5
        10:05  #6  t5  sale 210.00 at 10:01 offline 89  -> ok    1/4 t6   // that one was taken
    ",
    );
}

#[test]
fn an_unconfirmed_document_is_answered_whatever_the_status() {
    let mut server = scenario(
        "
        10:00  #1  t0  sale 555.00 at 10:00  -> ok 1/1 t1
        10:01  #2  t0  sale 210.00 at 10:01  -> ok 1/2 t2
        10:02  block unpaid
    ",
    );
    play(&mut server, "10:03  #3  t2  sale 555.00 at 10:00 offline 77  -> again 1/1 t3");
}
