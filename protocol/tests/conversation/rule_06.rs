//! WIRE 13.6: printed document numbers should grow, and tell a repeat.

use ofd_protocol::warning::Warning;

use crate::harness::{play, scenario};

#[test]
fn a_printed_number_should_grow_within_a_shift_and_anything_else_is_a_warning() {
    let mut server = scenario(
        "
        10:00  #1  t0  sale 500.00 printed 10     -> ok 1/1 t1
        10:01  #2  t1  deposit 500.00 printed 11  -> ok 1/2 t2
        10:02  #3  t2  sale 500.00                -> ok 1/3 t3
        10:03  #4  t3  sale 500.00 printed 0      -> ok 1/4 t4
        10:04  #5  t4  sale 500.00 printed 900    -> ok 1/5 t5
        10:05  #6  t5  close printed 901          -> ok 1/6 t6
        10:06  #7  t6  sale 500.00 printed 1      -> ok 2/1 t7   // a new shift begins anew
    ",
    );
    assert_eq!(server.warnings(Warning::PrintedNumberNotGrowing), 0);
    play(
        &mut server,
        "
        10:07  #8  t7  sale 500.00 printed 1      -> ok 2/2 t8   // a till with a constant number
        10:08  #9  t8  deposit 500.00 printed 1   -> ok 2/3 t9
        10:09  #10 t9  close printed 1            -> ok 2/4 t10
    ",
    );
    assert_eq!(server.warnings(Warning::PrintedNumberNotGrowing), 3);
}

#[test]
fn a_repeat_of_the_last_printed_number_with_the_very_same_document_is_a_retry() {
    scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00 printed 10     -> ok     1/1 t1
        10:01  #2  t1  sale 500.00 at 10:00 printed 10     -> replay 1/1 t1
        10:01  #1  t1  sale 500.00 at 10:00 printed 10     -> 8          t1  // 8 goes first
        10:02  #3  t1  sale 500.00 at 10:02 printed 10     -> ok     1/2 t2  // another time
        10:03  #4  t2  sale 500.01 at 10:02 printed 10     -> ok     1/3 t3  // another content
        10:04  #5  t3  deposit 500.00 at 10:04 printed 11  -> ok     1/4 t4
        10:04  #6  t4  deposit 500.00 at 10:04 printed 11  -> replay 1/4 t4
        10:05  #7  t4  sale 500.00 at 10:02 printed 10     -> ok     1/5 t5  // not the last any more
        10:06  #8  t5  close at 10:06 printed 12           -> ok     1/6 t6
        10:06  #9  t6  close at 10:06 printed 12           -> replay 1/6 t6
    ",
    );
}

#[test]
fn a_printed_number_of_0_tells_nothing() {
    scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00 printed 0  -> ok 1/1 t1
        10:00  #2  t1  sale 500.00 at 10:00 printed 0  -> ok 1/2 t2
    ",
    );
}

#[test]
fn the_printed_text_and_the_offline_number_do_not_make_another_document_of_it() {
    let server = scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00 printed 10             -> ok     1/1 t1
        10:01  #2  t1  sale 500.00 at 10:00 printed 10 text A      -> replay 1/1 t1
        10:01  #3  t1  sale 500.00 at 10:00 printed 10 offline 77  -> replay 1/1 t1
    ",
    );
    assert_eq!(server.document(1, 1).amendments.len(), 2);
}
