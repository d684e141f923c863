//! The front door: signing in and out.

mod handlers;
mod phone;

use crate::cabinet::{Access, Pages};
use crate::routes::Menu;
use crate::sign_in::{LANDING, SIGNED_FORM_LEN_MAX};

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    let anyone = Access::Anyone;
    pages
        .get("/login", "login", anyone, handlers::show)
        .menu(Menu::Door, 10, "door-login")
        .post("/login/certificate", "login_certificate", anyone, handlers::certificate)
        .files(SIGNED_FORM_LEN_MAX)
        .post("/login/password", "login_password", anyone, handlers::password)
        .shown_at("/login")
        .get("/login/code", "login_code", anyone, handlers::show_code)
        .post("/login/code", "login_code", anyone, handlers::code)
        .get(phone::PHONE, "login_phone", anyone, phone::show)
        .post(phone::PHONE, "login_phone", anyone, phone::ask_phone)
        .get("/login/challenge", "login_challenge", anyone, handlers::challenge)
        .post("/sign-out", "sign_out", Access::Enrolling, handlers::sign_out)
        .shown_at(LANDING)
}
