//! What a company says of itself: contacts, attributes, head; and the page that shows all of it.

mod card;
mod pages;
mod view;

use crate::cabinet::{Access, Pages, Right};
use crate::routes::Menu;

/// The addresses of these pages.
pub(super) fn pages(pages: Pages) -> Pages {
    let see = Access::Member(Right::SeeCompany);
    let pages = pages.get("/c/{bin}", "company", see, card::show).menu(Menu::Member, 10, "menu-company");
    pages::pages(pages)
}
