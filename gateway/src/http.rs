//! Metrics and health over HTTP, for the operator's own network.

use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use ofd_admin_web::Limits;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::readiness::Readiness;

/// Serves `/metrics`, `/healthz` and `/readyz` until the server goes down.
pub async fn serve(
    socket: TcpListener,
    prometheus: PrometheusHandle,
    readiness: Arc<dyn Readiness>,
    connections_max: usize,
    stop: CancellationToken,
) {
    let router = Router::new()
        .route("/metrics", get(move || std::future::ready(metrics(&prometheus))))
        .route("/healthz", get(|| std::future::ready("ok\n")))
        .route("/readyz", get(move || ready(Arc::clone(&readiness))));
    let limits = Limits { connections_max, ..Limits::default() };
    ofd_admin_web::serve_router(socket, router, limits, async move { stop.cancelled().await }).await;
}

fn metrics(prometheus: &PrometheusHandle) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], prometheus.render())
        .into_response()
}

async fn ready(readiness: Arc<dyn Readiness>) -> Response {
    let reasons = readiness.reasons().await;
    if reasons.is_empty() {
        let lines = std::iter::once("ready".to_owned()).chain(readiness.notes());
        let text: String = lines.map(|line| line + "\n").collect();
        return (StatusCode::OK, text).into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")], format!("{}\n", reasons.join("\n")))
        .into_response()
}
