//! The route table.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::budget::{ClientAddress, Verdict};
use crate::cabinet::{Pages, known_by};
use crate::cookies::session_cookie;
use crate::limits::BODY_LEN_MAX;
use crate::metrics::observe;
use crate::page::{Visitor, retry_after, say_busy, say_method_not_allowed, say_not_found, say_unavailable};
use crate::problem::{Kind, Problem, RETRY_AFTER_SECONDS};
use crate::site::Site;
use crate::{
    account, assets, audit, company, compression, gate, home, login, operator, ops, receipts, registers,
    signatures, signup, staff,
};

const RECEIPT: &str = "/";
/// Where papers of this country lead besides.
const RECEIPT_OF_TICKET: &str = "/ticket/{i}";
const CHECK: &str = "/api/tickets/get-by-url";
const CHECK_OF_TICKET: &str = "/api/tickets/ticket/{i}";
const REGISTER: &str = "/api/v1/registers/{id}";
const SHIFTS: &str = "/api/v1/registers/{id}/shifts";
const DOCUMENTS: &str = "/api/v1/registers/{id}/shifts/{number}/documents";
const OPENAPI: &str = "/api/v1/openapi.json";
const HEALTH: &str = "/healthz";
const READY: &str = "/readyz";
const ROBOTS: &str = "/robots.txt";
const ASSET: &str = "/assets/{file}";
const FAVICON: &str = "/favicon.ico";

/// Every address with its methods and its name in metrics.
pub(crate) const ROUTES: &[(&str, &str, &str)] = &[
    ("get", RECEIPT, "receipt"),
    ("get", RECEIPT_OF_TICKET, "receipt"),
    ("get", "/t", "receipt"),
    ("get", "/t/", "receipt"),
    ("get", "/consumer", "receipt"),
    ("get", "/consumer/", "receipt"),
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
    ("get", ASSET, "asset"),
    ("get", FAVICON, "asset"),
];

/// The name of a route in metrics and logs.
pub(crate) fn page_name(path: &str) -> &'static str {
    ROUTES.iter().find(|(_, known, _)| *known == path).map_or("none", |(_, _, name)| name)
}

/// The routes of the site.
pub fn router(site: Arc<Site>) -> Router {
    // Receipts have budgets of their own, which depend on what is found.
    let pages = Router::new()
        .route(RECEIPT, get(receipts::handlers::page))
        .route(RECEIPT_OF_TICKET, get(receipts::handlers::page_of_ticket));
    let pages = receipts::handlers::ELSEWHERE
        .into_iter()
        .fold(pages, |pages, path| pages.route(path, get(receipts::handlers::page)))
        .method_not_allowed_fallback(page_method_not_allowed)
        .route_layer(from_fn_with_state(Arc::clone(&site), once_open));
    let options = receipts::handlers::options;
    let check = Router::new()
        .route(CHECK, get(receipts::handlers::check).options(options))
        .route(CHECK_OF_TICKET, get(receipts::handlers::check_ticket).options(options))
        .method_not_allowed_fallback(api_method_not_allowed)
        .route_layer(from_fn_with_state(Arc::clone(&site), once_open))
        .route_layer(from_fn(receipts::handlers::open_to_any_origin));
    let api = Router::new()
        .route(REGISTER, get(registers::handlers::register))
        .route(SHIFTS, get(registers::handlers::shifts))
        .route(DOCUMENTS, get(registers::handlers::documents))
        .route("/api/v1/registers/{id}/block", post(registers::handlers::block))
        .route("/api/v1/registers/{id}/unblock", post(registers::handlers::unblock))
        .route("/api/v1/registers/{id}/disconnect", post(registers::handlers::disconnect))
        .route("/api/v1/registers/{id}/connect", post(registers::handlers::connect))
        .route("/api/v1/registers/{id}/deregister", post(registers::handlers::deregister))
        .route("/api/v1/registers/{id}/reset-token", post(registers::handlers::reset_token))
        .method_not_allowed_fallback(api_method_not_allowed)
        .route_layer(from_fn_with_state(Arc::clone(&site), once_open))
        .route_layer(from_fn_with_state(Arc::clone(&site), registers::auth::authorise));
    let ops = Router::new()
        .route(OPENAPI, get(ops::handlers::openapi))
        .route(HEALTH, get(ops::handlers::health))
        .route(READY, get(ops::handlers::ready))
        .route(ROBOTS, get(ops::handlers::robots))
        .route(ASSET, get(assets::asset))
        .route(FAVICON, get(assets::favicon))
        .method_not_allowed_fallback(api_method_not_allowed);
    let cabinet = cabinet_pages()
        .router
        .method_not_allowed_fallback(cabinet_method_not_allowed)
        .route_layer(from_fn_with_state(Arc::clone(&site), once_open))
        .route_layer(from_fn_with_state(Arc::clone(&site), page_budget));
    Router::new()
        .merge(pages)
        .merge(cabinet)
        .merge(check)
        .merge(api)
        .merge(ops)
        .fallback(fallback)
        .layer(DefaultBodyLimit::max(BODY_LEN_MAX))
        .layer(from_fn_with_state(Arc::clone(&site), deadline))
        .layer(from_fn_with_state(Arc::clone(&site), gate::enter))
        .layer(compression::layer())
        .layer(from_fn(observe))
        .with_state(site)
}

/// Every page behind the front door, with what it takes to open it.
pub(crate) fn cabinet_pages() -> Pages {
    let pages = login::pages(Pages::new());
    let pages = home::pages(pages);
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

/// There is no such address; somebody who is signed in stays where that person was.
async fn fallback(State(site): State<Arc<Site>>, request: Request) -> Response {
    if is_api(request.uri()) {
        return Problem::no_such_address().into_response();
    }
    let asker = Asker::of(&request);
    if !site.is_open() || session_cookie(asker.headers, site.is_tls()).is_none() {
        return say_not_found(&site, &asker.visitor);
    }
    // To find out who it is takes the store, as a page does.
    match counted(&site, &asker).await {
        Verdict::Within => {}
        Verdict::AddressSpent { wait_seconds } => return too_many(&site, &asker, wait_seconds).await,
        verdict @ Verdict::AllSpent { .. } => return say_busy(&site, &asker.visitor, verdict),
    }
    match known_by(&site, asker.headers, &asker.visitor, asker.path).await {
        Ok(Some(known)) => {
            let text = site.words(&asker.visitor).say("not-here-text");
            site.say_to(&asker.visitor, Some(&known), StatusCode::NOT_FOUND, "no-page-title", text)
        }
        Ok(None) | Err(_) => say_not_found(&site, &asker.visitor),
    }
}

async fn page_method_not_allowed(State(site): State<Arc<Site>>, visitor: Visitor) -> Response {
    say_method_not_allowed(&site, &visitor)
}

/// The address of a form that was opened as a page.
async fn cabinet_method_not_allowed(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let known = known_by(&site, &headers, &visitor, uri.path()).await.unwrap_or_default();
    let text = site.words(&visitor).say("method-page-text");
    site.say_to(&visitor, known.as_ref(), StatusCode::METHOD_NOT_ALLOWED, "method-title", text)
}

async fn api_method_not_allowed() -> Problem {
    Problem::new(Kind::MethodNotAllowed, "the header Allow names the methods of this address")
}

/// Gives up a request that takes too long, its body included.
async fn deadline(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
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
async fn once_open(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
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

/// Who asks for what, as far as a budget minds.
struct Asker<'a> {
    headers: &'a HeaderMap,
    visitor: Visitor,
    address: IpAddr,
    path: &'a str,
}

impl<'a> Asker<'a> {
    fn of(request: &'a Request) -> Self {
        let (visitor, address) = (Visitor::of(request), ClientAddress::of(request));
        Self { headers: request.headers(), visitor, address, path: request.uri().path() }
    }
}

/// Counts a page: of somebody who is signed in by the session, of everybody else by the address.
async fn page_budget(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let asker = Asker::of(&request);
    match counted(&site, &asker).await {
        Verdict::Within => next.run(request).await,
        Verdict::AddressSpent { wait_seconds } => too_many(&site, &asker, wait_seconds).await,
        verdict @ Verdict::AllSpent { .. } => say_busy(&site, &asker.visitor, verdict),
    }
}

async fn counted(site: &Site, asker: &Asker<'_>) -> Verdict {
    let Some(cookie) = session_cookie(asker.headers, site.is_tls()) else {
        return site.budget.take(asker.address);
    };
    let of_session = |taken| match taken {
        Ok(()) => site.budget.take_of_all(),
        Err(wait_seconds) => Verdict::AddressSpent { wait_seconds },
    };
    if let Some(taken) = site.sessions.take(cookie) {
        return of_session(taken);
    }
    let by_address = site.budget.take(asker.address);
    let is_spent = matches!(by_address, Verdict::AddressSpent { .. });
    // Neighbours behind one address may have spent what is its: a session that is good has a budget of its own.
    if is_spent && site.is_open() && site.sessions.may_look_up(asker.address) {
        let _ = known_by(site, asker.headers, &asker.visitor, asker.path).await;
        return site.sessions.take(cookie).map_or(by_address, of_session);
    }
    by_address
}

/// Says that a page was asked for too often, in the frame of who is known to ask.
async fn too_many(site: &Arc<Site>, asker: &Asker<'_>, wait_seconds: u64) -> Response {
    let is_proven =
        session_cookie(asker.headers, site.is_tls()).is_some_and(|cookie| site.sessions.is_proven(cookie));
    let known = if is_proven {
        known_by(site, asker.headers, &asker.visitor, asker.path).await.unwrap_or_default()
    } else {
        None
    };
    let text = site.words(&asker.visitor).say_count("too-many-pages-text", wait_seconds);
    let (visitor, status) = (&asker.visitor, StatusCode::TOO_MANY_REQUESTS);
    retry_after(site.say_to(visitor, known.as_ref(), status, "too-many-title", text), wait_seconds)
}
