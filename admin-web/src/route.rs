//! The route table.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::Uri;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use ofd_storage::store::Store;

use crate::budget::{ClientAddress, Verdict};
use crate::cabinet::Pages;
use crate::limits::BODY_LEN_MAX;
use crate::metrics::observe;
use crate::page::{Visitor, say_busy, say_method_not_allowed, say_not_found, say_unavailable};
use crate::problem::{Kind, Problem, RETRY_AFTER_SECONDS};
use crate::site::Site;
use crate::{
    account, audit, company, gate, login, operator, ops, receipts, registers, signatures, signup, staff,
};

const RECEIPT: &str = "/";
const RECEIPT_NOT_FOUND: &str = "/not-found";
/// Where papers of this country lead besides: several operators have each of these.
const RECEIPT_OF_TICKET: &str = "/ticket/{i}";
const RECEIPT_ELSEWHERE: [&str; 4] = ["/t", "/t/", "/consumer", "/consumer/"];
const CHECK: &str = "/api/tickets/get-by-url";
const CHECK_OF_TICKET: &str = "/api/tickets/ticket/{i}";
const REGISTER: &str = "/api/v1/registers/{id}";
const SHIFTS: &str = "/api/v1/registers/{id}/shifts";
const DOCUMENTS: &str = "/api/v1/registers/{id}/shifts/{number}/documents";
const OPENAPI: &str = "/api/v1/openapi.json";
const HEALTH: &str = "/healthz";
const READY: &str = "/readyz";
const ROBOTS: &str = "/robots.txt";

/// Every address with its methods and its name in metrics.
pub(crate) const ROUTES: &[(&str, &str, &str)] = &[
    ("get", RECEIPT, "receipt"),
    ("get", RECEIPT_OF_TICKET, "receipt"),
    ("get", "/t", "receipt"),
    ("get", "/t/", "receipt"),
    ("get", "/consumer", "receipt"),
    ("get", "/consumer/", "receipt"),
    ("get", RECEIPT_NOT_FOUND, "not_found"),
    ("get", CHECK, "receipt_check"),
    ("get", CHECK_OF_TICKET, "receipt_check"),
    ("get", REGISTER, "register"),
    ("get", SHIFTS, "shifts"),
    ("get", DOCUMENTS, "documents"),
    ("post", "/api/v1/registers/{id}/block", "block"),
    ("post", "/api/v1/registers/{id}/unblock", "unblock"),
    ("post", "/api/v1/registers/{id}/disconnect", "disconnect"),
    ("post", "/api/v1/registers/{id}/connect", "connect"),
    ("post", "/api/v1/registers/{id}/deregister", "deregister"),
    ("post", "/api/v1/registers/{id}/reset-token", "reset_token"),
    ("get", OPENAPI, "openapi"),
    ("get", HEALTH, "health"),
    ("get", READY, "ready"),
    ("get", ROBOTS, "robots"),
];

/// The name of a route in metrics and logs.
pub(crate) fn page_name(path: &str) -> &'static str {
    ROUTES.iter().find(|(_, known, _)| *known == path).map_or("none", |(_, _, name)| name)
}

/// The routes of the site.
pub fn router<S: Store>(site: Arc<Site<S>>) -> Router {
    // Receipts have budgets of their own, which depend on what is found.
    let pages = Router::new()
        .route(RECEIPT, get(receipts::handlers::page::<S>))
        .route(RECEIPT_OF_TICKET, get(receipts::handlers::page_of_ticket::<S>))
        .route(RECEIPT_NOT_FOUND, get(receipts::handlers::not_found::<S>));
    let pages = RECEIPT_ELSEWHERE
        .into_iter()
        .fold(pages, |pages, path| pages.route(path, get(receipts::handlers::page::<S>)))
        .method_not_allowed_fallback(page_method_not_allowed::<S>)
        .route_layer(from_fn_with_state(Arc::clone(&site), once_open::<S>));
    let options = receipts::handlers::options;
    let check = Router::new()
        .route(CHECK, get(receipts::handlers::check::<S>).options(options))
        .route(CHECK_OF_TICKET, get(receipts::handlers::check_ticket::<S>).options(options))
        .method_not_allowed_fallback(api_method_not_allowed)
        .route_layer(from_fn_with_state(Arc::clone(&site), once_open::<S>))
        .route_layer(from_fn(receipts::handlers::open_to_any_origin));
    let api = Router::new()
        .route(REGISTER, get(registers::handlers::register::<S>))
        .route(SHIFTS, get(registers::handlers::shifts::<S>))
        .route(DOCUMENTS, get(registers::handlers::documents::<S>))
        .route("/api/v1/registers/{id}/block", post(registers::handlers::block::<S>))
        .route("/api/v1/registers/{id}/unblock", post(registers::handlers::unblock::<S>))
        .route("/api/v1/registers/{id}/disconnect", post(registers::handlers::disconnect::<S>))
        .route("/api/v1/registers/{id}/connect", post(registers::handlers::connect::<S>))
        .route("/api/v1/registers/{id}/deregister", post(registers::handlers::deregister::<S>))
        .route("/api/v1/registers/{id}/reset-token", post(registers::handlers::reset_token::<S>))
        .method_not_allowed_fallback(api_method_not_allowed)
        .route_layer(from_fn_with_state(Arc::clone(&site), once_open::<S>))
        .route_layer(from_fn_with_state(Arc::clone(&site), registers::auth::authorise::<S>));
    let ops = Router::new()
        .route(OPENAPI, get(ops::handlers::openapi))
        .route(HEALTH, get(ops::handlers::health))
        .route(READY, get(ops::handlers::ready::<S>))
        .route(ROBOTS, get(ops::handlers::robots))
        .method_not_allowed_fallback(api_method_not_allowed);
    let cabinet = cabinet_pages::<S>()
        .router
        .method_not_allowed_fallback(page_method_not_allowed::<S>)
        .route_layer(from_fn_with_state(Arc::clone(&site), once_open::<S>))
        .route_layer(from_fn_with_state(Arc::clone(&site), page_budget::<S>));
    Router::new()
        .merge(pages)
        .merge(cabinet)
        .merge(check)
        .merge(api)
        .merge(ops)
        .fallback(fallback::<S>)
        .layer(DefaultBodyLimit::max(BODY_LEN_MAX))
        .layer(from_fn_with_state(Arc::clone(&site), deadline::<S>))
        .layer(from_fn_with_state(Arc::clone(&site), gate::enter::<S>))
        .layer(from_fn(observe))
        .with_state(site)
}

/// Every page behind the front door, with what it takes to open it.
pub(crate) fn cabinet_pages<S: Store>() -> Pages<S> {
    let pages = login::pages(Pages::new());
    let pages = signup::pages(pages);
    let pages = account::pages(pages);
    let pages = company::pages(pages);
    let pages = staff::pages(pages);
    let pages = audit::pages(pages);
    let pages = operator::pages(pages);
    signatures::pages(pages)
}

fn is_api(uri: &Uri) -> bool {
    uri.path().starts_with("/api/")
}

async fn fallback<S: Store>(State(site): State<Arc<Site<S>>>, visitor: Visitor, uri: Uri) -> Response {
    if is_api(&uri) { Problem::no_such_address().into_response() } else { say_not_found(&site, &visitor) }
}

async fn page_method_not_allowed<S: Store>(State(site): State<Arc<Site<S>>>, visitor: Visitor) -> Response {
    say_method_not_allowed(&site, &visitor)
}

async fn api_method_not_allowed() -> Problem {
    Problem::new(Kind::MethodNotAllowed, "the header Allow names the methods of this address")
}

/// Gives up a request that takes too long, its body included.
async fn deadline<S: Store>(State(site): State<Arc<Site<S>>>, request: Request, next: Next) -> Response {
    let (is_api, visitor) = (is_api(request.uri()), Visitor::of(&request));
    match tokio::time::timeout(site.config.limits.answer_within, next.run(request)).await {
        Ok(response) => response,
        Err(_) if is_api => Problem::new(Kind::Unavailable, "the request took too long; repeat it")
            .retry_after(1)
            .into_response(),
        Err(_) => say_unavailable(&site, &visitor),
    }
}

/// Asks to come back while the store is not open: then nothing can be looked up, and an empty form would promise it.
async fn once_open<S: Store>(State(site): State<Arc<Site<S>>>, request: Request, next: Next) -> Response {
    if site.is_open() {
        return next.run(request).await;
    }
    if is_api(request.uri()) {
        return Problem::new(
            Kind::Unavailable,
            "the store is not open yet; repeat the request later, /readyz says why and when",
        )
        .retry_after(RETRY_AFTER_SECONDS)
        .into_response();
    }
    say_unavailable(&site, &Visitor::of(&request))
}

async fn page_budget<S: Store>(State(site): State<Arc<Site<S>>>, request: Request, next: Next) -> Response {
    match site.budget.take(ClientAddress::of(&request)) {
        Verdict::Within => next.run(request).await,
        verdict @ (Verdict::AddressSpent { .. } | Verdict::AllSpent { .. }) => {
            say_busy(&site, &Visitor::of(&request), verdict)
        }
    }
}
