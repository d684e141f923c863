//! Bad input on every port: an answer where the rules have one, then the end; the server lives on and does not grow.

use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ofd_tests::api::Api;
use ofd_tests::device::{Device, Way};
use ofd_tests::http::{Request, get};
use ofd_tests::oracle::lenient::Command;
use ofd_tests::process::{API_TOKEN, Ports, Server, Setup, eventually, local, within};
use ofd_tests::random::Random;
use ofd_tests::raw::{End, RawFrame, connect, hear, listen, say};
use tokio::io::AsyncWriteExt;
use tokio::task::JoinSet;

const PATIENCE: Duration = Duration::from_secs(4);

const MIB: u32 = 1024 * 1024;

const HTTP: &[u8] = b"GET / HTTP/1.1\r\nHost: ofd.example\r\nAccept: */*\r\n\r\n";

/// The beginning of a TLS 1.2 ClientHello.
const CLIENT_HELLO: &[u8] = &[
    0x16, 0x03, 0x01, 0x00, 0x60, 0x01, 0x00, 0x00, 0x5C, 0x03, 0x03, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66,
    0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55,
];

/// Bytes of which a header can be read and that are no request, with the VERSION, ID, TOKEN and REQNUM in them.
fn unreadable() -> Vec<(String, Vec<u8>)> {
    let frame = RawFrame::NOBODY;
    let mut all: Vec<(String, Vec<u8>)> = vec![
        ("HTTP".into(), HTTP.to_vec()),
        ("a TLS hello".into(), CLIENT_HELLO.to_vec()),
        ("another APPCODE".into(), RawFrame { appcode: 0xA281, ..frame }.with(&[8, 0])),
        ("zeros".into(), vec![0; 18]),
        ("garbage".into(), (0..3_000_u32).map(|byte| (byte * 37 % 251) as u8).collect()),
    ];
    for size in [0, 1, 17, MIB + 1, u32::MAX / 2, u32::MAX] {
        all.push((format!("SIZE {size}"), RawFrame { size: Some(size), ..frame }.with(&[8, 0])));
    }
    let nested = |depth: usize| -> Vec<u8> {
        // Field 1 of type "group begins", again and again, never ended.
        [&[8, 0], vec![0x0B; depth].as_slice()].concat()
    };
    let payloads: [(&str, Vec<u8>); 9] = [
        ("nothing", Vec::new()),
        ("a message without command", vec![0x12, 0x00]),
        ("a length beyond the end", vec![0x12, 0x7F, 0x00]),
        ("a length beyond the world", [vec![0x12], vec![0xFF; 9], vec![0x01]].concat()),
        ("a varint without end", vec![0xFF; 64]),
        ("field 0", vec![0x08, 0x00, 0x00, 0x00]),
        ("wire type 7", vec![0x08, 0x00, 0x0F]),
        ("a group in a group in a group", nested(200)),
        ("sixty thousand groups", nested(60_000)),
    ];
    all.extend(
        payloads.into_iter().map(|(name, payload)| (format!("a payload of {name}"), frame.with(&payload))),
    );
    all
}

fn le32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn le16(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap())
}

/// A register sells on every port: the server is alive and well.
async fn expect_alive(setup: &Setup, server: &mut Server) {
    assert!(server.is_running(), "{}", server.log());
    for way in [Way::PlainPerRequest, Way::TlsPerRequest, Way::Sim] {
        let identity = setup.fleet.registers().next().unwrap();
        Device::new(identity, 203, way.endpoint(setup)).ask(&RawFrame::NOBODY.with(&[8, 0])).await.unwrap();
    }
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_gets_3_with_command_0_and_an_end_in_order() {
    within(90, async {
        let setup = Setup::new(1);
        let mut server = setup.start().await;
        let Ports { plain, sim, .. } = setup.ports;
        for (name, bytes) in unreadable() {
            for port in [plain, sim] {
                let said = say(local(port), &bytes, PATIENCE).await;
                let read = said.one_answer_and_the_end();
                assert_eq!((read.code(), read.response.command), (3, Some(Command::System as i32)), "{name}");
                let header = read.header;
                assert_eq!((header.version, header.register.0), (le16(&bytes, 2), le32(&bytes, 8)), "{name}");
                assert_eq!(
                    (header.token.0, header.request.0),
                    (le32(&bytes, 12), le16(&bytes, 16)),
                    "{name}"
                );
                assert!(said.after < Duration::from_secs(1), "{name} took {:?}", said.after);
            }
            // The same through TLS.
            let identity = setup.fleet.registers().next().unwrap();
            let mut device = Device::new(identity, 203, Way::Tls.endpoint(&setup));
            let got = device.client.send_bytes(&bytes, PATIENCE).await.unwrap();
            let read = ofd_tests::device::read_answer(&got).unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
            assert_eq!((read.code(), read.response.command), (3, Some(Command::System as i32)), "{name}");
        }
        expect_alive(&setup, &mut server).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_answer_to_foreign_bytes_arrives_though_much_more_was_sent() {
    within(60, async {
        let setup = Setup::new(1);
        let mut server = setup.start().await;
        for port in [setup.ports.plain, setup.ports.sim] {
            for pieces in [1, 12] {
                let mut stream = connect(local(port), 0).await;
                stream.write_all(HTTP).await.unwrap();
                for _ in 0..pieces {
                    // Nothing is read meanwhile, as by a client that sends its whole request first.
                    stream.write_all(&[0xEE; 96 * 1024]).await.unwrap();
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                let said = listen(&mut stream, PATIENCE).await;
                assert_eq!(said.one_answer_and_the_end().code(), 3);
            }
        }
        expect_alive(&setup, &mut server).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_version_gets_3_and_its_connection_stays() {
    within(60, async {
        let setup = Setup::new(1);
        let _server = setup.start().await;
        let mut device = Device::first(&setup, 203);
        for version in [0_u16, 100, 123, 126, 199, 205, 65_535] {
            let good = device.ping_frame();
            let mut strange = good.clone();
            strange[2..4].copy_from_slice(&version.to_le_bytes());
            let read = device.ask(&strange).await.unwrap();
            assert_eq!((read.code(), read.response.command()), (3, Command::System), "{version}");
            assert_eq!((read.header.version, read.header.token), (version, device.token()), "{version}");
            // The link is the same one: a client that reconnects would have to ask for it.
            let read = device.ask(&good).await.unwrap();
            assert_eq!(read.code(), 0, "after VERSION {version}");
        }
        device.info().await;
        device.sell().await;
        device.expect_no_differences();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain_bytes_on_the_tls_port_end_without_harm() {
    within(60, async {
        let setup = Setup::new(1).limits("handshake_seconds = 1");
        let mut server = setup.start().await;
        let port = local(setup.ports.tls);
        let frame = RawFrame::NOBODY.with(&[8, 0]);
        for bytes in [&frame, HTTP, &[0; 64], &[0x16, 0x03, 0x01, 0xFF, 0xFF], CLIENT_HELLO, &[]] {
            let said = say(port, bytes, PATIENCE).await;
            assert_ne!(said.end, End::Silent, "{bytes:02X?}: {said:02X?}");
            assert!(said.bytes.len() < 64 && !said.bytes.starts_with(&[0xA2, 0x81]), "{said:02X?}");
        }
        expect_alive(&setup, &mut server).await;
    })
    .await;
}

/// What is said before the silence, and after how long the server must have given up.
struct Stall {
    name: &'static str,
    port: SocketAddr,
    /// The first bytes, and then one by one what follows, with this pause.
    first: Vec<u8>,
    dribbled: Vec<u8>,
    limit: f64,
}

async fn stalls(stall: Stall) {
    let Stall { name, port, first, dribbled, limit } = stall;
    let mut stream = connect(port, 0).await;
    stream.write_all(&first).await.unwrap();
    let (mut reader, mut writer) = stream.split();
    let dribble = async {
        for byte in &dribbled {
            tokio::time::sleep(Duration::from_millis(100)).await;
            if writer.write_all(&[*byte]).await.is_err() {
                break;
            }
        }
        // Silence, but no end.
        std::future::pending::<()>().await;
    };
    let since = tokio::time::Instant::now();
    let mut heard = Vec::new();
    let ended = async {
        // Reset or closed: either is an end.
        let _ = tokio::io::AsyncReadExt::read_to_end(&mut reader, &mut heard).await;
    };
    let within = Duration::from_secs_f64(limit + 2.5);
    let waited = tokio::time::timeout(within, async {
        tokio::select! { () = ended => {}, () = dribble => {} }
    })
    .await;
    let after = since.elapsed().as_secs_f64();
    assert!(waited.is_ok(), "{name}: the server still waits after {after} s");
    assert!(after > limit - 0.3, "{name}: the server gave up after {after} s already");
    assert!(heard.is_empty(), "{name}: {heard:02X?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_stalls_is_given_up_in_time() {
    within(60, async {
        let setup = Setup::new(1).limits(
            "handshake_seconds = 1\nheader_seconds = 1\npayload_seconds = 1\nidle_seconds = 2\n\
             sim_frame_seconds = 2\nsim_idle_seconds = 3",
        );
        let mut server = setup.start().await;
        let [plain, tls, sim] = [setup.ports.plain, setup.ports.tls, setup.ports.sim].map(local);
        let frame = RawFrame { size: Some(600), ..RawFrame::NOBODY }.with(&[8, 0]);
        let stall = |name, port, first: &[u8], dribbled: &[u8], limit| Stall {
            name,
            port,
            first: first.to_vec(),
            dribbled: dribbled.to_vec(),
            limit,
        };
        let many = vec![0x40; 100];
        let all = [
            stall("nothing at all", plain, &[], &[], 2.0),
            stall("nothing at all over SIM", sim, &[], &[], 3.0),
            stall("one byte", plain, &frame[..1], &[], 1.0),
            stall("half a header", plain, &frame[..9], &[], 1.0),
            stall("half a header over SIM", sim, &frame[..9], &[], 2.0),
            stall("a header byte by byte", plain, &frame[..1], &frame[1..], 1.0),
            stall("a header without payload", plain, &frame[..18], &[], 1.0),
            stall("a payload byte by byte", plain, &frame, &many, 1.0),
            stall("a payload byte by byte over SIM", sim, &frame, &many, 2.0),
            stall("no TLS hello", tls, &[], &[], 1.0),
            stall("half a TLS hello", tls, &CLIENT_HELLO[..9], &[], 1.0),
            stall("a TLS hello byte by byte", tls, &CLIENT_HELLO[..1], &CLIENT_HELLO[1..], 1.0),
        ];
        let mut at_once = JoinSet::new();
        for stall in all {
            at_once.spawn(stalls(stall));
        }
        at_once.join_all().await;
        expect_alive(&setup, &mut server).await;
    })
    .await;
}

/// Bytes of one of many kinds, on one of many ports; then an end of one of several kinds.
async fn harass(ports: [SocketAddr; 5], unreadable: &[(String, Vec<u8>)], random: &mut Random) {
    let port = *random.pick(&ports);
    let mut bytes = match random.below(5) {
        0 => random.pick(unreadable).1.clone(),
        1 => RawFrame { size: Some(MIB), ..RawFrame::NOBODY }.with(&vec![7; random.below(5_000)]),
        2 => (0..random.below(200)).map(|_| random.draw() as u8).collect(),
        3 => RawFrame { id: random.draw() as u32, ..RawFrame::NOBODY }.with(&[8, random.below(12) as u8]),
        _ => [HTTP, &vec![b'x'; random.below(3_000)]].concat(),
    };
    bytes.truncate(60_000);
    let mut stream = connect(port, 0).await;
    let _ = stream.write_all(&bytes).await;
    if random.chance(1, 2) {
        listen(&mut stream, Duration::from_millis(20)).await;
    }
}

async fn storm(setup: &Setup, connections: usize) {
    let Ports { plain, tls, sim, site, metrics } = setup.ports;
    let ports = [plain, tls, sim, site, metrics].map(local);
    let mut workers = JoinSet::new();
    for worker in 0..40_u64 {
        workers.spawn(async move {
            let (unreadable, mut random) = (unreadable(), Random::new(worker));
            for _ in 0..connections / 40 {
                harass(ports, &unreadable, &mut random).await;
            }
        });
    }
    workers.join_all().await;
}

async fn gauge(setup: &Setup, name: &str) -> f64 {
    let page = get(local(setup.ports.metrics), "/metrics").await.unwrap().expect(200).text();
    let values = page.lines().filter(|line| line.starts_with(&format!("{name}{{")));
    values.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_hostile_connections_leave_memory_and_files_as_they_were() {
    const GROWTH_MAX_KIB: u64 = 40 * 1024;
    within(120, async {
        let setup = Setup::new(1);
        let mut server = setup.start().await;
        storm(&setup, 400).await;
        let (before, files) = (server.resident_kib(), server.open_files());
        // Whoever announces a mebibyte and sends nothing must not get it.
        let mut promises = Vec::new();
        for _ in 0..300 {
            let mut stream = connect(local(setup.ports.plain), 0).await;
            stream.write_all(&RawFrame { size: Some(MIB), ..RawFrame::NOBODY }.with(&[8])).await.unwrap();
            promises.push(stream);
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        let promised = server.resident_kib();
        assert!(
            promised < before + GROWTH_MAX_KIB / 2,
            "300 promises: {before} KiB before, {promised} KiB with them"
        );
        drop(promises);
        storm(&setup, 4_000).await;
        let after = server.resident_kib();
        assert!(after < before + GROWTH_MAX_KIB, "{before} KiB before, {after} KiB after");
        eventually("every connection ends", Duration::from_secs(15), || async {
            gauge(&setup, "ofd_gateway_connections_open").await == 0.0
        })
        .await;
        eventually("every file is closed", Duration::from_secs(20), || async {
            server.open_files() <= files + 8
        })
        .await;
        let mut device = Device::first(&setup, 203);
        device.info().await;
        device.sell().await;
        device.close_shift().await;
        device.expect_no_differences();
        expect_alive(&setup, &mut server).await;
        server.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_the_cap_one_is_told_to_come_later_and_over_the_reserve_nobody_is_heard() {
    within(60, async {
        let setup =
            Setup::new(1).limits("connections_max = 3\nreserve_max = 2\nconnections_per_address_max = 3");
        let mut server = setup.start().await;
        let [plain, tls] = [setup.ports.plain, setup.ports.tls].map(local);
        let ping = Device::first(&setup, 203).ping_frame();
        let mut served = Vec::new();
        for _ in 0..3 {
            let mut stream = connect(plain, 0).await;
            stream.write_all(&ping).await.unwrap();
            assert_eq!(hear(&mut stream, PATIENCE).await.code(), 0);
            served.push(stream);
        }
        let turned_away = say(plain, &ping, PATIENCE).await.one_answer_and_the_end();
        assert_eq!((turned_away.code(), turned_away.header.register), (254, hear_id(&ping)));
        let unreadable = say(plain, HTTP, PATIENCE).await.one_answer_and_the_end();
        assert_eq!(unreadable.code(), 3);
        let mut over_tls =
            Device::new(setup.fleet.registers().next().unwrap(), 203, Way::Tls.endpoint(&setup));
        let read = over_tls.ask(&ping).await.unwrap();
        assert_eq!(read.code(), 254);
        over_tls.client.close();
        // Two silent ones fill the reserve.
        eventually("the reserve is free", PATIENCE, || async {
            say(plain, &ping, PATIENCE).await.bytes.len() > 18
        })
        .await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let silent = [connect(plain, 0).await, connect(tls, 0).await];
        tokio::time::sleep(Duration::from_millis(100)).await;
        let dropped = say(plain, &ping, PATIENCE).await;
        assert!(dropped.bytes.is_empty() && dropped.end != End::Silent, "{dropped:02X?}");
        // The served ones are none the worse for it.
        for stream in &mut served {
            stream.write_all(&ping).await.unwrap();
            assert_eq!(hear(stream, PATIENCE).await.code(), 0);
        }
        drop((silent, served));
        eventually("there is room again", PATIENCE, || async {
            let said = say(plain, &ping, Duration::from_millis(300)).await;
            said.end == End::Silent
                && ofd_tests::device::read_answer(&said.bytes).is_ok_and(|read| read.code() == 0)
        })
        .await;
        assert!(server.is_running());
    })
    .await;
}

fn hear_id(frame: &[u8]) -> ofd_protocol::types::RegisterId {
    ofd_protocol::types::RegisterId(le32(frame, 8))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_cannot_take_every_connection() {
    within(60, async {
        let setup = Setup::new(1).limits("connections_per_address_max = 2");
        let _server = setup.start().await;
        let plain = local(setup.ports.plain);
        let ping = Device::first(&setup, 203).ping_frame();
        let mut served = Vec::new();
        for (from, code) in [(1, 0), (1, 0), (1, 254), (2, 0), (2, 0), (2, 254), (3, 0)] {
            let mut stream = connect(plain, from).await;
            stream.write_all(&ping).await.unwrap();
            assert_eq!(hear(&mut stream, PATIENCE).await.code(), code, "from 127.0.1.{from}");
            served.push(stream);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ids_and_tokens_cannot_be_tried_through() {
    within(60, async {
        let setup = Setup::new(1).limits(
            "unknown_ids_per_second = 1\nunknown_ids_burst = 5\nwrong_tokens_per_second = 1\nwrong_tokens_burst = 3",
        );
        let _server = setup.start().await;
        let mut device = Device::first(&setup, 203);
        // Whoever shows no good token is closed after a few tries.
        device.ping().await;
        let strange = RawFrame::NOBODY.with(&[8, 0]);
        let mut codes = Vec::new();
        for _ in 0..8 {
            codes.push(device.ask(&strange).await.unwrap().code());
        }
        assert_eq!(codes, [1, 1, 1, 1, 1, 254, 254, 254], "unknown ids");
        let mut other = connect(local(setup.ports.plain), 9).await;
        other.write_all(&strange).await.unwrap();
        assert_eq!(hear(&mut other, PATIENCE).await.code(), 1, "another address has a limit of its own");
        tokio::time::sleep(Duration::from_millis(1100)).await;
        assert_eq!(device.ask(&strange).await.unwrap().code(), 1, "a second later there is one more");

        let good = device.ping_frame();
        let mut guess = good.clone();
        codes.clear();
        for token in 1..7_u8 {
            guess[12] = guess[12].wrapping_add(token);
            let read = device.ask(&guess).await.unwrap();
            assert_eq!(read.header.token.0, le32(&guess, 12), "the right token is never told");
            codes.push(read.code());
        }
        assert_eq!(codes, [2, 2, 2, 254, 254, 254], "wrong tokens");
        assert_eq!(device.ask(&good).await.unwrap().code(), 0, "the register itself is not limited by it");
        device.info().await;
        device.sell().await;
        device.expect_no_differences();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_register_that_asks_too_much_is_told_to_come_later() {
    within(60, async {
        let setup = Setup::new(2)
            .limits("register_requests_per_second = 5\nregister_requests_burst = 10\nlane_depth_max = 2");
        let _server = setup.start().await;
        let mut devices = Device::fleet(&setup, 203);
        let ping = devices[0].ping_frame();
        let mut codes = Vec::new();
        for _ in 0..15 {
            codes.push(devices[0].ask(&ping).await.unwrap().code());
        }
        assert_eq!(codes[..10], [0; 10]);
        assert_eq!(codes[11..], [254; 4], "{codes:?}");
        devices[1].info().await;
        devices[1].sell().await;
        tokio::time::sleep(Duration::from_millis(1100)).await;
        assert_eq!(devices[0].ask(&ping).await.unwrap().code(), 0, "a second later there is room");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_longest_frame_is_taken_and_stored_as_it_came() {
    within(60, async {
        let setup = Setup::new(1);
        let server = setup.start().await;
        let mut device = Device::first(&setup, 203);
        device.info().await;
        let mut frame = device.sale_frame();
        // An unknown field of the message fills it up to the limit: its key, a length of three bytes, and blanks.
        let room = usize::try_from(MIB).unwrap() - frame.len() - 5;
        frame.extend([
            0xBA,
            0x3E,
            (room & 0x7F) as u8 | 0x80,
            (room >> 7 & 0x7F) as u8 | 0x80,
            (room >> 14) as u8,
        ]);
        frame.resize(usize::try_from(MIB).unwrap(), b' ');
        frame[4..8].copy_from_slice(&MIB.to_le_bytes());
        let read = device.ask(&frame).await.unwrap();
        assert_eq!(read.code(), 0, "{}", read.text());
        let heard = device.heard.clone();
        device.ask(&frame).await.unwrap();
        assert_eq!(device.heard, heard, "a retry of it");
        let kept = Api::of(&server).documents(device.id()).await;
        let raw = STANDARD.decode(kept[0]["raw"].as_str().unwrap()).unwrap();
        assert!(kept.len() == 1 && raw == frame, "{} documents, {} bytes", kept.len(), raw.len());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strange_requests_to_the_site_are_refused_and_never_its_fault() {
    within(60, async {
        let setup = Setup::new(1);
        let mut server = setup.start().await;
        let site = local(setup.ports.site);
        let long = format!("/?i={}&f=1&s=1&t=1", "9".repeat(6_000));
        let many = format!("/?{}", "i=1&".repeat(1_500));
        for (number, target) in [
            "/?i=%00&f=%FF&s=%&t=%zz",
            "/?i=1&i=2&i=3",
            "/?i=999999999999999999999999&f=640300000001&s=1e9&t=20260230T250000",
            "/?i=-1&f=-1&s=-1&t=-1",
            "/?i=123456789012&f=640300000001&s=1.00&t=99999999T999999",
            "/api/tickets/get-by-url",
            "/api/tickets/get-by-url?i=%F0%9F%98%80&f=&s=NaN&t=",
            "/api/v1/registers/200001/shifts?after=-1&limit=1000000000",
            "/api/v1/registers/200001/shifts/99999999999/documents",
            "/../../etc/passwd",
            "//",
            "/%2e%2e/%2e%2e/",
            &long,
            &many,
        ]
        .into_iter()
        .enumerate()
        {
            let request =
                Request::authorised(target, API_TOKEN, None).from(u8::try_from(number + 1).unwrap());
            let status = request.send(site).await.unwrap().status;
            assert!((200..500).contains(&status), "{target} gets {status}");
        }
        for body in
            ["", "{", "[]", "{\"reason\": 5}", "{\"reason\": \"x\", \"more\": 1}", &"x".repeat(100_000)]
        {
            let request =
                Request::authorised("/api/v1/registers/200001/block", API_TOKEN, Some(body.to_owned()));
            let status = request.send(site).await.map_or(413, |answer| answer.status);
            assert!((400..500).contains(&status), "{:.40} gets {status}", body);
        }
        let mut device = Device::first(&setup, 203);
        device.ping().await;
        expect_alive(&setup, &mut server).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_never_ends_is_given_up_by_the_site_and_by_metrics() {
    within(60, async {
        let setup = Setup::new(1);
        let mut server = setup.start().await;
        let mut slow = JoinSet::new();
        for (name, port) in [("site", setup.ports.site), ("metrics", setup.ports.metrics)] {
            slow.spawn(async move {
                let mut stream = connect(local(port), 0).await;
                stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.unwrap();
                let said = listen(&mut stream, Duration::from_secs(35)).await;
                (name, said)
            });
        }
        for (name, said) in slow.join_all().await {
            assert_ne!(said.end, End::Silent, "{name} still waits after {:?}", said.after);
        }
        expect_alive(&setup, &mut server).await;
    })
    .await;
}
