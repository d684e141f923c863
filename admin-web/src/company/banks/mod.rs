//! Banks: the directory, companies' applications for banks it lacks, and the operator's decisions on them.

mod applications;
mod decisions;
mod directory;
mod handlers;
mod rules;

pub(crate) use directory::{KnownBank, known_banks};

use ofd_storage::store::Store;

use crate::cabinet::Pages;

/// The addresses of these pages.
pub(super) fn pages<S: Store>(pages: Pages<S>) -> Pages<S> {
    decisions::pages(handlers::pages(pages))
}
