use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use ofd_storage::memory::MemoryStore;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::support::*;
use crate::{Limits, Site, TrustedProxies, serve};

struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

async fn served(shop: &Shop<MemoryStore>, limits: Limits) -> Served {
    served_behind(shop, limits, TrustedProxies::default()).await
}

async fn served_behind(shop: &Shop<MemoryStore>, limits: Limits, proxies: TrustedProxies) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut config = config();
    config.limits = limits;
    config.trusted_proxies = proxies;
    let site = Site::new(std::sync::Arc::clone(&shop.store), config).unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(serve(listener, site, async {
        let _ = stopped.await;
    }));
    Served { address, stop, task }
}

/// Reads one answer off a kept connection; `None` when the connection ended before.
async fn answer(stream: &mut TcpStream) -> Option<String> {
    let mut got = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&got).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if body.len() >= length.parse().unwrap() {
                return Some(text);
            }
        }
        let mut chunk = [0; 4096];
        match timeout(Duration::from_secs(5), stream.read(&mut chunk)).await.unwrap() {
            Ok(0) | Err(_) => return None,
            Ok(count) => got.extend_from_slice(&chunk[..count]),
        }
    }
}

async fn is_closed(stream: &mut TcpStream) -> bool {
    let mut rest = Vec::new();
    timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await.is_ok()
}

const PING: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: ofd\r\n\r\n";

#[tokio::test]
async fn a_receipt_comes_over_a_kept_connection() {
    let shop = Shop::open().await;
    let paper = shop.accept(&Ticket::usual().payload()).await;
    let served = served(&shop, Limits::default()).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    for uri in [paper.page(), paper.check(), "/healthz".to_owned()] {
        let request = format!("GET {uri} HTTP/1.1\r\nhost: ofd\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = answer(&mut stream).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn who_sends_no_whole_head_in_time_is_closed() {
    let shop = Shop::open().await;
    let limits = Limits { header_read_within: Duration::from_millis(100), ..Limits::default() };
    let served = served(&shop, limits).await;
    let mut silent = TcpStream::connect(served.address).await.unwrap();
    let mut slow = TcpStream::connect(served.address).await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nhost: ").await.unwrap();
    assert!(is_closed(&mut silent).await && is_closed(&mut slow).await);
    // An idle connection that was served before is closed as well.
    let mut idle = TcpStream::connect(served.address).await.unwrap();
    idle.write_all(PING).await.unwrap();
    assert!(answer(&mut idle).await.unwrap().starts_with("HTTP/1.1 200"));
    assert!(is_closed(&mut idle).await);
}

#[tokio::test]
async fn who_sends_its_body_too_slowly_is_answered_without_it() {
    let shop = Shop::open().await;
    let limits = Limits { answer_within: Duration::from_millis(100), ..Limits::default() };
    let served = served(&shop, limits).await;
    let mut slow = TcpStream::connect(served.address).await.unwrap();
    let head = format!(
        "POST /api/v1/registers/203539/block HTTP/1.1\r\nhost: ofd\r\nauthorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\ncontent-length: 30\r\n\r\n{{"
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    assert!(answer(&mut slow).await.unwrap().starts_with("HTTP/1.1 503"));
    assert!(is_closed(&mut slow).await);
}

#[tokio::test]
async fn hostile_bytes_end_the_connection_and_nothing_else() {
    let shop = Shop::open().await;
    let served = served(&shop, Limits::default()).await;
    let many_headers = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(100));
    let long_line = format!("GET /?i={} HTTP/1.1\r\nhost: ofd\r\n\r\n", "1".repeat(60_000));
    let long_header = format!("GET / HTTP/1.1\r\ncookie: {}\r\n\r\n", "a".repeat(60_000));
    let frame = [0xA2, 0x81, 0xCB, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    for bytes in [
        many_headers.as_bytes(),
        long_line.as_bytes(),
        long_header.as_bytes(),
        &frame,
        b"\x16\x03\x01\x00\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        let mut got = Vec::new();
        let _ = timeout(Duration::from_secs(5), stream.read_to_end(&mut got)).await.unwrap();
        let got = String::from_utf8_lossy(&got).into_owned();
        assert!(got.is_empty() || got.starts_with("HTTP/1.1 4"), "{got}");
    }
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(PING).await.unwrap();
    assert!(answer(&mut stream).await.is_some());
}

#[tokio::test]
async fn connections_beyond_an_addresses_share_are_closed_and_those_beyond_all_wait() {
    let shop = Shop::open().await;
    let limits = Limits { connections_per_address_max: 2, ..Limits::default() };
    let served_few = served(&shop, limits).await;
    let mut first = TcpStream::connect(served_few.address).await.unwrap();
    first.write_all(PING).await.unwrap();
    assert!(answer(&mut first).await.is_some());
    let second = TcpStream::connect(served_few.address).await.unwrap();
    let mut third = TcpStream::connect(served_few.address).await.unwrap();
    assert!(is_closed(&mut third).await);
    drop(second);

    let limits = Limits { connections_max: 1, ..Limits::default() };
    let served_one = served(&shop, limits).await;
    let mut first = TcpStream::connect(served_one.address).await.unwrap();
    first.write_all(PING).await.unwrap();
    assert!(answer(&mut first).await.is_some());
    let mut second = TcpStream::connect(served_one.address).await.unwrap();
    second.write_all(PING).await.unwrap();
    let mut byte = [0; 1];
    assert!(
        timeout(Duration::from_millis(100), second.read(&mut byte)).await.is_err(),
        "there is no room yet"
    );
    drop(first);
    assert!(answer(&mut second).await.is_some());
}

/// Statuses of look-ups over one connection, each with these lines of headers.
async fn look_ups(stream: &mut TcpStream, headers: &[&str]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for lines in headers {
        let request = format!("GET / HTTP/1.1\r\nhost: ofd\r\n{lines}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        statuses.push(answer(stream).await.unwrap()[9..12].parse().unwrap());
    }
    statuses
}

#[tokio::test]
async fn clients_behind_a_trusted_proxy_have_a_budget_each_and_the_proxy_any_number_of_connections() {
    const TWO_CLIENTS: [&str; 6] = [
        "x-forwarded-for: 198.51.100.7\r\n",
        "x-forwarded-for: 192.0.2.1, 198.51.100.7\r\n",
        "X-Forwarded-For: 192.0.2.2\r\nX-Forwarded-For: 198.51.100.7:5000\r\n",
        "x-forwarded-for: 198.51.100.8\r\n",
        "x-forwarded-for: 198.51.100.8\r\n",
        "x-forwarded-for: 198.51.100.8\r\n",
    ];
    let shop = Shop::open().await;
    let limits = Limits {
        address_burst: NonZeroU32::new(2).unwrap(),
        address_per_second: NonZeroU32::MIN,
        connections_per_address_max: 1,
        ..Limits::default()
    };
    let proxies: TrustedProxies = ["127.0.0.0/8".parse().unwrap()].into_iter().collect();
    let behind = served_behind(&shop, limits, proxies).await;
    let mut first = TcpStream::connect(behind.address).await.unwrap();
    let mut second = TcpStream::connect(behind.address).await.unwrap();
    assert_eq!(look_ups(&mut first, &TWO_CLIENTS).await, [200, 200, 429, 200, 200, 429]);
    assert_eq!(look_ups(&mut second, &["x-forwarded-for: 198.51.100.9\r\n", ""]).await, [200, 200]);

    // Who is not trusted has one budget and one share, whatever it writes.
    let alone = served(&shop, limits).await;
    let mut first = TcpStream::connect(alone.address).await.unwrap();
    assert_eq!(look_ups(&mut first, &TWO_CLIENTS).await, [200, 200, 429, 429, 429, 429]);
    let mut second = TcpStream::connect(alone.address).await.unwrap();
    assert!(is_closed(&mut second).await);
}

#[tokio::test]
async fn who_takes_nothing_of_its_answer_is_given_up() {
    let shop = Shop::open().await;
    for minute in 0..10 {
        let goods = vec![Goods::new(&"щ".repeat(400_000), 1_000, 100, 100)];
        shop.accept(&Ticket { date_time: at(9, minute, 0), ..Ticket::of(goods, 100) }.payload()).await;
    }
    let limits =
        Limits { write_stall_max: Duration::from_millis(100), connections_max: 1, ..Limits::default() };
    let served = served(&shop, limits).await;
    let mut stalled = TcpStream::connect(served.address).await.unwrap();
    let request = format!(
        "GET /api/v1/registers/203539/shifts/1/documents HTTP/1.1\r\nhost: ofd\r\nauthorization: Bearer {TOKEN}\r\n\r\n"
    );
    stalled.write_all(request.as_bytes()).await.unwrap();
    // Its place is free again although it never reads.
    let mut next = TcpStream::connect(served.address).await.unwrap();
    next.write_all(PING).await.unwrap();
    assert!(answer(&mut next).await.is_some());
    drop(stalled);
}

#[tokio::test]
async fn a_stop_finishes_what_is_in_flight_and_takes_nothing_new() {
    let shop = Shop::open().await;
    let served = served(&shop, Limits::default()).await;
    let mut idle = TcpStream::connect(served.address).await.unwrap();
    idle.write_all(PING).await.unwrap();
    assert!(answer(&mut idle).await.is_some());
    let mut busy = TcpStream::connect(served.address).await.unwrap();
    let head = format!(
        "POST /api/v1/registers/203539/block HTTP/1.1\r\nhost: ofd\r\nauthorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\ncontent-length: 15\r\n\r\n"
    );
    busy.write_all(head.as_bytes()).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    served.stop.send(()).unwrap();
    assert!(is_closed(&mut idle).await, "an idle connection ends at once");
    busy.write_all(b"{\"reason\": \"a\"}").await.unwrap();
    assert!(answer(&mut busy).await.unwrap().starts_with("HTTP/1.1 200"));
    timeout(Duration::from_secs(5), served.task).await.unwrap().unwrap();
    assert!(TcpStream::connect(served.address).await.is_err());
}
