//! Banks: the directory, companies' applications for banks it lacks, and the operator's decisions on them.

mod decisions;
mod handlers;
mod view;

use crate::cabinet::Pages;

/// The addresses of these pages.
pub(super) fn pages(pages: Pages) -> Pages {
    decisions::pages(handlers::pages(pages))
}
