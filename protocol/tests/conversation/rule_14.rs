//! WIRE 13.14: the order of checks. Each request below deserves two refusals and gets the one that goes first.

use crate::harness::{
    BIN, Draft, FIRST_TOKEN, REGISTER, Server, close, framed, play, qr_generate, sale, scenario, system,
    withdraw,
};

fn command(code: u32) -> Draft {
    Draft::new(code, "", 0, crate::harness::Fields::new())
}

fn result(server: &mut Server, draft: Draft) -> u64 {
    server.send(draft).answer.result
}

#[test]
fn frame_goes_before_id() {
    let mut server = Server::new();
    assert_eq!(server.receive(&framed(203, 999, 0, 1, &[0xFF]), true).answer.result, 3);
    assert_eq!(result(&mut server, system().version(199).register(999)), 3);
}

#[test]
fn a_missing_command_is_a_frame_that_cannot_be_read_and_goes_before_tls_and_token() {
    let mut server = Server::new();
    assert_eq!(server.receive(&framed(203, REGISTER, 5, 1, &[]), true).answer.result, 3);
}

#[test]
fn id_goes_before_tls() {
    assert_eq!(result(&mut Server::new(), sale("1.00").register(999).token(5).tls()), 1);
}

#[test]
fn tls_goes_before_token() {
    assert_eq!(result(&mut Server::new(), sale("1.00").token(5).tls()), 7);
}

#[test]
fn token_goes_before_command() {
    for draft in [command(55), command(127), qr_generate(), qr_generate().version(203)] {
        assert_eq!(result(&mut Server::new(), draft.token(5)), 2);
    }
}

#[test]
fn command_goes_before_the_part() {
    let mut server = Server::new();
    for code in [9, 55, 99, 127, u32::MAX] {
        assert_eq!(result(&mut server, command(code)), 4, "{code}");
    }
    assert_eq!(result(&mut server, command(100).version(204)), 5);
    assert_eq!(result(&mut server, command(101).version(203)), 4);
    let reply = server.send(command(55));
    assert_eq!(reply.answer.command, 55, "same as asked");
}

#[test]
fn the_part_that_the_command_names_is_required_and_the_others_are_ignored() {
    let mut server = Server::new();
    for (code, part) in [
        (1, "ticket"),
        (2, "close_shift"),
        (3, "report"),
        (4, "nomenclature"),
        (6, "money_placement"),
        (8, "auth"),
    ] {
        let reply = server.send(command(code));
        assert_eq!(reply.answer.result, 13, "{part}");
        assert!(reply.text().contains(part), "{}", reply.text());
    }
    let mut both = sale("1.00");
    *both.body.value("command") = crate::harness::Value::Int(0);
    assert_eq!(result(&mut server, both), 0);
    assert!(server.documents.is_empty(), "a SYSTEM with a ticket in it is a SYSTEM");
}

#[test]
fn the_part_goes_before_retries_and_status() {
    let mut server = scenario("10:00  #1  t0  sale 500.00  -> ok 1/1 t1");
    assert_eq!(result(&mut server, command(1).req(1).token(FIRST_TOKEN)), 13);
    server.block("unpaid");
    assert_eq!(result(&mut server, command(6)), 13);
    assert_eq!(result(&mut server, command(55)), 4);
}

#[test]
fn retries_go_before_status_and_content() {
    scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00                   -> ok 1/1 t1
        10:00  block unpaid
        10:01  #1  t0  sale 500.00 at 10:00                   -> replay 1/1 t1
        10:01  #1  t0  sale 700.00 without amounts            -> 9      t0
        10:01  #1  t1  sale 500.00 at 10:00                   -> 8      t1
    ",
    );
}

#[test]
fn status_goes_before_the_closed_shifts_z_and_that_before_content() {
    scenario(
        "
        10:00  #1  t0  close label 5                      -> ok 1/1 t1
        10:01  block unpaid
        10:02  #2  t1  close label 5 without close_time   -> 15     t1
        10:02  #2  t1  sale 1.00 without operator         -> 15     t1
        10:03  unblock
        10:04  #2  t1  close label 5 without close_time   -> ok     t1
    ",
    );
}

#[test]
fn content_goes_before_17_age_and_cash() {
    let mut server = scenario("10:00  #1  t0  sale 500.00  -> ok 1/1 t1");
    server.at("10:00+2");
    assert_eq!(result(&mut server, sale("1.00").buyer(BIN).without("operator")), 13);
    assert_eq!(result(&mut server, sale("1.00").buyer(BIN)), 17);
    assert_eq!(result(&mut server, withdraw("900.00")), 11);
    play(
        &mut server,
        "
        10:00+2  #2  t1  close              -> ok 1/2 t2
        10:01+2  #3  t2  withdraw 900.00    -> 14     t2
        10:01+2  #3  t2  buy 900.00         -> 14     t2
    ",
    );
}

#[test]
fn a_close_is_never_too_old_and_never_short_of_cash() {
    let mut server = scenario("10:00  #1  t0  withdraw 100.00 mark  -> ok 1/1 t1");
    server.at("10:00+3");
    assert_eq!(result(&mut server, close().take_all()), 0);
    assert_eq!(server.cash(), -100_00);
}
