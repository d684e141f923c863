//! The addresses of the files that pages refer to.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::MethodFilter;
use ofd_desk::assets::{found, icon};

use crate::cabinet::{Access, Pages};
use crate::page::{Visitor, say_not_found};
use crate::site::Site;

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    let (get, anyone) = (MethodFilter::GET, Access::Anyone);
    pages
        .api(get, ("/assets/{file}", "asset"), anyone, asset)
        .always()
        .api(get, ("/favicon.ico", "asset"), anyone, favicon)
        .always()
}

/// A file, by the name that has the hash of its content.
async fn asset(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    file: Result<Path<String>, PathRejection>,
) -> Response {
    let name = file.map(|Path(name)| name).unwrap_or_default();
    found(&name).unwrap_or_else(|| say_not_found(&site, &visitor))
}

/// What browsers ask for beside pages that are none of ours, such as the answers of the API.
async fn favicon() -> Response {
    icon()
}
