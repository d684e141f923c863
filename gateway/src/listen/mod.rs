//! Listeners: connections are counted, capped and served until the server goes down.

mod cap;
mod frames;
mod proxy;
mod session;
mod socket;
#[cfg(test)]
mod tests;
mod tls;
mod unproven;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ofd_edge::{TrustedProxies, World};
use ofd_storage::store::Store;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, error, info, warn};

pub use cap::{CapLimits, ConnectionCaps};
pub use frames::FrameBudget;
pub use socket::Keepalive;
pub use tls::{TlsError, acceptor};

use crate::config::Patience;
use crate::metrics::{self, ConnectionOutcome};
use crate::sampled::Sampled;
use crate::service::{Origin, Service};
use cap::{Admission, Permit};
use proxy::ProxyError;
use session::{Ended, Session};
use socket::Link;
use unproven::Newcomer;

/// A listener that is bound, not yet served.
pub struct Listener {
    /// Its number among the listeners of the process, from 0.
    pub number: usize,
    /// The name in metrics and logs.
    pub name: String,
    /// Where connections come in.
    pub socket: TcpListener,
    /// How long it waits for a peer.
    pub patience: Patience,
    /// How a silent peer is asked whether it is there.
    pub keepalive: Keepalive,
    /// When present, registers come over TLS.
    pub tls: Option<TlsAcceptor>,
    /// Present: every connection comes from one of these balancers, which say for whom.
    pub proxies: Option<TrustedProxies>,
}

/// What all listeners share.
pub struct Shared<S, W> {
    /// What answers the frames.
    pub service: Arc<Service<S, W>>,
    /// How many may come.
    pub caps: Arc<ConnectionCaps>,
    /// Memory for what has not come whole.
    pub frames: Arc<FrameBudget>,
    /// Cancelled: no new connections, and the open ones end after their request.
    pub stop: CancellationToken,
    /// The open connections.
    pub sessions: TaskTracker,
}

/// When the process is out of file descriptors, accepting again at once would only burn the processor.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// Connections of balancers that have not said for whom they come; they say it at once.
const UNNAMED_MAX: usize = 1024;

/// A listener at work, with what it tells of strangers.
struct Door {
    listener: Listener,
    unnamed: Arc<Semaphore>,
    told: Told,
}

#[derive(Default)]
struct Told {
    handshakes: Sampled,
    proxies: Sampled,
    evictions: Sampled,
}

/// A connection that was let in, and how.
struct Arrival {
    stream: TcpStream,
    address: IpAddr,
    began: Instant,
}

/// Accepts connections until the server goes down.
pub async fn accept<S: Store, W: World>(listener: Listener, shared: Arc<Shared<S, W>>) {
    let unnamed = Arc::new(Semaphore::new(UNNAMED_MAX));
    let door = Arc::new(Door { listener, unnamed, told: Told::default() });
    let listener = &door.listener;
    loop {
        let accepted = tokio::select! {
            () = shared.stop.cancelled() => return,
            accepted = listener.socket.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => welcome(stream, peer, &door, &shared).await,
            Err(error) => {
                warn!(listener = listener.name, %error, "listener {}: a connection was not accepted", listener.name);
                shared.caps.file_is_missing(listener.number);
                tokio::time::sleep(ACCEPT_RETRY).await;
            }
        }
    }
}

/// Lets a connection in, or not, before another one is accepted: whoever is not let in holds no file.
async fn welcome<S: Store, W: World>(
    stream: TcpStream,
    peer: SocketAddr,
    door: &Arc<Door>,
    shared: &Arc<Shared<S, W>>,
) {
    let listener = &door.listener;
    let arrival = Arrival { stream, address: peer.ip(), began: Instant::now() };
    let (door_, shared_) = (Arc::clone(door), Arc::clone(shared));
    if let Some(proxies) = &listener.proxies {
        let Ok(place) = Arc::clone(&door.unnamed).try_acquire_owned() else {
            metrics::connection(&listener.name, ConnectionOutcome::Dropped);
            return;
        };
        if !proxies.trust(arrival.address) {
            turn_down(door, arrival.address, &ProxyError::Untrusted);
            return;
        }
        shared.sessions.spawn(async move {
            let named = named(arrival, &door_, &shared_.stop).await;
            drop(place);
            if let Some(arrival) = named {
                let admission = shared_.caps.admit(door_.listener.number, arrival.address);
                connection(arrival, admission, &door_, &shared_).await;
            }
        });
        return;
    }
    let admission = shared.caps.admit(listener.number, arrival.address);
    let has_evicted = matches!(&admission, Admission::Served { has_evicted: true, .. });
    shared.sessions.spawn(async move { connection(arrival, admission, &door_, &shared_).await });
    if has_evicted {
        // The one that must go gives its file back first.
        tokio::task::yield_now().await;
    }
}

/// Reads for whom a balancer's connection comes.
async fn named(mut arrival: Arrival, door: &Door, stop: &CancellationToken) -> Option<Arrival> {
    let named = tokio::select! {
        named = proxy::read(&mut arrival.stream, door.listener.patience.header) => named,
        () = stop.cancelled() => return None,
    };
    match named {
        Ok(client) => {
            arrival.address = client.unwrap_or(arrival.address);
            Some(arrival)
        }
        Err(error) => {
            turn_down(door, arrival.address, &error);
            None
        }
    }
}

/// A connection to a listener behind a balancer ends: a till that came past it would be counted as somebody else, and
/// what its header said would be taken for a frame.
fn turn_down(door: &Door, address: IpAddr, error: &ProxyError) {
    let name = &door.listener.name;
    metrics::connection(name, ConnectionOutcome::NotProxied);
    if let Some(left_out) = door.told.proxies.turn() {
        warn!(listener = name, %address, left_out, "listener {name}: {address} was closed: {error}; {left_out} such lines were left out");
    }
}

async fn connection<S: Store, W: World>(
    arrival: Arrival,
    admission: Admission,
    door: &Door,
    shared: &Shared<S, W>,
) {
    let listener = &door.listener;
    if let Err(error) = socket::prepare(&arrival.stream, listener.keepalive) {
        debug!(%error, "the connection ended before it began");
        return;
    }
    let (newcomer, _permit): (Option<Newcomer>, Permit) = match admission {
        Admission::Served { permit, newcomer, has_evicted } => {
            if has_evicted {
                crowded(door, arrival.address);
            }
            (Some(newcomer), permit)
        }
        Admission::Reserve(permit) => (None, permit),
        Admission::Dropped => {
            metrics::connection(&listener.name, ConnectionOutcome::Dropped);
            return;
        }
    };
    metrics::connections_open(&listener.name, 1.0);
    let open = OpenGauge(&listener.name);
    let Arrival { stream, address, began } = arrival;
    let origin = Origin { address, is_tls: listener.tls.is_some() };
    let visit = Visit { origin, newcomer, began };
    let outcome = match &listener.tls {
        None => serve(stream, visit, listener, shared).await,
        Some(tls) => {
            let handshake = tokio::time::timeout(listener.patience.handshake, tls.accept(stream));
            let evicted = visit.newcomer.as_ref().map(Newcomer::evicted).unwrap_or_default();
            // Nothing was asked yet: a silent peer must not hold a server that goes down, nor a place others need.
            let shaken = tokio::select! {
                biased;
                shaken = handshake => Some(shaken),
                () = evicted.cancelled() => None,
                () = shared.stop.cancelled() => return,
            };
            match shaken {
                Some(Ok(Ok(stream))) => serve(stream, visit, listener, shared).await,
                Some(Ok(Err(error))) => no_handshake(door, address, &error),
                Some(Err(_)) => no_handshake(door, address, &"it was not over in time"),
                None => ConnectionOutcome::Evicted,
            }
        }
    };
    drop(open);
    metrics::connection(&listener.name, outcome);
}

/// Says, now and then, that connections without a good token have to go.
fn crowded(door: &Door, address: IpAddr) {
    let name = &door.listener.name;
    if let Some(left_out) = door.told.evictions.turn() {
        warn!(
            listener = name, %address, left_out,
            "listener {name}: too many connections have shown no good token, the oldest one was closed for one from {address}; {left_out} such lines were left out"
        );
    }
}

/// Says, now and then, whose handshake failed and why.
fn no_handshake(door: &Door, address: IpAddr, why: &dyn std::fmt::Display) -> ConnectionOutcome {
    let name = &door.listener.name;
    if let Some(left_out) = door.told.handshakes.turn() {
        warn!(
            listener = name, %address, left_out,
            "listener {name}: no TLS handshake with {address}: {why}; {left_out} such lines were left out"
        );
    }
    ConnectionOutcome::HandshakeFailed
}

struct OpenGauge<'a>(&'a str);

impl Drop for OpenGauge<'_> {
    fn drop(&mut self) {
        metrics::connections_open(self.0, -1.0);
    }
}

/// Who came, and when.
struct Visit {
    origin: Origin,
    /// Absent: the connection is over a cap.
    newcomer: Option<Newcomer>,
    began: Instant,
}

async fn serve<S: Store, W: World>(
    stream: impl Link,
    visit: Visit,
    listener: &Listener,
    shared: &Shared<S, W>,
) -> ConnectionOutcome {
    let mut session = Session::new(stream, listener.patience, Arc::clone(&shared.frames));
    let Some(newcomer) = visit.newcomer else {
        session.turn_away().await;
        return ConnectionOutcome::OverCap;
    };
    session.must_prove(newcomer, visit.began + listener.patience.good_token);
    match session.run(&*shared.service, visit.origin, &shared.stop).await {
        Ended::Served => ConnectionOutcome::Served,
        Ended::Evicted => ConnectionOutcome::Evicted,
        Ended::Unproven => ConnectionOutcome::Unproven,
    }
}

/// Binds an address; the error says which listener wanted it.
///
/// # Errors
/// Those of the operating system.
pub fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket =
        if address.is_ipv4() { tokio::net::TcpSocket::new_v4()? } else { tokio::net::TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    // A storm of tills after an outage must find room to wait in.
    socket.listen(4096)
}

/// Waits until every session has ended, or cuts them after `within`.
pub async fn drain(sessions: &TaskTracker, within: Duration) {
    sessions.close();
    if tokio::time::timeout(within, sessions.wait()).await.is_err() {
        error!(open = sessions.len(), "{} connections did not end in time", sessions.len());
    } else {
        info!("every connection has ended");
    }
}
