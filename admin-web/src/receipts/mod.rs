//! Receipts: the page for people and the check for apps.

mod budget;
mod check;
pub(crate) mod handlers;
mod lookup;
mod rules;
mod taxes;
mod units;
mod view;

pub(crate) use budget::Lookups;

/// Whether a path is of a page that shows receipts.
pub(crate) fn is_page(path: &str) -> bool {
    path == "/" || handlers::ELSEWHERE.contains(&path) || path.starts_with("/ticket/")
}
