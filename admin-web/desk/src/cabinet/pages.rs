//! Addresses while they are put together, each declared where its handler is.

use std::future::Future;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::handler::Handler;
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};

use super::access::{Access, Route};
use super::admit::admit;
use super::ask::Ask;
use super::failure::Failure;
use crate::routes::{Body, Budget, Menu, MenuEntry, Says};
use crate::site::Site;

/// What answers at an address, made once all is declared of it.
type Answers = Box<dyn FnOnce(Route) -> MethodRouter<Arc<Site>>>;

/// Declarations of addresses. What follows the first line of one says more of it: `.get(…).menu(…)`.
#[derive(Default)]
pub struct Pages {
    declared: Vec<(Route, Answers)>,
}

impl Pages {
    /// A page that shows.
    pub fn get<H, F>(self, path: &'static str, name: &'static str, access: Access, handler: H) -> Self
    where
        H: Fn(Arc<Site>, Ask) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response, Failure>> + Send + 'static,
    {
        self.page(Route::new(MethodFilter::GET, path, name, access), handler)
    }

    /// An address that takes a form. Its title is that of the page with the same address.
    pub fn post<H, F>(self, path: &'static str, name: &'static str, access: Access, handler: H) -> Self
    where
        H: Fn(Arc<Site>, Ask) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response, Failure>> + Send + 'static,
    {
        let title = self.routes().find(|known| known.path == path).map_or("", |known| known.title);
        let route = Route::new(MethodFilter::POST, path, name, access);
        self.page(Route { body: Body::Form, title, ..route }, handler)
    }

    fn page<H, F>(self, route: Route, handler: H) -> Self
    where
        H: Fn(Arc<Site>, Ask) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response, Failure>> + Send + 'static,
    {
        let answers = move |route: Route| {
            let serve = move |State(site): State<Arc<Site>>, request: Request| {
                let handler = handler.clone();
                // Boxed: a page may be a deep stack of futures, and those around it would each hold it whole.
                async move { Box::pin(admit(site, route, request, handler)).await }
            };
            on(route.method, serve)
        };
        self.add(route, answers)
    }

    /// A page that anybody opens and that asks nobody who came. Its handler counts against budgets of its own.
    pub fn bare<T: 'static>(
        self,
        path: &'static str,
        name: &'static str,
        handler: impl Handler<T, Arc<Site>>,
    ) -> Self {
        let route = Route::new(MethodFilter::GET, path, name, Access::Anyone);
        self.add(Route { budget: Budget::Own, says: Says::Page, ..route }, |route| on(route.method, handler))
    }

    /// An address for programs. It pays for itself unless its declaration goes on to say who does.
    pub fn api<T: 'static>(
        self,
        method: MethodFilter,
        (path, name): (&'static str, &'static str),
        access: Access,
        handler: impl Handler<T, Arc<Site>>,
    ) -> Self {
        let route = Route::new(method, path, name, access);
        let answers = |route: Route| {
            let methods = on(route.method, handler);
            if route.body == Body::None {
                methods
            } else {
                methods.layer(DefaultBodyLimit::max(route.body_max()))
            }
        };
        self.add(Route { budget: Budget::None, says: Says::Problem, ..route }, answers)
    }

    fn add(mut self, route: Route, answers: impl FnOnce(Route) -> MethodRouter<Arc<Site>> + 'static) -> Self {
        self.declared.push((route, Box::new(answers)));
        self
    }

    /// Says more of the address that was declared last.
    fn with(mut self, say: impl FnOnce(&mut Route)) -> Self {
        if let Some((route, _)) = self.declared.last_mut() {
            say(route);
        }
        self
    }

    /// The key of the page's title.
    pub fn title(self, title: &'static str) -> Self {
        self.with(|route| route.title = title)
    }

    /// Its place in a menu: the least order stands first.
    pub fn menu(self, menu: Menu, order: u8, text: &'static str) -> Self {
        self.with(|route| route.entry = Some(MenuEntry { menu, order, text, also: &[] }))
    }

    /// Where else pages are that belong to its place in the menu.
    pub fn and_under(self, also: &'static [&'static str]) -> Self {
        self.with(|route| route.entry = route.entry.map(|entry| MenuEntry { also, ..entry }))
    }

    /// The form comes with files, of at most so many bytes together.
    pub fn files(self, max: usize) -> Self {
        self.with(|route| route.body = Body::Files(max))
    }

    /// It reads JSON of at most so many bytes.
    pub fn json(self, max: usize) -> Self {
        self.with(|route| route.body = Body::Json(max))
    }

    /// The form is shown by a page with another address.
    pub fn shown_at(self, path: &'static str) -> Self {
        self.with(|route| route.shown_at = path)
    }

    /// Who pays for its answers.
    pub fn paid_by(self, budget: Budget) -> Self {
        self.with(|route| route.budget = budget)
    }

    /// Pages of any other site may ask.
    pub fn any_origin(self) -> Self {
        self.with(|route| route.is_any_origin = true)
    }

    /// It answers before the store is open as well.
    pub fn always(self) -> Self {
        self.with(|route| route.is_always = true)
    }

    /// What was declared.
    pub fn routes(&self) -> impl Iterator<Item = &Route> {
        self.declared.iter().map(|(route, _)| route)
    }

    /// The addresses with what answers there.
    pub fn answers(self) -> impl Iterator<Item = (Route, MethodRouter<Arc<Site>>)> {
        self.declared.into_iter().map(|(route, answers)| (route, answers(route)))
    }
}
