//! Receipts: the page for people and the check for apps.

mod check;
pub(crate) mod handlers;
mod lookup;
mod rules;
pub(crate) mod sought;
mod taxes;
mod units;
mod view;

pub(crate) use handlers::parent_of;
pub(crate) use view::{operation_key, payment_key};

use axum::routing::MethodFilter;

use crate::cabinet::{Access, Pages};
use crate::routes::{Budget, Menu};

/// The addresses of this family. They have budgets of their own, which depend on what is found.
pub(crate) fn pages(pages: Pages) -> Pages {
    let pages = pages
        .bare("/", "receipt", handlers::page)
        .menu(Menu::Front, 10, "door-receipt")
        // Where papers of this country lead besides.
        .bare("/ticket/{i}", "receipt", handlers::page_of_ticket);
    let pages = handlers::ELSEWHERE
        .into_iter()
        .fold(pages, |pages, path| pages.bare(path, "receipt", handlers::page));
    let (get, anyone) = (MethodFilter::GET, Access::Anyone);
    pages
        .api(get, ("/api/tickets/get-by-url", "receipt_check"), anyone, handlers::check)
        .paid_by(Budget::Own)
        .any_origin()
        .api(get, ("/api/tickets/ticket/{i}", "receipt_check"), anyone, handlers::check_ticket)
        .paid_by(Budget::Own)
        .any_origin()
}
