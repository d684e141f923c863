//! Registers that sell over a store: so what is copied is what gateways write.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use ofd_loadtest::register::kinds::Placement;
use ofd_loadtest::{Document, Outcome, Register, Renumber, clock};
use ofd_protocol::refusal::MalformedReceipt;
use ofd_protocol::register::Policy;
use ofd_protocol::types::RegisterId;
use ofd_storage::memory::MemoryStore;
use ofd_storage::model;
use ofd_storage::store::Store;
use tokio_util::codec::Encoder;

use crate::bootstrap;
use crate::budget::StrangerLimits;
use crate::codec::FrameCodec;
use crate::config::Operator;
use crate::fleet::Fleet;
use crate::lane::LaneLimits;
use crate::service::{Origin, Service, ServiceOptions, SystemWorld, World};

const ORIGIN: Origin = Origin { address: IpAddr::V4(Ipv4Addr::LOCALHOST), is_tls: false };

/// Registers and the gateway that serves them.
pub(crate) struct Shop<S, W = SystemWorld> {
    pub(crate) store: Arc<S>,
    world: W,
    service: Service<S, W>,
    registers: Vec<Register>,
}

impl<S: Store> Shop<S> {
    /// Registers that have sold nothing yet.
    pub(crate) async fn open(store: Arc<S>, registers: u32) -> Self {
        Self::open_in(store, registers, SystemWorld).await
    }
}

impl<S: Store, W: World + Clone> Shop<S, W> {
    /// As [`Shop::open`], in a world with its own time.
    pub(crate) async fn open_in(store: Arc<S>, registers: u32, world: W) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("fleet.json");
        let simulated = ofd_loadtest::Fleet::of_size(registers, 7);
        simulated.write(&file).unwrap();
        bootstrap::run(&store, &Fleet::load(&file).unwrap(), &world).await.unwrap();
        let key = model::ticket_number_key(&*store, [7; 32]).await.unwrap();
        let service = Service::new(Arc::clone(&store), world.clone(), key, options());
        let registers = simulated.registers().map(|identity| Register::new(identity, 203, 7)).collect();
        Self { store, world, service, registers }
    }

    /// Another store is the one from now on.
    pub(crate) async fn serve_from(&mut self, store: Arc<S>) {
        let key = model::ticket_number_key(&*store, [9; 32]).await.unwrap();
        self.service = Service::new(Arc::clone(&store), self.world.clone(), key, options());
        self.store = store;
    }

    /// The id of a register.
    pub(crate) fn id(&self, index: usize) -> RegisterId {
        RegisterId(self.registers[index].identity().id.0)
    }

    /// Lets a register sell once; the result code it gets.
    pub(crate) async fn try_to_sell(&mut self, index: usize) -> u32 {
        let register = &mut self.registers[index];
        let sale = register.draw_sale();
        register.begin(sale, clock::now()).unwrap();
        let frame = Bytes::copy_from_slice(register.request(clock::now()).unwrap());
        let reply = self.service.handle(&frame, ORIGIN).await;
        let mut answer = BytesMut::new();
        FrameCodec.encode(&reply.answer, &mut answer).unwrap();
        match register.take(&answer) {
            Outcome::Accepted(answer)
            | Outcome::Later(answer)
            | Outcome::CloseFirst(answer)
            | Outcome::Refused(answer) => answer.code,
            other @ Outcome::Unreadable(_) => panic!("{other:?}"),
        }
    }

    pub(crate) fn expect_no_differences(&mut self) {
        for register in &mut self.registers {
            assert_eq!(register.take_findings(), Vec::<String>::new());
        }
    }

    pub(crate) fn registers(&self) -> usize {
        self.registers.len()
    }

    /// Sends what a register has under way until it is accepted.
    async fn exchange(&mut self, index: usize) {
        let register = &mut self.registers[index];
        let frame = Bytes::copy_from_slice(register.request(clock::now()).unwrap());
        let reply = self.service.handle(&frame, ORIGIN).await;
        let mut answer = BytesMut::new();
        FrameCodec.encode(&reply.answer, &mut answer).unwrap();
        match register.take(&answer) {
            Outcome::Accepted(_) => {}
            other => panic!("not accepted: {other:?}"),
        }
    }

    async fn send(&mut self, index: usize, document: Document) {
        self.registers[index].begin(document, clock::now()).unwrap();
        self.exchange(index).await;
    }

    pub(crate) async fn sell(&mut self, index: usize) {
        let sale = self.registers[index].draw_sale();
        self.send(index, sale).await;
    }

    pub(crate) async fn close(&mut self, index: usize) {
        self.send(index, Document::Close { withdraw: true }).await;
    }

    /// A shift with all that leaves rows: documents, cancellations, offline numbers, amendments.
    pub(crate) async fn work(&mut self, index: usize, sales: usize) {
        self.send(index, Document::Placement { operation: Placement::Deposit, sum: 500_000 }).await;
        for _ in 0..sales {
            self.sell(index).await;
        }
        self.send(index, Document::Cancel).await;
        let register = &mut self.registers[index];
        let sale = register.draw_sale();
        register.begin_offline(sale, clock::now()).unwrap();
        assert!(register.drain().unwrap());
        self.exchange(index).await;
        // The answer got lost; what comes again came to be made offline.
        let register = &mut self.registers[index];
        let sale = register.draw_sale();
        register.begin(sale, clock::now()).unwrap();
        let frame = Bytes::copy_from_slice(register.request(clock::now()).unwrap());
        self.service.handle(&frame, ORIGIN).await;
        self.registers[index].resend_offline(Renumber::Fresh);
        self.exchange(index).await;
    }
}

fn options() -> ServiceOptions {
    ServiceOptions {
        policy: Policy {
            rotate_tokens: true,
            strict_versions: Vec::new(),
            malformed_receipt: MalformedReceipt::default(),
            zone_offset_seconds: 5 * 3600,
            receipt_site: "https://ofd.example/".into(),
        },
        operator: Operator::default(),
        lanes: LaneLimits::unlimited(64, 4),
        strangers: StrangerLimits::UNLIMITED,
        answer_within: Duration::from_secs(30),
    }
}

/// A store with everything in it: registers with several shifts, a long one, one without any document; names.
pub(crate) async fn store() -> Shop<MemoryStore> {
    fill(Arc::new(MemoryStore::new())).await
}

pub(crate) async fn fill<S: Store>(store: Arc<S>) -> Shop<S> {
    let mut shop = Shop::open(store, 6).await;
    for index in 0..shop.registers() - 1 {
        for shift in 0..index {
            shop.work(index, 1 + shift).await;
            shop.close(index).await;
        }
    }
    shop.work(1, 40).await;
    shop.work(2, 3).await;
    for (name, owner, since) in [("151140001234", "a", 5), ("kassir/1", "b", 6), ("", "c", 7)] {
        shop.store.claim("login", name, owner.as_bytes(), since, None).await.unwrap();
    }
    shop
}
