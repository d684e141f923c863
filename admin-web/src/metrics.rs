//! What the site counts, and the log line of each request. Queries hold receipt data: they are in neither.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use metrics::{counter, histogram};

use crate::cabinet::PageName;

/// Every metric of this crate with its labels.
pub const METRICS: &[(&str, &[&str])] = &[
    ("ofd_admin_web_requests_total", &["page", "status"]),
    ("ofd_admin_web_request_seconds", &["page"]),
    ("ofd_admin_web_connections_total", &["outcome"]),
    ("ofd_admin_web_signature_checks_total", &["operation", "outcome"]),
    ("ofd_admin_web_revocation_fetches_total", &["kind", "outcome"]),
    ("ofd_admin_web_revocation_fetch_seconds", &["kind"]),
];

/// The address as it is in the route table; whatever else was asked for is not told apart.
fn page(request: &Request) -> &'static str {
    let matched = request.extensions().get::<MatchedPath>();
    matched.map_or("none", |path| crate::route::page_name(path.as_str()))
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
pub(crate) async fn observe(request: Request, next: Next) -> Response {
    let (started, page) = (Instant::now(), page(&request));
    let response = next.run(request).await;
    let page = response.extensions().get::<PageName>().map_or(page, |name| name.0);
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
pub(crate) enum ConnectionOutcome {
    /// It was served until it ended.
    Served,
    /// It broke, or was too slow.
    Failed,
    /// Its address has too many.
    OverCap,
}

/// Counts a connection.
pub(crate) fn connection(outcome: ConnectionOutcome) {
    let outcome = match outcome {
        ConnectionOutcome::Served => "served",
        ConnectionOutcome::Failed => "failed",
        ConnectionOutcome::OverCap => "over_cap",
    };
    counter!("ofd_admin_web_connections_total", "outcome" => outcome).increment(1);
}
