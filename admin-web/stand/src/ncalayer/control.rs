//! The page where a tester chooses the emulated person's key and what they do, and signs something to try it.
//!
//! `GET /` shows everything. `POST /key` (`key`), `POST /switch` (any of `outcome`, `delay_ms`, `ignores_filters`,
//! `shape`, `encoding`) and `POST /services` (any of `ocsp`, `lists`, `time_stamper`, `delay_ms`) take what a form
//! sends, so a test's program may post the same. `/try` is a page that signs, `/phone`
//! an emulated eGov Mobile (`code`, and to `/phone/bring` also `act`, `key`, `delay_ms`, `loses_answers`, `comes_twice`).

mod page;
mod phone;
mod services;

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, LOCATION};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::{Handle, MESSAGE_BYTES_MAX};
use crate::Switches as Services;

/// The site's own script, so that what is tried here is what visitors run.
const SCRIPT: &str = include_str!("../../../desk/assets/ncalayer.js");

/// Nothing but this page's own script and the emulator: as strict as the site's.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; \
                      connect-src ws://127.0.0.1:* wss://127.0.0.1:*; form-action 'self'; base-uri 'none'";

/// For the headers of a request.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);

/// For a whole connection: a browser opens another one.
const CONNECTION_WITHIN: Duration = Duration::from_secs(60);

type Answer = Response<Full<Bytes>>;

/// What the page moves.
#[derive(Clone, Debug)]
pub struct Control {
    /// The emulated person.
    pub handle: Handle,
    /// The emulator's address, `ws://…` or `wss://…`, for the page that signs.
    pub ncalayer: String,
    /// The PKI's services, where they run too.
    pub services: Option<Arc<Services>>,
}

impl Control {
    /// Serves the page until `stop` is done.
    pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()>) {
        let mut connections = JoinSet::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut stop => break,
                Some(_) = connections.join_next() => continue,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => drop(connections.spawn(self.clone().converse(stream))),
                Err(_) => tokio::time::sleep(super::ACCEPT_AGAIN_AFTER).await,
            }
        }
        connections.shutdown().await;
    }

    async fn converse(self, stream: TcpStream) {
        let answer = service_fn(|request| async { Ok::<_, Infallible>(self.respond(request).await) });
        let serving = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS_WITHIN)
            .serve_connection(TokioIo::new(stream), answer);
        // Whatever ends a connection, the next one starts anew.
        let _ = tokio::time::timeout(CONNECTION_WITHIN, serving).await;
    }

    async fn respond(&self, request: Request<Incoming>) -> Answer {
        let (head, body) = request.into_parts();
        let Ok(body) = Limited::new(body, MESSAGE_BYTES_MAX).collect().await else {
            return text(StatusCode::PAYLOAD_TOO_LARGE, "the form is too large\n");
        };
        let body = body.to_bytes();
        let fields: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
        let handle = &self.handle;
        match (head.method, head.uri.path()) {
            (Method::GET, "/") => html(page::desk(handle, self.services.as_deref())),
            (Method::POST, "/key") => back(key(handle, &fields)),
            (Method::POST, "/switch") => back(switch(handle, &fields)),
            (Method::POST, "/services") => back(services::set(self.services.as_deref(), &fields)),
            (Method::GET, "/try") => html(page::attempt(handle, &self.ncalayer)),
            (Method::POST, "/try") => html(page::verdict(handle, &fields)),
            (Method::GET, "/phone") => html(phone::start()),
            (Method::POST, "/phone") => html(phone::scanned(handle, &fields).await),
            (Method::POST, "/phone/bring") => match phone::done(handle, &fields).await {
                Ok(page) => html(page),
                Err(problem) => text(StatusCode::BAD_REQUEST, format!("{problem}\n")),
            },
            (Method::GET, "/ncalayer.js") => answer(StatusCode::OK, "text/javascript; charset=utf-8", SCRIPT),
            _ => text(
                StatusCode::NOT_FOUND,
                "there is GET /, GET /try and GET /phone, POST /key, POST /switch and POST /services\n",
            ),
        }
    }
}

fn key(handle: &Handle, fields: &[(String, String)]) -> Result<(), String> {
    match fields {
        [(name, label)] if name == "key" => handle.choose_key(label).map_err(|error| error.to_string()),
        _ => Err("send one field, key, with the label of a key".to_owned()),
    }
}

/// Changes all that is named, or nothing.
fn switch(handle: &Handle, fields: &[(String, String)]) -> Result<(), String> {
    let mut switches = handle.switches();
    if fields.is_empty() {
        return Err("send a field: outcome, delay_ms, ignores_filters, shape or encoding".to_owned());
    }
    for (name, value) in fields {
        match name.as_str() {
            "outcome" => switches.outcome = value.parse().map_err(|error| format!("{name}: {error}"))?,
            "shape" => switches.shape = value.parse().map_err(|error| format!("{name}: {error}"))?,
            "encoding" => switches.encoding = value.parse().map_err(|error| format!("{name}: {error}"))?,
            "ignores_filters" => {
                switches.ignores_filters =
                    value.parse().map_err(|_| format!("{name} is {value}; it may be true or false"))?;
            }
            "delay_ms" => {
                switches.delay = services::milliseconds(name, value)?;
            }
            _ => return Err(format!("there is no switch {name}")),
        }
    }
    handle.set(|current| *current = switches);
    Ok(())
}

fn back(done: Result<(), String>) -> Answer {
    match done {
        Ok(()) => {
            let mut answer = text(StatusCode::SEE_OTHER, "");
            answer.headers_mut().insert(LOCATION, HeaderValue::from_static("/"));
            answer
        }
        Err(problem) => text(StatusCode::BAD_REQUEST, format!("{problem}\n")),
    }
}

fn text(status: StatusCode, body: impl Into<Bytes>) -> Answer {
    answer(status, "text/plain; charset=utf-8", body)
}

fn html(body: String) -> Answer {
    answer(StatusCode::OK, "text/html; charset=utf-8", body)
}

fn answer(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    answer
}
