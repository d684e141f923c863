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

use crate::cabinet::{Access, Ask, Failure, Pages, Signed};

/// The addresses of this family.
pub(crate) fn pages(pages: Pages) -> Pages {
    let own = Access::SignedIn;
    let pages = pages
        .get("/account", "account", own, person::show)
        .post("/account", "account_change", own, person::change)
        .get("/account/email", "account_email", own, email::show)
        .post("/account/email", "account_email_change", own, email::change)
        .post_from(("/account/email/again", "/account"), "account_email_again", own, email::again)
        .post_from(("/account/email/code", "/account"), "account_email_code", own, email::code)
        .get("/account/password", "account_password", own, password::show)
        .post("/account/password", "account_password_change", own, password::change)
        .get("/account/security", "account_security", own, security::show)
        .post_from(("/account/sessions/end", "/account/security"), "account_session_end", own, security::end)
        .post_from(
            ("/account/sessions/end-others", "/account/security"),
            "account_sessions_end",
            own,
            security::end_others,
        )
        .get("/account/totp", "account_totp", Access::Enrolling, codes::show)
        .post("/account/totp", "account_totp_on", Access::Enrolling, codes::turn_on)
        .post_from(
            ("/account/totp/begin", "/account/security"),
            "account_totp_begin",
            Access::Enrolling,
            codes::begin,
        )
        .get("/account/totp/off", "account_totp_off", own, codes::off)
        .post("/account/totp/off", "account_totp_turn_off", own, codes::turn_off)
        .get("/account/totp/codes", "account_totp_codes", own, codes::renewal)
        .post("/account/totp/codes", "account_totp_renew", own, codes::renew)
        .get("/account/history", "account_history", own, history::show);
    let anyone = Access::Anyone;
    pages
        .get("/confirm-email", "confirm_email", anyone, email::confirmation)
        .post("/confirm-email", "confirm_email_now", anyone, email::confirm)
        .get("/forgot", "forgot", anyone, recovery::forgot)
        .post("/forgot", "forgot_ask", anyone, recovery::ask)
        .get("/recover", "recover", anyone, recovery::show)
        .post("/recover", "recover_now", anyone, recovery::recover)
        .get("/demo/letters", "demo_letters", anyone, letters::show)
}

/// Who is signed in; pages of this family are open to nobody else.
fn signed(ask: &Ask) -> Result<&Signed, Failure> {
    ask.signed().ok_or(Failure::SignIn)
}
