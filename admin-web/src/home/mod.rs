//! My organisations: where a person lands, and how another organisation is added.

mod add;
mod landing;
mod number;

use crate::cabinet::{Access, Pages};
use crate::sign_in::SIGNED_FORM_LEN_MAX;

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    use Access::SignedIn;
    pages
        .get("/cabinet", "cabinet", SignedIn, landing::show)
        .get("/cabinet/add", "cabinet_add", SignedIn, add::show)
        .post_files("/cabinet/add", "cabinet_add", SignedIn, SIGNED_FORM_LEN_MAX, add::take)
        .post_from(("/cabinet/add/number", "/cabinet/add"), "cabinet_add_number", SignedIn, add::confirm)
}
