//! The whole runner against a mirror: a server without fiscal rules that shows a register its own reports. What it
//! tests is the runner (bounds, faults, memory); the rules are tested against the real server.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first thing that is wrong"
)]
#![allow(clippy::inconsistent_digit_grouping, reason = "sums read as tenge and tiyn: 180_00")]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use ofd_loadtest::fleet::memory::state_path;
use ofd_loadtest::register::scan::Scan;
use ofd_loadtest::{Client, Endpoint, Fleet, Options, Pace, Register, Till, Withdraw, run};
use ofd_protocol::frame::{self, Header};
use ofd_protocol::types::{LocalDateTime, Tiyn, Token};
use ofd_protocol::wire::Writer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone)]
struct Mirror {
    fns: Arc<HashMap<u32, (String, String, String)>>,
    /// Spoils the cash of every Z.
    lies: bool,
}

async fn mirror(fleet: &Fleet, lies: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let fns = fleet.registers().map(|it| (it.id.0, (it.fns_kkm_id, it.serial_number, it.bin))).collect();
    let mirror = Mirror { fns: Arc::new(fns), lies };
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, mirror.clone()));
        }
    });
    address
}

async fn serve(mut stream: TcpStream, mirror: Mirror) {
    let mut buffer = BytesMut::new();
    loop {
        while let Ok(Some((frame, rest))) = frame::split(&buffer) {
            let answer = mirror.answer(frame.header, frame.payload);
            let used = buffer.len() - rest.len();
            let _ = buffer.split_to(used);
            if stream.write_all(&answer).await.is_err() {
                return;
            }
        }
        match stream.read_buf(&mut buffer).await {
            Ok(read) if read > 0 => {}
            _ => return,
        }
    }
}

impl Mirror {
    fn answer(&self, header: Header, payload: &[u8]) -> Vec<u8> {
        let request = Scan::new("request", payload).unwrap();
        let command = request.need_u32(1, "command").unwrap();
        let mut body = BytesMut::new();
        let mut w = Writer::new(&mut body);
        w.uint(1, command);
        w.message(2, |w| w.uint(1, 0_u32));
        match command {
            1 => self.ticket(&mut w, header, request.need_inner(2, "ticket").unwrap()),
            2 | 3 => self.report(&mut w, request, command),
            4 => w.message(5, |w| {
                w.uint(1, 0_u32);
                w.uint(4, 2_u32);
            }),
            5 => empty_z(&mut w),
            8 => w.message(7, |w| w.uint(1, 1_u32)),
            _ => {}
        }
        self.service(&mut w, header);
        let mut out = BytesMut::new();
        let fiscal = matches!(command, 1 | 2 | 6 | 7);
        let token = if fiscal { Token::from_drawn(header.token.0 ^ 0x55) } else { header.token };
        frame::put_header(&mut out, &Header { token, ..header }, body.len()).unwrap();
        out.extend_from_slice(&body);
        out.to_vec()
    }

    fn ticket(&self, w: &mut Writer<'_>, header: Header, ticket: Scan<'_>) {
        let total = ticket.need_inner(8, "amounts").unwrap().need_money(1, "total").unwrap();
        let moment = ticket.need_date_time(2, "date_time").unwrap().compact().to_string();
        let document = ticket.u64(16).unwrap();
        let number = format!("{}{document:06}", header.register.0);
        let fns = &self.fns[&header.register.0].0;
        let total = Tiyn::new(total).unwrap();
        w.message(3, |w| {
            w.text(1, &number);
            w.text(2, &format!("http://c/?i={number}&f={fns}&s={total}&t={moment}"));
        });
    }

    fn report(&self, w: &mut Writer<'_>, request: Scan<'_>, command: u32) {
        let (kind, own) = if command == 2 {
            (0, request.need_inner(3, "close").unwrap().need_inner(5, "z").unwrap())
        } else {
            let report = request.need_inner(4, "report").unwrap();
            (report.need_u32(1, "report").unwrap(), report.need_inner(4, "zx").unwrap())
        };
        w.message(4, |w| {
            w.uint(1, kind);
            if self.lies && command == 2 {
                w.message(2, |w| {
                    w.encoded(own.bytes());
                    w.money(13, Tiyn::new(1).unwrap());
                });
            } else {
                w.bytes(2, own.bytes());
            }
        });
    }

    fn service(&self, w: &mut Writer<'_>, header: Header) {
        let (fns, serial, bin) = &self.fns[&header.register.0];
        w.message(6, |w| {
            w.message(2, |w| {
                w.message(1, |w| {
                    w.text(3, fns);
                    w.text(4, serial);
                    w.text(5, "1");
                });
                w.message(2, |w| {
                    (1..4_u32).for_each(|field| w.text(field, "Дүкен"));
                    w.uint(4, 0_u32);
                    w.uint(5, 0_u32);
                });
                w.message(3, |w| {
                    w.text(1, "ТОО");
                    w.text(2, "Алматы");
                    w.text(3, bin);
                    w.text(5, "47111");
                    w.text(6, "Алматы");
                });
            });
        });
    }
}

fn empty_z(w: &mut Writer<'_>) {
    let moment = LocalDateTime::YEAR_2000;
    w.message(4, |w| {
        w.uint(1, 0_u32);
        w.message(2, |w| {
            w.date_time(1, moment);
            w.uint(2, 0_u32);
            w.money(13, Tiyn::ZERO);
            w.message(14, |w| {
                w.money(1, Tiyn::ZERO);
                w.boolean(2, false);
            });
            w.date_time(16, moment);
        });
    });
}

fn fleet(registers: u32) -> (tempfile::TempDir, PathBuf, Fleet) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fleet.json");
    let fleet = Fleet::of_size(registers, 3);
    fleet.write(&path).unwrap();
    (folder, path, fleet)
}

fn options(address: SocketAddr, path: PathBuf) -> Options {
    Options {
        connections: 8,
        duration: Duration::from_secs(20),
        requests: Some(3_000),
        shift_length: Some(40),
        ..Options::new(Endpoint::plain(address), path)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_runs_to_its_bound_and_ends_at_rest() {
    let (_folder, path, fleet) = fleet(20);
    let address = mirror(&fleet, false).await;
    let report = run(options(address, path.clone()), |_| {}).await.unwrap();
    assert_eq!((report.exit_code(), &report.differences, report.settled), (0, &vec![], 20), "{report}");
    assert!(report.shifts_closed > 50 && report.answered >= 3_000, "{report}");
    assert!(state_path(&path).exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_answers_and_offline_receipts_end_at_rest_in_closed_and_open_loop() {
    for pace in [Pace::Closed, Pace::Resting(Duration::from_millis(1)), Pace::Open(2_000.0)] {
        let (_folder, path, fleet) = fleet(5);
        let address = mirror(&fleet, false).await;
        let faults = Options { lose_answers: 0.2, offline: 0.1, pace, ..options(address, path) };
        let report = run(faults, |_| {}).await.unwrap();
        // The mirror forgets a cut request, and a till that never got a token keeps its own: all are answered.
        assert_eq!((report.exit_code(), &report.differences, report.settled), (0, &vec![], 5), "{report}");
        assert!(report.lost_on_purpose > 300 && report.offline > 100, "{report}");
        assert_eq!(report.connections, 5);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_z_is_named_and_fails_the_run() {
    let (_folder, path, fleet) = fleet(2);
    let address = mirror(&fleet, true).await;
    let report = run(options(address, path), |_| {}).await.unwrap();
    assert_eq!(report.exit_code(), 1);
    assert!(report.differences.iter().any(|it| it.contains("cash_sum is 0.01 at the server")), "{report}");
}

#[tokio::test]
async fn a_run_without_a_server_gives_up_with_a_reason() {
    let (_folder, path, _) = fleet(3);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let began = Instant::now();
    let hasty = Options { patience: Duration::from_millis(200), ..options(address, path) };
    let report = run(hasty, |_| {}).await.unwrap();
    assert_eq!(report.exit_code(), 2);
    assert!(report.dead.as_ref().unwrap().contains("is the server running"), "{report}");
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_till_sells_and_closes() {
    let (_folder, _, fleet) = fleet(1);
    let address = mirror(&fleet, false).await;
    let register = Register::new(fleet.registers().next().unwrap(), 203, 7);
    let mut till = Till::new(register, Client::new(Endpoint::plain(address)));
    till.info().await.unwrap();
    till.deposit(5_000_00).await.unwrap();
    till.cash_sale(180_00).await.unwrap();
    till.any_sale().await.unwrap();
    let closed = till.close_shift(Withdraw::Everything).await.unwrap();
    assert_eq!(closed.report.unwrap().report.cash, 0);
    assert_eq!(till.differences(), Vec::<String>::new());
}
