//! WIRE section 10: X, Z and INFO, with and without a shift.

use crate::harness::{
    Outcome, SELL, Server, Zx, card_sale, close, deposit, info, recomputed, sale, scenario, x, z,
};

fn report(server: &mut Server, draft: crate::harness::Draft) -> Zx {
    server.send(draft).answer.report.unwrap()
}

/// All of it zero but what is named.
fn empty(kind: u64, date_time: &str) -> Zx {
    let types = [0, 1, 4].map(|kind| (kind, (0, 0)));
    let line = || crate::harness::Tickets { payments: types.into_iter().collect(), ..Default::default() };
    Zx {
        kind,
        date_time: date_time.into(),
        opened: date_time.into(),
        tickets: [line(), line(), line(), line()],
        ..Zx::default()
    }
}

#[test]
fn z_before_any_shift_was_closed_is_an_empty_report_of_shift_0() {
    let mut server = Server::new();
    assert_eq!(report(&mut server, z().at("10:15")), empty(0, "2026-01-22 10:15:00"));
    server.at("10:16").send(sale("500.00"));
    assert_eq!(
        report(&mut server, z().at("10:16")),
        empty(0, "2026-01-22 10:16:00"),
        "one is open, none closed"
    );
}

#[test]
fn z_is_the_last_closed_shifts_whatever_came_after() {
    let mut server = Server::new();
    server.send(sale("500.00"));
    server.at("21:00");
    let closed = report(&mut server, close().at("21:00"));
    assert_eq!((closed.kind, closed.closed.as_deref()), (0, Some("2026-01-22 21:00:00")));
    assert_eq!(closed.date_time, "2026-01-22 21:00:00");
    assert_eq!(report(&mut server, z().at("21:01")), closed);
    server.block("x");
    server.change(&ofd_protocol::register::Change::Unblock { reason: String::new() }).unwrap();
    assert_eq!(report(&mut server, z().at("21:01")), closed);
    server.send(sale("7.00"));
    assert_eq!(report(&mut server, z().at("21:02")), closed);
    assert_eq!(report(&mut server, close().at("21:03")).shift, 2);
    assert_eq!(report(&mut server, z()).shift, 2);
}

#[test]
fn x_of_an_open_shift_is_as_it_stands() {
    let mut server = Server::new();
    server.send(sale("500.00").at("10:00"));
    let x = report(server.at("10:30"), x().at("10:30"));
    assert_eq!((x.kind, x.shift, x.of(SELL).sum), (1, 1, 500_00));
    assert_eq!((x.date_time.as_str(), x.opened.as_str()), ("2026-01-22 10:30:00", "2026-01-22 10:00:00"));
    assert_eq!(x.closed, None);
}

#[test]
fn x_with_no_shift_open_has_the_last_shifts_number_zero_sums_and_current_totals() {
    let mut server = Server::new();
    assert_eq!(report(&mut server, x().at("10:15")), empty(1, "2026-01-22 10:15:00"));
    server.send(deposit("20.00"));
    server.send(sale("500.00"));
    server.send(close());
    server.at("22:00");
    for _ in 0..2 {
        let x = report(&mut server, x().at("22:00"));
        assert_eq!((x.shift, x.cash, x.sums[2]), (1, 520_00, 500_00));
        assert_eq!((x.of(SELL).total_count, x.of(SELL).count, x.of(SELL).sum), (1, 0, 0));
        assert_eq!((x.placements[0].total_count, x.placements[0].count), (1, 0));
        assert_eq!((x.opened.as_str(), x.closed.clone(), x.revenue), ("2026-01-22 22:00:00", None, 0));
        assert!(x.sections.is_empty() && x.taxes.is_empty());
        server.block("x"); // the next shift's stream begins, its shift not yet opened
        server.change(&ofd_protocol::register::Change::Unblock { reason: String::new() }).unwrap();
    }
}

#[test]
fn info_is_x_of_the_open_shift_or_the_last_z() {
    let mut server = Server::new();
    assert_eq!(report(&mut server, info()), empty(0, "2000-01-01 00:00:00"));
    server.send(sale("500.00").at("10:00"));
    let open = report(&mut server, info());
    assert_eq!((open.kind, open.shift, open.of(SELL).sum), (1, 1, 500_00));
    assert_eq!(open.opened, "2026-01-22 10:00:00");
    let closed = report(&mut server, close().at("21:00"));
    assert_eq!(report(&mut server, info()), closed);
    server.block("x");
    server.change(&ofd_protocol::register::Change::Unblock { reason: String::new() }).unwrap();
    assert_eq!(report(&mut server, info()), closed);
}

#[test]
fn infos_date_is_the_later_of_the_offline_periods_end_and_2000() {
    let mut server = Server::new();
    let date = |server: &mut Server, end: &str| {
        report(server, info().offline_period("1899-12-30 00:00:00", end)).date_time
    };
    assert_eq!(date(&mut server, "1899-12-30 00:00:00"), "2000-01-01 00:00:00");
    assert_eq!(date(&mut server, "2000-01-01 00:00:01"), "2000-01-01 00:00:01");
    assert_eq!(date(&mut server, "2026-01-21 23:00:00"), "2026-01-21 23:00:00");
    assert_eq!(date(&mut server, "2026-02-30 23:00:00"), "2000-01-01 00:00:00", "no such date");
    assert_eq!(
        report(&mut server, info().without("service.offline_period")).date_time,
        "2000-01-01 00:00:00"
    );
    assert_eq!(report(&mut server, info().without("service")).date_time, "2000-01-01 00:00:00");
    server.send(sale("1.00"));
    assert_eq!(date(&mut server, "2026-01-21 23:00:00"), "2026-01-21 23:00:00", "of an X, too");
}

#[test]
fn the_answer_to_a_close_is_the_z_the_server_computed() {
    let mut server = Server::new();
    server.send(sale("500.00"));
    let reply = server.send(close());
    assert!(matches!(reply.outcome, Outcome::Accepted(_)));
    let z = reply.answer.report.unwrap();
    assert_eq!((z.kind, z.shift), (0, 1));
    assert_eq!(recomputed(&server, 1, &z), z);
}

#[test]
fn a_devices_own_report_is_stored_and_never_a_reason_to_refuse() {
    let mut server = Server::new();
    for draft in [x(), z(), close()] {
        let path =
            if draft.part == "close_shift" { "z_report.shift_number" } else { "zx_report.shift_number" };
        assert_eq!(server.send(draft.with(path, 99_999_u32)).answer.result, 0);
    }
}

#[test]
fn an_empty_shift_between_two_full_ones_carries_everything_over() {
    let mut server = scenario(
        "
        10:00  #1  t0  sale 500.00       -> ok 1/1 t1
        10:01  #2  t1  close             -> ok 1/2 t2
        10:02  #3  t2  close             -> ok 2/1 t3
        10:03  #4  t3  card-sale 100.00  -> ok 3/1 t4
    ",
    );
    let z = report(&mut server, close());
    assert_eq!((z.cash, z.start_sums[2], z.sums[2], z.of(SELL).total_count), (500_00, 500_00, 600_00, 2));
    assert_eq!(recomputed(&server, 3, &z), z);
}

#[test]
fn every_version_reads_every_report() {
    for version in [124, 125, 200, 201, 202, 203, 204] {
        let mut server = Server::new();
        for draft in
            [x(), z(), info(), card_sale("5.00").tax(16_000, "0.69"), x(), info(), close(), x(), z(), info()]
        {
            assert_eq!(server.send(draft.version(version)).answer.result, 0, "{version}");
        }
    }
}

#[test]
fn a_report_of_another_kind_is_13() {
    let reply = Server::new().send(x().with("report", 2_u32));
    assert_eq!(reply.answer.result, 13);
}
