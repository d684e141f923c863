//! Two gateways behind a balancer: each register pays from the budget of its own address, whichever gateway it reaches.

use std::net::Ipv4Addr;

use bytes::BytesMut;
use ofd_loadtest::{Outcome, clock};
use ofd_protocol::frame;
use ofd_protocol::ticket_number::TicketNumberKey;
use ofd_storage::memory::MemoryStore;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::budget::Allowance;
use crate::config::{Limits, ListenerProfile};
use crate::testing::{self, options};
use crate::world::SystemWorld;

const TILL: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);
const STRANGER: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 66);

/// Gateways over one store, each with a listener behind the balancer of this machine.
struct Cluster {
    addresses: Vec<SocketAddr>,
    shared: Vec<Arc<Shared<MemoryStore, SystemWorld>>>,
    register: ofd_loadtest::Register,
}

impl Cluster {
    async fn start(trusted: &str, per_address_max: usize) -> Self {
        let store = Arc::new(MemoryStore::new());
        let register = testing::create(&store, 1, &SystemWorld).await.remove(0);
        let (mut addresses, mut shared) = (Vec::new(), Vec::new());
        for _ in 0..2 {
            let mut options = options();
            options.strangers.wrong_tokens = Allowance::per_second(0, 3);
            let (store, key) = (Arc::clone(&store), TicketNumberKey([7; 32]));
            let limits =
                CapLimits { connections_max: 100, per_address_max, reserve_max: 9, unproven_max: 100 };
            let gateway = Arc::new(Shared {
                service: Arc::new(Service::new(store, SystemWorld, key, options)),
                caps: Arc::new(ConnectionCaps::new(limits, 1)),
                frames: Arc::new(FrameBudget::new(4 * 1024 * 1024)),
                stop: CancellationToken::new(),
                sessions: TaskTracker::new(),
            });
            let listener = Listener {
                number: 0,
                name: "behind".to_owned(),
                socket: bind("127.0.0.1:0".parse().unwrap()).unwrap(),
                patience: Limits::default().patience(ListenerProfile::Wired),
                keepalive: Keepalive::WIRED,
                tls: None,
                proxies: Some([trusted.parse().unwrap()].into_iter().collect()),
            };
            addresses.push(listener.socket.local_addr().unwrap());
            tokio::spawn(accept(listener, Arc::clone(&gateway)));
            shared.push(gateway);
        }
        Self { addresses, shared, register }
    }

    /// A connection by way of the balancer to a gateway.
    async fn connect(&self, gateway: usize, client: Ipv4Addr) -> TcpStream {
        let mut stream = TcpStream::connect(self.addresses[gateway]).await.unwrap();
        let mut header = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0C".to_vec();
        header.extend(client.octets());
        header.extend([10, 0, 0, 1, 0xD4, 0x31, 0x1E, 0x61]);
        stream.write_all(&header).await.unwrap();
        stream
    }

    async fn sell(&mut self, gateway: usize) {
        let sale = self.register.draw_sale();
        self.register.begin(sale, clock::now()).unwrap();
        let frame = self.register.request(clock::now()).unwrap().to_vec();
        let mut stream = self.connect(gateway, TILL).await;
        let answer = exchange(&mut stream, &frame).await.expect("an answer");
        let outcome = self.register.take(&answer);
        assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
    }

    /// Whether a guess is answered with the short text of 2, or with that of 254.
    async fn guess(&self, gateway: usize, client: Ipv4Addr) -> u8 {
        let id = self.register.identity().id.0;
        let frame = ping(id, self.register.state().token.0 ^ 0x55);
        let answer = exchange(&mut self.connect(gateway, client).await, &frame).await.expect("an answer");
        // command, then the result: its length, and the code as a varint.
        let payload = &answer[frame::HEADER_LEN..];
        assert_eq!(payload[..3], [8, 0, 0x12]);
        let at = payload.iter().skip(3).position(|byte| *byte == 8).unwrap() + 4;
        payload[at]
    }
}

fn ping(id: u32, token: u32) -> Vec<u8> {
    let mut frame = vec![0xA2, 0x81, 203, 0, 20, 0, 0, 0];
    frame.extend([id.to_le_bytes(), token.to_le_bytes()].concat());
    frame.extend([1, 0, 8, 0]);
    frame
}

/// Sends a frame and reads one; `None`: the connection ended.
async fn exchange(stream: &mut TcpStream, frame: &[u8]) -> Option<BytesMut> {
    let mut answer = BytesMut::new();
    stream.write_all(frame).await.ok()?;
    loop {
        if let Some(header) = frame::header(&answer).unwrap()
            && answer.len() >= usize::try_from(header.size).unwrap()
        {
            return Some(answer);
        }
        match tokio::time::timeout(Duration::from_secs(5), stream.read_buf(&mut answer)).await.unwrap() {
            Ok(len) if len > 0 => {}
            Ok(_) | Err(_) => return None,
        }
    }
}

/// The first byte of 254 as a varint.
const LATER: u8 = 0xFE;

#[tokio::test]
async fn behind_a_balancer_each_address_pays_for_itself_at_every_gateway() {
    let mut cluster = Cluster::start("127.0.0.1", 50).await;
    for gateway in [0, 1, 0, 1] {
        cluster.sell(gateway).await;
    }
    for gateway in [0, 1] {
        let mut codes = Vec::new();
        for _ in 0..5 {
            codes.push(cluster.guess(gateway, STRANGER).await);
        }
        assert_eq!(codes, [2, 2, 2, LATER, LATER], "gateway {gateway}");
        // All of it came from the balancer's one address; the till has its own budget.
        assert_eq!(cluster.guess(gateway, TILL).await, 2);
        cluster.sell(gateway).await;
    }
}

#[tokio::test]
async fn behind_a_balancer_connections_are_counted_by_their_own_address() {
    let cluster = Cluster::start("127.0.0.0/8", 2).await;
    let frame = ping(cluster.register.identity().id.0, cluster.register.state().token.0);
    let mut held = Vec::new();
    for client in [TILL, TILL, STRANGER, STRANGER] {
        let mut stream = cluster.connect(0, client).await;
        assert!(exchange(&mut stream, &frame).await.is_some());
        held.push(stream);
    }
    // Over the cap of its address a connection is answered once and closed.
    let mut third = cluster.connect(0, TILL).await;
    assert!(exchange(&mut third, &frame).await.is_some());
    assert!(exchange(&mut third, &frame).await.is_none());
    for stream in &mut held {
        assert!(exchange(stream, &frame).await.is_some());
    }
    cluster.shared.iter().for_each(|gateway| gateway.stop.cancel());
}

#[tokio::test]
async fn who_is_no_trusted_balancer_or_names_nobody_in_time_is_closed_unheard() {
    let cluster = Cluster::start("192.0.2.7", 50).await;
    let frame = ping(1, 1);
    let mut untrusted = cluster.connect(0, TILL).await;
    assert!(exchange(&mut untrusted, &frame).await.is_none());
    let cluster = Cluster::start("127.0.0.1", 50).await;
    let mut bare = TcpStream::connect(cluster.addresses[0]).await.unwrap();
    assert!(exchange(&mut bare, &frame).await.is_none(), "a frame is no header");
    // For itself a balancer may come: its checks are LOCAL.
    let mut local = TcpStream::connect(cluster.addresses[0]).await.unwrap();
    local.write_all(b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0").await.unwrap();
    assert!(exchange(&mut local, &frame).await.is_some());
}
