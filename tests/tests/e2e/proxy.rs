//! A listener behind a balancer that speaks the PROXY protocol, plain and over TLS.

use std::fs;
use std::net::Ipv4Addr;
use std::time::Duration;

use ofd_tests::device::{Device, Way, read_answer};
use ofd_tests::process::{Setup, local, within};
use ofd_tests::raw::{End, RawFrame, connect, hear, listen, say};
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

const PATIENCE: Duration = Duration::from_secs(4);

/// What a balancer says before the first byte of a client.
fn header(client: Ipv4Addr) -> Vec<u8> {
    let mut header = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0F".to_vec();
    header.extend(client.octets());
    header.extend([10, 0, 0, 1, 0xD4, 0x31, 0x1E, 0x61]);
    // A TLV that nobody needs.
    header.extend([0x04, 0, 0]);
    header
}

/// Its listeners trust the balancer on this machine.
fn behind_a_balancer(limits: &str) -> Setup {
    let setup = Setup::new(1).limits(limits);
    let trusting = "profile = \"wired\"\nproxy_protocol = true\ntrusted_proxies = [\"127.0.0.1\"]\n";
    fs::write(setup.config(), setup.config_text().replace("profile = \"wired\"\n", trusting)).unwrap();
    setup
}

/// A balancer for connections to a port of a server: all of them come from one client, as far as the server knows.
async fn balancer(to: u16, client: Ipv4Addr) -> u16 {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut outside, _)) = socket.accept().await {
            tokio::spawn(async move {
                let mut inside = TcpStream::connect(local(to)).await.unwrap();
                inside.write_all(&header(client)).await.unwrap();
                let _ = copy_bidirectional(&mut outside, &mut inside).await;
            });
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_behind_a_balancer_are_told_apart() {
    within(90, async {
        let setup = behind_a_balancer("unknown_ids_per_second = 1\nunknown_ids_burst = 3");
        let server = setup.start().await;
        let strange = RawFrame::NOBODY.with(&[8, 0]);
        let one = balancer(setup.ports.plain, Ipv4Addr::new(203, 0, 113, 1)).await;
        let other = balancer(setup.ports.plain, Ipv4Addr::new(203, 0, 113, 2)).await;
        let mut codes = Vec::new();
        let mut stream = connect(local(one), 0).await;
        for _ in 0..5 {
            stream.write_all(&strange).await.unwrap();
            codes.push(hear(&mut stream, PATIENCE).await.code());
        }
        assert_eq!(codes, [1, 1, 1, 254, 254]);
        let said = say(local(other), &strange, Duration::from_millis(500)).await;
        assert_eq!(read_answer(&said.bytes).unwrap().code(), 1, "another client has its own budget");
        assert!(server.log().contains("203.0.113.1 asks for more unknown ids"), "{}", server.log());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_till_sells_through_a_balancer_and_nobody_past_it() {
    within(90, async {
        let mut setup = behind_a_balancer("header_seconds = 1");
        let server = setup.start().await;
        let (plain, tls) = (setup.ports.plain, setup.ports.tls);
        let frame = RawFrame::NOBODY.with(&[8, 0]);
        // From an address that is no balancer's; without a header; with one that does not come.
        let mut past = connect(local(plain), 7).await;
        let _ = past.write_all(&frame).await;
        let bare = say(local(plain), &frame, PATIENCE).await;
        let silent = say(local(plain), b"\r\n\r\n", PATIENCE).await;
        for said in [listen(&mut past, PATIENCE).await, bare, silent] {
            assert!(said.bytes.is_empty() && said.end != End::Silent, "{said:?}");
        }
        let log = server.log();
        assert!(log.contains("127.0.1.7 was closed: it is none of the trusted_proxies"), "{log}");
        assert!(log.contains("send-proxy-v2") && log.contains("did not come within 1s"), "{log}");
        setup.ports.plain = balancer(plain, Ipv4Addr::new(203, 0, 113, 1)).await;
        setup.ports.tls = balancer(tls, Ipv4Addr::new(203, 0, 113, 1)).await;
        let identity = setup.fleet.registers().next().unwrap();
        let mut device = Device::new(identity, 203, Way::Plain.endpoint(&setup));
        device.info().await;
        device.sell().await;
        device.client = ofd_loadtest::Client::new(Way::Tls.endpoint(&setup));
        device.sell().await;
        device.close_shift().await;
        device.expect_no_differences();
    })
    .await;
}
