//! Answers for machines.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::site::Site;

/// The description of the API.
pub(crate) const OPENAPI: &str = include_str!("../../assets/openapi.json");

/// `GET /healthz`: the process answers.
pub(crate) async fn health() -> &'static str {
    "ok"
}

#[derive(Serialize)]
struct Ready {
    ready: bool,
    reasons: Vec<String>,
}

/// `GET /readyz`: whether requests are welcome, and if not why.
pub(crate) async fn ready(State(site): State<Arc<Site>>) -> Response {
    let reasons = site.reasons_not_ready().await;
    let status = if reasons.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = Json(Ready { ready: reasons.is_empty(), reasons });
    (status, [(header::CACHE_CONTROL, "no-store")], body).into_response()
}

pub(crate) async fn openapi() -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "max-age=300")];
    (headers, OPENAPI).into_response()
}

/// `GET /robots.txt`: receipts are not for search.
pub(crate) async fn robots() -> &'static str {
    "User-agent: *\nDisallow: /\n"
}
