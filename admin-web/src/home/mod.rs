//! My organisations: where a person lands, and how another organisation is added.

mod add;
mod landing;
mod number;

use crate::cabinet::{Access, Pages};
use crate::routes::Menu;
use crate::sign_in::{LANDING, SIGNED_FORM_LEN_MAX};

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    let signed_in = Access::SignedIn;
    pages
        .get(LANDING, "cabinet", signed_in, landing::show)
        .title("menu-mine")
        .menu(Menu::Person, 10, "menu-mine")
        .get("/cabinet/add", "cabinet_add", signed_in, add::show)
        .post("/cabinet/add", "cabinet_add", signed_in, add::take)
        .files(SIGNED_FORM_LEN_MAX)
        .post("/cabinet/add/number", "cabinet_add_number", signed_in, add::confirm)
        .shown_at("/cabinet/add")
}
