use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use ofd_edge::TrustedProxies;
use ofd_storage::memory::MemoryStore;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::support::*;
use crate::{Limits, serve};

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
    let site = crate::site_over(std::sync::Arc::clone(&shop.store), config).unwrap();
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
async fn a_new_connection_takes_the_place_of_one_that_asks_for_nothing() {
    let shop = Shop::open().await;
    let limits = Limits { connections_per_address_max: 2, ..Limits::default() };
    let served_few = served(&shop, limits).await;
    let mut first = TcpStream::connect(served_few.address).await.unwrap();
    first.write_all(PING).await.unwrap();
    assert!(answer(&mut first).await.is_some());
    let mut second = TcpStream::connect(served_few.address).await.unwrap();
    let mut third = TcpStream::connect(served_few.address).await.unwrap();
    third.write_all(PING).await.unwrap();
    assert!(answer(&mut third).await.is_some());
    assert!(is_closed(&mut first).await, "it asks for nothing for longest");
    second.write_all(PING).await.unwrap();
    assert!(answer(&mut second).await.is_some());

    let limits = Limits { connections_max: 1, ..Limits::default() };
    let served_one = served(&shop, limits).await;
    let mut silent = TcpStream::connect(served_one.address).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    let mut next = TcpStream::connect(served_one.address).await.unwrap();
    next.write_all(PING).await.unwrap();
    assert!(answer(&mut next).await.is_some());
    assert!(is_closed(&mut silent).await);
}

#[tokio::test]
async fn silent_connections_that_would_take_every_place_stop_nobody() {
    let shop = Shop::open().await;
    let limits = Limits { connections_max: 64, silent_per_address_max: 64, ..Limits::default() };
    let served = served(&shop, limits).await;
    let mut silent = Vec::new();
    for _ in 0..200 {
        silent.push(TcpStream::connect(served.address).await.unwrap());
    }
    for _ in 0..10 {
        let mut honest = TcpStream::connect(served.address).await.unwrap();
        honest.write_all(PING).await.unwrap();
        assert!(answer(&mut honest).await.unwrap().starts_with("HTTP/1.1 200"));
        silent.push(TcpStream::connect(served.address).await.unwrap());
    }
}

/// The head of a form, and its first byte.
fn form_head(from: &str) -> String {
    format!(
        "POST /login/password HTTP/1.1\r\nhost: ofd.example\r\nx-forwarded-for: {from}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 30\r\n\r\na"
    )
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_is_ended_with_408() {
    let shop = Shop::open().await;
    let limits = Limits { body_grace: Duration::from_millis(200), ..Limits::default() };
    let served = served(&shop, limits).await;
    let mut slow = TcpStream::connect(served.address).await.unwrap();
    slow.write_all(form_head("").as_bytes()).await.unwrap();
    let page = answer(&mut slow).await.unwrap();
    assert!(page.starts_with("HTTP/1.1 408") && page.contains("<html"), "{page}");
    assert!(is_closed(&mut slow).await);
    // Byte by byte is no faster.
    let mut drips = TcpStream::connect(served.address).await.unwrap();
    let head = format!(
        "POST /api/v1/registers/203539/block HTTP/1.1\r\nhost: ofd\r\nauthorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\ncontent-length: 3000\r\n\r\n"
    );
    drips.write_all(head.as_bytes()).await.unwrap();
    let (mut reader, mut writer) = drips.split();
    let drip = async {
        while writer.write_all(b" ").await.is_ok() {
            sleep(Duration::from_millis(20)).await;
        }
        std::future::pending::<()>().await;
    };
    let mut heard = [0; 12];
    tokio::select! {
        read = timeout(Duration::from_secs(5), reader.read_exact(&mut heard)) => { read.unwrap().unwrap(); }
        () = drip => {}
    }
    assert_eq!(&heard, b"HTTP/1.1 408");
}

#[tokio::test]
async fn slow_forms_of_one_visitor_behind_a_balancer_stop_neither_others_nor_health_nor_the_api() {
    let shop = Shop::open().await;
    let proxies: TrustedProxies = ["127.0.0.0/8".parse().unwrap()].into_iter().collect();
    let served = served_behind(&shop, Limits::default(), proxies).await;
    let mut slow = Vec::new();
    for _ in 0..124 {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(form_head("198.51.100.7").as_bytes()).await.unwrap();
        slow.push(stream);
    }
    let started = std::time::Instant::now();
    let mut other = TcpStream::connect(served.address).await.unwrap();
    assert_eq!(look_ups(&mut other, &["x-forwarded-for: 198.51.100.8\r\n"; 20]).await, [200; 20]);
    let api = format!(
        "GET /api/v1/registers/203539 HTTP/1.1\r\nhost: ofd\r\nauthorization: Bearer {TOKEN}\r\n\r\n"
    );
    for request in [PING, b"GET /readyz HTTP/1.1\r\nhost: ofd\r\n\r\n", api.as_bytes()] {
        other.write_all(request).await.unwrap();
        let answer = answer(&mut other).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    assert!(started.elapsed() < Duration::from_secs(4), "nobody waited for them to be given up");
    // Those beyond the visitor's share were sent away at once.
    let mut statuses = Vec::new();
    for stream in &mut slow {
        let mut head = [0; 12];
        if timeout(Duration::from_millis(1), stream.read_exact(&mut head)).await.is_ok() {
            statuses.push(String::from_utf8_lossy(&head[9..]).into_owned());
        }
    }
    assert!(statuses.len() >= 124 - Limits::default().requests_per_address_max, "{statuses:?}");
    assert!(statuses.iter().all(|status| status == "429"), "{statuses:?}");
}

#[tokio::test]
async fn a_neighbour_behind_the_same_address_gets_the_place_of_a_slow_form() {
    let shop = Shop::open().await;
    let limits = Limits { requests_per_address_max: 4, ..Limits::default() };
    let served = served(&shop, limits).await;
    let mut slow = Vec::new();
    for _ in 0..4 {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(form_head("").as_bytes()).await.unwrap();
        slow.push(stream);
    }
    sleep(Duration::from_millis(1200)).await;
    let mut neighbour = TcpStream::connect(served.address).await.unwrap();
    assert_eq!(look_ups(&mut neighbour, &[""; 3]).await, [200; 3]);
    assert!(answer(&mut slow[0]).await.unwrap().starts_with("HTTP/1.1 408"), "the oldest gave way");
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
    let _second = TcpStream::connect(alone.address).await.unwrap();
    assert!(is_closed(&mut first).await, "the second takes the place of the first");
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
