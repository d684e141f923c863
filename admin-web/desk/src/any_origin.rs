//! Addresses that pages of any other site may ask (CORS).

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Lets pages of any site read the answer, however it turns out: it holds no more than the paper does. Browsers that
/// ask beforehand are answered whatever state the store is in.
pub(crate) async fn open(request: Request, next: Next) -> Response {
    let mut response = if request.method() == Method::OPTIONS {
        preflight(request.headers())
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Retry-After"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// What a browser asks before a page of another site may send its own headers (CORS): it may send any, there is no
/// session here that they could misuse.
fn preflight(asked: &HeaderMap) -> Response {
    let any = HeaderValue::from_static("*");
    let allowed = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned().unwrap_or(any);
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD, OPTIONS")),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, allowed),
        (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(PREFLIGHT_SECONDS)),
        (header::VARY, HeaderValue::from_static("access-control-request-headers")),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Names the method among those of an address; [`open`] answers it before it gets here.
pub(crate) async fn options() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// What the preflight says holds for a day, which is as long as browsers remember it.
const PREFLIGHT_SECONDS: &str = "86400";
