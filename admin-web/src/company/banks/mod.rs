//! Banks: the directory, companies' applications for banks it lacks, and the operator's decisions on them.

mod applications;
mod decisions;
mod directory;
mod handlers;
mod rules;

pub(crate) use directory::{KnownBank, known_banks};

use crate::cabinet::Pages;

/// The addresses of these pages.
pub(super) fn pages(pages: Pages) -> Pages {
    decisions::pages(handlers::pages(pages))
}
