//! The front door: signing in and out.

mod handlers;

use crate::cabinet::{Access, Pages};
use crate::sign_in::SIGNED_FORM_LEN_MAX;

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    use Access::{Anyone, Enrolling};
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
}
