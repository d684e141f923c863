//! What the operator's machines ask: is it alive, is it ready, how does the API look.

pub(crate) mod handlers;

use axum::routing::MethodFilter;

use crate::cabinet::{Access, Pages};

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    let (get, anyone) = (MethodFilter::GET, Access::Anyone);
    pages
        .api(get, ("/api/v1/openapi.json", "openapi"), anyone, handlers::openapi)
        .always()
        .api(get, ("/healthz", "health"), anyone, handlers::health)
        .always()
        .api(get, ("/readyz", "ready"), anyone, handlers::ready)
        .always()
        .api(get, ("/robots.txt", "robots"), anyone, handlers::robots)
        .always()
}
