//! Listeners: connections are counted, capped and served until the server goes down.

mod cap;
mod session;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ofd_storage::store::Store;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, error, info, warn};

pub use cap::ConnectionCaps;
pub use tls::{TlsError, acceptor};

use crate::config::Patience;
use crate::metrics::{self, ConnectionOutcome};
use crate::service::{Origin, Service, World};

/// A listener that is bound, not yet served.
pub struct Listener {
    /// The name in metrics and logs.
    pub name: String,
    /// Where connections come in.
    pub socket: TcpListener,
    /// Its deadlines.
    pub patience: Patience,
    /// Present: TLS.
    pub tls: Option<TlsAcceptor>,
}

/// What all listeners share.
pub struct Shared<S, W> {
    /// Who answers.
    pub service: Arc<Service<S, W>>,
    /// How many may come.
    pub caps: ConnectionCaps,
    /// Cancelled: no new connections, and the open ones end after their request.
    pub stop: CancellationToken,
    /// The open connections.
    pub sessions: TaskTracker,
}

/// When the process is out of file descriptors, accepting again at once would only burn the processor.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// Accepts connections until the server goes down.
pub async fn accept<S: Store, W: World>(listener: Listener, shared: Arc<Shared<S, W>>) {
    let listener = Arc::new(listener);
    loop {
        let accepted = tokio::select! {
            () = shared.stop.cancelled() => return,
            accepted = listener.socket.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (listener, shared_) = (Arc::clone(&listener), Arc::clone(&shared));
                shared.sessions.spawn(async move { connection(stream, peer, &listener, &shared_).await });
            }
            Err(error) => {
                warn!(listener = listener.name, %error, "listener {}: a connection was not accepted", listener.name);
                tokio::time::sleep(ACCEPT_RETRY).await;
            }
        }
    }
}

async fn connection<S: Store, W: World>(
    stream: TcpStream,
    peer: SocketAddr,
    listener: &Listener,
    shared: &Shared<S, W>,
) {
    // Answers are small and awaited: they must not wait for more to send.
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "the connection ended before it began");
        return;
    }
    let (outcome, _permit) = match shared.caps.admit(peer.ip()) {
        cap::Admission::Served(permit) => (ConnectionOutcome::Served, permit),
        cap::Admission::Reserve(permit) => (ConnectionOutcome::OverCap, permit),
        cap::Admission::Dropped => {
            metrics::connection(&listener.name, ConnectionOutcome::Dropped);
            return;
        }
    };
    metrics::connections_open(&listener.name, 1.0);
    let open = OpenGauge(&listener.name);
    let origin = Origin { address: peer.ip(), is_tls: listener.tls.is_some() };
    let outcome = match &listener.tls {
        None => serve(stream, origin, outcome, listener, shared).await,
        Some(tls) => {
            let handshake = tokio::time::timeout(listener.patience.handshake, tls.accept(stream));
            // Nothing was asked yet: a silent peer must not hold a server that goes down.
            let shaken = tokio::select! {
                shaken = handshake => shaken,
                () = shared.stop.cancelled() => return,
            };
            match shaken {
                Ok(Ok(stream)) => serve(stream, origin, outcome, listener, shared).await,
                Ok(Err(error)) => {
                    debug!(listener = listener.name, %error, "listener {}: no TLS handshake", listener.name);
                    ConnectionOutcome::HandshakeFailed
                }
                Err(_) => ConnectionOutcome::HandshakeFailed,
            }
        }
    };
    drop(open);
    metrics::connection(&listener.name, outcome);
}

struct OpenGauge<'a>(&'a str);

impl Drop for OpenGauge<'_> {
    fn drop(&mut self) {
        metrics::connections_open(self.0, -1.0);
    }
}

async fn serve<S: Store, W: World>(
    stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    origin: Origin,
    outcome: ConnectionOutcome,
    listener: &Listener,
    shared: &Shared<S, W>,
) -> ConnectionOutcome {
    let mut session = session::Session::new(stream, listener.patience);
    match outcome {
        ConnectionOutcome::OverCap => session.turn_away().await,
        ConnectionOutcome::Served | ConnectionOutcome::Dropped | ConnectionOutcome::HandshakeFailed => {
            session.run(&*shared.service, origin, &shared.stop).await;
        }
    }
    outcome
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
