//! Registers that sell over a store, for tests: so what is stored there is what gateways write.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use ofd_admin_web::{By, Turns, change_register};
use ofd_edge::{DRAWN_LEN, Imprint, World};
use ofd_loadtest::register::kinds::Placement;
use ofd_loadtest::{Document, Outcome, Register, Renumber, clock};
use ofd_protocol::refusal::MalformedReceipt;
use ofd_protocol::register::{Change, Policy};
use ofd_protocol::types::{RegisterId, UnixMillis};
use ofd_storage::claims::INVITATION_FAMILY;
use ofd_storage::erased::DynStore;
use ofd_storage::feed::{Step, Sweep};
use ofd_storage::figures::FiguresReader;
use ofd_storage::memory::MemoryStore;
use ofd_storage::model;
use ofd_storage::registers::{self, Loaded};
use ofd_storage::store::{Stamp, Store};
use tokio_util::codec::Encoder;

use crate::bootstrap;
use crate::budget::StrangerLimits;
use crate::codec::FrameCodec;
use crate::fleet::Fleet;
use crate::lane::LaneLimits;
use crate::service::{Origin, Reply, Service, ServiceOptions};
use crate::world::SystemWorld;

const ORIGIN: Origin = Origin { address: IpAddr::V4(Ipv4Addr::LOCALHOST), is_tls: false };

/// A world whose time is that of the runtime, so that it passes with it.
#[derive(Clone, Copy)]
pub(crate) struct Passing(pub(crate) tokio::time::Instant);

impl World for Passing {
    fn now(&self) -> UnixMillis {
        let passed = u64::try_from(self.0.elapsed().as_millis()).unwrap();
        UnixMillis(1_795_158_000_000 + passed)
    }

    fn draw(&self) -> [u8; DRAWN_LEN] {
        SystemWorld.draw()
    }
}

/// Registers and the gateways that serve them.
pub(crate) struct Shop<S, W = SystemWorld> {
    pub(crate) store: Arc<S>,
    world: W,
    pub(crate) gateways: Vec<Service<S, W>>,
    /// Which of them the registers reach.
    reached: usize,
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
        let registers = create(&store, registers, &world).await;
        let mut shop = Self { store, world, gateways: Vec::new(), reached: 0, registers };
        shop.add_gateway().await;
        shop
    }

    /// One more gateway over the store.
    pub(crate) async fn add_gateway(&mut self) {
        let key = model::ticket_number_key(&*self.store, [7; 32]).await.unwrap();
        self.gateways.push(Service::new(Arc::clone(&self.store), self.world.clone(), key, options()));
    }

    /// Registers reach this gateway from now on.
    pub(crate) fn go_to(&mut self, gateway: usize) {
        self.reached = gateway;
    }

    /// Another store is the one from now on.
    pub(crate) async fn serve_from(&mut self, store: Arc<S>) {
        self.store = store;
        self.gateways.clear();
        self.reached = 0;
        self.add_gateway().await;
    }

    /// The id of a register.
    pub(crate) fn id(&self, index: usize) -> RegisterId {
        RegisterId(self.registers[index].identity().id.0)
    }

    pub(crate) fn register(&mut self, index: usize) -> &mut Register {
        &mut self.registers[index]
    }

    pub(crate) fn registers(&self) -> usize {
        self.registers.len()
    }

    /// The newest state of a register.
    pub(crate) async fn newest(&self, index: usize) -> Loaded {
        registers::newest(&*self.store, self.id(index)).await.unwrap().unwrap()
    }

    /// What the store holds of a shift.
    pub(crate) async fn shift(&self, index: usize, shift: u32) -> Loaded {
        registers::shift(&*self.store, self.id(index), shift).await.unwrap().unwrap()
    }

    pub(crate) fn expect_no_differences(&mut self) {
        for register in &mut self.registers {
            assert_eq!(register.take_findings(), Vec::<String>::new());
        }
    }

    /// Lets a register send what it has under way; the bytes that come back.
    async fn ask(&mut self, index: usize) -> BytesMut {
        let frame = Bytes::copy_from_slice(self.registers[index].request(clock::now()).unwrap());
        answer_bytes(&self.gateways[self.reached].handle(&frame, ORIGIN).await)
    }

    /// Sends what a register has under way, which is accepted.
    pub(crate) async fn exchange(&mut self, index: usize) {
        let answer = self.ask(index).await;
        match self.registers[index].take(&answer) {
            Outcome::Accepted(_) => {}
            other => panic!("not accepted: {other:?}"),
        }
    }

    pub(crate) async fn send(&mut self, index: usize, document: Document) {
        self.registers[index].begin(document, clock::now()).unwrap();
        self.exchange(index).await;
    }

    fn begin_sale(&mut self, index: usize) {
        let register = &mut self.registers[index];
        let sale = register.draw_sale();
        register.begin(sale, clock::now()).unwrap();
    }

    pub(crate) async fn sell(&mut self, index: usize) {
        self.begin_sale(index);
        self.exchange(index).await;
    }

    /// Lets a register sell; the bytes of the answer that accepts it.
    pub(crate) async fn sell_and_read(&mut self, index: usize) -> BytesMut {
        self.begin_sale(index);
        let answer = self.ask(index).await;
        match self.registers[index].take(&answer) {
            Outcome::Accepted(_) => answer,
            other => panic!("not accepted: {other:?}"),
        }
    }

    /// Lets a register sell once, though it was stopped before; the result code it gets.
    pub(crate) async fn try_to_sell(&mut self, index: usize) -> u32 {
        self.registers[index].resume();
        self.begin_sale(index);
        let answer = self.ask(index).await;
        match self.registers[index].take(&answer) {
            Outcome::Accepted(answer)
            | Outcome::Later(answer)
            | Outcome::CloseFirst(answer)
            | Outcome::Refused(answer) => answer.code,
            other @ Outcome::Unreadable(_) => panic!("{other:?}"),
        }
    }

    /// A sale is stored, its answer is lost, and the register sets it aside.
    pub(crate) async fn lose(&mut self, index: usize) {
        self.begin_sale(index);
        self.ask(index).await;
        assert!(self.registers[index].set_aside());
    }

    pub(crate) async fn close(&mut self, index: usize) {
        self.send(index, Document::Close { withdraw: true }).await;
    }

    /// Counts the figures of all registers, as the job beside a gateway does once a day.
    pub(crate) async fn count_figures(&self) {
        /// A sweep is due a day after the one before.
        static DAYS: AtomicU64 = AtomicU64::new(0);
        let days = DAYS.fetch_add(2, Ordering::Relaxed);
        let now = UnixMillis(self.world.now().0 + days * 24 * 3_600_000);
        let (reader, stamps) =
            (FiguresReader { zone_offset_seconds: 5 * 3600 }, || Stamp(self.world.bytes()));
        while !matches!(Sweep::step(&*self.store, &reader, now, &stamps).await.unwrap(), Step::Wait(_)) {}
    }

    /// People change a register on the site.
    pub(crate) async fn change(&self, index: usize, change: &Change) {
        let by = By::program("API", self.world.now(), [10, 0, 0, 1].into());
        let store = DynStore::from(Arc::clone(&self.store));
        change_register((&store, &self.world), &Turns::default(), self.id(index), change, &by).await.unwrap();
    }

    /// A shift with all that leaves rows: documents, cancellations, offline numbers, amendments, documents whose answer
    /// was lost, one that came again and one that did not.
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
        self.begin_sale(index);
        self.ask(index).await;
        self.registers[index].resend_offline(Renumber::Fresh);
        self.exchange(index).await;
        self.lose(index).await;
        self.sell(index).await;
        assert!(self.registers[index].drain().unwrap());
        self.exchange(index).await;
        self.lose(index).await;
        self.sell(index).await;
    }
}

/// Creates the registers of a fleet; they sell in version 203.
pub(crate) async fn create<S: Store>(
    store: &Arc<S>,
    registers: u32,
    world: &(impl World + Clone),
) -> Vec<Register> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("fleet.json");
    let simulated = ofd_loadtest::Fleet::of_size(registers, 7);
    simulated.write(&file).unwrap();
    bootstrap::run(store, &Fleet::load(&file).unwrap(), world).await.unwrap();
    simulated.registers().map(|identity| Register::new(identity, 203, 7)).collect()
}

pub(crate) fn answer_bytes(reply: &Reply) -> BytesMut {
    let mut bytes = BytesMut::new();
    FrameCodec.encode(&reply.answer, &mut bytes).unwrap();
    bytes
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
        imprint: Imprint::default(),
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
    for change in [Change::Block { reason: "долг".into() }, Change::Unblock { reason: String::new() }] {
        shop.change(1, &change).await;
    }
    for (name, owner, since) in [("151140001234", "a", 5), ("kassir/1", "b", 6), ("", "c", 7)] {
        shop.store.claim(INVITATION_FAMILY, name, owner.as_bytes(), since, None).await.unwrap();
    }
    shop
}
