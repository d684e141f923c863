//! Signing in and out, and the page a person lands on.

mod bind;
mod certificate;
pub(crate) mod challenge;
mod handlers;
mod landing;
mod noted;
mod rules;
mod sign_in;
mod tries;

use crate::cabinet::{Access, Pages};
use crate::limits::BODY_LEN_MAX;

pub(crate) use certificate::{Proven, Standing};
pub(crate) use challenge::{Signing, signing};
pub(crate) use handlers::way_on;
pub(crate) use rules::{LANDING, Use, next_path, use_challenge};
pub(crate) use sign_in::{begin, go_on, signed_in_row};
pub(crate) use tries::Tries;

use certificate::SIGNATURE_BYTES_MAX;

/// A form with a signature: in Base64 it is longer by a third, and the form's other fields come on top.
const SIGNED_FORM_LEN_MAX: usize = SIGNATURE_BYTES_MAX + SIGNATURE_BYTES_MAX / 2 + BODY_LEN_MAX;

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    use Access::{Anyone, Enrolling, SignedIn};
    pages
        .get("/login", "login", Anyone, handlers::show)
        .post_files(
            "/login/certificate",
            "login_certificate",
            Anyone,
            SIGNED_FORM_LEN_MAX,
            handlers::certificate,
        )
        .post_from(("/login/password", "/login"), "login_password", Anyone, handlers::password)
        .get("/login/code", "login_code", Anyone, handlers::show_code)
        .post("/login/code", "login_code", Anyone, handlers::code)
        .get("/login/challenge", "login_challenge", Anyone, handlers::challenge)
        .post_from(("/sign-out", "/cabinet"), "sign_out", Enrolling, handlers::sign_out)
        .get("/cabinet", "cabinet", SignedIn, landing::show)
        .get("/cabinet/add", "cabinet_add", SignedIn, landing::show_add)
        .post_files("/cabinet/add", "cabinet_add", SignedIn, SIGNED_FORM_LEN_MAX, landing::add)
        .post_from(("/cabinet/add/number", "/cabinet/add"), "cabinet_add_number", SignedIn, bind::confirm)
}
