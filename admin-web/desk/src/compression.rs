//! Answers made smaller on their way to the browser, as it says it can read them: Brotli, else gzip.

use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use tower_http::compression::predicate::{Predicate, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel};

/// What fits one packet anyway is not made smaller by being in fewer bytes.
const BYTES_MIN: u16 = 1024;

/// Pages are made anew for each request, so that the time counts: a few percent more would cost many times that.
const LEVEL: CompressionLevel = CompressionLevel::Precise(4);

/// What is text. Documents that come back out of signatures, and files of the person's own, go as they are.
const KINDS: [&str; 6] =
    ["text/html", "text/css", "text/javascript", "text/csv", "image/svg+xml", "application/json"];

/// The layer for all answers.
pub(crate) fn layer() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new().quality(LEVEL).compress_when(SizeAbove::new(BYTES_MIN).and(is_text))
}

fn is_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    KINDS.contains(&kind) && !headers.contains_key(header::CONTENT_ENCODING)
}
