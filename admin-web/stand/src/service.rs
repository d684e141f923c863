//! OCSP, revocation lists and time stamps over HTTP.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, USER_AGENT};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use ofd_eds::Moment;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::pki::Pki;
use crate::revocation::{list, ocsp_answer};
use crate::switches::Switches;
use crate::time_stamp;

/// Requests hold a number and a hash or two.
const BODY_BYTES_MAX: usize = 64 << 10;
/// More than any test or stand opens at once.
const CONNECTIONS_MAX: usize = 256;
/// How long a client may take to send its headers, and its body.
const READ_WITHIN: Duration = Duration::from_secs(10);
/// When the system has no more handles, accepting again at once only spins.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// What the services take the time from.
pub type Clock = Arc<dyn Fn() -> Moment + Send + Sync>;

/// The machine's clock.
pub fn system_clock() -> Clock {
    Arc::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment::from_unix(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    })
}

/// Why there is no answer: the connection is to be closed.
#[derive(Debug, thiserror::Error)]
#[error("the service is switched off, so the connection is closed")]
struct Down;

#[derive(Clone)]
struct Service {
    pki: Arc<Pki>,
    switches: Arc<Switches>,
    clock: Clock,
}

/// Serves the PKI's `/ocsp`, `/crl/NAME.crl` and `/tsp` on `listener` until `stop` is done, then closes all
/// connections.
pub async fn serve(
    listener: TcpListener,
    pki: Arc<Pki>,
    switches: Arc<Switches>,
    clock: Clock,
    stop: impl Future<Output = ()>,
) {
    let service = Service { pki, switches, clock };
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    // Dropped with this function, and with it every connection.
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut stop => return,
            Some(_) = connections.join_next() => continue,
            accepted = accept(&listener, &room) => accepted,
        };
        if let Some((stream, permit)) = accepted {
            let service = service.clone();
            connections.spawn(async move {
                service.converse(stream).await;
                drop(permit);
            });
        }
    }
}

async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let permit = Arc::clone(room).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, permit)),
        Err(error) => {
            tracing::warn!(%error, "the PKI's services cannot accept a connection");
            tokio::time::sleep(ACCEPT_AGAIN_AFTER).await;
            None
        }
    }
}

impl Service {
    async fn converse(&self, stream: TcpStream) {
        let answer = service_fn(|request| self.answer(request));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(READ_WITHIN)
            .serve_connection(TokioIo::new(stream), answer);
        // A client's fault, or what the switches ask for.
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to the PKI's services ended early");
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Down> {
        tokio::time::sleep(self.switches.settings().delay).await;
        // As the national CA's servers do with a client that does not say what it is.
        if !has_user_agent(request.headers()) {
            let mut response = plain(StatusCode::SEE_OTHER, "say who you are in User-Agent");
            response.headers_mut().insert(LOCATION, HeaderValue::from_static("/filter"));
            return Ok(response);
        }
        let path = request.uri().path().to_owned();
        let crl = path.strip_prefix("/crl/").and_then(|name| name.strip_suffix(".crl"));
        match (request.method(), path.trim_end_matches('/')) {
            (&Method::POST, "/ocsp") => self.ocsp(request).await,
            (&Method::POST, "/tsp") => self.time_stamp(request).await,
            (&Method::GET, _) if crl.is_some() => self.list(crl.unwrap_or_default()),
            (_, "/ocsp" | "/tsp") => Ok(plain(StatusCode::METHOD_NOT_ALLOWED, "send the request by POST")),
            (_, _) => Ok(plain(StatusCode::NOT_FOUND, "there are /ocsp, /tsp and /crl/NAME.crl")),
        }
    }

    async fn ocsp(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Down> {
        let body = match body(request, "application/ocsp-request", &self.switches.ocsp).await {
            Ok(body) => body,
            Err(refused) => return Ok(*refused),
        };
        let answer = ocsp_answer(&self.pki, &body, (self.clock)(), self.switches.settings().ocsp);
        answer.map(|answer| typed("application/ocsp-response", answer)).ok_or(Down)
    }

    async fn time_stamp(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Down> {
        let body = match body(request, "application/timestamp-query", &self.switches.time_stamps).await {
            Ok(body) => body,
            Err(refused) => return Ok(*refused),
        };
        if self.switches.settings().is_time_stamper_down {
            return Err(Down);
        }
        Ok(typed("application/timestamp-reply", time_stamp::answer(&self.pki, &body, (self.clock)())))
    }

    fn list(&self, name: &str) -> Result<Response<Full<Bytes>>, Down> {
        let Some(authority) = self.pki.authorities().iter().find(|authority| authority.label == name) else {
            return Ok(plain(StatusCode::NOT_FOUND, "no CA of the stand has this name"));
        };
        self.switches.lists.fetch_add(1, Ordering::Relaxed);
        let list = list(&self.pki, authority, (self.clock)(), self.switches.settings().lists);
        list.map(|list| typed("application/pkix-crl", list)).ok_or(Down)
    }
}

fn has_user_agent(headers: &HeaderMap) -> bool {
    headers.get(USER_AGENT).is_some_and(|agent| !agent.is_empty())
}

/// The body of a request of this type; it is counted as one that asked.
async fn body(
    request: Request<Incoming>,
    content_type: &str,
    counter: &AtomicU64,
) -> Result<Bytes, Box<Response<Full<Bytes>>>> {
    let refused = |status, text| Err(Box::new(plain(status, text)));
    counter.fetch_add(1, Ordering::Relaxed);
    if request.headers().get(CONTENT_TYPE).is_none_or(|found| found != content_type) {
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the content type is not that of such a request");
    }
    let collected = Limited::new(request.into_body(), BODY_BYTES_MAX).collect();
    match tokio::time::timeout(READ_WITHIN, collected).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(_)) => refused(StatusCode::PAYLOAD_TOO_LARGE, "the request is too large or broke off"),
        Err(_) => refused(StatusCode::REQUEST_TIMEOUT, "the request did not come in time"),
    }
}

fn typed(content_type: &'static str, body: Vec<u8>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = typed("text/plain; charset=utf-8", text.into());
    *response.status_mut() = status;
    response
}
