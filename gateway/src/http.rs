//! Metrics and health over HTTP, for the operator's own network.

use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use ofd_admin_web::Limits;
use ofd_edge::Readiness;
use ofd_storage::erased::DynStore;
use ofd_storage::store::{Health, Store};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Whose health is told: the store, and the process over it.
#[derive(Clone)]
pub struct Served {
    /// The store whose health is told.
    pub store: DynStore,
    /// What must be well beside it.
    pub readiness: Arc<dyn Readiness>,
}

/// Serves `/metrics`, `/healthz` and `/readyz` until the server goes down.
pub async fn serve(
    socket: TcpListener,
    prometheus: PrometheusHandle,
    served: Served,
    connections_max: usize,
    stop: CancellationToken,
) {
    let router = Router::new()
        .route("/metrics", get(move || std::future::ready(metrics(&prometheus))))
        .route("/healthz", get(|| std::future::ready("ok\n")))
        .route("/readyz", get(move || ready(served.clone())));
    let limits = Limits { connections_max, ..Limits::default() };
    ofd_admin_web::serve_router(socket, router, limits, async move { stop.cancelled().await }).await;
}

fn metrics(prometheus: &PrometheusHandle) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], prometheus.render())
        .into_response()
}

async fn ready(Served { store, readiness }: Served) -> Response {
    let mut reasons = readiness.reasons_not_ready();
    if let Health::ReadOnly(reason) = store.health().await {
        reasons.push(format!("the store takes no writes: {reason}"));
    }
    if reasons.is_empty() {
        let lines = std::iter::once("ready".to_owned()).chain(readiness.notes());
        let text: String = lines.map(|line| line + "\n").collect();
        return (StatusCode::OK, text).into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")], format!("{}\n", reasons.join("\n")))
        .into_response()
}
