//! What a request asks of a store that several gateways share: each read of a head there is a round of Paxos.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::BytesMut;
use ofd_loadtest::{Document, Outcome, clock};
use ofd_protocol::refusal::MalformedReceipt;
use ofd_storage::memory::MemoryStore;
use ofd_storage::store::{Head, StreamId};
use ofd_storage::through;
use tokio_util::codec::Encoder;

use super::*;
use crate::bootstrap;
use crate::codec::FrameCodec;
use crate::fleet::Fleet;

mod strangers;

/// A store that others share, which counts how often it is asked for a head.
#[derive(Default)]
struct Counting {
    inner: MemoryStore,
    heads: AtomicU64,
}

impl through::Through for Counting {
    type Inner = MemoryStore;

    fn inner(&self) -> &MemoryStore {
        &self.inner
    }

    async fn head(&self, stream: StreamId) -> Result<Option<Head>, StoreError> {
        self.heads.fetch_add(1, Ordering::Relaxed);
        self.inner.head(stream).await
    }

    fn is_shared(&self) -> bool {
        true
    }
}

/// A register with two gateways over one store.
struct Till {
    store: Arc<Counting>,
    gateways: [Service<Counting, SystemWorld>; 2],
    register: ofd_loadtest::Register,
    id: RegisterId,
}

impl Till {
    /// With so many shifts behind it.
    async fn after(shifts: u32) -> Self {
        let (store, folder) = (Arc::new(Counting::default()), tempfile::tempdir().unwrap());
        let (file, fleet) = (folder.path().join("fleet.json"), ofd_loadtest::Fleet::of_size(1, 7));
        fleet.write(&file).unwrap();
        bootstrap::run(&store, &Fleet::load(&file).unwrap(), &SystemWorld).await.unwrap();
        let gateway = || Service::new(Arc::clone(&store), SystemWorld, TicketNumberKey([7; 32]), options());
        let gateways = [gateway(), gateway()];
        let identity = fleet.registers().next().unwrap();
        let id = RegisterId(identity.id.0);
        let register = ofd_loadtest::Register::new(identity, 203, 7);
        let mut till = Self { store, gateways, register, id };
        for _ in 0..shifts {
            till.sell(0).await;
            till.send(0, Document::Close { withdraw: false }).await;
        }
        till
    }

    /// Sells by way of a gateway; how often the store was asked for a head.
    async fn sell(&mut self, gateway: usize) -> u64 {
        let before = self.store.heads.load(Ordering::Relaxed);
        let sale = self.register.draw_sale();
        self.send(gateway, sale).await;
        self.store.heads.load(Ordering::Relaxed) - before
    }

    async fn send(&mut self, gateway: usize, document: Document) {
        self.register.begin(document, clock::now()).unwrap();
        let frame = Bytes::copy_from_slice(self.register.request(clock::now()).unwrap());
        let origin = Origin { address: IpAddr::V4(Ipv4Addr::LOCALHOST), is_tls: false };
        let reply = self.gateways[gateway].handle(&frame, origin).await;
        let mut answer = BytesMut::new();
        FrameCodec.encode(&reply.answer, &mut answer).unwrap();
        let outcome = self.register.take(&answer);
        assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
    }
}

pub(crate) fn options() -> ServiceOptions {
    ServiceOptions {
        policy: Policy {
            rotate_tokens: true,
            strict_versions: Vec::new(),
            malformed_receipt: MalformedReceipt::default(),
            zone_offset_seconds: 5 * 3600,
            receipt_site: "https://ofd.example/".into(),
        },
        operator: Operator::default(),
        lanes: LaneLimits::unlimited(4, 4),
        strangers: StrangerLimits::UNLIMITED,
        answer_within: Duration::from_secs(4),
    }
}

#[tokio::test]
async fn a_profile_that_is_read_anew_leaves_the_head_in_memory() {
    let mut till = Till::after(20).await;
    till.sell(0).await;
    assert_eq!(till.sell(0).await, 0);
    let (gateway, id) = (&till.gateways[0], till.id);
    let lane = gateway.lanes.find(id).unwrap();
    let renewed = gateway.renew(id, Arc::clone(&lane)).await.unwrap().unwrap();
    assert!(!Arc::ptr_eq(&lane, &renewed));
    // Whoever comes second with the old lane takes nothing away.
    assert!(Arc::ptr_eq(&gateway.renew(id, lane).await.unwrap().unwrap(), &renewed));
    assert_eq!(till.sell(0).await, 0);
    assert_eq!(till.gateways[0].lanes(), 1);
}

#[tokio::test]
async fn a_register_that_comes_back_from_another_gateway_is_found_in_a_step() {
    let mut till = Till::after(20).await;
    till.sell(0).await;
    till.sell(1).await;
    for gateway in [0, 1, 0, 1] {
        assert_eq!(till.sell(gateway).await, 1);
    }
    // A shift went by at the other gateway: it is looked at, and the one after it.
    till.send(0, Document::Close { withdraw: false }).await;
    till.sell(0).await;
    assert_eq!(till.sell(1).await, 2);
    // So many that it is shorter to look for the newest from the first one on.
    for _ in 0..10 {
        till.send(0, Document::Close { withdraw: false }).await;
        till.sell(0).await;
    }
    assert!(till.sell(1).await > 4);
    assert_eq!(till.sell(1).await, 0);
}
