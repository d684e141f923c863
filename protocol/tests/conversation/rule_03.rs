//! WIRE 13.3: two tokens are good.

use crate::harness::{FIRST_TOKEN, Outcome, Server, play, sale, scenario, system};

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
        10:04  #5  t0  sale 600.00 at 10:01     -> ok 1/4 t4    // earlier than the remembered one
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
