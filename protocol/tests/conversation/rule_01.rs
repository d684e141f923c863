//! WIRE 13.1: fiscal commands change the state and the token; the others change nothing.

use ofd_protocol::types::Token;

use crate::harness::{FIRST_TOKEN, Outcome, Server, deposit, sale, scenario};

#[test]
fn every_fiscal_command_hands_out_a_new_token_and_every_other_command_keeps_it() {
    scenario(
        "
        10:00  #1  t0  deposit 100.00  -> ok 1/1 t1
        10:01  #2  t1  sale 500.00     -> ok 1/2 t2
        10:02  #3  t2  cancel          -> ok 1/3 t3
        10:03  #4  t3  system          -> ok     t3
        10:03  #5  t3  x               -> ok     t3
        10:03  #6  t3  z               -> ok     t3
        10:03  #7  t3  info            -> ok     t3
        10:03  #8  t3  nomenclature    -> ok     t3
        10:03  #9  t3  auth            -> ok     t3
        10:04  #10 t3  close           -> ok 1/4 t4
    ",
    );
}

#[test]
fn rotation_can_be_switched_off() {
    scenario(
        "
        10:00  rotation off
        10:00  #1  t0  deposit 100.00  -> ok 1/1 t0
        10:01  #2  t0  sale 500.00     -> ok 1/2 t0
        10:02  #3  t0  close           -> ok 1/3 t0
        10:03  rotation on
        10:03  #4  t0  sale 500.00     -> ok 2/1 t1
        10:03  rotation off
        10:04  #5  t1  sale 500.00     -> ok 2/2 t1
    ",
    );
}

#[test]
fn other_commands_never_disturb_the_retry_memory() {
    scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00:00  -> ok 1/1 t1     // the answer is lost
        10:01  #1  t0  system                   -> ok     t0
        10:01  #1  t0  info                     -> ok     t0
        10:01  #1  t0  x                        -> ok     t0
        10:01  #1  t0  z                        -> ok     t0
        10:01  #1  t0  nomenclature             -> ok     t0
        10:01  #1  t0  auth                     -> ok     t0
        10:02  #1  t0  sale 500.00 at 10:00:00  -> replay 1/1 t1
    ",
    );
}

#[test]
fn a_token_that_is_handed_out_is_new_whatever_was_drawn() {
    let mut server = Server::new();
    let first = server.send(sale("500.00").at("10:00"));
    for drawn in [FIRST_TOKEN, first.token] {
        let mut server = Server::new();
        server.send(sale("500.00").at("10:00"));
        server.draws = Some(drawn);
        let reply = server.send(deposit("1.00").token(FIRST_TOKEN));
        assert!(matches!(reply.outcome, Outcome::Accepted(_)));
        assert_ne!(reply.token, FIRST_TOKEN, "the token it came with");
        assert_ne!(reply.token, first.token, "the token that was current");
        assert_eq!(server.register.tokens.current, Token(reply.token));
    }
}

#[test]
fn what_is_refused_leaves_no_trace() {
    let mut server = scenario("10:00  #1  t0  sale 500.00  -> ok 1/1 t1");
    let before = server.register.clone();
    crate::harness::play(
        &mut server,
        "
        10:01  #2  t1  withdraw 500.01               -> 14 t1
        10:01  #2  t1  sale 500.00 buyer 880101300123 -> 17 t1
        10:01  #2  t1  sale 500.00 without operator  -> 13 t1
        10:01  #2  t9  sale 500.00                   -> 2  t9
        10:00+2 #2 t1  sale 500.00                   -> 11 t1
    ",
    );
    assert_eq!(server.register, before);
    assert_eq!(server.documents.len(), 1);
}
