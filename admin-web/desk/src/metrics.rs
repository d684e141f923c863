//! What the site counts, and the log line of each request. Queries hold receipt data: they are in neither.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use metrics::{counter, gauge, histogram};
use ofd_office::metrics::shown;

use crate::routes::RouteNames;

/// Every metric of this crate with its labels.
const METRICS: &[(&str, &[&str])] = &[
    ("ofd_admin_web_requests_total", &["page", "status"]),
    ("ofd_admin_web_request_seconds", &["page"]),
    ("ofd_admin_web_connections_total", &["outcome"]),
    ("ofd_admin_web_requests_in_flight", &["kind"]),
    ("ofd_admin_web_requests_refused_total", &["kind", "reason"]),
];

/// Every metric of the site with its labels: of its pages, and of what people do through them.
pub fn every_metric() -> impl Iterator<Item = &'static (&'static str, &'static [&'static str])> {
    METRICS.iter().chain(ofd_office::metrics::METRICS)
}

/// Kinds of requests, each with places that no other kind takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestKind {
    /// Whether the process is well.
    Health,
    /// The API of registers: who has no token is sent away before anything is read, and holds no place.
    Api,
    /// Pages and checks of receipts, which anybody may ask for.
    Page,
}

impl RequestKind {
    /// Every kind, in the order of their places.
    pub const ALL: [Self; 3] = [Self::Health, Self::Api, Self::Page];

    /// Its name in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::Api => "api",
            Self::Page => "page",
        }
    }
}

/// The status as a label: those we send.
fn status_name(status: u16) -> &'static str {
    match status {
        200 => "200",
        204 => "204",
        303 => "303",
        400 => "400",
        401 => "401",
        403 => "403",
        404 => "404",
        405 => "405",
        408 => "408",
        409 => "409",
        413 => "413",
        415 => "415",
        421 => "421",
        422 => "422",
        429 => "429",
        500 => "500",
        503 => "503",
        _ => "other",
    }
}

/// Counts and logs a request.
pub async fn observe(State(names): State<Arc<RouteNames>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    // Whatever is asked for beside the addresses that are declared is not told apart.
    let matched = request.extensions().get::<MatchedPath>();
    let page = matched.and_then(|path| names.name(path.as_str(), request.method())).unwrap_or("none");
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let elapsed = started.elapsed();
    counter!("ofd_admin_web_requests_total", "page" => page, "status" => status_name(status)).increment(1);
    histogram!("ofd_admin_web_request_seconds", "page" => page).record(elapsed.as_secs_f64());
    let duration_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    tracing::debug!(page, status, duration_ms, "{page} answered {status} in {duration_ms} ms");
    response
}

/// What became of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionOutcome {
    /// It was served until it ended.
    Served,
    /// It broke, or was too slow.
    Failed,
    /// Its address has too many, all of them with requests in flight.
    OverCap,
    /// It asked for nothing, and its place was needed.
    Evicted,
}

/// Counts a connection.
pub fn connection(outcome: ConnectionOutcome) {
    let outcome = match outcome {
        ConnectionOutcome::Served => "served",
        ConnectionOutcome::Failed => "failed",
        ConnectionOutcome::OverCap => "over_cap",
        ConnectionOutcome::Evicted => "evicted",
    };
    counter!("ofd_admin_web_connections_total", "outcome" => outcome).increment(1);
}

/// Requests of a kind that are in flight.
pub fn requests_in_flight(kind: RequestKind, count: usize) {
    gauge!("ofd_admin_web_requests_in_flight", "kind" => kind.name()).set(shown(count));
}

/// Why a request is sent away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestRefused {
    /// Its address has its share of the places.
    Address,
    /// All places are taken.
    All,
    /// Its body came too slowly.
    TooSlow,
}

impl RequestRefused {
    const ALL: [Self; 3] = [Self::Address, Self::All, Self::TooSlow];

    fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::All => "all",
            Self::TooSlow => "too_slow",
        }
    }
}

fn requests_refused(kind: RequestKind, reason: RequestRefused, more: u64) {
    counter!("ofd_admin_web_requests_refused_total", "kind" => kind.name(), "reason" => reason.name())
        .increment(more);
}

/// Shows what was not counted yet as 0: a rate is then known from the first refusal on.
pub fn no_request_refused(kind: RequestKind) {
    RequestRefused::ALL.into_iter().for_each(|reason| requests_refused(kind, reason, 0));
}

/// A request was sent away.
pub fn request_refused(kind: RequestKind, reason: RequestRefused) {
    requests_refused(kind, reason, 1);
}
