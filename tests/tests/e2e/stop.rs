//! SIGTERM, whatever the peers are doing: exit code 0 within 10 seconds, and everybody finds out.

use std::time::Duration;

use ofd_tests::api::Api;
use ofd_tests::device::{Device, Way};
use ofd_tests::process::{Setup, local, within};
use ofd_tests::raw::{End, RawFrame, connect, listen};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// Connections that stall in every way there is.
async fn stalled(setup: &Setup) -> Vec<TcpStream> {
    let frame = RawFrame { size: Some(600), ..RawFrame::NOBODY }.with(&[8, 0]);
    let ports = setup.ports;
    let hello = [0x16, 0x03, 0x01, 0x00, 0x60, 0x01];
    let head = b"GET /healthz HTTP/1.1\r\nHost: x\r\n".as_slice();
    let mut all = Vec::new();
    for (port, bytes) in [
        (ports.plain, &frame[..0]),
        (ports.plain, &frame[..1]),
        (ports.plain, &frame[..17]),
        (ports.plain, &frame[..]),
        (ports.sim, &frame[..5]),
        (ports.tls, &hello[..0]),
        (ports.tls, &hello[..]),
        (ports.site, head),
        (ports.metrics, head),
    ] {
        for _ in 0..3 {
            let mut stream = connect(local(port), 0).await;
            stream.write_all(bytes).await.unwrap();
            all.push(stream);
        }
    }
    all
}

/// Connections that ask without end and never read an answer, until the server waits for them.
async fn deaf(setup: &Setup, request: &[u8], count: usize) -> Vec<TcpStream> {
    let mut all = Vec::new();
    for _ in 0..count {
        let mut stream = connect(local(setup.ports.plain), 0).await;
        let asked = async {
            loop {
                stream.write_all(request).await.unwrap();
            }
        };
        // Both buffers are full once nothing moves any more.
        let _: Result<(), _> = tokio::time::timeout(Duration::from_millis(700), asked).await;
        all.push(stream);
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn peers_that_stall_do_not_hold_a_server_that_is_told_to_stop() {
    within(60, async {
        let setup = Setup::new(2);
        let mut server = setup.start().await;
        let mut device = Device::first(&setup, 203);
        device.info().await;
        device.sell().await;
        let mut over_tls =
            Device::new(setup.fleet.registers().nth(1).unwrap(), 203, Way::Tls.endpoint(&setup));
        over_tls.info().await;
        let stalled = stalled(&setup).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        let took = server.stop().await;
        // The site waits 5 seconds for heads that began.
        assert!(took < Duration::from_secs(7), "silent peers hold the server for {took:?}");
        for mut stream in stalled {
            let said = listen(&mut stream, Duration::from_secs(1)).await;
            assert_ne!(said.end, End::Silent, "{said:02X?}");
        }
        setup.verify().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn peers_that_never_read_do_not_hold_a_server_that_is_told_to_stop() {
    within(60, async {
        let setup = Setup::new(1);
        let mut server = setup.start().await;
        let mut device = Device::first(&setup, 203);
        let ping = device.ping_frame();
        device.sell().await;
        let _deaf = deaf(&setup, &ping, 4).await;
        server.stop().await;
        setup.verify().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_never_reads_costs_no_memory_and_is_given_up() {
    const GROWTH_MAX_KIB: u64 = 24 * 1024;
    within(60, async {
        let setup = Setup::new(1).limits("write_seconds = 1");
        let mut server = setup.start().await;
        let mut device = Device::first(&setup, 203);
        device.info().await;
        let ping = device.ping_frame();
        let before = server.resident_kib();
        let mut deaf = deaf(&setup, &ping, 12).await;
        let after = server.resident_kib();
        assert!(after < before + GROWTH_MAX_KIB, "{before} KiB before, {after} KiB after");
        tokio::time::sleep(Duration::from_millis(1500)).await;
        for stream in &mut deaf {
            let said = listen(stream, Duration::from_secs(3)).await;
            assert_ne!(said.end, End::Silent, "after {} bytes", said.bytes.len());
        }
        device.sell().await;
        assert_eq!(Api::of(&server).documents(device.id()).await.len(), 1);
        assert!(server.is_running());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_is_as_good_as_sigterm_and_a_second_signal_does_no_harm() {
    within(60, async {
        let setup = Setup::new(1);
        let mut server = setup.start().await;
        Device::first(&setup, 203).sell().await;
        server.interrupt();
        server.terminate();
        server.interrupt();
        let status = server.wait(Duration::from_secs(10)).await;
        assert_eq!(status.code(), Some(0), "{}", server.log());
        setup.verify().await;
    })
    .await;
}
