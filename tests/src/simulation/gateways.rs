//! The gateways of a simulation over their one store: how they start, die and come back.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::executor::block_on;
use ofd_admin_web::Turns;
use ofd_edge::Imprint;
use ofd_gateway::bootstrap;
use ofd_gateway::budget::StrangerLimits;
use ofd_gateway::fleet::{Fleet, FleetOrganisation, FleetRegister, FleetTradePoint};
use ofd_gateway::lane::LaneLimits;
use ofd_gateway::service::{Service, ServiceOptions};
use ofd_protocol::refusal::MalformedReceipt;
use ofd_protocol::register::Policy;
use ofd_storage::faulty::{FaultJournal, Sharing};
use ofd_storage::feed::Seen;
use ofd_storage::model::{self, Connection};

use super::backend::SimBackend;
use super::observed::{Observed, WriteLog};
use super::options::SimOptions;
use super::weather::SimStore;
use super::world::{Clock, SimWorld};

/// How far Kazakhstan's time is ahead of UTC.
pub const ZONE_SECONDS: i32 = 5 * 3600;

/// The names of gateways, as many as there may be.
const NAMES: [&str; 3] = ["east", "west", "north"];

/// The service of a gateway.
pub type SimService<S> = Service<SimStore<Observed<S>>, SimWorld>;

/// What a gateway remembers of what it looked at, by reader.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// What the reader of figures looked at.
    pub figures: Arc<Mutex<Seen>>,
    /// What the simulation's own reader looked at.
    pub probe: Arc<Mutex<Seen>>,
}

/// A gateway with its own memory.
pub struct Gateway<S> {
    /// What the journal calls it.
    pub name: &'static str,
    /// Its way to the store, for the service and for the people who work on its site.
    pub store: Arc<SimStore<Observed<S>>>,
    /// Its time and chance.
    pub world: SimWorld,
    /// The turns of changes that people make on its site.
    pub turns: Arc<Turns>,
    /// The service; none while it is down.
    pub service: Option<Arc<SimService<S>>>,
    /// What its readers of the feed remember.
    pub memory: Memory,
    /// When it comes back, or its weather calms.
    pub until_ms: u64,
}

/// All gateways and what is behind them.
pub struct Cluster<B: SimBackend> {
    backend: B,
    truth: Option<Arc<Observed<B::Store>>>,
    /// All gateways, dead ones too.
    pub gateways: Vec<Gateway<B::Store>>,
    /// What was applied.
    pub log: WriteLog,
    /// What the stores did wrong.
    pub faults: FaultJournal,
    options: SimOptions,
    clock: Clock,
    lives: u64,
}

impl<B: SimBackend> Cluster<B> {
    /// Opens the store and starts the gateways; nothing is registered yet.
    pub fn new(mut backend: B, options: &SimOptions, clock: &Clock) -> Self {
        let log = WriteLog::default();
        let truth = Arc::new(Observed::new(backend.open(), log.clone()));
        let mut cluster = Self {
            backend,
            truth: Some(truth),
            gateways: Vec::new(),
            log,
            faults: FaultJournal::default(),
            options: options.clone(),
            clock: clock.clone(),
            lives: 0,
        };
        cluster.start_all();
        cluster
    }

    /// The store as it is, without faults.
    pub fn truth(&self) -> &Arc<Observed<B::Store>> {
        self.truth.as_ref().expect("the store is absent only within `crash_all`")
    }

    /// Creates the organisations and registers of a fleet, as the start of a process does.
    pub async fn register(&self, fleet: &ofd_loadtest::Fleet) {
        let world = SimWorld::new(self.clock.clone(), self.options.seed);
        let created = bootstrap::run(self.truth(), &fleet_of(fleet), &world).await;
        created.expect("a store without faults takes the fleet");
    }

    /// One gateway dies: its lanes and what it was doing are gone. The caller drops its tasks.
    pub fn crash(&mut self, index: usize, down_ms: u64) {
        let gateway = &mut self.gateways[index];
        gateway.service = None;
        gateway.store.settle();
        gateway.store.set_weather(super::weather::Weather::Calm);
        gateway.until_ms = self.clock.now_ms() + down_ms;
    }

    /// A gateway that was down starts again, with nothing in memory.
    pub fn restart(&mut self, index: usize) {
        self.gateways[index] = self.start(index);
    }

    /// Every process dies and starts again over what the store kept. The caller drops all tasks.
    pub fn crash_all(&mut self) {
        self.gateways.iter().for_each(|gateway| gateway.store.settle());
        self.gateways.clear();
        let truth = self.truth.take().and_then(Arc::into_inner);
        let dead = truth.expect("gateways and their tasks were dropped, nobody else holds the store");
        let alive = self.backend.reopen(dead.into_inner());
        self.truth = Some(Arc::new(Observed::new(alive, self.log.clone())));
        self.start_all();
    }

    fn start_all(&mut self) {
        for index in 0..self.options.gateways.min(NAMES.len()) {
            let gateway = self.start(index);
            self.gateways.push(gateway);
        }
    }

    fn start(&mut self, index: usize) -> Gateway<B::Store> {
        self.lives += 1;
        let name = NAMES[index];
        let seed = self.options.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(self.lives << 8);
        let sharing = if self.options.gateways > 1 { Sharing::Shared } else { Sharing::Alone };
        let storm = self.options.rates.storm;
        let store = SimStore::new(self.truth(), name, seed, storm, sharing, &self.faults);
        let (store, world) = (Arc::new(store), SimWorld::new(self.clock.clone(), !seed));
        let key = block_on(model::ticket_number_key(self.truth(), [7; 32])).expect("the truth never fails");
        let service = Service::new(Arc::clone(&store), world.clone(), key, service_options(&self.options));
        let (turns, memory) = (Arc::default(), Memory::default());
        Gateway { name, store, world, turns, service: Some(Arc::new(service)), memory, until_ms: 0 }
    }
}

fn service_options(options: &SimOptions) -> ServiceOptions {
    ServiceOptions {
        policy: Policy {
            rotate_tokens: options.rotate_tokens,
            strict_versions: Vec::new(),
            malformed_receipt: MalformedReceipt::default(),
            zone_offset_seconds: ZONE_SECONDS,
            receipt_site: "https://ofd.example/".to_owned(),
        },
        imprint: Imprint { url: "https://ofd.example".to_owned(), ..Imprint::default() },
        // Few lanes and short ones, so that evictions and full lanes happen.
        lanes: LaneLimits::unlimited(4, 4),
        strangers: StrangerLimits::UNLIMITED,
        answer_within: Duration::from_secs(4),
    }
}

/// The fleet of the simulated registers as the gateway's own fleet file would have it.
fn fleet_of(fleet: &ofd_loadtest::Fleet) -> Fleet {
    let organisations = fleet.organisations.iter().map(|organisation| FleetOrganisation {
        bin: organisation.bin.clone(),
        title: organisation.title.clone(),
        address: organisation.address.clone(),
        address_kz: organisation.address_kz.clone(),
        okved: organisation.okved.clone(),
        trade_points: organisation.trade_points.iter().map(trade_point_of).collect(),
    });
    Fleet { organisations: organisations.collect() }
}

fn trade_point_of(point: &ofd_loadtest::fleet::TradePoint) -> FleetTradePoint {
    let registers = point.registers.iter().map(|register| FleetRegister {
        id: register.id.0,
        token: register.token.0,
        fns_kkm_id: register.fns_kkm_id.clone(),
        serial_number: register.serial_number.clone(),
        model: register.model.clone(),
        year: register.year,
        connection: Connection::Wired,
        tls: true,
    });
    FleetTradePoint {
        title: point.title.clone(),
        address: point.address.clone(),
        address_kz: point.address_kz.clone(),
        latitude: None,
        longitude: None,
        registers: registers.collect(),
    }
}
