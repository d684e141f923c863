//! What a company says of itself: contacts, attributes, head; and the page that shows all of it.

mod card;
mod pages;
mod rules;
mod view;

use crate::cabinet::{Access, Pages, Right};

/// The addresses of these pages.
pub(super) fn pages(pages: Pages) -> Pages {
    let pages = pages.get("/c/{bin}", "company", Access::Company(Right::SeeCompany), card::show);
    pages::pages(pages)
}
