//! What every attack is made of: how it connects, what it counts, and how it is described.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

use crate::hostile::honest::REGISTERS;
use crate::hostile::place::Target;

/// Who was turned away comes again after this.
pub(super) const COME_AGAIN: Duration = Duration::from_secs(1);

/// An attacker waits so long for an answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// What came of an attack, by what is counted.
#[derive(Clone, Debug, Default)]
pub struct Tally(Arc<Mutex<BTreeMap<String, u64>>>);

impl Tally {
    /// Counts one more.
    pub fn add(&self, what: &str) {
        self.add_many(what, 1);
    }

    /// Counts so many more.
    pub fn add_many(&self, what: &str, count: u64) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *all.entry(what.to_owned()).or_default() += count;
    }

    /// What was counted.
    pub fn of(&self, what: &str) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(what).copied().unwrap_or(0)
    }

    /// All of it in a line.
    pub fn told(&self) -> String {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told = all.iter().map(|(what, count)| format!("{what}: {count}"));
        told.collect::<Vec<_>>().join(", ")
    }
}

/// What an attack works with.
#[derive(Clone)]
pub struct Means {
    /// What is attacked.
    pub target: Target,
    /// What comes of it.
    pub tally: Tally,
}

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A way to stop shops, and how it is judged.
pub struct Attack {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it does, as the table has it.
    pub what: &'static str,
    /// How many seconds it takes.
    pub seconds: u64,
    /// How many registers sell meanwhile.
    pub registers: usize,
    /// How many files the server may open; as many as the system allows when `None`.
    pub files: Option<u32>,
    /// Whether the site must answer others meanwhile.
    pub spares_site: bool,
    /// Does it, until it is dropped.
    pub run: fn(Means) -> Work,
    /// What is wrong with what came of it, beside what is wrong with every attack.
    pub judge: fn(&Tally, u64) -> Vec<String>,
}

impl Attack {
    /// What most attacks are: each says what is otherwise with it.
    pub(super) const USUAL: Self = Self {
        name: "",
        what: "",
        seconds: 10,
        registers: REGISTERS,
        files: None,
        spares_site: true,
        run: |_| Box::pin(std::future::pending()),
        judge: |_, _| Vec::new(),
    };
}

/// An address of this machine.
pub(super) fn address(network: u8, host: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(127, 0, network, host))
}

/// Does the same so many times side by side.
pub(super) async fn crowd<F: Future<Output = ()> + Send + 'static>(count: usize, one: impl Fn(usize) -> F) {
    let mut all = JoinSet::new();
    for index in 0..count {
        all.spawn(one(index));
    }
    while all.join_next().await.is_some() {}
}

/// Connects from an address.
pub(super) async fn connect(to: SocketAddr, from: IpAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(from, 0))?;
    let stream = socket.connect(to).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Reads and forgets until the link ends.
pub(super) async fn hold(mut stream: TcpStream) {
    let mut buffer = [0; 256];
    while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
}

/// Counts how the link came to its end: `ok` while it stood.
pub(super) fn count_link(tally: &Tally, done: &io::Result<()>) {
    match done {
        Ok(()) => tally.add("ended by the server"),
        Err(_) => tally.add("no connection"),
    }
}
