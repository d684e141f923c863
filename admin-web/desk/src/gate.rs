//! The site's front gate: how many requests are in flight, of whom, and how slowly their bodies may come.
//!
//! A visitor who sends a byte a second keeps a place for as long as he likes, unless somebody minds. So places are shared
//! out by kind of request and by address, a body has a least rate, and where all places are taken the body that has been
//! coming longest gives its place up.

mod body;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::Body as _;
use ofd_edge::{AddressKey, Spent};

use self::body::PacedBody;
use crate::budget::{ClientAddress, OverBudget};
use crate::metrics::{self, RequestKind, RequestRefused};
use crate::page::{Visitor, say_busy, say_too_many, say_too_slow};
use crate::places::Place;
use crate::problem::{self, Problem};
use crate::routes::{RouteNames, Says};
use crate::site::Site;

/// Somebody who is sent away for a moment comes again after this.
const WAIT_SECONDS: u64 = 1;

/// What a path is asked for.
fn kind_of(path: &str) -> RequestKind {
    match path {
        "/healthz" | "/readyz" => RequestKind::Health,
        api if api.starts_with("/api/v1/") => RequestKind::Api,
        _ => RequestKind::Page,
    }
}

/// Lets a request in when there is a place for it, and minds how its body comes.
pub(crate) async fn enter(
    State((site, names)): State<(Arc<Site>, Arc<RouteNames>)>,
    request: Request,
    next: Next,
) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let (kind, visitor) = (kind_of(request.uri().path()), Visitor::of(&request));
    let address = AddressKey::from(ClientAddress::of(&request));
    let place = match site.places.take(kind, address) {
        Ok(place) => place,
        Err(spent) => {
            let says = request.extensions().get::<MatchedPath>().and_then(|path| names.says(path.as_str()));
            return sent_away(&site, &visitor, (request.uri().path(), says), spent);
        }
    };
    let request = request.map(|body| minded(body, &place, &site.config.limits));
    let mut response = next.run(request).await;
    if place.was_too_slow() {
        metrics::request_refused(kind, RequestRefused::TooSlow);
        response = if is_api {
            Problem::new(problem::Kind::TooSlow, "the body came too slowly; send the request again")
                .into_response()
        } else {
            say_too_slow(&site, &visitor)
        };
        // The rest of the body may still come: it is not waited for.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// A body whose coming is minded, if there is one.
fn minded(body: Body, place: &Place, limits: &crate::limits::Limits) -> Body {
    if body.is_end_stream() {
        return body;
    }
    let pace =
        body::Pace { grace: limits.body_grace, bytes_per_second_min: limits.body_bytes_per_second_min };
    Body::new(PacedBody::new(body, pace, place.receive()))
}

fn sent_away(
    site: &Arc<Site>,
    visitor: &Visitor,
    (path, says): (&str, Option<Says>),
    spent: Spent,
) -> Response {
    let (kind, detail, over_budget) = match spent {
        Spent::Address => (
            problem::Kind::TooManyRequests,
            "too many requests of this address are in flight; wait for their answers",
            OverBudget::Address { wait_seconds: WAIT_SECONDS },
        ),
        Spent::All => (
            problem::Kind::Unavailable,
            "too many requests are in flight; repeat the request as Retry-After says",
            OverBudget::All { wait_seconds: WAIT_SECONDS },
        ),
    };
    if path.starts_with("/api/") {
        return Problem::new(kind, detail).retry_after(WAIT_SECONDS).into_response();
    }
    if spent == Spent::Address && says != Some(Says::Page) {
        return say_too_many(site, visitor, WAIT_SECONDS);
    }
    say_busy(site, visitor, over_budget)
}
