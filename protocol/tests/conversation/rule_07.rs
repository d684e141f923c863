//! WIRE 13.7: registers that are not served.

use ofd_protocol::refusal::has_forbidden_word;
use ofd_protocol::register::Change;

use crate::harness::{
    Draft, Outcome, Server, auth, cancel, close, deposit, info, nomenclature, play, sale, scenario, system,
    x, z,
};

fn every_command() -> [Draft; 10] {
    [system(), sale("1.00"), close(), x(), z(), nomenclature(), info(), deposit("1.00"), cancel(), auth()]
}

fn stopped(change: Change) -> Server {
    let mut server = scenario("10:00  #1  t0  sale 500.00  -> ok 1/1 t1");
    server.at("12:00").change(&change).unwrap();
    server
}

/// The code that a stop gets in 203 and in 204 for every command.
fn codes(change: Change, before_204: u64, in_204: u64) {
    let server = scenario("10:00  #1  t0  sale 500.00  -> ok 1/1 t1");
    codes_of(change, server, before_204, in_204);
}

fn codes_of(change: Change, mut server: Server, before_204: u64, in_204: u64) {
    server.at("12:00").change(&change).unwrap();
    for draft in every_command() {
        for (version, code) in [(124, before_204), (200, before_204), (203, before_204), (204, in_204)] {
            if version == 204 && draft.part.is_empty() && draft.payload("10:00")[1] == 7 {
                continue; // 204 has no CANCEL_TICKET
            }
            let reply = server.send(draft.clone().version(version));
            assert_eq!(reply.answer.result, code, "{} in {version}", draft.part);
            let service = reply.answer.service.clone().expect("an ad needs a whole service part");
            let [(kind, _, text)] = &service.ads[..] else { panic!("{:?}", service.ads) };
            assert_eq!((*kind, text.as_str()), (4, reply.text()), "the ad says what the result text says");
        }
    }
}

#[test]
fn blocked_is_15_for_every_command_with_an_ad_that_says_the_same() {
    codes(Change::Block { reason: "unpaid".into() }, 15, 15);
}

#[test]
fn deregistered_is_18_in_204_and_15_before() {
    codes(Change::Deregister { reason: "sold".into() }, 15, 18);
}

#[test]
fn disconnected_by_the_organisation_is_19_in_204_and_15_before() {
    codes(Change::Disconnect, 15, 19);
}

#[test]
fn the_text_of_a_block_says_why_and_what_to_do() {
    let mut server = stopped(Change::Block { reason: "долг за январь".into() });
    let reply = server.send(system());
    assert!(reply.text().contains("долг за январь"), "{}", reply.text());
    for reason in ["no connection", "Timeout", "нет связи", "UNKNOWN", "network", "Empty Response"] {
        let mut server = stopped(Change::Block { reason: reason.into() });
        let reply = server.send(system());
        assert!(!has_forbidden_word(reply.text()), "{}", reply.text());
    }
}

#[test]
fn a_new_reason_comes_as_a_newer_ad() {
    let mut server = stopped(Change::Block { reason: "a".into() });
    let ad = |server: &mut Server| server.send(system()).answer.service.unwrap().ads[0].clone();
    let (_, first, text) = ad(&mut server);
    server.at("13:00").block("b");
    let (_, second, new) = ad(&mut server);
    assert_ne!(new, text);
    assert!(second > first, "tills take an ad only when its version is newer");
}

#[test]
fn the_stop_that_is_left_when_another_ends_comes_as_a_newer_ad() {
    let mut server = stopped(Change::Disconnect);
    server.at("13:00").block("unpaid");
    let (_, first, text) = server.send(system()).answer.service.unwrap().ads[0].clone();
    server.at("14:00").change(&Change::Unblock { reason: String::new() }).unwrap();
    let (_, second, new) = server.send(system()).answer.service.unwrap().ads[0].clone();
    assert_ne!(new, text, "now it is switched off by the organisation");
    assert!(second > first, "tills take an ad only when its version is newer");
}

#[test]
fn system_with_reg_info_is_how_a_till_asks_whether_the_block_is_over() {
    let mut server = stopped(Change::Block { reason: String::new() });
    assert_eq!(server.send(system().reg_info()).answer.result, 15);
    server.change(&Change::Unblock { reason: String::new() }).unwrap();
    let reply = server.send(system().reg_info());
    assert_eq!(reply.answer.result, 0);
    assert_eq!(reply.answer.service.unwrap().ads, []);
    assert!(matches!(server.send(sale("1.00").at("12:30")).outcome, Outcome::Accepted(_)));
}

#[test]
fn unknown_id_is_1() {
    let mut server = Server::new();
    for draft in every_command() {
        let reply = server.send(draft.register(999));
        assert_eq!((reply.answer.result, reply.answer.service), (1, None));
    }
}

#[test]
fn documents_with_an_offline_mark_from_before_the_block_are_accepted() {
    scenario(
        "
        10:00  #1  t0  sale 500.00                          -> ok 1/1 t1
        12:00  block unpaid
        13:00  #2  t1  sale 500.00 at 12:00 offline 77      -> ok 1/2 t2   // not after the block
        13:00  #3  t2  sale 500.00 at 12:00:01 offline 78   -> 15     t2
        13:00  #3  t2  sale 500.00 at 11:00                 -> 15     t2   // no offline mark
        13:00  #3  t2  sale 500.00 at 11:00 offline 0       -> 15     t2
        13:00  #3  t2  deposit 500.00 at 11:00 mark         -> ok 1/3 t3
        13:00  #4  t3  withdraw 500.00 at 12:30 mark        -> 15     t3
        13:00  #4  t3  close at 12:00 mark                  -> ok 1/4 t4
        13:00  #5  t4  close at 12:01 mark                  -> 15     t4
        13:00  #5  t4  cancel                               -> 15     t4
        13:01  #5  t4  sale 500.00 at 11:59 offline 79      -> ok 2/1 t5
        13:01  #5  t4  sale 500.00 at 11:59 offline 79      -> replay 2/1 t5
    ",
    );
}

#[test]
fn the_date_time_is_compared_in_the_configured_zone() {
    let mut server = stopped(Change::Block { reason: String::new() });
    server.policy.zone_offset_seconds = 6 * 3600;
    play(
        &mut server,
        "
        13:00  #2  t1  sale 500.00 at 13:00 offline 77     -> ok 1/2 t2
        13:00  #3  t2  sale 500.00 at 13:00:01 offline 78  -> 15     t2
    ",
    );
}

#[test]
fn replays_are_answered_whatever_the_status() {
    for change in ["block unpaid", "disconnect", "deregister sold"] {
        let table = format!(
            "
            10:00  #1  t0  sale 500.00 at 10:00  -> ok     1/1 t1
            10:01  {change}
            10:02  #1  t0  sale 500.00 at 10:00  -> replay 1/1 t1
            10:02  #1  t0  sale 700.00 at 10:00  -> 9          t0
            10:02  #1  t1  sale 500.00 at 10:00  -> 8          t1
        "
        );
        scenario(&table);
    }
}

#[test]
fn every_stop_that_holds_must_have_come_after_the_document() {
    scenario(
        "
        10:00  #1  t0  sale 500.00                         -> ok 1/1 t1
        11:00  disconnect
        12:00  block unpaid
        13:00  #2  t1  sale 500.00 at 10:30 offline 77     -> ok 1/2 t2
        13:00  #3  t2  sale 500.00 at 11:30 offline 78     -> 15     t2
        13:00  connect
        13:00  #3  t2  sale 500.00 at 11:30 offline 78     -> ok 1/3 t3
        14:00  deregister sold
        15:00  #4  t3  sale 500.00 at 11:40 offline 79     -> ok 1/4 t4
        15:00  #5  t4  sale 500.00 at 12:30 offline 80     -> 15     t4
        15:00  #5  t4  sale 500.00 at 12:30 offline 80 v204 -> 15    t4
    ",
    );
}

#[test]
fn an_unpaid_registers_open_shift_goes_on_until_its_close_then_15() {
    scenario(
        "
        10:00  #1  t0  sale 500.00                       -> ok 1/1 t1
        12:00  unpaid
        12:01  #2  t1  sale 500.00                       -> ok 1/2 t2
        12:02  #3  t2  x                                 -> ok     t2
        12:02  #3  t2  info                              -> ok     t2
        12:02  #3  t2  system reg-info                   -> ok     t2
        20:00  #3  t2  close                             -> ok 1/3 t3
        20:00  #3  t2  close                             -> replay 1/3 t3
        20:01  #4  t3  sale 500.00                       -> 15     t3
        20:01  #4  t3  system reg-info                   -> 15     t3
        20:01  #4  t3  info                              -> 15     t3
        20:02  #4  t3  sale 500.00 at 20:00:01 offline 6 -> 15     t3
        20:02  #4  t3  sale 500.00 at 19:00 offline 7    -> ok 2/1 t4   // it happened while the shift went on
        20:02  #5  t4  sale 500.00 at 19:01 offline 8    -> ok 2/2 t5
        20:02  #6  t5  sale 500.00                       -> 15     t5   // what opened this shift opens no day
        20:02  #6  t5  close                             -> 15     t5
        20:03  paid
        20:03  #6  t5  system reg-info                   -> ok     t5
        20:04  #6  t5  sale 500.00                       -> ok 2/3 t6
    ",
    );
}

#[test]
fn or_24_hours_after_its_first_acceptance_then_15() {
    scenario(
        "
        10:00      #1  t0  sale 500.00 at 10:00:30            -> ok 1/1 t1
        12:00      unpaid
        09:59:59+1 #2  t1  sale 500.00 at 10:00               -> ok 1/2 t2
        10:00+1    #3  t2  sale 500.00 at 10:01               -> 15     t2   // 15, not 11: a close does not help
        10:00+1    #3  t2  close                              -> 15     t2
        10:00+1    #3  t2  info                               -> 15     t2
        10:01+1    #3  t2  sale 500.00 at 10:00+1 offline 7   -> ok 1/3 t3
        10:01+1    #4  t3  sale 500.00 at 10:01+1 offline 8   -> 15     t3
        10:02+1    #4  t3  close at 10:00+1 mark              -> ok 1/4 t4
        10:03+1    #5  t4  sale 500.00 at 10:01+1 offline 8   -> 15     t4
        10:03+1    #5  t4  sale 500.00 at 10:00+1 offline 9   -> ok 2/1 t5
        10:04+1    paid
        10:04+1    #6  t5  sale 500.00                        -> ok 2/2 t6
    ",
    );
}

#[test]
fn an_unpaid_register_with_no_open_shift_is_15_at_once() {
    codes_of(
        Change::Unpaid { reason: String::new() },
        scenario("10:00  #1  t0  close  -> ok 1/1 t1"),
        15,
        15,
    );
    codes_of(Change::Unpaid { reason: String::new() }, Server::new(), 15, 15);
    scenario(
        "
        10:00  unpaid
        10:01  #1  t0  sale 500.00 at 10:00 offline 7     -> ok 1/1 t1   // not after the stop
        10:01  #2  t1  sale 500.00 at 10:00:01 offline 8  -> 15     t1
        10:01  #2  t1  sale 500.00                        -> 15     t1
        10:01  #2  t1  close at 10:00 mark                -> ok 1/2 t2
        10:01  #3  t2  close                              -> 15     t2
    ",
    );
}

#[test]
fn blocked_by_people_and_stopped_for_unpaid_are_each_by_itself() {
    let mut server = scenario("10:00  #1  t0  close  -> ok 1/1 t1");
    let text = |server: &mut Server| server.send(system()).text().to_owned();
    server.at("11:00").change(&Change::Unpaid { reason: String::new() }).unwrap();
    let unpaid = text(&mut server);
    server.at("12:00").block("проверка");
    let blocked = text(&mut server);
    assert!(blocked.contains("проверка"), "the reason of the first is told first: {blocked}");
    server.at("13:00").change(&Change::Paid).unwrap();
    assert_eq!(text(&mut server), blocked, "a payment ends the second alone");
    server.at("14:00").change(&Change::Unpaid { reason: String::new() }).unwrap();
    server.at("15:00").change(&Change::Unblock { reason: String::new() }).unwrap();
    assert_eq!(text(&mut server), unpaid, "and a person the first alone");
    server.at("16:00").change(&Change::Paid).unwrap();
    assert_eq!(server.send(system()).answer.result, 0);
    server.change(&Change::Disconnect).unwrap();
    server.change(&Change::Unpaid { reason: String::new() }).unwrap();
    assert_eq!(server.send(system().version(204)).answer.result, 15, "what is to be paid goes before 19");
}

#[test]
fn the_text_of_an_unpaid_register_says_why_and_what_to_do() {
    let mut server = Server::new();
    server.change(&Change::Unpaid { reason: String::new() }).unwrap();
    let reply = server.send(system());
    assert!(!has_forbidden_word(reply.text()), "{}", reply.text());
    for said in ["не оплачена", "Оплатите", "төленбеген", "not paid", "Pay the bill"]
    {
        assert!(reply.text().contains(said), "{said}: {}", reply.text());
    }
    let [(kind, version, ad)] = &reply.answer.service.as_ref().unwrap().ads[..] else { panic!() };
    assert_eq!((*kind, ad.as_str()), (4, reply.text()));
    server.at("11:00").change(&Change::Paid).unwrap();
    server.at("12:00").change(&Change::Unpaid { reason: String::new() }).unwrap();
    let again = server.send(system()).answer.service.unwrap().ads[0].clone();
    assert!(again.1 > *version, "a new stop comes as a newer ad");
}

#[test]
fn an_unpaid_till_shows_the_debt_and_the_account_and_a_new_debt_comes_as_a_newer_ad() {
    let unpaid = |sum: &str| Change::Unpaid { reason: ofd_protocol::refusal::debt_reason("10000004", sum) };
    let mut server = Server::new();
    server.at("11:00").change(&unpaid("1500.00")).unwrap();
    let ad = |server: &mut Server| server.send(system()).answer.service.unwrap().ads[0].clone();
    let (_, first, text) = ad(&mut server);
    assert_eq!(text.matches("1500.00").count(), 3, "{text}");
    assert_eq!(text.matches("10000004").count(), 3, "{text}");
    let since = server.register.status.unpaid.clone().unwrap().at;
    server.at("12:00").change(&unpaid("1550.00")).unwrap();
    let (_, second, text) = ad(&mut server);
    assert!(text.contains("1550.00") && second > first, "{text}");
    assert_eq!(server.register.status.unpaid.clone().unwrap().at, since, "the stop is as old as it was");
}

#[test]
fn a_register_that_was_paid_for_since_is_served_before_its_state_says_so() {
    let mut server = scenario("10:00  #1  t0  close  -> ok 1/1 t1");
    server.at("11:00").change(&Change::Unpaid { reason: String::new() }).unwrap();
    assert_eq!(server.send(system()).answer.result, 15);
    server.is_paid_since = true;
    assert_eq!(server.send(system()).answer.result, 0);
    server.at("12:00").block("проверка");
    assert_eq!(server.send(system()).answer.result, 15, "a block by people does not end by a payment");
}

#[test]
fn a_block_that_comes_right_after_a_close_stops_the_next_shift() {
    scenario(
        "
        10:00  #1  t0  sale 500.00                      -> ok 1/1 t1
        10:01  #2  t1  close                            -> ok 1/2 t2
        12:00  block unpaid
        12:01  #3  t2  info                             -> 15     t2
        12:01  #3  t2  sale 500.00                      -> 15     t2
        12:01  #3  t2  sale 500.00 at 11:00 offline 77  -> ok 2/1 t3
        12:02  unblock
        12:03  #4  t3  sale 500.00                      -> ok 2/2 t4
    ",
    );
}

#[test]
fn deregistration_is_final_and_a_block_can_be_lifted_only_before_it() {
    let mut server = stopped(Change::Deregister { reason: String::new() });
    for change in [
        Change::Unblock { reason: String::new() },
        Change::Connect,
        Change::ResetToken,
        Change::Block { reason: "x".into() },
    ] {
        assert!(server.change(&change).is_err());
    }
}
