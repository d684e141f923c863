//! JSON as an answer. Devices' texts are in it, so no control character leaves as it is.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::characters::escaped_json;
use crate::problem::{Kind, Problem};

/// An answer of 200 in JSON, kept as `cache` says.
pub fn json(cache: &'static str, body: &impl Serialize) -> Response {
    let text = match serde_json::to_string(body) {
        Ok(text) => text,
        Err(error) => {
            tracing::error!(%error, "an answer cannot be written as JSON");
            return Problem::new(Kind::Internal, "the server failed and its log says why").into_response();
        }
    };
    let mut response = Response::new(Body::from(escaped_json(text)));
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}
