//! WIRE 13.5: shifts open by themselves, and close whatever the till calls them.

use ofd_protocol::register::{ClosedShift, OpenShift, Phase, SHIFT_DOCUMENTS_MAX};
use ofd_protocol::types::LocalDateTime;
use ofd_protocol::warning::Warning;

use crate::harness::{Outcome, Server, close, deposit, info, play, sale, scenario, x, z};

#[test]
fn shifts_open_with_the_first_ticket_or_placement_after_a_close_and_are_numbered_without_gaps() {
    scenario(
        "
        10:00  #1  t0  sale 500.00     -> ok 1/1 t1
        10:01  #2  t1  sale 500.00     -> ok 1/2 t2
        10:02  #3  t2  close           -> ok 1/3 t3
        10:03  #4  t3  system          -> ok     t3
        10:03  #4  t3  cancel          -> 10     t3   // does not open one
        10:04  #5  t3  deposit 100.00  -> ok 2/1 t4
        10:05  #6  t4  close           -> ok 2/2 t5
        10:06  #7  t5  sale 500.00     -> ok 3/1 t6
    ",
    );
}

#[test]
fn a_document_that_is_refused_opens_no_shift() {
    let mut server = scenario("10:00  #1  t0  withdraw 500.00  -> 14 t0");
    assert!(server.register.open_shift().is_none());
    assert_eq!(server.send(x()).answer.report.unwrap().shift, 0);
}

#[test]
fn a_devices_own_shift_number_is_stored_warned_of_and_never_a_reason_to_refuse() {
    let server = scenario(
        "
        10:00  #1  t0  sale 500.00 label 1       -> ok 1/1 t1
        10:01  #2  t1  sale 500.00               -> ok 1/2 t2
        10:01  #3  t2  sale 500.00 label 0       -> ok 1/3 t3   // 0 is none
    ",
    );
    assert_eq!(server.warnings(Warning::ShiftNumberDiffers), 0);
    let mut server = server;
    play(
        &mut server,
        "
        10:02  #4  t3  sale 500.00 label 812     -> ok 1/4 t4
        10:03  #5  t4  deposit 500.00 label 813  -> ok 1/5 t5
        10:04  #6  t5  close label 814           -> ok 1/6 t6
        10:05  #7  t6  sale 500.00 label 1       -> ok 2/1 t7
        10:06  #8  t7  close label 1             -> ok 2/2 t8
    ",
    );
    assert_eq!(server.warnings(Warning::ShiftNumberDiffers), 5);
}

#[test]
fn a_close_with_no_open_shift_opens_and_closes_an_empty_one() {
    let mut server = scenario(
        "
        10:00  #1  t0  close  -> ok 1/1 t1     // every morning, before any sale
        10:01  #2  t1  close  -> ok 2/1 t2
        10:02  #3  t2  sale 500.00 -> ok 3/1 t3
        10:03  #4  t3  close  -> ok 3/2 t4
    ",
    );
    server.at("10:04");
    let report = server.send(close().at("10:04:30")).answer.report.unwrap();
    assert_eq!((report.shift, report.cash, report.sums[2]), (4, 500_00, 500_00));
    assert_eq!(report.operations, [(0, 0); 4]);
    assert_eq!(report.closed.as_deref(), Some("2026-01-22 10:04:30"));
    assert_eq!(report.opened, "2026-01-22 10:04:30", "its first document is the close");
}

#[test]
fn a_close_that_names_exactly_the_last_closed_shift_gets_its_z_again_and_nothing_is_stored() {
    let mut server = scenario("10:00  #1  t0  sale 500.00  -> ok 1/1 t1");
    let first = server.at("21:00").send(close().label(812)).answer.report.unwrap();
    let before = server.register.clone();
    let again = server.at("09:00+1").send(close().label(812));
    assert_eq!(again.outcome, Outcome::Answered);
    assert_eq!(again.answer.command, 2);
    assert_eq!(again.answer.report, Some(first));
    assert_eq!(server.register, before);
    play(
        &mut server,
        "
        09:01+1  #9   t2  close label 812  -> ok     t2
        09:01+1  #10  t2  close label 813  -> ok 2/1 t3   // names another
        09:02+1  #11  t3  close label 812  -> ok 3/1 t4   // not the last any more
        09:03+1  #12  t4  close label 812  -> ok     t4   // the empty shift was closed under this label
        09:03+1  #13  t4  close label 3    -> ok 4/1 t5   // a label counts, not our number
    ",
    );
}

#[test]
fn a_shift_closed_without_a_label_is_named_by_our_number() {
    scenario(
        "
        10:00  #1  t0  sale 500.00     -> ok 1/1 t1
        10:01  #2  t1  close           -> ok 1/2 t2
        10:02  #3  t2  close label 1   -> ok     t2
        10:03  #4  t2  close label 2   -> ok 2/1 t3
        10:03  #5  t3  close           -> ok 3/1 t4   // names nothing
        10:04  #6  t4  close label 3   -> ok     t4
        10:05  #7  t4  close label 0   -> ok 4/1 t5   // 0 names nothing
    ",
    );
}

#[test]
fn a_close_that_names_the_last_closed_shift_while_another_is_open_closes_that_one() {
    scenario(
        "
        10:00  #1  t0  sale 500.00     -> ok 1/1 t1
        10:01  #2  t1  close label 5   -> ok 1/2 t2
        10:02  #3  t2  sale 500.00     -> ok 2/1 t3
        10:03  #4  t3  close label 5   -> ok 2/2 t4   // numbered from 5 for ever, or a wrong label
        10:04  #5  t4  close label 5   -> ok     t4
    ",
    );
}

#[test]
fn the_z_again_outlives_a_block_a_disconnection_and_a_token_reset() {
    scenario(
        "
        10:00  #1  t0  sale 500.00     -> ok 1/1 t1
        10:01  #2  t1  close label 5   -> ok 1/2 t2
        10:02  block unpaid
        10:03  #3  t2  close label 5   -> 15     t2
        10:04  unblock
        10:05  #4  t2  close label 5   -> ok     t2
        10:06  disconnect
        10:06  connect
        10:06  reset-token
        10:07  #5  t3  close label 5   -> ok     t3
        10:08  #6  t3  close label 6   -> ok 2/1 t4
    ",
    );
}

#[test]
fn the_z_again_looks_at_nothing_else_of_the_close() {
    scenario(
        "
        10:00  #1  t0  sale 500.00                              -> ok 1/1 t1
        10:01  #2  t1  close label 5                            -> ok 1/2 t2
        10:02  #3  t2  close label 5 take-all without close_time -> ok     t2
        10:02  #3  t2  close label 6 without close_time         -> 13     t2
    ",
    );
}

#[test]
fn a_shift_open_for_over_24_hours_by_the_devices_clock_takes_no_tickets_and_placements() {
    scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00          -> ok 1/1 t1
        10:01  #2  t1  sale 500.00 at 10:00+1        -> ok 1/2 t2   // 24 hours are not over 24 hours
        10:02  #3  t2  sale 500.00 at 10:00:01+1     -> 11     t2
        10:02  #3  t2  deposit 500.00 at 10:00:01+1  -> 11     t2
        10:02  #3  t2  sale 500.00 at 09:00-5        -> ok 1/3 t3   // a wrong clock set right
        10:02  #4  t3  close at 10:00:02+1           -> ok 1/4 t4
        10:03  #5  t4  sale 500.00 at 10:00:03+1     -> ok 2/1 t5
    ",
    );
}

#[test]
fn a_shift_open_for_24_hours_by_the_servers_clock_takes_no_tickets_and_placements() {
    scenario(
        "
        10:00       #1  t0  sale 500.00 at 10:00      -> ok 1/1 t1
        09:59:59+1  #2  t1  sale 500.00 at 10:00:30   -> ok 1/2 t2  // a clock that stands nearly still
        10:00+1     #3  t2  sale 500.00 at 10:00:31   -> 11     t2
        10:00+1     #3  t2  deposit 500.00 at 10:01   -> 11     t2
        10:00+1     #3  t2  buy 1.00 at 10:01         -> 11     t2
        10:00+1     #3  t2  close at 10:01            -> ok 1/3 t3
        10:00+1     #4  t3  sale 500.00 at 10:02      -> ok 2/1 t4
    ",
    );
}

#[test]
fn the_age_never_refuses_documents_with_an_offline_mark_a_close_or_a_cancellation() {
    scenario(
        "
        10:00    #1  t0  sale 500.00                   -> ok 1/1 t1
        11:00+2  #2  t1  sale 500.00                   -> 11     t1
        11:00+2  #2  t1  sale 500.00 offline 77        -> ok 1/2 t2
        11:00+2  #3  t2  deposit 500.00 mark           -> ok 1/3 t3
        11:01+2  #4  t3  sale 500.00 offline 78        -> ok 1/4 t4
        11:02+2  #5  t4  cancel                        -> ok 1/5 t5
        11:03+2  #6  t5  close                         -> ok 1/6 t6
    ",
    );
}

#[test]
fn offline_receipts_of_the_days_before_which_come_after_a_close_do_not_age_the_shift_that_they_open() {
    scenario(
        "
        10:00    #1  t0  close                               -> ok 1/1 t1
        10:01    #2  t1  sale 500.00 at 09:00-3 offline 7    -> ok 2/1 t2   // out of the queue
        10:01    #3  t2  deposit 500.00 at 09:30-2 mark      -> ok 2/2 t3
        10:02    #4  t3  sale 500.00 at 10:02                -> ok 2/3 t4   // the first sale of today
        10:03    #5  t4  sale 500.00 at 10:02+1              -> ok 2/4 t5   // its 24 hours count from that one
        10:03    #6  t5  sale 500.00 at 10:02:01+1           -> 11     t5
        10:03    #6  t5  sale 500.00 at 09:00-2 offline 8    -> ok 2/5 t6   // another of the queue
        10:04    #7  t6  sale 500.00 at 10:04                -> ok 2/6 t7
        10:00+1  #8  t7  deposit 500.00 at 10:03             -> ok 2/7 t8
        10:01+1  #9  t8  sale 500.00 at 10:04                -> 11     t8   // 24 hours after the first acceptance
    ",
    );
}

#[test]
fn the_age_counts_from_a_first_document_that_was_cancelled_too() {
    scenario(
        "
        10:03    #1  t0  sale 500.00 at 10:03               -> ok 1/1 t1
        10:04    #2  t1  cancel                             -> ok 1/2 t2
        10:04    #3  t2  sale 500.00 at 10:03:01+1          -> 11     t2
        10:04+1  #3  t2  sale 500.00 at 10:03:30            -> 11     t2
    ",
    );
}

#[test]
fn where_the_head_cannot_hold_it_the_first_document_tells_when_nothing_was_made_without_a_link() {
    scenario(
        "
        10:00  #1  t0  sale 500.00 at 10:00             -> ok 1/1 t1
        10:01  stored-as-before
        10:02  #2  t1  sale 500.00 at 10:00:01+1        -> 11     t1
        10:02  #2  t1  close                            -> ok 1/2 t2
        10:03  #3  t2  sale 500.00 at 09:00-3 offline 7 -> ok 2/1 t3
        10:03  #4  t3  sale 500.00 at 10:03             -> ok 2/2 t4
        10:04  stored-as-before
        10:05  #5  t4  sale 500.00 at 10:04             -> ok 2/3 t5   // not known: our clock alone tells
        10:03+1 #6 t5  sale 500.00 at 10:05             -> 11     t5
    ",
    );
}

#[test]
fn a_time_over_15_minutes_ahead_is_told_as_the_time_of_acceptance_in_every_answer_and_report() {
    let mut server = scenario("10:00  #1  t0  sale 500.00 at 10:15:00  -> ok 1/1 t1");
    assert_eq!(server.send(x()).answer.report.unwrap().opened, "2026-01-22 10:15:00", "15 minutes are told");
    assert_eq!(server.warnings(Warning::ClockWrong), 0);
    let far = "2061-05-05 05:05:05";
    server.send(close());
    server.at("10:30").send(sale("500.00").at(far));
    assert_eq!(server.warnings(Warning::ClockWrong), 1);
    for (at, draft) in [("10:31", x()), ("11:00", info()), ("12:00", x())] {
        let report = server.at(at).send(draft).answer.report.unwrap();
        assert_eq!(report.opened, "2026-01-22 10:30:00");
    }
    let closed = server.at("21:00").send(close().label(2).at(far)).answer.report.unwrap();
    assert_eq!(server.warnings(Warning::ClockWrong), 2);
    assert_eq!(closed.opened, "2026-01-22 10:30:00");
    assert_eq!(
        (closed.date_time.as_str(), closed.closed.as_deref()),
        ("2026-01-22 21:00:00", Some("2026-01-22 21:00:00"))
    );
    server.at("09:00+1");
    for again in [z(), info(), close().label(2)] {
        assert_eq!(server.send(again).answer.report.unwrap(), closed);
    }
    let empty = server.send(close().at(far)).answer.report.unwrap();
    assert_eq!(
        (empty.opened.as_str(), empty.closed.as_deref()),
        ("2026-01-23 09:00:00", Some("2026-01-23 09:00:00"))
    );
    let stored = scenario("10:00  #1  t0  sale 500.00 at 10:15:01  -> ok 1/1 t1");
    assert_eq!(stored.warnings(Warning::ClockWrong), 1, "a second more");
}

#[test]
fn the_time_of_acceptance_is_told_in_the_configured_zone() {
    let mut server = Server::new();
    server.policy.zone_offset_seconds = 6 * 3600;
    server.send(sale("500.00").at("11:15"));
    assert_eq!(server.send(x()).answer.report.unwrap().opened, "2026-01-22 11:15:00");
    server.send(close().at("11:16"));
    server.send(sale("500.00").at("11:15:01"));
    assert_eq!(server.send(info()).answer.report.unwrap().opened, "2026-01-22 11:00:00");
}

#[test]
fn no_other_time_told_lies_over_15_minutes_after_the_servers_clock() {
    let mut server = Server::new();
    let far = "2061-05-05 05:05:05";
    for closed in [0, 1] {
        let report = server.send(info().offline_period("1899-12-30 00:00:00", far)).answer.report.unwrap();
        assert_eq!((report.shift, report.date_time.as_str()), (closed, "2026-01-22 10:00:00"));
        let report = server.send(x().at(far)).answer.report.unwrap();
        assert_eq!(
            (report.date_time.as_str(), report.opened.as_str()),
            ("2026-01-22 10:00:00", "2026-01-22 10:00:00")
        );
        assert_eq!(server.send(z().at(far)).answer.report.unwrap().date_time, "2026-01-22 10:00:00");
        assert_eq!(server.send(x().at("10:15")).answer.report.unwrap().opened, "2026-01-22 10:15:00");
        server.send(close());
    }
    server.send(sale("1.00"));
    let report = server.send(x().at(far)).answer.report.unwrap();
    assert_eq!(report.date_time, "2026-01-22 10:00:00", "of an open shift, too");
}

#[test]
fn a_till_that_was_stopped_by_a_time_of_2061_is_told_a_right_one_now() {
    let mut server = scenario("10:00  #1  t0  sale 500.00  -> ok 1/1 t1");
    let far = LocalDateTime::new(2061, 5, 5, 5, 5, 5).unwrap();
    // As an earlier program stored an open and a closed shift.
    let Phase::Open(open) = &mut server.register.phase else { panic!() };
    *open = OpenShift { opened_at: far, first_online_at: None, ..*open };
    assert_eq!(server.send(info()).answer.report.unwrap().opened, "2026-01-22 10:00:00");
    let text = server.at("10:00+1").send(sale("1.00")).text().to_owned();
    assert!(text.contains("2026-01-22T10:00:00") && !text.contains("2061"), "{text}");
    server.at("21:00+1").send(close().at("21:00"));
    let Phase::Closed(closed) = &mut server.register.phase else { panic!() };
    *closed = ClosedShift { opened_at: far, closed_at: far, ..*closed };
    let report = server.at("08:00+2").send(info()).answer.report.unwrap();
    assert_eq!(
        (report.opened.as_str(), report.closed.as_deref()),
        ("2026-01-23 21:00:00", Some("2026-01-23 21:00:00"))
    );
}

#[test]
fn open_shift_time_is_the_first_documents_date_time() {
    let mut server = Server::new();
    server.send(deposit("1.00").at("09:58:07"));
    server.send(sale("500.00").at("09:30"));
    for draft in [x(), info(), close()] {
        assert_eq!(server.send(draft).answer.report.unwrap().opened, "2026-01-22 09:58:07");
    }
    for draft in [z(), info()] {
        let report = server.send(draft).answer.report.unwrap();
        assert_eq!(report.opened, "2026-01-22 09:58:07");
        assert!(report.closed.is_some());
    }
}

#[test]
fn the_servers_clock_never_runs_back() {
    let mut server = scenario("10:00  #1  t0  sale 500.00  -> ok 1/1 t1");
    let first = server.register.clock;
    play(&mut server, "09:00  #2  t1  sale 500.00 at 10:01  -> ok 1/2 t2");
    assert_eq!(server.register.clock, first);
    play(&mut server, "10:00+1  #3  t2  sale 500.00 at 10:02  -> 11 t2");
}

#[test]
fn a_full_shift_takes_only_what_happened_and_its_close() {
    let mut server = scenario("10:00  #1  t0  sale 500.00  -> ok 1/1 t1");
    server.register.documents = SHIFT_DOCUMENTS_MAX;
    let text = server.send(sale("1.00")).text().to_owned();
    assert_eq!(text.matches("100000").count(), 3, "the text says why: {text}");
    server.register.documents = SHIFT_DOCUMENTS_MAX - 1;
    play(
        &mut server,
        "
        10:01  #2  t1  sale 500.00             -> ok 1/100000 t2
        10:02  #3  t2  sale 500.00             -> 11          t2
        10:02  #3  t2  deposit 500.00          -> 11          t2
        10:02  #3  t2  sale 500.00 offline 77  -> ok 1/100001 t3
        10:03  #4  t3  close                   -> ok 1/100002 t4
        10:04  #5  t4  sale 500.00             -> ok 2/1      t5
    ",
    );
}
