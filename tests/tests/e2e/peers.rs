//! Hostile peers of the registers' ports: whatever they do, registers that sell go on selling.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ofd_loadtest::client::Keep;
use ofd_loadtest::{Endpoint, Fleet, Identity};
use ofd_tests::device::{Device, Way};
use ofd_tests::http::get;
use ofd_tests::process::{Server, Setup, binary, eventually, local, within};
use ofd_tests::random::Random;
use ofd_tests::raw::{End, RawFrame, connect, hear, listen, say};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const PATIENCE: Duration = Duration::from_secs(4);

const MIB: u32 = 1024 * 1024;

/// What the process may hold, whatever strangers do.
const RESIDENT_MAX_KIB: u64 = 300 * 1024;

/// A metric's value for labels that hold `part`; 0 when it was never counted.
async fn metric(setup: &Setup, name: &str, part: &str) -> f64 {
    let page = get(local(setup.ports.metrics), "/metrics").await.unwrap().expect(200).text();
    let lines = page.lines().filter(|line| line.starts_with(&format!("{name}{{")) && line.contains(part));
    lines.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
}

/// Frames under an id with made-up tokens, one after the other, until it is told to stop; a closed connection is
/// opened again.
async fn guess(to: SocketAddr, from: u8, id: u32, seed: u64, stop: Arc<AtomicBool>) -> u64 {
    let (mut random, mut sent) = (Random::new(seed), 0);
    let mut answer = vec![0; 4096];
    while !stop.load(Ordering::Relaxed) {
        let mut stream = connect(to, from).await;
        loop {
            let token = random.draw() as u32 & 0x7FFF_FFFF;
            let frame = RawFrame { id, token, ..RawFrame::NOBODY }.with(&[8, 0]);
            if stop.load(Ordering::Relaxed) || stream.write_all(&frame).await.is_err() {
                break;
            }
            sent += 1;
            let read =
                tokio::time::timeout(PATIENCE, tokio::io::AsyncReadExt::read(&mut stream, &mut answer));
            if !matches!(read.await, Ok(Ok(len)) if len > 0) {
                break;
            }
        }
    }
    sent
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_without_its_token_locks_no_register_out() {
    within(90, async {
        let setup = Setup::new(2).limits("register_requests_per_second = 50\nregister_requests_burst = 100");
        let mut server = setup.start().await;
        let mut devices = Device::fleet(&setup, 203);
        let id = devices[0].id();
        devices[0].info().await;
        let (stop, mut strangers) = (Arc::new(AtomicBool::new(false)), JoinSet::new());
        for number in 0..8 {
            // Some come from the address of the register itself.
            let from = if number < 2 { 0 } else { number };
            strangers.spawn(guess(local(setup.ports.plain), from, id, u64::from(number), stop.clone()));
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        for _ in 0..60 {
            devices[0].sell().await;
        }
        // One that the server has not seen yet sells as well.
        devices[1].info().await;
        devices[1].sell().await;
        stop.store(true, Ordering::Relaxed);
        let sent: u64 = strangers.join_all().await.into_iter().sum();
        assert!(sent > 1_000, "only {sent} guesses: nothing was tried");
        let told = metric(&setup, "ofd_gateway_frames_total", "result=\"2\"").await;
        assert!(told < 8.0 * 60.0, "{told} guesses of {sent} were judged aloud");
        assert!(metric(&setup, "ofd_gateway_turned_away_total", "wrong_token").await > 0.0);
        assert!(server.log().contains("sends more wrong tokens"), "{}", server.log());
        devices.iter_mut().for_each(Device::expect_no_differences);
        assert!(server.is_running());
        server.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_shows_no_good_token_is_closed_after_a_few_tries() {
    within(60, async {
        let setup = Setup::new(1);
        let _server = setup.start().await;
        let strange = RawFrame::NOBODY.with(&[8, 0]);
        let mut stream = connect(local(setup.ports.plain), 0).await;
        for _ in 0..4 {
            stream.write_all(&strange).await.unwrap();
            assert_eq!(hear(&mut stream, PATIENCE).await.code(), 1);
        }
        stream.write_all(&strange).await.unwrap();
        let last = listen(&mut stream, PATIENCE).await;
        assert_eq!(last.one_answer_and_the_end().code(), 1);
        // Whoever has shown one may err as often as he likes.
        let mut device = Device::first(&setup, 203);
        let ping = device.ping_frame();
        let mut stream = connect(local(setup.ports.plain), 0).await;
        stream.write_all(&ping).await.unwrap();
        assert_eq!(hear(&mut stream, PATIENCE).await.code(), 0);
        for _ in 0..20 {
            stream.write_all(&strange).await.unwrap();
            assert_eq!(hear(&mut stream, PATIENCE).await.code(), 1);
        }
        eventually("it is counted, once nothing more came of it", PATIENCE, || async {
            metric(&setup, "ofd_gateway_connections_total", "unproven").await == 1.0
        })
        .await;
    })
    .await;
}

/// Half a frame of `size` under an id, on a connection that stays open.
async fn half_a_frame(to: SocketAddr, from: u8, id: u32, token: u32, size: u32) -> TcpStream {
    let mut stream = connect(to, from).await;
    let frame = RawFrame { id, token, size: Some(size), ..RawFrame::NOBODY };
    let bytes = frame.with(&vec![0xBA; usize::try_from(size / 2).unwrap()]);
    // Whoever is turned away is not listened to.
    let _ = tokio::time::timeout(PATIENCE, stream.write_all(&bytes)).await;
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_frame_under_a_wrong_token_is_answered_unread_and_a_good_one_is_taken() {
    within(90, async {
        let setup = Setup::new(1).limits("wrong_tokens_burst = 5");
        let mut server = setup.start().await;
        let before = server.resident_kib();
        let mut device = Device::first(&setup, 203);
        device.info().await;
        let (id, token) = (device.id(), device.token().0);
        let mut codes = Vec::new();
        for number in 0..10 {
            let mut stream = half_a_frame(local(setup.ports.plain), 0, id, token ^ (number + 1), MIB).await;
            let said = listen(&mut stream, PATIENCE).await;
            let read = said.one_answer_and_the_end();
            assert_eq!((read.response.command, read.header.token.0), (Some(0), token ^ (number + 1)));
            codes.push(read.code());
        }
        // The budget of the address holds for these as well.
        assert!(codes[..5] == [2; 5] && codes[5..].contains(&254), "{codes:?}");
        // A register may send what it likes, but not without end.
        let (mut taken, mut turned_away) = (Vec::new(), 0);
        for _ in 0..6 {
            let mut stream = half_a_frame(local(setup.ports.plain), 0, id, token, MIB).await;
            let said = listen(&mut stream, Duration::from_millis(1500)).await;
            match said.end {
                End::Silent if said.bytes.is_empty() => taken.push(stream),
                _ => {
                    assert_eq!(ofd_tests::device::read_answer(&said.bytes).unwrap().code(), 254);
                    turned_away += 1;
                }
            }
        }
        assert_eq!((taken.len(), turned_away), (2, 4));
        device.sell().await;
        let grown = server.resident_kib().saturating_sub(before);
        assert!(grown < 30 * 1024, "{grown} KiB");
        device.expect_no_differences();
        assert!(server.is_running());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_half_sent_frames_leave_memory_for_those_that_come_whole() {
    within(120, async {
        let setup = Setup::new(2);
        let mut server = setup.start().await;
        let mut devices = Device::fleet(&setup, 203);
        devices[0].info().await;
        let (id, token) = (devices[0].id(), devices[0].token().0);
        let mut open = JoinSet::new();
        for number in 0..1_100_u32 {
            // As long as a stranger's frame may be, and as long as any.
            let size = if number % 2 == 0 { 64 * 1024 } else { MIB };
            let from = u8::try_from(number % 3 + 1).unwrap();
            open.spawn(half_a_frame(local(setup.ports.plain), from, id, token ^ (number + 1), size));
            if number % 50 == 49 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        let open = open.join_all().await;
        let resident = server.resident_kib();
        assert!(resident < RESIDENT_MAX_KIB, "{resident} KiB with {} half frames", open.len());
        let held = metric_of_bytes(&setup).await;
        assert!(held <= 16.0 * f64::from(MIB), "{held} bytes for strangers");
        // Long receipts, of a register that is known and of one that is not.
        for device in &mut devices {
            let frame = long_sale(device, 60_000);
            let read = device.ask(&frame).await.unwrap();
            assert_eq!(read.code(), 0, "{}", read.text());
        }
        drop(open);
        assert!(server.is_running());
        server.stop().await;
    })
    .await;
}

/// Copied every five seconds.
async fn metric_of_bytes(setup: &Setup) -> f64 {
    tokio::time::sleep(Duration::from_millis(5_200)).await;
    setup.metric("ofd_gateway_frames_unfinished_bytes").await.expect("it is copied at the start")
}

/// A sale that an unknown field fills up.
fn long_sale(device: &mut Device, size: usize) -> Vec<u8> {
    let mut frame = device.sale_frame();
    let room = size - frame.len() - 5;
    let length = [(room & 0x7F) as u8 | 0x80, (room >> 7 & 0x7F) as u8 | 0x80, (room >> 14) as u8];
    frame.extend([&[0xBA, 0x3E], length.as_slice()].concat());
    frame.resize(size, b' ');
    let size = u32::try_from(size).unwrap();
    frame[4..8].copy_from_slice(&size.to_le_bytes());
    frame
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_connections_take_no_place_of_those_that_sell() {
    within(120, async {
        let setup = Setup::new(3).limits(
            "connections_max = 400\nunproven_connections_max = 90\nreserve_max = 20\nsim_good_token_seconds = 3",
        );
        let mut server = setup.start().await;
        let fleet: Vec<_> = setup.fleet.registers().collect();
        let mut devices: Vec<_> = [Way::Plain, Way::TlsPerRequest, Way::Sim]
            .into_iter()
            .zip(fleet)
            .map(|(way, identity)| Device::new(identity, 203, way.endpoint(&setup)))
            .collect();
        devices[2].info().await;
        // Three addresses, far more connections than there are places, none of which says anything.
        let mut silent = Vec::new();
        for number in 0..900_u32 {
            silent.push(connect(local(setup.ports.sim), u8::try_from(number % 3 + 1).unwrap()).await);
        }
        for device in &mut devices {
            device.info().await;
            device.sell().await;
        }
        let said = listen(silent.last_mut().unwrap(), Duration::from_secs(6)).await;
        assert!(said.bytes.is_empty() && said.end != End::Silent, "{said:?}");
        assert!(said.after < Duration::from_millis(5_500), "given up after {:?}", said.after);
        let ended = |outcome: &'static str| metric(&setup, "ofd_gateway_connections_total", outcome);
        eventually("all of them have ended", PATIENCE, || async {
            ended("evicted").await + ended("unproven").await >= 900.0
        })
        .await;
        assert!(ended("evicted").await > 800.0 && ended("over_cap").await + ended("dropped").await == 0.0);
        assert!(server.log().contains("have shown no good token"), "{}", server.log());
        for device in &mut devices {
            device.sell().await;
            device.expect_no_differences();
        }
        server.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_register_cannot_fill_the_disk() {
    within(60, async {
        let setup = Setup::new(2).limits("register_mib_per_hour = 1");
        let server = setup.start().await;
        let mut devices = Device::fleet(&setup, 203);
        devices[0].info().await;
        let mut stored = 0;
        let last = loop {
            let sale = devices[0].register.draw_sale();
            let heard = devices[0].send(sale).await;
            if heard.code() != Some(0) {
                break heard;
            }
            stored += devices[0].asked.len();
        };
        assert_eq!(last.code(), Some(254), "{last:?}");
        let mib = usize::try_from(MIB).unwrap();
        assert!((mib * 9 / 10..mib * 11 / 10).contains(&stored), "{stored} bytes");
        assert!(metric(&setup, "ofd_gateway_turned_away_total", "register_bytes").await > 0.0);
        let id = devices[0].id();
        assert!(server.log().contains(&format!("register {id} has stored")), "{}", server.log());
        devices[1].info().await;
        devices[1].sell().await;
        devices.iter_mut().for_each(Device::expect_no_differences);
    })
    .await;
}

/// `ofd serve` with a limit of open files.
fn with_files(setup: &Setup, files: u32) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("ulimit -n {files}; exec \"$@\"")).arg("sh").arg(binary());
    command.arg("serve").arg("--config").arg(setup.config());
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_few_open_files_registers_that_sell_keep_their_places_and_readiness_tells() {
    within(120, async {
        let setup = Setup::new(3);
        let mut server: Server = setup.start_with(with_files(&setup, 64)).await;
        let ready = get(local(setup.ports.metrics), "/readyz").await.unwrap().expect(200).text();
        assert!(ready.starts_with("ready\nthe limit of 64 open files has room for "), "{ready}");
        let mut devices = Device::fleet(&setup, 203);
        for device in &mut devices {
            device.info().await;
        }
        let mut silent = Vec::new();
        for round in 0..5_u32 {
            for number in 0..60_u32 {
                let port = [setup.ports.plain, setup.ports.sim][usize::try_from(number % 2).unwrap()];
                silent.push(connect(local(port), u8::try_from(number % 3 + 1).unwrap()).await);
            }
            for device in &mut devices {
                device.sell().await;
            }
            // One that opens a connection for each receipt.
            let identity: Identity = setup.fleet.registers().next().unwrap();
            let newcomer = RawFrame { id: identity.id.0, token: 1, ..RawFrame::NOBODY }.with(&[8, 0]);
            let said = say(local(setup.ports.plain), &newcomer, Duration::from_millis(500)).await;
            assert_eq!(ofd_tests::device::read_answer(&said.bytes).unwrap().code(), 2, "round {round}");
            get(local(setup.ports.metrics), "/healthz").await.unwrap().expect(200);
        }
        assert!(server.open_files() < 64);
        devices.iter_mut().for_each(Device::expect_no_differences);
        drop(silent);
        assert!(server.is_running());
        server.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_handshake_is_told_with_its_address_and_why_but_not_without_end() {
    within(60, async {
        let setup = Setup::new(1).limits("handshake_seconds = 1");
        let server = setup.start().await;
        for from in 1..=60 {
            let mut stream = connect(local(setup.ports.tls), from).await;
            stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
            listen(&mut stream, PATIENCE).await;
        }
        let mut silent = connect(local(setup.ports.tls), 99).await;
        tokio::time::sleep(Duration::from_millis(1100)).await;
        assert_ne!(listen(&mut silent, PATIENCE).await.end, End::Silent);
        let log = server.log();
        let lines: Vec<&str> = log.lines().filter(|line| line.contains("no TLS handshake with")).collect();
        assert!((10..=30).contains(&lines.len()), "{lines:#?}");
        assert!(lines[0].contains("127.0.1.1") && lines[0].contains("InvalidContentType"), "{}", lines[0]);
        assert!(lines.iter().any(|line| !line.contains("left_out=0")), "{lines:#?}");
    })
    .await;
}

/// Whether the system asks the peer of a listener's connection whether it is there: `tr` of /proc/net/tcp is 02 then.
fn has_keepalive(port: u16, peer: u16) -> bool {
    let table = std::fs::read_to_string("/proc/net/tcp").expect("Linux has it");
    let (own, other) = (format!(":{port:04X}"), format!(":{peer:04X}"));
    table.lines().skip(1).any(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        fields[1].ends_with(&own) && fields[2].ends_with(&other) && fields[5].starts_with("02:")
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_peer_is_asked_whether_it_is_still_there() {
    within(60, async {
        let setup = Setup::new(1);
        let _server = setup.start().await;
        for port in [setup.ports.plain, setup.ports.sim, setup.ports.tls] {
            let stream = connect(local(port), 0).await;
            let peer = stream.local_addr().unwrap().port();
            eventually("the socket has keepalive", PATIENCE, || async { has_keepalive(port, peer) }).await;
        }
    })
    .await;
}

/// The first sale of a register after a restart, on a connection of its own; how long it waited for it.
async fn first_sale(identity: Identity, endpoint: Endpoint) -> Duration {
    let mut device = Device::new(identity, 203, endpoint);
    let sale = device.register.draw_sale();
    let began = Instant::now();
    let mut heard = device.send(sale).await;
    while heard.code() == Some(254) || heard.code().is_none() {
        assert!(began.elapsed() < Duration::from_secs(20), "register {}: {heard:?}", device.id());
        tokio::time::sleep(Duration::from_millis(100)).await;
        heard = device.retry().await;
    }
    heard.accepted();
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restart_ten_thousand_registers_behind_one_address_sell_at_once() {
    const REGISTERS: u32 = 10_000;
    within(300, async {
        let mut setup = Setup::with_fleet(Fleet::of_size(REGISTERS, 20_260_122));
        setup.log = "warn".to_owned();
        setup.write();
        for is_last in [false, true] {
            let mut server = setup.spawn(setup.serve_command());
            // The first start creates all of them.
            eventually("the server is ready", Duration::from_secs(150), || async {
                get(local(setup.ports.metrics), "/readyz").await.is_ok_and(|ready| ready.status == 200)
            })
            .await;
            if is_last {
                return sell_first(&setup, &server).await;
            }
            server.stop().await;
        }
    })
    .await;
}

/// Every register of a setup sells, many at once.
async fn sell_first(setup: &Setup, server: &Server) {
    const AT_ONCE: usize = 200;
    let endpoint = Endpoint { keep: Keep::PerRequest, ..Way::Plain.endpoint(setup) };
    let mut workers = JoinSet::new();
    let all: Vec<Identity> = setup.fleet.registers().collect();
    for part in all.chunks(all.len() / AT_ONCE) {
        let (part, endpoint) = (part.to_vec(), endpoint.clone());
        workers.spawn(async move {
            let mut longest = Duration::ZERO;
            for identity in part {
                longest = longest.max(first_sale(identity, endpoint.clone()).await);
            }
            longest
        });
    }
    let longest = workers.join_all().await.into_iter().max().unwrap();
    assert!(longest < Duration::from_secs(5), "one waited {longest:?} for its first sale");
    let turned_away = metric(setup, "ofd_gateway_turned_away_total", "").await;
    assert_eq!(turned_away, 0.0, "{}", server.log());
}
