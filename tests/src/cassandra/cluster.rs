//! A cluster and what a test may do to its nodes.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use rustls::ClientConfig;
use scylla::client::session::Session;
use scylla::statement::Consistency;
use tempfile::TempDir;

use super::fetch::Installation;
use super::lock::{self, FOLDER_PREFIX, Lock, Watchdog};
use super::node::{Place, Process};
use super::probe::{self, Access};
use super::relay::{Relay, Route};
use super::turn::{TURN_WITHIN, Turn};
use super::{CQL_PORT, Options, STORAGE_PORT, secure};
use crate::process::KEEP_VARIABLE;

/// Three nodes need 10 seconds on a quiet machine, and ten times as long beside builds that take all of it.
const READY_WITHIN: Duration = Duration::from_secs(240);

/// An orderly end takes a few seconds.
const STOPPED_WITHIN: Duration = Duration::from_secs(60);

/// A killed process is gone by then, even on a busy machine.
const KILLED_WITHIN: Duration = Duration::from_secs(30);

/// How often a node that starts is asked.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// Where the nodes begin on the ring: thirds of it.
const TOKENS_OF_THREE: [i64; 3] = [i64::MIN, -3_074_457_345_618_258_603, 3_074_457_345_618_258_602];

/// One node, or three, each of which has a copy of everything when a keyspace asks for three.
///
/// Nodes are counted from 0: node 0 is 127.0.0.1. The data centre is `datacenter1`. Dropped, all nodes are killed and
/// their folders removed; the end of their logs is shown when the test has failed.
#[derive(Debug)]
pub struct Cluster {
    // Dropped in this order: nodes first, the right to the ports last.
    nodes: Vec<Mutex<Node>>,
    relay: Option<Relay>,
    _watchdog: Watchdog,
    places: Vec<Place>,
    installation: Installation,
    options: Options,
    access: Access,
    keyspaces: AtomicU64,
    folder: TempDir,
    _lock: Lock,
    turn: Option<Turn>,
}

#[derive(Debug, Default)]
struct Node {
    process: Option<Process>,
    starts: usize,
    paused: bool,
    cut: bool,
}

impl Node {
    /// Whether it can answer the others.
    fn answers(&self) -> bool {
        self.process.is_some() && !self.paused && !self.cut
    }
}

impl Cluster {
    pub(super) async fn begin(count: usize, options: Options, turn: Option<Turn>) -> Self {
        let found = tokio::task::spawn_blocking(Installation::find).await;
        let installation = found.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        let lock =
            lock::wait(&lock::ports_lock(), TURN_WITHIN, "another test with a Cassandra of its own").await;
        lock::clear_leftovers();

        let keep = std::env::var_os(KEEP_VARIABLE).is_some();
        // Folders that stay are named so that the next cluster does not take them for left ones.
        let prefix = if keep { format!("kept-{FOLDER_PREFIX}") } else { FOLDER_PREFIX.to_owned() };
        let mut folder = tempfile::Builder::new().prefix(&prefix).tempdir().expect("a temporary folder");
        folder.disable_cleanup(keep);

        let places = places(count, folder.path());
        let seeds: Vec<Ipv4Addr> = places.iter().map(|place| place.public).collect();
        let extra = secure::settings(options, folder.path(), &seeds);
        for place in &places {
            place.write(&seeds, &extra);
        }
        lock::wait_until_free(&addresses(&places));

        let routes = || places.iter().map(|place| Route { public: place.public, own: place.own }).collect();
        let cluster = Self {
            nodes: places.iter().map(|_| Mutex::default()).collect(),
            relay: (count > 1).then(|| Relay::start(routes())),
            _watchdog: Watchdog::start(folder.path(), keep),
            access: Access {
                user: options.password.then_some(secure::USER),
                tls: options.tls.then(|| secure::client(&secure::certificate(folder.path()))),
            },
            places,
            installation,
            options,
            keyspaces: AtomicU64::new(1),
            folder,
            _lock: lock,
            turn,
        };
        for node in 0..count {
            cluster.launch(node).await;
        }
        let since = Instant::now();
        for node in 0..count {
            cluster.wait_until_open(node, since).await;
        }
        cluster.until_done("the first keyspace", since, || cluster.access.create(&seeds)).await;
        cluster.wait_until_agreed(since).await;
        cluster
    }

    /// Where clients connect: `127.0.0.1:9042` and so on.
    pub fn nodes(&self) -> Vec<String> {
        (0..self.places.len()).map(|node| self.address(node).to_string()).collect()
    }

    /// Where clients of one node connect.
    pub fn address(&self, node: usize) -> SocketAddr {
        SocketAddr::from((self.places[node].public, CQL_PORT))
    }

    /// How many copies a keyspace may have: one for each node.
    pub fn replication(&self) -> u32 {
        u32::try_from(self.places.len()).expect("one or three")
    }

    /// The name of a keyspace that nobody has used. Nothing is created.
    pub fn keyspace_name(&self) -> String {
        format!("test_{}", self.keyspaces.fetch_add(1, Ordering::Relaxed))
    }

    /// User and password, of a superuser, when clients need them.
    pub fn credentials(&self) -> Option<(&'static str, &'static str)> {
        self.access.user
    }

    /// The nodes' certificate (PEM) when clients come over TLS: trust it. It names the nodes' addresses and localhost.
    pub fn certificate(&self) -> Option<PathBuf> {
        self.options.tls.then(|| secure::certificate(self.folder.path()))
    }

    /// A client that trusts the nodes' certificate, when clients come over TLS.
    pub fn client_config(&self) -> Option<Arc<ClientConfig>> {
        self.access.tls.clone()
    }

    /// Where a node keeps its tables, a folder for each keyspace.
    pub(super) fn data_folder(&self, node: usize) -> PathBuf {
        self.places[node].folder.join("data")
    }

    /// A session for what a test does by CQL itself. Its tasks live in the runtime of the caller.
    ///
    /// # Panics
    /// When no node answers.
    pub async fn session(&self) -> Session {
        let session = self.access.session(&self.addresses_that_answer()).await;
        session.unwrap_or_else(|error| panic!("no session: {error}\n{}", self.log_tails()))
    }

    /// A session that speaks with one node only. Its tasks live in the runtime of the caller.
    ///
    /// # Errors
    /// The text of the server or the driver.
    pub async fn session_by(&self, node: usize) -> Result<Session, String> {
        self.access.session_with_only(&[self.places[node].public]).await
    }

    /// Reads a row by one node and no other. The row has a copy on every node: `All` tells whether that node sees all
    /// others, `Quorum` and `Serial` whether it sees most.
    ///
    /// # Errors
    /// The text of the server or the driver.
    pub async fn read_by(&self, node: usize, consistency: Consistency) -> Result<(), String> {
        let session = self.session_by(node).await?;
        probe::read_at(&session, self.places[node].public, consistency).await
    }

    /// All a node logged.
    pub fn log(&self, node: usize) -> String {
        self.places[node].log()
    }

    /// The process id of a node that runs.
    pub fn pid(&self, node: usize) -> Option<u32> {
        self.node(node).process.as_ref().map(Process::pid)
    }

    /// The memory of a node that runs.
    pub fn resident_mib(&self, node: usize) -> Option<u64> {
        self.node(node).process.as_ref().and_then(Process::resident_kib).map(|kib| kib / 1024)
    }

    /// Whether a node's process lives; a paused one does.
    pub fn is_running(&self, node: usize) -> bool {
        self.node(node).process.as_mut().is_some_and(|process| process.ended().is_none())
    }

    /// kill -9. After this the process is gone.
    ///
    /// # Panics
    /// When it does not run.
    pub async fn kill(&self, node: usize) {
        let mut process = self.take(node, "killed");
        assert!(process.signal(Signal::KILL), "node {node} ended by itself\n{}", self.log_tail(node));
        let ended = process.wait(KILLED_WITHIN).await;
        assert!(ended.is_some(), "node {node} runs {KILLED_WITHIN:?} after a kill -9");
        self.close(node).await;
    }

    /// SIGTERM and the wait for an orderly end.
    ///
    /// # Panics
    /// When it does not run, is paused, or takes too long.
    pub async fn stop(&self, node: usize) {
        assert!(!self.node(node).paused, "node {node} is paused: resume it before it is stopped");
        let mut process = self.take(node, "stopped");
        assert!(process.signal(Signal::TERM), "node {node} ended by itself\n{}", self.log_tail(node));
        let ended = process.wait(STOPPED_WITHIN).await;
        assert!(
            ended.is_some(),
            "node {node} runs {STOPPED_WITHIN:?} after SIGTERM\n{}",
            self.log_tail(node)
        );
        self.close(node).await;
    }

    /// Starts a node that was killed or stopped, on what it has stored. Waits until it serves and it and the others
    /// that answer see each other; a node that is cut off only until it listens.
    ///
    /// # Panics
    /// When it runs already or does not start.
    pub async fn start(&self, node: usize) {
        self.allow("started");
        assert!(self.node(node).process.is_none(), "node {node} runs already");
        self.launch(node).await;
        let since = Instant::now();
        self.wait_until_open(node, since).await;
        self.wait_until_agreed(since).await;
    }

    /// SIGSTOP: the node keeps its connections and says nothing.
    ///
    /// # Panics
    /// When it does not run.
    pub async fn pause(&self, node: usize) {
        self.allow("paused");
        self.signal(node, Signal::STOP);
        self.node(node).paused = true;
        let since = Instant::now();
        while !self.node(node).process.as_ref().is_some_and(Process::is_stopped) {
            assert!(since.elapsed() < KILLED_WITHIN, "node {node} runs {KILLED_WITHIN:?} after SIGSTOP");
            tokio::time::sleep(ASK_EVERY).await;
        }
    }

    /// SIGCONT. Does not wait until the others see the node again; [`Cluster::wait_until_ready`] does.
    ///
    /// # Panics
    /// When it does not run.
    pub fn resume(&self, node: usize) {
        self.allow("resumed");
        self.signal(node, Signal::CONT);
        self.node(node).paused = false;
    }

    /// Cuts a node off from the others and from clients: whatever is sent to it or by it is swallowed, connections stay
    /// open, new ones are not answered. The others take it for down after 10 to 20 seconds.
    ///
    /// # Panics
    /// When there is one node only: take three.
    pub async fn cut(&self, node: usize) {
        self.allow("cut off");
        self.network().cut(node).await;
        self.node(node).cut = true;
    }

    /// Ends a cut. What was sent meanwhile arrives, late. Does not wait until the others see the node again;
    /// [`Cluster::wait_until_ready`] does.
    ///
    /// # Panics
    /// When there is one node only.
    pub async fn join(&self, node: usize) {
        self.network().join(node).await;
        self.node(node).cut = false;
    }

    /// Waits until all nodes that run and are neither paused nor cut off serve and see each other.
    ///
    /// # Panics
    /// When that takes too long.
    pub async fn wait_until_ready(&self) {
        self.wait_until_agreed(Instant::now()).await;
    }

    fn network(&self) -> &Relay {
        self.relay.as_ref().expect("only a cluster of three nodes can be cut: take Cluster::three")
    }

    fn allow(&self, what: &str) {
        // Other tests use it at the same time.
        assert!(self.turn.is_some(), "the shared node is not to be {what}: take Cluster::one");
    }

    fn node(&self, node: usize) -> MutexGuard<'_, Node> {
        self.nodes[node].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, node: usize, what: &str) -> Process {
        self.allow(what);
        let mut taken = self.node(node);
        taken.paused = false;
        taken.process.take().unwrap_or_else(|| panic!("node {node} is to be {what} and does not run"))
    }

    fn signal(&self, node: usize, signal: Signal) {
        let sent = self.node(node).process.as_mut().map(|process| process.signal(signal));
        let sent = sent.unwrap_or_else(|| panic!("node {node} is to get {signal:?} and does not run"));
        assert!(sent, "node {node} ended by itself\n{}", self.log_tail(node));
    }

    async fn launch(&self, node: usize) {
        if let Some(relay) = &self.relay {
            relay.open(node).await;
        }
        let mut launched = self.node(node);
        let process = self.places[node].spawn(&self.installation, self.places.len(), launched.starts);
        launched.process = Some(process);
        launched.starts += 1;
    }

    async fn close(&self, node: usize) {
        if let Some(relay) = &self.relay {
            relay.close(node).await;
        }
    }

    async fn wait_until_open(&self, node: usize, since: Instant) {
        let address = self.places[node].own_cql();
        self.until_done("a port", since, || async move {
            if probe::is_open(address).await { Ok(()) } else { Err(format!("{address} is closed")) }
        })
        .await;
    }

    /// Each node that answers must see the others that do.
    async fn wait_until_agreed(&self, since: Instant) {
        self.until_done("a read by every node", since, || async {
            let nodes = self.addresses_that_answer();
            let consistency = match (nodes.len(), self.places.len()) {
                (0, _) => return Ok(()),
                (answering, all) if answering == all => Consistency::All,
                // Most of three.
                (2, _) => Consistency::Serial,
                // It has nobody to see.
                _ => Consistency::One,
            };
            self.access.read_at_each(&nodes, consistency).await?;
            if consistency == Consistency::All {
                self.access.read_at_each(&nodes, Consistency::Serial).await?;
            }
            Ok(())
        })
        .await;
    }

    async fn until_done<F>(&self, what: &str, since: Instant, mut attempt: impl FnMut() -> F)
    where
        F: Future<Output = Result<(), String>>,
    {
        while let Err(error) = attempt().await {
            for node in 0..self.places.len() {
                let ended = self.node(node).process.as_mut().and_then(Process::ended);
                if let Some(status) = ended {
                    panic!("node {node} ended with {status}\n{}", self.log_tail(node));
                }
            }
            assert!(
                since.elapsed() < READY_WITHIN,
                "the cluster is not ready after {READY_WITHIN:?}; {what}: {error}\n{}",
                self.log_tails()
            );
            tokio::time::sleep(ASK_EVERY).await;
        }
    }

    fn addresses_that_answer(&self) -> Vec<Ipv4Addr> {
        self.places
            .iter()
            .filter(|place| self.node(place.number).answers())
            .map(|place| place.public)
            .collect()
    }

    pub(super) fn log_tail(&self, node: usize) -> String {
        self.places[node].log_tail()
    }

    fn log_tails(&self) -> String {
        let logs: Vec<_> = self.places.iter().map(Place::log_tail).collect();
        let relay = self.relay.as_ref().map(Relay::problems).unwrap_or_default();
        format!("{}\n{relay}", logs.join("\n"))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.log_tails());
        }
    }
}

/// Where so many nodes are. Three are behind the relay: they listen on addresses of their own.
fn places(count: usize, folder: &Path) -> Vec<Place> {
    let tokens: &[i64] = if count == 1 { &[0] } else { &TOKENS_OF_THREE };
    let numbered = (1_u8..).zip(tokens).enumerate();
    let placed = numbered.map(|(number, (last, token))| Place {
        number,
        public: Ipv4Addr::new(127, 0, 0, last),
        own: Ipv4Addr::new(127, 0, u8::from(count > 1), last),
        token: *token,
        folder: folder.join(number.to_string()),
    });
    placed.collect()
}

/// Every address on which a node or the relay listens.
fn addresses(places: &[Place]) -> Vec<SocketAddrV4> {
    let hosts = places.iter().flat_map(|place| [place.public, place.own]);
    hosts.flat_map(|host| [STORAGE_PORT, CQL_PORT].map(|port| SocketAddrV4::new(host, port))).collect()
}
