//! The router: addresses put together, with what stands before their handlers.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};

use crate::budget::{ClientAddress, OverBudget};
use crate::cabinet::{Access, Pages, Route, known_by};
use crate::cookies::session_cookie;
use crate::limits::BODY_LEN_MAX;
use crate::metrics::observe;
use crate::page::{Visitor, retry_after, say_busy, say_method_not_allowed, say_not_found, say_unavailable};
use crate::problem::{Kind, Problem, RETRY_AFTER_SECONDS};
use crate::routes::{Budget, Menus, RouteNames, Says};
use crate::site::Site;
use crate::token::authorise;
use crate::{any_origin, compression, gate};

/// What stands before the handlers of some routes, from the innermost to the outermost.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Layers {
    says: Says,
    is_always: bool,
    is_of_pages: bool,
    takes_token: bool,
    is_any_origin: bool,
}

impl Layers {
    fn of(route: &Route) -> Self {
        Self {
            says: route.says,
            is_always: route.is_always,
            is_of_pages: route.budget == Budget::Pages,
            takes_token: matches!(route.access, Access::Token(_)),
            is_any_origin: route.is_any_origin,
        }
    }

    fn around(self, router: Router<Arc<Site>>, site: &Arc<Site>) -> Router<Arc<Site>> {
        let mut router = match self.says {
            Says::Frame => router.method_not_allowed_fallback(frame_method_not_allowed),
            Says::Page => router.method_not_allowed_fallback(page_method_not_allowed),
            Says::Problem => router.method_not_allowed_fallback(api_method_not_allowed),
        };
        if !self.is_always {
            router = router.route_layer(from_fn_with_state(Arc::clone(site), once_open));
        }
        if self.is_of_pages {
            router = router.route_layer(from_fn_with_state(Arc::clone(site), page_budget));
        }
        if self.takes_token {
            router = router.route_layer(from_fn_with_state(Arc::clone(site), authorise));
        }
        if self.is_any_origin {
            router = router.route_layer(from_fn(any_origin::open));
        }
        router
    }
}

/// A router of all that is declared.
pub fn put_together(declared: Pages, site: Arc<Site>) -> Router {
    let routes: Vec<Route> = declared.routes().copied().collect();
    site.show_menus(Menus::of(&routes));
    let names = Arc::new(RouteNames::of(&routes));
    let mut groups: Vec<(Layers, Router<Arc<Site>>)> = Vec::new();
    for (route, answers) in declared.answers() {
        let layers = Layers::of(&route);
        let answers = if route.is_any_origin { answers.options(any_origin::options) } else { answers };
        match groups.iter_mut().find(|(known, _)| *known == layers) {
            Some((_, router)) => *router = std::mem::take(router).route(route.path, answers),
            None => groups.push((layers, Router::new().route(route.path, answers))),
        }
    }
    groups
        .into_iter()
        .fold(Router::new(), |all, (layers, router)| all.merge(layers.around(router, &site)))
        .fallback(fallback)
        .layer(DefaultBodyLimit::max(BODY_LEN_MAX))
        .layer(from_fn_with_state(Arc::clone(&site), deadline))
        .layer(from_fn_with_state((Arc::clone(&site), Arc::clone(&names)), gate::enter))
        .layer(compression::layer())
        .layer(from_fn_with_state(names, observe))
        .with_state(site)
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
    if let Err(spent) = counted(&site, &asker).await {
        return over_budget(&site, &asker, spent).await;
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
async fn frame_method_not_allowed(
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
        Ok(()) => next.run(request).await,
        Err(spent) => over_budget(&site, &asker, spent).await,
    }
}

async fn counted(site: &Site, asker: &Asker<'_>) -> Result<(), OverBudget> {
    let Some(cookie) = session_cookie(asker.headers, site.is_tls()) else {
        return site.budget.take(asker.address);
    };
    let of_session = |taken: Result<(), u64>| {
        taken.map_err(|wait_seconds| OverBudget::Address { wait_seconds })?;
        site.budget.take_of_all()
    };
    if let Some(taken) = site.sessions.take(cookie) {
        return of_session(taken);
    }
    let by_address = site.budget.take(asker.address);
    let is_spent = matches!(by_address, Err(OverBudget::Address { .. }));
    // Neighbours behind one address may have spent what is its: a session that is good has a budget of its own.
    if is_spent && site.is_open() && site.sessions.may_look_up(asker.address) {
        let _ = known_by(site, asker.headers, &asker.visitor, asker.path).await;
        return site.sessions.take(cookie).map_or(by_address, of_session);
    }
    by_address
}

/// Says that a page was asked for too often, in the frame of who is known to ask.
async fn over_budget(site: &Arc<Site>, asker: &Asker<'_>, spent: OverBudget) -> Response {
    let OverBudget::Address { wait_seconds } = spent else { return say_busy(site, &asker.visitor, spent) };
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
