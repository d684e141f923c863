//! What a company says of itself: contacts, attributes, head; and the page that shows all of it.

mod card;
mod email;
mod pages;
mod view;

use crate::cabinet::{Access, Pages, Right};
use crate::routes::Menu;

/// The addresses of these pages.
pub(super) fn pages(pages: Pages) -> Pages {
    let see = Access::Member(Right::SeeCompany);
    let pages = pages.get("/c/{bin}", "company", see, card::show).menu(Menu::Member, 10, "menu-company");
    let edit = Access::Member(Right::EditCompany);
    let pages = pages
        .get(email::EMAIL, "company_email", edit, email::show)
        .post(email::EMAIL, "company_email_code", edit, email::code)
        .post("/c/{bin}/contacts/email/letter", "company_email_letter", edit, email::letter)
        .shown_at(email::EMAIL);
    pages::pages(pages)
}
