//! The addresses behind the front door, each with what it takes to open it.

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};

use super::admit::admit;
use super::ask::Ask;
use super::failure::Failure;
use crate::limits::BODY_LEN_MAX;
use crate::rights::Right;
use crate::site::Site;

/// What it takes to open a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Nothing.
    Anyone,
    /// To be signed in.
    SignedIn,
    /// To be signed in, if only by a password where one-time codes are asked for as well: the way to them, and out.
    Enrolling,
    /// To have this right in the company whose BIN is in the address as `{bin}`.
    Company(Right),
    /// To have this right as a person of the operator.
    Operator(Right),
}

/// An address of the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// `get` or `post`.
    pub(crate) method: &'static str,
    /// Its path, as the router writes it.
    pub(crate) path: &'static str,
    /// Its name in metrics and logs.
    pub(crate) name: &'static str,
    /// What it takes.
    pub(crate) access: Access,
    /// The longest form it takes.
    pub(crate) body_max: usize,
    /// Of an address that takes a form: the one that shows it.
    pub(crate) shown_at: &'static str,
}

/// The name of the page that answered, for metrics.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageName(pub(crate) &'static str);

/// Routes while they are put together.
pub(crate) struct Pages {
    pub(crate) router: Router<Arc<Site>>,
    pub(crate) routes: Vec<Route>,
}

impl Pages {
    pub(crate) fn new() -> Self {
        Self { router: Router::new(), routes: Vec::new() }
    }

    /// A page that shows.
    pub(crate) fn get<H, F>(self, path: &'static str, name: &'static str, access: Access, handler: H) -> Self
    where
        H: Fn(Arc<Site>, Ask) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response, Failure>> + Send + 'static,
    {
        self.add(Route { method: "get", path, name, access, body_max: 0, shown_at: path }, handler)
    }

    /// An address that takes a form.
    pub(crate) fn post<H, F>(self, path: &'static str, name: &'static str, access: Access, handler: H) -> Self
    where
        H: Fn(Arc<Site>, Ask) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response, Failure>> + Send + 'static,
    {
        self.add(
            Route { method: "post", path, name, access, body_max: BODY_LEN_MAX, shown_at: path },
            handler,
        )
    }

    /// An address that takes a form with files of at most so many bytes together.
    pub(crate) fn post_files<H, F>(
        self,
        path: &'static str,
        name: &'static str,
        access: Access,
        body_max: usize,
        handler: H,
    ) -> Self
    where
        H: Fn(Arc<Site>, Ask) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response, Failure>> + Send + 'static,
    {
        self.add(Route { method: "post", path, name, access, body_max, shown_at: path }, handler)
    }

    /// An address that takes a form which another address shows.
    pub(crate) fn post_from<H, F>(
        self,
        (path, shown_at): (&'static str, &'static str),
        name: &'static str,
        access: Access,
        handler: H,
    ) -> Self
    where
        H: Fn(Arc<Site>, Ask) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response, Failure>> + Send + 'static,
    {
        self.add(Route { method: "post", path, name, access, body_max: BODY_LEN_MAX, shown_at }, handler)
    }

    fn add<H, F>(mut self, route: Route, handler: H) -> Self
    where
        H: Fn(Arc<Site>, Ask) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response, Failure>> + Send + 'static,
    {
        let serve = move |State(site): State<Arc<Site>>, request: Request| {
            let handler = handler.clone();
            async move { admit(site, route, request, handler).await }
        };
        let methods: MethodRouter<Arc<Site>> = if route.method == "get" { get(serve) } else { post(serve) };
        self.router = self.router.route(route.path, methods);
        self.routes.push(route);
        self
    }
}
