//! The composition root: one process with listeners, site and metrics over one store.

mod error;

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use ofd_admin_web::{PeopleConfig, Site};
use ofd_billing::charging::ClockWord;
use ofd_billing::invoices::Party;
use ofd_edge::World;
use ofd_storage::any::AnyStore;
use ofd_storage::cql::CqlStore;
use ofd_storage::embedded::{EmbeddedOptions, EmbeddedStore, OnLoss, Opening};
use ofd_storage::model;
use ofd_storage::store::{Health, Store, StoreError};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, error, info, warn};

use crate::causes::with_causes;
use crate::clock::{ClockGuard, SystemClocks};
use crate::config::{Config, ListenerConfig, ListenerProfile, StoreConfig};
use crate::descriptors::Shares;
use crate::fleet::Fleet;
use crate::listen::{self, CapLimits, ConnectionCaps, FrameBudget, Keepalive, Listener, Shared};
use crate::opening::{Backoff, ServedStore, Telling};
use crate::readiness::RoomForRegisters;
use crate::service::{LateKey, Service, ServiceOptions};
use crate::world::SystemWorld;
use crate::{bootstrap, cluster, http, jobs, metrics, site};
pub use error::StartError;

/// A process that runs.
pub struct Running {
    /// Where its listeners listen, by name.
    pub listeners: Vec<(String, SocketAddr)>,
    /// Where its site listens.
    pub site: Option<SocketAddr>,
    /// Where its metrics are.
    pub metrics: Option<SocketAddr>,
    store: Arc<ServedStore>,
    clock: Arc<ClockGuard>,
    failure: Option<oneshot::Receiver<StartError>>,
    stop: CancellationToken,
    sessions: TaskTracker,
    tasks: JoinSet<()>,
    world: Arc<dyn World>,
    zone_offset_seconds: i32,
    /// What is known of the clock by which days are charged.
    word: ClockWord,
    /// Who issues invoices, where that is known.
    supplier: Option<Party>,
    /// The site, where the config has one.
    pages: Option<Arc<Site>>,
    /// Go when everything has stopped.
    site_threads: Option<site::SiteThreads>,
    shutdown_within: Duration,
}

/// Purging and copying of the store's counters happen this often.
const HOUSEKEEPING: Duration = Duration::from_secs(5);

/// A cluster that is well is open after a fraction of this, and a device waits for an answer far longer.
const OPENED_SOON: Duration = Duration::from_millis(1500);

/// What is said at a start beside the config.
pub struct StartOptions {
    /// The clock of this machine is right, whatever the store knows.
    pub accepts_clock: bool,
    /// The clocks of this machine.
    pub clock: ClockGuard,
    /// Time and chance for all that is served and done. Its time is the wall time that `clock` watches.
    pub world: Arc<dyn World>,
    /// When the jobs of the background begin.
    pub jobs: Jobs,
}

/// When the jobs of the background begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jobs {
    /// With the service.
    AtOnce,
    /// Once [`Running::begin_jobs`] is called.
    WhenTold,
}

impl Default for StartOptions {
    fn default() -> Self {
        Self {
            accepts_clock: false,
            clock: ClockGuard::new(SystemClocks),
            world: Arc::new(SystemWorld),
            jobs: Jobs::AtOnce,
        }
    }
}

/// Opens the store, applies the fleet file and starts everything the config names.
///
/// An embedded store is open when this returns. A cluster that cannot be reached is tried on: until it is there all
/// that listens says why not, and [`Running::failed`] tells when it turns out to be none that can be used.
///
/// # Errors
/// [`StartError`]: what, where, and what to do. Nothing runs then.
pub async fn start(config: &Config, options: StartOptions) -> Result<Running, StartError> {
    let prometheus = prometheus()?;
    let fleet = config.bootstrap.as_deref().map(Fleet::load).transpose()?;
    // Ports come before the store: whoever finds them taken has changed nothing.
    let sockets = Sockets::bind(config)?;
    let people = config.site.as_ref().map(site::people).transpose()?;
    config.warnings().iter().for_each(|warning| warn!("{warning}"));
    let clock = Arc::new(options.clock);
    let mut opener = Opener {
        config: config.clone(),
        fleet,
        opened: None,
        store: Arc::new(ServedStore::guarded(Some(Arc::clone(&clock)))),
        key: LateKey::default(),
        clock,
        accepts_clock: options.accepts_clock,
        world: options.world,
    };
    let jobs = options.jobs;
    let word = if opener.accepts_clock { ClockWord::Vouched } else { ClockWord::Told };
    if let StoreConfig::Embedded { path, scrub_days, .. } = &config.store {
        opener.open().await?;
        let Opener { store, key, clock, world, .. } = &opener;
        let mut running = serve(config, sockets, prometheus, (store, key, clock, world), people)?;
        running.word = word;
        if jobs == Jobs::AtOnce {
            running.begin_jobs();
        }
        jobs::beside(&mut running.tasks, &running.store, (path, *scrub_days), &running.stop);
        return Ok(running);
    }
    let (store, key) = (Arc::clone(&opener.store), Arc::clone(&opener.key));
    let (clock, world) = (Arc::clone(&opener.clock), Arc::clone(&opener.world));
    let mut opening = Box::pin(opener.open());
    // Whoever comes in the moment that a cluster takes when all is well waits for it; a longer wait is answered.
    let soon = match tokio::time::timeout(OPENED_SOON, &mut opening).await {
        Ok(Err(error)) if !error.is_passing() => return Err(error),
        soon => soon,
    };
    let mut running = serve(config, sockets, prometheus, (&store, &key, &clock, &world), people)?;
    running.word = word;
    if jobs == Jobs::AtOnce {
        running.begin_jobs();
    }
    let opened = match soon {
        Ok(opened) => opened,
        Err(_) => (&mut opening).await,
    };
    drop(opening);
    match opened {
        Ok(()) => {}
        Err(error) if error.is_passing() => {
            let (sender, failure) = oneshot::channel();
            running.failure = Some(failure);
            running.tasks.spawn(keep_opening(opener, error, sender, running.stop.clone()));
        }
        Err(error) => {
            // What is told is why there is no store to close.
            let _ = running.stop().await;
            return Err(error);
        }
    }
    Ok(running)
}

fn serve(
    config: &Config,
    sockets: Sockets,
    prometheus: PrometheusHandle,
    (store, key, clock, world): (&Arc<ServedStore>, &LateKey, &Arc<ClockGuard>, &Arc<dyn World>),
    people: Option<PeopleConfig>,
) -> Result<Running, StartError> {
    let options = service_options(config);
    let service =
        Arc::new(Service::over_opening(Arc::clone(store), Arc::clone(world), Arc::clone(key), options));
    let stop = CancellationToken::new();
    metrics::begin();
    let limits = &config.limits;
    let shares = Shares::of_process(limits.connections_max, limits.reserve_max);
    let cap_limits = CapLimits {
        connections_max: shares.registers,
        per_address_max: limits.connections_per_address_max,
        reserve_max: shares.reserve,
        unproven_max: limits.unproven_connections_max,
    };
    let caps = Arc::new(ConnectionCaps::new(cap_limits, sockets.listeners.len()));
    let readiness = Arc::new(RoomForRegisters::new(Arc::clone(&caps), shares, stop.clone()));
    let sessions = TaskTracker::new();
    let shared = Arc::new(Shared {
        service: Arc::clone(&service),
        caps,
        frames: Arc::new(FrameBudget::new(limits.unfinished_frames_bytes())),
        stop: stop.clone(),
        sessions: sessions.clone(),
    });
    let mut running = Running {
        listeners: Vec::new(),
        site: None,
        metrics: None,
        store: Arc::clone(store),
        clock: Arc::clone(clock),
        failure: None,
        stop: stop.clone(),
        sessions,
        tasks: JoinSet::new(),
        world: Arc::clone(world),
        zone_offset_seconds: config.time_zone.0,
        word: ClockWord::Told,
        supplier: site::issuer(config).supplier,
        pages: None,
        site_threads: None,
        shutdown_within: Duration::from_secs(limits.shutdown_seconds),
    };
    let tasks = &mut running.tasks;
    for listener in sockets.listeners {
        let address = local_address(&listener.socket);
        info!(listener = listener.name, %address, "listener {} listens on {address}", listener.name);
        running.listeners.push((listener.name.clone(), address));
        tasks.spawn(listen::accept(listener, Arc::clone(&shared)));
    }
    if let Some(((socket, site), people)) = sockets.site.zip(config.site.as_ref()).zip(people) {
        let around = site::Around {
            key: Arc::clone(key),
            world: Arc::clone(world),
            stop: stop.clone(),
            connections_max: shares.site,
        };
        running.serve_pages(socket, site::build(config, site, Arc::clone(store), people, around)?)?;
        info!("people reach the site at {}", site.public_url);
    }
    let tasks = &mut running.tasks;
    if let Some(socket) = sockets.metrics {
        let address = local_address(&socket);
        info!(%address, "metrics and health are on {address}");
        running.metrics = Some(address);
        let served = http::Served { store: Arc::clone(store).into(), readiness };
        tasks.spawn(http::serve(socket, prometheus.clone(), served, shares.metrics, stop.clone()));
    }
    tasks.spawn(jobs::note_heard(Arc::clone(&service), stop.clone()));
    tasks.spawn(jobs::read_ticket_texts(service, stop.clone()));
    let names = running.listeners.iter().map(|(name, _)| name.clone()).collect();
    tasks.spawn(housekeeping(shared, names, (Arc::clone(store), Arc::clone(clock)), prometheus));
    Ok(running)
}

/// What it takes to make a store one that serves.
struct Opener {
    config: Config,
    fleet: Option<Fleet>,
    /// Open, and still lacking what follows.
    opened: Option<Arc<AnyStore>>,
    store: Arc<ServedStore>,
    key: LateKey,
    clock: Arc<ClockGuard>,
    accepts_clock: bool,
    world: Arc<dyn World>,
}

impl Opener {
    /// Tries once to open the store, apply the fleet file and read the key. All of it may be repeated.
    async fn open(&mut self) -> Result<(), StartError> {
        let store = match &self.opened {
            Some(store) => Arc::clone(store),
            None => Arc::new(open_store(&self.config, Opening::CreateIfMissing).await?),
        };
        self.opened = Some(Arc::clone(&store));
        let name = || self.config.store.to_string();
        let whole = model::check_whole(&*store).await;
        whole.map_err(|source| StartError::NotWhole { store: name(), source })?;
        if let Some(fleet) = &self.fleet {
            bootstrap::run(&store, fleet, &self.world).await.map_err(StartError::Bootstrap)?;
        }
        let key = model::ticket_number_key(&*store, self.world.bytes()).await;
        let key = key.map_err(|source| StartError::Store { store: self.config.store.to_string(), source })?;
        let begun = self.clock.begin(&*store, self.accepts_clock).await;
        begun.map_err(|source| StartError::Store { store: self.config.store.to_string(), source })?;
        // The key first: whoever finds the store open finds it too. It never changes, so it is set once.
        let _ = self.key.set(key);
        self.store.open(store);
        info!("{} is open", self.config.store);
        self.tell_loss();
        Ok(())
    }
}

impl Opener {
    /// Says what is missing in the store, and what came of `--accept-loss`.
    fn tell_loss(&self) {
        let loss = self.opened.as_deref().and_then(AnyStore::loss);
        match (loss, self.config.accept_loss) {
            (Some(loss), true) => {
                warn!(
                    "{loss}; --accept-loss: the store goes on without them; leave the switch out from now on"
                );
            }
            // The store's health says so, and why.
            (Some(_), false) | (None, false) => {}
            (None, true) => warn!("--accept-loss was given and nothing is missing: leave it out"),
        }
    }
}

/// Tries to open a store until it is open, the process goes down, or it is clear that waiting does not help.
async fn keep_opening(
    mut opener: Opener,
    mut error: StartError,
    failure: oneshot::Sender<StartError>,
    stop: CancellationToken,
) {
    let (mut telling, mut backoff) = (Telling::default(), Backoff::default());
    loop {
        let reason = with_causes(&error);
        telling.failed(&reason);
        opener.store.wait_for(reason);
        let tried = async {
            tokio::time::sleep(backoff.next(&opener.world)).await;
            opener.open().await
        };
        let tried = tokio::select! {
            () = stop.cancelled() => return,
            tried = tried => tried,
        };
        match tried {
            Ok(()) => return,
            Err(again) if again.is_passing() => error = again,
            Err(final_one) => {
                // Nobody waits for it when the process goes down this moment.
                let _ = failure.send(final_one);
                return;
            }
        }
    }
}

/// Opens the store of a config: tries once.
///
/// # Errors
/// [`StartError::Store`], [`StartError::Cluster`], [`StartError::ClusterTls`].
pub async fn open_store(config: &Config, opening: Opening) -> Result<AnyStore, StartError> {
    let name = || config.store.to_string();
    match &config.store {
        StoreConfig::Embedded { path, memory_mib, .. } => {
            let mut options = EmbeddedOptions::new(path.clone());
            options.opening = opening;
            options.memory_bytes = memory_mib.saturating_mul(1024 * 1024);
            options.on_loss = if config.accept_loss { OnLoss::Accept } else { OnLoss::Hold };
            options.free_space_min_bytes = config.limits.free_space_min_mib.saturating_mul(1024 * 1024);
            // On a blocking thread: the replay of its journals may take seconds.
            let opened = tokio::task::spawn_blocking(move || EmbeddedStore::open(options)).await;
            let opened = opened.unwrap_or_else(|error| {
                Err(StoreError::Unavailable { reason: format!("its opening was interrupted: {error}") })
            });
            opened.map(AnyStore::from).map_err(|source| StartError::Store { store: name(), source })
        }
        StoreConfig::Cql(cluster) => {
            let opened = CqlStore::open(cluster::options(cluster)?).await;
            opened.map(AnyStore::from).map_err(|source| StartError::Cluster { store: name(), source })
        }
    }
}

fn service_options(config: &Config) -> ServiceOptions {
    let limits = &config.limits;
    ServiceOptions {
        policy: config.policy(),
        imprint: config.imprint(),
        lanes: limits.lanes(),
        strangers: limits.strangers(),
        answer_within: Duration::from_millis(limits.answer_milliseconds),
    }
}

struct Sockets {
    listeners: Vec<Listener>,
    site: Option<tokio::net::TcpListener>,
    metrics: Option<tokio::net::TcpListener>,
}

impl Sockets {
    fn bind(config: &Config) -> Result<Self, StartError> {
        let bind = |what: String, address: SocketAddr| {
            listen::bind(address).map_err(|source| StartError::Bind { what, address, source })
        };
        let listener = |(number, listener): (usize, &ListenerConfig)| {
            let tls = listener.tls.as_ref().map(listen::acceptor).transpose();
            let tls = tls.map_err(|source| StartError::Tls {
                name: listener.name.clone(),
                source: Box::new(source),
            })?;
            Ok(Listener {
                number,
                name: listener.name.clone(),
                socket: bind(format!("listener {}", listener.name), listener.address)?,
                patience: config.limits.patience(listener.profile),
                keepalive: match listener.profile {
                    ListenerProfile::Wired => Keepalive::WIRED,
                    ListenerProfile::Sim => Keepalive::SIM,
                },
                tls,
                proxies: config.proxies_of(listener).cloned(),
            })
        };
        Ok(Self {
            listeners: config
                .listeners
                .iter()
                .enumerate()
                .map(listener)
                .collect::<Result<_, StartError>>()?,
            site: config.site.as_ref().map(|site| bind("the site".into(), site.address)).transpose()?,
            metrics: config.metrics.as_ref().map(|http| bind("metrics".into(), http.address)).transpose()?,
        })
    }
}

fn local_address(socket: &tokio::net::TcpListener) -> SocketAddr {
    socket.local_addr().unwrap_or_else(|_| SocketAddr::from(([0, 0, 0, 0], 0)))
}

/// The process has one recorder, however many servers a test starts in it.
fn prometheus() -> Result<PrometheusHandle, StartError> {
    static HANDLE: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();
    /// Upper bounds in seconds: a device gives up after 5.
    const BUCKETS: [f64; 14] =
        [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
    let install = || {
        PrometheusBuilder::new()
            .set_buckets(&BUCKETS)
            .and_then(PrometheusBuilder::install_recorder)
            .map_err(|error| error.to_string())
    };
    HANDLE.get_or_init(install).clone().map_err(StartError::Metrics)
}

async fn housekeeping(
    shared: Arc<Shared<ServedStore, Arc<dyn World>>>,
    listeners: Vec<String>,
    (store, clock): (Arc<ServedStore>, Arc<ClockGuard>),
    prometheus: PrometheusHandle,
) {
    let mut was_ready = true;
    loop {
        let health = store.health().await;
        metrics::store_ready(health == Health::Ready);
        metrics::clock_held(clock.check().is_err());
        if let Some(opened) = store.opened() {
            if let Err(error) = clock.keep_if_due(&**opened).await {
                // Said once for all by whoever watches the store's health.
                debug!(%error, "what is known of the clock was not written down: {error}");
            }
            metrics::store(opened);
            let is_ready = health == Health::Ready;
            match health {
                Health::Ready if !was_ready => info!("the store takes writes again"),
                Health::ReadOnly(reason) if was_ready => error!("the store takes no writes: {reason}"),
                Health::Ready | Health::ReadOnly(_) => {}
            }
            was_ready = is_ready;
        }
        // Histograms keep every sample until they are asked for; nobody may ask.
        prometheus.run_upkeep();
        metrics::lanes(shared.service.lanes());
        metrics::frames_unfinished(shared.frames.taken());
        for (number, name) in listeners.iter().enumerate() {
            metrics::connections_unproven(name, shared.caps.unproven(number));
        }
        shared.service.purge();
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = tokio::time::sleep(HOUSEKEEPING) => {}
        }
    }
}

impl Running {
    /// The store, for whoever looks at what was kept.
    pub fn store(&self) -> &Arc<ServedStore> {
        &self.store
    }

    /// The site, for whoever does in this process what people do on its pages.
    pub fn pages(&self) -> Option<&Site> {
        self.pages.as_deref()
    }

    fn serve_pages(
        &mut self,
        socket: tokio::net::TcpListener,
        site: Arc<Site>,
    ) -> Result<(), site::SiteStartError> {
        let address = local_address(&socket);
        info!(%address, "the site listens on {address}");
        let (threads, stop) = (site::SiteThreads::start()?, &self.stop);
        let tasks = &mut self.tasks;
        tasks.spawn_on(site::recheck_papers(Arc::clone(&site), stop.clone()), &threads.handle());
        let served = site::serve(socket.into_std(), Arc::clone(&site), stop.clone());
        tasks.spawn_on(served, &threads.handle());
        (self.site, self.pages, self.site_threads) = (Some(address), Some(site), Some(threads));
        Ok(())
    }

    /// Begins the jobs of the background, when [`start`] was told to leave them.
    pub fn begin_jobs(&mut self) {
        let days = (self.zone_offset_seconds, self.word);
        let supplier = self.supplier.as_ref();
        jobs::spawn(&mut self.tasks, &self.store, &self.world, days, supplier, &self.stop);
    }

    /// Waits until it is clear that the store, not open when [`start`] returned, never will be; for ever, if it is.
    pub async fn failed(&mut self) -> StartError {
        if let Some(failure) = &mut self.failure
            && let Ok(error) = failure.await
        {
            return error;
        }
        self.failure = None;
        std::future::pending().await
    }

    /// Stops accepting, finishes what is in flight, syncs and closes the store.
    ///
    /// # Errors
    /// The store's, when it cannot be closed in order; what was acknowledged is durable all the same.
    pub async fn stop(mut self) -> Result<(), StoreError> {
        info!("going down: no new connections, requests in flight are finished");
        self.stop.cancel();
        listen::drain(&self.sessions, self.shutdown_within).await;
        let tasks = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(Duration::from_secs(1), tasks).await.is_err() {
            self.tasks.shutdown().await;
        }
        if let Some(opened) = self.store.opened() {
            // What it would say is said by the closing.
            let _ = self.clock.keep_if_due(&**opened).await;
        }
        let closed = self.store.close().await;
        match &closed {
            Ok(()) => info!("the store is closed"),
            Err(error) => error!(%error, "the store was not closed in order: {error}"),
        }
        closed
    }
}
