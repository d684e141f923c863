//! Sockets: connections are accepted, bounded, served by hyper and finished in order.

mod admission;
mod stall;

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use ofd_edge::TrustedProxies;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tower::ServiceExt;

use self::admission::{Admission, Permit};
use self::stall::StallGuard;
use crate::budget::ClientAddress;
use crate::forwarded::{self, FORWARDED_FOR};
use crate::limits::{HEADERS_MAX, Limits, READ_BUFFER_LEN_MAX, REQUESTS_PER_CONNECTION_MAX, SHUTDOWN_WITHIN};
use crate::metrics::{self, ConnectionOutcome};

/// When the system has no more handles, accepting again at once only spins.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// Serves any routes as the site's: with its deadlines and caps. No proxy is trusted.
pub async fn serve_router(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) {
    serve_until(listener, router, limits, TrustedProxies::default(), shutdown).await;
}

/// Serves routes on `listener` until `shutdown` is done; then stops accepting and finishes what is in flight. Proxies
/// among `proxies` are believed about the client's address.
pub async fn serve_until(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    proxies: TrustedProxies,
    shutdown: impl Future<Output = ()>,
) {
    let server = Server {
        router,
        limits,
        proxies: Arc::new(proxies),
        admission: Admission::new(&limits),
        graceful: GracefulShutdown::new(),
    };
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = server.accept(&listener) => accepted,
        };
        if let Some(accepted) = accepted {
            server.spawn(accepted);
        }
    }
    drop(listener);
    let open = server.graceful.count();
    if tokio::time::timeout(SHUTDOWN_WITHIN, server.graceful.shutdown()).await.is_err() {
        tracing::warn!(connections = open, "the site stops although requests are in flight");
    }
}

struct Server {
    router: Router,
    limits: Limits,
    proxies: Arc<TrustedProxies>,
    admission: Admission,
    graceful: GracefulShutdown,
}

/// A connection that was let in.
struct Accepted {
    stream: TcpStream,
    peer: SocketAddr,
    permit: Permit,
    /// Ready when its place is needed and it asks for nothing.
    evicted: oneshot::Receiver<()>,
}

impl Server {
    /// The next connection. There is always room for one, unless all of its address, or all there are, have requests in
    /// flight: then it is closed unheard.
    async fn accept(&self, listener: &TcpListener) -> Option<Accepted> {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let address = (!self.proxies.trust(peer.ip())).then(|| peer.ip());
                let admitted = self.admission.admit(address, Instant::now());
                if admitted.is_none() {
                    metrics::connection(ConnectionOutcome::OverCap);
                }
                admitted.map(|(permit, evicted)| Accepted { stream, peer, permit, evicted })
            }
            Err(error) => {
                tracing::warn!(%error, "the site cannot accept a connection");
                tokio::time::sleep(ACCEPT_AGAIN_AFTER).await;
                None
            }
        }
    }

    fn spawn(&self, accepted: Accepted) {
        let Accepted { stream, peer, permit, evicted } = accepted;
        // Answers are written whole; waiting for more to send would only delay them.
        let _ = stream.set_nodelay(true);
        let io = TokioIo::new(StallGuard::new(stream, self.limits.write_stall_max));
        let service = requests(self.router.clone(), peer.ip(), Arc::clone(&self.proxies), permit);
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.header_read_within)
            .max_buf_size(READ_BUFFER_LEN_MAX)
            .max_headers(HEADERS_MAX)
            .half_close(false)
            .serve_connection(io, service);
        let connection = self.graceful.watch(connection);
        tokio::spawn(async move {
            let outcome = tokio::select! {
                served = connection => match served {
                    Ok(()) => ConnectionOutcome::Served,
                    // A client's fault, and there are many: counted, not logged.
                    Err(_) => ConnectionOutcome::Failed,
                },
                _ = evicted => ConnectionOutcome::Evicted,
            };
            metrics::connection(outcome);
        });
    }
}

/// The router as a service of one connection: requests carry their client's address, the last one closes. The permit is
/// that of the connection, and goes with it.
fn requests(
    router: Router,
    peer: IpAddr,
    proxies: Arc<TrustedProxies>,
    permit: Permit,
) -> impl hyper::service::Service<
    Request<Incoming>,
    Response = Response<Body>,
    Error = std::convert::Infallible,
    Future = impl Future<Output = Result<Response<Body>, std::convert::Infallible>> + Send,
> {
    let served = AtomicU32::new(0);
    hyper::service::service_fn(move |mut request: Request<Incoming>| {
        let forwarded_for = request.headers().get_all(FORWARDED_FOR).iter().map(HeaderValue::as_bytes);
        let client = ClientAddress(forwarded::client(&proxies, peer, forwarded_for));
        request.extensions_mut().insert(client);
        let asking = permit.ask();
        let is_last = served.fetch_add(1, Ordering::Relaxed) >= REQUESTS_PER_CONNECTION_MAX.saturating_sub(1);
        let answer = router.clone().oneshot(request.map(Body::new));
        async move {
            let mut response = answer.await?;
            drop(asking);
            if is_last {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Ok(response)
        }
    })
}
