//! A person's own pages: personal data, address, password, sessions, one-time codes, and the way back to a password.

mod agent;
mod codes;
mod email;
mod history;
mod letters;
mod password;
mod person;
mod recovery;
mod rules;
mod security;
mod view;
mod whose;

use crate::cabinet::{Access, Pages};

pub(crate) use email::{code_by_form, letter_again};

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    let own = Access::SignedIn;
    let pages = pages
        .get("/account", "account", own, person::show)
        .post("/account", "account_change", own, person::change)
        .get("/account/email", "account_email", own, email::show)
        .post("/account/email", "account_email_change", own, email::change)
        .post("/account/email/again", "account_email_again", own, email::again)
        .shown_at("/account")
        .post("/account/email/code", "account_email_code", own, email::code)
        .shown_at("/account")
        .get("/account/password", "account_password", own, password::show)
        .post("/account/password", "account_password_change", own, password::change)
        .get("/account/security", "account_security", own, security::show)
        .post("/account/sessions/end", "account_session_end", own, security::end)
        .shown_at("/account/security")
        .post("/account/sessions/end-others", "account_sessions_end", own, security::end_others)
        .shown_at("/account/security")
        .get("/account/totp", "account_totp", Access::Enrolling, codes::show)
        .post("/account/totp", "account_totp_on", Access::Enrolling, codes::turn_on)
        .post("/account/totp/begin", "account_totp_begin", Access::Enrolling, codes::begin)
        .shown_at("/account/security")
        .get("/account/totp/off", "account_totp_off", own, codes::off)
        .post("/account/totp/off", "account_totp_turn_off", own, codes::turn_off)
        .get("/account/totp/codes", "account_totp_codes", own, codes::renewal)
        .post("/account/totp/codes", "account_totp_renew", own, codes::renew)
        .get("/account/history", "account_history", own, history::show);
    pages
        .get("/confirm-email", "confirm_email", Access::Secret, email::confirmation)
        .post("/confirm-email", "confirm_email_now", Access::Secret, email::confirm)
        .get("/forgot", "forgot", Access::Anyone, recovery::forgot)
        .post("/forgot", "forgot_ask", Access::Anyone, recovery::ask)
        .get("/recover", "recover", Access::Secret, recovery::show)
        .post("/recover", "recover_now", Access::Secret, recovery::recover)
        .get("/demo/letters", "demo_letters", Access::Anyone, letters::show)
}
